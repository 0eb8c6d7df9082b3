//! Callers that wait for an access token. Equal requests are one request to the state machine.

use std::{collections::HashMap, time::Duration};

use scalekit_auth::{IssuedToken, Monotonic, Secret, TokenRequestId, TokenUnavailable};
use tokio::sync::oneshot;

/// The time within which a caller can join a request. The state machine's timeout of one minute begins with the
/// first caller, so it ends for a joined one this much earlier at most.
const MAX_JOIN_AGE: Duration = Duration::from_secs(1);

/// The result for a caller.
pub(super) type TokenOutcome = Result<IssuedToken, TokenUnavailable>;

/// The callers, by their request to the state machine.
#[derive(Default)]
pub(super) struct WaitingCallers {
    requests: HashMap<TokenRequestId, Vec<oneshot::Sender<TokenOutcome>>>,
    /// The last request, while others may join it.
    joinable: Option<Joinable>,
    calls: u64,
}

struct Joinable {
    request: TokenRequestId,
    rejected: Option<Secret>,
    until: Monotonic,
}

impl WaitingCallers {
    /// Adds a caller; returns the request for the state machine, unless the caller joins one under way.
    pub(super) fn add(
        &mut self,
        caller: oneshot::Sender<TokenOutcome>,
        rejected: Option<&Secret>,
        now: Monotonic,
    ) -> Option<TokenRequestId> {
        if let Some(joinable) = self.joinable.as_ref().filter(|one| one.takes(rejected, now))
            && let Some(callers) = self.requests.get_mut(&joinable.request)
        {
            callers.push(caller);
            return None;
        }
        self.calls += 1;
        let request = TokenRequestId(self.calls);
        self.requests.insert(request, vec![caller]);
        let (rejected, until) = (rejected.cloned(), now.after(MAX_JOIN_AGE));
        self.joinable = Some(Joinable { request, rejected, until });
        Some(request)
    }

    /// Sends the result to all callers of a request.
    pub(super) fn complete(&mut self, request: TokenRequestId, outcome: &TokenOutcome) {
        for caller in self.requests.remove(&request).unwrap_or_default() {
            let _ = caller.send(outcome.clone());
        }
        self.joinable.take_if(|joinable| joinable.request == request);
    }
}

impl Joinable {
    fn takes(&self, rejected: Option<&Secret>, now: Monotonic) -> bool {
        let same = match (&self.rejected, rejected) {
            (None, None) => true,
            (Some(one), Some(other)) => one.matches(other.expose()),
            (Some(_), None) | (None, Some(_)) => false,
        };
        same && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Monotonic {
        Monotonic(Duration::from_millis(millis))
    }

    fn outcome() -> TokenOutcome {
        Err(TokenUnavailable::NotSignedIn)
    }

    #[test]
    fn callers_within_a_second_share_request_and_response() {
        let mut callers = WaitingCallers::default();
        let (one, mut of_one) = oneshot::channel();
        let (other, mut of_other) = oneshot::channel();
        let request = callers.add(one, None, at(0)).unwrap();
        assert!(callers.add(other, None, at(999)).is_none());
        callers.complete(request, &outcome());
        assert!(of_one.try_recv().is_ok() && of_other.try_recv().is_ok());
    }

    #[test]
    fn callers_with_other_rejected_tokens_or_later_ask_anew() {
        let mut callers = WaitingCallers::default();
        let mut requests = |rejected: Option<&str>, now| {
            let rejected = rejected.map(Secret::new);
            callers.add(oneshot::channel().0, rejected.as_ref(), at(now)).is_some()
        };
        assert!(requests(None, 0));
        assert!(requests(Some("a"), 1), "another question");
        assert!(!requests(Some("a"), 2));
        assert!(requests(Some("b"), 3), "another token");
        assert!(requests(Some("b"), 1003), "a second later");
    }

    #[test]
    fn callers_of_two_requests_get_their_own_response() {
        let mut callers = WaitingCallers::default();
        let (one, mut of_one) = oneshot::channel();
        let (other, mut of_other) = oneshot::channel();
        let first = callers.add(one, None, at(0)).unwrap();
        let second = callers.add(other, None, at(1000)).unwrap();
        callers.complete(first, &outcome());
        assert!(of_one.try_recv().is_ok() && of_other.try_recv().is_err());
        assert!(callers.add(oneshot::channel().0, None, at(1001)).is_none(), "it joins the second");
        callers.complete(second, &outcome());
        assert!(of_other.try_recv().is_ok());
    }

    #[test]
    fn caller_after_the_response_sends_a_new_request() {
        let mut callers = WaitingCallers::default();
        let request = callers.add(oneshot::channel().0, None, at(0)).unwrap();
        callers.complete(request, &outcome());
        assert!(callers.add(oneshot::channel().0, None, at(1)).is_some());
    }
}
