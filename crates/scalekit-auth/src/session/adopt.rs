//! The adoption of a session by an account: from a sign-in or from storage.

use std::time::Duration;

use crate::{
    fingerprint::SessionId,
    storage::record::SessionRecord,
    view::{Organization, Profile},
};

use crate::session::{
    account::{Account, has_bug},
    state::{
        announced_end::AnnouncedEnd,
        persistence::Persistence,
        refresh::Refresh,
        refresh_history::RefreshHistory,
        session::{Session, SignedIn},
    },
};

/// The correction of the wall clock, such as by a time server, that leaves a stored access token usable.
const MAX_SET_BACK: Duration = Duration::from_secs(60);

/// The maximum number of organizations that are stored for a user.
const MAX_ORGANIZATIONS: usize = 8;

/// The user's previous organizations, the last one first, without the present one. Those of another user are
/// discarded.
fn organizations_after(before: &SessionRecord, profile: &Profile) -> Vec<Organization> {
    if before.profile.subject != profile.subject {
        return Vec::new();
    }
    let present = profile.organization.as_ref().map(|one| &one.id);
    let mut all: Vec<Organization> = Vec::new();
    for one in before.profile.organization.iter().chain(&before.organizations) {
        if Some(&one.id) != present && all.iter().all(|known| known.id != one.id) {
            all.push(one.clone());
        }
    }
    all.truncate(MAX_ORGANIZATIONS);
    all
}

impl Account {
    /// A verified sign-in replaces the previous session, if any.
    pub(super) fn signed_in(&mut self, mut record: SessionRecord) {
        let mut replaced = Vec::new();
        if let Some(before) = self.session.signed_in() {
            record.organizations = organizations_after(&before.record, &record.profile);
            replaced = before.saved.take_replaced();
            replaced.push(before.record.session.clone());
        } else if self.session.has_pending_deletion() {
            replaced = self.clearing.clone();
        }
        let remaining = record.access_token_ends.since(self.now.wall);
        if has_bug!(self, RevokesTheReplacedSession) {
            self.revoke_all();
        }
        let refresh = self.scheduled_after_response(&record, remaining);
        self.adopt(record, remaining, refresh, replaced);
        self.save();
        // A session that is not stored replaces them immediately.
        if self.in_memory {
            self.record_replaced();
        }
    }

    /// Adopts a stored session, written by this process or another one.
    pub(super) fn adopt_stored(&mut self, record: SessionRecord) {
        let remaining = record.access_token_ends.since(self.now.wall);
        // The wall clock was set back since the token was received, so its end is unknown.
        let is_set_back =
            record.refresh_token.is_some() && remaining > record.lifetime + MAX_SET_BACK;
        let remaining = if is_set_back { Duration::ZERO } else { remaining.min(record.lifetime) };
        let refresh = self.scheduled(&record, remaining);
        self.adopt(record, remaining, refresh, Vec::new());
    }

    /// Makes this the current session, with this refresh, in place of these.
    fn adopt(
        &mut self,
        record: SessionRecord,
        remaining: Duration,
        refresh: Refresh,
        replaced: Vec<SessionId>,
    ) {
        let picture = record.picture_url.clone();
        // A sign-in may return another session of the same user that ends at the same time: its end was shown.
        let known_end = self
            .session
            .record()
            .filter(|before| before.profile.subject == record.profile.subject)
            .filter(|_| !has_bug!(self, AnnouncesAgain))
            .and_then(|_| self.session.announced_end());
        // The rejections of a session are counted across adoptions, so that two processes are delayed as one is.
        let same =
            self.session.signed_in().filter(|before| before.record.session == record.session);
        let is_shown = self.configuration.as_ref().is_some_and(|one| one.announced_end);
        let ends = record.announced_end.filter(|_| is_shown);
        let announced_end = AnnouncedEnd::of_record(ends, known_end, self.now);
        let refusals = same.as_ref().map(|before| before.refusals).unwrap_or_default();
        let unchanged = same
            .as_ref()
            .filter(|_| !has_bug!(self, BackoffResetByAdoption))
            .filter(|before| before.record.access_token.matches(record.access_token.expose()));
        let before = unchanged.map(|before| &before.refreshes);
        let refreshes = RefreshHistory::adopted(before, self.now.monotonic);
        // A visit to a hosted page continues, regardless of which process has refreshed the session.
        let page = same.map(|before| before.page).unwrap_or_default();
        self.session = Session::SignedIn(Box::new(SignedIn {
            record,
            announced_end,
            access_token_ends: self.now.monotonic.after(remaining),
            refresh,
            saved: Persistence::replacing(replaced),
            problem: None,
            fetching_picture: None,
            refreshes,
            refusals,
            page,
        }));
        self.fetch_picture(picture);
    }
}
