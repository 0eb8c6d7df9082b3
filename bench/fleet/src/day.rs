//! The simulated working day of the fleet. Times are milliseconds since midnight.

use std::ops::Range;

use scalekit_auth::RefreshPolicy;

/// A second.
pub const SECOND: u64 = 1000;
/// A minute.
pub const MINUTE: u64 = 60 * SECOND;
/// An hour.
pub const HOUR: u64 = 60 * MINUTE;

/// The start of the simulation.
pub const BEGIN: u64 = 8 * HOUR;
/// The end of the simulation.
pub const END: u64 = 18 * HOUR;
/// The mean time of sign-ins.
pub const SIGN_INS: u64 = 9 * HOUR;
/// The standard deviation of sign-ins; none is more than an hour earlier or later.
pub const SIGN_INS_SPREAD: u64 = 15 * MINUTE;
/// The outage of the environment.
pub const OUTAGE: Range<u64> = 12 * HOUR..12 * HOUR + 10 * MINUTE;
/// The time with a rate limit for token requests, after the outage.
pub const RATE_LIMITED: Range<u64> = OUTAGE.end..OUTAGE.end + 30 * MINUTE;
/// The time at which desktops that have waited since the outage are counted.
pub const RECOVERED_BY: u64 = 13 * HOUR;
/// The network outage of one site, with a tenth of the desktops.
pub const SITE_DOWN: Range<u64> = 15 * HOUR + 30 * MINUTE..15 * HOUR + 35 * MINUTE;
/// The time without sign-ins, outages and their consequences.
pub const STEADY: [Range<u64>; 2] =
    [10 * HOUR + 30 * MINUTE..OUTAGE.start, 13 * HOUR + 30 * MINUTE..SITE_DOWN.start];
/// The time with consequences of the outage.
pub const AFTER_OUTAGE: Range<u64> = OUTAGE.end..13 * HOUR + 30 * MINUTE;
/// The time with consequences of the site's recovery.
pub const AFTER_SITE: Range<u64> = SITE_DOWN.end..16 * HOUR + 30 * MINUTE;

/// `expires_in` of access tokens, in seconds; Scalekit's default.
pub const LIFETIME: u64 = 299;
/// Token requests per second and desktop that the environment serves after the outage: about the fleet's steady rate, so
/// that delayed requests exceed it.
pub const CAPACITY: f64 = 1.1 / 299.0;
/// `Retry-After` of rejected requests, in seconds.
pub const RETRY_AFTER: u64 = 30;

/// Means of exponentially distributed durations, in seconds: awake, asleep, between two failures of the network, and
/// during one.
pub const AWAKE: f64 = 120.0 * 60.0;
/// Asleep.
pub const ASLEEP: f64 = 30.0 * 60.0;
/// Between failures of the network.
pub const CONNECTED: f64 = 3.0 * 3600.0;
/// Without network.
pub const DISCONNECTED: f64 = 90.0;
/// Between two uses of the window.
pub const UNUSED: f64 = 60.0 * 60.0;
/// How long the window is shown.
pub const USED: u64 = 3 * MINUTE;

/// The parameters of a simulation.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The number of desktops.
    pub desktops: u32,
    /// When they refresh automatically.
    pub policy: RefreshPolicy,
    /// The seed of all random numbers.
    pub seed: u64,
}

/// The policy's name in the settings of an application.
#[must_use]
pub fn policy_name(policy: RefreshPolicy) -> &'static str {
    match policy {
        RefreshPolicy::Always => "always",
        RefreshPolicy::WhileInUse => "whileInUse",
    }
}
