//! Panics: nothing is left that looks alive and is not.

use anyhow::{Context, Result};

use crate::desk::{Desk, Policy};

#[tokio::test]
async fn a_panic_anywhere_in_a_renewal_ends_the_session_task_and_loses_no_session() -> Result<()> {
    let desk = Desk::signed_in(Policy::Forgives).await?;
    // In the session's own task, in a request's, and in the keychain's.
    for point in ["Wished", "Noted", "Answered", "Storing", "Stored"] {
        let mut process = desk.starts_with(&[], &[("LATCHKEY_PANICS_AT", point)])?;
        process.says("fresh").await?;
        // The lock is asked for before most of these, and is free when it is over.
        process.wishes("renew").await?;
        process.says("fault").await.context(point)?;
        let mut next = desk.starts()?;
        next.says("fresh").await.context(point)?;
        next.wishes("renew-and-say").await?;
        next.says("over: fresh").await.context(point)?;
        next.ends().await?;
    }
    Ok(())
}
