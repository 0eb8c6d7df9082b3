//! What is sent and what comes back: OAuth 2.0 and OpenID Connect, and what Scalekit adds to them.
//!
//! Every function here is pure: bytes or claims in, a validated value or an error out. When something is
//! sent, and what follows from a response, is decided in [`session`](crate::session).

pub mod authorization_error;
pub mod authorization_request;
pub mod authorization_response;
pub mod bearer_challenge;
pub(crate) mod claims;
pub mod custom_claims;
pub mod forwarded_parameters;
pub mod http_response;
pub mod id_token;
pub mod initiate_login;
pub mod jwks;
pub(crate) mod jws;
pub mod logout;
pub mod metadata;
pub mod profile;
pub mod revocation;
pub(crate) mod rs256_key;
#[cfg(test)]
pub(crate) mod signing;
pub mod token_response;
