//! The actions of the exhaustive search.

use scalekit_auth::{
    secret::Secret,
    session::{Event, ListenError, LockError, Network, TokenRequestId},
    storage::record::RecordKind,
    view::{LoopbackView, SessionView, SignInIntent, SignOutScope},
};

use super::{
    bench::{Bench, Settings, now},
    keychain::Failing,
    model::{Holder, Listener, Model, Process, Waiting, Work},
};
use crate::tokens::entropy;

/// An action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A process is started.
    Start(u8),
    /// It crashes: its pending operations are lost.
    Crash(u8),
    /// The next operation in its queue of the keychain and the files is performed.
    Work(u8),
    /// The same, and the process crashes before it receives the result.
    WorkUnheard(u8),
    /// It fails.
    Refuses(u8),
    /// It is performed, and the result is a timeout.
    Slow(u8),
    /// A request arrives and is processed; one that does not change the environment gets its response at once.
    Arrives(u8),
    /// Its response arrives.
    Responds(u8),
    /// The response is lost.
    Lost(u8),
    /// The request is not processed, which the process cannot know.
    Failing(u8),
    /// No connection is established.
    Unreachable(u8),
    /// The response is about another user.
    Another(u8),
    /// A request of a crashed process never arrives.
    Vanishes(u8),
    /// A process that waits for a lock acquires it.
    Grant(u8),
    /// Another program acquires the lock of the first account, or releases it.
    OtherProgramLocks,
    OtherProgramUnlocks,
    /// The browser shows a page, and redirects from it.
    Page(u8),
    /// A listener at a loopback redirect URI starts, or fails to.
    Listens(u8),
    ListensNot(u8),
    /// The user requests the loopback redirect URI in addition.
    UseLoopback(u8),
    /// The network is lost and this is reported, or it returns.
    NetworkGoes,
    NetworkComes,
    /// Time advances to the next deadline.
    Time,
    /// The computer sleeps for hours.
    Sleep,
    /// An administrator ends a session.
    Administrator(u8),
    SignIn(u8),
    SignOut(u8),
    Refresh(u8),
    Want(u8),
    WantInstead(u8),
    Configure(u8, Settings),
    Retry(u8),
    GoOn(u8),
}

/// The timeout of the HTTP client and of the keychain, in milliseconds.
const HTTP_TIMEOUT: u64 = 20_000;
/// A duration after which the metadata, the keys and the tokens have expired.
const SLEEP: u64 = 2 * 3600 * 1000;

const KEYCHAIN_TIMEOUT: u64 = 15_000;

impl Model {
    /// All actions that are possible now.
    pub fn acts(&self) -> Vec<Act> {
        let mut acts = Vec::with_capacity(16);
        self.deliveries(&mut acts);
        let budget = self.budget;
        if budget.faults > 0 {
            self.faults(&mut acts);
        }
        if budget.another > 0 {
            let requested = (0..).zip(&self.requests);
            let open = requested.filter(|(_, one)| one.is_refresh() && one.reply.is_none());
            acts.extend(open.map(|(number, _)| Act::Another(number)));
        }
        if budget.absences > 0 && !self.absent {
            acts.push(Act::NetworkGoes);
        }
        if budget.times > 0 && self.next_time().is_some() {
            acts.push(Act::Time);
        }
        if budget.sleeps > 0 && self.is_quiet() {
            acts.push(Act::Sleep);
        }
        for (process, one) in self.numbered() {
            if let Some(one) = one {
                if budget.crashes > 0 {
                    acts.push(Act::Crash(process));
                    if !one.work.is_empty() {
                        acts.push(Act::WorkUnheard(process));
                    }
                }
                self.user_actions(process, one, &mut acts);
            } else if self.lives[usize::from(process)] > 0 {
                acts.push(Act::Start(process));
            }
        }
        if budget.administrators > 0 {
            let live = (0..).zip(&self.server.sessions).filter(|(_, session)| !session.ended);
            acts.extend(live.map(|(session, _)| Act::Administrator(session)));
        }
        acts
    }

    /// The completion of pending operations.
    pub fn deliveries(&self, acts: &mut Vec<Act>) {
        for (process, one) in self.numbered() {
            if one.is_some_and(|one| !one.work.is_empty()) {
                acts.push(Act::Work(process));
            }
        }
        for (number, request) in (0..).zip(&self.requests) {
            acts.push(if request.reply.is_some() {
                Act::Responds(number)
            } else {
                Act::Arrives(number)
            });
            if self.lives[request.process] != request.life {
                acts.push(Act::Vanishes(number));
            }
        }
        for (number, (_, _, account)) in (0..).zip(&self.waiters) {
            if !self.locks.contains_key(account) {
                acts.push(Act::Grant(number));
            }
        }
        acts.extend((0..).zip(&self.pages).map(|(number, _)| Act::Page(number)));
        let starting = (0..).zip(&self.listeners).filter(|(_, one)| !one.listens);
        acts.extend(starting.map(|(number, _)| Act::Listens(number)));
        if self.absent {
            acts.push(Act::NetworkComes);
        }
        if self.locks.values().any(|holder| *holder == Holder::OtherProgram) {
            acts.push(Act::OtherProgramUnlocks);
        }
    }

    fn is_quiet(&self) -> bool {
        let working = self.processes.iter().flatten().any(|one| !one.work.is_empty());
        !working && self.requests.is_empty() && self.waiters.is_empty()
    }

    fn faults(&self, acts: &mut Vec<Act>) {
        for (process, one) in self.numbered() {
            match one.and_then(|one| one.work.front()) {
                Some((_, Work::Load(_, entry))) if entry.kind != RecordKind::Endpoints => {
                    acts.push(Act::Refuses(process));
                }
                Some((_, Work::Store(_, entry, _) | Work::Clear(_, entry, _))) => {
                    match entry.kind {
                        RecordKind::Session => {
                            acts.extend([Act::Refuses(process), Act::Slow(process)])
                        }
                        RecordKind::Journal | RecordKind::SignIn => {
                            acts.push(Act::Refuses(process))
                        }
                        RecordKind::Ended | RecordKind::Endpoints => {}
                    }
                }
                Some((_, Work::Append(..))) => acts.push(Act::Refuses(process)),
                Some((_, Work::Load(..) | Work::Release(..))) | None => {}
            }
        }
        for (number, request) in (0..).zip(&self.requests) {
            if self.lives[request.process] != request.life || request.reply.is_some() {
                continue;
            }
            acts.extend([Act::Unreachable(number), Act::Failing(number)]);
            if request.changes_something() {
                acts.push(Act::Lost(number));
            }
        }
        let starting = (0..).zip(&self.listeners).filter(|(_, one)| !one.listens);
        acts.extend(starting.map(|(number, _)| Act::ListensNot(number)));
        if self.computer.locks && self.computer.keychain && self.locks.is_empty() {
            acts.push(Act::OtherProgramLocks);
        }
    }

    /// The user actions that the view of this process offers.
    fn user_actions(&self, process: u8, one: &Process, acts: &mut Vec<Act>) {
        let budget = self.budget;
        match &one.view {
            SessionView::SignedOut { .. } => {
                if budget.sign_ins > 0 {
                    acts.push(Act::SignIn(process));
                }
            }
            SessionView::SignedIn { .. } => {
                if budget.sign_ins > 0 {
                    acts.push(Act::SignIn(process));
                }
                if budget.sign_outs > 0 {
                    acts.push(Act::SignOut(process));
                }
                if budget.refreshes > 0 {
                    acts.push(Act::Refresh(process));
                }
                if budget.callers > 0 {
                    acts.push(Act::Want(process));
                }
                if budget.refused > 0 && one.holding.is_some() {
                    acts.push(Act::WantInstead(process));
                }
            }
            SessionView::KeychainUnavailable { .. } => acts.extend([Act::Retry(process)]),
            SessionView::SigningIn { loopback: LoopbackView::Offered, .. } => {
                if budget.loopbacks > 0 {
                    acts.push(Act::UseLoopback(process));
                }
            }
            SessionView::NotConfigured
            | SessionView::Starting
            | SessionView::Invited { .. }
            | SessionView::SigningIn { .. }
            | SessionView::SigningOut => {}
        }
        if budget.settings > 0 {
            let others = [Settings::First, Settings::Preference, Settings::Other];
            let others = others.into_iter().filter(|other| *other != one.settings);
            acts.extend(others.map(|other| Act::Configure(process, other)));
        } else if one.settings == Settings::Other {
            // The user returns to the first settings.
            acts.push(Act::Configure(process, Settings::First));
        }
    }

    fn numbered(&self) -> impl Iterator<Item = (u8, Option<&Process>)> {
        (0..).zip(self.processes.iter().map(Option::as_ref))
    }

    /// The next deadline, unless a pending operation must complete before.
    pub fn next_time(&self) -> Option<u64> {
        let processes = self.processes.iter().flatten();
        let wakes = processes.clone().filter_map(|one| one.wakes_at);
        let wakes = wakes.map(|at| u64::try_from(at.0.as_millis()).unwrap_or(u64::MAX));
        let callers = processes.clone().flat_map(|one| &one.callers).map(super::invariants::bound);
        // A timer is never early.
        let next = wakes.chain(callers).min()?.saturating_add(1).max(self.now);
        let requests = self.requests.iter().map(|one| one.sent + HTTP_TIMEOUT);
        let work = processes.filter_map(|one| one.work.front());
        let work = work.map(|(since, _)| since + KEYCHAIN_TIMEOUT);
        let last = requests.chain(work).min();
        (last.is_none_or(|last| next <= last)).then_some(next)
    }

    /// Performs the action.
    pub fn act(&mut self, bench: &Bench<'_>, act: Act) {
        self.pay(act);
        match act {
            Act::Start(process) => self.start(bench, process.into()),
            Act::Crash(process) => self.crash(bench, process.into()),
            Act::Work(process) => self.work(bench, process.into(), None, true),
            Act::WorkUnheard(process) => {
                self.work(bench, process.into(), None, false);
                self.crash(bench, process.into());
            }
            Act::Refuses(process) => {
                self.work(bench, process.into(), Some(Failing::NotDone), true);
            }
            Act::Slow(process) => self.work(bench, process.into(), Some(Failing::Done), true),
            Act::Arrives(number) => self.arrives(bench, number.into(), false),
            Act::Another(number) => self.arrives(bench, number.into(), true),
            Act::Responds(number) => self.responds(bench, number.into()),
            Act::Lost(number) | Act::Failing(number) | Act::Unreachable(number) => {
                self.fails(bench, number.into(), act);
            }
            Act::Vanishes(number) => drop(self.requests.remove(number.into())),
            Act::Grant(number) => {
                let (process, operation, account) = self.waiters.remove(number.into());
                let outcome = if self.computer.locks {
                    self.locks.insert(account, Holder::Process(process, operation));
                    Ok(())
                } else {
                    Err(LockError::Unsupported(String::new()))
                };
                self.happens(bench, process, Event::Locked(operation, outcome));
            }
            Act::OtherProgramLocks => {
                self.locks.insert(bench.account(Settings::First), Holder::OtherProgram);
            }
            Act::OtherProgramUnlocks => {
                self.locks.retain(|_, holder| *holder != Holder::OtherProgram)
            }
            Act::Page(number) => self.page(bench, number.into()),
            Act::Listens(number) => self.listens(bench, number.into(), true),
            Act::ListensNot(number) => self.listens(bench, number.into(), false),
            Act::UseLoopback(process) => {
                let entropy = entropy(self.draw());
                self.happens(bench, process.into(), Event::UseLoopback { entropy });
            }
            Act::NetworkGoes => self.network_changes(bench, Network::Absent),
            Act::NetworkComes => self.network_changes(bench, Network::Present),
            Act::Time => self.time(bench),
            Act::Sleep => {
                self.now += SLEEP;
                self.wake(bench);
            }
            Act::Administrator(session) => {
                let session = &mut self.server.sessions[usize::from(session)];
                session.ended = true;
                session.ended_by_administrator = true;
            }
            Act::SignIn(process) => {
                let entropy = entropy(self.draw());
                let event = Event::SignIn { request: SignInIntent::SignIn.into(), entropy };
                self.happens(bench, process.into(), event);
            }
            Act::SignOut(process) => {
                let entropy = entropy(self.draw());
                if let Some(one) = &mut self.processes[usize::from(process)] {
                    one.leaving = one.session;
                    self.invariants.signed_out.extend(one.session);
                }
                self.happens(
                    bench,
                    process.into(),
                    Event::SignOut { scope: SignOutScope::SharedSession, entropy },
                );
            }
            Act::Refresh(process) => {
                self.happens(bench, process.into(), Event::Refresh);
            }
            Act::Want(process) => self.want(bench, process.into(), false),
            Act::WantInstead(process) => self.want(bench, process.into(), true),
            Act::Configure(process, settings) => {
                self.configure(bench, process.into(), settings);
            }
            Act::Retry(process) => self.happens(bench, process.into(), Event::Retry),
            Act::GoOn(process) => {
                self.happens(bench, process.into(), Event::ContinueWithoutKeychain);
            }
        }
    }

    fn pay(&mut self, act: Act) {
        let budget = &mut self.budget;
        let of = match act {
            Act::Crash(_) | Act::WorkUnheard(_) => &mut budget.crashes,
            Act::Refuses(_)
            | Act::Slow(_)
            | Act::Lost(_)
            | Act::Failing(_)
            | Act::Unreachable(_)
            | Act::ListensNot(_)
            | Act::OtherProgramLocks => &mut budget.faults,
            Act::UseLoopback(_) => &mut budget.loopbacks,
            Act::NetworkGoes => &mut budget.absences,
            Act::Another(_) => &mut budget.another,
            Act::Time => &mut budget.times,
            Act::Sleep => &mut budget.sleeps,
            Act::Administrator(_) => &mut budget.administrators,
            Act::SignIn(_) => &mut budget.sign_ins,
            Act::SignOut(_) => &mut budget.sign_outs,
            Act::Refresh(_) => &mut budget.refreshes,
            Act::Want(_) => &mut budget.callers,
            Act::WantInstead(_) => &mut budget.refused,
            Act::Configure(..) => &mut budget.settings,
            Act::Start(_)
            | Act::Work(_)
            | Act::Arrives(_)
            | Act::Responds(_)
            | Act::Vanishes(_)
            | Act::Grant(_)
            | Act::OtherProgramUnlocks
            | Act::Page(_)
            | Act::Listens(_)
            | Act::NetworkComes
            | Act::Retry(_)
            | Act::GoOn(_) => return,
        };
        *of = of.saturating_sub(1);
    }

    fn draw(&mut self) -> u8 {
        self.draws += 1;
        self.draws
    }

    fn listens(&mut self, bench: &Bench<'_>, number: usize, can: bool) {
        let Listener { process, operation, .. } = self.listeners[number];
        let outcome = if can {
            self.listeners[number].listens = true;
            Ok(49_152)
        } else {
            self.listeners.remove(number);
            Err(ListenError(String::new()))
        };
        self.happens(bench, process, Event::Listening(operation, outcome));
    }

    fn network_changes(&mut self, bench: &Bench<'_>, network: Network) {
        self.absent = network == Network::Absent;
        for process in 0..self.processes.len() {
            self.happens(bench, process, Event::NetworkChanged(network));
        }
    }

    fn want(&mut self, bench: &Bench<'_>, process: usize, refused: bool) {
        self.calls += 1;
        let (caller, since) = (self.calls, self.now);
        let Some(one) = &mut self.processes[process] else { return };
        one.callers.push(Waiting { caller, since, refused });
        let token = one.holding.filter(|_| refused).map(|token| self.server.access_token(token));
        let rejected_token = token.map(Secret::new);
        let event = Event::AccessTokenRequested { caller: TokenRequestId(caller), rejected_token };
        self.happens(bench, process, event);
    }

    fn configure(&mut self, bench: &Bench<'_>, process: usize, settings: Settings) {
        let configuration = bench.configuration(settings).clone();
        if let Some(one) = &mut self.processes[process] {
            one.settings = settings;
        }
        self.happens(bench, process, Event::Configured(Some(configuration)));
    }

    fn start(&mut self, bench: &Bench<'_>, process: usize) {
        self.lives[process] += 1;
        self.processes[process] = Some(Process::new(bench.machine()));
        self.configure(bench, process, Settings::First);
        if self.absent {
            self.happens(bench, process, Event::NetworkChanged(Network::Absent));
        }
    }

    fn time(&mut self, bench: &Bench<'_>) {
        let Some(next) = self.next_time() else { return };
        self.now = next;
        self.wake(bench);
    }

    fn wake(&mut self, bench: &Bench<'_>) {
        let due = now(self.now).monotonic;
        for process in 0..self.processes.len() {
            let wakes_at = self.processes[process].as_ref().and_then(|one| one.wakes_at);
            if wakes_at.is_some_and(|at| at <= due) {
                self.happens(bench, process, Event::TimerFired);
            }
        }
        self.check_callers();
    }
}
