//! `Retry-After` (RFC 9110 §10.2.3): the delay before a retry that a response requests.

use std::time::Duration;

use crate::time::Wall;

/// The maximum delay that is honoured: a longer one is more likely an error than a request.
pub(crate) const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// The delay of a header at this time of the sender's clock, between one second and [`MAX_RETRY_AFTER`].
pub(crate) fn read(header: &str, now: Wall) -> Option<Duration> {
    let header = header.trim();
    let wait = match header.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => http_date(header)?.since(now),
    };
    Some(wait.clamp(Duration::from_secs(1), MAX_RETRY_AFTER))
}

/// RFC 9110 §5.6.7.
pub(crate) fn http_date(text: &str) -> Option<Wall> {
    let at = httpdate::parse_http_date(text).ok()?;
    let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Wall(i64::try_from(since.as_millis()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    // req: K4
    #[test]
    fn retry_after_is_clamped_to_1s_1h() {
        let now = Wall(784_111_777_000); // Sun, 06 Nov 1994 08:49:37 GMT
        for (header, seconds) in [
            ("30", Some(30)),
            (" 30 ", Some(30)),
            ("0", Some(1)),
            ("99999999999", Some(3600)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:49:07 GMT", Some(1)),
            ("Wed, 21 Oct 2099 07:28:00 GMT", Some(3600)),
            ("-1", None),
            ("9e99", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(read(header, now), seconds.map(Duration::from_secs), "{header:?}");
        }
    }
}
