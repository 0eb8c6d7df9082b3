//! The rows, with a module for each subject.

pub mod access_token;
pub mod callers;
pub mod offline;
pub mod sign_in;
pub mod verify;
