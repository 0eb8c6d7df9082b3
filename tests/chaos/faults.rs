//! Panics: a process that has lost a task ends, instead of continuing without it.

use anyhow::{Context, Result, ensure};
use latchkey_tests::TEST_TIMEOUT;
use tokio::time::timeout;

use crate::{
    application::{is_still_signed_in, signed_in, start},
    fixture::{Fixture, ReusePolicy},
    instance::BOX,
};

// req: X24
#[tokio::test]
async fn panic_during_refresh_ends_task_but_loses_no_session() -> Result<()> {
    let fixture = Fixture::signed_in(ReusePolicy::AcceptsRetries).await?;
    // In the session's own task, in a request's task, and in the keychain's thread.
    for point in ["RefreshRequested", "Journaled", "ResponseReceived", "Storing", "Stored"] {
        let mut process = fixture.starts_with(&[], &[("LATCHKEY_FAILPOINT_PANIC", point)])?;
        process.prints("fresh").await?;
        // The lock is acquired before most of these, and must be released afterwards.
        process.sends("refresh").await?;
        process.prints("fault").await.context(point)?;
        let mut next = fixture.starts()?;
        next.prints("fresh").await.context(point)?;
        next.sends("refresh-and-print").await?;
        next.prints("result: fresh").await.context(point)?;
        next.ends().await?;
    }
    Ok(())
}

// req: X24
#[tokio::test(flavor = "multi_thread")]
async fn panic_in_app_is_shown_exits_with_1_and_keeps_the_session() -> Result<()> {
    let env = signed_in().await?;
    let mut application = start(&env, &[("LATCHKEY_FAILPOINT_PANIC", "ResponseReceived")])?;
    env.desktop.has_in_front(BOX).await?;
    ensure!(application.try_wait()?.is_none(), "it ended before it was read");
    env.desktop.press_key("Escape")?;
    let ended = timeout(TEST_TIMEOUT, application.wait()).await.context("it lives on")??;
    ensure!(ended.code() == Some(1), "it ended with {ended}");
    is_still_signed_in(&env).await
}
