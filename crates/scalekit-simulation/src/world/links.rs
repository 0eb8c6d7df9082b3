//! Pages in the browser, and the links that come of them or of nowhere.

use scalekit_auth::session::{Event, OpenBrowserError, Operation};
use url::Url;
use zeroize::Zeroizing;

use super::{Simulation, wall};
use crate::{
    rules::Rule,
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

enum PageKind {
    SignIn { code: Code, state: String, redirect: String },
    SignOut { state: String, redirect: String },
}

impl Simulation<'_> {
    pub fn open_page(&mut self, device: usize, operation: Operation, url: &Url) {
        let value = |name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let state = value("state").unwrap_or_default();
        // State and nonce of the simulation are made of the same bytes.
        let Some(draw) = self.machines.tokens.draw_of(&state) else {
            self.rules.breaks("a page is of no draw");
            return;
        };
        let start = self.devices[device].starts;
        let kind = if url.path() == "/oidc/logout" {
            self.signed_out_of(device, draw);
            let redirect = value("post_logout_redirect_uri").unwrap_or_default();
            PageKind::SignOut { state, redirect }
        } else {
            let asked = value("organization_id");
            let organization =
                asked.as_ref().and_then(|asked| (0..4).find(|one| *asked == organization(*one)));
            let Some(code) = self.asked_to_sign_in(draw, url, &value("client_id"), organization)
            else {
                return;
            };
            PageKind::SignIn { code, state, redirect: value("redirect_uri").unwrap_or_default() }
        };
        self.pages.push(Page { device, start, operation, opened: false, kind });
    }

    /// Whoever signs out is signed out once the browser's part has begun.
    fn signed_out_of(&mut self, device: usize, draw: u8) {
        let Some(process) = &mut self.devices[device].process else { return };
        let session = process.signing_out.remove(&draw);
        self.rules.judge(Rule::BrowserPartOfSigningOut, session.is_some(), || {
            "the browser was opened to sign out of nothing".to_owned()
        });
        self.rules.over.extend(session.filter(|session| !self.rules.unnoted.contains(session)));
    }

    /// The request is the one of the configuration under which the user wished to sign in.
    fn asked_to_sign_in(
        &mut self,
        draw: u8,
        url: &Url,
        client: &Option<String>,
        organization: Option<u8>,
    ) -> Option<Code> {
        let Some(account) = self.drawn_for[usize::from(draw)] else {
            self.rules.breaks("a page is of nobody's sign-in");
            return None;
        };
        let environment = account.environment();
        let (address, expected) = OF_ENVIRONMENTS[environment];
        let pinned = account.organization();
        let fits = url.as_str().starts_with(address)
            && client.as_deref() == Some(expected)
            && pinned.is_none_or(|pinned| organization == Some(pinned));
        self.rules.judge(Rule::NothingOfAnotherAccount, fits, || {
            format!("a sign-in for {account} asks {url}")
        });
        if let Some(shown) = self.agreed_to.get(&draw) {
            let sent = organization.map(crate::settings::organization);
            self.rules.judge(Rule::ShownIsSent, sent == *shown, || {
                format!("{shown:?} was shown, and {sent:?} is asked for")
            });
        }
        Some(Code { environment, account, draw, user: 0, organization, used: false })
    }

    pub fn page_moves_on(&mut self, number: usize) {
        let mut page = self.pages.swap_remove(number);
        let alive = self.devices[page.device].starts == page.start;
        if !page.opened {
            let opens = self.drain_phase || self.rng.u8(..20) > 0;
            let outcome = if opens { Ok(()) } else { Err(OpenBrowserError(String::new())) };
            let (device, operation) = (page.device, page.operation);
            page.opened = true;
            if opens {
                self.pages.push(page);
            }
            if alive {
                self.happens(device, Event::BrowserOpened(operation, outcome));
            }
            return;
        }
        let mut own = None;
        let link = match page.kind {
            PageKind::SignIn { code, state, redirect } => {
                own = self.waited_for(page.device, &state).then(|| state.clone());
                let answer = self.signed_in_in_browser(code);
                answer.map(|answer| format!("{redirect}?{answer}&state={state}"))
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
        for _ in 0..times {
            self.link(page.device, &link);
        }
        if let (Some(state), Some(_)) = (own, &self.devices[page.device].process) {
            let waits = self.waited_for(page.device, &state);
            self.rules.judge(Rule::OwnCallbackIsTaken, !waits, || {
                "a sign-in still waits for the callback that came".to_owned()
            });
        }
    }

    /// Whether a process waits for the callback with this `state`.
    fn waited_for(&self, device: usize, state: &str) -> bool {
        let process = self.devices[device].process.as_ref();
        let link = process.and_then(|process| process.machine.sign_in_link());
        link.is_some_and(|link| {
            link.query_pairs().any(|(name, value)| name == "state" && value == state)
        })
    }

    fn signed_in_in_browser(&mut self, code: Code) -> Option<String> {
        match self.rng.u8(..10) {
            0 => Some("error=access_denied".to_owned()),
            1 => None,
            other => {
                let user = self.rng.u8(..2);
                // What was asked for passed through a browser, where it can be changed.
                let organization = if other == 2 { Some(3) } else { code.organization };
                let (issuer, _) = OF_ENVIRONMENTS[code.environment];
                let code = self.server.code(Code { user, organization, ..code });
                let named = if other == 3 { format!("&iss={issuer}") } else { String::new() };
                Some(format!("code={code}{named}"))
            }
        }
    }

    /// A link comes at any time, from anybody.
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
        let second = wall(self.now) / 1000;
        let token = self.machines.tokens.invitation(environment, organization, minutes, second);
        format!("{ADDRESS}://login?idp_initiated_login={token}")
    }

    fn link(&mut self, device: usize, link: &str) {
        self.happens(device, Event::Link(Zeroizing::new(link.as_bytes().to_vec())));
    }
}
