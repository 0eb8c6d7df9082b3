//! Starts Latchkey.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    match latchkey::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!(%why, "Latchkey could not start");
            std::process::ExitCode::FAILURE
        }
    }
}
