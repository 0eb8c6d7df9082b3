//! What the machine shows of itself.

use crate::session::{
    account::Account,
    state::{
        login_prompt::{LoginPrompt, Question},
        persistence::Persistence,
        refresh::Refresh,
        session::Session,
        sign_in::{Browser, Pending, SignInAttempt},
    },
};
use crate::{
    problem::Problem,
    view::{Organization, Profile, RefreshView, SessionView, SignInStep, Stored},
};

impl Account {
    /// What to show of it.
    pub(super) fn view(&self) -> SessionView {
        let links_problem = self.links_problem.as_ref();
        let known = self.provider.last_good_metadata();
        let offers_sign_up = known.is_none_or(|metadata| metadata.offers_sign_up);
        let (session, attempt) = (&self.session, &self.attempt);
        view(session, attempt, &self.login_prompt, links_problem, offers_sign_up)
    }
}

/// A sign-in under way is shown first, then what the user is asked, then the session.
fn view(
    session: &Session,
    attempt: &SignInAttempt,
    invitation: &LoginPrompt,
    links_problem: Option<&Problem>,
    offers_sign_up: bool,
) -> SessionView {
    match attempt {
        SignInAttempt::None => match invitation {
            LoginPrompt::None => session_view(session, links_problem, offers_sign_up),
            LoginPrompt::Unverified(question) | LoginPrompt::Verified(question) => {
                let present = session.record().map(|record| &record.profile);
                invited(question, present, session.problem().cloned())
            }
        },
        SignInAttempt::Discovering(pending) | SignInAttempt::Saving(pending, _) => {
            signing_in(pending, SignInStep::Preparing, None)
        }
        SignInAttempt::AwaitingCallback(pending, browser) => signing_in(
            pending,
            SignInStep::WaitingForBrowser,
            match browser {
                Browser::Failed(problem) => Some(problem),
                Browser::Opening(_) | Browser::Opened | Browser::Wanted => links_problem,
            },
        ),
        SignInAttempt::CallbackReceived(pending, _)
        | SignInAttempt::Exchanging(pending, _)
        | SignInAttempt::Verifying(pending, ..) => signing_in(pending, SignInStep::Finishing, None),
    }
}

fn signing_in(pending: &Pending, step: SignInStep, problem: Option<&Problem>) -> SessionView {
    let waits_until = match step {
        SignInStep::WaitingForBrowser => Some(pending.waits_until.for_view()),
        SignInStep::Preparing | SignInStep::Finishing => None,
    };
    SessionView::SigningIn {
        step,
        intent: pending.intent,
        waits_until,
        unusable_callback: pending.unusable_callback && waits_until.is_some(),
        problem: problem.cloned(),
    }
}

/// The environment tells an organization's id only; its name is known where it is the one that
/// somebody is signed in to.
fn invited(
    question: &Question,
    present: Option<&Profile>,
    problem: Option<Problem>,
) -> SessionView {
    let hints = &question.hints;
    let organization = hints.organization_id.clone().map(|id| {
        let same = present.and_then(|profile| profile.organization.clone());
        let unnamed = Organization { id: id.clone(), name: None, external_id: None };
        same.filter(|organization| organization.id == id).unwrap_or(unnamed)
    });
    let name = |who: &Profile| who.name.clone().or_else(|| who.email.clone());
    SessionView::Invited {
        question: question.id,
        organization,
        connection: hints.connection_id.clone(),
        login_hint: hints.login_hint.clone(),
        parameters: hints.forwarded.clone(),
        signed_in_as: present.map(|who| name(who).unwrap_or_else(|| who.subject.clone())),
        problem,
    }
}

fn session_view(
    session: &Session,
    links_problem: Option<&Problem>,
    offers_sign_up: bool,
) -> SessionView {
    match session {
        Session::NotConfigured => SessionView::NotConfigured,
        Session::AwaitingSettings | Session::Starting(_) => SessionView::Starting,
        Session::Unavailable { problem, .. } => {
            SessionView::KeychainUnavailable { problem: problem.clone() }
        }
        Session::SignedOut(signed_out) => SessionView::SignedOut {
            reason: signed_out.reason,
            offers_sign_up,
            problem: signed_out.problem.as_ref().or(links_problem).cloned(),
        },
        Session::SignedIn(signed_in) => SessionView::SignedIn {
            profile: signed_in.record.profile.clone(),
            stored: stored(&signed_in.saved),
            refresh: refresh(&signed_in.refresh),
            sign_in_again: signed_in.wants_another_sign_in(),
            problem: signed_in.problem.clone(),
        },
        Session::SigningOut { .. } => SessionView::SigningOut,
    }
}

fn stored(saved: &Persistence) -> Stored {
    match saved {
        Persistence::Stored => Stored::Yes,
        Persistence::Unsaved(_) | Persistence::Dirty | Persistence::Storing(_) => Stored::Saving,
        Persistence::Overdue | Persistence::Failed { .. } => Stored::No,
        Persistence::InMemory => Stored::InMemory,
    }
}

fn refresh(refresh: &Refresh) -> RefreshView {
    match refresh {
        Refresh::Scheduled { shown, .. } => RefreshView::Scheduled { at: shown.for_view() },
        Refresh::AwaitingMetadata
        | Refresh::AwaitingLock(_)
        | Refresh::Journaling(..)
        | Refresh::Requested(..)
        | Refresh::AwaitingKeys(..)
        // Never shown: another account is.
        | Refresh::Paused(_) => RefreshView::Refreshing,
        Refresh::Delayed { shown, problem, .. } => {
            RefreshView::Delayed { retry_at: shown.for_view(), problem: problem.clone() }
        }
        Refresh::Impossible { shown, .. } => RefreshView::Impossible { ends_at: shown.for_view() },
    }
}
