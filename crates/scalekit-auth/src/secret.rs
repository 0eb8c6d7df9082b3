//! Secret values, which must not be printed or compared in variable time.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A token, code, verifier, `state` or `nonce`.
///
/// It cannot be printed, serialized or compared with `==` by accident, and its memory is zeroized on drop. So a
/// webview command cannot return a value that contains one:
///
/// ```
/// fn serialize(_: impl serde::Serialize) {}
/// serialize(scalekit_auth::view::SessionView::Starting);
/// ```
///
/// ```compile_fail
/// fn serialize(_: impl serde::Serialize) {}
/// serialize(scalekit_auth::secret::Secret::new("hunter2"));
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself; a review has to examine each call.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `other` is the same value, in a time that depends on the lengths only.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::*;
    use crate::{
        protocol::{
            authorization_request::{AuthorizationSecrets, Entropy},
            authorization_response::AuthorizationResponse,
            http_response::HttpResponse,
            id_token::VerifiedIdToken,
            token_response::{TokenResponse, TokenResult},
        },
        secret_buffer::SecretBuffer,
        session::{Effect, Event, Machine},
        storage::record::{SessionRecord, SignInRecord},
    };

    /// Does not compile for a type that implements the trait, as `proof` is then ambiguous.
    macro_rules! never {
        ($trait:path: $($type:ty),+ $(,)?) => {{
            trait Ambiguous<Which> {
                fn proof() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $trait> Ambiguous<u8> for T {}
            $(<$type as Ambiguous<_>>::proof();)+
        }};
    }

    // req: I1
    #[test]
    fn secret_types_are_neither_serialize_nor_display() {
        never!(serde::Serialize: Secret, SessionRecord, SignInRecord, AuthorizationSecrets, Entropy, AuthorizationResponse,
            TokenResponse, TokenResult, HttpResponse, VerifiedIdToken, Machine, Event, Effect, SecretBuffer);
        never!(fmt::Display: Secret, SessionRecord, SignInRecord, AuthorizationSecrets, Entropy, AuthorizationResponse,
            TokenResponse, TokenResult, HttpResponse, VerifiedIdToken, Machine, Event, Effect, SecretBuffer);
    }

    #[test]
    fn secret_debug_output_is_redacted() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }

    /// Raw bytes, URIs and requests may hold a secret, so types with a derived `Debug` must not contain them.
    // req: E21
    #[test]
    fn derived_debug_types_hold_no_bytes_or_urls() {
        let mut checked = 0;
        for file in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
            let text = fs::read_to_string(&file).unwrap();
            for item in text.split("#[derive(").skip(1) {
                let (derives, rest) = item.split_once(")]").unwrap();
                if !derives.split(", ").any(|one| one.trim() == "Debug") {
                    continue;
                }
                let end = rest.find("\n}").into_iter().chain(rest.find(";\n")).min();
                let body = &rest[..end.unwrap_or(rest.len())];
                checked += 1;
                // A digest does not reveal the token.
                if body.contains("struct TokenDigest") {
                    continue;
                }
                for raw in ["Zeroizing<", "Vec<u8>", "[u8", "Request<", "Cow<'"] {
                    assert!(!body.contains(raw), "{}: {body}", file.display());
                }
                // Endpoints are public; other URIs may contain tokens and `state`.
                let is_public =
                    ["struct Metadata", "struct EnvironmentUrl", "struct ResourceOrigin"]
                        .iter()
                        .any(|name| body.contains(name));
                assert!(is_public || !body.contains(": Url"), "{}: {body}", file.display());
            }
        }
        assert!(checked > 30, "{checked}");
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.extend(sources(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
        files
    }

    #[test]
    fn secret_matches_only_equal_value() {
        let secret = Secret::new("abc");
        assert!(secret.matches("abc"));
        assert!(!secret.matches("abd"));
        assert!(!secret.matches("ab"));
        assert!(!secret.matches(""));
    }
}
