//! The wall clock, the monotonic clock, and a timer on the latter, which also counts while the computer sleeps.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scalekit_auth::{Monotonic, Now, Wall};

/// The longest sleep of one Tokio timer, and so the longest delay of a timer that became due during suspend.
const MAX_SLEEP: Duration = Duration::from_secs(30);

/// The time on both clocks.
#[must_use]
pub fn now() -> Now {
    Now { monotonic: monotonic(), wall: wall() }
}

/// Waits until the monotonic clock shows `at`. Returns at once after a suspend past it; Tokio's own timers
/// do not advance during suspend.
pub async fn sleep_until(at: Monotonic) {
    #[cfg(target_os = "linux")]
    if timer::wait(at).await.is_ok() {
        return;
    }
    sleep_in_turns(at, monotonic).await;
}

/// Waits with timers that may not advance during suspend, as on macOS and Windows.
async fn sleep_in_turns(at: Monotonic, clock: impl Fn() -> Monotonic) {
    loop {
        let wait = at.since(clock());
        if wait.is_zero() {
            return;
        }
        tokio::time::sleep(wait.min(MAX_SLEEP)).await;
    }
}

pub fn wall() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The time since boot, suspend included; no user can set it.
#[cfg(target_os = "linux")]
pub fn monotonic() -> Monotonic {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Monotonic(Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default()))
}

/// A clock that counts suspend; no user can set it.
#[cfg(not(target_os = "linux"))]
pub fn monotonic() -> Monotonic {
    use std::sync::LazyLock;
    static ORIGIN: LazyLock<boot_time::Instant> = LazyLock::new(boot_time::Instant::now);
    let origin = *ORIGIN;
    Monotonic(boot_time::Instant::now().duration_since(origin))
}

#[cfg(target_os = "linux")]
mod timer {
    use std::os::fd::OwnedFd;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use scalekit_auth::Monotonic;
    use tokio::io::{Interest, unix::AsyncFd};

    /// A timer of the kernel on the clock that counts sleep (`timerfd_create(2)`).
    #[expect(
        deprecated,
        reason = "its successor is unsafe for types that lie about their file; an `OwnedFd` does not"
    )]
    pub async fn wait(at: Monotonic) -> std::io::Result<()> {
        let timer = create()?;
        let never_again = Timespec { tv_sec: 0, tv_nsec: 0 };
        let once = Timespec {
            tv_sec: i64::try_from(at.0.as_secs()).unwrap_or(i64::MAX),
            // Zero would disarm the timer.
            tv_nsec: i64::from(at.0.subsec_nanos()).max(1),
        };
        let moment = Itimerspec { it_interval: never_again, it_value: once };
        timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME, &moment)?;
        AsyncFd::with_interest(timer, Interest::READABLE)?.readable().await?.retain_ready();
        Ok(())
    }

    /// No child process inherits it: the browser may run longer than this process.
    pub fn create() -> std::io::Result<OwnedFd> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        Ok(timerfd_create(TimerfdClockId::Boottime, flags)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_clock_counts_milliseconds_since_1970() {
        let year_2026 = 1_767_225_600_000;
        assert!((year_2026..year_2026 * 4).contains(&now().wall.0), "{:?}", now().wall);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn kernel_timer_is_non_blocking_and_closed_on_exec() {
        use std::os::fd::AsRawFd;
        let timer = timer::create().unwrap();
        let about = format!("/proc/self/fdinfo/{}", timer.as_raw_fd());
        let about = std::fs::read_to_string(about).unwrap();
        let flags = about.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
        // `O_NONBLOCK`, `O_CLOEXEC` and `O_RDWR` (`proc_pid_fdinfo(5)`, in octal).
        assert_eq!(flags.trim(), "02004002");
    }

    #[tokio::test]
    async fn sleep_until_waits_only_for_future_instants() {
        let before = now().monotonic;
        sleep_until(Monotonic::default()).await;
        sleep_until(before).await;
        let soon = before.after(Duration::from_millis(30));
        sleep_until(soon).await;
        assert!(now().monotonic >= soon);
    }

    #[tokio::test(start_paused = true)]
    async fn fallback_timer_is_at_most_30s_late_after_suspend() {
        let began = tokio::time::Instant::now();
        let in_three_hours = Monotonic(Duration::from_secs(3 * 3600));
        // Awake for 90 seconds, then suspended for eight hours.
        let clock = || {
            let awake = began.elapsed();
            let night =
                Duration::from_secs(if awake > Duration::from_secs(90) { 8 * 3600 } else { 0 });
            Monotonic(awake + night)
        };
        sleep_in_turns(in_three_hours, clock).await;
        let late = began.elapsed().saturating_sub(Duration::from_secs(90));
        assert!(late > Duration::ZERO && late <= MAX_SLEEP, "{late:?}");
    }
}
