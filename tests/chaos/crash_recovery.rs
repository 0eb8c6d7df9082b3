//! Crashes by `kill -9` at the fail points of a refresh.

use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::process::Signal;

use crate::{
    dose,
    fixture::{Fixture, ReusePolicy, measured},
};

/// Kills a process at this fail point of a refresh and starts another; returns its view and the number of refreshes.
async fn killed_at(point: &str, policy: ReusePolicy) -> Result<(String, usize)> {
    let fixture = Fixture::signed_in(policy).await?;
    let mut process = fixture.starts_with(&[], &[("LATCHKEY_FAILPOINT_KILL", point)])?;
    process.prints("fresh").await?;
    process.sends("refresh").await?;
    process.is_ended_by_signal().await?;
    let mut next = fixture.starts()?;
    let first = next.prints_one_of(&["fresh", "refreshing", "signed out"]).await?;
    let seen = if first == "refreshing" {
        next.prints_one_of(&["fresh", "signed out"]).await?
    } else {
        first
    };
    // The recovered session can be refreshed again.
    if seen == "fresh" {
        next.sends("refresh-and-print").await?;
        next.prints("result: fresh").await?;
    }
    next.ends().await?;
    Ok((seen, fixture.refreshes()))
}

// req: H1, X1
#[tokio::test]
async fn refresh_killed_at_any_step_recovers_or_reports_interruption() -> Result<()> {
    let refreshed = "fresh";
    let interrupted = "signed out SessionInterrupted";
    let mut table = vec![
        "| Killed | the environment, of a used token | the next start | token requests |"
            .to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    for (point, policy, expected, requests) in [
        // Not sent yet, so nothing is lost. One request at the next start, one by command.
        ("Journaled", ReusePolicy::EndsTheSession, refreshed, 2),
        ("Journaled", ReusePolicy::AcceptsRetries, refreshed, 2),
        // The new refresh token was lost with the process. One retry with the old one, and no more.
        ("ResponseReceived", ReusePolicy::EndsTheSession, interrupted, 2),
        ("ResponseReceived", ReusePolicy::AcceptsRetries, refreshed, 3),
        ("Storing", ReusePolicy::EndsTheSession, interrupted, 2),
        ("Storing", ReusePolicy::AcceptsRetries, refreshed, 3),
        // The new refresh token is stored.
        ("Stored", ReusePolicy::EndsTheSession, refreshed, 2),
        ("Stored", ReusePolicy::AcceptsRetries, refreshed, 2),
    ] {
        let (seen, count) = killed_at(point, policy).await?;
        assert_eq!((&*seen, count), (expected, requests), "{point}, {policy:?}");
        table.push(format!("| {point} | {policy:?} | {seen} | {count} |"));
    }
    measured("fail-points", &table)
}

// req: X1
#[tokio::test]
async fn refresh_killed_at_random_moments_loses_no_session() -> Result<()> {
    let kills = dose(8, 200);
    let fixture = Fixture::signed_in(ReusePolicy::AcceptsRetries).await?;
    let began = Instant::now();
    for kill in 0..kills {
        let mut process = fixture.starts_with(&["--refreshing"], &[])?;
        process.prints("fresh").await?;
        // Waits for no condition: the crash is to happen at a different time in each round.
        tokio::time::sleep(Duration::from_millis((kill as u64 * 37) % 101)).await;
        process.is_killed().await?;
    }
    let mut last = fixture.starts()?;
    last.prints("fresh").await?;
    last.sends("refresh-and-print").await?;
    last.prints("result: fresh").await?;
    let refused = fixture.environment.token_requests("refresh_token");
    let refused = refused.iter().filter(|request| request.status == Some(400)).count();
    assert_eq!(refused, 0);
    measured(
        "random-kills",
        &[format!(
            "{kills} kills at random moments of continuous refreshing, {} token requests, {refused} refused, 0 sessions lost, {:.0} s",
            fixture.refreshes(),
            began.elapsed().as_secs_f64()
        )],
    )
}

// req: X5
#[tokio::test]
async fn lock_of_a_killed_process_is_released_at_once() -> Result<()> {
    let fixture = Fixture::signed_in(ReusePolicy::AcceptsRetries).await?;
    let mut holder =
        crate::concurrent_refresh::holding_the_lock(&fixture, Duration::from_secs(600)).await?;
    let mut other = fixture.starts()?;
    other.prints("refreshing").await?;
    let began = Instant::now();
    holder.gets(Signal::KILL)?;
    holder.is_ended_by_signal().await?;
    other.prints("fresh").await?;
    let waited = began.elapsed();
    measured(
        "killed-holder",
        &[format!("The other process had refreshed the session after {waited:.0?}")],
    )
}
