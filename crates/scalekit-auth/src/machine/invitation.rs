//! A sign-in that began outside the program, from the link to the user's answer.
//!
//! Anybody can write such a link, and whoever has an account at the environment can have one signed.
//! So a link begins nothing: one that the environment has signed is put to the user as a question,
//! and only their answer begins a sign-in, an ordinary one with values of its own. What is not signed
//! raises no window, takes the place of nothing, and costs the environment at most one look for its
//! keys in a minute.

use std::{collections::VecDeque, time::Duration};

use crate::{
    authorization::{Entropy, Hints},
    callback::Initiation,
    configuration::Configuration,
    forwarded::{Parameter, forwarded},
    initiate_login::{Expected, Rejection, TokenDigest, verify},
    problem::{Problem, ProblemCode},
    secret::Secret,
    time::Monotonic,
    view::SignInIntent,
};

use super::{Effect, account::Account, attempt::clock_wrong, budget::Budget, session::Session};

/// How long the user is asked. Whoever comes back later begins again outside.
const ASKING: Duration = Duration::from_secs(300);

/// Tokens whose signature is looked at, in a minute.
const MOST_VERIFICATIONS: u32 = 30;

/// Questions, in a minute: each brings the window to the front.
const MOST_QUESTIONS: u32 = 3;

/// Tokens that wait for the keys at the same time.
const MOST_WAITING: usize = 4;

/// Tokens that are remembered, so that none is put to the user twice. They live for minutes, so a
/// restart, which forgets them, brings back little.
const MOST_SEEN: usize = 64;

/// Whether a sign-in that began outside waits for the user's answer.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) enum Invitation {
    /// None does.
    None,
    /// Anybody may have written the link. It names nobody, and gives way to one that is signed.
    Unsigned(Question),
    /// The environment has signed for it. Nothing takes its place: what the user reads must be
    /// what they agree to.
    Signed(Question),
}

/// What the user is asked.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct Question {
    pub(super) id: u32,
    pub(super) hints: Hints,
    deadline: Monotonic,
}

/// What is known of the links that came.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct Letters {
    /// Tokens that wait for the environment's keys, while those are on their way.
    waiting: Vec<Secret>,
    /// Tokens that have been put to the user, the newest last.
    seen: VecDeque<TokenDigest>,
    questions: u32,
    verifying: Budget,
    asking: Budget,
    fetching: Budget,
    unsigned: Budget,
}

impl Invitation {
    pub(super) fn deadline(&self) -> Option<Monotonic> {
        match self {
            Self::None => None,
            Self::Unsigned(question) | Self::Signed(question) => Some(question.deadline),
        }
    }

    fn is_signed(&self) -> bool {
        match self {
            Self::Signed(_) => true,
            Self::None | Self::Unsigned(_) => false,
        }
    }
}

impl Account {
    /// A sign-in under way is the user's own wish: no link disturbs it.
    pub(super) fn initiated(&mut self, initiation: Initiation) {
        if self.attempt.pending().is_some() || !self.session.may_begin_sign_in() {
            return;
        }
        match initiation {
            Initiation::Token(token) => {
                if !self.letters.seen.contains(&TokenDigest::of(&token)) {
                    self.judge(token, true);
                }
            }
            Initiation::Bare(parameters) => self.ask_for_anybody(&parameters),
            Initiation::Error(error) => self.tell_of_failure(&error),
        }
    }

    pub(super) fn accept_invitation(&mut self, question: u32, entropy: &Entropy) {
        match std::mem::replace(&mut self.invitation, Invitation::None) {
            Invitation::Unsigned(asked) if asked.id == question => {
                let login_hint = self.session.login_hint();
                let hints =
                    Hints { login_hint, forwarded: asked.hints.forwarded, ..Hints::default() };
                self.begin_sign_in_with(SignInIntent::SignIn, hints, entropy);
            }
            Invitation::Signed(asked) if asked.id == question => {
                self.begin_sign_in_with(SignInIntent::SignIn, asked.hints, entropy);
            }
            other @ (Invitation::None | Invitation::Unsigned(_) | Invitation::Signed(_)) => {
                self.invitation = other;
            }
        }
    }

    pub(super) fn decline_invitation(&mut self, question: u32) {
        match &self.invitation {
            Invitation::Unsigned(asked) | Invitation::Signed(asked) if asked.id == question => {
                self.invitation = Invitation::None;
            }
            Invitation::None | Invitation::Unsigned(_) | Invitation::Signed(_) => {}
        }
    }

    /// The user does something else, or it is about another environment from now on.
    pub(super) fn withdraw_invitation(&mut self) {
        self.invitation = Invitation::None;
        self.letters.waiting.clear();
    }

    pub(super) fn invitation_deadline(&mut self) {
        if self.invitation.deadline().is_some_and(|deadline| deadline <= self.now.monotonic) {
            self.invitation = Invitation::None;
        }
    }

    pub(super) fn invitation_discovered(&mut self) {
        if !self.letters.waiting.is_empty() {
            self.fetch_keys();
        }
    }

    /// Of a letter that cannot be verified, nothing is said: who knows whose it is.
    pub(super) fn invitation_not_discovered(&mut self) {
        self.letters.waiting.clear();
    }

    /// The keys have come, or have not.
    pub(super) fn verify_invitations(&mut self) {
        if self.environment.asking_time.is_some() {
            return;
        }
        for token in std::mem::take(&mut self.letters.waiting) {
            self.judge(token, false);
        }
    }

    fn judge(&mut self, token: Secret, may_fetch: bool) {
        let Some(configuration) = &self.configuration else { return };
        let now = self.now.monotonic;
        if self.invitation.is_signed() || !self.letters.verifying.spend(MOST_VERIFICATIONS, now) {
            return;
        }
        let expected = Expected {
            issuer: configuration.environment.issuer(),
            client_id: configuration.client_id.as_str(),
            now: self.environment.clock.time(self.now),
        };
        let verdict = self
            .environment
            .recent_keys(now)
            .map_or(Err(Rejection::UnknownKey), |keys| verify(&token, keys, &expected));
        match verdict {
            Ok(verified) => match elsewhere(configuration, verified.hints()) {
                Some(problem) => self.tell(&token, problem),
                None => self.ask(&token, verified.hints().clone()),
            },
            // A cache may have kept the answer that told the time.
            Err(Rejection::TooOld) if self.is_time_in_doubt() => {
                if self.letters.waiting.len() < MOST_WAITING {
                    self.letters.waiting.push(token);
                }
                self.ask_time();
            }
            Err(Rejection::UnknownKey) if may_fetch => self.wait_for_keys(token),
            Err(Rejection::TooOld) => self.tell(&token, too_old()),
            Err(Rejection::NotYet) => self.tell(&token, clock_wrong()),
            // A letter that is not the environment's changes nothing at all.
            Err(Rejection::UnknownKey | Rejection::Claims(_)) => {}
        }
    }

    fn is_time_in_doubt(&self) -> bool {
        self.environment.asking_time.is_some() || self.environment.clock.is_in_doubt(self.now)
    }

    /// A stranger's letter must not make this program send requests at will. Its minute is not the
    /// one in which a sign-in may ask for a new key, so that it cannot be used up from outside.
    fn wait_for_keys(&mut self, token: Secret) {
        let now = self.now.monotonic;
        let on_their_way = !self.letters.waiting.is_empty();
        if self.letters.waiting.len() >= MOST_WAITING {
            return;
        }
        if on_their_way {
            self.letters.waiting.push(token);
        } else if !self.environment.has_new_keys(now) && self.letters.fetching.spend(1, now) {
            self.letters.waiting.push(token);
            if self.environment.metadata().is_some() {
                self.fetch_keys();
            } else {
                self.discover();
            }
        }
    }

    fn ask(&mut self, token: &Secret, hints: Hints) {
        if self.letters.asking.spend(MOST_QUESTIONS, self.now.monotonic) {
            self.remember(token);
            self.invitation = Invitation::Signed(self.question(hints));
            self.effects.push(Effect::BringToFront);
        }
    }

    /// Says what is wrong with a letter that the environment did sign.
    fn tell(&mut self, token: &Secret, problem: Problem) {
        if self.letters.asking.spend(MOST_QUESTIONS, self.now.monotonic) {
            self.remember(token);
            self.session.tell(problem);
            self.effects.push(Effect::BringToFront);
        }
    }

    /// Also where somebody is signed in: an accepted invitation and a verified address come so. It raises no
    /// window.
    fn ask_for_anybody(&mut self, parameters: &[Parameter]) {
        let Some(configuration) = &self.configuration else { return };
        let hints = Hints {
            forwarded: forwarded(parameters, &configuration.forwarded),
            ..Hints::default()
        };
        if self.hears_anybody() {
            self.invitation = Invitation::Unsigned(self.question(hints));
        }
    }

    fn tell_of_failure(&mut self, error: &str) {
        if matches!(self.session, Session::SignedOut(_)) && self.hears_anybody() {
            self.session.tell(failed(error));
        }
    }

    /// What nobody has signed is heard where there is nothing else to be read, and seldom.
    fn hears_anybody(&mut self) -> bool {
        self.session.problem().is_none()
            && matches!(self.invitation, Invitation::None)
            && self.letters.unsigned.spend(1, self.now.monotonic)
    }

    /// What is shown is what will be sent: where the application is for one organization, that one.
    fn question(&mut self, mut hints: Hints) -> Question {
        if let Some(configuration) = &self.configuration {
            hints.organization_id = hints.organization(configuration).map(str::to_owned);
        }
        self.letters.questions = self.letters.questions.wrapping_add(1);
        let deadline = self.now.monotonic.after(ASKING);
        Question { id: self.letters.questions, hints, deadline }
    }

    fn remember(&mut self, token: &Secret) {
        if self.letters.seen.len() == MOST_SEEN {
            self.letters.seen.pop_front();
        }
        self.letters.seen.push_back(TokenDigest::of(token));
    }
}

/// Where the application is for one organization, an invitation to another one leads nowhere.
fn elsewhere(configuration: &Configuration, hints: &Hints) -> Option<Problem> {
    let invited = hints.organization_id.as_deref()?;
    (hints.organization(configuration) != Some(invited)).then(|| {
        Problem::new(
            ProblemCode::InvitationElsewhere,
            "The link that asked you to sign in is for another organization than the one this program is for, so nothing was begun. Open it with the program of that organization, or ask whoever sent it.",
        )
        .with_detail(invited)
    })
}

fn too_old() -> Problem {
    Problem::new(
        ProblemCode::InvitationExpired,
        "The link that asked you to sign in is too old, so nothing was begun. Open it again where you found it, or sign in here; if it is new, check this computer's clock.",
    )
}

/// RFC 6749 §4.1.2.1 names the codes. The sentence is ours alone: nobody has signed the link.
fn failed(error: &str) -> Problem {
    let message = match error {
        "access_denied" => {
            "The sign-in that you began outside this program was declined. Sign in here, or ask your administrator for access."
        }
        "server_error" | "temporarily_unavailable" => {
            "The environment could not begin the sign-in from outside this program. Try again in a little while, or sign in here."
        }
        _ => {
            "The sign-in that you began outside this program did not come about. Sign in here; if that does not help, tell your administrator."
        }
    };
    Problem::new(ProblemCode::InvitationFailed, message)
}
