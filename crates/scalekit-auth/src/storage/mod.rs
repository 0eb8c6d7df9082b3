//! The stored data: the records in the keychain, and the files beside them, which contain no secret.

pub mod journal;
pub mod record;

/// Whether an entry that contains `stored` may be deleted for [`Effect::Delete`](crate::Effect::Delete) with
/// these sessions.
#[must_use]
pub fn may_delete(stored: &[u8], sessions: Option<&[journal::SessionId]>) -> bool {
    record::SessionRecord::may_be_removed(stored, sessions)
}
