//! The user actions, and the requests of callers.

use scalekit_auth::{
    configuration::OrganizationId,
    problem::ProblemCode,
    secret::Secret,
    session::{Event, SchemeHandler, TokenRequestId},
    sign_in_request::SignInRequest,
    view::{HostedPage, LoopbackView, RefreshView, SessionView, SignInIntent, SignOutScope},
};

use super::Simulation;
use crate::{
    settings::{Account, organization},
    tokens::entropy,
};

impl Simulation<'_> {
    /// A user action at this device, mostly one that the view offers.
    pub fn user_actions(&mut self, device: usize) {
        if self.is_closed(device) {
            return self.close(device);
        }
        let Some(process) = &self.devices[device].process else { return };
        match self.rng.u8(..100) {
            _ if self.rng.u8(..100) < self.restless => return self.settings_change(device),
            0..12 => return self.wants_access_token(device),
            12..15 => return self.stray_link(device),
            15..30 => return self.anything(device),
            _ => {}
        }
        let pick = self.rng.u8(..100);
        let event = match &process.view {
            SessionView::SignedOut { .. } if pick < 80 => self.wants_to_sign_in(device),
            SessionView::SigningIn { .. } if pick < 5 => Event::CancelSignIn,
            SessionView::SigningIn { .. } if pick < 10 => Event::OpenBrowserAgain,
            SessionView::SigningIn { loopback: LoopbackView::Offered, .. } if pick < 40 => {
                self.wants_loopback(device)
            }
            SessionView::KeychainUnavailable { problem }
                if can_go_on_without(problem.code) && pick < 60 =>
            {
                self.goes_on_without_keychain(device);
                return;
            }
            SessionView::SignedIn { .. } if self.devices[device].wants_a_keyring() && pick < 40 => {
                self.goes_on_without_keychain(device);
                return;
            }
            SessionView::SignedIn { .. } if self.devices[device].is_not_saved() && pick < 15 => {
                self.goes_on_without_keychain(device);
                return;
            }
            // "Sign in again", beside the session.
            SessionView::SignedIn { refresh: RefreshView::Delayed { problem, .. }, .. }
                if problem.code == ProblemCode::RefreshRefused && pick < 60 =>
            {
                self.wants_to_sign_in(device)
            }
            SessionView::KeychainUnavailable { .. } => Event::Retry,
            SessionView::Invited { question, .. } => {
                let question = *question;
                self.decides_on_invitation(device, question, pick < 60)
            }
            SessionView::SignedIn { .. } => match pick {
                0..35 => Event::Refresh,
                35..60 => return self.wants_access_token(device),
                60..72 => self.wants_to_sign_out(device),
                72..78 => self.wants_to_sign_in(device),
                78..82 => Event::OpenHostedPage(HostedPage::Account),
                82..86 => Event::Retry,
                86..91 => Event::Dismiss,
                91..96 => Event::RetryHint,
                _ => Event::UserReturned,
            },
            _ if pick.is_multiple_of(2) => Event::UserReturned,
            _ => Event::RetryHint,
        };
        self.user_action(device, event);
    }

    pub fn goes_on_without_keychain(&mut self, device: usize) {
        self.user_action(device, Event::ContinueWithoutKeychain);
    }

    /// Several callers at a time, some with a token that a protected resource has rejected.
    fn wants_access_token(&mut self, device: usize) {
        let refuses = self.rng.u8(..3) == 0;
        for _ in 0..self.rng.u8(1..4) {
            self.call(device, refuses);
        }
    }

    pub fn call(&mut self, device: usize, refuses: bool) {
        self.calls += 1;
        let (caller, now) = (self.calls, self.now);
        let Some(process) = &mut self.devices[device].process else { return };
        process.callers.insert(caller, now);
        let rejected_token = process.last_given.clone().filter(|_| refuses).map(Secret::new);
        if rejected_token.is_some() {
            process.rates.refused();
        } else {
            process.rates.allow();
        }
        self.happens(
            device,
            Event::AccessTokenRequested { caller: TokenRequestId(caller), rejected_token },
        );
    }

    pub fn wants_to_sign_in(&mut self, device: usize) -> Event {
        let draw = self.draw_at(device);
        let request = match self.rng.u8(..8) {
            0 => SignInIntent::SignUp.into(),
            1 => SignInIntent::UseAnotherAccount.into(),
            2 | 3 => self.switch(device, draw),
            _ => SignInIntent::SignIn.into(),
        };
        Event::SignIn { request, entropy: entropy(draw) }
    }

    /// Switches to an organization, or to one that the user selects.
    fn switch(&mut self, device: usize, draw: u8) -> SignInRequest {
        let chosen = [None, Some(1), Some(2)][self.rng.usize(..3)].map(organization);
        let account = self.devices[device].process.as_ref().and_then(|process| process.account());
        let pinned = account.and_then(Account::organization).map(organization);
        if chosen.is_some() {
            self.agreed_to.insert(draw, pinned.or(chosen.clone()));
        }
        SignInRequest {
            intent: SignInIntent::SelectOrganization,
            organization_id: chosen.and_then(|id| OrganizationId::parse(&id).ok()),
            ..SignInRequest::default()
        }
    }

    fn wants_loopback(&mut self, device: usize) -> Event {
        let draw = self.draw_at(device);
        Event::UseLoopback { entropy: entropy(draw) }
    }

    fn wants_to_sign_out(&mut self, device: usize) -> Event {
        let draw = self.draw_at(device);
        let scope = if self.rng.u8(..3) == 0 {
            SignOutScope::ThisComputer
        } else {
            SignOutScope::SharedSession
        };
        if let Some(process) = &mut self.devices[device].process
            && let Some(held) = process.held()
        {
            self.invariants.signed_out.insert(held.session);
            self.invariants.requested_sign_out.insert(held.session);
            // A sign-out of this computer only must not open a page in the browser.
            if scope == SignOutScope::SharedSession {
                process.signing_out.insert(draw, held.session);
            }
        }
        Event::SignOut { scope, entropy: entropy(draw) }
    }

    fn decides_on_invitation(&mut self, device: usize, question: u32, accepts: bool) -> Event {
        if accepts {
            let draw = self.draw_at(device);
            let process = self.devices[device].process.as_ref();
            if let Some(SessionView::Invited { question: requested, organization, .. }) =
                process.map(|process| &process.view)
                && *requested == question
            {
                let shown = organization.as_ref().map(|organization| organization.id.clone());
                self.agreed_to.insert(draw, shown);
            }
            Event::AcceptInvitation { question, entropy: entropy(draw) }
        } else {
            Event::DeclineInvitation { question }
        }
    }

    /// Any event: a window may be late, and an action need not fit the view.
    pub fn anything(&mut self, device: usize) {
        let event = match self.rng.u8(..26) {
            0 => Event::CancelSignIn,
            1 => Event::OpenBrowserAgain,
            2 => Event::Retry,
            3 => Event::Dismiss,
            4 => Event::SchemeHandlerChanged(SchemeHandler::Another("another program".to_owned())),
            5 => Event::SchemeHandlerChanged(SchemeHandler::Ours),
            6 => self.decides_on_invitation(device, 1, true),
            7 => self.decides_on_invitation(device, 1, false),
            8 => self.wants_to_sign_in(device),
            9 => Event::Refresh,
            10 => Event::TimerFired,
            11 => self.wants_to_sign_out(device),
            12 => Event::ContinueWithoutKeychain,
            13 => return self.wants_access_token(device),
            14 => return self.stray_link(device),
            15 => Event::InUse(true),
            16 | 17 => Event::InUse(false),
            18 => self.wants_loopback(device),
            19 => Event::OpenHostedPage(HostedPage::Passkeys),
            20 => Event::UserReturned,
            21 => return self.stray_loopback_response(device),
            // The system may report a wrong network state for a while.
            24 => return self.report_network(device, false),
            25 => return self.report_network(device, true),
            22 => return self.pastes(device, "io.latchkey.simulated://callback?code=c&state=s"),
            _ => Event::RetryHint,
        };
        self.user_action(device, event);
    }

    pub fn user_action(&mut self, device: usize, event: Event) {
        let now = self.now;
        if let Some(process) = &mut self.devices[device].process {
            match event {
                Event::RetryHint => process.rates.on_retry_hint(),
                Event::UserReturned => {
                    process.rates.on_return(now);
                    if process.visits {
                        process.rates.attempt();
                    }
                }
                Event::Refresh | Event::Retry => process.rates.attempt(),
                _ => {}
            }
        }
        // A user who returns to the window has it in use.
        let is_back = matches!(event, Event::RetryHint | Event::UserReturned);
        let returns = matches!(event, Event::UserReturned);
        self.happens(device, event);
        if let (true, Some(process)) = (returns, &mut self.devices[device].process) {
            process.visits = false;
        }
        if is_back {
            self.happens(device, Event::InUse(true));
        }
    }

    pub fn draw_at(&mut self, device: usize) -> u8 {
        let account = self.devices[device].process.as_ref().and_then(|process| process.account());
        self.draw(account)
    }
}

/// Whether the user is asked to agree to a session in memory.
fn can_go_on_without(code: ProblemCode) -> bool {
    matches!(code, ProblemCode::KeychainMissing | ProblemCode::KeychainNotSetUp)
}
