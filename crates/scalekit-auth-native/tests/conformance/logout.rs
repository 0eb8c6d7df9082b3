//! RP-Initiated Logout 1.0.

use std::sync::atomic::Ordering;

use url::Url;

use crate::{
    callback::changed,
    desk::{Desk, SIGN_IN},
};

/// Signs in and out: the page the browser was opened at.
async fn signs_out(desk: &mut Desk) -> Url {
    desk.signs_in().await;
    desk.program.session.sign_out().unwrap();
    desk.program.nobody().await;
    desk.program.session.written().await;
    assert_eq!(desk.memory.refresh_token(), None, "it is forgotten before anything else");
    desk.program.page().await
}

fn value(page: &Url, name: &str) -> String {
    page.query_pairs().find(|(one, _)| one == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout() {
    let mut desk = Desk::set().await;
    let page = signs_out(&mut desk).await;
    assert!(page.as_str().starts_with(&format!("{}/oidc/logout?", desk.environment.url())));
    assert_eq!(value(&page, "id_token_hint").split('.').count(), 3);
    assert_eq!(value(&page, "post_logout_redirect_uri"), "io.latchkey.desktop://signed-out");
    let fronts = desk.program.fronts.load(Ordering::SeqCst);
    let back = format!("io.latchkey.desktop://signed-out?state={}", value(&page, "state"));
    desk.program.follows(&back);
    desk.program.session.sign_in_link().await;
    assert_eq!(desk.program.fronts.load(Ordering::SeqCst), fronts + 1);
    assert_eq!(desk.asked().await, SIGN_IN);
}

/// The user is signed out already; a strange way back changes nothing and raises no window.
async fn ignores(state: Option<&str>) {
    let mut desk = Desk::set().await;
    let page = signs_out(&mut desk).await;
    let fronts = desk.program.fronts.load(Ordering::SeqCst);
    let back = format!("io.latchkey.desktop://signed-out?state={}", value(&page, "state"));
    desk.program.follows(&changed(&back, "state", state));
    desk.program.session.sign_in_link().await;
    assert_eq!(desk.program.fronts.load(Ordering::SeqCst), fronts);
    assert!(desk.program.nobody().await.is_none());
    assert_eq!(desk.asked().await, SIGN_IN);
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout_other_state() {
    ignores(Some("another")).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout_no_state() {
    ignores(None).await;
}

#[tokio::test]
async fn forged_post_logout_callback_does_not_sign_out() {
    let mut desk = Desk::set().await;
    desk.signs_in().await;
    for link in ["io.latchkey.desktop://signed-out", "io.latchkey.desktop://signed-out?state=x"] {
        desk.program.follows(link);
    }
    desk.program.session.sign_in_link().await;
    desk.is_signed_in().await;
    assert_eq!(desk.asked().await, SIGN_IN);
}

/// A second account after the first: a clean change, and nothing of the first is left.
#[tokio::test]
async fn sign_in_of_second_user_replaces_stored_session() {
    let mut desk = Desk::set().await;
    desk.signs_in().await;
    let page = desk.program.begins().await;
    let mary = "mary@unverified.example";
    desk.program.follows(&desk.environment.sign_in_as(mary, page.as_str()).unwrap());
    desk.program
        .shows(|view| match view {
            scalekit_auth::view::SessionView::SignedIn { profile, .. } => {
                (profile.email.as_deref() == Some(mary)).then_some(())
            }
            _ => None,
        })
        .await;
    desk.program.session.written().await;
    assert_eq!(desk.memory.refresh_token(), desk.environment.live_refresh_token_of(mary));
}
