//! The coverage of the search: the pairs of states and events, by session, sign-in and mode.

use std::collections::BTreeSet;

use scalekit_auth::{
    protocol::{authorization_request::Entropy, http_response::HttpError},
    session::{
        ATTEMPTS, Event, KeychainError, MODES, Machine, Network, Operation, SESSIONS,
        SchemeHandler, Situation, TokenRequestId,
    },
    time::Now,
    view::{HostedPage, SignInIntent, SignOutScope},
};
use zeroize::Zeroizing;

use super::bench::{Bench, Settings};
use crate::events::{EVENTS, is_result, name};

type Pair = (&'static str, &'static str, &'static str);

/// The pairs that were reached.
#[derive(Debug, Default, Clone)]
pub struct Coverage {
    searched: BTreeSet<Pair>,
    probed: BTreeSet<Pair>,
    known: BTreeSet<Situation>,
}

/// The uncovered pairs without a reason, and the number of pairs of each kind.
#[derive(Debug, Default, Clone)]
pub struct Count {
    /// All pairs.
    pub pairs: usize,
    /// Those that occurred in a search.
    pub searched: usize,
    /// Those that were tried one step beyond a search's budget.
    pub probed: usize,
    /// Those that cannot occur, and the reason.
    pub impossible: Vec<(Pair, &'static str)>,
    /// The rest.
    pub missing: Vec<Pair>,
    /// Those that occurred although they are listed as impossible.
    pub refuted: Vec<Pair>,
}

impl Coverage {
    /// Records an event of this machine.
    pub fn reaches(&mut self, machine: &Machine, event: &Event, probed: bool) {
        let onto = if probed { &mut self.probed } else { &mut self.searched };
        let reached = machine.situations_reached_by(event);
        let event = name(event);
        for situation in reached {
            onto.insert((situation.session, event, situation.mode));
            onto.extend(situation.attempt.map(|attempt| (attempt, event, situation.mode)));
        }
    }

    /// Tries every event on a machine in a new situation: any user action is possible at any time, and results
    /// may be late.
    pub fn probe(&mut self, bench: &Bench<'_>, machine: &Machine, now: Now) {
        let new: Vec<_> = machine.situations().filter(|one| self.known.insert(*one)).collect();
        for situation in new {
            for event in everything(bench, situation.account) {
                self.reaches(machine, &event, true);
                drop(machine.clone().step(event, now));
            }
        }
    }

    /// The same on a machine before its first configuration, and on one without settings.
    pub fn probe_beginnings(&mut self, bench: &Bench<'_>, now: Now) {
        let mut machine = bench.machine();
        self.probe(bench, &machine, now);
        drop(machine.step(Event::Configured(None), now));
        self.probe(bench, &machine, now);
    }

    /// Counts the pairs of each kind.
    pub fn count(&self) -> Count {
        let mut count = Count::default();
        for state in SESSIONS.into_iter().chain(ATTEMPTS) {
            for event in EVENTS {
                for mode in MODES {
                    let pair = (state, event, mode);
                    count.pairs += 1;
                    let reached = self.searched.contains(&pair) || self.probed.contains(&pair);
                    if reached && impossible(pair).is_some() {
                        count.refuted.push(pair);
                    }
                    if self.searched.contains(&pair) {
                        count.searched += 1;
                    } else if self.probed.contains(&pair) {
                        count.probed += 1;
                    } else if let Some(reason) = impossible(pair) {
                        count.impossible.push((pair, reason));
                    } else {
                        count.missing.push(pair);
                    }
                }
            }
        }
        count
    }
}

/// The reason a pair cannot occur.
fn impossible((state, event, mode): Pair) -> Option<&'static str> {
    let reading = "SignedIn.AwaitingLock.Reading";
    match mode {
        "left" => match state {
            "AwaitingSettings" | "NotConfigured" | "Starting" | "Unavailable" => {
                Some("an account with nothing held is not left but dropped")
            }
            "Discovering" | "Saving" => {
                Some("an attempt whose browser was not opened ends when its account is left")
            }
            "CallbackReceived" => Some(
                "no small world has both a restart before the authorization response and other settings after it",
            ),
            "SignedIn.Scheduled"
            | "SignedIn.AwaitingMetadata"
            | "SignedIn.AwaitingLock.Storage"
            | "SignedIn.AwaitingLock.Lock"
            | "SignedIn.Delayed"
            | "SignedIn.Impossible" => Some("what was not sent pauses when its account is left"),
            _ if !["Configured", "Link", "TimerFired"].contains(&event) && !is_result(event) => {
                Some("a user's command goes to the account that is shown")
            }
            _ => None,
        },
        _ if state == "SignedIn.Paused" => {
            Some("only the session of an account that was left pauses")
        }
        "in memory" => match state {
            "AwaitingSettings" | "NotConfigured" | "Starting" | "Unavailable" => {
                Some("without a keychain there is nothing to be read")
            }
            "SigningOut" => Some("without a keychain there is nothing to be removed"),
            "CallbackReceived" => Some("an attempt from before a restart was stored"),
            "Saving" => Some(
                "an attempt in memory is not stored, and in no small world does a user agree while one is stored",
            ),
            "SignedIn.AwaitingLock.Storage"
            | "SignedIn.AwaitingLock.Lock"
            | "SignedIn.Journaling" => {
                Some("without a keychain nobody else has the session, so no lock is awaited")
            }
            _ if state == reading => Some("without a keychain there is nothing to be read"),
            _ => None,
        },
        "no lock" => match state {
            "AwaitingSettings" | "NotConfigured" | "Starting" | "Unavailable" | "SignedOut"
            | "SigningOut" => Some("only a session wants the lock"),
            "SignedIn.AwaitingLock.Lock" => Some("where there is none it is not waited for"),
            _ => None,
        },
        _ => None,
    }
}

/// One event of each kind. Results belong to operations that are no longer pending.
fn everything(bench: &Bench<'_>, account: u64) -> Vec<Event> {
    let late = Operation::unawaited(account);
    let entropy = || Entropy([199; 96]);
    let link = b"io.latchkey.simulated://callback?code=x&state=y".to_vec();
    vec![
        Event::Configured(None),
        Event::Configured(Some(bench.configuration(Settings::Other).clone())),
        Event::SignIn { request: SignInIntent::SignUp.into(), entropy: entropy() },
        Event::AcceptInvitation { question: 1, entropy: entropy() },
        Event::DeclineInvitation { question: 1 },
        Event::CancelSignIn,
        Event::OpenBrowserAgain,
        Event::UseLoopback { entropy: entropy() },
        Event::LinkPasted(Zeroizing::new(
            b"io.latchkey.simulated://callback?code=x&state=y".to_vec(),
        )),
        Event::OpenHostedPage(HostedPage::Account),
        Event::Refresh,
        Event::SignOut { scope: SignOutScope::SharedSession, entropy: entropy() },
        Event::Retry,
        Event::ContinueWithoutKeychain,
        Event::Dismiss,
        Event::Link(Zeroizing::new(link)),
        Event::HttpCompleted(late, Err(HttpError::TimedOut)),
        Event::RetryHint,
        Event::UserReturned,
        Event::InUse(true),
        Event::Exit,
        Event::NetworkChanged(Network::Absent),
        Event::SchemeHandlerChanged(SchemeHandler::Another("other".to_owned())),
        Event::AccessTokenRequested { caller: TokenRequestId(u64::MAX), rejected_token: None },
        Event::Locked(late, Ok(())),
        Event::Loaded(late, Ok(None)),
        Event::Stored(late, Ok(())),
        Event::Deleted(late, Err(KeychainError::Slow)),
        Event::BrowserOpened(late, Ok(())),
        Event::Listening(late, Ok(49_152)),
        Event::LoopbackResponse(late, Zeroizing::new(b"code=x&state=y".to_vec())),
        Event::PictureFetched(late, None),
        Event::TimerFired,
    ]
}
