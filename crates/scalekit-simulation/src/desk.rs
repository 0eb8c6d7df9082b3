//! A process of the program, and what it has asked for.

use std::collections::{BTreeMap, VecDeque};

use scalekit_auth::{
    journal::SessionId,
    machine::{Effect, Event, Machine, Operation},
    record::{SessionRecord, Slot},
    time::{Monotonic, Now, Wall},
    view::SessionView,
};
use zeroize::Zeroizing;

use crate::server::RefreshToken;

/// Where a process runs. It may be started many times.
#[derive(Default)]
pub struct Desk {
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
    /// The keychain and the files: one thing after the other.
    pub work: VecDeque<Work>,
    /// The server's session that the machine has in hand.
    pub session: Option<usize>,
    /// The session that the person is signing out of.
    pub leaving: Option<usize>,
    /// The refresh token that the machine has in hand.
    pub holding: Option<RefreshToken>,
    /// The last one that it had of each session.
    pub newest: BTreeMap<usize, RefreshToken>,
    /// A session that was over when it was read.
    pub read_after_its_end: Option<usize>,
    /// A token whose refusal was read, until the session is removed.
    pub refused: Option<RefreshToken>,
    /// The keychain has not taken the newest token, and the machine knows.
    pub unsaved: bool,
    pub callers_waiting: Vec<u64>,
}

/// Something to be done with what is kept.
#[derive(Debug)]
pub enum Work {
    Load(Operation, Slot),
    Store(Operation, Slot, Zeroizing<Vec<u8>>),
    Append(Operation, Slot, Vec<u8>),
    Clear(Operation, Slot, Option<SessionId>),
    Release(Operation),
}

impl Process {
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            wakes_at: None,
            view: SessionView::Starting,
            work: VecDeque::new(),
            session: None,
            leaving: None,
            holding: None,
            newest: BTreeMap::new(),
            read_after_its_end: None,
            refused: None,
            unsaved: false,
            callers_waiting: Vec::new(),
        }
    }

    pub fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        self.machine.step(event, now)
    }
}

impl Desk {
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
pub fn kept_token(bytes: &[u8]) -> Option<RefreshToken> {
    let record = SessionRecord::decode(bytes).ok()?;
    RefreshToken::parse(record.refresh_token?.expose())
}
