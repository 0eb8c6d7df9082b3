//! The target for `Retry-After` and `Date`.

use std::time::{Duration, UNIX_EPOCH};

use scalekit_auth::time::Wall;

use crate::http_response::http_response;

/// For any header the delay is between one second and one hour, and a number or a date has the meaning of RFC
/// 9110. Other values are ignored.
pub fn retry_after_and_date(text: &[u8]) {
    let response = http_response(text);
    // 2027-01-15 08:00:00 UTC.
    let now = Wall(1_800_000_000_000);
    let date = response.date.as_deref().and_then(seconds);
    assert_eq!(response.date().map(Wall::seconds), date);
    let parsed = response.retry_after(now);
    let Some(written) = response.retry_after.as_deref().map(str::trim) else {
        assert_eq!(parsed, None);
        return;
    };
    let digits = written.strip_prefix('+').unwrap_or(written);
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let wait = if number {
        // A number of more than 64 bits is either far too large or not a number for the code under test.
        Some(digits.parse::<u128>().unwrap_or(u128::MAX))
            .filter(|wait| *wait <= u128::from(u64::MAX))
    } else {
        seconds(written).map(|at| {
            let wait = at.saturating_sub(date.unwrap_or(now.seconds()));
            u128::try_from(wait).unwrap_or(0)
        })
    };
    let expected =
        wait.map(|wait| Duration::from_secs(u64::try_from(wait.clamp(1, 3600)).unwrap()));
    assert_eq!(parsed, expected, "{written:?}");
}

fn seconds(text: &str) -> Option<i64> {
    let at = httpdate::parse_http_date(text).ok()?;
    Some(i64::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_secs()).unwrap())
}
