//! The records: in the keychain one versioned record for the session and one for the pending sign-in, and the
//! names of the files beside it.

use std::{fmt, io, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};
use serde_json::ser::Formatter;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    configuration::Configuration,
    fingerprint::{Fingerprint, SessionId},
    protocol::authorization_request::{AuthorizationSecrets, Hints},
    secret::Secret,
    secret_buffer::SecretBuffer,
    time::Wall,
    view::{Organization, Profile, SignInIntent},
};

/// The version that is written.
const VERSION: u32 = 1;

/// The kind of a stored entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// The session.
    Session,
    /// The pending sign-in, so that an authorization response completes it after the application was restarted.
    SignIn,
    /// The refresh journal (`Journal`). A file: it contains no secret.
    Journal,
    /// The tombstones (`EndedSessions`). A file: it contains no secret.
    Ended,
    /// The last valid discovery document. A file: it is public.
    Endpoints,
}

/// Identifies an account: an environment, a client id, and the organization that the application is pinned to,
/// if any. Every account has entries of its own, so that changing the settings loses no session and two
/// accounts never share a refresh token. Not a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey(String);

impl AccountKey {
    /// The account of this configuration.
    #[must_use]
    pub fn of(configuration: &Configuration) -> Self {
        let mut digest = Sha256::new();
        digest.update(configuration.environment.issuer());
        digest.update([0]);
        digest.update(configuration.client_id.as_str());
        // A session from before the application was pinned to one organization may belong to another one.
        if let Some(organization) = &configuration.organization {
            digest.update([0]);
            digest.update(organization.as_str());
        }
        Self(hex(&digest.finalize()[..6]))
    }
}

/// The key of a stored entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorageKey {
    /// The account.
    pub account: AccountKey,
    /// The kind of the entry.
    pub kind: RecordKind,
}

impl StorageKey {
    /// The name of the entry in the keychain, or of the file.
    #[must_use]
    pub fn name(&self) -> String {
        let AccountKey(account) = &self.account;
        match self.kind {
            RecordKind::Session => format!("session-{account}"),
            RecordKind::SignIn => format!("sign-in-{account}"),
            RecordKind::Journal => format!("journal-{account}"),
            RecordKind::Ended => format!("ended-{account}"),
            RecordKind::Endpoints => format!("endpoints-{account}"),
        }
    }
}

impl RecordKind {
    /// Whether it is stored in the keychain; the others are files.
    #[must_use]
    pub fn is_secret(self) -> bool {
        match self {
            Self::Session | Self::SignIn => true,
            Self::Journal | Self::Ended | Self::Endpoints => false,
        }
    }
}

/// A session as it is stored.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// The id of the session, constant across refreshes.
    pub session: SessionId,
    /// The number of rotations of the refresh token: of two records of one session, the higher one is newer.
    pub generation: u64,
    /// The refresh token, if the environment issues one.
    pub refresh_token: Option<Secret>,
    /// The access token for protected resources.
    pub access_token: Secret,
    /// The expiry of the access token, by this computer's wall clock.
    pub access_token_ends: Wall,
    /// The lifetime of the access token.
    pub lifetime: Duration,
    /// The end of the session that the environment has announced, by this computer's wall clock.
    pub announced_end: Option<Wall>,
    /// The ID token, the hint for RP-initiated logout.
    pub id_token: Secret,
    /// The sign-in's nonce, for refreshed ID tokens that repeat it.
    pub nonce: Option<Fingerprint>,
    /// The nonce of the stored sign-in, where it is another one.
    pub sign_in: Option<Fingerprint>,
    /// The user's profile.
    pub profile: Profile,
    /// The URL of the picture, from the ID token.
    pub picture_url: Option<String>,
    /// Organizations that this user has signed in to before, the last one first.
    pub organizations: Vec<Organization>,
}

/// A pending sign-in as it is stored.
#[derive(Debug, Clone)]
pub struct SignInRecord {
    /// The values that the authorization response and the tokens must match.
    pub binding: AuthorizationSecrets,
    /// The page that the sign-in began at.
    pub intent: SignInIntent,
    /// The hints of the authorization request: a browser that is opened again after a restart must use those
    /// that the user confirmed.
    pub hints: Hints,
    /// The redirect URI of the authorization request, which the token request must repeat (RFC 6749 §4.1.3).
    /// `None` in records of 0.1.0.
    pub redirect_uri: Option<String>,
    /// The beginning by the wall clock: a restart of the computer resets the monotonic clock.
    pub began: Wall,
}

/// The reason a record is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Written by a newer version of this application: it must not be changed.
    #[error("it was written by a newer version")]
    UnsupportedVersion,
    /// Not a valid record.
    #[error("it is damaged")]
    Corrupt,
}

impl SessionRecord {
    /// Whether this was stored after `other`: by another process that refreshed the session, or for a new
    /// sign-in.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.session != other.session || self.generation > other.generation
    }

    /// Whether this session is the result of the sign-in that was stored with this nonce.
    #[must_use]
    pub fn came_of(&self, nonce: &Fingerprint) -> bool {
        self.nonce.as_ref() == Some(nonce) || self.sign_in.as_ref() == Some(nonce)
    }

    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(&StoredSession {
            version: VERSION,
            session: self.session.clone(),
            generation: self.generation,
            refresh_token: self.refresh_token.as_ref().map(SecretStr::of),
            access_token: SecretStr::of(&self.access_token),
            access_token_ends: self.access_token_ends.0,
            lifetime_seconds: self.lifetime.as_secs_f64(),
            announced_end: self.announced_end,
            id_token: SecretStr::of(&self.id_token),
            nonce: self.nonce.clone(),
            sign_in: self.sign_in.clone(),
            profile: Profile { picture: None, ..self.profile.clone() },
            picture_url: self.picture_url.clone(),
            organizations: self.organizations.clone(),
        })
    }

    /// Parses a stored record.
    ///
    /// # Errors
    /// When it is damaged, or of a newer version.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        check_version(bytes)?;
        let stored: StoredSession<'_> =
            serde_json::from_slice(bytes).map_err(|_| DecodeError::Corrupt)?;
        Ok(Self {
            session: stored.session,
            generation: stored.generation,
            refresh_token: stored.refresh_token.map(Secret::from),
            access_token: stored.access_token.into(),
            access_token_ends: Wall(stored.access_token_ends),
            lifetime: Duration::try_from_secs_f64(stored.lifetime_seconds)
                .map_err(|_| DecodeError::Corrupt)?,
            announced_end: stored.announced_end,
            id_token: stored.id_token.into(),
            nonce: stored.nonce,
            sign_in: stored.sign_in,
            profile: stored.profile,
            picture_url: stored.picture_url,
            organizations: stored.organizations,
        })
    }
}

impl SignInRecord {
    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(&StoredSignIn {
            version: VERSION,
            state: SecretStr::of(&self.binding.state),
            nonce: SecretStr::of(&self.binding.nonce),
            code_verifier: SecretStr::of(&self.binding.code_verifier),
            intent: self.intent,
            hints: self.hints.clone(),
            redirect_uri: self.redirect_uri.clone(),
            began: self.began.0,
        })
    }

    /// Parses a stored record.
    ///
    /// # Errors
    /// When it is damaged, or of a newer version.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        check_version(bytes)?;
        let stored: StoredSignIn<'_> =
            serde_json::from_slice(bytes).map_err(|_| DecodeError::Corrupt)?;
        Ok(Self {
            binding: AuthorizationSecrets {
                state: stored.state.into(),
                nonce: stored.nonce.into(),
                code_verifier: stored.code_verifier.into(),
            },
            intent: stored.intent,
            hints: stored.hints,
            redirect_uri: stored.redirect_uri,
            began: Wall(stored.began),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct StoredSession<'a> {
    version: u32,
    #[serde(default)]
    session: SessionId,
    #[serde(default)]
    generation: u64,
    #[serde(borrow)]
    refresh_token: Option<SecretStr<'a>>,
    #[serde(borrow)]
    access_token: SecretStr<'a>,
    access_token_ends: i64,
    lifetime_seconds: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announced_end: Option<Wall>,
    #[serde(borrow)]
    id_token: SecretStr<'a>,
    #[serde(default)]
    nonce: Option<Fingerprint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in: Option<Fingerprint>,
    profile: Profile,
    picture_url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    organizations: Vec<Organization>,
}

#[derive(Serialize, Deserialize)]
struct StoredSignIn<'a> {
    version: u32,
    #[serde(borrow)]
    state: SecretStr<'a>,
    #[serde(borrow)]
    nonce: SecretStr<'a>,
    #[serde(borrow)]
    code_verifier: SecretStr<'a>,
    intent: SignInIntent,
    #[serde(default)]
    hints: Hints,
    #[serde(default)]
    redirect_uri: Option<String>,
    began: i64,
}

/// A secret in a record. It borrows from the bytes, so that no second copy of it stays in memory, unless JSON
/// had to escape it: a token may contain quotation marks and backslashes (RFC 6749 §A.12).
enum SecretStr<'a> {
    Borrowed(&'a str),
    Unescaped(Secret),
}

impl<'a> SecretStr<'a> {
    fn of(secret: &'a Secret) -> Self {
        Self::Borrowed(secret.expose())
    }
}

impl From<SecretStr<'_>> for Secret {
    fn from(text: SecretStr<'_>) -> Self {
        match text {
            SecretStr::Borrowed(text) => Self::new(text),
            SecretStr::Unescaped(secret) => secret,
        }
    }
}

impl Serialize for SecretStr<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Borrowed(text) => text,
            Self::Unescaped(secret) => secret.expose(),
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for SecretStr<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl<'de> Visitor<'de> for Reading {
            type Value = SecretStr<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<SecretStr<'de>, E> {
                Ok(SecretStr::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<SecretStr<'de>, E> {
                Ok(SecretStr::Unescaped(Secret::new(text)))
            }
        }

        deserializer.deserialize_str(Reading)
    }
}

fn encode(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = SecretBuffer::with_capacity(16 * 1024);
    // Writing plain structures to memory cannot fail.
    let _ = value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Ascii));
    bytes.into_whole()
}

/// JSON in ASCII only: KDE's Secret Service decodes a value as text in an encoding of its own and returns
/// question marks for other characters.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| !c.is_ascii()) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut characters = after.chars();
            if let Some(character) = characters.next() {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

fn check_version(bytes: &[u8]) -> Result<(), DecodeError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    match serde_json::from_slice::<Versioned>(bytes) {
        Ok(Versioned { version: VERSION }) => Ok(()),
        Ok(Versioned { version }) if version > VERSION => Err(DecodeError::UnsupportedVersion),
        Ok(_) | Err(_) => Err(DecodeError::Corrupt),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A record of version 0.1.0: a user stays signed in after the update.
#[cfg(test)]
pub(super) const STORED: &[u8] = br#"{"version":1,"session":"0123456789abcdef","generation":7,"refresh_token":"rt-8","access_token":"at-8","access_token_ends":1800000000000,"lifetime_seconds":299.0,"id_token":"it-8","nonce":"fedcba9876543210","profile":{"subject":"usr_1","name":"Ada Lovelace","email":"ada@analytical.example","emailVerified":true,"initials":"AL","picture":null,"organization":{"id":"org_1","name":null,"externalId":null},"roles":["admin"],"permissions":["reports:read"]},"picture_url":null}"#;

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of the profile with `claims`, which version 0.1.0 did not store, and without it.
    const CLAIMS: &str = r#"["reports:read"],"claims":{}}"#;
    const CLAIMS_AFTER: &str = r#"["reports:read"]}"#;

    #[test]
    fn session_record_came_of_its_own_sign_in_only() {
        let fingerprint = |nonce: &str| Fingerprint::of_nonce(&Secret::new(nonce));
        let mut record = SessionRecord::decode(STORED).unwrap();
        record.nonce = Some(fingerprint("first"));
        record.sign_in = Some(fingerprint("second"));
        for (nonce, came) in [("first", true), ("second", true), ("third", false)] {
            assert_eq!(record.came_of(&fingerprint(nonce)), came, "{nonce}");
        }
    }

    // req: X28
    #[test]
    fn session_record_encodes_non_ascii_as_ascii() {
        let mut record = SessionRecord::decode(STORED).unwrap();
        let name = "Zoë Müller \u{7f} \"فاطمة\" 李 🗝\u{10ffff}";
        record.profile.name = Some(name.to_owned());
        record.access_token = Secret::new("é");
        let bytes = record.encode();
        assert!(bytes.is_ascii());
        let read = SessionRecord::decode(&bytes).unwrap();
        assert_eq!(read.profile.name.as_deref(), Some(name));
        assert_eq!(read.access_token.expose(), "é");
    }

    #[test]
    fn keychain_entry_names_are_unique_per_configuration() {
        use crate::configuration::{ClientId, EnvironmentUrl, OrganizationId, RedirectUris};
        let configuration = |environment: &str, client_id: &str, organization: Option<&str>| {
            let mut configuration = Configuration::new(
                EnvironmentUrl::parse(environment).unwrap(),
                ClientId::parse(client_id).unwrap(),
                RedirectUris::with_scheme("com.example.app").unwrap(),
            );
            configuration.organization = organization.map(|id| OrganizationId::parse(id).unwrap());
            configuration
        };
        let configurations = [
            configuration("https://acme.scalekit.com", "skc_1", None),
            configuration("https://acme.scalekit.com", "skc_1", Some("org_1")),
            configuration("https://acme.scalekit.com", "skc_1", Some("org_2")),
            configuration("https://acme.scalekit.com", "skc_1org_1", None),
            configuration("https://acme.scalekit.com", "skc_2", None),
            configuration("https://acme-dev.scalekit.com", "skc_1", None),
        ];
        let slots = [
            RecordKind::Session,
            RecordKind::SignIn,
            RecordKind::Journal,
            RecordKind::Ended,
            RecordKind::Endpoints,
        ];
        let names: std::collections::HashSet<String> = configurations
            .iter()
            .map(AccountKey::of)
            .flat_map(|account| {
                slots.map(|kind| StorageKey { account: account.clone(), kind }.name())
            })
            .collect();
        assert_eq!(names.len(), configurations.len() * slots.len());
    }

    // req: H1, X20
    #[test]
    fn session_record_of_version_0_1_0_round_trips() {
        let record = SessionRecord::decode(STORED).unwrap();
        assert_eq!(record.refresh_token.as_ref().map(Secret::expose), Some("rt-8"));
        assert_eq!(record.profile.subject, "usr_1");
        assert_eq!(
            std::str::from_utf8(&record.encode()).unwrap(),
            std::str::from_utf8(STORED).unwrap().replace(CLAIMS_AFTER, CLAIMS)
        );
    }

    #[test]
    fn sign_in_record_round_trips_all_fields() {
        let record = SignInRecord {
            binding: AuthorizationSecrets::from_entropy(
                &crate::protocol::authorization_request::Entropy([3; 96]),
            ),
            intent: SignInIntent::SignUp,
            hints: Hints {
                login_hint: Some("ada@analytical.example".to_owned()),
                reauthenticates: true,
                ..Hints::default()
            },
            redirect_uri: Some("com.example.app://callback".to_owned()),
            began: Wall(7),
        };
        let read = SignInRecord::decode(&record.encode()).unwrap();
        assert!(read.binding.state.matches(record.binding.state.expose()));
        assert!(read.binding.nonce.matches(record.binding.nonce.expose()));
        assert!(read.binding.code_verifier.matches(record.binding.code_verifier.expose()));
        assert_eq!((read.intent, read.began), (record.intent, record.began));
        assert_eq!(read.hints, record.hints);
        assert_eq!(read.redirect_uri, record.redirect_uri);
    }

    // req: H8
    #[test]
    fn session_record_distinguishes_newer_from_corrupt() {
        let stored = std::str::from_utf8(STORED).unwrap();
        let newer = stored.replace("\"version\":1", "\"version\":2,\"unknown\":[]");
        assert_eq!(
            SessionRecord::decode(newer.as_bytes()).unwrap_err(),
            DecodeError::UnsupportedVersion
        );
        for damaged in
            ["", "{}", "[]", &stored[..200], &stored.replace("299.0", "-1.0"), "{\"version\":0}"]
        {
            let why = SessionRecord::decode(damaged.as_bytes()).unwrap_err();
            assert_eq!(why, DecodeError::Corrupt, "{damaged}");
        }
    }

    /// RFC 6749 Appendix A.12 and A.17: every visible character may stand in a token.
    #[test]
    fn session_record_round_trips_any_token_characters() {
        let all: String = ('!'..='~').collect();
        let record = SessionRecord {
            session: SessionId::of_sign_in(&Secret::new("n"), &Secret::new("c")),
            generation: 7,
            refresh_token: Some(Secret::new(&*all)),
            access_token: Secret::new(&*all),
            access_token_ends: Wall(1),
            lifetime: Duration::from_secs(300),
            announced_end: None,
            id_token: Secret::new("plain"),
            nonce: None,
            profile: serde_json::from_str(
                r#"{"subject":"usr_1","initials":"","roles":[],"permissions":[]}"#,
            )
            .unwrap(),
            picture_url: None,
            sign_in: None,
            organizations: Vec::new(),
        };
        let again = SessionRecord::decode(&record.encode()).unwrap();
        assert!(again.refresh_token.unwrap().matches(&all));
        assert!(again.access_token.matches(&all));
        assert!(again.id_token.matches("plain"));
    }

    /// The picture is fetched again; the keychains of some systems have no room for it.
    #[test]
    fn session_record_omits_profile_picture() {
        let mut record = SessionRecord::decode(STORED).unwrap();
        record.profile.picture = Some("data:image/png;base64,AAAA".to_owned());
        let expected = std::str::from_utf8(STORED).unwrap().replace(CLAIMS_AFTER, CLAIMS);
        assert_eq!(std::str::from_utf8(&record.encode()).unwrap(), expected);
    }

    #[test]
    fn session_record_is_newer_by_generation_or_sign_in() {
        let record = SessionRecord::decode(STORED).unwrap();
        let refreshed = SessionRecord { generation: record.generation + 1, ..record.clone() };
        let other = SessionRecord {
            session: SessionId::of_sign_in(&Secret::new("another"), &Secret::new("c")),
            generation: 0,
            ..record.clone()
        };
        assert!(refreshed.is_newer_than(&record) && !record.is_newer_than(&refreshed));
        assert!(other.is_newer_than(&record) && record.is_newer_than(&other));
        assert!(!record.is_newer_than(&record.clone()));
    }

    #[test]
    fn keychain_holds_only_session_and_pending_sign_in() {
        let all = [
            RecordKind::Session,
            RecordKind::SignIn,
            RecordKind::Journal,
            RecordKind::Ended,
            RecordKind::Endpoints,
        ];
        assert_eq!(all.map(RecordKind::is_secret), [true, true, false, false, false]);
    }
}
