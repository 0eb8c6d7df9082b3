//! The rules that every token of the environment keeps: from whom, for whom, and when.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{json, time::Wall};

/// How far clocks may be apart.
pub const LEEWAY: Duration = Duration::from_secs(120);

/// How old a token that was just handed out may say it is, beyond [`LEEWAY`].
const MAX_IAT_AGE: Duration = Duration::from_secs(600);

/// What is wrong with a token's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeError {
    /// They are not times.
    Malformed(&'static str),
    /// It is over, or from too long ago.
    Past,
    /// It is not valid yet.
    Future,
}

/// OpenID Connect Core §3.1.3.7 rule 2: simple string comparison.
pub(crate) fn verify_iss<'a>(
    claims: &'a Map<String, Value>,
    issuer: &str,
) -> Result<&'a str, &'static str> {
    json::string(claims, "iss")
        .filter(|claimed| *claimed == issuer)
        .ok_or("it is from another issuer")
}

/// Rules 3 to 5: the audience holds this application. Where it holds others as well, as the service's does
/// with the address of an API, the authorized party says for whom the token was made.
pub(crate) fn verify_aud(claims: &Map<String, Value>, client_id: &str) -> Result<(), &'static str> {
    let party = verify_azp(claims, client_id)?;
    match held_by(claims, client_id) {
        Some(Audience::Only) => Ok(()),
        Some(Audience::WithOthers) if party.is_some() => Ok(()),
        Some(Audience::WithOthers) => Err("it does not say for which of several it was made"),
        None => Err(FOR_ANOTHER),
    }
}

/// For a token that need not name an audience: one that is there holds this application, and an authorized
/// party that is there is it.
pub(crate) fn verify_aud_if_present(
    claims: &Map<String, Value>,
    client_id: &str,
) -> Result<(), &'static str> {
    verify_azp(claims, client_id)?;
    let is_absent = claims.get("aud").is_none_or(Value::is_null);
    if is_absent || held_by(claims, client_id).is_some() { Ok(()) } else { Err(FOR_ANOTHER) }
}

const FOR_ANOTHER: &str = "it is for another application";

/// An audience that holds this application.
enum Audience {
    Only,
    WithOthers,
}

/// RFC 7519 §4.1.3: a list, or a text in place of a list of one.
fn held_by(claims: &Map<String, Value>, client_id: &str) -> Option<Audience> {
    let all = match claims.get("aud")? {
        only @ Value::String(_) => std::slice::from_ref(only),
        Value::Array(all) => all,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let is_ours = |one: &Value| one.as_str() == Some(client_id);
    match (all.iter().any(is_ours), all.iter().all(is_ours)) {
        (true, true) => Some(Audience::Only),
        (true, false) => Some(Audience::WithOthers),
        (false, _) => None,
    }
}

fn verify_azp<'a>(
    claims: &'a Map<String, Value>,
    client_id: &str,
) -> Result<Option<&'a Value>, &'static str> {
    match json::optional(claims, "azp") {
        Some(party) if party.as_str() == Some(client_id) => Ok(Some(party)),
        Some(_) => Err(FOR_ANOTHER),
        None => Ok(None),
    }
}

/// When a token came, by each clock that may be right.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// The environment's, as far as it has told.
    pub environment: Wall,
    /// This computer's.
    pub own: Wall,
}

impl Clocks {
    /// The same time by both.
    #[cfg(any(test, feature = "internals"))]
    #[must_use]
    pub fn agreeing(now: Wall) -> Self {
        Self { environment: now, own: now }
    }
}

/// In time by either clock. What the token endpoint hands out cannot be replayed by an attacker, and a load
/// balancer in front of the environment may be late while this computer is right.
pub(crate) fn verify_times_by_either(
    claims: &Map<String, Value>,
    clocks: Clocks,
    age: Age,
) -> Result<(), TimeError> {
    verify_times_at(claims, clocks.environment, age)
        .or_else(|why| verify_times_at(claims, clocks.own, age).map_err(|_| why))
}

/// How long ago a token may say that it was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// It was made for the request that it answers.
    New,
    /// It may say again when the user signed in, as a refreshed one does at some providers.
    Any,
}

/// Rules 9 and 10, and `nbf`. A time that is not a number is no time (CVE-2026-25537).
pub(crate) fn verify_times_at(
    claims: &Map<String, Value>,
    now: Wall,
    age: Age,
) -> Result<(), TimeError> {
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    let (Some(expires), Some(issued)) = (time("exp"), time("iat")) else {
        return Err(TimeError::Malformed("it does not say when it was issued and when it ends"));
    };
    let not_before = match json::optional(claims, "nbf") {
        None => f64::NEG_INFINITY,
        Some(value) => value.as_f64().ok_or(TimeError::Malformed("its times are not numbers"))?,
    };
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double")]
    let now = now.seconds() as f64;
    let leeway = LEEWAY.as_secs_f64();
    let begun = issued <= now + leeway && not_before <= now + leeway && expires > issued;
    if !begun {
        return Err(TimeError::Future);
    }
    let is_new = age == Age::Any || now - issued <= leeway + MAX_IAT_AGE.as_secs_f64();
    let fresh = now < expires + leeway && is_new;
    if fresh { Ok(()) } else { Err(TimeError::Past) }
}
