//! The view of the machine.

use crate::session::{
    account::Account,
    hosted_pages,
    state::{
        announced_end::AnnouncedEnd,
        login_prompt::{LoginPrompt, Question},
        refresh::{EndNotice, Refresh, RefreshConditions},
        session::{Session, SignedIn},
        sign_in::{Browser, Pending, SignInAttempt},
    },
};
use crate::{
    problem::Problem,
    time::Wall,
    view::{LoopbackView, Organization, Profile, RefreshView, SessionView, SignInStep},
};

impl Account {
    /// The view: that of a pending sign-in first, then of a login prompt, then of the session.
    pub(super) fn view(&self) -> SessionView {
        let links_problem = self.links_problem.as_ref();
        let known = self.provider.last_good_metadata();
        let offers_sign_up = known.is_none_or(|metadata| metadata.offers_sign_up);
        match &self.attempt {
            SignInAttempt::None => match &self.login_prompt {
                LoginPrompt::None => self.session_view(links_problem, offers_sign_up),
                LoginPrompt::Unverified(question) | LoginPrompt::Verified(question) => {
                    self.invited(question)
                }
            },
            SignInAttempt::Discovering(pending) | SignInAttempt::Saving(pending, _) => {
                self.signing_in(pending, SignInStep::Preparing, None)
            }
            SignInAttempt::AwaitingCallback(pending, browser) => {
                // An authorization response at the loopback redirect URI needs no deep link.
                let links_problem = links_problem.filter(|_| !pending.loopback.is_used());
                let in_the_way = pending.problem().or(match browser {
                    Browser::Failed(problem) => Some(problem),
                    Browser::Opening(_) | Browser::Opened | Browser::Wanted => links_problem,
                });
                self.signing_in(pending, SignInStep::WaitingForBrowser, in_the_way)
            }
            SignInAttempt::CallbackReceived(pending, _)
            | SignInAttempt::Exchanging(pending, _)
            | SignInAttempt::Verifying(pending, ..) => {
                self.signing_in(pending, SignInStep::Finishing, None)
            }
        }
    }

    fn signing_in(
        &self,
        pending: &Pending,
        step: SignInStep,
        problem: Option<&Problem>,
    ) -> SessionView {
        let waits_until = match step {
            SignInStep::WaitingForBrowser => Some(pending.waits_until.for_view()),
            SignInStep::Preparing | SignInStep::Finishing => None,
        };
        let configuration = self.configuration.as_ref();
        let is_offered = configuration.is_some_and(|one| one.loopback.is_some());
        let organization = configuration.and_then(|one| pending.hints.organization(one));
        SessionView::SigningIn {
            step,
            intent: pending.intent,
            organization: organization.map(|id| self.organization(id)),
            waits_until,
            unusable_callback: pending.unusable_callback && waits_until.is_some(),
            loopback: match (is_offered, pending.loopback.is_used()) {
                (false, _) => LoopbackView::NotConfigured,
                (true, true) => LoopbackView::Listening,
                (true, false) => LoopbackView::Offered,
            },
            problem: problem.cloned(),
        }
    }

    fn session_view(&self, links_problem: Option<&Problem>, offers_sign_up: bool) -> SessionView {
        let configuration = self.configuration.as_ref();
        let pinned = configuration.and_then(|one| one.organization.as_ref());
        match &self.session {
            Session::NotConfigured => SessionView::NotConfigured,
            Session::AwaitingSettings | Session::Starting(_) => SessionView::Starting,
            Session::Unavailable { problem, .. } => {
                SessionView::KeychainUnavailable { problem: problem.clone() }
            }
            Session::SignedOut(signed_out) => SessionView::SignedOut {
                reason: signed_out.reason,
                organization: pinned.map(|id| self.organization(id.as_str())),
                offers_sign_up,
                providers: configuration.map(|one| one.providers.clone()).unwrap_or_default(),
                problem: signed_out.problem.as_ref().or(links_problem).cloned(),
            },
            Session::SignedIn(signed_in) => self.signed_in_view(signed_in),
            Session::SigningOut { .. } => SessionView::SigningOut,
        }
    }

    fn invited(&self, question: &Question) -> SessionView {
        let (hints, present) = (&question.hints, self.session.record().map(|one| &one.profile));
        let name = |who: &Profile| who.name.clone().or_else(|| who.email.clone());
        SessionView::Invited {
            question: question.id,
            // The name of another organization than the present one is not shown: anybody may have sent the link,
            // and names can be alike.
            organization: hints
                .organization_id
                .as_deref()
                .map(|id| of_id(id, present.and_then(|profile| profile.organization.as_ref()))),
            connection: hints.connection_id.clone(),
            login_hint: hints.login_hint.clone(),
            parameters: hints.forwarded.clone(),
            signed_in_as: present.map(|who| name(who).unwrap_or_else(|| who.subject.clone())),
            problem: self.session.problem().cloned(),
        }
    }

    /// The organization with this id, that the user or the configuration has chosen. Its name is known if the user
    /// of the session is signed in to it, or was before.
    fn organization(&self, id: &str) -> Organization {
        let record = self.session.record();
        let present = record.and_then(|record| record.profile.organization.as_ref());
        let before = record.map(|record| record.organizations.as_slice()).unwrap_or_default();
        of_id(id, present.into_iter().chain(before))
    }

    fn signed_in_view(&self, signed_in: &SignedIn) -> SessionView {
        let record = &signed_in.record;
        let configuration = self.configuration.as_ref();
        let pinned = configuration.is_some_and(|one| one.organization.is_some());
        SessionView::SignedIn {
            profile: record.profile.clone(),
            stored: signed_in.saved.for_view(),
            refresh: refresh(&signed_in.refresh, self.refresh_conditions()),
            announced_end: signed_in
                .announced_end
                .and_then(AnnouncedEnd::notice)
                .map(Wall::for_view),
            sign_in_again: signed_in.refreshes.wants_another_sign_in(),
            organizations: (!pinned).then(|| record.organizations.clone()),
            pages: configuration
                .map(|configuration| hosted_pages::offered(configuration, &record.profile))
                .unwrap_or_default(),
            problem: signed_in.problem.clone(),
        }
    }
}

/// The organization with this id, by its name if it is one of these.
fn of_id<'a>(id: &str, known: impl IntoIterator<Item = &'a Organization>) -> Organization {
    let unnamed = || Organization { id: id.to_owned(), name: None, external_id: None };
    known.into_iter().find(|one| one.id == id).cloned().unwrap_or_else(unnamed)
}

fn refresh(refresh: &Refresh, conditions: RefreshConditions) -> RefreshView {
    match refresh {
        Refresh::Scheduled { shown, .. } => RefreshView::Scheduled { at: shown.for_view() },
        Refresh::AwaitingMetadata
        | Refresh::AwaitingLock(_)
        | Refresh::Journaling(..)
        | Refresh::Requested(..)
        | Refresh::AwaitingKeys(..)
        // Never shown: another account is current, or the process ends.
        | Refresh::Paused(_) => RefreshView::Refreshing,
        Refresh::Delayed { shown, problem, .. } => {
            let waits_for_network = conditions.are_awaited_by(problem);
            let retry_at = (!waits_for_network).then(|| shown.for_view());
            RefreshView::Delayed { retry_at, problem: problem.clone() }
        }
        Refresh::Impossible { shown, notice, .. } => RefreshView::Impossible {
            ends_at: shown.for_view(),
            soon: *notice == EndNotice::Given,
        },
    }
}
