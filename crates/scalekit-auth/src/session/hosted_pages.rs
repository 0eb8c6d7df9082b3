//! The environment's hosted pages, opened for the user who is signed in, and what they change.

use crate::{
    configuration::Configuration,
    problem::{Problem, ProblemCode},
    view::{HostedPage, Profile},
};

use crate::session::{
    account::Account,
    event::{OpenBrowserError, Operation},
    state::{refresh::Refresh, session::Visit},
};

impl HostedPage {
    /// Only these two paths are documented (`authenticate/manage-users-orgs/hosted-widgets.mdx`,
    /// `authenticate/auth-methods/passkeys.mdx`): users come from the first one to all others.
    fn path(self) -> &'static str {
        match self {
            Self::Account | Self::Security | Self::Organization => "/ui/",
            Self::Passkeys => "/ui/profile/passkeys",
        }
    }
}

/// What this user is offered. The environment decides what they may do there.
pub(super) fn offered(configuration: &Configuration, profile: &Profile) -> Vec<HostedPage> {
    let roles = profile.roles.as_deref().unwrap_or_default();
    let administers = roles.iter().any(|role| configuration.administrator_roles.contains(role));
    let mut pages = vec![HostedPage::Account, HostedPage::Passkeys, HostedPage::Security];
    if administers {
        pages.push(HostedPage::Organization);
    }
    pages
}

impl Account {
    pub(super) fn open_hosted_page(&mut self, page: HostedPage) {
        let Some(configuration) = &self.configuration else { return };
        let url = configuration.environment.at(page.path());
        if self.session.record().is_none() {
            return;
        }
        let operation = self.open_browser(url);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.opening_page = Some(operation);
        }
    }

    pub(super) fn hosted_page_opened(
        &mut self,
        operation: Operation,
        outcome: &Result<(), OpenBrowserError>,
    ) {
        let Some(signed_in) = self.session.signed_in() else { return };
        if signed_in.opening_page != Some(operation) {
            return;
        }
        signed_in.opening_page = None;
        match outcome {
            Ok(()) => signed_in.visit = Visit::Away,
            Err(OpenBrowserError(detail)) => {
                let problem = Problem::new(ProblemCode::HostedPageNotOpened).with_detail(detail);
                signed_in.problem.get_or_insert(problem);
            }
        }
    }

    /// The user is back at the window. What they have changed on a hosted page, or ended there, stands in the
    /// next tokens.
    pub(super) fn window_focused(&mut self) {
        self.on_retry_hint();
        let Some(signed_in) = self.session.signed_in() else { return };
        if signed_in.visit == Visit::Away {
            signed_in.visit = Visit::Back;
        }
    }

    /// Once after a visit. A refresh that was on its way before the return does not count, and one that the
    /// environment has put off (RFC 9110 §10.2.3) is not brought forward.
    pub(super) fn refresh_after_visit(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let may_begin = match &signed_in.refresh {
            Refresh::Scheduled { .. } => true,
            Refresh::Delayed { accepts_retry_hint, .. } => *accepts_retry_hint,
            Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => false,
        };
        if signed_in.visit == Visit::Back && may_begin {
            self.refresh();
        }
    }
}
