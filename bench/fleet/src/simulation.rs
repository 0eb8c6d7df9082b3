//! The simulation of one shard over its day.

use anyhow::Result;
use scalekit_auth::{Event, Network, testing::SignatureMemo};

use crate::{
    day::{self, BEGIN, END, Plan, SECOND, SITE_DOWN},
    desktop::{ASLEEP, DISCONNECTED, Desktop, SITE, Status, Step, sign_in_time},
    environment::{Counts, Environment},
    queue::{DesktopEvent, Queue},
};

/// The result of a shard.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The number of desktops.
    pub desktops: u64,
    /// Requests by second.
    pub counts: Counts,
    /// Sessions that ended although no response was lost: each is a bug.
    pub lost: u64,
    /// Sessions that ended because the response to their refresh token was lost, with an environment without a grace
    /// period.
    pub interrupted: u64,
    /// Desktops that were awake and connected an hour after the outage, and had been waiting since then.
    pub unrecovered: u64,
    /// Users that were never signed in.
    pub never_signed_in: u64,
    /// Callers that got an access token, and those that did not.
    pub callers: [u64; 2],
    /// The memory of all state machines in bytes, without their tokens.
    pub bytes: u64,
    /// Processor time in seconds.
    pub seconds: f64,
}

/// Simulates a shard. `live_bytes` returns the number of allocated bytes.
///
/// # Errors
/// When no signing key can be created, or the system has no clock of the process's processor time.
pub fn simulate(plan: Plan, live_bytes: impl Fn() -> usize) -> Result<Outcome> {
    let _memo = SignatureMemo::begin();
    let began = cpu_seconds();
    let mut fleet = Fleet::new(plan)?;
    while let Some((at, number, what)) = fleet.queue.pop()
        && at < END
    {
        if at >= day::RECOVERED_BY && fleet.unrecovered.is_none() {
            fleet.unrecovered = Some(fleet.unrecovered());
        }
        fleet.happen(at, number, what);
    }
    let seconds = cpu_seconds() - began;
    Ok(fleet.outcome(seconds, live_bytes))
}

fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "a process works for days, not for ages")]
    let (seconds, nanoseconds) = (time.tv_sec as f64, time.tv_nsec as f64);
    seconds + nanoseconds / 1e9
}

struct Fleet {
    plan: Plan,
    desktops: Vec<Desktop>,
    queue: Queue,
    environment: Environment,
    callers: [u64; 2],
    unrecovered: Option<u64>,
}

impl Fleet {
    fn new(plan: Plan) -> Result<Self> {
        let mut seeds = fastrand::Rng::with_seed(plan.seed);
        let mut fleet = Self {
            plan,
            desktops: (0..plan.desktops).map(|_| Desktop::new(seeds.u64(..))).collect(),
            queue: Queue::default(),
            environment: Environment::new(plan.desktops)?,
            callers: [0; 2],
            unrecovered: None,
        };
        for (number, desktop) in (0..).zip(&mut fleet.desktops) {
            let at = sign_in_time(&mut desktop.rng).max(BEGIN);
            fleet.queue.push(at, number, DesktopEvent::SignIn);
            // No computer is suspended during its sign-in.
            let begins = at + 3 * day::MINUTE;
            let sleeps = begins + desktop.exponential(day::AWAKE);
            fleet.queue.push(sleeps, number, DesktopEvent::Sleep);
            let disconnects = begins + desktop.exponential(day::CONNECTED);
            fleet.queue.push(disconnects, number, DesktopEvent::Disconnect);
            let uses = begins + desktop.exponential(day::UNUSED);
            fleet.queue.push(uses, number, DesktopEvent::Use(true));
            if number % 10 == 0 {
                fleet.queue.push(SITE_DOWN.start, number, DesktopEvent::SiteFails);
            }
        }
        Ok(fleet)
    }

    fn happen(&mut self, at: u64, number: u32, what: DesktopEvent) {
        let Some(desktop) = self.desktops.get_mut(number as usize) else { return };
        let queue = &mut self.queue;
        let mut step = Step {
            number,
            desktop,
            queue,
            environment: &mut self.environment,
            at,
            served: &mut self.callers,
        };
        match what {
            DesktopEvent::SignIn => step.sign_in(self.plan.policy),
            DesktopEvent::Callback => step.callback(),
            DesktopEvent::Response(operation, kind) => step.response(operation, kind),
            DesktopEvent::Timer => {
                if step.desktop.is_awake() && step.desktop.timer_is(at) {
                    step.event(Event::TimerFired);
                }
            }
            DesktopEvent::Sleep => {
                step.desktop.offline |= ASLEEP;
                step.desktop.wakes_at = at + step.desktop.exponential(day::ASLEEP);
                step.queue.push(step.desktop.wakes_at, number, DesktopEvent::Wake);
            }
            DesktopEvent::Wake => {
                // After a wake-up, the network connects a few seconds later.
                step.desktop.offline &= !ASLEEP;
                step.desktop.offline |= DISCONNECTED;
                let connects = at + step.desktop.rng.u64(SECOND..4 * SECOND);
                step.queue.push(connects, number, DesktopEvent::Connect(DISCONNECTED));
                let sleeps = at + step.desktop.exponential(day::AWAKE);
                step.queue.push(sleeps, number, DesktopEvent::Sleep);
                step.event(Event::TimerFired);
                step.event(Event::RetryHint);
                step.event(Event::NetworkChanged(Network::Absent));
            }
            DesktopEvent::Disconnect => {
                step.desktop.offline |= DISCONNECTED;
                if step.desktop.is_awake() {
                    step.event(Event::NetworkChanged(Network::Absent));
                }
                let lasts = step.desktop.exponential(day::DISCONNECTED);
                step.queue.push(at + lasts, number, DesktopEvent::Connect(DISCONNECTED));
                let again = at + lasts + step.desktop.exponential(day::CONNECTED);
                step.queue.push(again, number, DesktopEvent::Disconnect);
            }
            DesktopEvent::SiteFails => {
                step.desktop.offline |= SITE;
                step.queue.push(SITE_DOWN.end, number, DesktopEvent::Connect(SITE));
            }
            DesktopEvent::Connect(reason) => {
                step.desktop.offline &= !reason;
                step.desktop.online_since = at;
                // During the site's outage the interfaces still exist, so there is no change of the network.
                let event = match reason {
                    SITE => Event::RetryHint,
                    _ => Event::NetworkChanged(Network::Present),
                };
                if step.desktop.is_awake() {
                    step.event(event);
                }
            }
            DesktopEvent::Use(in_use) => {
                if in_use {
                    step.queue.push(at + day::USED, number, DesktopEvent::Use(false));
                    let again = at + day::USED + step.desktop.exponential(day::UNUSED);
                    step.queue.push(again, number, DesktopEvent::Use(true));
                }
                // No window is shown on a suspended computer; one that is shown before stays so.
                if step.desktop.is_awake() {
                    step.use_window(in_use);
                }
            }
        }
    }

    fn unrecovered(&self) -> u64 {
        let waits = |one: &&Desktop| {
            one.offline == 0
                && matches!(one.status, Status::Delayed(since) if since < day::RATE_LIMITED.end)
        };
        self.desktops.iter().filter(waits).count() as u64
    }

    fn outcome(self, seconds: f64, live_bytes: impl Fn() -> usize) -> Outcome {
        let environment = &self.environment;
        let with =
            |status: Status| self.desktops.iter().filter(|one| one.status == status).count() as u64;
        let ended = with(Status::Lost);
        let interrupted = environment.rejected_after_loss.min(ended);
        let mut outcome = Outcome {
            desktops: self.desktops.len() as u64,
            counts: environment.counts.clone(),
            lost: (ended - interrupted).max(environment.rejected_for_no_reason),
            interrupted,
            unrecovered: self.unrecovered.unwrap_or_default(),
            never_signed_in: with(Status::Before),
            callers: self.callers,
            bytes: 0,
            seconds,
        };
        let tokens = environment.token_bytes(END) as u64 * outcome.desktops;
        let machines: Vec<_> = self.desktops.into_iter().map(Desktop::into_machine).collect();
        let before = live_bytes();
        drop(machines);
        outcome.bytes = (before.saturating_sub(live_bytes()) as u64).saturating_sub(tokens);
        outcome
    }
}
