//! The desktop's activation token (xdg-activation on Wayland, Startup Notification on X11), which permits to take
//! the focus: the desktop gives it to the second instance, and the primary instance has the window.
//!
//! It is sent in the argument with the program's name, which no version reads: a primary instance of an earlier
//! version decodes the same message as before, and a second instance of an earlier version sends no token.

use std::ffi::OsString;

use zeroize::Zeroizing;

/// Separates the program's name from the token.
const SEPARATOR: char = '\u{1f}';

/// The size limit of a token, in bytes. Compositors use about forty.
const MAX_TOKEN_LEN: usize = 256;

/// The environment variables with the token, the preferred one first.
const VARIABLES: [&str; 2] = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"];

/// The token that the desktop has given to this process.
#[must_use]
pub fn activation_token() -> Option<String> {
    among(|name| std::env::var_os(name))
}

fn among(value: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    let mut tokens = VARIABLES.iter().filter_map(|name| value(name)?.into_string().ok());
    tokens.find(|token| is_token(token))
}

/// The arguments with the token, as the second instance sends them.
#[must_use]
pub fn with_activation_token(mut arguments: Vec<String>, token: Option<&str>) -> Vec<String> {
    if let (Some(name), Some(token)) = (arguments.first_mut(), token.filter(|one| is_token(one))) {
        name.retain(|c| c != SEPARATOR);
        name.push(SEPARATOR);
        name.push_str(token);
    }
    arguments
}

/// The arguments without the token, and the token.
#[must_use]
pub fn split_activation_token(arguments: &[String]) -> (Zeroizing<Vec<String>>, Option<String>) {
    let mut arguments = Zeroizing::new(arguments.to_vec());
    let Some(name) = arguments.first_mut() else { return (arguments, None) };
    let Some((program, token)) = name.split_once(SEPARATOR) else { return (arguments, None) };
    let token = is_token(token).then(|| token.to_owned());
    *name = program.to_owned();
    (arguments, token)
}

fn is_token(token: &str) -> bool {
    (1..=MAX_TOKEN_LEN).contains(&token.len()) && token.chars().all(|c| matches!(c, ' '..='~'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_variables::variables;

    fn owned(arguments: &[&str]) -> Vec<String> {
        arguments.iter().map(|one| (*one).to_owned()).collect()
    }

    #[test]
    fn activation_token_of_wayland_precedes_that_of_x11() {
        let with = |pairs: &[(&str, &str)]| among(variables(pairs));
        let (wayland, x11) = (("XDG_ACTIVATION_TOKEN", "one"), ("DESKTOP_STARTUP_ID", "two"));
        assert_eq!(with(&[x11, wayland]).as_deref(), Some("one"));
        assert_eq!(with(&[x11]).as_deref(), Some("two"));
        assert_eq!(with(&[x11, (wayland.0, "")]).as_deref(), Some("two"), "not a token");
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn activation_token_round_trips_beside_the_arguments() {
        let arguments = owned(&["tool", "com.acme.tool://callback?code=1"]);
        let sent = with_activation_token(arguments.clone(), Some("gnome-shell-1_TIME42"));
        assert_eq!(sent[1..], arguments[1..]);
        let (taken, token) = split_activation_token(&sent);
        assert_eq!(*taken, arguments);
        assert_eq!(token.as_deref(), Some("gnome-shell-1_TIME42"));
    }

    #[test]
    fn handover_with_token_is_readable_for_an_earlier_version() {
        let link = "com.acme.tool://callback?code=1";
        let sent = with_activation_token(owned(&["tool", link]), Some("token"));
        let found = crate::link_among(&sent, "com.acme.tool").unwrap();
        assert_eq!(*found, link.as_bytes());
    }

    #[test]
    fn handover_of_an_earlier_version_has_no_token() {
        for arguments in [&[][..], &["tool"], &["tool", "com.acme.tool://login"]] {
            let (taken, token) = split_activation_token(&owned(arguments));
            assert_eq!((&**taken, token), (&*owned(arguments), None));
        }
    }

    #[test]
    fn activation_token_that_is_none_is_not_sent_or_taken() {
        let long = "x".repeat(MAX_TOKEN_LEN + 1);
        for token in ["", "a\nb", "a\u{1f}b", "ü", long.as_str()] {
            let sent = with_activation_token(owned(&["tool"]), Some(token));
            assert_eq!(sent, ["tool"], "{token:?}");
            let forged = owned(&[&format!("tool{SEPARATOR}{token}")]);
            let (taken, token) = split_activation_token(&forged);
            assert_eq!((taken.as_slice(), token), (&owned(&["tool"])[..], None));
        }
        assert!(with_activation_token(Vec::new(), Some("token")).is_empty());
    }
}
