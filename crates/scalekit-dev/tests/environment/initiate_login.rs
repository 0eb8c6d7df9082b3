//! Tests of login initiations.

use std::collections::BTreeSet;

use scalekit_dev::{
    Endpoint, Environment, InjectedFault, LoginStart, Options, Times, TokenKind, ids,
};
use serde_json::{Value, json};

use crate::browser::{Browser, claims, location, pair, started, started_with};

use scalekit_dev::KATHERINE;

/// The target of the link with this id on a page.
async fn clicked(environment: &Environment, page: &str, id: &str) -> String {
    let mut browser = Browser::new();
    let html = browser.get(&format!("{}{page}", environment.url())).await.text().await.unwrap();
    let rest = html.split_once(&format!("id=\"{id}\" href=\"")).unwrap().1;
    let address = rest.split_once('"').unwrap().0.replace("&amp;", "&");
    location(&browser.get(&format!("{}{address}", environment.url())).await)
}

fn names(claims: &Value) -> BTreeSet<&str> {
    claims.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn idp_initiated_login_token_has_exactly_documented_claims() {
    let environment = started().await;
    let link = clicked(&environment, "/portal", KATHERINE).await;
    assert!(link.starts_with("io.latchkey.desktop://login?idp_initiated_login="));
    let claims = claims(&json!(pair(&link, "idp_initiated_login").unwrap()));
    let documented = "connection_id organization_id login_hint exp nbf iat iss";
    assert_eq!(names(&claims), documented.split(' ').collect());
    assert_eq!(claims["iss"], environment.issuer());
    assert_eq!(claims["connection_id"], ids::ORBIT_CONNECTION);
    assert_eq!(claims["organization_id"], ids::ORBIT);
    assert_eq!(claims["login_hint"], KATHERINE);
    assert_eq!(claims["nbf"], claims["iat"]);
    assert_eq!(claims["exp"].as_u64().unwrap(), claims["iat"].as_u64().unwrap() + 300);
}

#[tokio::test]
async fn initiate_login_link_from_mail_has_no_parameters() {
    let environment = started().await;
    for mail in ["invitation", "verification", "reset"] {
        let link =
            clicked(&environment, "/mails", &format!("{mail} mary@unverified.example")).await;
        assert_eq!(link, "io.latchkey.desktop://login");
    }
    assert_eq!(environment.bare_link(), "io.latchkey.desktop://login");
}

#[tokio::test]
async fn initiate_login_link_from_mail_has_set_parameters() {
    let parameters = [("ticket", "t 1"), ("prompt", "none")];
    let link_parameters =
        parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let environment = started_with(Options { link_parameters, ..Options::default() }).await;
    let link = clicked(&environment, "/mails", "invitation grace@two-orgs.example").await;
    assert_eq!(link, "io.latchkey.desktop://login?ticket=t+1&prompt=none");
}

#[tokio::test]
async fn bookmarked_login_link_carries_errors_but_no_token() {
    let environment = started().await;
    let mut browser = Browser::new();
    for (query, expected) in [
        ("", ""),
        ("?error=access_denied", "?error=access_denied"),
        ("?error_description=%22No%22&error=x", "?error=x&error_description=%22No%22"),
    ] {
        let address = format!("{}/login-link{query}", environment.url());
        let link = location(&browser.get(&address).await);
        assert_eq!(link, format!("io.latchkey.desktop://login{expected}"));
    }
}

#[tokio::test]
async fn idp_initiated_login_token_takes_injected_faults() {
    let environment = started().await;
    let start = LoginStart { organization_id: Some("org_1".to_owned()), ..LoginStart::default() };
    let token = |environment: &Environment| {
        let link = environment.login_link(&start);
        link.split_once('=').unwrap().1.to_owned()
    };
    let spoiled = |fault: InjectedFault| {
        environment.inject_fault(Endpoint::LoginLink, fault, Times::Once);
        token(&environment)
    };
    let wrong = |claim: &str| InjectedFault::WrongClaim {
        token: TokenKind::LoginLink,
        claim: claim.to_owned(),
        value: json!("other"),
    };
    for claim in ["iss", "aud"] {
        assert_eq!(claims(&json!(spoiled(wrong(claim))))[claim], "other");
    }
    assert!(spoiled(InjectedFault::Unsigned).ends_with('.'));
    let old = claims(&json!(spoiled(InjectedFault::Old { seconds: 3600 })));
    let good = claims(&json!(token(&environment)));
    assert!(old["exp"].as_u64().unwrap() + 3500 < good["exp"].as_u64().unwrap());
    assert_eq!(good["iss"], environment.issuer());
}
