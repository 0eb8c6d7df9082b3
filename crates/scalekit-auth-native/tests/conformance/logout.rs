//! RP-Initiated Logout 1.0.

use std::sync::atomic::Ordering;

use url::Url;

use crate::{
    callback::changed,
    fixture::{Fixture, SIGN_IN},
};

/// Signs in and out; returns the page that the browser was opened at.
async fn signs_out(fixture: &mut Fixture) -> Url {
    fixture.signs_in().await;
    fixture.program.session.sign_out(scalekit_auth::SignOutScope::SharedSession).unwrap();
    fixture.program.nobody().await;
    fixture.program.session.flush().await;
    assert_eq!(fixture.memory.refresh_token(), None, "it is deleted before anything else");
    fixture.program.page().await
}

fn value(page: &Url, name: &str) -> String {
    page.query_pairs().find(|(one, _)| one == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout() {
    let mut fixture = Fixture::set().await;
    let page = signs_out(&mut fixture).await;
    assert!(page.as_str().starts_with(&format!("{}/oidc/logout?", fixture.environment.url())));
    assert_eq!(value(&page, "id_token_hint").split('.').count(), 3);
    assert_eq!(value(&page, "post_logout_redirect_uri"), "io.latchkey.desktop://signed-out");
    let fronts = fixture.program.fronts.load(Ordering::SeqCst);
    let back = format!("io.latchkey.desktop://signed-out?state={}", value(&page, "state"));
    fixture.program.follows(&back);
    fixture.program.session.sign_in_link().await;
    assert_eq!(fixture.program.fronts.load(Ordering::SeqCst), fronts + 1);
    assert_eq!(fixture.requests().await, SIGN_IN);
}

/// The user is signed out already; an unexpected post-logout redirect changes nothing and raises no window.
async fn ignores(state: Option<&str>) {
    let mut fixture = Fixture::set().await;
    let page = signs_out(&mut fixture).await;
    let fronts = fixture.program.fronts.load(Ordering::SeqCst);
    let back = format!("io.latchkey.desktop://signed-out?state={}", value(&page, "state"));
    fixture.program.follows(&changed(&back, "state", state));
    fixture.program.session.sign_in_link().await;
    assert_eq!(fixture.program.fronts.load(Ordering::SeqCst), fronts);
    assert!(fixture.program.nobody().await.is_none());
    assert_eq!(fixture.requests().await, SIGN_IN);
}

// req: F3
#[tokio::test]
async fn oidcc_client_test_rp_init_logout_other_state() {
    ignores(Some("another")).await;
}

// req: F3
#[tokio::test]
async fn oidcc_client_test_rp_init_logout_no_state() {
    ignores(None).await;
}

// req: F4
#[tokio::test]
async fn forged_post_logout_callback_does_not_sign_out() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    for link in ["io.latchkey.desktop://signed-out", "io.latchkey.desktop://signed-out?state=x"] {
        fixture.program.follows(link);
    }
    fixture.program.session.sign_in_link().await;
    fixture.is_signed_in().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

/// A second user after the first: nothing of the first session is left.
// req: X22
#[tokio::test]
async fn sign_in_of_second_user_replaces_stored_session() {
    let mut fixture = Fixture::set().await;
    fixture.signs_in().await;
    let page = fixture.program.begins().await;
    let mary = "mary@unverified.example";
    fixture.program.follows(&fixture.environment.sign_in_as(mary, page.as_str()).unwrap());
    fixture
        .program
        .shows(|view| match view {
            scalekit_auth::SessionView::SignedIn { profile, .. } => {
                (profile.email.as_deref() == Some(mary)).then_some(())
            }
            _ => None,
        })
        .await;
    fixture.program.session.flush().await;
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(mary));
}
