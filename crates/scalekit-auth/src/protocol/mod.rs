//! The protocol: the requests and responses of OAuth 2.0 and OpenID Connect, and Scalekit's extensions.
//!
//! Every function here is pure: it maps bytes or claims to a validated value or an error.
//! [`session`](crate::session) decides when a request is sent and which effect a response has.

pub mod authorization_error;
pub mod authorization_request;
pub mod authorization_response;
pub mod bearer_challenge;
pub(crate) mod claims;
pub mod custom_claims;
pub mod deep_link;
pub mod forwarded_parameters;
pub mod http_response;
pub mod id_token;
pub mod initiate_login;
pub mod jwks;
pub(crate) mod jws;
pub mod login_initiation;
pub mod logout;
pub mod metadata;
pub mod profile;
pub(crate) mod query;
pub(crate) mod retry_after;
pub mod revocation;
pub mod rs256_key;
#[cfg(test)]
pub(crate) mod signing;
pub mod token_response;
