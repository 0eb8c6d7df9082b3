//! Tokens of a sign-in that began outside: the environment's own key has signed them, for whomever.

use scalekit_auth::{
    initiate_login::{Expected, verify},
    secret::Secret,
    time::Wall,
};
use serde_json::{Map, Value};

use crate::{
    id_token::{is_harmless, is_signed_properly, is_timely_for_us, parts},
    signing::{KEYS, signed},
};

/// The first line is a header, the rest are claims. What is believed is the environment's, for this
/// application, recent, and no token of another kind; what it asks for can be shown as it is.
pub fn initiate_login_claims(text: &[u8]) {
    let (header, claims) = parts(text);
    let token = Secret::new(signed(header, claims));
    let expected = Expected {
        issuer: crate::id_token::ISSUER,
        client_id: crate::id_token::CLIENT,
        now: Wall(crate::id_token::NOW * 1000),
    };
    let Ok(verified) = verify(&token, &KEYS, &expected) else { return };
    let header = crate::json::object(header);
    let claims = crate::json::object(claims).expect("claims that are not one JSON object");
    is_signed_properly(header.as_ref());
    is_timely_for_us(&claims);
    for other in ["nonce", "at_hash", "sid", "scope"] {
        assert!(!claims.contains_key(other), "{other}: a token of another kind");
    }
    let hints = verified.hints();
    for (name, read) in [
        ("connection_id", &hints.connection_id),
        ("organization_id", &hints.organization_id),
        ("login_hint", &hints.login_hint),
    ] {
        says(&claims, name, read.as_deref());
    }
    for id in [&hints.connection_id, &hints.organization_id].into_iter().flatten() {
        assert!(id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_graphic()), "{id:?}");
    }
}

fn says(claims: &Map<String, Value>, name: &str, read: Option<&str>) {
    assert_eq!(claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()), read);
    read.into_iter().for_each(is_harmless);
}
