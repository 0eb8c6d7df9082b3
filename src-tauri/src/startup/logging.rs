//! The log: on standard error, and in no file.

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use scalekit_auth::{Monotonic, RateLimiter};
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt, fmt::MakeWriter};

/// The size limit of a line, in bytes.
const MAX_LINE_LEN: usize = 8 * 1024;

/// The rate limit: untrusted callers can cause log lines without end.
const LINES_PER_SECOND: u32 = 2000;

/// Starts the log. `LATCHKEY_LOG` sets the filter (`debug`, `latchkey=trace`, …); by default warnings and errors.
/// No log line contains a token, code, verifier or link, at any level.
pub fn start() {
    let filter = EnvFilter::try_from_env("LATCHKEY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ = tracing::subscriber::set_global_default(subscriber(io::stderr, filter));
}

fn subscriber<W>(writer: W, filter: EnvFilter) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // No colours: every control sequence in an event is then from untrusted input, and escaped.
    fmt()
        .with_env_filter(filter)
        .with_writer(SanitizingWriter::to(writer))
        .with_ansi(false)
        .with_target(true)
        .finish()
}

/// A writer that makes each event one line and limits the rate.
struct SanitizingWriter<W> {
    writer: W,
    began: Instant,
    limiter: Mutex<RateLimiter>,
    left_out: Mutex<u64>,
}

impl<W> SanitizingWriter<W> {
    fn to(writer: W) -> Self {
        let limiter =
            RateLimiter::new(4 * LINES_PER_SECOND, Duration::from_secs(1) / LINES_PER_SECOND);
        Self {
            writer,
            began: Instant::now(),
            limiter: Mutex::new(limiter),
            left_out: Mutex::new(0),
        }
    }

    /// The permission to write a line, with the number of lines that were left out before it.
    fn try_acquire(&self) -> Option<u64> {
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        if limiter.try_acquire(Monotonic(self.began.elapsed())).is_err() {
            *left_out += 1;
            return None;
        }
        Some(std::mem::take(&mut *left_out))
    }
}

impl<'a, W: MakeWriter<'a> + 'a> MakeWriter<'a> for SanitizingWriter<W> {
    type Writer = Line<'a, W>;

    fn make_writer(&'a self) -> Line<'a, W> {
        Line { lines: self, event: Vec::new() }
    }
}

/// One event, written when it is complete.
struct Line<'a, W: MakeWriter<'a>> {
    lines: &'a SanitizingWriter<W>,
    event: Vec<u8>,
}

impl<'a, W: MakeWriter<'a>> Write for Line<'a, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.event.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a, W: MakeWriter<'a>> Drop for Line<'a, W> {
    fn drop(&mut self) {
        let Some(left_out) = self.lines.try_acquire() else { return };
        let mut writer = self.lines.writer.make_writer();
        if left_out > 0 {
            let _ = writeln!(writer, "({left_out} lines are left out)");
        }
        let _ = writer.write_all(one_line(&String::from_utf8_lossy(&self.event)).as_bytes());
    }
}

/// The event without line ends and control sequences.
fn one_line(event: &str) -> String {
    let event = event.trim_end_matches('\n');
    let shown = (0..=event.len().min(MAX_LINE_LEN))
        .rev()
        .find(|at| event.is_char_boundary(*at))
        .unwrap_or(0);
    let more = event.len() - shown;
    let mut line = String::with_capacity(shown + 1);
    for c in event[..shown].chars() {
        if c.is_control() || is_invisible(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    let more =
        if more == 0 { Cow::Borrowed("") } else { Cow::Owned(format!(" … ({more} bytes more)")) };
    format!("{line}{more}\n")
}

/// Line separators of Unicode, and characters that change the direction of text or are invisible.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{061C}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// The log lines of `work`.
    fn logged(work: impl FnOnce()) -> String {
        let buffer = Arc::new(Mutex::new(Vec::new()));
        let subscriber = subscriber(Buffer(Arc::clone(&buffer)), EnvFilter::new("trace"));
        tracing::subscriber::with_default(subscriber, work);
        String::from_utf8(buffer.lock().unwrap().clone()).unwrap()
    }

    #[derive(Clone)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Buffer {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    // req: L2
    #[test]
    fn log_line_escapes_untrusted_newlines_and_control_chars() {
        let outside = "no\r\n2026-11-24T00:00:00Z  INFO latchkey: all is well\n\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{2028}\u{202e}";
        for log in [
            logged(|| tracing::warn!(why = outside, "refused")),
            logged(|| tracing::warn!(why = %outside, "refused")),
            logged(|| tracing::warn!(why = ?outside, "refused")),
            logged(|| tracing::warn!("refused: {outside}")),
        ] {
            assert_eq!(log.lines().count(), 1, "{log:?}");
            let line = log.strip_suffix('\n').unwrap();
            assert!(line.contains("refused") && line.contains("all is well"));
            assert!(!line.chars().any(|c| c.is_control() || is_invisible(c)), "{line:?}");
        }
    }

    // req: L2
    #[test]
    fn log_flood_is_truncated_and_reported() {
        let log = logged(|| {
            for number in 0..100_000 {
                tracing::warn!(number, "again");
            }
        });
        let lines = log.lines().count();
        assert!((8_000..50_000).contains(&lines), "{lines} lines");
        assert!(log.contains("lines are left out)"));
    }

    // req: L2
    #[test]
    fn log_line_is_truncated_at_max_length() {
        let log = logged(|| tracing::warn!("{}", "x".repeat(10_000_000)));
        assert!(log.len() < MAX_LINE_LEN + 100);
        assert!(log.ends_with("bytes more)\n"));
    }
}
