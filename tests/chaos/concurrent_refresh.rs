//! Two processes with one session.

use std::time::{Duration, Instant};

use anyhow::Result;
use latchkey_tests::TEST_TIMEOUT;
use rustix::process::Signal;
use scalekit_dev::{Endpoint, InjectedFault, Times};
use tokio::time::timeout;

use crate::{
    dose,
    fixture::{Fixture, Headless, ReusePolicy, measured},
};

/// A process that has sent its refresh token and waits for a token response with this delay.
pub async fn holding_the_lock(fixture: &Fixture, delay: Duration) -> Result<Headless> {
    let mut holder = fixture.starts()?;
    holder.prints("fresh").await?;
    fixture.environment.inject_fault(Endpoint::Token, InjectedFault::delay(delay), Times::Once);
    let before = fixture.environment.arrived("/oauth/token");
    holder.sends("refresh").await?;
    timeout(TEST_TIMEOUT, fixture.environment.wait_for_arrival("/oauth/token", before + 1)).await?;
    Ok(holder)
}

// req: E2, X3
#[tokio::test]
async fn concurrent_refresh_in_two_processes_sends_one_request() -> Result<()> {
    let rounds = dose(20, 500);
    let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let (mut one, mut other) = (fixture.starts()?, fixture.starts()?);
    one.prints("fresh").await?;
    other.prints("fresh").await?;
    let began = Instant::now();
    for round in 1..=rounds {
        tokio::try_join!(one.sends("refresh-and-print"), other.sends("refresh-and-print"))?;
        tokio::try_join!(one.prints("result: fresh"), other.prints("result: fresh"))?;
        assert_eq!(fixture.refreshes(), round, "both were sent");
    }
    one.ends().await?;
    other.ends().await?;
    measured(
        "two-processes",
        &[format!(
            "{rounds} rounds of two processes refreshing at once: {} token requests, 0 sessions lost, {:.0} s",
            fixture.refreshes(),
            began.elapsed().as_secs_f64()
        )],
    )
}

// req: H7
#[tokio::test]
async fn app_identifiers_isolate_sessions_and_locks() -> Result<()> {
    let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let preview = [("HEADLESS_IDENTIFIER", "io.latchkey.desktop.preview")];
    let mut preview = fixture.starts_with(&[], &preview)?;
    fixture.signs_in(&mut preview).await?;
    // A process that holds its own lock does not delay the other.
    let mut usual = holding_the_lock(&fixture, Duration::from_secs(600)).await?;
    preview.sends("refresh-and-print").await?;
    preview.prints("result: fresh").await?;
    usual.is_killed().await?;
    assert_eq!(fixture.refreshes(), 1);
    Ok(())
}

// req: X4
#[tokio::test]
async fn lock_holder_stopped_during_refresh_resumes_and_completes() -> Result<()> {
    let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut stopped = holding_the_lock(&fixture, Duration::from_secs(2)).await?;
    stopped.gets(Signal::STOP)?;
    let mut other = fixture.starts()?;
    // The journal records a token in flight, so this process refreshes at once, and has to wait for the lock.
    other.prints("refreshing").await?;
    if dose(0, 1) == 1 {
        other.prints("delayed OtherProcess").await?;
    }
    stopped.gets(Signal::CONT)?;
    stopped.prints("fresh").await?;
    other.prints("fresh").await?;
    assert_eq!(fixture.refreshes(), 1, "the other has adopted what was refreshed");
    other.sends("refresh-and-print").await?;
    other.prints("result: fresh").await?;
    Ok(())
}
