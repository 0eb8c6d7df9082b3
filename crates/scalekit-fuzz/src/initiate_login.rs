//! The target for login initiations: claims for any client that the environment's key has signed.

use scalekit_auth::{
    protocol::initiate_login::{Validation, verify},
    secret::Secret,
    time::Wall,
};
use serde_json::{Map, Value};

use crate::{
    id_token::{CLIENT, claim, is_harmless, is_signed_properly, is_timely, parts},
    signing::{KEYS, signed},
};

/// The first line is a header, the rest are claims. An accepted token is from the environment, for this client,
/// recent, and of no other kind; its hints can be displayed unchanged.
pub fn initiate_login_claims(text: &[u8]) {
    let (header, claims) = parts(text);
    let token = Secret::new(signed(header, claims));
    let expected = Validation {
        issuer: crate::id_token::ISSUER,
        client_id: crate::id_token::CLIENT,
        now: Wall(crate::id_token::NOW * 1000),
    };
    let Ok(verified) = verify(&token, &KEYS, &expected) else { return };
    let header = crate::json::object(header);
    let claims = crate::json::object(claims).expect("claims that are not one JSON object");
    is_signed_properly(header.as_ref());
    is_timely(&claims);
    for other in
        ["sub", "sid", "oid", "nonce", "at_hash", "c_hash", "scope", "client_id", "events", "roles"]
    {
        assert!(claim(&claims, other).is_none(), "{other}: a token of another kind");
    }
    let is_ours = |one: &Value| one == CLIENT;
    match claims.get("aud") {
        None | Some(Value::Null) => {}
        Some(Value::Array(all)) => assert!(all.iter().any(is_ours)),
        Some(one @ (Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Object(_))) => {
            assert!(is_ours(one));
        }
    }
    assert!(claim(&claims, "azp").is_none_or(is_ours));
    let time = |name: &str| claims[name].as_f64().expect("no time");
    assert!(time("exp") - time("iat") <= 600.0, "it lives too long");
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
