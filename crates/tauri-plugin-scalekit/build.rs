//! Generates the permissions for the commands.

const COMMANDS: &[&str] = &[
    "watch",
    "sign_in",
    "accept_invitation",
    "decline_invitation",
    "cancel_sign_in",
    "open_browser_again",
    "copy_link",
    "refresh",
    "sign_out",
    "retry",
    "continue_without_keychain",
    "check_links",
    "self_check",
    "dismiss",
];

fn main() {
    tauri_plugin::Builder::new(COMMANDS).build();
}
