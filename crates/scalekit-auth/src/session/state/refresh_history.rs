//! What has become of the refreshes of a session: attempts, lost responses and rejections.

use std::time::Duration;

use crate::session::state::backoff::Backoff;
use crate::{problem::Problem, time::Monotonic};

/// The number of unusable refresh responses in a row after which another sign-in is offered.
const MAX_UNUSABLE_RESPONSES: u32 = 3;

/// The minimum interval between a refresh and a retry hint for it: windows are focused often, and networks flap.
const RETRY_HINTS: Duration = Duration::from_secs(5);

/// The refreshes of a session so far.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct RefreshHistory {
    /// Consecutive failures.
    backoff: Backoff,
    /// The time at which the last refresh began.
    begun: Option<Monotonic>,
    /// The time at which the refresh token was sent last.
    sent: Monotonic,
    /// Whether a retry hint has arrived since the last refresh began.
    hinted: bool,
    /// The number of lost responses to the present refresh token in this process.
    lost: u32,
    /// The number of unusable responses in a row.
    unusable_in_a_row: u32,
    /// The last response was about another user, and only its refresh token is used: until a response shows this user,
    /// an opaque access token may be the other user's.
    other_subject: bool,
    /// The rejection by the environment, until the stored session has been read again.
    rejection: Option<Problem>,
}

impl RefreshHistory {
    /// Of a session that is adopted now; `before` is that of the same access token: another process has only spent the
    /// refresh token, and its response was unusable, as this process's may be.
    pub(crate) fn adopted(before: Option<&Self>, now: Monotonic) -> Self {
        let new = Self { sent: now, ..Self::default() };
        match before {
            Some(before) => Self {
                backoff: before.backoff,
                begun: before.begun,
                unusable_in_a_row: before.unusable_in_a_row,
                other_subject: before.other_subject,
                ..new
            },
            None => new,
        }
    }

    /// A refresh begins.
    pub(crate) fn begins(&mut self, now: Monotonic) {
        self.begun = Some(now);
        self.hinted = false;
    }

    /// The refresh token was sent.
    pub(crate) fn sends(&mut self, now: Monotonic) {
        self.sent = now;
    }

    /// The time at which the refresh token was sent last.
    pub(crate) fn sent_at(&self) -> Monotonic {
        self.sent
    }

    /// A retry hint has arrived. One that arrives during a request applies after that has failed.
    pub(crate) fn hint(&mut self) {
        self.hinted = true;
    }

    /// Whether a retry hint has arrived since the last refresh began.
    pub(crate) fn is_hinted(&self) -> bool {
        self.hinted
    }

    /// The time of a retry that a hint brings forward.
    pub(crate) fn hinted_retry(&self, now: Monotonic) -> Monotonic {
        self.begun.map_or(now, |begun| begun.after(RETRY_HINTS).max(now))
    }

    /// A hint has arrived, and the environment was not reached. A network has no name resolution and no routes for a
    /// second or two after it returns, so that the retries are frequent again. An environment that does not respond is
    /// no such network.
    pub(crate) fn network_returns(&mut self) {
        if self.lost == 0 {
            self.backoff = Backoff::default();
        }
    }

    /// The delay of the next retry.
    pub(crate) fn retry_delay(&mut self, rng: u64) -> Duration {
        self.backoff.next(rng)
    }

    /// The response was lost, after this number of others that earlier processes may have lost.
    pub(crate) fn lose_response(&mut self, lost: u32) {
        self.lost = lost.saturating_add(1);
    }

    /// A response to the present refresh token has arrived.
    pub(crate) fn receive_response(&mut self) {
        self.lost = 0;
    }

    /// The number of lost responses to the present refresh token in this process.
    pub(crate) fn lost_responses(&self) -> u32 {
        self.lost
    }

    /// The response cannot be used.
    pub(crate) fn count_unusable(&mut self) {
        self.unusable_in_a_row = self.unusable_in_a_row.saturating_add(1);
    }

    /// Whether responses were unusable so often that the next one is not expected to succeed.
    pub(crate) fn wants_another_sign_in(&self) -> bool {
        self.unusable_in_a_row >= MAX_UNUSABLE_RESPONSES
    }

    /// The response is about another user.
    pub(crate) fn name_other_subject(&mut self) {
        self.other_subject = true;
    }

    /// Whether the last response was about another user.
    pub(crate) fn has_other_subject(&self) -> bool {
        self.other_subject
    }

    /// The new tokens are used.
    pub(crate) fn succeed(&mut self) {
        self.backoff = Backoff::default();
        self.unusable_in_a_row = 0;
        self.other_subject = false;
    }

    /// The environment has rejected the refresh token, or the session has expired.
    pub(crate) fn reject(&mut self, problem: Problem) {
        self.rejection = Some(problem);
    }

    /// Whether a rejection has not taken effect yet.
    pub(crate) fn is_rejected(&self) -> bool {
        self.rejection.is_some()
    }

    /// The rejection, which takes effect now.
    pub(crate) fn take_rejection(&mut self) -> Option<Problem> {
        self.rejection.take()
    }
}

#[cfg(feature = "testing")]
impl RefreshHistory {
    pub(crate) fn project(&self, onto: &mut crate::session::projection::Projection<'_>) {
        onto.word(format_args!("{:?}", self.rejection.as_ref().map(|problem| problem.code)));
        onto.backoff(self.backoff);
        onto.word(format_args!("{} {}", self.lost.min(3), self.unusable_in_a_row.min(3)));
        onto.word(format_args!("{} {}", self.hinted, self.other_subject));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::ProblemCode;

    fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    #[test]
    fn refresh_history_of_same_access_token_is_carried_over() {
        let mut before = RefreshHistory::default();
        before.begins(at(5));
        (0..3).for_each(|_| before.count_unusable());
        before.name_other_subject();
        before.lose_response(0);
        before.hint();
        before.reject(Problem::new(ProblemCode::SessionEnded));
        assert!(before.retry_delay(1000) < Duration::from_secs(2));
        let mut after = RefreshHistory::adopted(Some(&before), at(7));
        assert!(after.wants_another_sign_in() && after.has_other_subject());
        assert_eq!(after.hinted_retry(at(7)), at(10));
        assert_eq!(after.retry_delay(1000), Duration::from_secs(2));
        assert!(after.sent_at() == at(7) && after.lost_responses() == 0);
        assert!(!after.is_hinted() && !after.is_rejected());
        let new = RefreshHistory::adopted(None, at(7));
        assert!(new.sent_at() == at(7) && !new.wants_another_sign_in() && !new.has_other_subject());
    }

    #[test]
    fn another_sign_in_is_wanted_after_three_unusable_responses() {
        let mut history = RefreshHistory::default();
        let wanted = [(); 3].map(|()| {
            history.count_unusable();
            history.wants_another_sign_in()
        });
        assert_eq!(wanted, [false, false, true]);
        history.name_other_subject();
        history.succeed();
        assert!(!history.wants_another_sign_in() && !history.has_other_subject());
    }

    #[test]
    fn hinted_retry_is_5s_after_the_last_refresh() {
        let mut history = RefreshHistory::default();
        assert_eq!(history.hinted_retry(at(9)), at(9));
        history.hint();
        history.begins(at(9));
        assert!(!history.is_hinted());
        assert_eq!([11, 14, 20].map(|now| history.hinted_retry(at(now))), [at(14), at(14), at(20)]);
    }

    #[test]
    fn returning_network_resets_backoff_without_lost_response() {
        for (lost, delay) in [(false, 1), (true, 2)] {
            let mut history = RefreshHistory::default();
            assert_eq!(history.retry_delay(1000), Duration::from_secs(1));
            if lost {
                history.lose_response(0);
            }
            history.network_returns();
            assert_eq!(history.retry_delay(1000), Duration::from_secs(delay));
        }
    }

    #[test]
    fn lost_responses_are_counted_until_one_arrives() {
        let mut history = RefreshHistory::default();
        history.lose_response(4);
        assert_eq!(history.lost_responses(), 5);
        history.receive_response();
        assert_eq!(history.lost_responses(), 0);
    }

    #[test]
    fn rejection_takes_effect_once() {
        let mut history = RefreshHistory::default();
        history.reject(Problem::new(ProblemCode::SessionEnded));
        assert!(history.is_rejected());
        let code = |history: &mut RefreshHistory| history.take_rejection().map(|one| one.code);
        assert_eq!(code(&mut history), Some(ProblemCode::SessionEnded));
        assert_eq!(code(&mut history), None);
    }
}
