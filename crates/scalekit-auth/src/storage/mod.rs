//! What is stored: the records in the keychain, and the files beside them that hold no secret.

pub mod journal;
pub mod record;
