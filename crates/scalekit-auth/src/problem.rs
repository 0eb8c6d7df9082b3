//! What went wrong, as a user reads it.

use serde::Serialize;

/// Something that went wrong: a stable code to branch on and a sentence to read.
///
/// The sentence is ours. Text from outside stands in [`Problem::detail`] only,
/// shortened and stripped of control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// What happened, what it means and what to do, in English.
    pub message: String,
    /// What the other side said about it, if it said anything.
    pub detail: Option<String>,
}

/// The kinds of problems a user can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ProblemCode {
    /// The environment's address is not an `https` URL (or `http` to loopback).
    EnvironmentUrlInvalid,
    /// The client id is empty or has characters no client id has.
    ClientIdInvalid,
    /// The settings come from the environment variables or the administrator and cannot be changed here.
    SettingsLocked,
    /// The settings file could not be read or written.
    SettingsFile,
    /// What answered is not a Scalekit environment, or not this one.
    EnvironmentInvalid,
    /// The environment calls itself by another address, which stands in the detail.
    EnvironmentRenamed,
    /// The environment's address leads on to another one, whose origin stands in the detail.
    EnvironmentRedirects,
    /// The environment offers nobody to create an account.
    SignUpUnavailable,
    /// The environment could not be reached.
    Offline,
    /// A proxy on the way wants to be signed in to.
    ProxySignIn,
    /// The environment's certificate was refused.
    CertificateRefused,
    /// The environment answered, but not as it should: overloaded or broken.
    ServiceTrouble,
    /// The user or an administrator said no in the browser.
    AccessDenied,
    /// The environment refused the sign-in.
    SignInRefused,
    /// The user's account may not sign in to this application.
    AccountNotAllowed,
    /// The company's single sign-on is not set up right.
    ConnectionSetup,
    /// The application's registration with the environment is not right.
    ApplicationSetup,
    /// The user did not come to the end of the sign-in in the browser.
    SignInUnfinished,
    /// Nobody came back from the browser in time.
    SignInTimedOut,
    /// No browser could be opened.
    BrowserUnavailable,
    /// The link could not be copied.
    CopyFailed,
    /// The environment's answer did not pass verification.
    AnswerRejected,
    /// The link that asked for a sign-in is too old.
    InvitationExpired,
    /// The link that asked for a sign-in is for another organization than the application's.
    InvitationElsewhere,
    /// A sign-in that began outside this program went wrong there.
    InvitationFailed,
    /// This machine's clock is too far from the environment's.
    ClockWrong,
    /// The environment ended the session.
    SessionEnded,
    /// The answer to a refresh was lost, and the environment does not give it again.
    SessionInterrupted,
    /// Another process of this program keeps the session to itself.
    OtherProcess,
    /// The session belongs to another user than before.
    IdentityChanged,
    /// The keychain is locked.
    KeychainLocked,
    /// There is no keychain service.
    KeychainMissing,
    /// The keychain service has no keyring to keep anything in, and none was made.
    KeychainNotSetUp,
    /// The keychain did not answer in time.
    KeychainSlow,
    /// The keychain failed in some other way.
    KeychainFailed,
    /// A file beside the keychain, without which no session can be trusted, could not be read.
    SessionFiles,
    /// The environment gives this application no means to refresh the session.
    NotRefreshable,
    /// The environment has refused several times to refresh the session, and did not end it.
    RefreshRefused,
    /// What the keychain holds was written by a newer version.
    StoredByNewerVersion,
    /// The session could not be saved and will not survive a restart.
    NotSaved,
    /// The session is not saved yet, because another process keeps its lock.
    SaveBlocked,
    /// The keychain would not remove the session of a user who has signed out.
    NotCleared,
    /// That a session is over could not be written down for other processes.
    EndNotWritten,
    /// The same was asked for too often in a short time.
    TooOften,
    /// A call that this program does not make.
    CallRefused,
    /// The desktop gives this program's links to another one.
    LinksTaken,
    /// The desktop gives this program's links to something that may or may not be this program.
    LinksPerhapsTaken,
    /// Nothing on this computer opens this program's links.
    LinksLost,
    /// A second process cannot hand its link over to this one.
    LinksUnreachable,
}

/// So much is shown of what the other side said, in characters.
pub(crate) const MAX_DETAIL_LEN: usize = 200;

impl Problem {
    /// A problem with its own sentence.
    pub fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), detail: None }
    }

    /// Adds what the other side said, shortened to 200 characters and made harmless to print.
    #[must_use]
    pub fn with_detail(mut self, detail: impl AsRef<str>) -> Self {
        let shown: String = detail
            .as_ref()
            .chars()
            .filter(|c| !c.is_control() && !is_bidirectional_control(*c))
            .take(MAX_DETAIL_LEN)
            .collect();
        let shown = shown.trim();
        self.detail = (!shown.is_empty()).then(|| shown.to_owned());
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// Whether a character stands where it is written and can be seen.
pub(crate) fn is_readable(c: char) -> bool {
    !c.is_control()
        && !is_bidirectional_control(c)
        && !matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200D}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{FEFF}')
}

pub(crate) fn is_bidirectional_control(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_detail_is_sanitized_and_truncated() {
        for (said, shown) in [
            ("No such user", Some("No such user")),
            ("a\u{0}b\r\n\u{1b}[31mc\u{85}", Some("ab[31mc")),
            ("a\u{202e}b\u{2066}c\u{200f}d\u{61c}e", Some("abcde")),
            (" \n a \u{200e} ", Some("a")),
            ("", None),
            (" \u{202e}\n ", None),
            (&*"é".repeat(200), Some(&*"é".repeat(200))),
            (&*"é".repeat(10_000), Some(&*"é".repeat(200))),
        ] {
            let problem = Problem::new(ProblemCode::SignInRefused, "No.").with_detail(said);
            assert_eq!(problem.detail.as_deref(), shown);
            assert_eq!(problem.message, "No.");
        }
    }

    #[test]
    fn problem_display_is_message_without_detail() {
        let problem = Problem::new(ProblemCode::SignInRefused, "No.").with_detail("because");
        assert_eq!(problem.to_string(), "No.");
    }
}
