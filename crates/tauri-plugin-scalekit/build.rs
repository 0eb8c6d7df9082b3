//! Generates the permissions for the commands.

const COMMANDS: &[&str] = &[
    "watch",
    "sign_in",
    "accept_invitation",
    "decline_invitation",
    "cancel_sign_in",
    "open_browser_again",
    "use_loopback",
    "paste_link",
    "copy_link",
    "open_hosted_page",
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
