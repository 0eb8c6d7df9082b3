//! What the machine knows of its environment: endpoints and signing keys.

use std::time::Duration;

use super::event::Operation;
use crate::{keys::KeySet, metadata::Metadata, time::Monotonic};

/// Endpoints are asked for again at a sign-in when they are older than this.
const METADATA_AGE: Duration = Duration::from_secs(3600);

/// Keys older than this are not trusted without asking again, so that a withdrawn key dies.
const KEYS_AGE: Duration = Duration::from_secs(600);

/// Unknown key ids make the keys be fetched at most this often.
const REFETCH: Duration = Duration::from_secs(60);

/// Endpoints and keys, and what is on its way.
#[derive(Default)]
pub(super) struct Environment {
    pub(super) metadata: Option<Known<Metadata>>,
    pub(super) discovering: Option<Operation>,
    pub(super) keys: Option<Known<KeySet>>,
    pub(super) fetching_keys: Option<Operation>,
    last_refetch: Option<Monotonic>,
}

pub(super) struct Known<T> {
    pub(super) value: T,
    pub(super) since: Monotonic,
}

impl Environment {
    pub(super) fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref().map(|known| &known.value)
    }

    pub(super) fn recent_metadata(&self, now: Monotonic) -> Option<&Metadata> {
        self.metadata
            .as_ref()
            .filter(|known| now.since(known.since) < METADATA_AGE)
            .map(|known| &known.value)
    }

    pub(super) fn recent_keys(&self, now: Monotonic) -> Option<&KeySet> {
        self.keys
            .as_ref()
            .filter(|known| now.since(known.since) < KEYS_AGE)
            .map(|known| &known.value)
    }

    /// Whether an unknown key id may make the keys be fetched again; says yes once a minute.
    pub(super) fn may_refetch(&mut self, now: Monotonic) -> bool {
        let may = self.last_refetch.is_none_or(|last| now.since(last) >= REFETCH);
        if may {
            self.last_refetch = Some(now);
        }
        may
    }
}
