//! Keeping a session fresh, and kept.

use std::time::Duration;

use crate::{
    answer::HttpOutcome,
    id_token::{self, Expected, ExpectedBinding, Rejection, VerifiedIdToken},
    journal::EndedBy,
    problem::{Problem, ProblemCode},
    profile::profile,
    record::{SessionRecord, Slot, Unreadable},
    secret::Secret,
    time::{Monotonic, Wall},
    token::{self, TokenAnswer, TokenResponse},
    view::SignedOutReason,
};

use super::{
    Effect, KeychainFailure, Machine, Operation, attempt, broken,
    session::{Session, SignedIn, newer},
    turn::{Lock, Readings},
};

/// A lifetime below this says nothing useful; such a token is renewed every [`SHORTEST_PERIOD`].
const SHORTEST_LIFETIME: Duration = Duration::from_secs(2);
const SHORTEST_PERIOD: Duration = Duration::from_secs(30);

/// How soon a refresh token is sent once more when its answer was lost: environments that forgive
/// a repeated one do so for seconds only.
const QUICK_RETRY: Duration = Duration::from_secs(1);

const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// How long another process may keep the lock before the person is told.
const LONG_TURN: Duration = Duration::from_secs(15);

/// A nudge is taken at most this often: windows are clicked at, and networks flap.
const NUDGES: Duration = Duration::from_secs(5);

/// Where a renewal is.
pub(super) enum Renewal {
    /// It begins then. The wall-clock time is fixed once, so that it does not flicker.
    Scheduled { at: Monotonic, shown: Wall },
    /// The endpoints are being asked for.
    AwaitingMetadata,
    /// It may begin when it is this process's turn.
    AwaitingTurn(Turn),
    /// It is being written down that the refresh token is about to be sent. The number says how
    /// many answers to it were lost before.
    Noting(Operation, u32),
    /// The refresh token has been sent, after so many answers to it were lost.
    Requested(Operation, u32),
    /// New tokens are here and saved; the keys to verify them are on their way. `true` once an
    /// unknown key was the reason.
    AwaitingKeys(TokenResponse, bool),
    /// It did not work and will be tried again.
    Delayed {
        at: Monotonic,
        shown: Wall,
        problem: Problem,
        /// `false` where the environment itself has said how long to wait.
        may_be_nudged: bool,
    },
    /// The environment gave no refresh token.
    Impossible { at: Monotonic, shown: Wall },
}

/// What a renewal waits for before it begins.
pub(super) enum Turn {
    /// The present record is to be kept first: no second token while the first may be lost.
    Saved,
    /// Another process may have the lock. Since then it is waited for.
    Lock(Monotonic),
    /// What is kept is being read once more.
    Reading(Readings),
}

/// Whether the keychain holds the present record.
pub(super) enum Saved {
    Yes,
    /// It will be written when it is this process's turn.
    Unsaved,
    Storing(Operation),
    No {
        retry_at: Monotonic,
    },
}

/// One try in each window of 1, 2, 4 … 300 seconds, at a moment that chance chooses in it ("full
/// jitter"): many desktops that lost one environment do not come back to it in step.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Backoff {
    tries: u32,
    /// What is left of the present window after its try.
    rest: Duration,
}

impl Backoff {
    pub(super) fn next(&mut self, chance: u64) -> Duration {
        let window = Duration::from_secs(1 << self.tries.min(9)).min(LONGEST_WAIT);
        let at = window * u32::try_from(chance % 1001).unwrap_or(500) / 1000;
        let wait = self.rest + at;
        self.rest = window - at;
        self.tries = self.tries.saturating_add(1);
        wait.max(Duration::from_millis(100))
    }
}

impl SignedIn {
    pub(super) fn deadline(&self) -> Option<Monotonic> {
        let renewal = match &self.renewal {
            Renewal::Scheduled { at, .. }
            | Renewal::Delayed { at, .. }
            | Renewal::Impossible { at, .. } => Some(*at),
            // Whoever waits long for the lock says so.
            Renewal::AwaitingTurn(Turn::Lock(since)) => Some(since.after(LONG_TURN)),
            Renewal::AwaitingMetadata
            | Renewal::AwaitingTurn(Turn::Saved | Turn::Reading(_))
            | Renewal::Noting(..)
            | Renewal::Requested(..)
            | Renewal::AwaitingKeys(..) => None,
        };
        let saving = match self.saved {
            Saved::No { retry_at } => Some(retry_at),
            Saved::Yes | Saved::Unsaved | Saved::Storing(_) => None,
        };
        [renewal, saving].into_iter().flatten().min()
    }

    pub(super) fn is_at_rest(&self) -> bool {
        let renewing = match &self.renewal {
            Renewal::Noting(..) | Renewal::Requested(..) | Renewal::AwaitingKeys(..) => true,
            Renewal::Scheduled { .. }
            | Renewal::AwaitingMetadata
            | Renewal::AwaitingTurn(_)
            | Renewal::Delayed { .. }
            | Renewal::Impossible { .. } => false,
        };
        !renewing && !matches!(self.saved, Saved::Unsaved | Saved::Storing(_))
    }
}

impl Session {
    pub(super) fn renews_with(&self, operation: Operation) -> bool {
        matches!(self, Self::SignedIn(signed_in)
            if matches!(signed_in.renewal, Renewal::Requested(sent, _) if sent == operation))
    }
}

impl Machine {
    /// Now, unless it is under way or cannot be done.
    pub(super) fn renew(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.renewal {
            Renewal::Scheduled { .. } | Renewal::Delayed { .. } => self.begin_renewal(),
            Renewal::AwaitingMetadata
            | Renewal::AwaitingTurn(_)
            | Renewal::Noting(..)
            | Renewal::Requested(..)
            | Renewal::AwaitingKeys(..)
            | Renewal::Impossible { .. } => {}
        }
    }

    /// Times may be better. A renewal that waits for them is tried again, and so is the keychain.
    pub(super) fn nudged(&mut self) {
        let now = self.now.monotonic;
        let Some(signed_in) = self.session.signed_in() else { return };
        let recent = signed_in.last_renewal.is_some_and(|begun| now.since(begun) < NUDGES);
        if let Renewal::Delayed { may_be_nudged: true, .. } = signed_in.renewal
            && !recent
        {
            self.begin_renewal();
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
            Renewal::AwaitingTurn(Turn::Lock(since)) if since.after(LONG_TURN) <= now => {
                self.delay_renewal(LONG_TURN * 4, busy());
            }
            Renewal::Scheduled { .. }
            | Renewal::Delayed { .. }
            | Renewal::Impossible { .. }
            | Renewal::AwaitingMetadata
            | Renewal::AwaitingTurn(_)
            | Renewal::Noting(..)
            | Renewal::Requested(..)
            | Renewal::AwaitingKeys(..) => {}
        }
    }

    pub(super) fn renewal_discovered(&mut self) {
        if let Some(SignedIn { renewal: Renewal::AwaitingMetadata, .. }) = self.session.signed_in()
        {
            self.await_turn();
        }
    }

    /// Endpoints that were good an hour ago are better than none.
    pub(super) fn renewal_not_discovered(&mut self, problem: Problem) {
        let known = self.environment.metadata().is_some();
        let Some(signed_in) = self.session.signed_in() else { return };
        if matches!(signed_in.renewal, Renewal::AwaitingMetadata) {
            if known {
                self.await_turn();
            } else {
                let wait = self.wait_before_retry(None);
                self.delay_renewal(wait, problem);
            }
        }
    }

    pub(super) fn renewal_answered(&mut self, outcome: HttpOutcome) {
        let Some(SignedIn { renewal: Renewal::Requested(_, lost), .. }) = self.session.signed_in()
        else {
            return;
        };
        let lost = *lost;
        match token::read(outcome, self.now.wall) {
            TokenAnswer::Tokens(response) => self.tokens_renewed(response),
            // Another process may have been there first, so what is kept is read once more before
            // the refusal is believed.
            TokenAnswer::Refused { error, description } => {
                let problem = if lost > 0 { interrupted() } else { ended() };
                if let Some(signed_in) = self.session.signed_in() {
                    signed_in.refused = Some(problem.with_detail(description.unwrap_or(error)));
                }
                self.read_again();
            }
            TokenAnswer::Trouble {
                retry_after,
                may_have_been_processed,
                salvaged,
                offline,
                detail,
            } => {
                if broken!(self, TroubleEndsTheSession) {
                    self.end_session(ended());
                    return;
                }
                let unanswered = may_have_been_processed && salvaged.is_none();
                if let Some(refresh_token) = salvaged {
                    self.keep_refresh_token(refresh_token);
                } else if !may_have_been_processed {
                    self.take_note_back();
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
                let wait = if unanswered && lost == 0 && retry_after.is_none() {
                    QUICK_RETRY
                } else {
                    self.wait_before_retry(retry_after)
                };
                self.delay_renewal(wait, problem.with_detail(detail));
                if let Some(SignedIn { renewal: Renewal::Delayed { may_be_nudged, .. }, .. }) =
                    self.session.signed_in()
                {
                    *may_be_nudged = retry_after.is_none();
                }
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
            | Renewal::AwaitingTurn(_)
            | Renewal::Noting(..)
            | Renewal::Requested(..)
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
                let wait = self.wait_before_retry(None);
                self.delay_renewal(wait, attempt::clock_wrong());
            }
            Err(Unproved::Rejected(Rejection::Claims(rule))) => {
                let wait = self.wait_before_retry(None);
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

    /// Writes the present record to the keychain, or does so when it is this process's turn.
    pub(super) fn save(&mut self) {
        if !self.has_turn() {
            if let Some(signed_in) = self.session.signed_in() {
                signed_in.saved = Saved::Unsaved;
            }
            return;
        }
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
        let (now, chance) = (self.now.monotonic, self.draw());
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
                signed_in.saved = Saved::No { retry_at: now.after(signed_in.saving.next(chance)) };
                signed_in.problem = Some(
                    Problem::new(
                        ProblemCode::NotSaved,
                        "Your session could not be saved in the keychain. You stay signed in until you close this program. Unlock the keychain; saving is tried again.",
                    )
                    .with_detail(failure.detail()),
                );
            }
        }
        if matches!(signed_in.renewal, Renewal::AwaitingTurn(Turn::Saved)) {
            self.await_turn();
        }
    }

    pub(super) fn begin_renewal(&mut self) {
        let now = self.now.monotonic;
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.last_renewal = Some(now);
        }
        if self.environment.recent_metadata(self.now.monotonic).is_some() {
            self.await_turn();
        } else if let Some(signed_in) = self.session.signed_in() {
            signed_in.renewal = Renewal::AwaitingMetadata;
            self.discover();
        }
    }

    /// OAuth 2.1 §4.3.2: no second token is asked for before the first is kept, or a crash loses both.
    fn await_turn(&mut self) {
        let (has_turn, now) = (self.has_turn(), self.now.monotonic);
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.saved {
            Saved::Yes if has_turn => self.read_again(),
            Saved::Yes => signed_in.renewal = Renewal::AwaitingTurn(Turn::Lock(now)),
            Saved::Unsaved | Saved::Storing(_) => {
                signed_in.renewal = Renewal::AwaitingTurn(Turn::Saved);
            }
            Saved::No { .. } => {
                let problem = signed_in.problem.clone();
                let wait = self.wait_before_retry(None);
                self.delay_renewal(wait, problem.unwrap_or_else(busy));
            }
        }
    }

    /// What is kept has been read once more, and the lock is held.
    pub(super) fn go_on_with(&mut self, mut readings: Readings) {
        self.journal = readings.journal();
        self.ended = readings.ended();
        let kept = readings.take(Slot::Session);
        let holds_lock = matches!(self.lock, Lock::Held(_));
        let Some(signed_in) = self.session.signed_in() else { return };
        let ended_by = self.ended.by(&signed_in.record.session);
        let kept = match kept {
            Ok(Some(bytes)) => SessionRecord::decode(&bytes).map(Some),
            // Whatever took it away was no sign-out, which would have said so. It is written again.
            Ok(None) => Ok(None),
            // Nothing in it would save a session that is over. The lock was held when it was read
            // before, and nobody has changed it since.
            Err(_) if ended_by.is_some() || (signed_in.refused.is_some() && holds_lock) => Ok(None),
            Err(failure) => {
                let wait = self.wait_before_retry(None);
                self.delay_renewal(wait, failure.delays_renewal());
                return;
            }
        };
        match (kept, ended_by) {
            (Ok(Some(kept)), _)
                if kept.is_newer_than(&signed_in.record)
                    && self.ended.by(&kept.session).is_none() =>
            {
                self.adopt_kept(kept);
            }
            (Err(Unreadable::Newer), None) => self.delay_renewal(LONGEST_WAIT, newer()),
            (kept, Some(by)) => {
                match by {
                    EndedBy::Person => self.ended_elsewhere(SignedOutReason::SignedOut, None),
                    EndedBy::Environment => {
                        self.ended_elsewhere(SignedOutReason::SessionEnded, Some(ended()));
                    }
                    EndedBy::Interruption => {
                        self.ended_elsewhere(SignedOutReason::SessionEnded, Some(interrupted()));
                    }
                }
                if matches!(kept, Ok(Some(_))) {
                    self.clear_leftover();
                }
            }
            (Ok(_) | Err(Unreadable::Damaged), None) => match signed_in.refused.take() {
                Some(problem) => self.end_session(problem),
                None => self.note(),
            },
        }
    }

    /// Writes down that the refresh token is about to be sent.
    fn note(&mut self) {
        let Some(token) = self.session.record().and_then(|record| record.refresh_token.as_ref())
        else {
            return;
        };
        let lost = if broken!(self, NoJournal) { 0 } else { self.journal.lost(token) };
        self.journal.sending(token, self.now.wall);
        let operation = self.store(Slot::Journal, self.journal.encode().into());
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.renewal = Renewal::Noting(operation, lost);
        }
    }

    /// A journal that cannot be written stops nobody: the session would be lost for certain.
    pub(super) fn journal_stored(&mut self, operation: Operation) {
        let Some(signed_in) = self.session.signed_in() else { return };
        if signed_in.journaling == Some(operation) {
            signed_in.journaling = None;
        }
        if let Renewal::Noting(noting, lost) = signed_in.renewal
            && noting == operation
        {
            self.send_refresh_token(lost);
        }
    }

    /// The request certainly came to nothing, or its answer is here and the token is still good.
    fn take_note_back(&mut self) {
        let Some(token) = self.session.record().and_then(|record| record.refresh_token.as_ref())
        else {
            return;
        };
        self.journal.not_sent(token);
        let operation = self.store(Slot::Journal, self.journal.encode().into());
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.journaling = Some(operation);
        }
    }

    fn send_refresh_token(&mut self, lost: u32) {
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
            signed_in.renewal = Renewal::Requested(operation, lost);
        }
    }

    /// RFC 6749 §6: the old refresh token is discarded. The new one is stored before anything else
    /// is done with the answer, verification included: the old one is spent in any case.
    fn tokens_renewed(&mut self, response: TokenResponse) {
        match response.refresh_token.clone() {
            Some(refresh_token) => self.keep_refresh_token(refresh_token),
            // RFC 6749 §6: the old one stays. Its answer is here.
            None => self.take_note_back(),
        }
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.renewal = Renewal::AwaitingKeys(response, false);
        }
        self.verify_renewal();
    }

    fn keep_refresh_token(&mut self, refresh_token: Secret) {
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.record.refresh_token = Some(refresh_token);
            signed_in.record.generation += 1;
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
        let access_token_ends = self.now.monotonic.after(response.lifetime);
        let mut new_picture = None;
        self.renewed_for_callers();
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
            signed_in.access_token_ends = access_token_ends;
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

    fn wait_before_retry(&mut self, retry_after: Option<Duration>) -> Duration {
        let chance = self.draw();
        let Some(signed_in) = self.session.signed_in() else { return LONGEST_WAIT };
        let wait = signed_in.renewing.next(chance);
        retry_after.map_or(wait, |asked| asked.clamp(wait, Duration::from_secs(3600)))
    }

    fn delay_renewal(&mut self, wait: Duration, problem: Problem) {
        let at = self.now.monotonic.after(wait);
        let shown = self.now.wall_at(at);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.renewal = Renewal::Delayed { at, shown, problem, may_be_nudged: true };
        }
    }
}

fn ended() -> Problem {
    Problem::new(
        ProblemCode::SessionEnded,
        "The environment ended your session: it ran its time, or you or an administrator signed out elsewhere. Sign in again.",
    )
}

fn interrupted() -> Problem {
    Problem::new(
        ProblemCode::SessionInterrupted,
        "Your session could not be continued: the connection was lost, or this program ended, in the middle of renewing it, and the environment does not accept the renewal a second time. Sign in again.",
    )
}

fn busy() -> Problem {
    Problem::new(
        ProblemCode::OtherProcess,
        "Another program on this computer is using this session and does not let go of it, so it is not renewed for now. You stay signed in. Close other windows of this program if it stays so.",
    )
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
