//! Custom claims: claims that an administrator added to an environment's tokens and that the application
//! requests by name.
//!
//! Scalekit adds them at top level (Token Claims of the dashboard) or in `custom_claims` (a session
//! interceptor). No claim of the protocol can be read under such a name.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;
use serde_json::{Map, Value};

/// The maximum length of a name, in bytes.
const MAX_NAME_LEN: usize = 128;

/// The maximum size of a value as JSON, in bytes; a larger one is omitted, as the session is stored in a keychain.
const MAX_VALUE_BYTES: usize = 2048;

/// The claim that session interceptors write to.
const INTERCEPTED: &str = "custom_claims";

/// Reserved names: of RFC 7519, OpenID Connect Core, RFC 9068 and Scalekit's documentation.
const OF_THE_PROTOCOL: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "azp",
    "nonce",
    "auth_time",
    "at_hash",
    "c_hash",
    "acr",
    "amr",
    "sid",
    "oid",
    "xoid",
    "xuid",
    "client_id",
    "scope",
    "cnf",
    "act",
    "events",
    "roles",
    "permissions",
    "name",
    "given_name",
    "family_name",
    "email",
    "email_verified",
    "picture",
    INTERCEPTED,
];

/// The name of a claim that the protocol does not define.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct ClaimName(String);

impl TryFrom<String> for ClaimName {
    type Error = ClaimNameError;

    fn try_from(name: String) -> Result<Self, ClaimNameError> {
        Self::parse(&name)
    }
}

impl ClaimName {
    /// Parses a name that a developer or an administrator wrote.
    ///
    /// # Errors
    /// When the name is invalid or reserved.
    pub fn parse(name: &str) -> Result<Self, ClaimNameError> {
        if name.is_empty() || name.len() > MAX_NAME_LEN || name.chars().any(char::is_control) {
            return Err(ClaimNameError::Malformed(name.to_owned()));
        }
        if OF_THE_PROTOCOL.contains(&name) {
            return Err(ClaimNameError::Reserved(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }
}

/// The reason a name is rejected. The name is empty, too long or has control characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimNameError {
    /// No claim can have it.
    #[error(
        "{0:?} is no name of a claim: it has between 1 and {MAX_NAME_LEN} characters that can be seen."
    )]
    Malformed(String),
    /// The name is reserved by the protocol.
    #[error(
        "The claim {0:?} has a meaning of its own and is used already. Name one that was added to the tokens in your Scalekit dashboard."
    )]
    Reserved(String),
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The custom claims that the application requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomClaims {
    /// The claim that holds the organization's display name. None by default.
    pub organization_name: Option<ClaimName>,
    /// The claims that the application receives unchanged.
    pub passed_on: Vec<ClaimName>,
}

impl CustomClaims {
    /// The requested claims of the verified `tokens`; the first token that has a claim takes precedence.
    pub(crate) fn of(&self, tokens: &[&Map<String, Value>]) -> BTreeMap<String, Value> {
        let found = self.passed_on.iter().filter_map(|name| {
            let value = tokens.iter().find_map(|claims| value(claims, name))?;
            (value.to_string().len() <= MAX_VALUE_BYTES).then(|| (name.0.clone(), value.clone()))
        });
        found.collect()
    }

    /// The organization's display name, from a custom claim.
    pub(crate) fn organization_name<'a>(
        &self,
        tokens: &[&'a Map<String, Value>],
    ) -> Option<&'a str> {
        let name = self.organization_name.as_ref()?;
        tokens.iter().find_map(|claims| {
            places(claims, name).find_map(|value| value.as_str().filter(|text| !text.is_empty()))
        })
    }
}

fn value<'a>(claims: &'a Map<String, Value>, name: &ClaimName) -> Option<&'a Value> {
    places(claims, name).next()
}

/// The claim at top level, and the one of a session interceptor. `null` is an absent claim.
fn places<'a>(claims: &'a Map<String, Value>, name: &ClaimName) -> impl Iterator<Item = &'a Value> {
    let intercepted = claims.get(INTERCEPTED).and_then(|all| all.as_object()?.get(&name.0));
    claims.get(&name.0).into_iter().chain(intercepted).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(names: &[&str]) -> CustomClaims {
        let passed_on = names.iter().map(|name| ClaimName::parse(name).unwrap()).collect();
        CustomClaims { passed_on, ..CustomClaims::default() }
    }

    fn claims(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    // req: M17
    #[test]
    fn custom_claim_is_read_from_id_token_or_access_token() {
        let id_token = claims(json!({"plan": "team", "custom_claims": {"seat": 7}, "none": null}));
        let access = claims(json!({"plan": "other", "custom_claims": {"region": {"code": "eu"}}}));
        let found = named(&["plan", "seat", "region", "none", "other"]).of(&[&id_token, &access]);
        let found = serde_json::to_value(found).unwrap();
        assert_eq!(found, json!({"plan": "team", "seat": 7, "region": {"code": "eu"}}));
    }

    #[test]
    fn custom_claim_unnamed_or_too_large_is_dropped() {
        let large = "x".repeat(MAX_VALUE_BYTES - 1);
        let fits = "x".repeat(MAX_VALUE_BYTES - 2);
        let tokens = claims(json!({"plan": "team", "large": large, "fits": fits}));
        let found = named(&["large", "fits"]).of(&[&tokens]);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["fits"]);
    }

    // req: M17
    #[test]
    fn custom_claim_with_protocol_name_is_rejected() {
        for name in ["sub", "iss", "roles", "custom_claims", "oid"] {
            let why = ClaimName::parse(name).unwrap_err();
            assert_eq!(why, ClaimNameError::Reserved(name.to_owned()));
        }
        for name in ["", "a\nb", &"x".repeat(MAX_NAME_LEN + 1)] {
            let why = ClaimName::parse(name).unwrap_err();
            assert_eq!(why, ClaimNameError::Malformed(name.to_owned()));
        }
        for name in ["https://acme.example/plan", "Plan", &"x".repeat(MAX_NAME_LEN)] {
            assert_eq!(ClaimName::parse(name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn organization_name_is_read_from_configured_text_claim() {
        let tokens = claims(json!({"org_name": "Analytical Engines", "n": 7, "empty": ""}));
        for (name, expected) in
            [("org_name", Some("Analytical Engines")), ("n", None), ("empty", None), ("x", None)]
        {
            let organization_name = Some(ClaimName::parse(name).unwrap());
            let custom = CustomClaims { organization_name, ..CustomClaims::default() };
            assert_eq!(custom.organization_name(&[&tokens]), expected, "{name}");
        }
        assert_eq!(CustomClaims::default().organization_name(&[&tokens]), None);
    }

    /// A `null` is an absent claim.
    #[test]
    fn custom_claim_null_at_top_is_read_from_custom_claims() {
        let token = claims(json!({"plan": null, "custom_claims": {"plan": "team"}}));
        let found = named(&["plan"]).of(&[&token]);
        assert_eq!(found.get("plan"), Some(&json!("team")));
    }

    /// An empty text is an absent claim.
    #[test]
    fn organization_name_empty_in_one_place_is_read_from_the_other() {
        let organization_name = Some(ClaimName::parse("org_name").unwrap());
        let custom = CustomClaims { organization_name, ..CustomClaims::default() };
        let (id, access) =
            (claims(json!({"org_name": ""})), claims(json!({"org_name": "Analytical Engines"})));
        assert_eq!(custom.organization_name(&[&id, &access]), Some("Analytical Engines"));
        let both =
            claims(json!({"org_name": "", "custom_claims": {"org_name": "Analytical Engines"}}));
        assert_eq!(custom.organization_name(&[&both]), Some("Analytical Engines"));
    }
}
