//! What this is built on and what it is built with, as far as the files themselves tell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod files;
mod machines;
mod manifests;
mod scripts;
mod vetted;
mod workflows;
