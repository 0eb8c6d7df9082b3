//! The profile of a user, from verified claims.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    json,
    protocol::{custom_claims::CustomClaims, id_token::VerifiedIdToken},
    view::{Organization, Profile},
};

/// The maximum number of roles and of permissions; further ones are omitted.
const MAX_ENTRIES: usize = 500;

/// The maximum length of a name or id, in characters.
const MAX_TEXT_LEN: usize = 256;

/// The profile of the user in `who`. The picture is taken from `before`.
///
/// `access` are the claims of the access token of the same response, if it was verified. On a refresh, what the
/// new tokens omit is taken from `before`.
#[must_use]
pub fn profile(
    who: &VerifiedIdToken,
    access: Option<&Map<String, Value>>,
    before: Option<&Profile>,
    custom: &CustomClaims,
) -> Profile {
    let name = name(who).or_else(|| before.and_then(|before| before.name.clone()));
    let email =
        who.text("email").map(shown).or_else(|| before.and_then(|before| before.email.clone()));
    let email_verified =
        who.flag("email_verified").or_else(|| before.and_then(|before| before.email_verified));
    let stored =
        |list: fn(&Profile) -> &Option<Vec<String>>| before.and_then(|it| list(it).clone());
    let tokens: Vec<_> = std::iter::once(who.claims()).chain(access).collect();
    Profile {
        subject: who.subject().to_owned(),
        initials: initials(name.as_deref().or(email.as_deref()).unwrap_or_default()),
        name,
        email,
        email_verified,
        picture: before.and_then(|before| before.picture.clone()),
        organization: match (organization(&tokens, custom), before) {
            (Some(now), Some(before)) if access.is_none() => Some(completed(now, before)),
            (Some(now), _) => Some(now),
            (None, before) => before.and_then(|before| before.organization.clone()),
        },
        roles: access
            .map_or_else(|| stored(|before| &before.roles), |claims| Some(list(claims, "roles"))),
        permissions: access.map_or_else(
            || stored(|before| &before.permissions),
            |claims| Some(list(claims, "permissions")),
        ),
        claims: match before {
            // The access token was readable before, and cannot be read now.
            Some(before) if access.is_none() && before.roles.is_some() => {
                extended(before.claims.clone(), custom.of(&tokens))
            }
            Some(_) | None => custom.of(&tokens),
        },
    }
}

/// The profile after a refresh without an ID token (OpenID Connect Core §12.2), updated from the claims of a
/// verified access token.
#[must_use]
pub fn with_access(before: Profile, access: &Map<String, Value>, custom: &CustomClaims) -> Profile {
    let organization = organization(&[access], custom).map(|now| completed(now, &before));
    let claims = extended(before.claims, custom.of(&[access]));
    Profile {
        organization: organization.or(before.organization),
        roles: Some(list(access, "roles")),
        permissions: Some(list(access, "permissions")),
        claims,
        ..before
    }
}

/// The organization with what the other token stated about the same one.
fn completed(now: Organization, before: &Profile) -> Organization {
    match &before.organization {
        Some(before) if before.id == now.id => Organization {
            name: now.name.or_else(|| before.name.clone()),
            external_id: now.external_id.or_else(|| before.external_id.clone()),
            ..now
        },
        Some(_) | None => now,
    }
}

fn extended(
    mut before: BTreeMap<String, Value>,
    now: BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    before.extend(now);
    before
}

fn name(who: &VerifiedIdToken) -> Option<String> {
    if let Some(name) = who.text("name") {
        return visible(name);
    }
    let parts: Vec<&str> =
        ["given_name", "family_name"].iter().filter_map(|part| who.text(part)).collect();
    visible(&parts.join(" "))
}

fn organization(tokens: &[&Map<String, Value>], custom: &CustomClaims) -> Option<Organization> {
    let text = |name: &str| tokens.iter().find_map(|claims| json::string(claims, name));
    let metadata = || {
        tokens
            .iter()
            .find_map(|claims| json::string(claims.get("org_metadata")?.as_object()?, "name"))
    };
    let name = custom.organization_name(tokens).or_else(metadata);
    Some(Organization {
        id: shown(text("oid")?),
        name: name.and_then(visible),
        external_id: text("xoid").map(shown),
    })
}

fn list(claims: &Map<String, Value>, name: &str) -> Vec<String> {
    json::strings(claims, name).iter().take(MAX_ENTRIES).map(|one| shown(one)).collect()
}

/// Untrusted text that has a visible character, as it is shown.
fn visible(text: &str) -> Option<String> {
    Some(shown(text)).filter(|text| !text.is_empty())
}

/// Untrusted text without control characters, including those that reorder the surrounding text.
fn shown(text: &str) -> String {
    let clean: String = text
        .chars()
        .filter(|c| !c.is_control() && !crate::problem::is_bidirectional_control(*c))
        .take(MAX_TEXT_LEN)
        .collect();
    clean.trim().to_owned()
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let local = name.split('@').next().unwrap_or_default();
    let mut words = local
        .split(|c: char| c.is_whitespace() || matches!(c, '.' | '_' | '-'))
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).take(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::custom_claims::ClaimName;

    #[test]
    fn profile_name_without_visible_characters_is_absent() {
        let name = |claims: Value| {
            let Value::Object(claims) = claims else { panic!() };
            name(&VerifiedIdToken::of_claims(claims))
        };
        assert_eq!(name(serde_json::json!({"name": "\u{202e}", "given_name": "Ada"})), None);
        assert_eq!(name(serde_json::json!({"given_name": "\u{202e}"})), None);
        let parts = serde_json::json!({"given_name": "Ada", "family_name": "Lovelace"});
        assert_eq!(name(parts).as_deref(), Some("Ada Lovelace"));
    }

    #[test]
    fn organization_name_without_visible_characters_is_absent() {
        let name = |name: &str| {
            let claims = serde_json::json!({"oid": "org_1", "org_metadata": {"name": name}});
            let claims = claims.as_object().unwrap();
            organization(&[claims], &CustomClaims::default()).unwrap().name
        };
        assert_eq!(name("\u{202e}\u{7}"), None);
        assert_eq!(name("Acme").as_deref(), Some("Acme"));
    }

    #[test]
    fn profile_organization_is_that_of_the_id_token() {
        let claims = |oid: &str| Map::from_iter([("oid".to_owned(), Value::from(oid))]);
        let who = VerifiedIdToken::of_claims(claims("org_1"));
        let profile = profile(&who, Some(&claims("org_2")), None, &CustomClaims::default());
        assert_eq!(profile.organization.unwrap().id, "org_1");
    }

    #[test]
    fn profile_initials_use_first_and_last_word() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("Ada Augusta King Lovelace", "AL"),
            ("ada", "A"),
            ("ada.lovelace@example.com", "AL"),
            ("فاطمة الفهرية", "فا"),
            ("  ", ""),
            ("🦀 Ferris", "F"),
            ("", ""),
        ] {
            assert_eq!(initials(name), expected);
        }
    }

    #[test]
    fn profile_roles_are_limited_to_500() {
        let roles: Vec<String> = (0..501).map(|number| format!("role-{number}")).collect();
        let claims = Map::from_iter([("roles".to_owned(), Value::from(roles.clone()))]);
        assert_eq!(list(&claims, "roles"), roles[..500]);
    }

    #[test]
    fn profile_text_strips_bidi_and_control_characters() {
        assert_eq!(shown("a\u{202e}b\u{0}c\n "), "abc");
        assert_eq!(shown(&"x".repeat(10_000)).len(), MAX_TEXT_LEN);
    }

    #[test]
    fn new_access_token_replaces_roles_permissions_and_oid() {
        let organization =
            |id: &str| Organization { id: id.to_owned(), name: None, external_id: None };
        let before = Profile {
            subject: "usr_1".to_owned(),
            name: Some("Ada Lovelace".to_owned()),
            email: None,
            email_verified: None,
            initials: "AL".to_owned(),
            picture: None,
            organization: Some(organization("org_1")),
            roles: Some(vec!["admin".to_owned()]),
            permissions: Some(vec!["reports:write".to_owned()]),
            claims: [("plan".to_owned(), "team".into())].into(),
        };
        let custom = CustomClaims {
            passed_on: vec![ClaimName::parse("seat").unwrap()],
            ..CustomClaims::default()
        };
        let claims = |value: serde_json::Value| value.as_object().cloned().unwrap_or_default();
        let access = claims(serde_json::json!({
            "oid": "org_2", "roles": "reader", "permissions": ["reports:read"], "seat": 7,
        }));
        let expected = Profile {
            organization: Some(organization("org_2")),
            roles: Some(vec!["reader".to_owned()]),
            permissions: Some(vec!["reports:read".to_owned()]),
            claims: [("plan".to_owned(), "team".into()), ("seat".to_owned(), 7.into())].into(),
            ..before.clone()
        };
        assert_eq!(with_access(before.clone(), &access, &custom), expected);
        let silent =
            Profile { roles: Some(Vec::new()), permissions: Some(Vec::new()), ..before.clone() };
        assert_eq!(
            with_access(before, &Map::new(), &custom),
            silent,
            "rights are not stored, the place is"
        );
    }

    #[test]
    fn refresh_without_name_keeps_that_of_same_organization() {
        let custom = CustomClaims::default();
        let object = |value: Value| value.as_object().cloned().unwrap();
        let id = |extra: Value| {
            let mut claims = object(serde_json::json!({"oid": "org_1", "name": "Ada"}));
            claims.extend(object(extra));
            VerifiedIdToken::of_claims(claims)
        };
        let first = id(serde_json::json!({"org_metadata": {"name": "Acme"}, "xoid": "ext_1"}));
        let before = profile(&first, None, None, &custom);
        assert_eq!(before.organization.as_ref().unwrap().name.as_deref(), Some("Acme"));
        // A refresh without ID token: the access token names the same organization, and nothing else of it.
        let access = object(serde_json::json!({"oid": "org_1"}));
        let after = with_access(before.clone(), &access, &custom).organization.unwrap();
        assert_eq!(
            (after.name.as_deref(), after.external_id.as_deref()),
            (Some("Acme"), Some("ext_1"))
        );
    }

    #[test]
    fn refresh_with_unreadable_access_token_keeps_its_claims() {
        let custom = CustomClaims {
            passed_on: vec![ClaimName::parse("plan").unwrap()],
            ..CustomClaims::default()
        };
        let object = |value: Value| value.as_object().cloned().unwrap();
        let who = VerifiedIdToken::of_claims(object(serde_json::json!({"oid": "org_1"})));
        let access = object(serde_json::json!({
            "oid": "org_1", "roles": ["admin"], "plan": "team", "org_metadata": {"name": "Acme"},
        }));
        let before = profile(&who, Some(&access), None, &custom);
        let after = profile(&who, None, Some(&before), &custom);
        assert_eq!(after.roles, before.roles);
        assert_eq!(after.claims, before.claims);
        assert_eq!(after.organization, before.organization);
    }
}
