//! What no schedule may break, and how often each rule was judged: one that never is proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use scalekit_auth::view::SessionView;

use crate::{
    server::RefreshToken,
    settings::{ACCOUNTS, Account},
};

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// No refresh token is spent twice beyond the answers that were lost.
    SpentOnce,
    /// A newer token never gives way to an older one.
    NewestIsKept,
    /// No secret is in a view.
    NoSecretIsShown,
    /// What is kept, sent and shown is of the account whose name it bears.
    NothingOfAnotherAccount,
    /// A session ends when nothing is left to refresh it with, and says why.
    EndsForAReason,
    /// A session that is over stays over.
    StaysOver,
    /// The lock is held while a token is on its way or not kept.
    LockIsHeld,
    /// An access token is given when its refresh token is kept, or known not to be.
    GivenWhenKept,
    /// An access token belongs to the configuration that comes with it.
    GivenWithItsConfiguration,
    /// An access token is about the user who has signed in.
    GivenAboutTheUser,
    /// Where the settings say so, a session is refreshed only while somebody uses the program.
    RefreshedInUse,
    /// Another sign-in is offered when refreshing was refused again and again.
    SignInAgainForAReason,
    /// No caller waits longer than a minute.
    CallersAreAnswered,
    /// The environment is asked as seldom as promised.
    AskedSeldom,
    /// A session survives a changed preference without being read anew.
    PreferencesChangeNothing,
    /// What an account that was left had in hand is kept.
    LeftIsKept,
    /// Whoever signs out is signed out in the browser too.
    BrowserPartOfSigningOut,
    /// What is removed is over.
    OnlyWhatIsOverIsRemoved,
    /// An end that could not be written down is, when it can be.
    EndsAreNoted,
    /// The program does not end with a token on its way or not kept.
    RestIsRest,
    /// What the user was shown and agreed to is what is asked for.
    ShownIsSent,
    /// The callback that a sign-in waits for is taken.
    OwnCallbackIsTaken,
    /// A code is exchanged with the redirect URI and the verifier of its request.
    ExchangedByItsRequest,
    /// No more than two requests of one sign-in are outstanding.
    TwoRequestsAtMost,
    /// Nobody listens for a sign-in that is over.
    ListensForItsSignInOnly,
    /// A session is of the organization that was asked for.
    OrganizationIsTheOneAskedFor,
    /// The end of a session is announced once.
    EndIsAnnouncedOnce,
    /// In the end everything comes right.
    ComesRight,
}

impl Rule {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::SpentOnce,
        Self::NewestIsKept,
        Self::NoSecretIsShown,
        Self::NothingOfAnotherAccount,
        Self::EndsForAReason,
        Self::StaysOver,
        Self::LockIsHeld,
        Self::GivenWhenKept,
        Self::GivenWithItsConfiguration,
        Self::GivenAboutTheUser,
        Self::RefreshedInUse,
        Self::SignInAgainForAReason,
        Self::CallersAreAnswered,
        Self::AskedSeldom,
        Self::PreferencesChangeNothing,
        Self::LeftIsKept,
        Self::BrowserPartOfSigningOut,
        Self::OnlyWhatIsOverIsRemoved,
        Self::EndsAreNoted,
        Self::RestIsRest,
        Self::ShownIsSent,
        Self::OwnCallbackIsTaken,
        Self::ExchangedByItsRequest,
        Self::TwoRequestsAtMost,
        Self::ListensForItsSignInOnly,
        Self::OrganizationIsTheOneAskedFor,
        Self::EndIsAnnouncedOnce,
        Self::ComesRight,
    ];
}

/// How often each rule was judged, in the order of [`Rule::ALL`].
pub type Judged = [u64; Rule::ALL.len()];

/// What must be remembered to judge by the rules.
#[derive(Default)]
pub struct Rules {
    /// The first that was broken.
    pub broken: Option<String>,
    pub judged: Judged,
    uses: BTreeMap<RefreshToken, Uses>,
    /// Sessions that a user has signed out of.
    pub signed_out: BTreeSet<usize>,
    /// Those of them whose end was shown.
    pub over: BTreeSet<usize>,
    /// Sessions that ended as they should.
    pub ended: BTreeSet<usize>,
    /// Sessions that gave way to another one in the keychain.
    pub replaced: BTreeSet<usize>,
    /// Sessions that go on in the memory of one process only: what the keychain holds of them is over.
    pub in_memory: BTreeSet<usize>,
    /// Sessions whose end could not be written down.
    pub unnoted: BTreeSet<usize>,
    /// Sessions that some process has had tokens of another user for: they end there, whatever is kept.
    pub of_another: BTreeSet<usize>,
    /// Those of them that a process still has to write down: which, and its start.
    pub owed: BTreeMap<usize, (usize, u32)>,
    /// The journal of this account could not be read or written at some time.
    pub without_journal: [bool; ACCOUNTS],
    /// Access tokens about another user.
    pub foreign: BTreeSet<String>,
    /// The keys that would have shown it were not to be had.
    pub unproved: bool,
    newest_kept: BTreeMap<usize, u64>,
}

/// How often the environment has seen a refresh token.
#[derive(Debug, Default, Clone, Copy)]
pub struct Uses {
    processed: u32,
    /// Of those, how many answers nobody read.
    pub lost: u32,
    /// How many sends ended so that the machine cannot know.
    unclear: u32,
}

impl Rules {
    /// Judges by a rule.
    pub fn judge(&mut self, rule: Rule, holds: bool, why: impl FnOnce() -> String) {
        self.judged[rule as usize] += 1;
        if !holds {
            self.broken.get_or_insert_with(|| format!("{rule:?}: {}", why()));
        }
    }

    /// What can happen to a model only.
    pub fn breaks(&mut self, what: impl Into<String>) {
        self.broken.get_or_insert(what.into());
    }

    pub fn processed(&mut self, token: RefreshToken) {
        let uses = self.uses.entry(token).or_default();
        uses.processed += 1;
        let Uses { processed, lost, .. } = *uses;
        // Where its end could not be written down, another process goes on with what it has in hand.
        if self.unnoted.contains(&token.session) {
            return;
        }
        self.judge(Rule::SpentOnce, processed <= 1 + lost, || {
            format!("{token} was spent {processed} times, with {lost} answers lost")
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

    /// Whether some answer to a token of this session was lost, as far as a process can know.
    pub fn was_unclear(&self, session: usize) -> bool {
        self.uses.iter().any(|(token, uses)| token.session == session && uses.unclear > 0)
    }

    /// It was written down that the token is about to be sent, and that was the last of it.
    pub fn noted(&mut self, token: RefreshToken) {
        self.uses.entry(token).or_default().unclear += 1;
    }

    pub fn kept(&mut self, token: RefreshToken) {
        let newest = self.newest_kept.entry(token.session).or_default();
        let before = *newest;
        *newest = before.max(token.number);
        self.judge(Rule::NewestIsKept, token.number >= before, || {
            format!("{token} was kept over number {before}")
        });
    }

    pub fn shown(&mut self, view: &SessionView) {
        let text = serde_json::to_string(view).unwrap_or_default();
        let secret = ["rt-", "at-", "code-", "eyJ"].iter().any(|secret| text.contains(secret));
        self.judge(Rule::NoSecretIsShown, !secret, || "a secret is in a view".to_owned());
    }

    /// Whether the session ended by somebody's will.
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
