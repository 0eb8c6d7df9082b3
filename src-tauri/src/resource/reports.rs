//! The content of the protected resource, fetched with the access token. The window gets the displayable part only:
//! no token, no header and no body.

use scalekit_auth::{
    BearerChallenge, HttpError, HttpResponse, PermissionError, Problem, ProblemCode,
    TokenUnavailable,
};
use scalekit_auth_native::{SendError, Session};
use serde::{Deserialize, Serialize};
use tauri::http::{Request, header};

use crate::resource::Resource;

/// The limit of reports in a response.
const MAX_REPORTS: usize = 200;

/// The length limit of a report's title, in characters.
const MAX_TITLE_LEN: usize = 500;

/// What came of fetching the reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub enum Reports {
    /// The user may see them.
    Allowed {
        /// Their titles, as the service has them.
        items: Vec<String>,
    },
    /// The user may not see them.
    Forbidden {
        /// What is missing, if it is known.
        permission: Option<String>,
    },
    /// Whether the user may see them is not known.
    Unavailable {
        /// Why.
        problem: Problem,
    },
}

/// The body of a successful response. Other members are ignored.
#[derive(Deserialize)]
struct Body {
    reports: Vec<String>,
}

/// Fetches the reports, unless the user is known to lack the permission that the settings name. The HTTP client
/// limits the size of the response and its duration.
pub async fn fetch(session: &Session, resource: &Resource) -> Reports {
    if let Some(permission) = &resource.permission {
        match session.require(permission) {
            Err(PermissionError::Missing { permission, .. }) => {
                return Reports::Forbidden { permission: Some(permission) };
            }
            Err(why @ PermissionError::NotSignedIn) => {
                return Reports::Unavailable { problem: why.into() };
            }
            // With an opaque token the permissions are unknown here; the service decides.
            Ok(()) | Err(PermissionError::Unknown) => {}
        }
    }
    let request = Request::get(resource.url.as_str())
        .header(header::ACCEPT, "application/json")
        .body(Vec::new());
    let Ok(request) = request else {
        return resource.unavailable(ProblemCode::ResourceUrlInvalid, "");
    };
    match session.send(request).await {
        Ok(response) => resource.reports(&response),
        Err(why) => resource.not_sent(why),
    }
}

impl Resource {
    fn reports(&self, response: &HttpResponse) -> Reports {
        let challenge = response.www_authenticate.as_deref().and_then(BearerChallenge::parse);
        let challenge = challenge.unwrap_or_default();
        match response.status {
            200 => match read(response) {
                Some(items) => Reports::Allowed { items },
                None => self.unavailable(ProblemCode::ResourceResponseInvalid, ""),
            },
            401 => {
                let description = challenge.error_description.unwrap_or_default();
                self.unavailable(ProblemCode::ResourceRejectedSignIn, &description)
            }
            403 => {
                let needed = challenge.scope.join(", ");
                let needed = (!needed.is_empty()).then_some(needed);
                Reports::Forbidden { permission: needed.or_else(|| self.permission.clone()) }
            }
            status if status == 429 || status >= 500 => {
                self.unavailable(ProblemCode::ResourceUnavailable, &format!("Status {status}"))
            }
            status => {
                self.unavailable(ProblemCode::ResourceResponseInvalid, &format!("Status {status}"))
            }
        }
    }

    fn not_sent(&self, why: SendError) -> Reports {
        match why {
            SendError::TokenUnavailable(TokenUnavailable::NotSignedIn) => {
                Reports::Unavailable { problem: PermissionError::NotSignedIn.into() }
            }
            SendError::TokenUnavailable(
                TokenUnavailable::SignInAgain(problem) | TokenUnavailable::Retryable(problem),
            ) => Reports::Unavailable { problem },
            SendError::UntrustedOrigin { .. } => {
                self.unavailable(ProblemCode::ResourceNotAllowed, "")
            }
            SendError::OtherAccount => {
                Reports::Unavailable { problem: Problem::new(ProblemCode::SettingsChanged) }
            }
            SendError::NoAnswer(why @ HttpError::TooLarge) => {
                self.unavailable(ProblemCode::ResourceResponseInvalid, &why.to_string())
            }
            SendError::NoAnswer(why @ HttpError::Certificate(..)) => {
                self.unavailable(ProblemCode::ResourceCertificate, &why.to_string())
            }
            SendError::NoAnswer(why) => {
                self.unavailable(ProblemCode::ResourceOffline, &why.to_string())
            }
        }
    }

    fn unavailable(&self, code: ProblemCode, detail: &str) -> Reports {
        let origin = self.url.origin().ascii_serialization();
        let problem = Problem::new(code).with("address", origin).with_detail(detail);
        Reports::Unavailable { problem }
    }
}

/// The reports in a body, which must have the expected format.
fn read(response: &HttpResponse) -> Option<Vec<String>> {
    let body: Body =
        response.is_json().then(|| serde_json::from_slice(&response.body).ok()).flatten()?;
    let is_title = |title: &String| {
        let length = title.chars().take(MAX_TITLE_LEN + 1).count();
        (1..=MAX_TITLE_LEN).contains(&length)
    };
    let is_known = body.reports.len() <= MAX_REPORTS && body.reports.iter().all(is_title);
    is_known.then_some(body.reports)
}

#[cfg(test)]
mod tests {
    use scalekit_auth::CertificateFault;

    use super::*;

    fn resource() -> Resource {
        Resource {
            url: "https://api.acme.example/reports?page=1".parse().unwrap(),
            permission: Some("reports:read".to_owned()),
        }
    }

    fn response(status: u16, challenge: Option<&str>, body: &str) -> HttpResponse {
        HttpResponse {
            status,
            content_type: Some("application/json; charset=utf-8".to_owned()),
            content_encoding: None,
            retry_after: None,
            date: None,
            age: None,
            location: None,
            www_authenticate: challenge.map(str::to_owned),
            body: body.as_bytes().to_vec().into(),
        }
    }

    fn code_of(reports: Reports) -> ProblemCode {
        let Reports::Unavailable { problem } = reports else { panic!("{reports:?}") };
        assert_eq!(problem.parameters["address"], "https://api.acme.example");
        assert!(!problem.message.contains('{'), "{problem}");
        problem.code
    }

    #[test]
    fn reports_are_read_from_json_of_the_known_form() {
        for (body, items) in [
            (r#"{"reports": ["a", "b"], "more": 1}"#, &["a", "b"][..]),
            (r#"{"reports": []}"#, &[]),
        ] {
            let items = items.iter().map(|&one| one.to_owned()).collect();
            let reports = resource().reports(&response(200, None, body));
            assert_eq!(reports, Reports::Allowed { items });
        }
    }

    #[test]
    fn reports_in_another_form_are_not_shown() {
        let long = format!(r#"{{"reports": ["{}"]}}"#, "x".repeat(MAX_TITLE_LEN + 1));
        let many = format!(r#"{{"reports": [{}"a"]}}"#, r#""a","#.repeat(MAX_REPORTS));
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"reports": "a"}"#,
            r#"{"reports": [1]}"#,
            r#"{"reports": [""]}"#,
            r#"{"reports": ["a"], "reports": ["b"]}"#,
            &long,
            &many,
        ] {
            let code = code_of(resource().reports(&response(200, None, body)));
            assert_eq!(code, ProblemCode::ResourceResponseInvalid, "{body}");
        }
        let mut html = response(200, None, r#"{"reports": []}"#);
        html.content_type = Some("text/html".to_owned());
        assert_eq!(code_of(resource().reports(&html)), ProblemCode::ResourceResponseInvalid);
    }

    #[test]
    fn http_403_names_the_permission_of_the_challenge_or_settings() {
        for (challenge, permission) in [
            (Some(r#"Bearer error="insufficient_scope", scope="audits:read""#), "audits:read"),
            (Some(r#"Bearer scope="a:b c:d""#), "a:b, c:d"),
            (Some("Bearer error=\"insufficient_scope\""), "reports:read"),
            (Some("Bearer scope=\"unfinished"), "reports:read"),
            (None, "reports:read"),
        ] {
            let reports = resource().reports(&response(403, challenge, ""));
            assert_eq!(reports, Reports::Forbidden { permission: Some(permission.to_owned()) });
        }
    }

    #[test]
    fn http_401_is_reported_with_the_error_description() {
        let challenge = r#"Bearer error="invalid_token", error_description="It was revoked""#;
        let reports = resource().reports(&response(401, Some(challenge), "a body"));
        let Reports::Unavailable { problem } = &reports else { panic!() };
        assert_eq!(problem.detail.as_deref(), Some("It was revoked"));
        assert_eq!(code_of(reports), ProblemCode::ResourceRejectedSignIn);
    }

    #[test]
    fn http_status_of_the_service_decides_the_problem() {
        for (status, code) in [
            (201, ProblemCode::ResourceResponseInvalid),
            (302, ProblemCode::ResourceResponseInvalid),
            (404, ProblemCode::ResourceResponseInvalid),
            (429, ProblemCode::ResourceUnavailable),
            (500, ProblemCode::ResourceUnavailable),
            (503, ProblemCode::ResourceUnavailable),
        ] {
            let body = r#"{"reports": ["a"]}"#;
            assert_eq!(code_of(resource().reports(&response(status, None, body))), code);
        }
    }

    #[test]
    fn request_that_is_not_sent_has_a_problem() {
        for (why, code) in [
            (SendError::UntrustedOrigin { origin: String::new() }, ProblemCode::ResourceNotAllowed),
            (HttpError::TooLarge.into(), ProblemCode::ResourceResponseInvalid),
            (
                HttpError::Certificate(CertificateFault::Expired, None).into(),
                ProblemCode::ResourceCertificate,
            ),
            (HttpError::TimedOut.into(), ProblemCode::ResourceOffline),
            (HttpError::Unreachable(String::new()).into(), ProblemCode::ResourceOffline),
        ] {
            assert_eq!(code_of(resource().not_sent(why)), code);
        }
        let ended = SendError::TokenUnavailable(TokenUnavailable::NotSignedIn);
        for (why, code) in [
            (ended, ProblemCode::NotSignedIn),
            (SendError::OtherAccount, ProblemCode::SettingsChanged),
        ] {
            let problem = Problem::new(code);
            assert_eq!(resource().not_sent(why), Reports::Unavailable { problem });
        }
    }
}
