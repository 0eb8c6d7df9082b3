//! The environment's hosted pages: they are opened for the signed-in user. A refresh follows a visit, and the return
//! of a user who was away.

use std::time::Duration;

use crate::{
    configuration::Configuration,
    problem::{Problem, ProblemCode},
    view::{HostedPage, Profile},
};

use crate::session::{
    account::Account,
    event::{OpenBrowserError, Operation},
    state::refresh::Refresh,
};

/// The age of the access token from which the user's return causes a refresh: the session may have been ended
/// elsewhere, or its roles changed. It limits the requests of a window that is focused often.
const MIN_AGE_FOR_CHECK: Duration = Duration::from_secs(60);

impl HostedPage {
    /// Only these two paths are documented (`authenticate/manage-users-orgs/hosted-widgets.mdx`,
    /// `authenticate/auth-methods/passkeys.mdx`); the first one links to all other pages.
    fn path(self) -> &'static str {
        match self {
            Self::Account | Self::Security | Self::Organization => "/ui/",
            Self::Passkeys => "/ui/profile/passkeys",
        }
    }
}

/// The pages that this user is offered. The environment decides what the user may do there.
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
            signed_in.page.opening(operation);
        }
    }

    pub(super) fn hosted_page_opened(
        &mut self,
        operation: Operation,
        outcome: &Result<(), OpenBrowserError>,
    ) {
        let Some(signed_in) = self.session.signed_in() else { return };
        if signed_in.page.opened(operation, outcome.is_ok())
            && let Err(OpenBrowserError(detail)) = outcome
        {
            let problem = Problem::new(ProblemCode::HostedPageNotOpened).with_detail(detail);
            signed_in.problem.get_or_insert(problem);
        }
    }

    /// New tokens contain what has changed meanwhile, on a hosted page or elsewhere, or are rejected if the session
    /// was ended there.
    pub(super) fn user_returned(&mut self) {
        self.on_retry_hint();
        let (now, conditions) = (self.now.monotonic, self.refresh_conditions());
        let Some(signed_in) = self.session.signed_in() else { return };
        signed_in.page.return_from();
        let may_begin = matches!(signed_in.refresh, Refresh::Scheduled { .. })
            && signed_in.saved.is_settled()
            && conditions.by_itself
            && conditions.reachable;
        if may_begin && signed_in.access_token_age(now) >= MIN_AGE_FOR_CHECK {
            self.refresh();
        }
    }

    /// Refreshes once after a visit. A refresh that was sent before the return does not count, and one that the
    /// environment has delayed (RFC 9110 §10.2.3) is not brought forward.
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
        if signed_in.page.needs_refresh() && may_begin {
            self.refresh();
        }
    }
}
