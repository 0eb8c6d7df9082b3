//! Pages in the browser, and the links from them or from elsewhere.

use scalekit_auth::session::{Event, ListenError, OpenBrowserError, Operation};
use url::Url;
use zeroize::Zeroizing;

use super::{Simulation, wall};
use crate::{
    invariants::Invariant,
    server::Code,
    settings::{OF_ENVIRONMENTS, organization},
};

const ADDRESS: &str = "io.latchkey.simulated";

/// A page in the browser.
pub struct Page {
    device: usize,
    start: u32,
    operation: Operation,
    opened: bool,
    kind: PageKind,
}

/// A listener at the loopback redirect URI.
pub struct Listener {
    pub device: usize,
    pub start: u32,
    pub operation: Operation,
    /// The port, after it has started.
    pub port: Option<u16>,
}

enum PageKind {
    /// One of the environment's hosted pages.
    Hosted,
    SignIn {
        code: Code,
        state: String,
        redirect: String,
    },
    SignOut {
        state: String,
        redirect: String,
    },
}

impl Simulation<'_> {
    pub fn open_page(&mut self, device: usize, operation: Operation, url: &Url) {
        let value = |name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let start = self.devices[device].starts;
        if url.path().starts_with("/ui/") {
            let kind = PageKind::Hosted;
            self.pages.push(Page { device, start, operation, opened: false, kind });
            return;
        }
        let state = value("state").unwrap_or_default();
        // `state` and nonce of the simulation have the same bytes.
        let Some(draw) = self.machines.tokens.draw_of(&state) else {
            self.invariants.breaks("a page is of no draw");
            return;
        };
        let kind = if url.path() == "/oidc/logout" {
            self.signed_out_of(device, draw);
            let redirect = value("post_logout_redirect_uri").unwrap_or_default();
            PageKind::SignOut { state, redirect }
        } else {
            let requested = value("organization_id");
            let organization = requested
                .as_ref()
                .and_then(|requested| (0..4).find(|one| *requested == organization(*one)));
            let redirect = value("redirect_uri").unwrap_or_default();
            let Some(code) = self.requested_sign_in(draw, url, &value("client_id"), organization)
            else {
                return;
            };
            let code = Code { loopback: loopback_port(&redirect), ..code };
            self.check_second_request(device, &code);
            PageKind::SignIn { code, state, redirect }
        };
        self.pages.push(Page { device, start, operation, opened: false, kind });
    }

    /// A sign-out is complete once the browser was opened.
    fn signed_out_of(&mut self, device: usize, draw: u8) {
        let Some(process) = &mut self.devices[device].process else { return };
        let session = process.signing_out.remove(&draw);
        self.invariants.check(Invariant::BrowserPartOfSigningOut, session.is_some(), || {
            "the browser was opened to sign out of nothing".to_owned()
        });
        let by = (device, self.devices[device].starts);
        self.invariants.signed_out_by.extend(session.map(|session| (session, by)));
        self.invariants
            .over
            .extend(session.filter(|session| !self.invariants.unnoted.contains(session)));
    }

    /// The request has the configuration at the time of the user action.
    fn requested_sign_in(
        &mut self,
        draw: u8,
        url: &Url,
        client: &Option<String>,
        organization: Option<u8>,
    ) -> Option<Code> {
        let Some(account) = self.drawn_for[usize::from(draw)] else {
            self.invariants.breaks("a page is of nobody's sign-in");
            return None;
        };
        let environment = account.environment();
        let (address, expected) = OF_ENVIRONMENTS[environment];
        let pinned = account.organization();
        let fits = url.as_str().starts_with(address)
            && client.as_deref() == Some(expected)
            && pinned.is_none_or(|pinned| organization == Some(pinned));
        self.invariants.check(Invariant::NothingOfAnotherAccount, fits, || {
            format!("a sign-in for {account} asks {url}")
        });
        if let Some(shown) = self.agreed_to.get(&draw) {
            let sent = organization.map(crate::settings::organization);
            self.invariants.check(Invariant::ShownIsSent, sent == *shown, || {
                format!("{shown:?} was shown, and {sent:?} is asked for")
            });
        }
        Some(Code {
            environment,
            account,
            draw,
            user: 0,
            organization,
            requested: organization,
            loopback: None,
            used: false,
        })
    }

    /// The second request has the same organization, and there is no third one.
    fn check_second_request(&mut self, device: usize, code: &Code) {
        let start = self.devices[device].starts;
        let is_here = |one: &&Listener| (one.device, one.start) == (device, start);
        let listening = self.listeners.iter().filter(is_here).count();
        self.invariants.check(Invariant::TwoRequestsAtMost, listening <= 1, || {
            format!("{listening} loopback redirect URIs are waited at")
        });
        let Some(process) = &mut self.devices[device].process else { return };
        if code.loopback.is_none() {
            process.requested = Some(code.requested);
            return;
        }
        let Some(first) = process.requested else { return };
        let second = code.requested;
        self.invariants.check(Invariant::ShownIsSent, first == second, || {
            format!("{first:?} was asked for first, and {second:?} then")
        });
    }

    /// A listener starts, or fails to.
    pub fn listens(&mut self, number: usize) {
        let fails = !self.drain_phase && self.rng.u8(..10) == 0;
        let port = 49_152 + self.rng.u16(..1000);
        let Some(listener) = self.listeners.get_mut(number) else { return };
        let (device, start, operation) = (listener.device, listener.start, listener.operation);
        listener.port = Some(port);
        if fails {
            self.listeners.remove(number);
        }
        if self.devices[device].starts == start {
            let outcome = if fails { Err(ListenError(String::new())) } else { Ok(port) };
            self.happens(device, Event::Listening(operation, outcome));
        }
    }

    /// Removes the listeners of processes that have exited.
    pub fn forget_dead_listeners(&mut self) {
        let devices = &self.devices;
        self.listeners.retain(|one| {
            let device = &devices[one.device];
            device.process.is_some() && device.starts == one.start
        });
    }

    /// The first listener that has not started.
    pub fn starting_listener(&self) -> Option<usize> {
        self.listeners.iter().position(|one| one.port.is_none())
    }

    /// The listener that a page redirects to, if it still runs.
    fn listener_at(&self, device: usize, port: u16) -> Option<Operation> {
        let start = self.devices[device].starts;
        let there =
            |one: &&Listener| (one.device, one.start, one.port) == (device, start, Some(port));
        self.devices[device].process.as_ref()?;
        self.listeners.iter().find(there).map(|one| one.operation)
    }

    /// Any process of the computer can guess the port.
    pub fn stray_loopback_response(&mut self, device: usize) {
        let of_device = |one: &&Listener| one.device == device;
        if let Some(operation) = self.listeners.iter().find(of_device).map(|one| one.operation) {
            let query = Zeroizing::new(b"code=code-0&state=guessed".to_vec());
            self.happens(device, Event::LoopbackResponse(operation, query));
        }
    }

    pub fn pastes(&mut self, device: usize, text: &str) {
        self.happens(device, Event::LinkPasted(Zeroizing::new(text.as_bytes().to_vec())));
    }

    pub fn page_moves_on(&mut self, number: usize) {
        let mut page = self.pages.swap_remove(number);
        let alive = self.devices[page.device].starts == page.start;
        if !page.opened {
            let opens = self.drain_phase || self.rng.u8(..20) > 0;
            let outcome = if opens { Ok(()) } else { Err(OpenBrowserError(String::new())) };
            let (device, operation) = (page.device, page.operation);
            page.opened = true;
            let hosted = matches!(page.kind, PageKind::Hosted);
            if opens {
                self.pages.push(page);
            }
            if alive {
                if let (true, Some(process)) = (opens && hosted, &mut self.devices[device].process)
                {
                    process.visits = true;
                }
                self.happens(device, Event::BrowserOpened(operation, outcome));
            }
            return;
        }
        let mut own = None;
        let link = match page.kind {
            PageKind::Hosted => return,
            PageKind::SignIn { code, state, redirect } if code.loopback.is_some() => {
                let Some(response) = self.signed_in_in_browser(code) else { return };
                self.comes_back_by_loopback(
                    page.device,
                    code.loopback,
                    &redirect,
                    &response,
                    &state,
                );
                return;
            }
            PageKind::SignIn { code, state, redirect } => {
                own = self.waited_for(page.device, &state).then(|| state.clone());
                let response = self.signed_in_in_browser(code);
                response.map(|response| format!("{redirect}?{response}&state={state}"))
            }
            PageKind::SignOut { state, redirect } => {
                self.rng.bool().then(|| format!("{redirect}?state={state}"))
            }
        };
        let Some(link) = link else { return };
        if self.devices[page.device].process.is_none() {
            self.start(page.device);
        }
        let link = if self.rng.u8(..6) == 0 { format!("{link}#_") } else { link };
        let times = if self.rng.u8(..5) == 0 { 2 } else { 1 };
        let pasted = own.is_some() && self.rng.u8(..8) == 0;
        for _ in 0..times {
            if pasted {
                self.pastes(page.device, &link);
            } else {
                self.link(page.device, &link);
            }
        }
        if let (Some(state), true) = (own, self.is_open(page.device)) {
            let waits = self.waited_for(page.device, &state);
            self.invariants.check(Invariant::OwnCallbackIsTaken, !waits, || {
                "a sign-in still waits for the callback that came".to_owned()
            });
        }
    }

    /// Without a listener the browser shows the URL, and the user may paste it.
    fn comes_back_by_loopback(
        &mut self,
        device: usize,
        port: Option<u16>,
        redirect: &str,
        response: &str,
        state: &str,
    ) {
        let waits = self.waited_for(device, state);
        let query = format!("{response}&state={state}");
        match port.and_then(|port| self.listener_at(device, port)) {
            Some(operation) => {
                let times = if self.rng.u8(..5) == 0 { 2 } else { 1 };
                for _ in 0..times {
                    let query = Zeroizing::new(query.clone().into_bytes());
                    self.happens(device, Event::LoopbackResponse(operation, query));
                }
            }
            None if self.rng.bool() => self.pastes(device, &format!("{redirect}?{query}")),
            None => return,
        }
        if waits && self.is_open(device) {
            let still = self.waited_for(device, state);
            self.invariants.check(Invariant::OwnCallbackIsTaken, !still, || {
                "a sign-in still waits for the loopback response that came".to_owned()
            });
        }
    }

    /// Whether a process waits for the authorization response with this `state`.
    fn waited_for(&self, device: usize, state: &str) -> bool {
        let process = self.devices[device].process.as_ref();
        let link = process.and_then(|process| process.machine.sign_in_link());
        link.is_some_and(|link| {
            link.query_pairs().any(|(name, value)| name == "state" && value == state)
        })
    }

    fn signed_in_in_browser(&mut self, code: Code) -> Option<String> {
        let draw = if self.agrees { 4 } else { self.rng.u8(..10) };
        match draw {
            0 => Some("error=access_denied".to_owned()),
            1 => None,
            other => {
                let user = self.rng.u8(..2);
                // The requested organization passed through a browser and may have been modified.
                let organization = if other == 2 { Some(3) } else { code.organization };
                let (issuer, _) = OF_ENVIRONMENTS[code.environment];
                let code = self.server.code(Code { user, organization, ..code });
                let named = if other == 3 { format!("&iss={issuer}") } else { String::new() };
                Some(format!("code={code}{named}"))
            }
        }
    }

    /// An untrusted link at any time.
    pub fn stray_link(&mut self, device: usize) {
        let link = match self.rng.u8(..10) {
            0 => format!("{ADDRESS}://login"),
            1 => format!("{ADDRESS}://login?error=access_denied"),
            2 => format!("{ADDRESS}://callback?code=code-0&state=guessed"),
            3 => format!("{ADDRESS}://signed-out?state=guessed"),
            4 => "https://evil.example/".to_owned(),
            _ => self.invitation(),
        };
        self.link(device, &link);
    }

    fn invitation(&mut self) -> String {
        let environment = self.rng.usize(..OF_ENVIRONMENTS.len());
        let organization = [None, Some(1), Some(2)][self.rng.usize(..3)];
        let minutes = if self.rng.u8(..5) == 0 { 30 } else { 0 };
        let second = wall(self.true_time()) / 1000;
        let signer = self.services[environment].signer;
        let tokens = &self.machines.tokens;
        let token = tokens.invitation(environment, organization, minutes, second, signer);
        format!("{ADDRESS}://login?idp_initiated_login={token}")
    }

    fn link(&mut self, device: usize, link: &str) {
        self.happens(device, Event::Link(Zeroizing::new(link.as_bytes().to_vec())));
    }
}

fn loopback_port(redirect_uri: &str) -> Option<u16> {
    redirect_uri.strip_prefix("http://127.0.0.1:")?.strip_suffix("/callback")?.parse().ok()
}
