//! The working day that the fleet is simulated over. Times are milliseconds since midnight.

use std::ops::Range;

use scalekit_auth::RefreshPolicy;

/// A second, a minute and an hour.
pub const SECOND: u64 = 1000;
/// A minute.
pub const MINUTE: u64 = 60 * SECOND;
/// An hour.
pub const HOUR: u64 = 60 * MINUTE;

/// The simulation begins.
pub const BEGIN: u64 = 8 * HOUR;
/// The simulation ends.
pub const END: u64 = 18 * HOUR;
/// Users sign in around this moment,
pub const SIGN_INS: u64 = 9 * HOUR;
/// with this standard deviation, and no more than an hour before or after.
pub const SIGN_INS_SPREAD: u64 = 15 * MINUTE;
/// The environment is down.
pub const OUTAGE: Range<u64> = 12 * HOUR..12 * HOUR + 10 * MINUTE;
/// It limits token requests after that.
pub const RATE_LIMITED: Range<u64> = OUTAGE.end..OUTAGE.end + 30 * MINUTE;
/// Who still waits at this moment since the outage has not recovered.
pub const RECOVERED_BY: u64 = 13 * HOUR;
/// A tenth of the desktops loses its network at the same moment: one site.
pub const SITE_DOWN: Range<u64> = 15 * HOUR + 30 * MINUTE..15 * HOUR + 35 * MINUTE;
/// The day without sign-ins, outage and their consequences.
pub const STEADY: [Range<u64>; 2] =
    [10 * HOUR + 30 * MINUTE..OUTAGE.start, 13 * HOUR + 30 * MINUTE..SITE_DOWN.start];
/// When the outage has its consequences.
pub const AFTER_OUTAGE: Range<u64> = OUTAGE.end..13 * HOUR + 30 * MINUTE;
/// When the site's return has its consequences.
pub const AFTER_SITE: Range<u64> = SITE_DOWN.end..16 * HOUR + 30 * MINUTE;

/// What an access token's life is stated as; Scalekit's default.
pub const LIFETIME: u64 = 299;
/// Token requests a second that the environment serves after the outage, for each desktop: about what the fleet needs
/// in its steady hours, so that what the outage has delayed is beyond it.
pub const CAPACITY: f64 = 1.1 / 299.0;
/// What it asks the others to wait, in seconds.
pub const RETRY_AFTER: u64 = 30;

/// Means of what happens to a desktop, each exponentially distributed: awake, asleep, between two failures of its
/// network, and how long one lasts.
pub const AWAKE: f64 = 120.0 * 60.0;
/// Asleep.
pub const ASLEEP: f64 = 30.0 * 60.0;
/// Between failures of the network.
pub const CONNECTED: f64 = 3.0 * 3600.0;
/// Without network.
pub const DISCONNECTED: f64 = 90.0;
/// Between two uses of the window.
pub const UNUSED: f64 = 60.0 * 60.0;
/// The window is shown so long.
pub const USED: u64 = 3 * MINUTE;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many desktops.
    pub desktops: u32,
    /// When they refresh by themselves.
    pub policy: RefreshPolicy,
    /// Draws everything that is random.
    pub seed: u64,
}

/// The policy as the settings of an application name it.
#[must_use]
pub fn policy_name(policy: RefreshPolicy) -> &'static str {
    match policy {
        RefreshPolicy::Always => "always",
        RefreshPolicy::WhileInUse => "whileInUse",
    }
}
