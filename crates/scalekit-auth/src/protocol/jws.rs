//! Signatures of tokens: RS256 with a published key, or nothing (RFC 7515, RFC 8725).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::signature::Verifier;
use serde_json::{Map, Value};

use crate::{
    json,
    protocol::{jwks::JwkSet, token_response::MAX_TOKEN_LEN},
    secret::Secret,
};

/// Why a token's claims are not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureError {
    /// The key may be new: worth fetching the keys again.
    UnknownKey,
    /// It will not get better.
    Rejected(&'static str),
}

/// The claims of `token`, once its signature has been verified. Of the kinds that are named in `typ`, it may
/// be one of `may_be_of_type`, in lower case.
pub(crate) fn claims(
    token: &Secret,
    keys: &JwkSet,
    may_be_of_type: &[&str],
) -> Result<Map<String, Value>, SignatureError> {
    let token = token.expose();
    if token.len() > MAX_TOKEN_LEN {
        return Err(SignatureError::Rejected("it is too large"));
    }
    let (message, signature) = token.rsplit_once('.').ok_or(MALFORMED)?;
    let (header, payload) = message.split_once('.').ok_or(MALFORMED)?;
    if payload.contains('.') {
        return Err(MALFORMED);
    }
    let header = decoded(header)?;
    let key_id = accepted_header(&header, may_be_of_type)?;
    let is_signed = || {
        let Ok(signature) = BASE64_URL_SAFE_NO_PAD.decode(signature) else { return false };
        keys.candidates(key_id).any(|key| key.verify(message.as_bytes(), &signature).is_ok())
    };
    #[cfg(feature = "testing")]
    let is_signed = || crate::testing::memoized(token, is_signed);
    if is_signed() {
        decoded(payload)
    } else if key_id.is_some_and(|id| keys.has(id)) {
        Err(SignatureError::Rejected("its signature is not valid"))
    } else {
        Err(SignatureError::UnknownKey)
    }
}

/// What a token says of itself. Nobody has verified it.
pub(crate) fn unverified_claims(token: &Secret) -> Option<Map<String, Value>> {
    let payload = token.expose().split('.').nth(1)?;
    decoded(payload).ok()
}

const MALFORMED: SignatureError = SignatureError::Rejected("it is not a signed token");

/// The key id of a header that asks for nothing unusual.
fn accepted_header<'a>(
    header: &'a Map<String, Value>,
    may_be_of_type: &[&str],
) -> Result<Option<&'a str>, SignatureError> {
    // RFC 8725 §3.1: the algorithm is ours to choose, never the token's.
    if json::string(header, "alg") != Some("RS256") {
        return Err(SignatureError::Rejected("it is not signed with RS256"));
    }
    // RFC 7515 §4.1.11: an extension that is not understood must be refused; none is understood.
    if header.contains_key("crit") {
        return Err(SignatureError::Rejected("it demands an extension"));
    }
    // RFC 8725 §3.10: keys come from the environment's key set and from nowhere else, so `jwk`, `jku`, `x5u`
    // and `x5c` are not read.
    //
    // RFC 8725 §3.11: one kind of token must not pass for another. Kinds are named with `+jwt`; any other
    // type names none (RFC 7519 §5.1).
    if let Some(kind) = json::string(header, "typ") {
        let kind = kind.to_ascii_lowercase();
        let kind = kind.strip_prefix("application/").unwrap_or(&kind);
        if kind.ends_with("+jwt") && !may_be_of_type.contains(&kind) {
            return Err(SignatureError::Rejected("it is a token of another kind"));
        }
    }
    Ok(json::string(header, "kid"))
}

fn decoded(part: &str) -> Result<Map<String, Value>, SignatureError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| MALFORMED)?;
    json::object(&bytes).map_err(|_| MALFORMED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::signing::key_set;

    #[test]
    fn jwt_length_limit_is_64_kib() {
        let judge = |length: usize| claims(&Secret::new("x".repeat(length)), &key_set(&[]), &[]);
        assert_eq!(judge(MAX_TOKEN_LEN).err(), Some(MALFORMED));
        let too_large = Some(SignatureError::Rejected("it is too large"));
        assert_eq!(judge(MAX_TOKEN_LEN + 1).err(), too_large);
    }
}
