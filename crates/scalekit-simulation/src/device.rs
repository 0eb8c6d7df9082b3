//! A process of the program, and what it has asked for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use scalekit_auth::{
    session::{Effect, Event, Machine, Operation},
    storage::{
        journal::SessionId,
        record::{RecordKind, SessionRecord},
    },
    time::{Monotonic, Now, Wall},
    view::{SessionView, Stored},
};
use zeroize::Zeroizing;

use crate::{
    rates::Rates,
    server::{Hand, RefreshToken},
    settings::{ACCOUNTS, Account, Settings},
};

/// Where a process runs. It may be started many times.
#[derive(Default)]
pub struct Device {
    pub process: Option<Process>,
    pub starts: u32,
    /// How far this computer's wall clock is off, in milliseconds.
    pub skew: i64,
}

/// A running process.
pub struct Process {
    pub machine: Machine,
    pub wakes_at: Option<Monotonic>,
    pub view: SessionView,
    /// What it was told last.
    pub settings: Option<Settings>,
    /// The keychain and the files: one thing after the other.
    pub work: VecDeque<Work>,
    /// What the machine has in hand, of the current account and of those that were left.
    pub hands: BTreeMap<Account, Hand>,
    /// The last token that it had of each session.
    pub newest: BTreeMap<usize, RefreshToken>,
    /// Sessions that the user is signing out of, by the draw of their `state`.
    pub signing_out: BTreeMap<u8, usize>,
    /// Sessions that an answer about another user came for.
    pub foreign: BTreeSet<usize>,
    pub of_account: [OfAccount; ACCOUNTS],
    /// Who waits for an access token, and since when.
    pub callers: BTreeMap<u64, u64>,
    pub last_given: Option<String>,
    pub rates: Rates,
    /// Whether it was told last that somebody uses it.
    pub in_use: bool,
    /// Whether the user is at one of the environment's pages.
    pub visits: bool,
    /// The organization that the sign-in under way asked for first, where this process has begun it.
    pub asked: Option<Option<u8>>,
    /// The session whose end was announced last.
    pub announced: Option<usize>,
    /// The access token at hand that was judged last, and the settings it was judged with.
    pub judged_at_hand: Option<(String, Option<Settings>)>,
    /// In the present step.
    pub step: InStep,
}

/// What is remembered of one account in a process.
#[derive(Default, Clone)]
pub struct OfAccount {
    /// Sessions that were over when what is kept was read.
    pub over_when_read: BTreeSet<usize>,
    /// A session that was over when it was read.
    pub read_after_its_end: Option<usize>,
    /// A token whose refusal was read, until the session is removed.
    pub refused: Option<RefreshToken>,
    /// The keychain has not taken the newest token, and the machine knows.
    pub unsaved: bool,
    /// The keychain had no keyring to take the newest token into, and the machine knows.
    pub no_keyring: bool,
    /// The user has agreed that nothing is kept.
    pub in_memory: bool,
    /// Since new tokens came last, something has called for a refresh: use, a caller, the user, or the policy.
    pub called_for: bool,
    /// How many answers to a refresh were of no use since new tokens came last.
    pub useless_answers: u32,
}

/// What a step has asked for, for rules that look at the whole step.
#[derive(Default)]
pub struct InStep {
    pub read_session: bool,
    pub unlocked: Vec<Account>,
}

/// Something to be done with what is kept.
#[derive(Debug)]
pub enum Work {
    Load(Operation, Account, RecordKind),
    Store(Operation, Account, RecordKind, Zeroizing<Vec<u8>>),
    Append(Operation, Account, RecordKind, Vec<u8>),
    Clear(Operation, Account, RecordKind, Option<SessionId>),
    Release(Operation),
}

impl Process {
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            wakes_at: None,
            view: SessionView::Starting,
            settings: None,
            work: VecDeque::new(),
            hands: BTreeMap::new(),
            newest: BTreeMap::new(),
            signing_out: BTreeMap::new(),
            foreign: BTreeSet::new(),
            of_account: Default::default(),
            callers: BTreeMap::new(),
            last_given: None,
            rates: Rates::default(),
            in_use: false,
            visits: false,
            asked: None,
            announced: None,
            judged_at_hand: None,
            step: InStep::default(),
        }
    }

    pub fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        self.step = InStep::default();
        self.calls_for_refresh(&event);
        self.machine.step(event, now)
    }

    /// What a refresh may follow from, where it does not come by itself.
    fn calls_for_refresh(&mut self, event: &Event) {
        if let Event::InUse(in_use) = event {
            self.in_use = *in_use;
        }
        let asked = matches!(
            event,
            Event::Refresh
                | Event::Retry
                | Event::ContinueWithoutKeychain
                | Event::AccessTokenRequested { .. }
        );
        let returns = matches!(event, Event::WindowFocused) && self.visits;
        let by_itself = self.settings.is_some_and(|settings| !settings.while_in_use());
        // What is delayed was called for when it began, and is not complete though tokens have come: the keys to verify
        // them have not.
        let delayed = || {
            self.machine.situations().next().is_some_and(|one| one.session == "SignedIn.Delayed")
        };
        if (asked || returns || by_itself || self.in_use || !self.callers.is_empty() || delayed())
            && let Some(account) = self.account()
        {
            self.of(account).called_for = true;
        }
    }

    /// An answer was lost in a process before, and it is asked for again.
    pub fn reads_a_lost_answer(&mut self, account: Account) {
        self.of(account).called_for = true;
    }

    /// New tokens of this account have come.
    pub fn refreshed(&mut self, account: Account) {
        let of = self.of(account);
        of.useless_answers = 0;
        of.called_for = false;
    }

    /// Whether the session is left alone until somebody uses the program.
    pub fn is_idle(&self) -> bool {
        !self.in_use && self.settings.is_some_and(Settings::while_in_use)
    }

    pub fn account(&self) -> Option<Account> {
        self.settings.map(|settings| settings.account)
    }

    /// What is in hand of the account that is shown.
    pub fn hand(&self) -> Option<Hand> {
        self.hands.get(&self.account()?).copied()
    }

    pub fn of(&mut self, account: Account) -> &mut OfAccount {
        &mut self.of_account[account.0]
    }
}

impl Device {
    /// Whether the session that is shown is not kept for want of a keyring.
    pub fn wants_a_keyring(&self) -> bool {
        self.process.as_ref().is_some_and(|process| {
            let of = process.account().map(|account| &process.of_account[account.0]);
            matches!(process.view, SessionView::SignedIn { stored: Stored::No, .. })
                && of.is_some_and(|of| of.unsaved && of.no_keyring)
        })
    }

    /// The time as this computer shows it.
    pub fn now(&self, milliseconds: u64) -> Now {
        let true_time = crate::world::wall(milliseconds);
        Now {
            monotonic: Monotonic(std::time::Duration::from_millis(milliseconds)),
            wall: Wall(true_time + self.skew),
        }
    }
}

/// The refresh token of a kept session.
pub fn stored_token(bytes: &[u8]) -> Option<RefreshToken> {
    let record = SessionRecord::decode(bytes).ok()?;
    RefreshToken::parse(record.refresh_token?.expose())
}
