//! The ids of the seeded data: a prefix and digits, like Scalekit's.

/// The Native Application: public, with PKCE.
pub const NATIVE_APPLICATION: &str = "ntvc_70217345889435648";
/// The web application beside it, as the quick-starts of the SDKs have one.
pub const WEB_APPLICATION: &str = "skc_70217345889435649";
/// Its client secret, which is public: it is the same in every environment.
pub const WEB_SECRET: &str = "test_everybody_knows_this";

/// An MCP resource.
pub const RESOURCE: &str = "res_70217345889697792";

/// Analytical Engines, Ada's organization.
pub const ANALYTICAL: &str = "org_70217345889501185";
/// Navy Computing, the first of Grace's organizations.
pub const NAVY: &str = "org_70217345889501186";
/// Compilers United, the second of Grace's organizations.
pub const COMPILERS: &str = "org_70217345889501187";
/// Bletchley Park, Alan's organization.
pub const BLETCHLEY: &str = "org_70217345889501188";
/// Open Letters, Mary's organization.
pub const LETTERS: &str = "org_70217345889501189";
/// Orbit Research, Katherine's organization, with an enterprise connection.
pub const ORBIT: &str = "org_70217345889501190";
/// Fatima's organization, with an Arabic name.
pub const QARAWIYYIN: &str = "org_70217345889501191";

/// The connection of all users with a password.
pub const PASSWORD_CONNECTION: &str = "conn_70217345889566720";
/// The connection for a code by e-mail.
pub const PASSWORDLESS_CONNECTION: &str = "conn_70217345889566728";
/// Orbit Research's enterprise connection.
pub const ORBIT_CONNECTION: &str = "conn_70217345889566721";
/// Open Letters' enterprise connection.
pub const LETTERS_CONNECTION: &str = "conn_70217345889566729";
