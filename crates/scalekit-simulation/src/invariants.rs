//! The rules that no schedule may violate, and the number of checks of each: an unchecked rule proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use scalekit_auth::view::SessionView;

use crate::{
    server::RefreshToken,
    settings::{ACCOUNTS, Account},
};

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invariant {
    /// A refresh token is used once, and once more for each lost response.
    SpentOnce,
    /// A newer refresh token is never replaced by an older one.
    NewestIsStored,
    /// A view contains no secret.
    NoSecretIsShown,
    /// Stored entries, requests and views belong to the account that they name.
    NothingOfAnotherAccount,
    /// A session ends when it cannot be refreshed any more, and the reason is shown.
    EndsForAReason,
    /// An ended session is not restored.
    EndedStaysEnded,
    /// The lock is held while a refresh token is in flight or unsaved.
    LockIsHeld,
    /// A session that could not be stored is not shown as stored.
    UnsavedIsShown,
    /// An access token is issued when its refresh token is stored, or known not to be.
    GivenWhenStored,
    /// An access token belongs to the configuration that is returned with it.
    GivenWithItsConfiguration,
    /// An access token is about the signed-in user.
    GivenAboutTheUser,
    /// With that policy, a session is refreshed only while the application is in use.
    RefreshedInUse,
    /// Another sign-in is offered when refreshes were rejected repeatedly.
    SignInAgainForAReason,
    /// No caller waits longer than a minute.
    CallersGetResponses,
    /// The rate of requests to the environment is within its limits.
    RequestsAreBounded,
    /// No refresh is sent before the time that the environment asked to wait for (RFC 9110 §10.2.3).
    RetryAfterIsObeyed,
    /// Only tokens of sessions that the user signed out of are revoked, and of sign-ins that were never complete.
    OnlyWhatIsOverIsRevoked,
    /// A changed preference does not interrupt a session.
    PreferencesChangeNothing,
    /// The tokens of a left account are stored.
    LeftIsStored,
    /// A sign-out also opens the sign-out page in the browser.
    BrowserPartOfSigningOut,
    /// Only ended sessions are deleted.
    OnlyWhatIsOverIsRemoved,
    /// A process deletes a pending sign-in only if it has stored or read it.
    OwnSignInsAreRemoved,
    /// A tombstone that could not be written is written later.
    TombstoneIsWritten,
    /// A process that reports to be quiescent has no token in flight or unsaved.
    RestIsRest,
    /// The hints that the user confirmed are sent.
    ShownIsSent,
    /// The authorization response to the pending sign-in is accepted.
    OwnCallbackIsTaken,
    /// A code is exchanged with the redirect URI and the verifier of its request.
    ExchangedByItsRequest,
    /// A sign-in has at most two pending requests.
    TwoRequestsAtMost,
    /// A sign-in replaces a stored session when no refresh token of it is in flight.
    ReplacedWhenResponded,
    /// A listener stops with its sign-in.
    ListensForItsSignInOnly,
    /// A session is of the requested organization.
    OrganizationIsTheRequestedOne,
    /// The end of a session is announced once.
    EndIsAnnouncedOnce,
    /// The system recovers in the drain phase.
    RecoversAfterFaults,
}

impl Invariant {
    /// All rules.
    pub const ALL: &[Self] = &[
        Self::SpentOnce,
        Self::NewestIsStored,
        Self::NoSecretIsShown,
        Self::NothingOfAnotherAccount,
        Self::EndsForAReason,
        Self::EndedStaysEnded,
        Self::LockIsHeld,
        Self::UnsavedIsShown,
        Self::GivenWhenStored,
        Self::GivenWithItsConfiguration,
        Self::GivenAboutTheUser,
        Self::RefreshedInUse,
        Self::SignInAgainForAReason,
        Self::CallersGetResponses,
        Self::RequestsAreBounded,
        Self::RetryAfterIsObeyed,
        Self::OnlyWhatIsOverIsRevoked,
        Self::PreferencesChangeNothing,
        Self::LeftIsStored,
        Self::BrowserPartOfSigningOut,
        Self::OnlyWhatIsOverIsRemoved,
        Self::OwnSignInsAreRemoved,
        Self::TombstoneIsWritten,
        Self::RestIsRest,
        Self::ShownIsSent,
        Self::OwnCallbackIsTaken,
        Self::ExchangedByItsRequest,
        Self::TwoRequestsAtMost,
        Self::ReplacedWhenResponded,
        Self::ListensForItsSignInOnly,
        Self::OrganizationIsTheRequestedOne,
        Self::EndIsAnnouncedOnce,
        Self::RecoversAfterFaults,
    ];
}

/// The number of checks of each rule, in the order of [`Invariant::ALL`].
#[derive(Debug, Clone, Copy)]
pub struct Checks(pub [u64; Invariant::ALL.len()]);

impl Default for Checks {
    fn default() -> Self {
        Self([0; Invariant::ALL.len()])
    }
}

/// The state that the rules are checked with.
#[derive(Default)]
pub struct Invariants {
    /// The first violation.
    pub broken: Option<String>,
    pub checks: Checks,
    uses: BTreeMap<RefreshToken, Uses>,
    /// Sessions that a user has signed out of.
    pub signed_out: BTreeSet<usize>,
    /// Those of them whose end was shown.
    pub over: BTreeSet<usize>,
    /// The process of each sign-out, and its start: as long as it runs, it removes the record.
    pub signed_out_by: BTreeMap<usize, (usize, u32)>,
    /// Sessions that a process has stored after their sign-out in another one.
    pub stored_after_end: BTreeSet<usize>,
    /// Sessions that ended regularly.
    pub ended: BTreeSet<usize>,
    /// Sessions that were replaced in the keychain.
    pub replaced: BTreeSet<usize>,
    /// Sessions that continue in the memory of one process only: their stored records are obsolete.
    pub in_memory: BTreeSet<usize>,
    /// Sessions whose tombstone could not be written, or was lost by a crash.
    pub unnoted: BTreeSet<usize>,
    /// Those of them whose tombstone a process still has to write: the process and its start.
    pub owed: BTreeMap<usize, (usize, u32)>,
    /// The journal of this account could not be read or written at some time.
    pub without_journal: [bool; ACCOUNTS],
    /// Access tokens about another user.
    pub foreign: BTreeSet<String>,
    /// Sessions that a user has asked to sign out of.
    pub requested_sign_out: BTreeSet<usize>,
    /// Sessions that a process was signed in with.
    pub held: BTreeSet<usize>,
    newest_stored: BTreeMap<usize, u64>,
}

/// The uses of a refresh token at the environment.
#[derive(Debug, Default, Clone, Copy)]
pub struct Uses {
    processed: u32,
    /// The number of those whose response was lost.
    pub lost: u32,
    /// The number of requests with an outcome that the machine cannot know.
    unclear: u32,
}

impl Invariants {
    /// Checks a rule.
    pub fn check(&mut self, rule: Invariant, holds: bool, why: impl FnOnce() -> String) {
        self.checks.0[rule as usize] += 1;
        if !holds {
            self.broken.get_or_insert_with(|| format!("{rule:?}: {}", why()));
        }
    }

    /// Records a violation that only a defect of the model can cause.
    pub fn breaks(&mut self, what: impl Into<String>) {
        self.broken.get_or_insert(what.into());
    }

    pub fn processed(&mut self, token: RefreshToken) {
        let uses = self.uses.entry(token).or_default();
        uses.processed += 1;
        let Uses { processed, lost, .. } = *uses;
        // Without a tombstone, another process continues with the session.
        if self.unnoted.contains(&token.session) {
            return;
        }
        self.check(Invariant::SpentOnce, processed <= 1 + lost, || {
            format!("{token} was spent {processed} times, with {lost} responses lost")
        });
    }

    pub fn lost(&mut self, token: RefreshToken, was_processed: bool) {
        let uses = self.uses.entry(token).or_default();
        uses.unclear += 1;
        uses.lost += u32::from(was_processed);
    }

    pub fn uses(&self, token: RefreshToken) -> Uses {
        self.uses.get(&token).copied().unwrap_or_default()
    }

    /// Whether a response to a token of this session was lost, as far as a process can know.
    pub fn may_have_lost_response(&self, session: usize) -> bool {
        self.uses.iter().any(|(token, uses)| token.session == session && uses.unclear > 0)
    }

    /// The journal entry was written, and the token was not sent.
    pub fn noted(&mut self, token: RefreshToken) {
        self.uses.entry(token).or_default().unclear += 1;
    }

    pub fn stored(&mut self, token: RefreshToken) {
        let newest = self.newest_stored.entry(token.session).or_default();
        let before = *newest;
        *newest = before.max(token.number);
        self.check(Invariant::NewestIsStored, token.number >= before, || {
            format!("{token} was stored over number {before}")
        });
    }

    pub fn shown(&mut self, view: &SessionView) {
        let text = serde_json::to_string(view).unwrap_or_default();
        let secret = ["rt-", "at-", "code-", "eyJ"].iter().any(|secret| text.contains(secret));
        self.check(Invariant::NoSecretIsShown, !secret, || "a secret is in a view".to_owned());
    }

    /// Whether the session was ended intentionally.
    pub fn is_done(&self, session: usize) -> bool {
        self.signed_out.contains(&session)
            || self.over.contains(&session)
            || self.ended.contains(&session)
            || self.replaced.contains(&session)
    }

    pub fn journal_failed(&mut self, account: Account) {
        self.without_journal[account.0] = true;
    }
}
