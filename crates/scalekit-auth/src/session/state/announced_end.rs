//! The end of a session that the environment announces although the session can be refreshed until then.

use std::time::Duration;

use crate::{
    configuration::Configuration,
    protocol::token_response::TokenResponse,
    session::state::refresh::{END_NOTICE, EndNotice},
    time::{Monotonic, Now, Wall},
};

/// Two announcements that differ by less are about the same end: seconds are rounded, and a response takes time.
const SAME_END: Duration = Duration::from_secs(30);

/// An announced end. It ends no session: the environment does, and rejects the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnnouncedEnd {
    at: Monotonic,
    shown: Wall,
    notice: EndNotice,
}

impl AnnouncedEnd {
    /// The end that a token response announces, after an earlier one, if the configuration asks for it.
    pub(crate) fn of_token_response(
        response: &TokenResponse,
        before: Option<Self>,
        configuration: &Configuration,
        now: Now,
    ) -> Option<Self> {
        if !configuration.announced_end {
            return None;
        }
        match response.session_ends_in {
            Some(remaining) => Some(Self::of_response(remaining, before, now)),
            // RFC 6749 §6: the refresh token stays, and with it what was announced.
            None => before.filter(|_| response.refresh_token.is_none()),
        }
    }

    /// The end that a response announces, after the announcement of an earlier response.
    ///
    /// An end that a refresh does not move is shown [`END_NOTICE`] ahead. Whether a refresh moves it, as that of an idle
    /// session, is known from the second response only: until then nothing is shown.
    fn of_response(remaining: Duration, before: Option<Self>, now: Now) -> Self {
        let new = Self::first(remaining, now);
        match before {
            Some(before) if before.is_same_as(new.shown) => match before.notice {
                EndNotice::Given => before,
                EndNotice::DueAt(_) => {
                    let due = Monotonic(before.at.0.saturating_sub(END_NOTICE));
                    Self { notice: EndNotice::DueAt(due), ..before }
                }
            },
            Some(_) | None => new,
        }
    }

    /// The end of a stored session, after what this process knows of it; `None` once it has passed.
    pub(crate) fn of_record(ends: Option<Wall>, before: Option<Self>, now: Now) -> Option<Self> {
        let ends = ends?;
        let remaining = ends.since(now.wall);
        let known = before.filter(|before| before.is_same_as(ends));
        known.or_else(|| (!remaining.is_zero()).then(|| Self::first(remaining, now)))
    }

    fn first(remaining: Duration, now: Now) -> Self {
        let at = now.monotonic.after(remaining);
        Self { at, shown: now.wall_at(at), notice: EndNotice::DueAt(at) }
    }

    fn is_same_as(self, shown: Wall) -> bool {
        self.shown.since(shown).max(shown.since(self.shown)) < SAME_END
    }

    /// The time of the next change: of the notice, then of the end.
    pub(crate) fn deadline(self) -> Monotonic {
        match self.notice {
            EndNotice::DueAt(due) => due.min(self.at),
            EndNotice::Given => self.at,
        }
    }

    /// The announcement as it is now; `None` once the end has passed.
    pub(crate) fn at(self, now: Monotonic) -> Option<Self> {
        match self.notice {
            _ if self.at <= now => None,
            EndNotice::DueAt(due) if due <= now => Some(Self { notice: EndNotice::Given, ..self }),
            EndNotice::DueAt(_) | EndNotice::Given => Some(self),
        }
    }

    /// The end, once the user is to know of it.
    pub(crate) fn notice(self) -> Option<Wall> {
        match self.notice {
            EndNotice::DueAt(_) => None,
            EndNotice::Given => Some(self.shown),
        }
    }

    /// The end, for the record.
    pub(crate) fn ends(self) -> Wall {
        self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(seconds: u64) -> Now {
        let elapsed = Duration::from_secs(seconds);
        Now { monotonic: Monotonic(elapsed), wall: Wall(1_000_000).after(elapsed) }
    }

    fn announced(remaining: u64, before: Option<AnnouncedEnd>, at: u64) -> AnnouncedEnd {
        AnnouncedEnd::of_response(Duration::from_secs(remaining), before, now(at))
    }

    fn due(end: AnnouncedEnd) -> u64 {
        end.deadline().0.as_secs()
    }

    #[test]
    fn announced_end_of_one_response_only_is_not_shown() {
        let end = announced(3600, None, 0);
        assert_eq!(due(end), 3600);
        assert_eq!(end.at(now(3599).monotonic).unwrap().notice(), None);
        assert_eq!(end.at(now(3600).monotonic), None);
    }

    #[test]
    fn announced_end_that_refreshes_move_is_not_shown() {
        let mut end = announced(600, None, 0);
        for refresh in 1..100 {
            // Just before the end, as with access tokens that live as long.
            let at = refresh * 599;
            assert_eq!(end.at(now(at).monotonic).unwrap().notice(), None, "at {at}");
            end = announced(600, Some(end), at);
        }
    }

    #[test]
    fn announced_end_that_is_fixed_is_shown_once_ten_minutes_ahead() {
        let mut end = announced(3600, None, 0);
        for refresh in 1..14 {
            let at = refresh * 255;
            let before = end.at(now(at).monotonic).unwrap();
            // A second is lost to rounding now and then.
            end = announced(3600 - at - refresh % 2, Some(before), at);
            let shown = end.at(now(at).monotonic).unwrap().notice();
            assert_eq!(shown.is_some(), at >= 3000, "at {at}");
            assert_eq!(end.ends(), now(3600).wall);
        }
        assert_eq!(end.deadline().0.as_secs(), 3600);
        assert_eq!(end.at(now(3600).monotonic), None);
    }

    #[test]
    fn announced_end_of_record_is_restored_until_it_has_passed() {
        let ends = Some(now(3600).wall);
        assert_eq!(AnnouncedEnd::of_record(ends, None, now(0)), Some(announced(3600, None, 0)));
        assert_eq!(AnnouncedEnd::of_record(ends, None, now(3600)), None);
        assert_eq!(AnnouncedEnd::of_record(None, None, now(0)), None);
        let shown = announced(3599, Some(announced(3600, None, 0)), 1).at(now(3000).monotonic);
        assert!(shown.unwrap().notice().is_some());
        assert_eq!(AnnouncedEnd::of_record(ends, shown, now(3100)), shown);
    }
}
