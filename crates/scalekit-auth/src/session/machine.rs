//! The machine: the accounts, and the dispatch of events to them.

use std::time::Duration;

use url::Url;

#[cfg(feature = "seeded-bugs")]
use crate::session::seeded_bug::SeededBug;
use crate::session::{
    access_token::CachedAccessToken,
    account::{Account, has_bug},
    event::{Effect, Event, Network, Operation},
    state::lock::LOCK_WAIT_NOTICE,
};
use crate::{
    configuration::Configuration,
    time::{Monotonic, Now},
    view::SessionView,
};

/// The maximum number of left accounts with pending operations. A user who changes the settings back and forth
/// has two; beyond the maximum, one is discarded.
const MAX_LEFT: usize = 8;

/// The state machine of the session: maps events to effects.
///
/// The caller performs the effects of a step and reports the result of each as a further event.
///
/// # Events
///
/// | Event | What it does |
/// |---|---|
/// | [`Configured`](Event::Configured) | the first event: reads what is stored; later: changes the account, or makes another one current |
/// | [`SignIn`](Event::SignIn) | begins a sign-in, in place of one that is pending |
/// | [`CancelSignIn`](Event::CancelSignIn) | ends the pending sign-in |
/// | [`OpenBrowserAgain`](Event::OpenBrowserAgain) | opens the same authorization request again |
/// | [`UseLoopback`](Event::UseLoopback) | sends the browser off with a second authorization request, whose response comes to a loopback redirect URI |
/// | [`LinkPasted`](Event::LinkPasted) | an authorization response as the user has copied it, untrusted |
/// | [`AcceptInvitation`](Event::AcceptInvitation), [`DeclineInvitation`](Event::DeclineInvitation) | the user's decision on a login initiation: begins a sign-in, or drops the question |
/// | [`Refresh`](Event::Refresh) | refreshes the session now |
/// | [`OpenHostedPage`](Event::OpenHostedPage) | opens a page of the environment about the user |
/// | [`SignOut`](Event::SignOut) | ends the session here, then, unless only this computer is meant, in the browser |
/// | [`Retry`](Event::Retry), [`ContinueWithoutKeychain`](Event::ContinueWithoutKeychain) | accesses a keychain that failed again, or goes on without one |
/// | [`Dismiss`](Event::Dismiss) | takes the problem that is shown away |
/// | [`Link`](Event::Link) | a deep link, untrusted: an authorization response, a login initiation or the end of a sign-out |
/// | [`AccessTokenRequested`](Event::AccessTokenRequested) | returns an access token, after a refresh if that is needed |
/// | [`RetryHint`](Event::RetryHint) | brings a delayed refresh forward |
/// | [`UserReturned`](Event::UserReturned) | the same, and refreshes the session after a hosted page was open or when the access token is a minute old |
/// | [`NetworkChanged`](Event::NetworkChanged) | without a network a delayed refresh waits for one; with one, the same as a retry hint |
/// | [`InUse`](Event::InUse) | whether a refresh that is due begins by itself, where the configuration makes that a condition |
/// | [`Exit`](Event::Exit) | completes operations in progress, and begins none |
/// | [`SchemeHandlerChanged`](Event::SchemeHandlerChanged) | reports that links go to another application |
/// | [`TimerFired`](Event::TimerFired) | does what is due; early and repeated timers change nothing |
///
/// # Effects and the events that complete them
///
/// | Effect | Completed once, with the same [`Operation`], by |
/// |---|---|
/// | [`Send`](Effect::Send) | [`HttpCompleted`](Event::HttpCompleted) |
/// | [`Lock`](Effect::Lock) | [`Locked`](Event::Locked), which may take as long as another process holds the lock |
/// | [`Load`](Effect::Load) | [`Loaded`](Event::Loaded) |
/// | [`Store`](Effect::Store), [`Append`](Effect::Append) | [`Stored`](Event::Stored) |
/// | [`Delete`](Effect::Delete) | [`Deleted`](Event::Deleted) |
/// | [`OpenBrowser`](Effect::OpenBrowser) | [`BrowserOpened`](Event::BrowserOpened) |
/// | [`Listen`](Effect::Listen) | [`Listening`](Event::Listening), and [`LoopbackResponse`](Event::LoopbackResponse) for each response |
/// | [`FetchPicture`](Effect::FetchPicture) | [`PictureFetched`](Event::PictureFetched) |
/// | [`SetTimer`](Effect::SetTimer) | [`TimerFired`](Event::TimerFired), without an operation, at that moment or later |
/// | [`Unlock`](Effect::Unlock), [`CompleteTokenRequest`](Effect::CompleteTokenRequest), [`StopListening`](Effect::StopListening), [`BringToFront`](Effect::BringToFront), [`PublishView`](Effect::PublishView) | none |
///
/// # Order
///
/// `Load`, `Store`, `Append` and `Delete` are performed one after the other, in the order in which they are returned,
/// over all steps. `Unlock` waits until those before it have been performed, also where one has timed out: a store
/// without the lock may overwrite the token of another process. All other effects may be performed at any time and
/// concurrently. An effect that depends on another one is returned only after the event that completes that one: the
/// refresh token is sent after the journal was written or has failed, the browser is opened after the pending sign-in
/// was written or has failed, and a caller gets a token only after it was stored.
///
/// # What a caller must not do
///
/// - leave an effect without an event: failures and timeouts are reported too, as the session waits for the event;
/// - report an error in `Locked` because another process holds the lock: the machine then continues without a lock, or
///   requests it again;
/// - pass a monotonic time that is earlier than the previous one;
/// - use the same entropy twice;
/// - end the process before [`Event::Exit`] and then [`Machine::is_quiescent`]: the response to a refresh token that was
///   sent would be lost;
/// - show the webview, or write to a log, anything but [`SessionView`]s.
///
/// The states are in `docs/state-machine.md`.
///
/// # Example
///
/// The caller performs the effects and passes their results to the next step:
///
/// ```
/// use std::time::Duration;
///
/// use scalekit_auth::{
///     ClientId, Configuration, Effect, EnvironmentUrl, Event, Machine, Monotonic, Now, Problem, RedirectUris, Wall,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let configuration = Configuration::new(
///     EnvironmentUrl::parse("https://acme.scalekit.com")?,
///     ClientId::parse("skc_1234")?,
///     RedirectUris::with_scheme("com.example.app")?,
/// );
/// let now = Now { monotonic: Monotonic(Duration::ZERO), wall: Wall(1_800_000_000_000) };
/// let mut machine = Machine::new(7);
/// let mut effects = machine.step(Event::Configured(Some(configuration)), now);
/// let mut views = Vec::new();
/// while let Some(effect) = effects.pop() {
///     match effect {
///         // A new computer: its keychain is empty.
///         Effect::Load(operation, _) => {
///             effects.extend(machine.step(Event::Loaded(operation, Ok(None)), now));
///         }
///         Effect::PublishView(view) => views.push(view),
///         _ => {}
///     }
/// }
/// assert!(matches!(views.last(), Some(scalekit_auth::SessionView::SignedOut { .. })));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "testing", derive(Clone))]
pub struct Machine {
    pub(super) current: Account,
    /// The accounts of earlier configurations, the one left last at the end.
    pub(super) left: Vec<Account>,
    accounts: u64,
    seed: u64,
    published: Option<SessionView>,
    wakes_at: Option<Monotonic>,
    in_use: bool,
    network: Network,
    /// The process is about to end.
    exits: bool,
    #[cfg(feature = "seeded-bugs")]
    seeded_bug: Option<SeededBug>,
}

impl Machine {
    /// A machine before its first [`Event::Configured`]. `seed` distributes the refreshes of many computers
    /// over time; it need not be secret.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            current: Account::new(0, seed),
            left: Vec::new(),
            accounts: 0,
            seed,
            published: None,
            wakes_at: None,
            in_use: false,
            network: Network::default(),
            exits: false,
            #[cfg(feature = "seeded-bugs")]
            seeded_bug: None,
        }
    }

    /// A machine with a seeded bug.
    #[cfg(feature = "seeded-bugs")]
    #[must_use]
    pub fn with_bug(seed: u64, seeded_bug: SeededBug) -> Self {
        let seeded_bug = Some(seeded_bug);
        Self { seeded_bug, current: Account::with_bug(0, seed, seeded_bug), ..Self::new(seed) }
    }

    /// Processes one event at this time and returns the effects to perform.
    pub fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let mut effects = match (event.operation(), event) {
            (_, Event::Configured(_)) if self.exits => Vec::new(),
            (_, Event::Configured(configuration)) => self.configured(configuration, now),
            (None, Event::Exit) => {
                self.exits = true;
                self.current.step(Event::Exit, now)
            }
            (Some(operation), event) => self.completed(operation, event, now),
            (None, Event::TimerFired) => self.woke(now),
            (None, Event::InUse(in_use)) => {
                self.in_use = in_use;
                self.current.step(Event::InUse(in_use), now)
            }
            (None, Event::NetworkChanged(network)) => {
                self.network = network;
                self.current.step(Event::NetworkChanged(network), now)
            }
            (None, Event::Link(link)) => {
                let mut effects = Vec::new();
                for account in &mut self.left {
                    effects.extend(account.post_logout_redirect(&link, now));
                }
                effects.extend(self.current.step(Event::Link(link), now));
                effects
            }
            (None, event) => self.current.step(event, now),
        };
        self.left.retain(|account| !account.is_finished());
        self.publish(&mut effects);
        effects
    }

    /// The URL of the pending authorization request. For the user's clipboard, never for the webview or a log.
    #[must_use]
    pub fn sign_in_link(&self) -> Option<Url> {
        self.current.sign_in_link()
    }

    /// The access token that callers get until the next event. A caller that caches it must drop it with the
    /// next event: the user may have signed out.
    #[must_use]
    pub fn cached_access_token(&self) -> Option<CachedAccessToken<'_>> {
        self.current.cached_access_token()
    }

    /// The number of responses, one after the other, after which no token is in flight: to the code exchange, to a
    /// JWKS request that was under way already, and to another one because the key is newer; or to the discovery
    /// request, to the code exchange and to a JWKS request. The request for the time before a clock is reported as wrong
    /// is not counted: few such sign-ins succeed.
    pub const MAX_RESPONSES_IN_FLIGHT: u32 = 3;

    /// The number of operations of the keychain, one after the other, after which no token is unsaved: a pending sign-in
    /// is deleted, and the refreshed session and that of the sign-in are stored.
    pub const MAX_KEYCHAIN_OPERATIONS: u32 = 3;

    /// The time that tokens stay unsaved while another process holds the lock. Then the user has a notice.
    pub const MAX_LOCK_WAIT: Duration = LOCK_WAIT_NOTICE;

    /// Whether no token is in flight or unsaved, so that the process may exit after [`Event::Exit`].
    #[must_use]
    pub fn is_quiescent(&self) -> bool {
        // No view shows that a left account is not stored, or that this one is not after the exit was announced.
        let is_quiescent =
            |account: &Account| account.is_quiescent() && !account.saves_again_soon();
        std::iter::once(&self.current).chain(&self.left).all(is_quiescent)
    }

    fn configured(&mut self, configuration: Option<Configuration>, now: Now) -> Vec<Effect> {
        if self.current.is_same_account(configuration.as_ref())
            && !has_bug!(self, SettingsDropTheSession)
        {
            return self.current.configured(configuration, now);
        }
        let known =
            self.left.iter().position(|account| account.is_same_account(configuration.as_ref()));
        let next = match known {
            Some(at) => self.left.remove(at),
            None => self.new_account(),
        };
        let mut before = std::mem::replace(&mut self.current, next);
        self.current.in_use = self.in_use;
        self.current.network = self.network;
        let mut effects = before.left(&mut self.current, now);
        if !before.is_finished() && !has_bug!(self, SettingsDropTheSession) {
            self.left.push(before);
            if self.left.len() > MAX_LEFT {
                // An account with a signed-in user may hold the only copy of that session.
                let cheapest = self.left.iter().position(Account::holds_no_session);
                effects.extend(self.left.remove(cheapest.unwrap_or(0)).give_up());
            }
        }
        effects.extend(self.current.configured(configuration, now));
        effects
    }

    fn new_account(&mut self) -> Account {
        self.accounts += 1;
        let seed = self.seed.wrapping_add(self.accounts);
        #[cfg(feature = "seeded-bugs")]
        return Account::with_bug(self.accounts, seed, self.seeded_bug);
        #[cfg(not(feature = "seeded-bugs"))]
        Account::new(self.accounts, seed)
    }

    /// Dispatches the event to the account that issued the operation. An event for an operation that is no
    /// longer pending is ignored, except that an acquired lock is released.
    fn completed(&mut self, operation: Operation, event: Event, now: Now) -> Vec<Effect> {
        let mut accounts = std::iter::once(&mut self.current).chain(&mut self.left);
        if let Some(account) = accounts.find(|account| account.has_requested(operation)) {
            return account.step(event, now);
        }
        if let Event::Locked(operation, Ok(())) = event {
            vec![Effect::Unlock(operation)]
        } else {
            Vec::new()
        }
    }

    fn woke(&mut self, now: Now) -> Vec<Effect> {
        let accounts = std::iter::once(&mut self.current).chain(&mut self.left);
        accounts.flat_map(|account| account.step(Event::TimerFired, now)).collect()
    }

    /// Publishes a changed view, and sets the timer to the next deadline.
    fn publish(&mut self, effects: &mut Vec<Effect>) {
        // No window is left, and a pause is not to be shown.
        let view = if self.exits { self.published.clone() } else { None };
        let view = view.unwrap_or_else(|| self.current.view());
        if self.published.as_ref() != Some(&view) {
            self.published = Some(view.clone());
            effects.push(Effect::PublishView(view));
        }
        let accounts = std::iter::once(&self.current).chain(&self.left);
        let wakes_at = accounts.filter_map(Account::deadline).min();
        if self.wakes_at != wakes_at {
            self.wakes_at = wakes_at;
            effects.push(Effect::SetTimer(wakes_at));
        }
    }
}
