//! The client's own processing from the authorization response to the signed-in user.
//!
//! Two clients in processes of their own, this project's and openid-client, sign in at the same environment
//! alternately. Each reports when the response arrived and when the user was known; the environment's time in
//! between is subtracted.

use std::{io::Write, path::Path, process::Stdio, time::Instant};

use anyhow::{Context, Result, ensure};
use latchkey_bench_row::{Goal, Row, median};
use rustix::time::{ClockId, clock_gettime};
use scalekit_auth::RefreshPolicy;
use scalekit_auth_native::HttpClient;
use scalekit_dev::{ADA, Environment, Options, Settings};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
    time::timeout,
};

use crate::program::{Program, TIMEOUT};

/// The row for the first sign-in of a process.
pub const FIRST: &str = "own-work-of-first-sign-in";
/// The row for later sign-ins.
pub const LATER: &str = "own-work-of-later-sign-ins";

/// The sign-ins of one process; the first is one row, the median of the second half the other.
const SIGN_INS: usize = 10;

/// Both rows.
pub async fn rows(runs: usize) -> Result<Vec<Row>> {
    // openid-client requires `token_type`, as does RFC 6749 §5.1; the provider's guides do not show it.
    let options = Options { token_type: true, ..Options::default() };
    let environment = Environment::start(Settings { options, ..Settings::default() }).await?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/foreign_clients/current");
    if !folder.join("node_modules/openid-client").exists() {
        let why = "openid-client is not installed; `cargo xtask test application` does it";
        let row = |name: &str| Row::not_measured(name, "µs", why.to_owned());
        return Ok([FIRST, LATER].map(|name| row(name).with_goal(GOAL)).into());
    }
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        theirs.push(client(&environment, node(&folder)).await.context("openid-client")?);
        ours.push(client(&environment, this_program()?).await.context("this client")?);
    }
    let first =
        |all: &[Vec<f64>]| median(all.iter().filter_map(|one| one.first().copied()).collect());
    let later = |all: &[Vec<f64>]| {
        median(all.iter().flat_map(|one| one[SIGN_INS / 2..].iter().copied()).collect())
    };
    let row = |name: &str, ours: f64, theirs: f64| {
        let row = Row::new(name, "µs", ours, runs)
            .beside("openid-client with its checks of signatures", theirs);
        row.with_goal(GOAL)
    };
    Ok(vec![row(FIRST, first(&ours), first(&theirs)), row(LATER, later(&ours), later(&theirs))])
}

const GOAL: Goal = Goal::TimesAtMost(0.25);

fn node(folder: &Path) -> Command {
    let mut client = Command::new("node");
    client.current_dir(folder).arg("measured_sign_in.js");
    client
}

fn this_program() -> Result<Command> {
    let mut client = Command::new(std::env::current_exe()?);
    client.arg("--client");
    Ok(client)
}

/// The client's own time for each sign-in of one process, in microseconds.
async fn client(environment: &Environment, mut client: Command) -> Result<Vec<f64>> {
    client.arg(environment.url()).arg(environment.client_id()).arg(SIGN_INS.to_string());
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut process = client.spawn()?;
    let mut to_client = process.stdin.take().context("no standard input")?;
    let mut lines = BufReader::new(process.stdout.take().context("no standard output")?).lines();
    let clock = Clocks::read();
    let mut own_work = Vec::new();
    while let Some(line) = timeout(TIMEOUT, lines.next_line()).await?? {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["user", email, page] => {
                let link = environment.sign_in_as(email, page)?;
                to_client.write_all(format!("{link}\n").as_bytes()).await?;
            }
            ["took", from, to] => {
                let (from, to) = (from.parse()?, to.parse()?);
                own_work
                    .push((to - from - response_time_between(environment, clock, from, to)) * 1e-3);
            }
            _ => {}
        }
    }
    ensure!(process.wait().await?.success(), "the client failed");
    ensure!(own_work.len() == SIGN_INS, "the client ended early");
    Ok(own_work)
}

/// Two clocks at the same time: all processes share the second, in nanoseconds.
#[derive(Clone, Copy)]
struct Clocks(Instant, f64);

impl Clocks {
    fn read() -> Self {
        Self(Instant::now(), monotonic())
    }
}

/// `CLOCK_MONOTONIC`, which Node's `process.hrtime` uses.
fn monotonic() -> f64 {
    let now = clock_gettime(ClockId::Monotonic);
    #[expect(clippy::cast_precision_loss, reason = "exact for a hundred days")]
    let (seconds, nanoseconds) = (now.tv_sec as f64, now.tv_nsec as f64);
    seconds * 1e9 + nanoseconds
}

/// Nanoseconds that the environment needed for responses in this interval.
fn response_time_between(environment: &Environment, clock: Clocks, from: f64, to: f64) -> f64 {
    let nanoseconds = |request: &scalekit_dev::RecordedRequest| {
        let began = clock.1 + request.began.saturating_duration_since(clock.0).as_secs_f64() * 1e9;
        let ended = began + request.took.as_secs_f64() * 1e9;
        (ended.min(to) - began.max(from)).max(0.0)
    };
    environment.requests().iter().filter(|request| request.began >= clock.0).map(nanoseconds).sum()
}

/// The client of this project: signs in this many times, each time with a newly started program.
///
/// # Errors
/// When a sign-in fails.
pub async fn play_client(environment: &str, client_id: &str, sign_ins: usize) -> Result<()> {
    let http = HttpClient::new("Latchkey-bench/0");
    // Blocks the program's main thread; the session has its own.
    let mut lines = std::io::stdin().lines();
    for _ in 0..sign_ins {
        let mut program =
            Program::start(environment, client_id, http.clone(), RefreshPolicy::Always)?;
        let page = program.sign_in_page().await?;
        print_line(&format!("user {ADA} {page}"))?;
        let link = lines.next().context("there is no response")??;
        let from = monotonic();
        program.callback(&link).await?;
        let to = monotonic();
        print_line(&format!("took {from} {to}"))?;
        program.end().await;
    }
    Ok(())
}

fn print_line(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
