//! The start of a session from the stored entries.

use crate::{
    fingerprint::Fingerprint,
    problem::{Problem, ProblemCode},
    protocol::{
        deep_link::{self, Link},
        metadata::{self, Metadata},
    },
    storage::record::{DecodeError, RecordKind, SessionRecord, SignInRecord},
    view::SignedOutReason,
};

use crate::session::{
    account::{Account, has_bug},
    event::KeychainError,
    refresh::reload::newer,
    state::{
        backoff::Backoff,
        lock::{ReadOutcome, Readings},
        session::{Session, SignedOut},
    },
};

impl Account {
    pub(super) fn load_session(&mut self) {
        self.session = self.starting();
    }

    /// Reads the stored entries of the present configuration. Returns the state in which they are awaited.
    pub(super) fn starting(&mut self) -> Session {
        if self.configuration.is_none() {
            self.early_links.clear();
            return Session::NotConfigured;
        }
        let slots = [
            RecordKind::Session,
            RecordKind::SignIn,
            RecordKind::Journal,
            RecordKind::Ended,
            RecordKind::Endpoints,
        ];
        Session::Starting(self.read(&slots))
    }

    /// Continues after all entries have been read or have failed.
    pub(super) fn on_startup_loaded(&mut self, mut readings: Readings) {
        let journal = readings.journal();
        let ended = readings.ended();
        let stored = self.stored_endpoints(readings.take(RecordKind::Endpoints));
        self.provider.restore_metadata(stored);
        let session = match (readings.take(RecordKind::Session), ended) {
            // Without a stored session, tombstones are not needed.
            (Ok(Some(_)), Err(failure)) if !has_bug!(self, UnreadableEndedIsEmpty) => {
                let problem = failure.tombstones_problem();
                self.unavailable(problem, true);
                return;
            }
            (session, ended) => {
                self.ended.add_all(ended.unwrap_or_default());
                session
            }
        };
        match session {
            Err(failure) => {
                // Each access to a locked keychain prompts the user for a password.
                let by_itself = matches!(failure, KeychainError::Failed(_));
                self.unavailable(failure.problem(), by_itself);
                return;
            }
            Ok(None) => {
                self.session = Session::SignedOut(SignedOut::because(SignedOutReason::Fresh, None));
            }
            Ok(Some(bytes)) => match SessionRecord::decode(&bytes) {
                // The end was reported when it occurred; now only the signed-out state is shown.
                Ok(record) if self.ended.by(&record.session).is_some() => {
                    self.signed_out_elsewhere(SignedOutReason::SignedOut, None);
                    self.delete_leftover(record.session);
                }
                Ok(record) => {
                    let lost = record
                        .refresh_token
                        .as_ref()
                        .is_some_and(|token| journal.lost_responses(token) > 0);
                    self.adopt_stored(record);
                    if lost && !has_bug!(self, NoJournal) {
                        self.refresh();
                    }
                }
                Err(DecodeError::UnsupportedVersion) => {
                    self.unavailable(newer(), false);
                    return;
                }
                Err(DecodeError::Corrupt) => {
                    self.session = Session::SignedOut(SignedOut::because(
                        SignedOutReason::SessionEnded,
                        Some(damaged()),
                    ));
                }
            },
        }
        self.reading = Backoff::default();
        self.adopt_signed_out();
        match readings.take(RecordKind::SignIn) {
            Ok(Some(bytes)) => self.restore_sign_in_attempt(&bytes),
            Ok(None) => {}
            // Only a user who returns from the browser is affected.
            Err(failure) if self.has_queued_callback() => {
                self.session.sign_in_failed(failure.sign_in_problem());
            }
            Err(_) => {}
        }
        self.take_queued_links();
    }

    fn unavailable(&mut self, problem: Problem, by_itself: bool) {
        let (now, rng) = (self.now.monotonic, self.draw());
        let mut backoff = self.reading;
        let retry = by_itself.then(|| (now.after(backoff.next(rng)), backoff));
        self.session = Session::Unavailable { problem, retry };
    }

    pub(super) fn has_queued_callback(&self) -> bool {
        let Some(configuration) = &self.configuration else { return false };
        let read = |link: &[u8]| deep_link::read(link, &configuration.redirect_uris);
        self.early_links.iter().any(|link| matches!(read(link), Ok(Link::Callback(_))))
    }

    /// Resumes a sign-in after a restart. An expired one is reported if the browser has returned from it, and
    /// deleted without a report otherwise.
    fn restore_sign_in_attempt(&mut self, bytes: &[u8]) {
        let record = match SignInRecord::decode(bytes) {
            Ok(record) => record,
            Err(DecodeError::UnsupportedVersion) => return,
            Err(DecodeError::Corrupt) => {
                self.delete_sign_in();
                return;
            }
        };
        // The entry could not be deleted after the sign-in was complete.
        let nonce = Fingerprint::of_nonce(&record.binding.nonce);
        self.stored_sign_ins.push(nonce.clone());
        if self.session.record().is_some_and(|session| session.came_of(&nonce)) {
            self.delete_sign_in();
            return;
        }
        let has_queued_callback =
            self.early_links.iter().any(|link| self.is_response_to(link, &record));
        if self.resume_attempt(record) {
            return;
        }
        if has_queued_callback {
            self.sign_in_failed(Problem::new(ProblemCode::SignInTimedOut));
        } else {
            self.delete_sign_in();
        }
    }

    fn is_response_to(&self, link: &[u8], record: &SignInRecord) -> bool {
        let Some(configuration) = &self.configuration else { return false };
        match deep_link::read(link, &configuration.redirect_uris) {
            Ok(Link::Callback(callback)) => record.binding.state.matches(callback.state.expose()),
            Ok(Link::SignedOut { .. } | Link::InitiateLogin(_) | Link::UnusableCallback)
            | Err(_) => false,
        }
    }

    fn stored_endpoints(&self, read: ReadOutcome) -> Option<Metadata> {
        let environment = &self.configuration.as_ref()?.environment;
        metadata::parse_stored(environment, &read.ok().flatten()?)
    }

    /// Restores the signed-out state after the stored entries have been read again and contain no session.
    pub(super) fn adopt_signed_out(&mut self) {
        let Some(before) = self.left_signed_out.take() else { return };
        if let Session::SignedOut(signed_out) = &mut self.session
            && signed_out.problem.is_none()
        {
            let uncleared = signed_out.uncleared.take();
            *signed_out = SignedOut { uncleared, ..before };
        }
    }
}

fn damaged() -> Problem {
    Problem::new(ProblemCode::StoredSessionDamaged)
}
