//! The rules that every token of the environment keeps: from whom, for whom, and when.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{json, time::Wall};

/// How far clocks may be apart.
pub const LEEWAY: Duration = Duration::from_secs(120);

/// How old a token that was just handed out may say it is, beyond [`LEEWAY`].
const OLDEST: Duration = Duration::from_secs(600);

/// What is wrong with a token's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untimely {
    /// They are not times.
    Malformed(&'static str),
    /// It is over, or from too long ago.
    Past,
    /// It is not valid yet, or absurdly long.
    Future,
}

/// OpenID Connect Core §3.1.3.7 rule 2: simple string comparison.
pub(crate) fn issued_by<'a>(
    claims: &'a Map<String, Value>,
    issuer: &str,
) -> Result<&'a str, &'static str> {
    json::string(claims, "iss")
        .filter(|claimed| *claimed == issuer)
        .ok_or("it is from another issuer")
}

/// Rules 3 to 5: this application and nobody else.
pub(crate) fn meant_for(claims: &Map<String, Value>, client_id: &str) -> Result<(), &'static str> {
    let fits = match claims.get("aud") {
        Some(Value::String(only)) => only == client_id,
        Some(Value::Array(all)) => {
            !all.is_empty() && all.iter().all(|one| one.as_str() == Some(client_id))
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => false,
    };
    let party_fits = claims.get("azp").is_none_or(|party| party.as_str() == Some(client_id));
    if fits && party_fits { Ok(()) } else { Err("it is for another application") }
}

/// Rules 9 and 10, and `nbf`. A time that is not a number is no time (CVE-2026-25537).
pub(crate) fn in_time(claims: &Map<String, Value>, now: Wall) -> Result<(), Untimely> {
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    let (Some(expires), Some(issued)) = (time("exp"), time("iat")) else {
        return Err(Untimely::Malformed("it does not say when it was issued and when it ends"));
    };
    let not_before = match claims.get("nbf") {
        None => f64::NEG_INFINITY,
        Some(value) => value.as_f64().ok_or(Untimely::Malformed("its times are not numbers"))?,
    };
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double")]
    let now = now.seconds() as f64;
    let leeway = LEEWAY.as_secs_f64();
    let begun = issued <= now + leeway
        && not_before <= now + leeway
        && expires > issued
        // Nobody means a session until the end of time; a double that large is an attack.
        && expires - now <= 366.0 * 86_400.0;
    if !begun {
        return Err(Untimely::Future);
    }
    let fresh = now < expires + leeway && now - issued <= leeway + OLDEST.as_secs_f64();
    if fresh { Ok(()) } else { Err(Untimely::Past) }
}
