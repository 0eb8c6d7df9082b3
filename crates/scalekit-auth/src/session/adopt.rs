//! An account takes a session over: from a sign-in, or from what is stored.

use std::time::Duration;

use crate::{
    storage::{journal::EndReason, record::SessionRecord},
    view::{Organization, Profile},
};

use crate::session::{
    account::Account,
    refresh::backoff::Backoff,
    state::{
        persistence::Persistence,
        session::{Session, SignedIn, Visit},
    },
};

/// Organizations that are remembered for one user; no more than these.
const MAX_ORGANIZATIONS: usize = 8;

/// The organizations besides the present one that this user has signed in to, the last one first. Of somebody
/// else nothing is remembered.
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
    /// A verified sign-in takes the place of whatever was there before.
    pub(super) fn signed_in(&mut self, mut record: SessionRecord) {
        if let Some(before) = self.session.record() {
            record.organizations = organizations_after(before, &record.profile);
            // Another process may still hold the one before.
            let before = before.session.clone();
            self.record_session_end(before, EndReason::User);
        }
        let remaining = record.lifetime;
        self.adopt(record, remaining);
        self.save();
    }

    /// Adopts what was kept, by this process or another.
    pub(super) fn adopt_stored(&mut self, record: SessionRecord) {
        // The wall clock may have been set back meanwhile: never longer than was given.
        let remaining = record.access_token_ends.since(self.now.wall).min(record.lifetime);
        self.adopt(record, remaining);
    }

    /// Shows the session and keeps it fresh from now on.
    pub(super) fn adopt(&mut self, record: SessionRecord, remaining: Duration) {
        let picture = record.picture_url.clone();
        let refresh = self.scheduled(&record, remaining);
        // Two processes that refresh for the same refused tokens are paced as one is.
        let same =
            self.session.signed_in().filter(|before| before.record.session == record.session);
        let refusals = same.map(|before| before.refusals).unwrap_or_default();
        self.session = Session::SignedIn(Box::new(SignedIn {
            record,
            access_token_ends: self.now.monotonic.after(remaining),
            refresh,
            saved: Persistence::Stored,
            problem: None,
            fetching_picture: None,
            refreshing: Backoff::default(),
            saving: Backoff::default(),
            journaling: None,
            refused: None,
            last_refresh: None,
            lost: 0,
            refused_in_a_row: 0,
            refusals,
            visit: Visit::None,
        }));
        self.fetch_picture(picture);
    }
}
