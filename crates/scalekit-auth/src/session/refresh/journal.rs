//! A refresh is journaled before its token is sent (RFC 9700 §4.14.2: a token that is used twice ends the session),
//! so that the next start knows of a response that was lost.

use crate::storage::record::RecordKind;

use crate::session::{
    account::{Account, has_bug},
    event::Operation,
    state::refresh::Refresh,
};

impl Account {
    /// How many answers to the present refresh token this process has seen lost. Where there is no journal,
    /// or one that cannot be read or written, nothing else knows.
    pub(crate) fn lost_answers(&mut self) -> u32 {
        let in_memory = has_bug!(self, LostAnswersForgottenInMemory);
        let without_journal = has_bug!(self, LostAnswersForgottenWithoutJournal);
        let broken = if self.in_memory { in_memory } else { without_journal };
        self.session.signed_in().filter(|_| !broken).map_or(0, |signed_in| signed_in.lost)
    }

    /// Writes down that the refresh token is about to be sent.
    pub(crate) fn journal_request(&mut self) {
        let seen = self.lost_answers();
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

    /// A journal that cannot be written stops nobody: the session would be lost for certain.
    pub(crate) fn journal_stored(&mut self, operation: Operation) {
        let Some(signed_in) = self.session.signed_in() else { return };
        if signed_in.journaling == Some(operation) {
            signed_in.journaling = None;
        }
        if let Refresh::Journaling(noting, lost) = signed_in.refresh
            && noting == operation
        {
            self.send_refresh_token(lost);
        }
    }

    /// The request certainly came to nothing, or its answer is here and the token is still good.
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
            signed_in.journaling = Some(operation);
        }
    }
}
