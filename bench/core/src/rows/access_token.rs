//! The cost of returning a valid access token, without a refresh.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use latchkey_bench_row::{Goal, Row, median};
use rustix::time::{ClockId, clock_gettime};
use scalekit_auth::{RefreshPolicy, Secret};
use scalekit_auth_native::{HttpClient, Keychain, Session};
use scalekit_dev::{ADA, Environment, Settings};
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use crate::{
    alternating::{Effort, in_turn},
    program::Program,
};

/// The row for one caller.
pub const ONE: &str = "access-token-one-caller";
/// The row for many callers.
pub const MANY: &str = "access-token-64-threads";
/// The row with the keychain as the baseline.
pub const KEYCHAIN: &str = "access-token-beside-keychain";

const THREADS: u32 = 64;

/// A minimal implementation: presence check, expiry check, copy.
struct Least {
    ends: AtomicU64,
    token: Secret,
}

impl Least {
    fn get(&self) -> Option<Secret> {
        let ends = self.ends.load(Ordering::Acquire);
        let now = u64::try_from(clock_gettime(ClockId::Boottime).tv_sec).unwrap_or(u64::MAX);
        (now < ends).then(|| self.token.clone())
    }
}

/// All rows for access tokens.
pub async fn rows(effort: Effort, wanted: impl Fn(&str) -> bool + Sync) -> Result<Vec<Row>> {
    let environment = Environment::start(Settings::default()).await?;
    let http = HttpClient::new("Latchkey-bench/0");
    let mut program =
        Program::start(environment.url(), &environment.client_id(), http, RefreshPolicy::Always)?;
    let page = program.sign_in_page().await?;
    program.callback(&environment.sign_in_as(ADA, page.as_str())?).await?;
    program.session.flush().await;
    let token = program.session.access_token().await?;
    let least = Least { ends: AtomicU64::new(u64::MAX), token: token.clone() };
    let requests = environment.token_requests("refresh_token").len();

    let mut rows = Vec::new();
    let session = program.session.clone();
    let handle = Handle::current();
    // The measuring threads are not those of the runtime, which has other work.
    let measured = std::thread::scope(|scope| {
        scope.spawn(|| measure(effort, &wanted, &handle, &session, &least)).join()
    });
    rows.extend(measured.map_err(|_| anyhow::anyhow!("a measuring thread panicked"))??);
    if wanted(KEYCHAIN) {
        rows.push(beside_keychain(effort, &session, &token).await?);
    }
    // The session's task ends with its last handle.
    drop(session);
    let refreshed = environment.token_requests("refresh_token").len() - requests;
    ensure!(refreshed == 0, "the session was refreshed while it was measured");
    program.end().await;
    Ok(rows)
}

fn measure(
    effort: Effort,
    wanted: impl Fn(&str) -> bool,
    handle: &Handle,
    session: &Session,
    least: &Least,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let of_session = |count| {
        handle.block_on(async {
            for _ in 0..count {
                drop(black_box(session.access_token().await?));
            }
            anyhow::Ok(())
        })
    };
    let of_least = |count| {
        for _ in 0..count {
            drop(black_box(least.get().context("it lasts")?));
        }
        anyhow::Ok(())
    };
    for (name, threads) in [(ONE, 1), (MANY, THREADS)] {
        if !wanted(name) {
            continue;
        }
        let each = effort.repetitions * 8 / threads;
        let medians = in_turn(
            effort.runs,
            || side_by_side(threads, each, || of_least(each)),
            || side_by_side(threads, each, || of_session(each)),
        )?;
        let row = Row::new(name, "ns", medians.subject, effort.runs);
        let row = row.beside("an atomic load, a clock read and a copy", medians.baseline);
        rows.push(row.with_goal(Goal::TimesAtMost(3.0)));
    }
    Ok(rows)
}

/// Nanoseconds per call with `each` calls on every thread, divided by the time of all threads.
fn side_by_side(threads: u32, each: u32, work: impl Fn() -> Result<()> + Sync) -> Result<f64> {
    let began = Instant::now();
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        all.into_iter().try_for_each(|one| {
            one.join().map_err(|_| anyhow::anyhow!("a measuring thread panicked"))?
        })
    })?;
    Ok(began.elapsed().as_secs_f64() * 1e9 / f64::from(each * threads))
}

/// As the provider's sample for desktops does: the token is read from the keychain for each call.
async fn beside_keychain(effort: Effort, session: &Session, token: &Secret) -> Result<Row> {
    const ENTRY: &str = "bench-access-token";
    const GAIN: Goal = Goal::FasterBy(1000.0);
    let keychain = Keychain::system("io.latchkey.bench");
    let value = Zeroizing::new(token.expose().as_bytes().to_vec());
    if let Err(why) = keychain.store(ENTRY, value).await {
        let why = format!("no keychain stores an entry ({why:?})");
        return Ok(Row::not_measured(KEYCHAIN, "ns", why).with_goal(GAIN));
    }
    let (mut of_keychain, mut of_session) = (Vec::new(), Vec::new());
    for _ in 0..effort.runs {
        let began = Instant::now();
        for _ in 0..10 {
            let read = keychain.load(ENTRY).await.ok().flatten();
            ensure!(read.is_some(), "the entry cannot be read");
        }
        of_keychain.push(began.elapsed().as_secs_f64() * 1e9 / 10.0);
        let began = Instant::now();
        for _ in 0..effort.repetitions {
            drop(black_box(session.access_token().await?));
        }
        of_session.push(began.elapsed().as_secs_f64() * 1e9 / f64::from(effort.repetitions));
    }
    let _ = keychain.clear(ENTRY).await;
    let row = Row::new(KEYCHAIN, "ns", median(of_session), effort.runs);
    Ok(row.beside("one keychain read", median(of_keychain)).with_goal(GAIN))
}
