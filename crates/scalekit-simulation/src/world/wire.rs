//! Requests on their way, their answers on the way back, and pages in the browser.

use scalekit_auth::{
    answer::{HttpAnswer, HttpFailure, HttpOutcome},
    machine::{Event, Operation},
};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{Network, World, wall};
use crate::{desk::kept_token, server::RefreshToken};

/// A request, from being sent to being answered.
pub struct Request {
    desk: usize,
    start: u32,
    operation: Operation,
    kind: Kind,
    answer: Option<Answer>,
}

enum Kind {
    Discovery,
    Keys,
    Code(String),
    Refresh(RefreshToken),
}

/// An answer on its way back.
struct Answer {
    outcome: HttpOutcome,
    /// The environment has acted on the request.
    processed: bool,
    meaning: Meaning,
}

/// What a process will make of an answer.
#[derive(Clone, Copy)]
enum Meaning {
    Tokens,
    Refused,
    /// It cannot know whether the request was processed.
    Unclear,
    /// It knows that it was not.
    Nothing,
    Other,
}

/// What becomes of a request on its way.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    NeverLeaves,
    LostOnTheWayThere,
    LostOnTheWayBack,
    FailsBefore,
    FailsAfter,
    TooMany,
    Portal,
    /// The answer is cut off in the middle.
    Garbled,
}

/// A page in the browser.
pub struct Page {
    desk: usize,
    start: u32,
    operation: Operation,
    opened: bool,
    /// Of a sign-in: its `state`, and which draw its nonce is of.
    sign_in: Option<(String, u8)>,
}

impl World<'_> {
    pub(super) fn send(
        &mut self,
        desk: usize,
        operation: Operation,
        request: &http::Request<Vec<u8>>,
    ) {
        let kind = match request.uri().path() {
            "/.well-known/openid-configuration" => Kind::Discovery,
            "/keys" => Kind::Keys,
            _ => {
                let field = |name: &str| {
                    let mut pairs = form_urlencoded::parse(request.body());
                    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
                };
                match (
                    field("refresh_token").as_deref().and_then(RefreshToken::parse),
                    field("code"),
                ) {
                    (Some(token), _) => Kind::Refresh(token),
                    (None, Some(code)) => Kind::Code(code),
                    (None, None) => {
                        self.rules.breaks("a token request asks for nothing");
                        return;
                    }
                }
            }
        };
        let start = self.desks[desk].starts;
        self.requests.push(Request { desk, start, operation, kind, answer: None });
    }

    /// Nobody is left to read the answers to these.
    pub(super) fn requests_lost(&mut self, desk: usize) {
        let start = self.desks[desk].starts;
        for request in &self.requests {
            if request.desk == desk
                && request.start == start
                && let Kind::Refresh(token) = request.kind
            {
                // On its way there it may still be processed.
                let processed = request.answer.as_ref().is_none_or(|answer| answer.processed);
                self.rules.lost(token, processed);
            }
        }
    }

    pub(super) fn request_moves_on(&mut self, number: usize) {
        let mut request = self.requests.swap_remove(number);
        match request.answer.take() {
            None => {
                let fate = self.fate();
                self.note(|| format!("a request of process {} {fate:?}", request.desk));
                self.faults += u64::from(!matches!(fate, Fate::Arrives));
                request.answer = Some(self.answered(&request.kind, fate));
                self.requests.push(request);
            }
            Some(answer) => self.deliver(&request, answer),
        }
    }

    fn deliver(&mut self, request: &Request, answer: Answer) {
        if self.desks[request.desk].starts != request.start {
            return;
        }
        let Some(process) = &mut self.desks[request.desk].process else { return };
        match (&request.kind, answer.meaning) {
            // Somebody has signed out or in meanwhile: the answer is thrown away.
            (Kind::Refresh(token), _) if process.session != Some(token.session) => {
                let token = *token;
                self.rules.lost(token, answer.processed);
            }
            (Kind::Refresh(token), Meaning::Unclear) => {
                let token = *token;
                self.rules.lost(token, answer.processed);
            }
            (Kind::Refresh(token), Meaning::Refused) => process.refused = Some(*token),
            _ => {}
        }
        self.happens(request.desk, Event::Answered(request.operation, answer.outcome));
    }

    fn fate(&mut self) -> Fate {
        match self.network {
            Network::Good => Fate::Arrives,
            Network::Down => Fate::NeverLeaves,
            Network::Portal => Fate::Portal,
            Network::Flaky => {
                let all = [
                    Fate::Arrives,
                    Fate::NeverLeaves,
                    Fate::LostOnTheWayThere,
                    Fate::LostOnTheWayBack,
                    Fate::FailsBefore,
                    Fate::FailsAfter,
                    Fate::TooMany,
                    Fate::Portal,
                    Fate::Garbled,
                ];
                all[self.chance.usize(..all.len())]
            }
        }
    }

    fn answered(&mut self, kind: &Kind, fate: Fate) -> Answer {
        let interrupted = || Err(HttpFailure::Interrupted(String::new()));
        let (outcome, processed, meaning) = match fate {
            Fate::Arrives => return self.processed(kind),
            Fate::NeverLeaves => {
                (Err(HttpFailure::Unreachable(String::new())), false, Meaning::Nothing)
            }
            Fate::LostOnTheWayThere => (Err(HttpFailure::TimedOut), false, Meaning::Unclear),
            Fate::LostOnTheWayBack => {
                self.processed(kind);
                (interrupted(), true, Meaning::Unclear)
            }
            Fate::FailsBefore => (self.page(503, "text/html", b"<p>"), false, Meaning::Unclear),
            Fate::FailsAfter => {
                self.processed(kind);
                (self.page(502, "text/html", b"<p>"), true, Meaning::Unclear)
            }
            Fate::TooMany => (self.page(429, "text/plain", b""), false, Meaning::Nothing),
            Fate::Portal => (self.page(200, "text/html", b"<p>Wi-Fi"), false, Meaning::Unclear),
            Fate::Garbled => {
                self.processed(kind);
                (self.page(200, "application/json", b"{\"access_tok"), true, Meaning::Unclear)
            }
        };
        Answer { outcome, processed, meaning }
    }

    /// What the environment does with the request, and says.
    fn processed(&mut self, kind: &Kind) -> Answer {
        let (body, meaning) = match kind {
            Kind::Discovery => (self.machines.tokens.discovery.clone(), Meaning::Other),
            Kind::Keys => (self.machines.tokens.keys.clone(), Meaning::Other),
            Kind::Code(code) => match self.server.exchange(code) {
                Some((token, person, draw)) => {
                    let nonce = self.machines.tokens.nonce(draw);
                    self.server.began_with(token.session, nonce, code);
                    (self.tokens(token, Some(draw), person), Meaning::Tokens)
                }
                None => return self.refused(),
            },
            Kind::Refresh(token) => {
                self.rules.processed(*token);
                match self.server.refresh(*token, self.now) {
                    Some((next, person)) => (self.tokens(next, None, person), Meaning::Tokens),
                    None => return self.refused(),
                }
            }
        };
        Answer { outcome: self.page(200, "application/json", &body), processed: true, meaning }
    }

    fn refused(&self) -> Answer {
        let body = b"{\"error\":\"invalid_grant\"}";
        let outcome = self.page(400, "application/json", body);
        Answer { outcome, processed: true, meaning: Meaning::Refused }
    }

    fn tokens(&self, token: RefreshToken, draw: Option<u8>, person: u8) -> Vec<u8> {
        let id_token = self.machines.tokens.id_token(draw, person, wall(self.now) / 1000);
        let access_token = token.access_token();
        format!(
            "{{\"token_type\":\"Bearer\",\"expires_in\":299,\"access_token\":\"{access_token}\",\"refresh_token\":\"{token}\",\"id_token\":\"{id_token}\"}}"
        )
        .into_bytes()
    }

    fn page(&self, status: u16, content_type: &str, body: &[u8]) -> HttpOutcome {
        let now = std::time::UNIX_EPOCH
            + std::time::Duration::from_millis(u64::try_from(wall(self.now)).unwrap_or(0));
        Ok(HttpAnswer {
            status,
            content_type: Some(content_type.to_owned()),
            retry_after: (status == 429).then(|| "20".to_owned()),
            date: (status == 200).then(|| httpdate::fmt_http_date(now)),
            age: None,
            body: body.to_vec().into(),
        })
    }

    /// Nobody gets an access token whose refresh token could be lost without the machine knowing.
    pub(super) fn check_given(&mut self, desk: usize, access_token: &str) {
        let refresh_token = access_token.replacen("at-", "rt-", 1);
        let Some(given) = RefreshToken::parse(&refresh_token) else {
            self.rules.breaks("an access token came from nowhere");
            return;
        };
        let unsaved = self.desks[desk].process.as_ref().is_some_and(|process| process.unsaved);
        let kept = self.kept.session.as_deref().and_then(kept_token);
        let is_kept =
            kept.is_none_or(|kept| kept.session != given.session || kept.number >= given.number);
        if !is_kept && !unsaved {
            self.rules.breaks(format!("{access_token} was given away before {given} was kept"));
        }
    }

    pub(super) fn open_page(&mut self, desk: usize, operation: Operation, url: &Url) {
        let value = |name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let draw = value("nonce").and_then(|nonce| self.machines.tokens.draw_of(&nonce));
        let sign_in = value("state").zip(draw);
        let start = self.desks[desk].starts;
        self.pages.push(Page { desk, start, operation, opened: false, sign_in });
    }

    pub(super) fn page_moves_on(&mut self, number: usize) {
        let mut page = self.pages.swap_remove(number);
        let alive = self.desks[page.desk].starts == page.start;
        if !page.opened {
            let opens = self.calm || self.chance.u8(..20) > 0;
            let outcome = if opens { Ok(()) } else { Err(String::new()) };
            let (desk, operation) = (page.desk, page.operation);
            page.opened = true;
            if opens && page.sign_in.is_some() {
                self.pages.push(page);
            }
            if alive {
                self.happens(desk, Event::BrowserOpened(operation, outcome));
            }
            return;
        }
        let Some((state, draw)) = page.sign_in else { return };
        let answer = match self.chance.u8(..10) {
            0 => "error=access_denied".to_owned(),
            1 => return,
            _ => {
                let person = self.chance.u8(..2);
                format!("code={}", self.server.code(draw, person))
            }
        };
        if self.desks[page.desk].process.is_none() {
            self.start(page.desk);
        }
        let link = format!("io.latchkey.simulated://callback?{answer}&state={state}");
        let times = if self.chance.u8(..5) == 0 { 2 } else { 1 };
        for _ in 0..times {
            self.happens(page.desk, Event::Link(Zeroizing::new(link.clone().into_bytes())));
        }
    }
}
