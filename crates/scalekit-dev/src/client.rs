//! Client authentication, and its errors (RFC 6749 §2.3 and §5.2).

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::{
    Pairs,
    provider_state::pairs,
    server::is_form,
    settings::{Application, Settings},
};

/// RFC 6749 §5.1.
pub const NO_STORE: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];

/// An error of RFC 6749 §5.2.
pub struct Refusal {
    error: &'static str,
    description: String,
    /// Whether the client has tried to authenticate in a header.
    by_header: bool,
}

impl Refusal {
    pub fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into(), by_header: false }
    }

    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }

    pub fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new("invalid_grant", description)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({"error": self.error, "error_description": self.description}));
        if self.error != "invalid_client" {
            return (StatusCode::BAD_REQUEST, NO_STORE, body).into_response();
        }
        let mut response = (StatusCode::UNAUTHORIZED, NO_STORE, body).into_response();
        if self.by_header {
            let challenge = header::HeaderValue::from_static("Basic realm=\"scalekit-dev\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The parameters of the form, and its client.
pub fn form_of(
    settings: &Settings,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Application, Pairs), Refusal> {
    if !is_form(headers) {
        return Err(Refusal::invalid_request("The body is not a form"));
    }
    let form =
        std::str::from_utf8(body).map_err(|_| Refusal::invalid_request("The body is not text"))?;
    let form = pairs(form).map_err(Refusal::invalid_request)?;
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        // The SDKs also send the previous access token; it does not identify the client.
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Basic"));
    let application = match basic {
        Some((_, credentials)) => by_header(settings, credentials, &form)
            .map_err(|refusal| Refusal { by_header: true, ..refusal })?,
        None => by_form(settings, &form)?,
    };
    Ok((application, form))
}

/// Both parts are form-encoded (RFC 6749 §2.3.1).
fn by_header(settings: &Settings, credentials: &str, form: &Pairs) -> Result<Application, Refusal> {
    let invalid = |why: &str| Refusal::new("invalid_client", why);
    let text = BASE64_STANDARD
        .decode(credentials.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| invalid("The credentials cannot be read"))?;
    let (id, secret) =
        text.split_once(':').ok_or_else(|| invalid("The credentials cannot be read"))?;
    if form.contains_key("client_secret") {
        return Err(Refusal::invalid_request("The client says twice who it is"));
    }
    let (id, secret) = (decoded(id), decoded(secret));
    if form.get("client_id").is_some_and(|other| *other != id) {
        return Err(Refusal::invalid_request("The client says who it is in two ways"));
    }
    proved(settings, &id, Some(&secret))
}

fn by_form(settings: &Settings, form: &Pairs) -> Result<Application, Refusal> {
    let id = form
        .get("client_id")
        .ok_or_else(|| Refusal::new("invalid_client", "The client does not say who it is"))?;
    proved(settings, id, form.get("client_secret").map(String::as_str))
}

fn proved(
    settings: &Settings,
    client_id: &str,
    secret: Option<&str>,
) -> Result<Application, Refusal> {
    let invalid = |why: &str| Refusal::new("invalid_client", why);
    let application =
        settings.application(client_id).ok_or_else(|| invalid("The client is not registered"))?;
    match (&application.secret, secret) {
        (None, None) => Ok(application),
        (None, Some(_)) => Err(invalid("This client is public")),
        (Some(true_one), Some(secret)) if true_one == secret => Ok(application),
        (Some(_), _) => Err(invalid("The client secret is wrong")),
    }
}

fn decoded(text: &str) -> String {
    let pair = format!("x={text}");
    let first = url::form_urlencoded::parse(pair.as_bytes()).next();
    first.map(|(_, value)| value.into_owned()).unwrap_or_default()
}
