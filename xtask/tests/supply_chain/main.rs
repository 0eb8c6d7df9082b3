//! The dependencies and the build tools, as far as the files show them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod files;
mod machines;
mod manifests;
mod scripts;
mod vetted;
mod workflows;
