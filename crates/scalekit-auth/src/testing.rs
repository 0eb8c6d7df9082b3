//! Test support for code that performs effects: a loop that runs a machine until it is idle, and an environment.
#![allow(clippy::expect_used)]

use std::{cell::RefCell, collections::HashSet};

use serde_json::{Value, json};
use url::Url;

use crate::{ClientId, Configuration, Effect, EnvironmentUrl, Event, Operation, RedirectUris};

/// The issuer of [`configuration`].
pub const ISSUER: &str = "https://acme.scalekit.com";

/// The client id of [`configuration`].
pub const CLIENT: &str = "skc_latchkey";

/// The path of the discovery document.
pub const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Performs the effects of a machine.
pub trait Interpreter {
    /// [`Machine::step`](crate::Machine::step), at the interpreter's own time.
    fn step(&mut self, event: Event) -> Vec<Effect>;

    /// Performs one effect and returns its result, if it is available immediately.
    fn perform(&mut self, effect: Effect) -> Option<Event>;

    /// Processes an event, and performs the resulting effects until the machine is idle.
    fn run(&mut self, event: Event) {
        let mut effects = self.step(event);
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                if let Some(event) = self.perform(effect) {
                    next.extend(self.step(event));
                }
            }
            effects = next;
        }
    }
}

/// Removes the oldest request to `path` from the sent ones.
pub fn take_request(
    sent: &mut Vec<(Operation, http::Request<Vec<u8>>)>,
    path: &str,
) -> Option<Operation> {
    let at = sent.iter().position(|(_, request)| request.uri().path() == path)?;
    Some(sent.remove(at).0)
}

/// The number of requests to `path` that were sent.
#[must_use]
pub fn requests_to(sent: &[(Operation, http::Request<Vec<u8>>)], path: &str) -> usize {
    sent.iter().filter(|(_, request)| request.uri().path() == path).count()
}

/// A parameter of the query of `url`.
#[must_use]
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A configuration with this scheme at [`ISSUER`].
#[must_use]
pub fn configuration(scheme: &str) -> Configuration {
    Configuration::new(
        EnvironmentUrl::parse(ISSUER).expect("an environment"),
        ClientId::parse(CLIENT).expect("a client id"),
        RedirectUris::with_scheme(scheme).expect("a scheme"),
    )
}

/// The required members of a discovery document.
#[must_use]
pub fn discovery() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/oauth/authorize"),
        "token_endpoint": format!("{ISSUER}/oauth/token"),
        "jwks_uri": format!("{ISSUER}/keys"),
    })
}

thread_local! {
    /// The tokens whose signature this thread has verified, while there is a [`SignatureMemo`].
    static VERIFIED: RefCell<Option<HashSet<String>>> = const { RefCell::new(None) };
}

/// While it exists, a signature that this thread has verified is not verified again for the same token, for
/// simulations in which many machines receive the same tokens. Only verified signatures are memoized.
#[derive(Debug)]
pub struct SignatureMemo(());

impl SignatureMemo {
    /// Begins with an empty memo.
    #[must_use]
    pub fn begin() -> Self {
        VERIFIED.set(Some(HashSet::new()));
        Self(())
    }
}

impl Drop for SignatureMemo {
    fn drop(&mut self) {
        VERIFIED.set(None);
    }
}

/// The result of `verify` for this token, or that of an earlier successful call.
pub(crate) fn memoized(token: &str, verify: impl FnOnce() -> bool) -> bool {
    if VERIFIED.with_borrow(|known| known.as_ref().is_some_and(|known| known.contains(token))) {
        return true;
    }
    let is_verified = verify();
    if is_verified {
        VERIFIED.with_borrow_mut(|known| {
            if let Some(known) = known {
                known.insert(token.to_owned());
            }
        });
    }
    is_verified
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_memo_skips_only_what_was_verified() {
        assert!(memoized("a", || true));
        assert!(!memoized("a", || false), "without a memo, each is verified");
        let memo = SignatureMemo::begin();
        assert!(!memoized("a", || false));
        assert!(memoized("a", || true));
        assert!(memoized("a", || false));
        assert!(!memoized("b", || false));
        drop(memo);
        assert!(!memoized("a", || false));
    }
}
