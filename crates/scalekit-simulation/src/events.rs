//! The names of the machine's events.

use scalekit_auth::session::Event;

/// The names of all events.
pub const EVENTS: [&str; 32] = [
    "Configured",
    "SignIn",
    "AcceptInvitation",
    "DeclineInvitation",
    "CancelSignIn",
    "OpenBrowserAgain",
    "UseLoopback",
    "LinkPasted",
    "OpenHostedPage",
    "Refresh",
    "SignOut",
    "Retry",
    "ContinueWithoutKeychain",
    "Dismiss",
    "Link",
    "HttpCompleted",
    "RetryHint",
    "UserReturned",
    "InUse",
    "Exit",
    "NetworkChanged",
    "SchemeHandlerChanged",
    "AccessTokenRequested",
    "Locked",
    "Loaded",
    "Stored",
    "Deleted",
    "BrowserOpened",
    "Listening",
    "LoopbackResponse",
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
        Event::UseLoopback { .. } => "UseLoopback",
        Event::LinkPasted(_) => "LinkPasted",
        Event::OpenHostedPage(_) => "OpenHostedPage",
        Event::Refresh => "Refresh",
        Event::SignOut { .. } => "SignOut",
        Event::Retry => "Retry",
        Event::ContinueWithoutKeychain => "ContinueWithoutKeychain",
        Event::Dismiss => "Dismiss",
        Event::Link(_) => "Link",
        Event::HttpCompleted(..) => "HttpCompleted",
        Event::RetryHint => "RetryHint",
        Event::UserReturned => "UserReturned",
        Event::InUse(_) => "InUse",
        Event::Exit => "Exit",
        Event::NetworkChanged(_) => "NetworkChanged",
        Event::SchemeHandlerChanged(_) => "SchemeHandlerChanged",
        Event::AccessTokenRequested { .. } => "AccessTokenRequested",
        Event::Locked(..) => "Locked",
        Event::Loaded(..) => "Loaded",
        Event::Stored(..) => "Stored",
        Event::Deleted(..) => "Deleted",
        Event::BrowserOpened(..) => "BrowserOpened",
        Event::Listening(..) => "Listening",
        Event::LoopbackResponse(..) => "LoopbackResponse",
        Event::PictureFetched(..) => "PictureFetched",
        Event::TimerFired => "TimerFired",
    }
}

/// Whether it is the result of an effect.
#[must_use]
pub fn is_result(event: &str) -> bool {
    [
        "HttpCompleted",
        "Locked",
        "Loaded",
        "Stored",
        "Deleted",
        "BrowserOpened",
        "Listening",
        "LoopbackResponse",
        "PictureFetched",
    ]
    .contains(&event)
}
