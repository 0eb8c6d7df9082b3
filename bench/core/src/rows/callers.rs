//! Many concurrent callers while the access token is expired.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use latchkey_bench_row::{Goal, Row, median};
use scalekit_auth::RefreshPolicy;
use scalekit_auth_native::{HttpClient, Session};
use scalekit_dev::{ADA, Endpoint, Environment, InjectedFault, Settings, Times};
use tokio::task::JoinSet;

use crate::{allocated, program::Program};

/// The row's name, and the prefix of those of its parts.
pub const NAME: &str = "100000-callers";

const CALLERS: usize = 100_000;

/// The response time of a token endpoint across the internet, used for both measurements.
const RESPONSE_TIME: Duration = Duration::from_millis(200);

/// The lifetime of access tokens: little more than all callers need.
const LIFETIME: Duration = Duration::from_secs(4);

/// Callers that all find the access token expired; the baseline is one caller.
pub async fn rows(runs: usize) -> Result<Vec<Row>> {
    let settings = Settings { access_token_lifetime: LIFETIME, ..Settings::default() };
    let environment = Environment::start(settings).await?;
    // With this policy only callers cause a refresh.
    let policy = RefreshPolicy::WhileInUse;
    let http = HttpClient::new("Latchkey-bench/0");
    let mut program = Program::start(environment.url(), &environment.client_id(), http, policy)?;
    let page = program.sign_in_page().await?;
    program.callback(&environment.sign_in_as(ADA, page.as_str())?).await?;
    program.session.flush().await;
    let delay = InjectedFault::delay(RESPONSE_TIME);
    environment.inject_fault(Endpoint::Token, delay, Times::Always);

    // The first refresh establishes the connection.
    request_tokens(&environment, &program.session, 1).await?;
    let (before, allocated_before) = (resident()?, allocated());
    let (mut of_one, mut of_many, mut requests) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        of_one.push(request_tokens(&environment, &program.session, 1).await?.0);
        let (seconds, sent) = request_tokens(&environment, &program.session, CALLERS).await?;
        of_many.push(seconds);
        requests.push(sent);
    }
    program.session.flush().await;
    let (after, allocated_after) = (resident()?, allocated());
    program.end().await;
    let row = |what: &str, unit: &'static str, value: f64| {
        Row::new(format!("{NAME}-{what}"), unit, value, runs)
    };
    Ok(vec![
        row("token-requests", "requests", requests.into_iter().fold(0.0, f64::max))
            .with_goal(Goal::Exactly(1.0)),
        row("time", "s", median(of_many))
            .beside("one caller", median(of_one))
            .with_goal(Goal::TimesAtMost(2.0))
            .with_note("the token response takes 200 ms in both"),
        row("memory-after", "KiB resident", after)
            .beside("before", before)
            .with_goal(Goal::TimesAtMost(1.1))
            .with_note("with what the allocator has not given back of the callers' own tasks"),
        row("allocated-after", "bytes", bytes(allocated_after))
            .beside("before", bytes(allocated_before))
            .with_goal(Goal::TimesAtMost(1.1)),
    ])
}

/// Waits until the token has expired, then requests one for each caller; seconds until all have it, and token requests.
async fn request_tokens(
    environment: &Environment,
    session: &Session,
    callers: usize,
) -> Result<(f64, f64)> {
    tokio::time::sleep(LIFETIME).await;
    let sent = || environment.token_requests("refresh_token").len();
    let before = sent();
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let session = session.clone();
        tasks.spawn(async move { session.access_token().await.map(drop) });
    }
    while let Some(caller) = tasks.join_next().await {
        caller?.context("a caller got no access token")?;
    }
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a few requests")]
    let requests = (sent() - before) as f64;
    Ok((seconds, requests))
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a process are exact in a double")]
fn bytes(count: usize) -> f64 {
    count as f64
}

/// The resident memory of this process, in KiB.
fn resident() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("the system does not report the memory in use")?.parse()?)
}
