//! Keeping a session fresh, and kept.

use std::time::Duration;

use crate::{
    answer::HttpOutcome,
    id_token::{self, Expected, ExpectedBinding, Rejection, VerifiedIdToken},
    problem::{Problem, ProblemCode},
    profile::profile,
    record::{SessionRecord, Slot},
    secret::Secret,
    time::{Monotonic, Wall},
    token::{self, TokenAnswer, TokenResponse},
};

use super::{
    Effect, KeychainFailure, Machine, Operation, attempt,
    session::{Session, SignedIn},
};

/// A lifetime below this says nothing useful; such a token is renewed every [`SHORTEST_PERIOD`].
const SHORTEST_LIFETIME: Duration = Duration::from_secs(2);
const SHORTEST_PERIOD: Duration = Duration::from_secs(30);

/// How soon a refresh token is sent once more when its answer was lost: environments that forgive
/// a repeated one do so for seconds only.
const QUICK_RETRY: Duration = Duration::from_secs(1);

const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Where a renewal is.
pub(super) enum Renewal {
    /// It begins then. The wall-clock time is fixed once, so that it does not flicker.
    Scheduled { at: Monotonic, shown: Wall },
    /// The endpoints are being asked for.
    AwaitingMetadata,
    /// The refresh token has been sent.
    Requested(Operation),
    /// New tokens are here and saved; the keys to verify them are on their way. `true` once an
    /// unknown key was the reason.
    AwaitingKeys(TokenResponse, bool),
    /// It did not work and will be tried again.
    Delayed { at: Monotonic, shown: Wall, problem: Problem },
    /// The environment gave no refresh token.
    Impossible { at: Monotonic, shown: Wall },
}

/// Whether the keychain holds the present record.
pub(super) enum Saved {
    Yes,
    Storing(Operation),
    No { retry_at: Monotonic },
}

/// Waits of 1, 2, 4 … 300 seconds.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Backoff(u32);

impl Backoff {
    pub(super) fn next(&mut self) -> Duration {
        let wait = Duration::from_secs(1 << self.0.min(9)).min(LONGEST_WAIT);
        self.0 = self.0.saturating_add(1);
        wait
    }
}

impl SignedIn {
    pub(super) fn deadline(&self) -> Option<Monotonic> {
        let renewal = match &self.renewal {
            Renewal::Scheduled { at, .. }
            | Renewal::Delayed { at, .. }
            | Renewal::Impossible { at, .. } => Some(*at),
            Renewal::AwaitingMetadata | Renewal::Requested(_) | Renewal::AwaitingKeys(..) => None,
        };
        let saving = match self.saved {
            Saved::No { retry_at } => Some(retry_at),
            Saved::Yes | Saved::Storing(_) => None,
        };
        [renewal, saving].into_iter().flatten().min()
    }
}

impl Session {
    pub(super) fn renews_with(&self, operation: Operation) -> bool {
        matches!(self, Self::SignedIn(signed_in)
            if matches!(signed_in.renewal, Renewal::Requested(sent) if sent == operation))
    }
}

impl Machine {
    /// Now, unless it is under way or cannot be done.
    pub(super) fn renew(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.renewal {
            Renewal::Scheduled { .. } | Renewal::Delayed { .. } => self.begin_renewal(),
            Renewal::AwaitingMetadata
            | Renewal::Requested(_)
            | Renewal::AwaitingKeys(..)
            | Renewal::Impossible { .. } => {}
        }
    }

    pub(super) fn renewal_deadlines(&mut self) {
        let now = self.now.monotonic;
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.saved, Saved::No { retry_at } if retry_at <= now) {
            self.save();
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.renewal {
            Renewal::Scheduled { at, .. } | Renewal::Delayed { at, .. } if *at <= now => {
                self.begin_renewal();
            }
            Renewal::Impossible { at, .. } if *at <= now => self.end_session(Problem::new(
                ProblemCode::SessionEnded,
                "Your session has run its time, and the environment gives this application no means to renew it. Sign in again.",
            )),
            Renewal::Scheduled { .. }
            | Renewal::Delayed { .. }
            | Renewal::Impossible { .. }
            | Renewal::AwaitingMetadata
            | Renewal::Requested(_)
            | Renewal::AwaitingKeys(..) => {}
        }
    }

    pub(super) fn renewal_discovered(&mut self) {
        if let Some(SignedIn { renewal: Renewal::AwaitingMetadata, .. }) = self.session.signed_in()
        {
            self.send_refresh_token();
        }
    }

    /// Endpoints that were good an hour ago are better than none.
    pub(super) fn renewal_not_discovered(&mut self, problem: Problem) {
        let known = self.environment.metadata().is_some();
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.renewal, Renewal::AwaitingMetadata) {
            if known {
                self.send_refresh_token();
            } else {
                let wait = signed_in.renewing.next();
                self.delay_renewal(wait, problem);
            }
        }
    }

    pub(super) fn renewal_answered(&mut self, outcome: HttpOutcome) {
        match token::read(outcome, self.now.wall) {
            TokenAnswer::Tokens(response) => self.tokens_renewed(response),
            TokenAnswer::Refused { error, description } => self.end_session(
                Problem::new(
                    ProblemCode::SessionEnded,
                    "The environment ended your session: it ran its time, or you or an administrator signed out elsewhere. Sign in again.",
                )
                .with_detail(description.unwrap_or(error)),
            ),
            TokenAnswer::Trouble {
                retry_after,
                may_have_been_processed,
                salvaged,
                offline,
                detail,
            } => {
                let spent = may_have_been_processed && salvaged.is_none();
                if let Some(refresh_token) = salvaged {
                    self.keep_refresh_token(refresh_token);
                }
                let problem = if offline {
                    Problem::new(
                        ProblemCode::Offline,
                        "The environment cannot be reached. You stay signed in; the session is renewed when the network is back.",
                    )
                } else {
                    Problem::new(
                        ProblemCode::ServiceTrouble,
                        "The environment could not renew the session. You stay signed in, and it is tried again.",
                    )
                };
                let wait = self.wait_before_retry(retry_after, spent);
                self.delay_renewal(wait, problem.with_detail(detail));
            }
        }
    }

    pub(super) fn verify_renewal(&mut self) {
        if self.environment.fetching_keys.is_some() {
            return;
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        let idle = Renewal::Scheduled { at: Monotonic::default(), shown: Wall::default() };
        let (response, refetched) = match std::mem::replace(&mut signed_in.renewal, idle) {
            Renewal::AwaitingKeys(response, refetched) => (response, refetched),
            other @ (Renewal::Scheduled { .. }
            | Renewal::AwaitingMetadata
            | Renewal::Requested(_)
            | Renewal::Delayed { .. }
            | Renewal::Impossible { .. }) => {
                signed_in.renewal = other;
                return;
            }
        };
        match self.renewed_person(&response) {
            Ok(person) => self.renewed(&response, person),
            Err(Unproved::Keys) if !refetched => self.await_keys(response),
            Err(Unproved::Rejected(Rejection::UnknownKey))
                if !refetched && self.environment.may_refetch(self.now.monotonic) =>
            {
                self.await_keys(response);
            }
            // An outage of the keys ends no session: the tokens came over TLS from the environment
            // itself (OpenID Connect Core §3.1.3.7 rule 6). What is shown stays as it was.
            Err(Unproved::Keys | Unproved::Rejected(Rejection::UnknownKey)) => {
                self.renewed(&response, None);
            }
            Err(Unproved::Rejected(Rejection::OtherSubject)) => self.end_session(Problem::new(
                ProblemCode::IdentityChanged,
                "The environment renewed the session for another person than the one who signed in. To be safe, you were signed out. Sign in again.",
            )),
            Err(Unproved::Rejected(Rejection::Time)) => {
                let wait = self.wait_before_retry(None, false);
                self.delay_renewal(wait, attempt::clock_wrong());
            }
            Err(Unproved::Rejected(Rejection::Claims(rule))) => {
                let wait = self.wait_before_retry(None, false);
                let problem = Problem::new(
                    ProblemCode::AnswerRejected,
                    "The environment's answer to renewing the session did not pass the security checks and was not used. You stay signed in, and it is tried again.",
                );
                self.delay_renewal(wait, problem.with_detail(rule));
            }
        }
    }

    /// When the access token of `record` is to be renewed, `remaining` before it ends.
    pub(super) fn scheduled(&mut self, record: &SessionRecord, remaining: Duration) -> Renewal {
        if record.refresh_token.is_none() {
            let at = self.now.monotonic.after(remaining);
            return Renewal::Impossible { at, shown: self.now.wall_at(at) };
        }
        // At 80 % of its life, so that a slow answer still comes in time, and spread so that a
        // thousand desktops started at nine do not all come back in the same second.
        let wait = remaining.saturating_sub(record.lifetime / 5);
        let wait = if remaining.is_zero() && record.lifetime >= SHORTEST_LIFETIME {
            Duration::ZERO
        } else if record.lifetime < SHORTEST_LIFETIME {
            SHORTEST_PERIOD
        } else {
            self.spread(wait)
        };
        let at = self.now.monotonic.after(wait);
        Renewal::Scheduled { at, shown: self.now.wall_at(at) }
    }

    /// Writes the present record to the keychain.
    pub(super) fn save(&mut self) {
        let Some(bytes) = self.session.signed_in().map(|signed_in| signed_in.record.encode())
        else {
            return;
        };
        let operation = self.store(Slot::Session, bytes);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.saved = Saved::Storing(operation);
        }
    }

    pub(super) fn save_again(&mut self) {
        if let Some(SignedIn { saved: Saved::No { .. }, .. }) = self.session.signed_in() {
            self.save();
        }
    }

    pub(super) fn session_stored(
        &mut self,
        operation: Operation,
        outcome: Result<(), KeychainFailure>,
    ) {
        let now = self.now.monotonic;
        let Some(signed_in) = self.session.signed_in() else { return };
        if !matches!(signed_in.saved, Saved::Storing(storing) if storing == operation) {
            return;
        }
        match outcome {
            Ok(()) => {
                signed_in.saved = Saved::Yes;
                signed_in.saving = Backoff::default();
                if signed_in.problem.as_ref().is_some_and(|p| p.code == ProblemCode::NotSaved) {
                    signed_in.problem = None;
                }
            }
            Err(failure) => {
                signed_in.saved = Saved::No { retry_at: now.after(signed_in.saving.next()) };
                signed_in.problem = Some(
                    Problem::new(
                        ProblemCode::NotSaved,
                        "Your session could not be saved in the keychain. You stay signed in until you close this program. Unlock the keychain; saving is tried again.",
                    )
                    .with_detail(failure.detail()),
                );
            }
        }
    }

    fn begin_renewal(&mut self) {
        if self.environment.recent_metadata(self.now.monotonic).is_some() {
            self.send_refresh_token();
        } else if let Some(signed_in) = self.session.signed_in() {
            signed_in.renewal = Renewal::AwaitingMetadata;
            self.discover();
        }
    }

    fn send_refresh_token(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let Some(refresh_token) = signed_in.record.refresh_token.clone() else { return };
        let request = self.configuration.as_ref().zip(self.environment.metadata()).and_then(
            |(configuration, metadata)| {
                token::refresh_request(configuration, metadata, &refresh_token)
            },
        );
        let Some(request) = request else {
            let problem = attempt::rejected("The token endpoint cannot be used");
            self.delay_renewal(LONGEST_WAIT, problem);
            return;
        };
        let operation = self.operation();
        self.effects.push(Effect::Send(operation, request));
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.renewal = Renewal::Requested(operation);
        }
    }

    /// RFC 6749 §6: the old refresh token is discarded. The new one is stored before anything else
    /// is done with the answer, verification included: the old one is spent in any case.
    fn tokens_renewed(&mut self, response: TokenResponse) {
        if let Some(refresh_token) = response.refresh_token.clone() {
            self.keep_refresh_token(refresh_token);
        }
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.retried_quickly = false;
            signed_in.renewal = Renewal::AwaitingKeys(response, false);
        }
        self.verify_renewal();
    }

    fn keep_refresh_token(&mut self, refresh_token: Secret) {
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.record.refresh_token = Some(refresh_token);
            self.save();
        }
    }

    fn await_keys(&mut self, response: TokenResponse) {
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.renewal = Renewal::AwaitingKeys(response, true);
            self.fetch_keys();
        }
    }

    /// Who the new tokens are about. An answer without an ID token is about the same person
    /// (OpenID Connect Core §12.2); then only what the access token says is new.
    fn renewed_person(&mut self, response: &TokenResponse) -> Result<Option<Person>, Unproved> {
        let now = self.now;
        let Some(signed_in) = self.session.signed_in() else { return Ok(None) };
        let Some(id_token) = &response.id_token else { return Ok(None) };
        let before = signed_in.record.profile.clone();
        let (Some(configuration), Some(keys)) =
            (&self.configuration, self.environment.recent_keys(now.monotonic))
        else {
            return Err(Unproved::Keys);
        };
        let issuer = configuration.environment.issuer();
        let who = id_token::verify(
            id_token,
            keys,
            &Expected {
                issuer,
                client_id: configuration.client_id.as_str(),
                binding: ExpectedBinding::Renewal { subject: &before.subject },
                access_token: &response.access_token,
                now: response.date.unwrap_or(now.wall),
            },
        )
        .map_err(Unproved::Rejected)?;
        let access = id_token::access_claims(&response.access_token, keys, issuer, who.subject());
        let profile = profile(&who, access.as_ref(), Some(&before));
        Ok(Some(Person { who, profile, id_token: id_token.clone() }))
    }

    fn renewed(&mut self, response: &TokenResponse, person: Option<Person>) {
        let ends = self.now.wall.after(response.lifetime);
        let mut new_picture = None;
        if let Some(signed_in) = self.session.signed_in() {
            let record = &mut signed_in.record;
            record.access_token = response.access_token.clone();
            record.access_token_ends = ends;
            record.lifetime = response.lifetime;
            if let Some(Person { who, profile, id_token }) = person {
                record.id_token = id_token;
                record.profile = profile;
                let address = who.text("picture").map(str::to_owned);
                if address.is_some() && address != record.picture_url {
                    record.picture_url.clone_from(&address);
                    new_picture = address;
                }
            }
            signed_in.renewing = Backoff::default();
            let record = record.clone();
            let renewal = self.scheduled(&record, response.lifetime);
            if let Some(signed_in) = self.session.signed_in() {
                signed_in.renewal = renewal;
            }
        }
        self.save();
        self.fetch_picture(new_picture);
    }

    fn wait_before_retry(&mut self, retry_after: Option<Duration>, spent: bool) -> Duration {
        let Some(signed_in) = self.session.signed_in() else { return LONGEST_WAIT };
        if spent && !signed_in.retried_quickly && retry_after.is_none() {
            signed_in.retried_quickly = true;
            return QUICK_RETRY;
        }
        let wait = signed_in.renewing.next();
        retry_after.map_or(wait, |asked| asked.clamp(wait, Duration::from_secs(3600)))
    }

    fn delay_renewal(&mut self, wait: Duration, problem: Problem) {
        let at = self.now.monotonic.after(wait);
        let shown = self.now.wall_at(at);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.renewal = Renewal::Delayed { at, shown, problem };
        }
    }
}

/// The person of verified, renewed tokens.
struct Person {
    who: VerifiedIdToken,
    profile: crate::view::Profile,
    id_token: Secret,
}

/// Why a renewed ID token is not used.
enum Unproved {
    Keys,
    Rejected(Rejection),
}
