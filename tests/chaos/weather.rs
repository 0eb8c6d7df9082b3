//! What goes away and comes back: the keychain, the network, an answer.

use anyhow::Result;
use scalekit_dev::{Endpoint, Misbehaviour, Times};

use crate::desk::{Desk, Policy};

#[tokio::test]
async fn a_keychain_that_vanishes_ends_no_session_and_needs_no_restart() -> Result<()> {
    let mut desk = Desk::signed_in(Policy::EndsTheSession).await?;
    let mut process = desk.starts()?;
    process.says("fresh").await?;
    desk.desktop.stop_keychain();
    process.wishes("renew").await?;
    process.says("delayed KeychainMissing").await?;
    assert_eq!(desk.renewals(), 0, "nothing is spent that could not be kept");
    desk.desktop.start_keychain()?;
    process.says("fresh").await?;
    assert_eq!(desk.renewals(), 1);
    Ok(())
}

#[tokio::test]
async fn a_start_without_a_keychain_says_so_and_finds_the_session_when_it_is_back() -> Result<()> {
    let mut desk = Desk::signed_in(Policy::EndsTheSession).await?;
    desk.desktop.stop_keychain();
    let mut process = desk.starts()?;
    process.says("unavailable KeychainMissing").await?;
    desk.desktop.start_keychain()?;
    process.wishes("retry").await?;
    process.says("fresh").await?;
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_dropped_after_the_token_was_used_is_asked_for_once_more() -> Result<()> {
    for (policy, expected) in
        [(Policy::Forgives, "fresh"), (Policy::EndsTheSession, "signed out SessionInterrupted")]
    {
        let desk = Desk::signed_in(policy).await?;
        let mut process = desk.starts()?;
        process.says("fresh").await?;
        desk.environment.misbehave(Endpoint::Token, Misbehaviour::DropAfterCommit, Times::Once);
        process.wishes("renew").await?;
        process.says("delayed").await?;
        assert_eq!(process.says_one_of(&["fresh", "signed out"]).await?, expected);
        assert_eq!(desk.renewals(), 2, "once more and not again");
    }
    Ok(())
}

#[tokio::test]
async fn without_a_network_the_session_waits_and_goes_on_at_a_nudge() -> Result<()> {
    let mut desk = Desk::signed_in(Policy::EndsTheSession).await?;
    let mut process = desk.starts()?;
    process.says("fresh").await?;
    desk.environment.go_offline().await;
    process.wishes("renew").await?;
    process.says("delayed Offline").await?;
    desk.environment.come_back().await?;
    process.wishes("nudge").await?;
    process.says("fresh").await?;
    Ok(())
}

#[tokio::test]
async fn somebody_elses_page_ends_no_session_and_gets_no_token() -> Result<()> {
    for page in [
        Misbehaviour::Body {
            status: 200,
            content_type: "text/html".to_owned(),
            body: "<h1>Welcome to the hotel</h1>".to_owned(),
        },
        Misbehaviour::Redirect { location: "/api/me".to_owned() },
    ] {
        let desk = Desk::signed_in(Policy::EndsTheSession).await?;
        let mut process = desk.starts()?;
        process.says("fresh").await?;
        desk.environment.misbehave(Endpoint::Token, page, Times::Once);
        process.wishes("renew").await?;
        process.says("delayed ServiceTrouble").await?;
        process.says("fresh").await?;
        assert!(desk.environment.requests_to("/api/me").is_empty(), "nothing is followed");
        assert_eq!(desk.renewals(), 2);
    }
    Ok(())
}
