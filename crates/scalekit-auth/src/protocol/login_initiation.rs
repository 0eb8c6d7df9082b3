//! The content of an initiate-login link: a sign-in that began outside the application, unverified.

use url::form_urlencoded;

use crate::{
    protocol::{
        forwarded_parameters::Parameter,
        query::{parameters, without_quotation_marks},
    },
    secret::Secret,
};

/// The maximum number of parameters with other names that are read.
pub(crate) const MAX_OTHER_PARAMETERS: usize = 32;

/// The content of an initiate-login link. Any party can create one; only a token in it can be verified.
#[derive(Debug)]
pub enum LoginInitiation {
    /// An `idp_initiated_login` token, not yet verified ([`crate::protocol::initiate_login::verify`]).
    Token(Secret),
    /// The error code of a failed login initiation, of any characters: it selects a sentence and is not shown.
    /// `error_description` is not read, as it is unsigned.
    Error(String),
    /// Neither of both, such as from a bookmarked login page, an accepted invitation or a verified e-mail
    /// address. Holds the other parameters, which are unsigned.
    Plain(Vec<Parameter>),
}

/// Parses the query of an initiate-login link.
///
/// OpenID Connect Core §4 defines `iss`, `login_hint` and `target_link_uri` here. These are unsigned and not
/// read: a sign-in takes its hints from Scalekit's token only.
#[must_use]
pub(crate) fn read_initiation(query: &str) -> Option<LoginInitiation> {
    let known = ["idp_initiated_login", "error", "error_description", "error_uri"];
    let mut parameters = parameters(query, &known)?;
    // RFC 6749 §3.1: a parameter without a value is an omitted one.
    let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_empty());
    let error = take("error").map(|error| without_quotation_marks(&error));
    match (take("idp_initiated_login"), error.filter(|error| !error.is_empty())) {
        (Some(token), None) if is_token(&token) => Some(LoginInitiation::Token(Secret::new(token))),
        (None, Some(error)) => Some(LoginInitiation::Error(error)),
        (None, None) => Some(LoginInitiation::Plain(others(query, &known))),
        (_, _) => None,
    }
}

/// The first parameters with names that are not in `known`, at most [`MAX_OTHER_PARAMETERS`].
fn others(query: &str, known: &[&str]) -> Vec<Parameter> {
    form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| !known.contains(&name.as_ref()))
        .take(MAX_OTHER_PARAMETERS)
        .map(|(name, value)| Parameter { name: name.into_owned(), value: value.into_owned() })
        .collect()
}

/// RFC 7515 §7.1: three parts in base64url.
fn is_token(token: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    token.split('.').count() == 3 && token.split('.').all(is_part)
}
