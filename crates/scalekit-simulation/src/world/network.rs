//! Pending requests and their responses.

use scalekit_auth::{
    protocol::http_response::{CertificateFault, HttpError, HttpOutcome, HttpResponse},
    session::{Event, Operation},
};
use url::form_urlencoded;

use super::{Simulation, service::Service, wall};
use crate::{
    device::End,
    invariants::Invariant,
    server::{AccessKind, Manner, RefreshToken, ReusePolicy},
    settings::{Account, OF_ENVIRONMENTS},
    tokens::{About, Audience, Signer, Subject},
};

/// The time in transit after which the `Date` of a response is misleading. A real response is not waited for as long,
/// unless a virtual machine is paused meanwhile.
const MAX_TRANSIT_MILLIS: u64 = 60_000;

/// The user of a foreign access token.
const OTHER_USER: u8 = 9;

/// The values of `Retry-After` (RFC 9110 §10.2.3) without a date, mostly usual ones.
const RETRY_AFTER: [&str; 8] = ["20", "20", "20", "1", "0", "300", "86400", "soon"];

/// The state of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Good,
    Down,
    Flaky,
    /// A captive portal or a proxy responds.
    Portal,
    /// Every token request has this fate.
    Failing(Fate),
}

/// A request until its response is delivered.
pub struct Request {
    device: usize,
    start: u32,
    operation: Operation,
    environment: usize,
    kind: Kind,
    /// The response, and the time of the environment's clock at which it was sent.
    response: Option<(Response, u64)>,
}

#[derive(Debug)]
enum Kind {
    Discovery,
    /// A response that is not cached.
    Time,
    Keys,
    Code(String),
    Refresh(RefreshToken),
    Revocation(RefreshToken),
}

/// A response that is in transit.
struct Response {
    outcome: HttpOutcome,
    /// The environment has processed the request.
    processed: bool,
    meaning: Meaning,
}

/// The effect of a response on a process.
#[derive(Clone, Copy)]
enum Meaning {
    Tokens,
    /// Tokens that the process has to reject if it has the keys, such as those of another user; the new refresh token
    /// is stored.
    Unusable,
    Refused,
    /// The process cannot know whether the request was processed.
    Unclear,
    /// The process knows that it was not.
    Nothing,
    Other,
}

/// The fate of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Arrives,
    NeverLeaves,
    LostOnTheWayThere,
    LostOnTheWayBack,
    FailsBefore,
    FailsAfter,
    TooMany,
    /// The environment rejects it, with an error that ends no session.
    Denies,
    Portal,
    /// The response is truncated.
    Garbled,
    /// The response is not HTTP.
    NotHttp,
    /// The response exceeds the maximum size.
    TooLarge,
    /// A proxy requires authentication.
    ProxySignIn,
    /// The certificate is rejected, such as by a TLS inspection that this computer does not trust.
    BadCertificate,
    /// The environment issues an ID token for another client.
    ForAnotherClient,
}

impl Request {
    fn refresh_token(&self) -> Option<RefreshToken> {
        match self.kind {
            Kind::Refresh(token) => Some(token),
            Kind::Discovery | Kind::Time | Kind::Keys | Kind::Code(_) | Kind::Revocation(_) => None,
        }
    }
}

impl Simulation<'_> {
    pub fn send(&mut self, device: usize, operation: Operation, request: &http::Request<Vec<u8>>) {
        let host = |address: &str| address.strip_prefix("https://") == request.uri().host();
        let Some(environment) = OF_ENVIRONMENTS.iter().position(|(address, _)| host(address))
        else {
            self.invariants.breaks("a request goes to nobody");
            return;
        };
        let kind = match request.uri().path() {
            _ if request.method() == http::Method::OPTIONS => Kind::Time,
            "/.well-known/openid-configuration" => Kind::Discovery,
            "/keys" => Kind::Keys,
            "/revoke" => match revoked_token(request.body()) {
                Some(token) => {
                    self.check_revoked(token);
                    Kind::Revocation(token)
                }
                None => {
                    self.invariants.breaks("a revocation names no token");
                    return;
                }
            },
            _ => match self.token_request(environment, request.body()) {
                Some(kind) => kind,
                None => {
                    self.invariants.breaks("a token request asks for nothing");
                    return;
                }
            },
        };
        if let Kind::Refresh(token) = kind {
            self.check_sent(device, environment, token);
        }
        let start = self.devices[device].starts;
        self.requests.push(Request { device, start, operation, environment, kind, response: None });
    }

    fn token_request(&mut self, environment: usize, body: &[u8]) -> Option<Kind> {
        let (mut token, mut code, mut client) = (None, None, None);
        let (mut redirect, mut verifier) = (String::new(), String::new());
        for (name, value) in form_urlencoded::parse(body) {
            match name.as_ref() {
                "refresh_token" => token = RefreshToken::parse(&value),
                "code" => code = Some(value.into_owned()),
                "client_id" => client = Some(value.into_owned()),
                "redirect_uri" => redirect = value.into_owned(),
                "code_verifier" => verifier = value.into_owned(),
                _ => {}
            }
        }
        let (_, expected) = OF_ENVIRONMENTS[environment];
        self.invariants.check(
            Invariant::NothingOfAnotherAccount,
            client.as_deref() == Some(expected),
            || format!("{client:?} asks {expected}'s environment"),
        );
        if let Some(agreed) = code.as_deref().and_then(|code: &str| self.server.agreed(code)) {
            // RFC 6749 §4.1.3, RFC 7636 §4.6.
            let expected = agreed.loopback.map(|port| format!("http://127.0.0.1:{port}/callback"));
            let fits = expected.map_or(redirect.contains("://callback"), |one| redirect == one)
                && self.machines.tokens.draw_of(&verifier) == Some(agreed.draw);
            self.invariants.check(Invariant::ExchangedByItsRequest, fits, || {
                format!("a code of {agreed:?} was exchanged with {redirect}")
            });
        }
        token.map(Kind::Refresh).or(code.map(Kind::Code))
    }

    /// Only tokens of sessions that the user signed out of are revoked, and those of sign-ins that were never complete.
    fn check_revoked(&mut self, token: RefreshToken) {
        let over = self.invariants.requested_sign_out.contains(&token.session)
            || !self.invariants.held.contains(&token.session);
        self.invariants
            .check(Invariant::OnlyWhatIsOverIsRevoked, over, || format!("{token} was revoked"));
    }

    /// A refresh token is sent to its own environment, rarely, and not after the session has ended.
    fn check_sent(&mut self, device: usize, environment: usize, token: RefreshToken) {
        self.refreshes += 1;
        let now = self.now;
        let Some(account) = self.server.account(token.session) else { return };
        self.invariants.check(
            Invariant::NothingOfAnotherAccount,
            account.environment() == environment,
            || format!("{token} of {account} was sent elsewhere"),
        );
        let first = self.first_of(token);
        let Some(process) = &mut self.devices[device].process else { return };
        let too_early = process.rates.too_early(first, now);
        let too_often = process.rates.sent(first, now);
        let ends = process.end == End::Permitted;
        self.invariants.check(Invariant::RestIsRest, !ends, || {
            format!("{token} was sent by a process that may end")
        });
        let Some(process) = &mut self.devices[device].process else { return };
        let of_account = &process.of_account[account.0];
        // A left account follows the policy at the time it was left.
        let idle = process.is_idle() && process.account() == Some(account);
        let called_for = of_account.called_for || !process.callers.is_empty();
        let over = !of_account.in_memory && of_account.over_when_read.contains(&token.session);
        self.invariants.check(Invariant::RequestsAreBounded, too_often.is_none(), || {
            too_often.unwrap_or_default()
        });
        self.invariants.check(Invariant::RetryAfterIsObeyed, too_early.is_none(), || {
            too_early.unwrap_or_default()
        });
        if idle {
            self.invariants.check(Invariant::RefreshedInUse, called_for, || {
                format!("{token} was sent, and nobody uses the program")
            });
        }
        self.invariants
            .check(Invariant::EndedStaysEnded, !over, || format!("{token} was sent after its end"));
    }

    /// A refresh token of this account with a pending response.
    pub fn on_its_way(&self, device: usize, account: Account) -> Option<RefreshToken> {
        let start = self.devices[device].starts;
        self.requests.iter().find_map(|request| match request.kind {
            Kind::Refresh(token)
                if request.device == device
                    && request.start == start
                    && self.server.account(token.session) == Some(account) =>
            {
                Some(token)
            }
            _ => None,
        })
    }

    pub fn requests_on_their_way(&self) -> usize {
        self.requests.len()
    }

    /// The responses to these are lost.
    pub fn requests_lost(&mut self, device: usize) {
        let start = self.devices[device].starts;
        for request in &self.requests {
            if request.device == device
                && request.start == start
                && let Kind::Refresh(token) = request.kind
            {
                // A request in transit may still be processed.
                let processed =
                    request.response.as_ref().is_none_or(|(response, _)| response.processed);
                self.invariants.lost(token, processed);
            }
        }
    }

    pub fn request_moves_on(&mut self, number: usize) {
        let mut request = self.requests.swap_remove(number);
        match request.response.take() {
            None => {
                let fate = self.fate(&request.kind);
                self.note(|| format!("a request of process {} {fate:?}", request.device));
                self.faults += u64::from(!matches!(fate, Fate::Arrives));
                let response = self.respond(request.environment, &request.kind, fate);
                request.response = Some((response, self.true_time()));
                self.requests.push(request);
            }
            Some((response, sent_at)) => {
                // Its `Date` is taken for the present time.
                self.clock_was_wrong |= self.true_time() - sent_at > MAX_TRANSIT_MILLIS;
                self.deliver(&request, response);
            }
        }
    }

    fn deliver(&mut self, request: &Request, response: Response) {
        if self.devices[request.device].starts != request.start {
            return;
        }
        let (first, now) = (request.refresh_token().map(|token| self.first_of(token)), self.now);
        let Some(process) = &mut self.devices[request.device].process else { return };
        if let Some(seconds) = retry_after(&response.outcome) {
            let until = now + 1000 * seconds;
            if let Some(first) = first {
                process.rates.must_wait(first, until);
            }
            self.must_wait_until = self.must_wait_until.max(until);
        }
        if !matches!(response.outcome, Err(HttpError::Unreachable(_))) {
            process.rates.reached();
        }
        if let (Some(token), Some(first)) = (request.refresh_token(), first) {
            let Some(account) = self.server.account(token.session) else { return };
            let is_verifiable = self.services[request.environment].is_verifiable();
            process.of(account).useless_responses += 1;
            let held = process.held.get(&account);
            let thrown_away = held.is_none_or(|held| held.session != token.session);
            match response.meaning {
                Meaning::Unclear => process.of(account).response_lost = true,
                Meaning::Tokens | Meaning::Unusable => process.of(account).response_lost = false,
                Meaning::Refused | Meaning::Nothing | Meaning::Other => {}
            }
            match response.meaning {
                // The user has signed out or in meanwhile.
                _ if thrown_away => self.invariants.lost(token, response.processed),
                Meaning::Unclear => self.invariants.lost(token, response.processed),
                Meaning::Refused => process.of(account).refused = Some(token),
                Meaning::Tokens => {
                    process.rates.responded(first, is_verifiable);
                    process.refreshed(account, is_verifiable);
                }
                Meaning::Unusable | Meaning::Nothing | Meaning::Other => {}
            }
        }
        self.happens(request.device, Event::HttpCompleted(request.operation, response.outcome));
    }

    fn fate(&mut self, kind: &Kind) -> Fate {
        match self.network {
            Network::Good if self.refuses && matches!(kind, Kind::Refresh(_)) => Fate::Denies,
            // The keys are at an endpoint of their own, which may fail alone.
            Network::Good
                if matches!(kind, Kind::Keys) && !self.drain_phase && self.rng.u8(..4) == 0 =>
            {
                Fate::FailsBefore
            }
            Network::Good => Fate::Arrives,
            Network::Down => Fate::NeverLeaves,
            Network::Portal => Fate::Portal,
            Network::Failing(fate) => match kind {
                Kind::Refresh(_) | Kind::Code(_) => fate,
                Kind::Discovery | Kind::Time | Kind::Keys | Kind::Revocation(_) => Fate::Arrives,
            },
            Network::Flaky => {
                let usual = [
                    Fate::Arrives,
                    Fate::NeverLeaves,
                    Fate::LostOnTheWayThere,
                    Fate::LostOnTheWayBack,
                    Fate::FailsBefore,
                    Fate::FailsAfter,
                    Fate::TooMany,
                    Fate::Denies,
                    Fate::Portal,
                    Fate::Garbled,
                ];
                let seldom = [
                    Fate::NotHttp,
                    Fate::TooLarge,
                    Fate::ProxySignIn,
                    Fate::BadCertificate,
                    Fate::ForAnotherClient,
                ];
                let fates = if self.rng.u8(..5) == 0 { &seldom[..] } else { &usual[..] };
                fates[self.rng.usize(..fates.len())]
            }
        }
    }

    fn respond(&mut self, environment: usize, kind: &Kind, fate: Fate) -> Response {
        let interrupted = || Err(HttpError::Interrupted(String::new()));
        let (outcome, processed, meaning) = match fate {
            Fate::Arrives => return self.processed(environment, kind),
            Fate::ForAnotherClient => {
                let audience = self.services[environment].audience;
                self.services[environment].audience = Audience::AnotherClient;
                let response = self.processed(environment, kind);
                self.services[environment].audience = audience;
                return response;
            }
            Fate::NeverLeaves => {
                (Err(HttpError::Unreachable(String::new())), false, Meaning::Nothing)
            }
            Fate::LostOnTheWayThere => (Err(HttpError::TimedOut), false, Meaning::Unclear),
            Fate::LostOnTheWayBack => {
                self.processed(environment, kind);
                (interrupted(), true, Meaning::Unclear)
            }
            Fate::FailsBefore => {
                (self.page(Some(environment), 503, "text/html", b"<p>"), false, Meaning::Unclear)
            }
            Fate::FailsAfter => {
                self.processed(environment, kind);
                (self.page(Some(environment), 502, "text/html", b"<p>"), true, Meaning::Unclear)
            }
            Fate::TooMany => {
                (self.page(Some(environment), 429, "text/plain", b""), false, Meaning::Nothing)
            }
            Fate::Denies => {
                let body = b"{\"error\":\"invalid_request\"}";
                (
                    self.page(Some(environment), 400, "application/json", body),
                    false,
                    Meaning::Nothing,
                )
            }
            Fate::Portal => {
                (self.page(None, 200, "text/html", b"<p>Wi-Fi"), false, Meaning::Unclear)
            }
            Fate::Garbled => {
                self.processed(environment, kind);
                (
                    self.page(Some(environment), 200, "application/json", b"{\"access_tok"),
                    true,
                    Meaning::Unclear,
                )
            }
            Fate::NotHttp => {
                self.processed(environment, kind);
                (Err(HttpError::Malformed(String::new())), true, Meaning::Unclear)
            }
            Fate::TooLarge => {
                self.processed(environment, kind);
                (Err(HttpError::TooLarge), true, Meaning::Unclear)
            }
            Fate::ProxySignIn => (Err(HttpError::ProxySignIn), false, Meaning::Nothing),
            Fate::BadCertificate => {
                let fault = HttpError::Certificate(CertificateFault::UnknownIssuer, None);
                (Err(fault), false, Meaning::Nothing)
            }
        };
        Response { outcome, processed, meaning }
    }

    /// Processes the request at the environment and returns the response.
    fn processed(&mut self, environment: usize, kind: &Kind) -> Response {
        let tokens = &self.machines.tokens;
        let (body, meaning) = match kind {
            Kind::Discovery => {
                let document = self.discovery_document(environment).to_vec();
                return self.cached(environment, &document);
            }
            Kind::Keys => {
                let keys = tokens.keys(environment, self.services[environment].published);
                return self.cached(environment, keys);
            }
            Kind::Time => (Vec::new(), Meaning::Other),
            Kind::Revocation(token) => {
                let own = self.revoked(environment, *token);
                self.invariants.check(Invariant::NothingOfAnotherAccount, own, || {
                    format!("{token} was revoked elsewhere")
                });
                (Vec::new(), Meaning::Other)
            }
            Kind::Code(code) => match self.server.exchange(environment, code) {
                Some((token, agreed)) => {
                    let nonce = tokens.nonce(agreed.draw);
                    self.server.began_with(token.session, nonce, code);
                    self.tokens(token, Some(agreed.draw))
                }
                None => return self.refused(environment),
            },
            Kind::Refresh(token) => {
                if self.server.manners[environment].policy != ReusePolicy::Stays {
                    self.invariants.processed(*token);
                }
                match self.server.refresh(environment, *token, self.true_time()) {
                    Some(next) => {
                        let (body, meaning) = self.tokens(next, None);
                        if matches!(meaning, Meaning::Unusable) {
                            self.was_unusable(*token, next);
                        }
                        (body, meaning)
                    }
                    None => return self.refused(environment),
                }
            }
        };
        let outcome = self.page(Some(environment), 200, "application/json", &body);
        Response { outcome, processed: true, meaning }
    }

    fn refused(&mut self, environment: usize) -> Response {
        let body = b"{\"error\":\"invalid_grant\"}";
        let outcome = self.page(Some(environment), 400, "application/json", body);
        Response { outcome, processed: true, meaning: Meaning::Refused }
    }

    /// A token response. One to a refresh may have no ID token, and then possibly an access token about another
    /// user.
    fn tokens(&mut self, token: RefreshToken, draw: Option<u8>) -> (Vec<u8>, Meaning) {
        let second = wall(self.true_time()) / 1000;
        let session = &self.server.sessions[token.session];
        let (account, user, organization) = (session.account, session.user, session.organization);
        let environment = account.environment();
        let access = self.server.manners[environment].access;
        let Service { signer, audience, .. } = self.services[environment];
        let unusable = audience == Audience::AnotherClient;
        let bare = draw.is_none() && !unusable && self.rng.u8(..6) == 0;
        let foreign =
            bare && access == AccessKind::Jwt && !self.drain_phase && self.rng.u8(..3) == 0;
        // The subject cannot be verified then, and the token must not be returned.
        let signer = if foreign && self.rng.bool() { Signer::Unpublished } else { signer };
        let tokens = &self.machines.tokens;
        let signed =
            |subject| tokens.access_token(environment, subject, organization, second, signer);
        let access_token = match access {
            AccessKind::Opaque => format!("at-{}-{}", token.session, token.number),
            AccessKind::Repeated => {
                format!("at-{}-{user}-{}", account.0, second.div_euclid(600))
            }
            AccessKind::Jwt if foreign => signed(Subject::User(OTHER_USER)),
            AccessKind::Jwt => signed(Subject::User(user)),
            AccessKind::Pairwise => signed(Subject::Pairwise(user)),
        };
        let mut body = serde_json::json!({
            "token_type": "Bearer", "expires_in": self.server.access_token_lifetime,
            "access_token": access_token,
            // Each session ends with the hour.
            "authorization_expires_in": 3600 - second.rem_euclid(3600),
        });
        let Manner { policy, refreshable, .. } = self.server.manners[environment];
        // RFC 6749 §6: without a new refresh token the old one stays valid.
        if refreshable && (draw.is_some() || policy != ReusePolicy::Stays) {
            body["refresh_token"] = token.to_string().into();
        }
        if !bare {
            let about = About { draw, user, organization, audience };
            let id_token = tokens.id_token(environment, about, second, signer);
            body["id_token"] = id_token.into();
        }
        self.server.gave(&access_token, token);
        if foreign {
            self.invariants.foreign.insert(access_token);
        }
        let meaning = if foreign || unusable { Meaning::Unusable } else { Meaning::Tokens };
        (body.to_string().into_bytes(), meaning)
    }

    /// A response that may have been cached, with or without `Age`.
    fn cached(&mut self, environment: usize, body: &[u8]) -> Response {
        let mut outcome = self.page(Some(environment), 200, "application/json", body);
        let is_cached = !self.drain_phase && self.rng.u8(..5) == 0;
        let age = if is_cached { self.rng.i64(0..7200) } else { 0 };
        if let Ok(response) = &mut outcome {
            response.date = Some(self.date(environment, age));
            response.age = (is_cached && self.rng.bool()).then(|| age.to_string());
        }
        Response { outcome, processed: true, meaning: Meaning::Other }
    }

    /// A response of this environment, or of a program before it that sets no `Date`.
    fn page(
        &mut self,
        environment: Option<usize>,
        status: u16,
        content_type: &str,
        body: &[u8],
    ) -> HttpOutcome {
        let must_wait = status == 429 || (status == 503 && self.rng.u8(..4) == 0);
        let until = -self.rng.i64(0..900);
        let retry_after = must_wait.then(|| match self.rng.u8(..4) {
            0 => self.date(environment.unwrap_or_default(), until),
            _ => RETRY_AFTER[self.rng.usize(..RETRY_AFTER.len())].to_owned(),
        });
        Ok(HttpResponse {
            content_type: Some(content_type.to_owned()),
            retry_after,
            date: environment.map(|environment| self.date(environment, 0)),
            body: body.to_vec().into(),
            ..HttpResponse::new(status)
        })
    }
}

/// The number of seconds that a response asks to wait, if it is readable: at most an hour is obeyed.
fn retry_after(outcome: &HttpOutcome) -> Option<u64> {
    let response = outcome.as_ref().ok()?;
    let header = response.retry_after.as_deref()?;
    let seconds = header.parse().ok().or_else(|| {
        let date = |text: &str| httpdate::parse_http_date(text).ok();
        Some(date(header)?.duration_since(date(response.date.as_deref()?)?).ok()?.as_secs())
    })?;
    Some(seconds.min(3600))
}

/// RFC 7009 §2.1.
fn revoked_token(body: &[u8]) -> Option<RefreshToken> {
    let mut fields = form_urlencoded::parse(body);
    RefreshToken::parse(&fields.find(|(name, _)| name == "token")?.1)
}
