//! The pending requests for an access token. Any number of them cause one refresh, and all receive its result
//! within a bounded time.

use std::time::Duration;

use crate::{
    problem::{Problem, ProblemCode},
    secret::Secret,
    storage::record::SessionRecord,
    time::Monotonic,
};

use crate::session::{
    access_token::{CachedAccessToken, IssuedToken, TokenRequestId, TokenUnavailable},
    account::{Account, has_bug},
    event::Effect,
    refresh::schedule::MAX_PAUSE,
    state::{
        refresh::{MIN_PERIOD, Refresh},
        session::{Session, SignedIn},
        token_request::PendingTokenRequest,
    },
};

/// The maximum margin before the token's expiry: a token with less time left may expire before it arrives.
const TOKEN_EXPIRY_MARGIN: Duration = Duration::from_secs(10);

/// The timeout of a caller. A healthy environment needs a second; the timeout of the token request is twenty.
const CALLER_TIMEOUT: Duration = Duration::from_secs(60);

impl Account {
    pub(crate) fn access_token_requested(
        &mut self,
        caller: TokenRequestId,
        rejected_token: Option<Secret>,
    ) {
        if let (Session::SignedIn(signed_in), Some(rejected)) = (&mut self.session, &rejected_token)
            && rejected.matches(signed_in.record.access_token.expose())
        {
            signed_in.refusals.reported();
        }
        let until = self.now.monotonic.after(CALLER_TIMEOUT);
        self.token_requests.push(PendingTokenRequest {
            caller,
            rejected_token,
            refreshed_for: false,
            until,
        });
    }

    /// Completes the requests that can be completed, and refreshes the session for the others.
    pub(crate) fn complete_token_requests(&mut self) {
        for waiting in std::mem::take(&mut self.token_requests) {
            match self.access_token_for(&waiting).or_else(|| self.waited_long_enough(&waiting)) {
                Some(response) => {
                    self.effects.push(Effect::CompleteTokenRequest(waiting.caller, response))
                }
                None => self.token_requests.push(waiting),
            }
        }
        let now = self.now.monotonic;
        let is_reachable = self.refresh_conditions().reachable;
        let refused = self.token_requests.iter().any(|waiting| waiting.rejected_token.is_some());
        if !self.token_requests.is_empty()
            && let Some(signed_in) = self.session.signed_in()
            && matches!(signed_in.refresh, Refresh::Scheduled { .. })
            && signed_in.saved.is_settled()
        {
            if refused {
                signed_in.refusals.refreshing(now);
            }
            if is_reachable {
                self.begin_refresh();
            } else {
                self.delay_refresh(Duration::ZERO, Problem::new(ProblemCode::RefreshOffline));
                self.complete_token_requests();
            }
        }
    }

    pub(crate) fn mark_token_requests_refreshed(&mut self) {
        self.token_requests.iter_mut().for_each(|waiting| waiting.refreshed_for = true);
    }

    /// The earliest timeout of a pending request.
    pub(crate) fn token_requests_deadline(&self) -> Option<Monotonic> {
        if has_bug!(self, CallersWaitForever) {
            return None;
        }
        self.token_requests.iter().map(|waiting| waiting.until).min()
    }

    fn access_token_for(
        &self,
        waiting: &PendingTokenRequest,
    ) -> Option<Result<IssuedToken, TokenUnavailable>> {
        let signed_in = match &self.session {
            Session::SignedIn(signed_in) => signed_in,
            Session::AwaitingSettings | Session::Starting(_) => return None,
            Session::Unavailable { problem, .. } => return not_now(problem),
            Session::NotConfigured | Session::SignedOut(_) | Session::SigningOut { .. } => {
                return Some(Err(TokenUnavailable::NotSignedIn));
            }
        };
        let token = &signed_in.record.access_token;
        let refused =
            waiting.rejected_token.as_ref().is_some_and(|one| one.matches(token.expose()));
        let lasts = self.lasts(signed_in);
        let paced = matches!(signed_in.refresh, Refresh::Scheduled { .. })
            && !signed_in.refusals.may_refresh(self.now.monotonic)
            && !has_bug!(self, NoRateLimitForRejectedTokens);
        if waiting.refreshed_for || (lasts && (!refused || paced)) {
            let may_give = signed_in.saved.lets_tokens_out() || has_bug!(self, TokensGivenEarly);
            return self
                .usable_access_token(signed_in)
                .filter(|_| may_give)
                .map(|token| Ok(token.issue()));
        }
        match &signed_in.refresh {
            Refresh::Delayed { problem, .. } if signed_in.refreshes.wants_another_sign_in() => {
                Some(Err(TokenUnavailable::SignInAgain(problem.clone())))
            }
            Refresh::Delayed { problem, .. } => not_now(problem),
            Refresh::Impossible { .. } => not_now(&Problem::new(ProblemCode::NotRefreshable)),
            // No further token is requested before the previous one is stored.
            Refresh::Scheduled { .. }
                if signed_in.saved.is_reported() && !has_bug!(self, CallersWaitForever) =>
            {
                not_now(&Problem::new(ProblemCode::NotSaved))
            }
            Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Paused(_) => None,
        }
    }

    /// The access token that a caller gets immediately, and until when; `None` where the caller has to wait or
    /// gets a token of unknown lifetime.
    pub(crate) fn cached_access_token(&self) -> Option<CachedAccessToken<'_>> {
        let Session::SignedIn(signed_in) = &self.session else { return None };
        let usable_access_token = self.usable_access_token(signed_in)?;
        let lasts = usable_access_token.until > self.now.monotonic;
        (lasts && signed_in.saved.lets_tokens_out()).then_some(usable_access_token)
    }

    fn usable_access_token<'a>(&'a self, signed_in: &'a SignedIn) -> Option<CachedAccessToken<'a>> {
        let configuration = self.configuration.as_ref()?;
        let SessionRecord { access_token: token, session, access_token_ends, .. } =
            &signed_in.record;
        let until = usable_until(signed_in);
        let until_wall = access_token_ends.after(MAX_PAUSE);
        Some(CachedAccessToken { token, configuration, session, until, until_wall })
    }

    fn lasts(&self, signed_in: &SignedIn) -> bool {
        let now = self.now.monotonic;
        // The end of a lifetime that is too short to be plausible is the next refresh.
        let is_scheduled = signed_in.record.lifetime < MIN_PERIOD
            && matches!(signed_in.refresh, Refresh::Scheduled { at, .. } if at > now);
        is_scheduled || usable_until(signed_in) > now
    }

    fn waited_long_enough(
        &self,
        waiting: &PendingTokenRequest,
    ) -> Option<Result<IssuedToken, TokenUnavailable>> {
        if waiting.until > self.now.monotonic || has_bug!(self, CallersWaitForever) {
            return None;
        }
        let slow = || Problem::new(ProblemCode::RefreshSlow);
        not_now(&self.session.problem().cloned().unwrap_or_else(slow))
    }
}

/// The time after which the access token may expire before it arrives.
fn usable_until(signed_in: &SignedIn) -> Monotonic {
    let margin = TOKEN_EXPIRY_MARGIN.min(signed_in.record.lifetime / 10);
    Monotonic(signed_in.access_token_ends.0.saturating_sub(margin))
}

fn not_now(problem: &Problem) -> Option<Result<IssuedToken, TokenUnavailable>> {
    Some(Err(TokenUnavailable::Retryable(problem.clone())))
}
