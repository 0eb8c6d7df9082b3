//! The names of the commands, for the handler and for the build script.

/// Calls the macro `$then` with the name of each command.
macro_rules! with_command_names {
    ($then:ident) => {
        $then! {
            watch,
            sign_in,
            accept_invitation,
            decline_invitation,
            cancel_sign_in,
            open_browser_again,
            use_loopback,
            paste_link,
            copy_link,
            open_hosted_page,
            refresh,
            sign_out,
            retry,
            continue_without_keychain,
            check_links,
            self_check,
            dismiss,
        }
    };
}
