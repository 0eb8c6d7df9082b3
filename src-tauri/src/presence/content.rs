//! The content of tray and notification, derived from the session's views alone, without a desktop.

use scalekit_auth::{RefreshView, SessionView, SignedOutReason};

/// The content of the tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayView {
    /// The state, which the icon and the first line of the menu show.
    pub state: TrayState,
    /// The signed-in user's name.
    pub name: Option<String>,
    /// The sign-in that the menu offers.
    pub sign_in: Option<SignInOffer>,
    /// Whether the menu offers to sign out.
    pub can_sign_out: bool,
}

/// The states that the tray distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayState {
    /// The session is being loaded.
    Starting,
    /// No environment is configured.
    NotConfigured,
    /// No user is signed in.
    SignedOut,
    /// A sign-in is under way.
    SigningIn,
    /// A user is signed in.
    SignedIn,
    /// A user is signed in, and the session ends soon.
    EndsSoon,
    /// The session ended.
    Ended,
    /// The session is being deleted.
    SigningOut,
    /// The window waits for the user's decision.
    Question,
}

/// A sign-in that is offered outside of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOffer {
    /// No user is signed in.
    SignIn,
    /// A new sign-in replaces a session that ends soon or has ended.
    StaySignedIn,
}

/// The icons of the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayIcon {
    /// A key.
    SignedIn,
    /// A key that is crossed out.
    SignedOut,
    /// A key with three dots.
    Working,
    /// A key with a warning sign.
    Attention,
}

/// A user's action at the tray or the notification.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Shows the window, with the desktop's activation token.
    Open {
        /// The activation token.
        token: Option<String>,
    },
    /// Begins a sign-in.
    SignIn,
    /// Begins a sign-in from the notification.
    SignInFromNotice,
    /// Signs out.
    SignOut,
    /// Ends the application.
    Quit,
    /// The notification was closed.
    NoticeClosed,
}

impl TrayView {
    /// The tray's content for a view of the session.
    pub fn of(view: &SessionView) -> Self {
        let bare = |state| Self { state, name: None, sign_in: None, can_sign_out: false };
        match view {
            SessionView::NotConfigured => bare(TrayState::NotConfigured),
            SessionView::Starting => bare(TrayState::Starting),
            SessionView::SignedOut { reason: SignedOutReason::SessionEnded, .. } => {
                Self { sign_in: Some(SignInOffer::StaySignedIn), ..bare(TrayState::Ended) }
            }
            SessionView::SignedOut { .. } => {
                Self { sign_in: Some(SignInOffer::SignIn), ..bare(TrayState::SignedOut) }
            }
            SessionView::Invited { .. } | SessionView::KeychainUnavailable { .. } => {
                bare(TrayState::Question)
            }
            SessionView::SigningIn { .. } => bare(TrayState::SigningIn),
            SessionView::SignedIn { profile, .. } => {
                let needs_sign_in = Need::of(view).is_some();
                Self {
                    state: if needs_sign_in { TrayState::EndsSoon } else { TrayState::SignedIn },
                    name: profile.name.clone().or_else(|| profile.email.clone()),
                    sign_in: needs_sign_in.then_some(SignInOffer::StaySignedIn),
                    can_sign_out: true,
                }
            }
            SessionView::SigningOut => bare(TrayState::SigningOut),
        }
    }
}

impl TrayState {
    /// The icon of this state. The icons differ in shape, for users who do not see their colours.
    pub fn icon(self) -> TrayIcon {
        match self {
            Self::SignedIn => TrayIcon::SignedIn,
            Self::SignedOut | Self::NotConfigured => TrayIcon::SignedOut,
            Self::Starting | Self::SigningIn | Self::SigningOut => TrayIcon::Working,
            Self::EndsSoon | Self::Ended | Self::Question => TrayIcon::Attention,
        }
    }
}

/// The subject of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The session ends soon.
    EndsSoon,
    /// The session ended.
    Ended,
    /// The session cannot be refreshed for now, and another sign-in is offered beside it.
    SignInAgain,
    /// The keychain does not respond.
    KeychainUnavailable,
}

impl Notice {
    /// The sign-in that the notification offers.
    pub fn sign_in(self) -> Option<SignInOffer> {
        match self {
            Self::EndsSoon | Self::Ended | Self::SignInAgain => Some(SignInOffer::StaySignedIn),
            Self::KeychainUnavailable => None,
        }
    }
}

/// A situation that needs the user.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Need {
    /// The session ends at this time, in milliseconds since the Unix epoch.
    EndsAt(f64),
    Ended,
    SignInAgain,
    Keychain,
}

impl Need {
    fn of(view: &SessionView) -> Option<Self> {
        match view {
            SessionView::SignedIn {
                refresh: RefreshView::Impossible { ends_at, soon: true },
                ..
            }
            | SessionView::SignedIn { announced_end: Some(ends_at), .. } => {
                Some(Self::EndsAt(*ends_at))
            }
            SessionView::SignedIn { sign_in_again: true, .. } => Some(Self::SignInAgain),
            SessionView::SignedOut { reason: SignedOutReason::SessionEnded, .. } => {
                Some(Self::Ended)
            }
            SessionView::KeychainUnavailable { .. } => Some(Self::Keychain),
            SessionView::NotConfigured
            | SessionView::Starting
            | SessionView::SignedOut { .. }
            | SessionView::Invited { .. }
            | SessionView::SigningIn { .. }
            | SessionView::SignedIn { .. }
            | SessionView::SigningOut => None,
        }
    }

    fn notice(self) -> Notice {
        match self {
            Self::EndsAt(_) => Notice::EndsSoon,
            Self::Ended => Notice::Ended,
            Self::SignInAgain => Notice::SignInAgain,
            Self::Keychain => Notice::KeychainUnavailable,
        }
    }

    /// Whether an announcement of the other situation covers this one: a session that was announced to end and then
    /// ends is one situation.
    fn is_known_from(self, announced: Self) -> bool {
        self == announced
            || (self == Self::Ended && matches!(announced, Self::EndsAt(_) | Self::SignInAgain))
            || matches!((self, announced), (Self::EndsAt(_), Self::SignInAgain))
    }
}

/// A change of the notification, of which there is one at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Notify the user.
    Show(Notice),
    /// Change the text of the notification that is shown, without a new announcement.
    Replace(Notice),
    /// Close it.
    Close,
}

/// Announces each situation that needs the user once.
#[derive(Debug, Default)]
pub struct Announcer {
    /// The situation that the user knows of, from a notification or from the window in front.
    announced: Option<Need>,
    /// Whether a notification is shown.
    is_shown: bool,
}

impl Announcer {
    /// The change after this view, with the window in front or not.
    pub fn next(&mut self, view: &SessionView, in_front: bool) -> Option<Change> {
        let Some(need) = Need::of(view) else {
            // Another process may have continued the session, or it ends as announced: the result shows which.
            if is_refreshing(view) && !in_front {
                return None;
            }
            if is_settled(view) {
                self.announced = None;
            }
            return self.close();
        };
        let is_known = self.announced.is_some_and(|announced| need.is_known_from(announced));
        let is_same = self.announced == Some(need);
        self.announced = Some(need);
        // The window itself shows the situation.
        if in_front {
            return self.close();
        }
        if !is_known {
            self.is_shown = true;
            return Some(Change::Show(need.notice()));
        }
        (self.is_shown && !is_same).then_some(Change::Replace(need.notice()))
    }

    /// The notification is closed, by its user or by the desktop.
    pub fn closed(&mut self) {
        self.is_shown = false;
    }

    fn close(&mut self) -> Option<Change> {
        std::mem::take(&mut self.is_shown).then_some(Change::Close)
    }
}

/// Whether the previous situation has ended. A sign-in under way may be cancelled, and then the same end of the
/// session is still ahead, which the user knows of.
fn is_settled(view: &SessionView) -> bool {
    match view {
        _ if is_refreshing(view) => false,
        SessionView::SignedIn { .. } | SessionView::NotConfigured => true,
        SessionView::SignedOut { reason, .. } => *reason == SignedOutReason::SignedOut,
        SessionView::Starting
        | SessionView::Invited { .. }
        | SessionView::SigningIn { .. }
        | SessionView::SigningOut
        | SessionView::KeychainUnavailable { .. } => false,
    }
}

fn is_refreshing(view: &SessionView) -> bool {
    matches!(view, SessionView::SignedIn { refresh: RefreshView::Refreshing, .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use scalekit_auth::{
        LoopbackView, Problem, ProblemCode, Profile, SignInIntent, SignInStep, Stored,
    };

    fn signed_in(refresh: RefreshView, sign_in_again: bool) -> SessionView {
        SessionView::SignedIn {
            profile: Profile {
                subject: "usr_1".to_owned(),
                name: Some("Ada".to_owned()),
                email: None,
                email_verified: None,
                initials: "A".to_owned(),
                picture: None,
                organization: None,
                roles: None,
                permissions: None,
                claims: Default::default(),
            },
            stored: Stored::Yes,
            refresh,
            announced_end: None,
            sign_in_again,
            organizations: None,
            pages: Vec::new(),
            problem: None,
        }
    }

    fn well() -> SessionView {
        signed_in(RefreshView::Scheduled { at: 1.0 }, false)
    }

    fn ends(ends_at: f64, soon: bool) -> SessionView {
        signed_in(RefreshView::Impossible { ends_at, soon }, false)
    }

    fn announced(ends_at: f64) -> SessionView {
        let mut view = well();
        if let SessionView::SignedIn { announced_end, .. } = &mut view {
            *announced_end = Some(ends_at);
        }
        view
    }

    fn again() -> SessionView {
        signed_in(RefreshView::Refreshing, true)
    }

    fn signed_out(reason: SignedOutReason) -> SessionView {
        SessionView::SignedOut {
            reason,
            organization: None,
            offers_sign_up: false,
            providers: Vec::new(),
            problem: None,
        }
    }

    fn signing_in() -> SessionView {
        SessionView::SigningIn {
            step: SignInStep::WaitingForBrowser,
            intent: SignInIntent::SignIn,
            organization: None,
            waits_until: None,
            unusable_callback: false,
            loopback: LoopbackView::NotConfigured,
            problem: None,
        }
    }

    fn invited() -> SessionView {
        SessionView::Invited {
            question: 1,
            organization: None,
            connection: None,
            login_hint: None,
            parameters: Vec::new(),
            signed_in_as: None,
            problem: None,
        }
    }

    fn keychain() -> SessionView {
        SessionView::KeychainUnavailable { problem: Problem::new(ProblemCode::KeychainLocked) }
    }

    #[test]
    fn tray_view_is_derived_from_each_session_view() {
        use SignInOffer::{SignIn, StaySignedIn};
        for (view, state, name, sign_in, can_sign_out) in [
            (SessionView::NotConfigured, TrayState::NotConfigured, None, None, false),
            (SessionView::Starting, TrayState::Starting, None, None, false),
            (signed_out(SignedOutReason::Fresh), TrayState::SignedOut, None, Some(SignIn), false),
            (
                signed_out(SignedOutReason::SignInFailed),
                TrayState::SignedOut,
                None,
                Some(SignIn),
                false,
            ),
            (
                signed_out(SignedOutReason::SessionEnded),
                TrayState::Ended,
                None,
                Some(StaySignedIn),
                false,
            ),
            (invited(), TrayState::Question, None, None, false),
            (signing_in(), TrayState::SigningIn, None, None, false),
            (well(), TrayState::SignedIn, Some("Ada"), None, true),
            (ends(9.0, false), TrayState::SignedIn, Some("Ada"), None, true),
            (ends(9.0, true), TrayState::EndsSoon, Some("Ada"), Some(StaySignedIn), true),
            (again(), TrayState::EndsSoon, Some("Ada"), Some(StaySignedIn), true),
            (SessionView::SigningOut, TrayState::SigningOut, None, None, false),
            (keychain(), TrayState::Question, None, None, false),
        ] {
            let name = name.map(str::to_owned);
            let expected = TrayView { state, name, sign_in, can_sign_out };
            assert_eq!(TrayView::of(&view), expected, "{view:?}");
        }
    }

    #[test]
    fn tray_icon_differs_where_the_user_has_to_act() {
        for state in [TrayState::EndsSoon, TrayState::Ended, TrayState::Question] {
            assert_eq!(state.icon(), TrayIcon::Attention);
        }
        assert_eq!(TrayState::SignedIn.icon(), TrayIcon::SignedIn);
        assert_eq!(TrayState::SignedOut.icon(), TrayIcon::SignedOut);
        assert_eq!(TrayState::SigningIn.icon(), TrayIcon::Working);
    }

    /// The changes after these views, each with the window in front or not.
    fn changes(views: &[(SessionView, bool)]) -> Vec<Option<Change>> {
        let mut announcer = Announcer::default();
        views.iter().map(|(view, in_front)| announcer.next(view, *in_front)).collect()
    }

    #[test]
    fn session_end_is_announced_ahead_once() {
        assert_eq!(Need::of(&announced(9.0)), Need::of(&ends(9.0, true)));
        let soon = || (ends(9.0, true), false);
        assert_eq!(
            changes(&[(ends(9.0, false), false), soon(), soon(), soon()]),
            [None, Some(Change::Show(Notice::EndsSoon)), None, None]
        );
    }

    #[test]
    fn announced_end_that_comes_replaces_the_notification() {
        let ended = || (signed_out(SignedOutReason::SessionEnded), false);
        assert_eq!(
            changes(&[(ends(9.0, true), false), ended(), ended()]),
            [Some(Change::Show(Notice::EndsSoon)), Some(Change::Replace(Notice::Ended)), None]
        );
    }

    #[test]
    fn announced_end_found_by_a_refresh_is_not_announced_again() {
        let refreshing = || signed_in(RefreshView::Refreshing, false);
        let ended = || signed_out(SignedOutReason::SessionEnded);
        let soon = || (ends(9.0, true), false);
        assert_eq!(
            changes(&[soon(), (refreshing(), false), (ended(), false)]),
            [Some(Change::Show(Notice::EndsSoon)), None, Some(Change::Replace(Notice::Ended))]
        );
        assert_eq!(
            changes(&[soon(), (refreshing(), true), (ended(), false)])[1..],
            [Some(Change::Close), None]
        );
        assert_eq!(
            changes(&[soon(), (refreshing(), false), (well(), false)])[1..],
            [None, Some(Change::Close)]
        );
    }

    #[test]
    fn announced_end_after_dismissal_is_not_notified_again() {
        let mut announcer = Announcer::default();
        let soon = ends(9.0, true);
        assert_eq!(announcer.next(&soon, false), Some(Change::Show(Notice::EndsSoon)));
        announcer.closed();
        assert_eq!(announcer.next(&soon, false), None);
        assert_eq!(announcer.next(&signed_out(SignedOutReason::SessionEnded), false), None);
    }

    #[test]
    fn session_end_without_announcement_is_notified() {
        assert_eq!(
            changes(&[(well(), false), (signed_out(SignedOutReason::SessionEnded), false)]),
            [None, Some(Change::Show(Notice::Ended))]
        );
    }

    #[test]
    fn notification_is_closed_when_sign_in_begins_or_is_done() {
        for reason_is_gone in [signing_in(), well(), signed_out(SignedOutReason::SignedOut)] {
            assert_eq!(
                changes(&[(ends(9.0, true), false), (reason_is_gone.clone(), false)]),
                [Some(Change::Show(Notice::EndsSoon)), Some(Change::Close)],
                "{reason_is_gone:?}"
            );
        }
    }

    #[test]
    fn session_end_shown_by_the_window_is_not_notified_later() {
        assert_eq!(
            changes(&[(well(), true), (ends(9.0, true), true), (ends(9.0, true), false)]),
            [None, None, None]
        );
    }

    #[test]
    fn notification_is_closed_when_the_window_comes_to_the_front() {
        assert_eq!(
            changes(&[(keychain(), false), (keychain(), true), (keychain(), false)]),
            [Some(Change::Show(Notice::KeychainUnavailable)), Some(Change::Close), None]
        );
    }

    #[test]
    fn same_end_after_cancelled_sign_in_is_not_announced_again() {
        let soon = || (ends(9.0, true), false);
        assert_eq!(
            changes(&[soon(), (signing_in(), false), soon()]),
            [Some(Change::Show(Notice::EndsSoon)), Some(Change::Close), None]
        );
    }

    #[test]
    fn end_of_a_new_session_is_announced_again() {
        for between in [well(), ends(30.0, false)] {
            assert_eq!(
                changes(&[(ends(9.0, true), false), (between, false), (ends(30.0, true), false)]),
                [
                    Some(Change::Show(Notice::EndsSoon)),
                    Some(Change::Close),
                    Some(Change::Show(Notice::EndsSoon))
                ]
            );
        }
        assert_eq!(
            changes(&[(ends(9.0, true), false), (signing_in(), false), (ends(30.0, true), false)])
                [2],
            Some(Change::Show(Notice::EndsSoon))
        );
    }

    #[test]
    fn repeated_refresh_failures_are_one_notification() {
        let ended = signed_out(SignedOutReason::SessionEnded);
        assert_eq!(
            changes(&[(again(), false), (again(), false), (ended, false)]),
            [Some(Change::Show(Notice::SignInAgain)), None, Some(Change::Replace(Notice::Ended))]
        );
    }

    #[test]
    fn untrusted_link_and_failed_sign_in_are_not_notified() {
        for view in [
            invited(),
            signed_out(SignedOutReason::SignInFailed),
            signed_out(SignedOutReason::Cancelled),
            signed_out(SignedOutReason::SignedOut),
            SessionView::Starting,
        ] {
            assert_eq!(
                changes(&[(well(), false), (view.clone(), false)]),
                [None, None],
                "{view:?}"
            );
        }
    }
}
