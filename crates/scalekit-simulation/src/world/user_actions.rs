//! What the user wants, and those who need access tokens.

use scalekit_auth::{
    problem::ProblemCode,
    secret::Secret,
    session::{Event, SchemeHandler, TokenRequestId},
    view::{RefreshView, SessionView, SignInIntent, SignOutScope},
};

use super::Simulation;
use crate::tokens::entropy;

impl Simulation<'_> {
    /// An action of the user at this device, mostly of those that make sense there.
    pub fn user_actions(&mut self, device: usize) {
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
            // "Sign in again", beside the session.
            SessionView::SignedIn { refresh: RefreshView::Delayed { problem, .. }, .. }
                if problem.code == ProblemCode::RefreshRefused && pick < 60 =>
            {
                self.wants_to_sign_in(device)
            }
            SessionView::KeychainUnavailable { .. } => Event::Retry,
            SessionView::Invited { question, .. } => {
                let question = *question;
                self.answers_invitation(device, question, pick < 60)
            }
            SessionView::SignedIn { .. } => match pick {
                0..35 => Event::Refresh,
                35..60 => return self.wants_access_token(device),
                60..72 => self.wants_to_sign_out(device),
                72..80 => self.wants_to_sign_in(device),
                80..86 => Event::Retry,
                86..91 => Event::Dismiss,
                _ => Event::RetryHint,
            },
            _ => Event::RetryHint,
        };
        self.user_action(device, event);
    }

    pub fn goes_on_without_keychain(&mut self, device: usize) {
        self.user_action(device, Event::ContinueWithoutKeychain);
    }

    /// Several at a time, some with a token that a service has refused.
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
        let intent =
            if self.rng.u8(..5) == 0 { SignInIntent::SignUp } else { SignInIntent::SignIn };
        Event::SignIn { request: intent.into(), entropy: entropy(draw) }
    }

    fn wants_to_sign_out(&mut self, device: usize) -> Event {
        let draw = self.draw_at(device);
        if let Some(process) = &mut self.devices[device].process
            && let Some(hand) = process.hand()
        {
            self.rules.signed_out.insert(hand.session);
            process.signing_out.insert(draw, hand.session);
        }
        Event::SignOut { scope: SignOutScope::SharedSession, entropy: entropy(draw) }
    }

    fn answers_invitation(&mut self, device: usize, question: u32, accepts: bool) -> Event {
        if accepts {
            let draw = self.draw_at(device);
            let process = self.devices[device].process.as_ref();
            if let Some(SessionView::Invited { question: asked, organization, .. }) =
                process.map(|process| &process.view)
                && *asked == question
            {
                let shown = organization.as_ref().map(|organization| organization.id.clone());
                self.agreed_to.insert(draw, shown);
            }
            Event::AcceptInvitation { question, entropy: entropy(draw) }
        } else {
            Event::DeclineInvitation { question }
        }
    }

    /// Windows are late: what is wanted need not fit what is shown.
    pub fn anything(&mut self, device: usize) {
        let event = match self.rng.u8(..19) {
            0 => Event::CancelSignIn,
            1 => Event::OpenBrowserAgain,
            2 => Event::Retry,
            3 => Event::Dismiss,
            4 => Event::SchemeHandlerChanged(SchemeHandler::Another("another program".to_owned())),
            5 => Event::SchemeHandlerChanged(SchemeHandler::Ours),
            6 => self.answers_invitation(device, 1, true),
            7 => self.answers_invitation(device, 1, false),
            8 => self.wants_to_sign_in(device),
            9 => Event::Refresh,
            10 => Event::TimerFired,
            11 => self.wants_to_sign_out(device),
            12 => Event::ContinueWithoutKeychain,
            13 => return self.wants_access_token(device),
            14 => return self.stray_link(device),
            15 => Event::InUse(true),
            16 | 17 => Event::InUse(false),
            _ => Event::RetryHint,
        };
        self.user_action(device, event);
    }

    fn user_action(&mut self, device: usize, event: Event) {
        if let Some(process) = &mut self.devices[device].process {
            match event {
                Event::RetryHint => process.rates.on_retry_hint(),
                Event::Refresh | Event::Retry => process.rates.allow(),
                _ => {}
            }
        }
        // A user who is back at the window has it in use.
        let is_back = matches!(event, Event::RetryHint);
        self.happens(device, event);
        if is_back {
            self.happens(device, Event::InUse(true));
        }
    }

    fn draw_at(&mut self, device: usize) -> u8 {
        let account = self.devices[device].process.as_ref().and_then(|process| process.account());
        self.draw(account)
    }
}

/// Whether the user is asked to have the session kept nowhere.
fn can_go_on_without(code: ProblemCode) -> bool {
    matches!(code, ProblemCode::KeychainMissing | ProblemCode::KeychainNotSetUp)
}
