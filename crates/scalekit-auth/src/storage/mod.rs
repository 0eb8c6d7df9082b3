//! The stored data: the records in the keychain, and the files beside them, which contain no secret.

pub mod delete_only;
pub mod journal;
pub mod record;
pub mod tombstones;
