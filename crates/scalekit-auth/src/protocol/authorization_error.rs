//! What an error of the authorization endpoint means for a user (RFC 6749 §4.1.2.1, and the codes that
//! Scalekit documents for single sign-on).
//!
//! Some thirty codes have five next steps. The code itself stands in the detail, for whoever is asked for help.

use crate::problem::{Problem, ProblemCode};

/// The problem that a callback with this `error` is.
#[must_use]
pub fn problem(error: &str, description: Option<&str>) -> Problem {
    let detail = description.map(|said| format!("{error}: {said}"));
    Problem::new(code(error)).with_detail(detail.as_deref().unwrap_or(error))
}

fn code(error: &str) -> ProblemCode {
    match error {
        "access_denied" => ProblemCode::AccessDenied,
        "user_not_active" | "unauthorized" | "invalid_user_domain" => ProblemCode::AccountNotAllowed,
        "no_active_connections"
        | "no_configured_connections"
        | "connection_not_active"
        | "invalid_connection_id"
        | "invalid_connection_selector"
        | "invalid_organization_id"
        | "domain_not_found"
        | "mandatory_attribute_missing"
        | "invalid_id_token"
        | "failed_to_exchange_token"
        | "user_info_retrieve_failed"
        | "invalid_saml_metadata"
        | "invalid_saml_response"
        | "malformed_saml_response"
        | "signature_validation_failed"
        | "invalid_acs_url"
        | "invalid_status" => ProblemCode::ConnectionSetup,
        "invalid_redirect_uri"
        | "invalid_request"
        | "invalid_scope"
        | "invalid_client"
        | "unauthorized_client"
        | "unsupported_response_type"
        | "application_not_active" => ProblemCode::ApplicationSetup,
        // A SAML answer that has expired is one that the user was slow with, or a clock elsewhere.
        "authentication_not_completed"
        | "user_login_required"
        | "assertion_expired"
        | "response_expired"
        // OpenID Connect Core §3.1.2.6.
        | "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => ProblemCode::SignInUnfinished,
        "server_error" | "temporarily_unavailable" => ProblemCode::ServiceTrouble,
        _ => ProblemCode::SignInRefused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // req: M15
    #[test]
    fn authorization_error_code_maps_to_problem_code() {
        for (error, code) in [
            ("access_denied", ProblemCode::AccessDenied),
            ("user_not_active", ProblemCode::AccountNotAllowed),
            ("invalid_user_domain", ProblemCode::AccountNotAllowed),
            ("connection_not_active", ProblemCode::ConnectionSetup),
            ("invalid_saml_response", ProblemCode::ConnectionSetup),
            ("invalid_organization_id", ProblemCode::ConnectionSetup),
            ("invalid_redirect_uri", ProblemCode::ApplicationSetup),
            ("application_not_active", ProblemCode::ApplicationSetup),
            ("user_login_required", ProblemCode::SignInUnfinished),
            ("interaction_required", ProblemCode::SignInUnfinished),
            ("temporarily_unavailable", ProblemCode::ServiceTrouble),
            ("of_another_service", ProblemCode::SignInRefused),
        ] {
            assert_eq!(problem(error, None).code, code, "{error}");
        }
    }

    #[test]
    fn authorization_error_detail_strips_control_characters() {
        let detail = |error, description| problem(error, description).detail;
        assert_eq!(detail("access_denied", None).as_deref(), Some("access_denied"));
        let said = "Zugriff verweigert: \u{fc}ber\r\n\u{202e}AADSTS50105";
        let shown = "access_denied: Zugriff verweigert: \u{fc}berAADSTS50105";
        assert_eq!(detail("access_denied", Some(said)).as_deref(), Some(shown));
    }
}
