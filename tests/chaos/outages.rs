//! Outages of the keychain, the network and HTTP responses, and the recovery.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use scalekit_dev::{Endpoint, InjectedFault, Times};

use crate::fixture::{Fixture, ReusePolicy};

// req: X6
#[tokio::test]
async fn keychain_loss_ends_no_session_and_needs_no_restart() -> Result<()> {
    let mut fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut process = fixture.starts()?;
    process.prints("fresh").await?;
    fixture.desktop.stop_keychain();
    process.sends("refresh").await?;
    process.prints("delayed RefreshKeychainUnavailable").await?;
    assert_eq!(fixture.refreshes(), 0, "no refresh token is sent that could not be stored");
    fixture.desktop.start_keychain()?;
    process.prints("fresh").await?;
    assert_eq!(fixture.refreshes(), 1);
    Ok(())
}

// req: H3
#[tokio::test]
async fn start_without_keychain_is_reported_and_retry_loads_session() -> Result<()> {
    let mut fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    fixture.desktop.stop_keychain();
    let mut process = fixture.starts()?;
    process.prints("unavailable KeychainMissing").await?;
    fixture.desktop.start_keychain()?;
    process.sends("retry").await?;
    process.prints("fresh").await?;
    Ok(())
}

// req: H3, X6
#[tokio::test]
async fn locked_keychain_is_reported_and_refresh_waits_for_unlock() -> Result<()> {
    let mut fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut running = fixture.starts()?;
    running.prints("fresh").await?;
    fixture.desktop.stop_keychain();
    fixture.desktop.start_locked_keychain()?;
    let mut started = fixture.starts()?;
    started.prints("unavailable KeychainLocked").await?;
    running.sends("refresh").await?;
    running.prints("delayed RefreshKeychainUnavailable").await?;
    assert_eq!(fixture.refreshes(), 0, "no refresh token is sent that could not be stored");
    fixture.desktop.stop_keychain();
    fixture.desktop.start_keychain()?;
    started.sends("retry").await?;
    started.prints("fresh").await?;
    running.prints("fresh").await?;
    assert_eq!(fixture.refreshes(), 1);
    Ok(())
}

// req: X6
#[tokio::test]
async fn dbus_loss_ends_no_session_and_needs_no_restart() -> Result<()> {
    let mut fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut process = fixture.starts()?;
    process.prints("fresh").await?;
    fixture.desktop.stop_bus()?;
    process.sends("refresh").await?;
    process.prints("delayed RefreshKeychainUnavailable").await?;
    let mut other = fixture.starts()?;
    other.prints("unavailable KeychainMissing").await?;
    assert_eq!(fixture.refreshes(), 0, "no refresh token is sent that could not be stored");
    fixture.desktop.start_bus()?;
    fixture.desktop.start_keychain()?;
    process.prints("fresh").await?;
    assert_eq!(fixture.refreshes(), 1);
    other.sends("retry").await?;
    other.prints("fresh").await?;
    Ok(())
}

#[tokio::test]
async fn refresh_succeeds_on_a_slow_network() -> Result<()> {
    let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut process = fixture.starts()?;
    process.prints("fresh").await?;
    for endpoint in [Endpoint::Discovery, Endpoint::Token, Endpoint::Keys] {
        let slow = InjectedFault::delay(Duration::from_secs(2));
        fixture.environment.inject_fault(endpoint, slow, Times::Always);
    }
    process.sends("refresh-and-print").await?;
    process.prints("result: fresh").await?;
    assert_eq!(fixture.refreshes(), 1);
    Ok(())
}

// req: E9, X2
#[tokio::test]
async fn dropped_refresh_response_is_retried_exactly_once() -> Result<()> {
    for (policy, expected) in [
        (ReusePolicy::AcceptsRetries, "fresh"),
        (ReusePolicy::EndsTheSession, "signed out SessionInterrupted"),
    ] {
        let fixture = Fixture::signed_in(policy).await?;
        let mut process = fixture.starts()?;
        process.prints("fresh").await?;
        fixture.environment.inject_fault(
            Endpoint::Token,
            InjectedFault::DropAfterCommit,
            Times::Once,
        );
        process.sends("refresh").await?;
        process.prints("delayed").await?;
        assert_eq!(process.prints_one_of(&["fresh", "signed out"]).await?, expected);
        assert_eq!(fixture.refreshes(), 2, "once more and not again");
    }
    Ok(())
}

// req: X7
#[tokio::test]
async fn offline_refresh_resumes_on_retry_hint() -> Result<()> {
    let mut fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut process = fixture.starts()?;
    process.prints("fresh").await?;
    fixture.environment.go_offline().await;
    process.sends("refresh").await?;
    process.prints("delayed RefreshOffline").await?;
    fixture.environment.come_back().await?;
    process.sends("retry_hint").await?;
    process.prints("fresh").await?;
    Ok(())
}

// req: X8
#[tokio::test]
async fn captive_portal_ends_no_session_and_gets_no_token() -> Result<()> {
    for page in [
        InjectedFault::Body {
            status: 200,
            content_type: "text/html".to_owned(),
            body: "<h1>Welcome to the hotel</h1>".to_owned(),
        },
        InjectedFault::Redirect { location: "/api/me".to_owned(), status: 302 },
    ] {
        let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
        let mut process = fixture.starts()?;
        process.prints("fresh").await?;
        fixture.environment.inject_fault(Endpoint::Token, page, Times::Once);
        process.sends("refresh").await?;
        process.prints("delayed RefreshUnavailable").await?;
        process.prints("fresh").await?;
        assert!(fixture.environment.requests_to("/api/me").is_empty(), "nothing is followed");
        assert_eq!(fixture.refreshes(), 2);
    }
    Ok(())
}

/// Runs this test again in a network namespace, which it may disconnect; returns whether it is inside.
fn is_in_a_network_of_its_own(test: &str) -> Result<bool> {
    const INSIDE: &str = "LATCHKEY_TEST_NETNS";
    if std::env::var_os(INSIDE).is_some() {
        ip(&["link", "set", "lo", "up"])?;
        return Ok(true);
    }
    let mut again = Command::new("unshare");
    again.args(["--map-root-user", "--net"]).arg(std::env::current_exe()?);
    again.args([test, "--exact", "--nocapture"]).env(INSIDE, "1");
    let output = again.output().context("unshare is missing")?;
    let output = (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned());
    ensure!(output.0 && output.1.contains("1 passed"), "in a network of its own: {}", output.1);
    Ok(false)
}

fn ip(arguments: &[&str]) -> Result<()> {
    ensure!(Command::new("ip").args(arguments).status()?.success(), "ip {arguments:?} failed");
    Ok(())
}

// req: X7
#[tokio::test]
async fn network_return_triggers_refresh_before_the_next_retry() -> Result<()> {
    let test = "outages::network_return_triggers_refresh_before_the_next_retry";
    if !is_in_a_network_of_its_own(test)? {
        return Ok(());
    }
    let fixture = Fixture::signed_in(ReusePolicy::EndsTheSession).await?;
    let mut process = fixture.starts()?;
    process.prints("fresh").await?;
    ip(&["address", "flush", "dev", "lo"])?;
    process.sends("refresh").await?;
    // Retries become less frequent. A long delay distinguishes a retry hint from the timer.
    let wait = loop {
        let line = process.prints("delayed RefreshOffline, next try in ").await?;
        let seconds = line.trim_end_matches(" s").rsplit(' ').next().context("no wait")?;
        let wait = Duration::try_from_secs_f64(seconds.parse()?).unwrap_or_default();
        if wait > Duration::from_secs(10) {
            break wait;
        }
    };
    let back = Instant::now();
    ip(&["address", "add", "127.0.0.1/8", "dev", "lo"])?;
    process.prints("fresh").await?;
    // A retry hint soon after a retry is delayed by five seconds; the next retry is later than that.
    let waited = back.elapsed();
    ensure!(waited + Duration::from_secs(2) < wait, "it has waited {waited:?} of {wait:?}");
    Ok(())
}
