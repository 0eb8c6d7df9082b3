//! Signing in.

use anyhow::Result;
use latchkey_tests::{Kept, Scene};

const ADA: &str = "ada@analytical.example";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_with_the_browser_and_sees_who_they_are() -> Result<()> {
    let mut scene = Scene::usual().await?;
    let application = scene.signed_in_as(ADA).await?;
    for text in ["Ada Lovelace", ADA, "Verified", "Analytical Engines", "admin", "reports:write"] {
        application.sees(text).await?;
    }
    let live = scene.environment.live_refresh_token_of(ADA).unwrap();
    Kept::comes_to_hold(&scene.desktop, &live).await?;
    assert_eq!(scene.environment.token_requests("authorization_code").len(), 1);
    scene.desktop.picture("/tmp/shot.png".as_ref())?;
    application.quit()
}
