//! The events of a machine by name.

use scalekit_auth::session::Event;

/// Everything that can happen to a machine.
pub const EVENTS: [&str; 24] = [
    "Configured",
    "SignIn",
    "AcceptInvitation",
    "DeclineInvitation",
    "CancelSignIn",
    "OpenBrowserAgain",
    "Refresh",
    "SignOut",
    "Retry",
    "ContinueWithoutKeychain",
    "Dismiss",
    "Link",
    "HttpCompleted",
    "RetryHint",
    "InUse",
    "SchemeHandlerChanged",
    "AccessTokenRequested",
    "Locked",
    "Loaded",
    "Stored",
    "Deleted",
    "BrowserOpened",
    "PictureFetched",
    "TimerFired",
];

/// One of [`EVENTS`].
#[must_use]
pub fn name(event: &Event) -> &'static str {
    match event {
        Event::Configured(_) => "Configured",
        Event::SignIn { .. } => "SignIn",
        Event::AcceptInvitation { .. } => "AcceptInvitation",
        Event::DeclineInvitation { .. } => "DeclineInvitation",
        Event::CancelSignIn => "CancelSignIn",
        Event::OpenBrowserAgain => "OpenBrowserAgain",
        Event::Refresh => "Refresh",
        Event::SignOut { .. } => "SignOut",
        Event::Retry => "Retry",
        Event::ContinueWithoutKeychain => "ContinueWithoutKeychain",
        Event::Dismiss => "Dismiss",
        Event::Link(_) => "Link",
        Event::HttpCompleted(..) => "HttpCompleted",
        Event::RetryHint => "RetryHint",
        Event::InUse(_) => "InUse",
        Event::SchemeHandlerChanged(_) => "SchemeHandlerChanged",
        Event::AccessTokenRequested { .. } => "AccessTokenRequested",
        Event::Locked(..) => "Locked",
        Event::Loaded(..) => "Loaded",
        Event::Stored(..) => "Stored",
        Event::Deleted(..) => "Deleted",
        Event::BrowserOpened(..) => "BrowserOpened",
        Event::PictureFetched(..) => "PictureFetched",
        Event::TimerFired => "TimerFired",
    }
}

/// Whether it is the result of an effect.
#[must_use]
pub fn is_result(event: &str) -> bool {
    ["HttpCompleted", "Locked", "Loaded", "Stored", "Deleted", "BrowserOpened", "PictureFetched"]
        .contains(&event)
}
