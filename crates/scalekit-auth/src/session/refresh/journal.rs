//! The refresh journal: a write-ahead entry before the refresh token is sent (RFC 9700 §4.14.2: reuse of a
//! token ends the session), so that the next start detects a lost response.

use crate::storage::record::RecordKind;

use crate::session::{
    account::{Account, has_bug},
    state::refresh::Refresh,
};

impl Account {
    /// The number of lost responses to the present refresh token that this process has observed. Without a
    /// readable and writable journal this is the only record.
    pub(crate) fn count_lost_responses(&mut self) -> u32 {
        let in_memory = has_bug!(self, LostResponsesNotCountedInMemory);
        let without_journal = has_bug!(self, LostResponsesNotCountedWithoutJournal);
        let broken = if self.in_memory { in_memory } else { without_journal };
        self.session
            .signed_in()
            .filter(|_| !broken)
            .map_or(0, |signed_in| signed_in.refreshes.lost_responses())
    }

    /// Writes the journal entry before the refresh token is sent.
    pub(crate) fn journal_request(&mut self) {
        let seen = self.count_lost_responses();
        let Some(token) = self.session.record().and_then(|record| record.refresh_token.as_ref())
        else {
            return;
        };
        let lost = if has_bug!(self, NoJournal) { 0 } else { self.journal.lost_responses(token) };
        let lost = lost.max(seen);
        self.journal.record_request(token, self.now.wall);
        let operation = self.store(RecordKind::Journal, self.journal.encode().into());
        self.session.set_refresh(Refresh::Journaling(operation, lost));
    }

    /// Removes the entry: the request was not processed, or its response was received and the token stays valid.
    pub(crate) fn roll_back_request(&mut self) {
        let Some(token) = self.session.record().and_then(|record| record.refresh_token.as_ref())
        else {
            return;
        };
        if self.in_memory {
            return;
        }
        self.journal.clear_request(token);
        let operation = self.store(RecordKind::Journal, self.journal.encode().into());
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.saved.journaling(operation);
        }
    }
}
