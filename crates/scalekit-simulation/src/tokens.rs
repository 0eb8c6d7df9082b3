//! Tokens of the modelled environments. Signing is slow, so each is signed once for all schedules.

use std::{cell::RefCell, collections::HashMap};

use scalekit_auth::protocol::authorization_request::{AuthorizationSecrets, Entropy};
use serde_json::{Value, json};

use crate::{
    settings::{OF_ENVIRONMENTS, organization},
    signing::{SigningKey, jwks},
};

/// The number of different sign-ins, which bounds the number of signatures.
pub const DRAWS: u8 = 200;

/// The period after which a token is signed again, in seconds.
const PERIOD: i64 = 600;

/// The claims that distinguish tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Claims {
    /// The draw of a sign-in, the user, the organization, the audience, the period.
    Id(Option<u8>, u8, Option<u8>, Audience, i64),
    /// The subject, the organization, the period.
    Access(Subject, Option<u8>, i64),
    /// A login initiation: the organization, its age in minutes, the period.
    Invitation(Option<u8>, u8, i64),
}

/// The subject of an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The `sub` of the ID token.
    User(u8),
    /// Another `sub` than that of the ID token.
    Pairwise(u8),
}

/// The audience of an ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// This client.
    Ours,
    /// Another client: the token is rejected (OpenID Connect Core §3.1.3.7 rule 3).
    AnotherClient,
}

/// The sign-in or refresh that an ID token is issued for.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The draw of a sign-in.
    pub draw: Option<u8>,
    pub user: u8,
    pub organization: Option<u8>,
    pub audience: Audience,
}

/// The key that a token is signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signer {
    /// The key before a rotation.
    First,
    /// The key after it (OpenID Connect Core §10.1.1).
    Second,
    /// A key that no JWKS contains.
    Unpublished,
}

/// The JWKS of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// Before a rotation, or from a cache.
    First,
    /// After a rotation.
    Both,
}

/// The environments' keys and the tokens they have signed.
pub struct Tokens {
    environments: Vec<Environment>,
    nonces: Vec<String>,
}

/// An environment's key and its signed tokens.
struct Environment {
    issuer: &'static str,
    client: &'static str,
    /// In the order of [`Signer`].
    keys: [SigningKey; 3],
    signed: RefCell<HashMap<(Claims, Signer), String>>,
    first: Vec<u8>,
    both: Vec<u8>,
    discovery: Vec<u8>,
    /// A discovery document that names another issuer.
    renamed: Vec<u8>,
}

impl Tokens {
    pub fn new() -> Option<Self> {
        let environments: Option<Vec<_>> = OF_ENVIRONMENTS
            .iter()
            .map(|(issuer, client)| Environment::new(issuer, client))
            .collect();
        let nonces = (0..DRAWS).map(|draw| {
            AuthorizationSecrets::from_entropy(&entropy(draw)).nonce.expose().to_owned()
        });
        Some(Self { environments: environments?, nonces: nonces.collect() })
    }

    pub fn keys(&self, environment: usize, published: Published) -> &[u8] {
        match published {
            Published::First => &self.environments[environment].first,
            Published::Both => &self.environments[environment].both,
        }
    }

    pub fn discovery(&self, environment: usize) -> &[u8] {
        &self.environments[environment].discovery
    }

    /// The discovery document while the environment names another issuer.
    pub fn renamed(&self, environment: usize) -> &[u8] {
        &self.environments[environment].renamed
    }

    /// The nonce of this draw.
    pub fn nonce(&self, draw: u8) -> &str {
        self.nonces.get(usize::from(draw)).map_or("", String::as_str)
    }

    /// The draw of this nonce.
    pub fn draw_of(&self, nonce: &str) -> Option<u8> {
        self.nonces.iter().position(|one| one == nonce).and_then(|draw| draw.try_into().ok())
    }

    /// An ID token at this second.
    pub fn id_token(
        &self,
        environment: usize,
        about: About,
        second: i64,
        signer: Signer,
    ) -> String {
        let About { draw, user, organization, audience } = about;
        let claims = Claims::Id(draw, user, organization, audience, second.div_euclid(PERIOD));
        self.signed(environment, claims, signer)
    }

    /// An access token that is a JSON Web Token. It is issued again during its period.
    pub fn access_token(
        &self,
        environment: usize,
        subject: Subject,
        organization: Option<u8>,
        second: i64,
        signer: Signer,
    ) -> String {
        let claims = Claims::Access(subject, organization, second.div_euclid(PERIOD));
        self.signed(environment, claims, signer)
    }

    /// The token of an initiate-login link, with this age in minutes.
    pub fn invitation(
        &self,
        environment: usize,
        organization: Option<u8>,
        minutes: u8,
        second: i64,
        signer: Signer,
    ) -> String {
        let period = second.div_euclid(PERIOD);
        self.signed(environment, Claims::Invitation(organization, minutes, period), signer)
    }

    fn signed(&self, environment: usize, claims: Claims, signer: Signer) -> String {
        let environment = &self.environments[environment];
        let mut signed = environment.signed.borrow_mut();
        let key = &environment.keys[signer as usize];
        let token = signed
            .entry((claims, signer))
            .or_insert_with(|| key.sign(&self.payload(environment, claims)));
        token.clone()
    }

    fn payload(&self, environment: &Environment, claims: Claims) -> Value {
        let (issuer, client) = (environment.issuer, environment.client);
        let (mut payload, period, oid) = match claims {
            Claims::Id(draw, user, oid, _, period) => {
                let mut payload = json!({
                    "sub": format!("usr_{user}"), "name": format!("User {user}"),
                    "email": format!("p{user}@acme.example"),
                });
                if user == 1 {
                    payload["picture"] = format!("{issuer}/pictures/{user}").into();
                }
                if let Some(draw) = draw {
                    payload["nonce"] = self.nonce(draw).into();
                }
                (payload, period * PERIOD, oid)
            }
            Claims::Access(subject, oid, period) => {
                let name = match subject {
                    Subject::User(user) => format!("usr_{user}"),
                    Subject::Pairwise(user) => format!("acct_{user}"),
                };
                (json!({ "sub": name, "scope": "openid" }), period * PERIOD, oid)
            }
            Claims::Invitation(requested, minutes, period) => {
                let mut payload = json!({ "connection_id": "conn_1" });
                if let Some(requested) = requested {
                    payload["organization_id"] = organization(requested).into();
                }
                (payload, period * PERIOD - i64::from(minutes) * 60, None)
            }
        };
        payload["iss"] = issuer.into();
        payload["aud"] = match claims {
            Claims::Id(_, _, _, Audience::AnotherClient, _) => json!(["skc_another"]),
            Claims::Id(..) | Claims::Access(..) | Claims::Invitation(..) => json!([client]),
        };
        payload["iat"] = period.into();
        payload["exp"] = (period + 7200).into();
        if let Some(oid) = oid {
            payload["oid"] = organization(oid).into();
        }
        payload
    }
}

impl Environment {
    fn new(issuer: &'static str, client: &'static str) -> Option<Self> {
        let keys =
            [SigningKey::named("one")?, SigningKey::named("two")?, SigningKey::named("three")?];
        let mut discovery = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/oauth/authorize"),
            "token_endpoint": format!("{issuer}/oauth/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "end_session_endpoint": format!("{issuer}/oidc/logout"),
        });
        // The first environment offers no revocation to public clients, as Scalekit documents it.
        if issuer != OF_ENVIRONMENTS[0].0 {
            discovery["revocation_endpoint"] = format!("{issuer}/revoke").into();
            discovery["revocation_endpoint_auth_methods_supported"] = json!(["none"]);
        }
        let document = discovery.to_string().into_bytes();
        discovery["issuer"] = "https://renamed.example".into();
        Some(Self {
            issuer,
            client,
            first: jwks(&[&keys[0]]),
            both: jwks(&[&keys[0], &keys[1]]),
            keys,
            signed: RefCell::default(),
            discovery: document,
            renamed: discovery.to_string().into_bytes(),
        })
    }
}

/// The entropy of this draw.
pub fn entropy(draw: u8) -> Entropy {
    Entropy([draw; 96])
}
