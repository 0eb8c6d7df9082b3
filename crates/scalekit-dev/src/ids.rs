//! Ids of what is there from the start: a prefix and digits, as the service's own are.

/// The Native Application: public, with PKCE.
pub const NATIVE_APPLICATION: &str = "ntvc_70217345889435648";
/// The web application beside it, as the quick-starts of the SDKs have one.
pub const WEB_APPLICATION: &str = "skc_70217345889435649";
/// Its secret, which is none: it is the same everywhere.
pub const WEB_SECRET: &str = "test_everybody_knows_this";

/// An MCP resource.
pub const RESOURCE: &str = "res_70217345889697792";

/// Analytical Engines, where Ada is.
pub const ANALYTICAL: &str = "org_70217345889501185";
/// Navy Computing, the first of Grace's two.
pub const NAVY: &str = "org_70217345889501186";
/// Compilers United, the second of Grace's two.
pub const COMPILERS: &str = "org_70217345889501187";
/// Bletchley Park, where Alan is.
pub const BLETCHLEY: &str = "org_70217345889501188";
/// Open Letters, where Mary is.
pub const LETTERS: &str = "org_70217345889501189";
/// Orbit Research, where Katherine is, with a sign-in of its own.
pub const ORBIT: &str = "org_70217345889501190";
/// Fatima's, with an Arabic name.
pub const QARAWIYYIN: &str = "org_70217345889501191";

/// The connection of everybody with a password.
pub const PASSWORD_CONNECTION: &str = "conn_70217345889566720";
/// The connection of whoever has a code sent by mail instead.
pub const PASSWORDLESS_CONNECTION: &str = "conn_70217345889566728";
/// Orbit Research's own sign-in.
pub const ORBIT_CONNECTION: &str = "conn_70217345889566721";
