//! For tests that carry out effects themselves: a loop that brings a machine to rest, and an environment.
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

/// Carries out the effects of a machine.
pub trait Interpreter {
    /// [`Machine::step`](crate::Machine::step), at the interpreter's own time.
    fn step(&mut self, event: Event) -> Vec<Effect>;

    /// Carries out one effect; the event is its result, if there is one at once.
    fn perform(&mut self, effect: Effect) -> Option<Event>;

    /// Takes an event, and carries out what follows from it until the machine is at rest.
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

/// Takes the oldest request to `path` out of those that were sent.
pub fn take_request(
    sent: &mut Vec<(Operation, http::Request<Vec<u8>>)>,
    path: &str,
) -> Option<Operation> {
    let at = sent.iter().position(|(_, request)| request.uri().path() == path)?;
    Some(sent.remove(at).0)
}

/// How many requests to `path` were sent.
#[must_use]
pub fn requests_to(sent: &[(Operation, http::Request<Vec<u8>>)], path: &str) -> usize {
    sent.iter().filter(|(_, request)| request.uri().path() == path).count()
}

/// A parameter of the query of `url`.
#[must_use]
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// An application of this scheme at [`ISSUER`].
#[must_use]
pub fn configuration(scheme: &str) -> Configuration {
    Configuration::new(
        EnvironmentUrl::parse(ISSUER).expect("an environment"),
        ClientId::parse(CLIENT).expect("a client id"),
        RedirectUris::with_scheme(scheme).expect("a scheme"),
    )
}

/// The members that a discovery document must have.
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
    /// Tokens whose signature this thread has verified, while there is a [`SignatureMemo`].
    static VERIFIED: RefCell<Option<HashSet<String>>> = const { RefCell::new(None) };
}

/// While it exists, a signature that this thread has verified is not computed again for the same token: a double for
/// simulations in which many machines get the same tokens. Nothing counts as verified that was not.
#[derive(Debug)]
pub struct SignatureMemo(());

impl SignatureMemo {
    /// Begins with nothing.
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

/// The outcome of `verify` for this token, or of the time before.
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
