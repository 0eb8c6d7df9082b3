//! Signatures of tokens: RS256 with a key of the JWKS only (RFC 7515, RFC 8725).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::signature::Verifier;
use serde_json::{Map, Value};

use crate::{
    json,
    protocol::{jwks::JwkSet, token_response::MAX_TOKEN_LEN},
    secret::Secret,
};

/// The reason the claims of a token are rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureError {
    /// The signing key may be new: the JWKS should be fetched again.
    UnknownKey,
    /// The rejection is final.
    Rejected(&'static str),
}

/// The claims of `token`, after its signature was verified. A `typ` that ends in `+jwt` must be one of
/// `may_be_of_type`, in lower case.
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

/// The claims of a token whose signature is not verified.
pub(crate) fn unverified_claims(token: &Secret) -> Option<Map<String, Value>> {
    let payload = token.expose().split('.').nth(1)?;
    decoded(payload).ok()
}

const MALFORMED: SignatureError = SignatureError::Rejected("it is not a signed token");

/// The `kid` of a header that is accepted.
fn accepted_header<'a>(
    header: &'a Map<String, Value>,
    may_be_of_type: &[&str],
) -> Result<Option<&'a str>, SignatureError> {
    // RFC 8725 §3.1: the application determines the algorithm, not the token.
    if json::string(header, "alg") != Some("RS256") {
        return Err(SignatureError::Rejected("it is not signed with RS256"));
    }
    // RFC 7515 §4.1.11: an extension that is not understood must be rejected; none is understood.
    if header.contains_key("crit") {
        return Err(SignatureError::Rejected("it demands an extension"));
    }
    // RFC 8725 §3.10: keys come from the environment's JWKS only, so `jwk`, `jku`, `x5u` and `x5c` are not
    // read.
    //
    // RFC 8725 §3.11: a token of one kind must not be accepted as another. `+jwt` marks a kind; any other type
    // specifies none (RFC 7519 §5.1).
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
        let verified = |length: usize| claims(&Secret::new("x".repeat(length)), &key_set(&[]), &[]);
        assert_eq!(verified(MAX_TOKEN_LEN).err(), Some(MALFORMED));
        let too_large = Some(SignatureError::Rejected("it is too large"));
        assert_eq!(verified(MAX_TOKEN_LEN + 1).err(), too_large);
    }
}
