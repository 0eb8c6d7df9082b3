//! Starts Latchkey.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

/// Wipes whatever is given back. Secrets are wiped by their own types; this takes care of the copies
/// that other crates make of them: addresses, bodies, buffers, messages to the keychain.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> std::process::ExitCode {
    match latchkey::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!(%why, "Latchkey could not start");
            std::process::ExitCode::FAILURE
        }
    }
}
