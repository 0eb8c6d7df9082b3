//! What is left of secrets when they are used up.

use anyhow::Result;
use latchkey_tests::{Canaries, Kept, Scene};
use url::Url;

use crate::ADA;

/// What a dump of the program would hold.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_up_is_gone_from_the_programs_memory() -> Result<()> {
    let mut scene = Scene::usual().await?;
    let application = scene.application().await?;
    application.press("Sign in").await?;
    let page = scene.browser.is_opened().await?;
    scene.browser.sign_in_as(ADA).await?;
    application.button("Sign out").await?;
    let live = scene.environment.live_refresh_token_of(ADA).unwrap();
    Kept::comes_to_hold(&scene.desktop, &live).await?;
    let process = application.process()?;
    let mut canaries = Canaries::default();
    let kept = Kept::session(&scene.desktop)?.unwrap();
    canaries.add("the refresh token", kept.refresh_token().unwrap());
    let there = canaries.found_in_memory_of(process)?;
    assert!(!there.is_empty(), "the search finds what the program needs");

    let mut used_up = Canaries::default();
    note_page(&mut used_up, "the sign-in", &page);
    note_exchanges(&mut used_up, &scene);
    // The ID token is kept for signing out, and the nonce is one of its claims.
    let mut left = used_up.found_in_memory_of(process)?;
    left.retain(|one| !one.starts_with("the nonce of the sign-in, in base64"));
    assert!(left.is_empty(), "after signing in: {left:#?}");
    note_kept(&mut canaries, &scene, "the")?;
    application.press("Sign out").await?;
    application.is_headed("You are signed out.").await?;
    let left = canaries.found_in_memory_of(process)?;
    assert!(left.is_empty(), "after signing out: {left:#?}");
    Ok(())
}

fn note_page(canaries: &mut Canaries, which: &str, page: &Url) {
    for (name, value) in page.query_pairs() {
        if matches!(&*name, "state" | "nonce") {
            canaries.add(&format!("the {name} of {which}"), &value);
        }
    }
}

/// What the application has sent to the token endpoint.
fn note_exchanges(canaries: &mut Canaries, scene: &Scene) {
    for request in scene.environment.requests_to("/oauth/token") {
        for name in ["code", "code_verifier", "refresh_token"] {
            if let Some(value) = request.form(name) {
                canaries.add(&format!("a {name}"), value);
            }
        }
    }
}

fn note_kept(canaries: &mut Canaries, scene: &Scene, which: &str) -> Result<()> {
    let kept = Kept::session(&scene.desktop)?.unwrap();
    for name in ["access_token", "id_token"] {
        canaries.add_token(&format!("{which} {name}"), kept.0[name].as_str().unwrap())?;
    }
    canaries.add(&format!("{which} refresh_token"), kept.refresh_token().unwrap());
    Ok(())
}
