//! The keychain, the files and the lock, and their failures.

use scalekit_auth::{
    fingerprint::SessionId,
    secret::Secret,
    session::{Event, KeychainError, Operation},
    storage::{
        delete_only::DeleteOnly,
        journal::Journal,
        record::{RecordKind, SignInRecord},
    },
};
use zeroize::Zeroizing;

use super::Simulation;
use crate::{
    device::{Work, stored_token},
    invariants::Invariant,
    server::RefreshToken,
    settings::{ACCOUNTS, Account},
};

/// The stored entries of each account: two in the keychain and three files.
#[derive(Default)]
pub struct Storage {
    entries: [[Option<Vec<u8>>; 5]; ACCOUNTS],
    tokens: [Option<RefreshToken>; ACCOUNTS],
}

/// The state of the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeychainState {
    Good,
    Locked,
    /// It performs operations, but the results arrive after the timeout.
    Slow,
    Missing,
    /// There is a service without a keyring.
    NotSetUp,
    Failing,
}

/// The state of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileState {
    pub cannot_be_read: bool,
    pub cannot_be_written: bool,
}

/// The state of all storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageState {
    pub keychain: KeychainState,
    pub journal: FileState,
    pub ended: FileState,
    pub endpoints: FileState,
}

/// The impairment for the whole schedule, including the drain phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impairment {
    Good,
    NoKeychain,
    /// A keychain service without a keyring; the user creates none.
    NoKeyring,
    JournalCannotBeRead,
    JournalCannotBeWritten,
    FullDisk,
    /// The home folder supports no lock. Only one process runs then.
    NoLock,
}

impl Impairment {
    pub fn some(rng: &mut fastrand::Rng) -> Self {
        match rng.u8(..21) {
            0 | 1 => Self::NoKeychain,
            6 => Self::NoKeyring,
            2 => Self::JournalCannotBeRead,
            3 => Self::JournalCannotBeWritten,
            4 => Self::FullDisk,
            5 => Self::NoLock,
            _ => Self::Good,
        }
    }
}

impl StorageState {
    /// The best state with this impairment.
    pub fn of(standing: Impairment) -> Self {
        let unwritable = FileState { cannot_be_written: true, ..FileState::default() };
        let unreadable = FileState { cannot_be_read: true, ..FileState::default() };
        let good = Self {
            keychain: KeychainState::Good,
            journal: FileState::default(),
            ended: FileState::default(),
            endpoints: FileState::default(),
        };
        match standing {
            Impairment::Good | Impairment::NoLock => good,
            Impairment::NoKeychain => Self { keychain: KeychainState::Missing, ..good },
            Impairment::NoKeyring => Self { keychain: KeychainState::NotSetUp, ..good },
            Impairment::JournalCannotBeRead => Self { journal: unreadable, ..good },
            Impairment::JournalCannotBeWritten => Self { journal: unwritable, ..good },
            Impairment::FullDisk => {
                Self { journal: unwritable, ended: unwritable, endpoints: unwritable, ..good }
            }
        }
    }

    fn file(&mut self, kind: RecordKind) -> Option<&mut FileState> {
        match kind {
            RecordKind::Session | RecordKind::SignIn => None,
            RecordKind::Journal => Some(&mut self.journal),
            RecordKind::Ended => Some(&mut self.ended),
            RecordKind::Endpoints => Some(&mut self.endpoints),
        }
    }
}

impl Storage {
    fn entry(&mut self, account: Account, kind: RecordKind) -> &mut Option<Vec<u8>> {
        &mut self.entries[account.0][kind as usize]
    }

    fn read(&self, account: Account, kind: RecordKind) -> Option<Zeroizing<Vec<u8>>> {
        self.entries[account.0][kind as usize].clone().map(Zeroizing::new)
    }

    fn write(&mut self, account: Account, kind: RecordKind, bytes: Option<Vec<u8>>) {
        if kind == RecordKind::Session {
            self.tokens[account.0] = bytes.as_deref().and_then(stored_token);
        }
        *self.entry(account, kind) = bytes;
    }

    /// The stored refresh token.
    pub fn token(&self, account: Account) -> Option<RefreshToken> {
        self.tokens[account.0]
    }

    pub fn journal(&self, account: Account) -> Option<&[u8]> {
        self.entries[account.0][RecordKind::Journal as usize].as_deref()
    }
}

impl Simulation<'_> {
    pub fn moods_change(&mut self) {
        let keychain = [
            KeychainState::Good,
            KeychainState::Good,
            KeychainState::Locked,
            KeychainState::Slow,
            KeychainState::Missing,
            KeychainState::NotSetUp,
            KeychainState::Failing,
        ];
        let standing = StorageState::of(self.standing);
        let unreadable = FileState { cannot_be_read: true, ..FileState::default() };
        let unwritable = FileState { cannot_be_written: true, ..FileState::default() };
        if self.rng.u8(..4) == 0 {
            let [journal, ended, endpoints] = match self.rng.u8(..3) {
                0 => [unwritable; 3],
                1 => [FileState::default(), unreadable, FileState::default()],
                _ => [standing.journal, standing.ended, standing.endpoints],
            };
            self.storage_state = StorageState { journal, ended, endpoints, ..self.storage_state };
        } else if self.rng.bool() {
            if !matches!(self.standing, Impairment::NoKeychain | Impairment::NoKeyring) {
                self.storage_state.keychain = keychain[self.rng.usize(..keychain.len())];
            }
        } else {
            let slots = [RecordKind::Journal, RecordKind::Ended, RecordKind::Endpoints];
            let kind = slots[self.rng.usize(..slots.len())];
            let seldom = if kind == RecordKind::Ended { 2 } else { 3 };
            let (read, write) = (self.rng.u8(..seldom) == 0, self.rng.u8(..3) == 0);
            if let Some(file) = self.storage_state.file(kind) {
                *file = FileState { cannot_be_read: read, cannot_be_written: write };
            }
            if self.rng.u8(..3) == 0 {
                self.storage_state =
                    StorageState { keychain: self.storage_state.keychain, ..standing };
            }
        }
        let storage_state = self.storage_state;
        self.note(|| format!("{storage_state:?}"));
    }

    /// Performs the next operation in the queue of a process, and delivers the result or crashes the process.
    pub fn work(&mut self, device: usize) {
        let process = self.devices[device].process.as_mut();
        let Some(work) = process.and_then(|process| process.work.pop_front()) else { return };
        let event = match work {
            Work::Release(operation) => {
                self.release(device, operation);
                return;
            }
            Work::Load(operation, account, kind) => {
                Event::Loaded(operation, self.load(device, account, kind))
            }
            Work::Store(operation, account, kind, bytes) => {
                Event::Stored(operation, self.store(device, account, kind, &bytes))
            }
            Work::Append(operation, account, kind, line) => {
                Event::Stored(operation, self.append(device, account, kind, &line))
            }
            Work::Clear(operation, account, kind, only) => {
                Event::Deleted(operation, self.clear(device, account, kind, &only))
            }
        };
        if !self.drain_phase && self.rng.u16(..300) == 0 {
            self.crash(device);
        } else {
            self.happens(device, event);
        }
    }

    fn release(&mut self, device: usize, operation: Operation) {
        let held = self.locks.iter_mut().find(|lock| **lock == Some((device, operation)));
        match held {
            Some(lock) => *lock = None,
            None => self.invariants.breaks("a lock was given back that nobody had"),
        }
    }

    fn load(
        &mut self,
        device: usize,
        account: Account,
        kind: RecordKind,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        if let Some(failure) = self.failure(account, kind, false) {
            return Err(failure);
        }
        if kind == RecordKind::Session {
            self.session_is_read(device, account);
        }
        if matches!(kind, RecordKind::Session | RecordKind::Journal) {
            let journal = Journal::read(self.stored.journal(account));
            let stored = self.stored.token(account);
            let lost =
                stored.is_some_and(|one| journal.lost_responses(&Secret::new(one.to_string())) > 0);
            if let Some(process) = self.devices[device].process.as_mut().filter(|_| lost) {
                process.reads_lost_response(account);
            }
        }
        let stored = self.stored.read(account, kind);
        if kind == RecordKind::SignIn {
            self.sign_in_is_known(device, account, stored.as_ref().map(|stored| stored.as_slice()));
        }
        Ok(stored)
    }

    /// Records what a process could know when it read the stored entries.
    fn session_is_read(&mut self, device: usize, account: Account) {
        let session = self.stored.token(account).map(|token| token.session);
        let over = session.filter(|session| self.invariants.over.contains(session));
        let all_over = self.invariants.over.clone();
        if let Some(process) = &mut self.devices[device].process {
            // It is read only where no newer one is to be stored.
            process.of(account).unsaved = false;
            let is_dropped = process.of(account).left_while_reading;
            process.of(account).read_after_its_end = over.filter(|_| !is_dropped);
            process.of(account).over_when_read = all_over;
        }
    }

    fn store(
        &mut self,
        device: usize,
        account: Account,
        kind: RecordKind,
        bytes: &[u8],
    ) -> Result<(), KeychainError> {
        let failure = self.failure(account, kind, true);
        let token = if kind == RecordKind::Session { stored_token(bytes) } else { None };
        if kind == RecordKind::SignIn {
            self.check_sign_in_stored(account, bytes);
            self.sign_in_is_known(device, account, Some(bytes));
        }
        if let Some(token) = token {
            let owner = self.server.account(token.session);
            self.invariants.check(
                Invariant::NothingOfAnotherAccount,
                owner == Some(account),
                || format!("{token} was stored for {account}"),
            );
        }
        if does_it(failure.as_ref()) {
            let before = self.stored.token(account);
            self.stored.write(account, kind, Some(bytes.to_vec()));
            if let Some(token) = token {
                let before = before.map(|before| before.session);
                let replaced = before.filter(|before| *before != token.session);
                self.invariants.replaced.extend(replaced);
                // The tombstone follows when the store is acknowledged, and a crash may come before.
                if let Some(process) = &mut self.devices[device].process {
                    process.replaced.extend(replaced);
                }
                self.invariants.unnoted.extend(replaced.filter(|_| failure.is_some()));
                self.invariants.stored(token);
                if self.invariants.over.contains(&token.session) {
                    self.invariants.stored_after_end.insert(token.session);
                    self.read_before_it_came_back(account, token.session);
                }
            }
        }
        if kind == RecordKind::Session
            && let Some(process) = &mut self.devices[device].process
        {
            if process.of(account).unsaved && failure.is_none() {
                process.rates.allow();
            }
            process.of(account).unsaved = failure.is_some();
            process.of(account).no_keyring = matches!(failure, Some(KeychainError::NotSetUp(_)));
        }
        failure.map_or(Ok(()), Err)
    }

    fn check_sign_in_stored(&mut self, account: Account, bytes: &[u8]) {
        let owner = self.draw_of(bytes).and_then(|draw| self.drawn_for[usize::from(draw)]);
        self.invariants.check(Invariant::NothingOfAnotherAccount, owner == Some(account), || {
            format!("a sign-in of {owner:?} was stored for {account}")
        });
    }

    /// Each process that has read an ended session removes that record, and not the one that is stored now.
    fn read_before_it_came_back(&mut self, account: Account, session: usize) {
        for process in self.devices.iter_mut().filter_map(|device| device.process.as_mut()) {
            process.of(account).read_after_its_end.take_if(|read| *read == session);
        }
    }

    /// The process has stored or read this pending sign-in.
    fn sign_in_is_known(&mut self, device: usize, account: Account, stored: Option<&[u8]>) {
        let draw = stored.and_then(|stored| self.draw_of(stored));
        if let Some(process) = &mut self.devices[device].process {
            process.of(account).sign_ins.extend(draw);
        }
    }

    fn draw_of(&self, sign_in: &[u8]) -> Option<u8> {
        let record = SignInRecord::decode(sign_in).ok()?;
        self.machines.tokens.draw_of(record.binding.nonce.expose())
    }

    fn append(
        &mut self,
        device: usize,
        account: Account,
        kind: RecordKind,
        line: &[u8],
    ) -> Result<(), KeychainError> {
        let failure = self.failure(account, kind, true);
        let named: Option<(SessionId, serde_json::Value)> = serde_json::from_slice(line).ok();
        let session = named.and_then(|(name, _)| self.server.session_of(&name));
        if let Some(failure) = failure {
            // Another process does not know of the rejection by the environment.
            let process = self.devices[device].process.as_mut();
            if let Some(token) = process.and_then(|process| process.of(account).refused) {
                self.invariants.lost(token, true);
            }
            let by = (device, self.devices[device].starts);
            self.invariants.unnoted.extend(session);
            // The sign-out page may have been opened before the write failed.
            self.invariants.over.retain(|over| Some(*over) != session);
            self.invariants.owed.extend(session.map(|session| (session, by)));
            if self.rng.bool() {
                // A full disk stores a part of the line.
                let fits = self.rng.usize(..line.len().max(1));
                self.stored.entry(account, kind).get_or_insert_default().extend(&line[..fits]);
            }
            return Err(failure);
        }
        if let Some(session) = session {
            self.invariants.owed.remove(&session);
            if let Some(process) = &mut self.devices[device].process {
                process.replaced.remove(&session);
            }
        }
        self.stored.entry(account, kind).get_or_insert_default().extend(line);
        Ok(())
    }

    fn clear(
        &mut self,
        device: usize,
        account: Account,
        kind: RecordKind,
        only: &DeleteOnly,
    ) -> Result<(), KeychainError> {
        let failure = self.failure(account, kind, true);
        let stored = self.stored.read(account, kind);
        let is_permitted = stored.as_ref().is_none_or(|stored| only.permits(stored));
        if does_it(failure.as_ref()) && is_permitted {
            if kind == RecordKind::SignIn
                && let Some(draw) = stored.and_then(|stored| self.draw_of(&stored))
            {
                let own = self.devices[device]
                    .process
                    .as_mut()
                    .map(|process| process.of(account).sign_ins.contains(&draw));
                self.invariants.check(Invariant::OwnSignInsAreRemoved, own != Some(false), || {
                    format!("{account} deletes the sign-in of another process")
                });
            }
            if kind == RecordKind::Session
                && let Some(token) = self.stored.token(account)
            {
                self.check_removed(token);
            }
            self.stored.write(account, kind, None);
        }
        if kind == RecordKind::Session
            && failure.is_none()
            && let Some(process) = &mut self.devices[device].process
        {
            process.of(account).refused = None;
        }
        failure.map_or(Ok(()), Err)
    }

    /// Another process may have signed in since.
    fn check_removed(&mut self, token: RefreshToken) {
        let done = self.invariants.is_done(token.session)
            || self.invariants.in_memory.contains(&token.session);
        let live = self.server.is_live(token);
        self.invariants.check(Invariant::OnlyWhatIsOverIsRemoved, done || !live, || {
            format!("{token} was removed, and its session is not over")
        });
    }

    fn failure(
        &mut self,
        account: Account,
        kind: RecordKind,
        writes: bool,
    ) -> Option<KeychainError> {
        let failure = match self.storage_state.file(kind) {
            Some(FileState { cannot_be_read: true, .. }) if !writes => Some("EIO"),
            Some(FileState { cannot_be_written: true, .. }) if writes => Some("ENOSPC"),
            Some(_) => None,
            None => return self.keychain_failure(),
        };
        if failure.is_some() && kind == RecordKind::Journal {
            self.invariants.journal_failed(account);
        }
        self.faults += u64::from(failure.is_some());
        failure.map(|why| KeychainError::Failed(why.to_owned()))
    }

    fn keychain_failure(&mut self) -> Option<KeychainError> {
        let failure = match self.storage_state.keychain {
            KeychainState::Good => None,
            KeychainState::Locked => Some(KeychainError::Locked(String::new())),
            KeychainState::Slow => Some(KeychainError::Slow),
            KeychainState::Missing => Some(KeychainError::Missing(String::new())),
            KeychainState::NotSetUp => Some(KeychainError::NotSetUp(String::new())),
            KeychainState::Failing => Some(KeychainError::Failed(String::new())),
        };
        self.faults += u64::from(failure.is_some());
        failure
    }
}

/// A slow keychain has performed the operation whose result is late.
fn does_it(failure: Option<&KeychainError>) -> bool {
    matches!(failure, None | Some(KeychainError::Slow))
}
