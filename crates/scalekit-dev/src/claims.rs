//! The claims of tokens.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    faults::{InjectedFault, TokenKind},
    keys::encode,
    provider_state::{Grant, now, numbered},
    sessions::{Family, Session},
    settings::{ClaimPlace, Settings},
    users::{Connection, Kind},
};

/// The client, the user and the issuer of tokens.
pub struct Subject<'a> {
    pub settings: &'a Settings,
    pub issuer: &'a str,
    pub session: &'a Session,
    pub family: &'a Family,
}

impl Subject<'_> {
    /// The access token's claims.
    pub fn access_claims(&self) -> Value {
        let Self { settings, issuer, session, family } = self;
        let issued = now();
        let mut claims = json!({
            "iss": issuer,
            "aud": [self.settings.options.api_audience.as_ref().unwrap_or(&family.client_id)],
            "sub": self.sub(),
            "client_id": family.client_id,
            "jti": numbered("tkn_"),
            "iat": issued,
            "nbf": issued,
            // One second more than the token response states.
            "exp": issued + settings.access_token_lifetime.as_secs() + 1,
        });
        if !self.is_modular() {
            claims["sid"] = json!(session.id);
            claims["scope"] = json!(family.scope.join(" "));
            claims["roles"] = json!(session.membership.roles);
            claims["permissions"] = json!(session.membership.permissions);
        }
        self.add_organization(&mut claims);
        if let Some(id) = session.user.external_id {
            claims["xuid"] = json!(id);
        }
        if settings.options.metadata {
            self.add_metadata(&mut claims);
        }
        self.add_custom_claims(&mut claims);
        claims
    }

    /// The ID token's claims. `by_code` is the grant, if it was issued for a code.
    pub fn id_claims(&self, access_token: &str, by_code: Option<(&Grant, &str)>) -> Value {
        let Self { settings, issuer, session, family } = self;
        let issued = now();
        let mut claims = json!({
            "iss": issuer,
            "aud": self.id_audience(),
            "azp": family.client_id,
            "client_id": family.client_id,
            "sub": self.sub(),
            "sid": session.id,
            "amr": [session.connection],
            "iat": issued,
            "exp": issued + settings.id_token_lifetime.as_secs(),
            "at_hash": half_hash(access_token),
        });
        self.add_organization(&mut claims);
        if let Some((grant, code)) = by_code {
            claims["c_hash"] = json!(half_hash(code));
            if let Some(nonce) = &grant.request.nonce {
                claims["nonce"] = json!(nonce);
            }
        }
        if let Some(time) = family.authenticated {
            claims["auth_time"] = json!(time);
        }
        self.add_user(&mut claims);
        claims
    }

    /// The userinfo response (OpenID Connect Core §5.3.2).
    pub fn user_info(&self) -> Value {
        let mut claims = json!({ "sub": self.sub() });
        self.add_user(&mut claims);
        claims
    }

    /// The audience of the access token, and the client id (OpenID Connect Core §2).
    fn id_audience(&self) -> Vec<&str> {
        let api = self.settings.options.api_audience.as_deref();
        [self.family.client_id.as_str()].into_iter().chain(api).collect()
    }

    /// With modular SSO, a user of an enterprise connection is identified by the id there.
    fn sub(&self) -> String {
        if self.is_modular() { self.session.modular_sub() } else { self.session.user.id.clone() }
    }

    fn is_modular(&self) -> bool {
        let by_company = Connection::of_id(&self.session.connection)
            .is_some_and(|one| matches!(one.kind, Kind::Enterprise { .. }));
        self.settings.options.modular_sso && by_company
    }

    fn add_organization(&self, claims: &mut Value) {
        if self.is_modular() {
            return;
        }
        claims["oid"] = json!(self.session.membership.organization);
        if let Some(id) = &self.session.membership.external_id {
            claims["xoid"] = json!(id);
        }
    }

    /// The claims that the scopes request (OpenID Connect Core §5.4).
    fn add_user(&self, claims: &mut Value) {
        let user = &self.session.user;
        let has = |scope: &str| self.family.scope.iter().any(|one| one == scope);
        if has("email") {
            claims["email"] = json!(user.email);
            claims["email_verified"] = json!(user.email_verified);
        }
        if has("profile") {
            self.add_profile(claims);
        }
    }

    fn add_profile(&self, claims: &mut Value) {
        let user = &self.session.user;
        claims["name"] = json!(user.name());
        claims["given_name"] = json!(user.given_name);
        claims["family_name"] = json!(user.family_name);
        if let Some(path) = &user.picture {
            claims["picture"] = json!(format!("{}{path}", self.issuer));
        }
        if let Some(locale) = user.locale {
            claims["locale"] = json!(locale);
        }
    }

    fn add_metadata(&self, claims: &mut Value) {
        let membership = &self.session.membership;
        claims["org_metadata"] = json!({ "name": membership.name });
        claims["user_metadata"] = json!({ "about": self.session.user.about });
        if let Some(role) = membership.roles.first() {
            claims["membership_metadata"] = json!({ "title": role });
        }
    }

    /// A custom claim does not replace an existing claim (the dashboard rejects such names).
    fn add_custom_claims(&self, claims: &mut Value) {
        let email = &self.session.user.email;
        let mut inside = Map::new();
        for claim in &self.settings.options.claims {
            let theirs = claim.of.as_ref().is_none_or(|of| of.eq_ignore_ascii_case(email));
            match claim.place {
                ClaimPlace::TopLevel if theirs && claims.get(&claim.name).is_none() => {
                    claims[&claim.name] = claim.value.clone();
                }
                ClaimPlace::Inside if theirs => {
                    inside.insert(claim.name.clone(), claim.value.clone());
                }
                ClaimPlace::TopLevel | ClaimPlace::Inside => {}
            }
        }
        if !inside.is_empty() {
            claims["custom_claims"] = Value::Object(inside);
        }
    }
}

/// The claims of an application's token without a user.
pub fn machine_claims(issuer: &str, client_id: &str, lifetime: u64) -> Value {
    let issued = now();
    json!({
        "iss": issuer,
        "aud": [client_id],
        "sub": client_id,
        "client_id": client_id,
        "jti": numbered("tkn_"),
        "iat": issued,
        "nbf": issued,
        "exp": issued + lifetime + 1,
    })
}

/// OpenID Connect Core §3.1.3.6 and §3.3.2.11.
fn half_hash(text: &str) -> String {
    encode(&Sha256::digest(text)[..16])
}

/// Changes or removes claims according to the fault.
pub fn tamper(claims: &mut Value, kind: TokenKind, fault: Option<&InjectedFault>) {
    match fault {
        Some(InjectedFault::WrongClaim { token, claim, value }) if *token == kind => {
            change(claims, claim, Some(value));
        }
        Some(InjectedFault::MissingClaim { token, claim }) if *token == kind => {
            change(claims, claim, None);
        }
        _ => {}
    }
}

/// Sets or removes a member of an object.
pub fn change(object: &mut Value, name: &str, value: Option<&Value>) {
    let Some(object) = object.as_object_mut() else { return };
    match value {
        Some(value) => object.insert(name.to_owned(), value.clone()),
        None => object.remove(name),
    };
}
