//! The redirect with the authorization response.

use scalekit_auth::ProblemCode;
use url::Url;

use crate::fixture::{ALAN, DISCOVERY, Fixture, KEYS, SIGN_IN};

/// The link with another value of this parameter, or without it.
pub fn changed(link: &str, parameter: &str, value: Option<&str>) -> String {
    let mut url = Url::parse(link).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut query = url.query_pairs_mut();
    query.clear();
    for (name, present) in pairs {
        match value {
            Some(value) if name == parameter => query.append_pair(&name, value),
            None if name == parameter => &mut query,
            Some(_) | None => query.append_pair(&name, &present),
        };
    }
    drop(query);
    url.into()
}

/// RFC 6749 §10.12: an error response needs the right `state` as a code does.
// req: B5
#[tokio::test]
async fn callback_error_without_valid_state_is_ignored() {
    let mut fixture = Fixture::set().await;
    let page = fixture.begins().await;
    for link in [
        "io.latchkey.desktop://callback?error=access_denied",
        "io.latchkey.desktop://callback?error=access_denied&state=wrong",
        "io.latchkey.desktop://callback?access_token=x&state=wrong",
        "io.latchkey.desktop://callback?code=%00&state=wrong",
    ] {
        fixture.program.follows(link);
    }
    fixture.program.waits().await;
    fixture.program.follows(&fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap());
    fixture.is_signed_in().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

/// RFC 9207 §2.4 applies to error responses too.
// req: B7
#[tokio::test]
async fn callback_error_with_other_iss_is_rejected() {
    let mut fixture = Fixture::naming_its_issuer().await;
    let page = fixture.begins().await;
    let link = fixture.environment.deny(page.as_str()).unwrap();
    fixture.program.follows(&changed(&link, "iss", Some("https://evil.example")));
    fixture.is_refused(ProblemCode::AnswerRejected, "The response names another issuer").await;
    assert_eq!(fixture.requests().await, [DISCOVERY, KEYS]);
}

// req: B16
#[tokio::test]
async fn access_denied_description_is_truncated_plain_text() {
    let mut fixture = Fixture::set().await;
    let page = fixture.begins().await;
    let link = fixture.environment.deny(page.as_str()).unwrap();
    let long = format!("<img onerror=alert(1)>{}", "x".repeat(1000));
    fixture.program.follows(&format!(
        "{link}&error_description={}&error_uri=https%3A%2F%2Fevil.example",
        url::form_urlencoded::byte_serialize(long.as_bytes()).collect::<String>()
    ));
    let shown: String = format!("access_denied: {long}").chars().take(200).collect();
    fixture.is_refused(ProblemCode::AccessDenied, &shown).await;
    assert_eq!(fixture.requests().await, [DISCOVERY, KEYS]);
}

/// As many as one program and its second instances could hand over at once.
// req: B8, X14
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_concurrent_callbacks_send_one_token_request() {
    let mut fixture = Fixture::set().await;
    let page = fixture.begins().await;
    let link = fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap();
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let (session, link) = (fixture.program.session.clone(), link.clone());
            tokio::spawn(async move { session.link(zeroize::Zeroizing::new(link.into_bytes())) })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    fixture.is_signed_in().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

/// A code of the attacker's own sign-in, without a sign-in under way.
// req: B9
#[tokio::test]
async fn unsolicited_callback_of_another_sign_in_is_ignored() {
    let mut fixture = Fixture::set().await;
    let foreign = {
        let mut attacker = Fixture::set().await;
        let page = attacker.begins().await;
        attacker.environment.sign_in_as(ALAN, page.as_str()).unwrap()
    };
    fixture.program.follows(&foreign);
    fixture.program.session.sign_in_link().await;
    assert!(fixture.requests().await.is_empty());
    fixture.signs_in().await;
    let before = fixture.environment.live_refresh_token_of(ALAN);
    let fronts = fixture.program.fronts.load(std::sync::atomic::Ordering::SeqCst);
    fixture.program.follows(&foreign);
    fixture.program.session.sign_in_link().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
    assert_eq!(fixture.environment.live_refresh_token_of(ALAN), before);
    assert_eq!(fixture.program.fronts.load(std::sync::atomic::Ordering::SeqCst), fronts);
}
