//! Text at 200 %, as a user can set it on the desktop.

use anyhow::{Result, ensure};
use latchkey_tests::{TestEnv, TestOptions, enlarges_text, is_readable, visit_main_views};

#[tokio::test(flavor = "multi_thread")]
async fn main_views_at_200_percent_text_fit_smallest_window() -> Result<()> {
    let mut env = TestEnv::set(TestOptions { configured: false, ..TestOptions::default() }).await?;
    enlarges_text(&mut env.desktop);
    let application = env.application().await?;
    application.becomes_smallest(&env.desktop).await?;
    let scale = application.text_scale().await?;
    let mut wrong = Vec::new();
    visit_main_views(&mut env, &application, async |view, _| {
        wrong.extend(is_readable(&application, view).await.err().map(|why| why.to_string()));
        Ok(())
    })
    .await?;
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(scale > 1.9, "text is only {scale} times as large");
    application.quit()
}
