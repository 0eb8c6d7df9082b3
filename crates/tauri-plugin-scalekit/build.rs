//! Generates the permissions for the commands.

#[macro_use]
#[path = "src/command_names.rs"]
mod command_names;

macro_rules! quoted {
    ($($command:ident,)+) => { &[$(stringify!($command),)+] };
}

const COMMANDS: &[&str] = with_command_names!(quoted);

fn main() {
    tauri_plugin::Builder::new(COMMANDS).build();
}
