//! Starts Latchkey.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

/// Wipes memory when it is freed. Secrets are wiped by their own types; this also wipes the copies that other
/// crates make of them: URIs, bodies, buffers, messages to the keychain.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    latchkey::run()
}
