//! Pending requests, their responses, and pages in the browser.

use scalekit_auth::{
    protocol::http_response::{HttpError, HttpOutcome, HttpResponse},
    session::{Event, Operation},
};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::tokens::{About, Audience, Published, Signer};

use super::{
    actions::Act,
    bench::{Bench, Token, wall},
    model::{Kind, Listener, Model, Page, Reply, Request},
    server::Server,
};

impl Request {
    /// Whether it changes something at the environment.
    pub fn changes_something(&self) -> bool {
        matches!(self.kind, Kind::Code(_) | Kind::Refresh(_))
    }

    pub fn is_refresh(&self) -> bool {
        matches!(self.kind, Kind::Refresh(_))
    }
}

impl Server {
    /// The access token that is issued with this refresh token.
    pub fn access_token(&self, token: Token) -> String {
        let repeated = self.repeats && token.number == 0;
        if repeated { "at-again".to_owned() } else { token.access_token() }
    }
}

impl Model {
    pub fn send(
        &mut self,
        bench: &Bench<'_>,
        process: usize,
        operation: Operation,
        request: &http::Request<Vec<u8>>,
    ) {
        let field = |name: &str| {
            let mut pairs = form_urlencoded::parse(request.body());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let kind = match request.uri().path() {
            "/keys" => Kind::Keys,
            "/oauth/token" => {
                let refresh = field("refresh_token").as_deref().and_then(Token::parse);
                match (refresh, field("code")) {
                    (Some(token), _) => Kind::Refresh(token),
                    (None, Some(code)) => Kind::Code(code),
                    (None, None) => {
                        self.invariants.breaks("a token request asks for nothing");
                        return;
                    }
                }
            }
            _ => Kind::Discovery,
        };
        if let Kind::Code(code) = &kind {
            // RFC 6749 §4.1.3, RFC 7636 §4.6.
            let verifier = field("code_verifier").unwrap_or_default();
            let by_loopback = field("redirect_uri").is_some_and(|one| is_loopback(&one));
            let sent = bench.tokens().draw_of(&verifier).map(|draw| (draw, by_loopback));
            if sent != self.server.request_of(code) {
                self.invariants.breaks("a code was exchanged for another authorization request");
            }
        }
        let (life, sent) = (self.lives[process], self.now);
        self.requests.push(Request { process, life, operation, kind, sent, reply: None });
    }

    /// The responses to these are lost.
    pub fn requests_lost(&mut self, process: usize) {
        let life = self.lives[process];
        for request in &self.requests {
            if request.process == process
                && request.life == life
                && let Kind::Refresh(token) = request.kind
            {
                // A request in transit may still be processed.
                self.invariants.lost(token, true);
            }
        }
        // Requests that only read, and those with a response, are dropped.
        self.requests.retain(|request| {
            request.process != process || (request.changes_something() && request.reply.is_none())
        });
    }

    /// The environment processes a request.
    pub fn arrives(&mut self, bench: &Bench<'_>, number: usize, another: bool) {
        let alive = self.lives[self.requests[number].process] == self.requests[number].life;
        let reply = match self.requests[number].kind.clone() {
            Kind::Discovery => {
                self.hears(bench, number, self.page_of(200, bench.tokens().discovery(0)));
                return;
            }
            Kind::Keys => {
                self.hears(
                    bench,
                    number,
                    self.page_of(200, bench.tokens().keys(0, Published::First)),
                );
                return;
            }
            Kind::Code(code) => match self.server.exchange(&code) {
                Some((token, draw)) => Reply::Tokens(token, Some(draw)),
                None => Reply::Refused,
            },
            Kind::Refresh(token) => {
                self.invariants.processed(token);
                match self.server.refresh(token) {
                    Some(next) if another => Reply::Another(next),
                    Some(next) => Reply::Tokens(next, None),
                    None => Reply::Refused,
                }
            }
        };
        if alive {
            self.requests[number].reply = Some(reply);
        } else {
            self.requests.remove(number);
        }
    }

    /// The response to a request is delivered to its process.
    pub fn responds(&mut self, bench: &Bench<'_>, number: usize) {
        let request = &self.requests[number];
        let (process, reply) = (request.process, request.reply);
        if let Kind::Refresh(token) = request.kind {
            self.check_taken(process, token, reply);
            if matches!(reply, Some(Reply::Another(_))) {
                // The response is not used.
                self.invariants.lost(token, true);
            }
            if let Some(one) = &mut self.processes[process]
                && reply == Some(Reply::Refused)
            {
                one.refused = Some(token);
            }
        }
        let outcome = match reply {
            Some(Reply::Tokens(token, draw)) => {
                let access_token = self.server.access_token(token);
                let about = About { draw, user: 0, organization: None, audience: Audience::Ours };
                let second = wall(self.now) / 1000;
                let id_token = bench.tokens().id_token(0, about, second, Signer::First);
                self.tokens(token, &access_token, Some(&id_token))
            }
            Some(Reply::Another(token)) => self.tokens(token, &bench.another, None),
            Some(Reply::Refused) | None => self.page_of(400, b"{\"error\":\"invalid_grant\"}"),
        };
        self.hears(bench, number, outcome);
    }

    fn tokens(&self, token: Token, access_token: &str, id_token: Option<&str>) -> HttpOutcome {
        let refresh = if self.server.refreshes {
            format!(",\"refresh_token\":\"{token}\"")
        } else {
            String::new()
        };
        let id_token = id_token.map_or_else(String::new, |one| format!(",\"id_token\":\"{one}\""));
        let body = format!(
            "{{\"token_type\":\"Bearer\",\"expires_in\":299,\"access_token\":\"{access_token}\"{refresh}{id_token}}}"
        );
        self.page_of(200, body.as_bytes())
    }

    /// The request or its response is lost.
    pub fn fails(&mut self, bench: &Bench<'_>, number: usize, how: Act) {
        let request = &self.requests[number];
        let (process, kind) = (request.process, request.kind.clone());
        let outcome = match how {
            Act::Unreachable(_) => Err(HttpError::Unreachable(String::new())),
            Act::Failing(_) => self.page_of(502, b"<p>"),
            _ => {
                self.arrives(bench, number, false);
                Err(HttpError::Interrupted(String::new()))
            }
        };
        if let Kind::Refresh(token) = kind
            && !matches!(how, Act::Unreachable(_))
        {
            self.invariants.lost(token, matches!(how, Act::Lost(_)));
            if let Some(one) = &mut self.processes[process] {
                one.saw_lost.insert(token);
            }
        }
        if let Some(one) = &mut self.processes[process] {
            one.refreshed_for_refused = None;
        }
        self.hears(bench, number, outcome);
    }

    fn hears(&mut self, bench: &Bench<'_>, number: usize, outcome: HttpOutcome) {
        let request = self.requests.remove(number);
        if self.lives[request.process] == request.life {
            let event = Event::HttpCompleted(request.operation, outcome);
            self.happens(bench, request.process, event);
        }
    }

    fn page_of(&self, status: u16, body: &[u8]) -> HttpOutcome {
        let now = u64::try_from(wall(self.now)).unwrap_or(0);
        let now = std::time::UNIX_EPOCH + std::time::Duration::from_millis(now);
        Ok(HttpResponse {
            content_type: Some("application/json".to_owned()),
            date: (status == 200).then(|| httpdate::fmt_http_date(now)),
            body: body.to_vec().into(),
            ..HttpResponse::new(status)
        })
    }

    pub fn open_page(
        &mut self,
        bench: &Bench<'_>,
        process: usize,
        operation: Operation,
        url: &Url,
    ) {
        let value = |name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let draw = value("nonce").and_then(|nonce| bench.tokens().draw_of(&nonce));
        let sign_in = value("state").zip(draw);
        let by_loopback = value("redirect_uri").is_some_and(|one| is_loopback(&one));
        let life = self.lives[process];
        self.pages.push(Page { process, life, operation, opened: false, sign_in, by_loopback });
    }

    /// A page is shown, or the user completes it.
    pub fn page(&mut self, bench: &Bench<'_>, number: usize) {
        let page = &mut self.pages[number];
        let process = page.process;
        let alive = self.lives[process] == page.life;
        if !page.opened && alive {
            page.opened = true;
            let operation = page.operation;
            if page.sign_in.is_none() {
                self.pages.remove(number);
            }
            self.happens(bench, process, Event::BrowserOpened(operation, Ok(())));
            return;
        }
        let page = self.pages.remove(number);
        let Some((state, draw)) = page.sign_in else { return };
        let code = self.server.code(draw, page.by_loopback);
        if page.by_loopback {
            let there = |one: &&Listener| one.process == process && one.listens;
            let Some(operation) = self.listeners.iter().find(there).map(|one| one.operation) else {
                return;
            };
            let query = format!("code={code}&state={state}").into_bytes();
            self.happens(bench, process, Event::LoopbackResponse(operation, Zeroizing::new(query)));
            return;
        }
        let link = format!("io.latchkey.simulated://callback?code={code}&state={state}");
        self.happens(bench, process, Event::Link(Zeroizing::new(link.into_bytes())));
    }
}

fn is_loopback(redirect_uri: &str) -> bool {
    redirect_uri.starts_with("http://127.0.0.1:")
}
