//! Eight hours of a desktop without network or environment.

use anyhow::Result;
use scalekit_auth::{Event, Network, RefreshPolicy};

use crate::{
    day::HOUR,
    desktop::{DISCONNECTED, Desktop, Status, Step},
    environment::Environment,
    queue::{DesktopEvent, Queue},
};

/// The kind of outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// The computer has no network all the time, and the system reports that.
    NoNetwork,
    /// The environment responds with 503 to every request.
    NoService,
}

/// The result: the maximum over all desktops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Eight {
    /// The number of refresh tokens sent.
    pub tries: u32,
    /// The number of requests of any kind.
    pub requests: u32,
    /// The number of times the timer fired.
    pub timers: u32,
    /// The number of windows of the backoff in that time.
    pub windows: u32,
}

/// The number of desktops, each with random times of its own.
const DESKTOPS: u32 = 16;
const LASTS: u64 = 8 * HOUR;

/// Simulates an outage of eight hours.
///
/// # Errors
/// When no signing key can be created, or a desktop was not signed in before or after.
pub fn eight_hours(outage: Outage) -> Result<Eight> {
    let mut most = Eight { windows: windows(LASTS / 1000), ..Eight::default() };
    let mut environment = Environment::new(DESKTOPS)?;
    for number in 0..DESKTOPS {
        let one = of_desktop(outage, number, &mut environment)?;
        most.tries = most.tries.max(one.tries);
        most.requests = most.requests.max(one.requests);
        most.timers = most.timers.max(one.timers);
    }
    Ok(most)
}

fn of_desktop(outage: Outage, number: u32, environment: &mut Environment) -> Result<Eight> {
    let (mut desktop, mut queue) = (Desktop::new(number.into()), Queue::default());
    environment.fails = false;
    let began = HOUR;
    queue.push(began, number, DesktopEvent::SignIn);
    let (mut timers, mut before) = (0, None);
    while let Some((at, number, what)) = queue.pop()
        && at < 2 * began + LASTS
    {
        // The session is an hour old, so that nothing of the sign-in is pending.
        let begins = at >= 2 * began && before.is_none();
        if begins {
            before = Some((desktop.refreshes, desktop.requests));
        }
        let (queue, desktop) = (&mut queue, &mut desktop);
        let mut step = Step { number, desktop, queue, environment, at, served: &mut [0; 2] };
        match outage {
            Outage::NoNetwork if begins => {
                step.desktop.offline = DISCONNECTED;
                step.event(Event::NetworkChanged(Network::Absent));
            }
            Outage::NoService if begins => step.environment.fails = true,
            Outage::NoNetwork | Outage::NoService => {}
        }
        match what {
            DesktopEvent::SignIn => step.sign_in(RefreshPolicy::Always),
            DesktopEvent::Callback => step.callback(),
            DesktopEvent::Response(operation, kind) => step.response(operation, kind),
            DesktopEvent::Timer if step.desktop.timer_is(at) => {
                timers += u32::from(before.is_some());
                step.event(Event::TimerFired);
            }
            DesktopEvent::Timer
            | DesktopEvent::Sleep
            | DesktopEvent::Wake
            | DesktopEvent::Disconnect
            | DesktopEvent::Connect(_)
            | DesktopEvent::Use(_)
            | DesktopEvent::SiteFails => {}
        }
    }
    anyhow::ensure!(matches!(desktop.status, Status::Delayed(_)), "a session did not last");
    let (refreshes, requests) = before.unwrap_or_default();
    Ok(Eight {
        tries: desktop.refreshes - refreshes,
        requests: desktop.requests - requests,
        timers,
        windows: 0,
    })
}

/// The number of windows of 1, 2, 4 … 300 seconds that begin within this time.
fn windows(seconds: u64) -> u32 {
    let lengths = (0..).map(|tries: u32| (1_u64 << tries.min(9)).min(300));
    let mut begins = 0;
    let begin = |length| {
        let at = begins;
        begins += length;
        Some(at)
    };
    let count = lengths.map_while(begin).take_while(|at| *at < seconds).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_double_up_to_five_minutes() {
        assert_eq!([1, 2, 4, 511, 512, 811, 812].map(windows), [1, 2, 3, 9, 10, 10, 11]);
    }

    #[test]
    fn desktop_without_network_sends_nothing() {
        let found = eight_hours(Outage::NoNetwork).unwrap();
        assert_eq!((found.tries, found.requests), (0, 0), "{found:?}");
        // The timer at which the refresh was due.
        assert!(found.timers <= 1, "{found:?}");
    }

    #[test]
    fn desktop_without_service_keeps_to_the_backoff() {
        let found = eight_hours(Outage::NoService).unwrap();
        // The response may have been lost, so the first attempt is repeated at once.
        assert!(found.tries <= found.windows + 1, "{found:?}");
        assert!(found.tries >= found.windows - 1, "{found:?}");
        assert!(found.timers <= found.tries, "{found:?}");
    }
}
