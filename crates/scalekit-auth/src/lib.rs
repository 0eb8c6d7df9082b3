//! Sign-in with Scalekit: the protocol and the session, without I/O.
//!
//! [`Machine`] is the entry point: one function that maps an [`Event`] and the time ([`Now`]) to the
//! [`Effect`]s to perform. The result of an effect with an [`Operation`] is a further event.
//!
//! [`SessionView`] and [`Problem`] may be shown; [`Configuration`] is set by the application. [`Secret`] and
//! [`SecretBuffer`] hold values that must not be printed or left in memory.
//!
//! The modules are private. The feature `internals` makes them public, except `json`, for fuzz targets, the
//! simulation and tests; it is not part of the interface.

// Each module is declared twice, public and private, as the formatter finds no modules inside a macro.
// cargo-mutants follows both declarations, so the private one is excluded from it.
#[cfg(feature = "internals")]
pub mod configuration;
#[cfg(feature = "internals")]
pub mod fingerprint;
#[cfg(feature = "internals")]
pub mod permissions;
#[cfg(feature = "internals")]
pub mod problem;
#[cfg(feature = "internals")]
pub mod protocol;
#[cfg(feature = "internals")]
pub mod rate_limit;
#[cfg(feature = "internals")]
pub mod resource_origin;
#[cfg(feature = "internals")]
pub mod secret;
#[cfg(feature = "internals")]
pub mod secret_buffer;
#[cfg(feature = "internals")]
pub mod self_check;
#[cfg(feature = "internals")]
pub mod session;
#[cfg(feature = "internals")]
pub mod sign_in_hints;
#[cfg(feature = "internals")]
pub mod sign_in_request;
#[cfg(feature = "internals")]
pub mod storage;
#[cfg(feature = "internals")]
pub mod time;
#[cfg(feature = "internals")]
pub mod view;

#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod configuration;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod fingerprint;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod permissions;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod problem;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod protocol;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod rate_limit;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod resource_origin;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod secret;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod secret_buffer;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod self_check;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod session;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod sign_in_hints;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod sign_in_request;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod storage;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod time;
#[cfg(not(feature = "internals"))]
#[cfg_attr(test, mutants::skip)]
mod view;

mod json;
mod origin;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use configuration::{
    ClientId, Configuration, EnvironmentUrl, LOOPBACK_PATH, LoopbackPort, OrganizationId,
    OrganizationIdError, RedirectUris, RefreshPolicy, SIGN_IN_WAIT, SchemeError, SignInRoute,
};
pub use fingerprint::SessionId;
pub use origin::{is_loopback, is_safe_origin};
pub use permissions::{ClaimsError, PermissionError, Permissions, claims_of, require_permission};
pub use problem::{Problem, ProblemCode, ProblemText};
pub use protocol::{
    authorization_request::Entropy,
    authorization_response::is_response_with_state,
    bearer_challenge::{BearerChallenge, is_permission},
    custom_claims::{ClaimName, ClaimNameError, CustomClaims},
    forwarded_parameters::{ForwardedName, ForwardedNameError, Parameter},
    http_response::{CertificateFault, HttpError, HttpOutcome, HttpResponse},
    metadata::{check as check_discovery, request as discovery_request},
    query::MAX_LINK_LEN,
};
pub use rate_limit::RateLimiter;
pub use resource_origin::{ResourceOrigin, ResourceOriginError};
pub use secret::Secret;
pub use secret_buffer::SecretBuffer;
pub use self_check::{
    CheckName, EnvironmentResponse, Finding, FindingCode, FindingLevel, FindingText,
    KeychainOutcome, RedirectUriCheck, Remedy, SeenCertificate, SelfCheckReport, SentLink,
    environment_findings, keychain_finding, redirect_uri_checks, scheme_finding,
    unconfigured_findings,
};
pub use session::{
    CachedAccessToken, Effect, Event, IssuedToken, KeychainError, ListenError, LockError, Machine,
    Network, OpenBrowserError, Operation, RequestPurpose, SchemeHandler, TokenRequestId,
    TokenUnavailable,
};
pub use sign_in_hints::{ConnectionId, DomainName, HintError, LoginHint, SocialProvider};
pub use sign_in_request::SignInRequest;
pub use storage::{
    delete_only::DeleteOnly,
    record::{AccountKey, RecordKind, StorageKey},
};
pub use time::{Monotonic, Now, Wall};
pub use view::{
    HostedPage, LoopbackView, Organization, Profile, RefreshView, SessionView, SignInIntent,
    SignInStep, SignOutScope, SignedOutReason, Stored,
};
