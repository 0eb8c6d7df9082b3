//! The verification of claims common to all tokens: issuer, audience and times.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{json, time::Wall};

/// The tolerated difference between two clocks.
pub const LEEWAY: Duration = Duration::from_secs(120);

/// The maximum age of a newly issued token by its `iat`, beyond [`LEEWAY`].
const MAX_IAT_AGE: Duration = Duration::from_secs(600);

/// The reason the times of a token are rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeError {
    /// A time claim is missing or not a number.
    Malformed(&'static str),
    /// Expired, or issued too long ago.
    Past,
    /// Not valid yet.
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

/// Rules 3 to 5: `aud` contains this client. Where it contains other audiences too, such as Scalekit's API URL,
/// `azp` must be this client.
pub(crate) fn verify_aud(claims: &Map<String, Value>, client_id: &str) -> Result<(), &'static str> {
    let party = verify_azp(claims, client_id)?;
    match held_by(claims, client_id) {
        Some(Audience::Only) => Ok(()),
        Some(Audience::WithOthers) if party.is_some() => Ok(()),
        Some(Audience::WithOthers) => Err("it does not say for which of several it was made"),
        None => Err(FOR_ANOTHER),
    }
}

/// For a token without a required audience: `aud` and `azp`, where present, are this client.
pub(crate) fn verify_aud_if_present(
    claims: &Map<String, Value>,
    client_id: &str,
) -> Result<(), &'static str> {
    verify_azp(claims, client_id)?;
    let is_absent = claims.get("aud").is_none_or(Value::is_null);
    if is_absent || held_by(claims, client_id).is_some() { Ok(()) } else { Err(FOR_ANOTHER) }
}

const FOR_ANOTHER: &str = "it is for another application";

/// An audience that contains this client.
enum Audience {
    Only,
    WithOthers,
}

/// RFC 7519 §4.1.3: an array, or a string in place of an array with one element.
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

/// The time of receipt by each clock that may be correct.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// The environment's clock, as estimated from its HTTP responses.
    pub environment: Wall,
    /// The clock of this computer.
    pub own: Wall,
}

impl Clocks {
    /// The same time on both clocks.
    #[cfg(any(test, feature = "internals"))]
    #[must_use]
    pub fn agreeing(now: Wall) -> Self {
        Self { environment: now, own: now }
    }
}

/// The times are valid by either clock. An attacker cannot replay a token response, and the clock of a load
/// balancer in front of the environment may be wrong while this computer's is right.
pub(crate) fn verify_times_by_either(
    claims: &Map<String, Value>,
    clocks: Clocks,
    age: Age,
) -> Result<(), TimeError> {
    verify_times_at(claims, clocks.environment, age)
        .or_else(|why| verify_times_at(claims, clocks.own, age).map_err(|_| why))
}

/// The accepted age of a token by its `iat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// The token was issued for this request.
    New,
    /// Any age: some providers repeat the `iat` of the sign-in in a refreshed token.
    Any,
}

/// Rules 9 and 10, and `nbf`. A time that is not a number is rejected (CVE-2026-25537).
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
