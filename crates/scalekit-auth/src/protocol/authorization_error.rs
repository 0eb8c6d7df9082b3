//! The error codes of the authorization and the token endpoint (RFC 6749 §4.1.2.1 and §5.2, and the codes that Scalekit documents for single
//! sign-on), mapped to problem codes.
//!
//! Some thirty error codes map to five user actions. The error code itself is in the problem's detail, for support.

use crate::{
    configuration::Configuration,
    problem::{Problem, ProblemCode},
    protocol::authorization_request::Hints,
};

/// The problem for an authorization response with this `error` to an authorization request with these hints.
#[must_use]
pub fn problem(
    error: &str,
    description: Option<&str>,
    hints: &Hints,
    configuration: &Configuration,
) -> Problem {
    let detail = description.map(|text| format!("{error}: {text}"));
    let code = code_of_hint(error, hints, configuration).unwrap_or_else(|| code(error));
    Problem::new(code).with_detail(detail.as_deref().unwrap_or(error))
}

/// The problem code where a hint of the authorization request explains the error; the user can sign in without it.
fn code_of_hint(error: &str, hints: &Hints, configuration: &Configuration) -> Option<ProblemCode> {
    match (error, code(error)) {
        // An application pinned to one organization cannot offer another one.
        ("invalid_organization_id", _) if configuration.organization.is_some() => {
            Some(ProblemCode::ApplicationSetup)
        }
        ("invalid_organization_id", _) if hints.organization_id.is_some() => {
            Some(ProblemCode::OrganizationUnknown)
        }
        // Scalekit does not document which error an unconfigured social provider causes.
        ("invalid_request", _) | (_, ProblemCode::ConnectionSetup) if hints.provider.is_some() => {
            Some(ProblemCode::ProviderUnavailable)
        }
        _ => None,
    }
}

/// The problem code for an error code of the token endpoint (RFC 6749 §5.2).
pub(crate) fn code_of_token_endpoint(error: &str) -> ProblemCode {
    match error {
        // Gateways before a service return it for a request, not for a user.
        "unauthorized" => ProblemCode::ServiceUnavailable,
        _ => code(error),
    }
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
        | "invalid_saml_request"
        | "invalid_saml_form_params"
        | "invalid_assertion_url"
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
        | "unsupported_grant_type"
        | "application_not_active" => ProblemCode::ApplicationSetup,
        // A SAML response expires when the user takes too long or when clocks differ.
        "authentication_not_completed"
        | "user_login_required"
        | "assertion_expired"
        | "response_expired"
        // OpenID Connect Core §3.1.2.6.
        | "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => ProblemCode::SignInUnfinished,
        "server_error" | "temporarily_unavailable" => ProblemCode::ServiceUnavailable,
        _ => ProblemCode::SignInRefused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{ClientId, EnvironmentUrl, OrganizationId, RedirectUris};

    fn configuration() -> Configuration {
        Configuration::new(
            EnvironmentUrl::parse("https://acme.scalekit.com").unwrap(),
            ClientId::parse("ntvc_1").unwrap(),
            RedirectUris::with_scheme("com.example.app").unwrap(),
        )
    }

    fn of(error: &str, description: Option<&str>) -> Problem {
        problem(error, description, &Hints::default(), &configuration())
    }

    // req: M15
    #[test]
    fn authorization_error_code_maps_to_problem_code() {
        for (code, errors) in [
            (ProblemCode::AccessDenied, "access_denied"),
            (ProblemCode::AccountNotAllowed, "user_not_active unauthorized invalid_user_domain"),
            (
                ProblemCode::ConnectionSetup,
                "no_active_connections no_configured_connections connection_not_active \
                 invalid_connection_id invalid_connection_selector invalid_organization_id \
                 domain_not_found mandatory_attribute_missing invalid_id_token \
                 failed_to_exchange_token user_info_retrieve_failed invalid_saml_metadata \
                 invalid_saml_response malformed_saml_response signature_validation_failed \
                 invalid_acs_url invalid_status",
            ),
            (
                ProblemCode::ApplicationSetup,
                "invalid_redirect_uri invalid_request invalid_scope invalid_client \
                 unauthorized_client unsupported_response_type application_not_active",
            ),
            (
                ProblemCode::SignInUnfinished,
                "authentication_not_completed user_login_required assertion_expired \
                 response_expired login_required interaction_required consent_required \
                 account_selection_required",
            ),
            (ProblemCode::ServiceUnavailable, "server_error temporarily_unavailable"),
            (ProblemCode::SignInRefused, "of_another_service"),
        ] {
            for error in errors.split_whitespace() {
                assert_eq!(of(error, None).code, code, "{error}");
            }
        }
    }

    #[test]
    fn authorization_error_detail_strips_control_characters() {
        let detail = |error, description| of(error, description).detail;
        assert_eq!(detail("access_denied", None).as_deref(), Some("access_denied"));
        let text = "Zugriff verweigert: \u{fc}ber\r\n\u{202e}AADSTS50105";
        let shown = "access_denied: Zugriff verweigert: \u{fc}berAADSTS50105";
        assert_eq!(detail("access_denied", Some(text)).as_deref(), Some(shown));
    }

    // req: N3
    #[test]
    fn authorization_error_about_a_hint_names_another_way() {
        let provider = Hints { provider: Some("google".to_owned()), ..Hints::default() };
        let organization = Hints { organization_id: Some("org_1".to_owned()), ..Hints::default() };
        for (hints, error, code) in [
            (&provider, "invalid_request", ProblemCode::ProviderUnavailable),
            (&provider, "no_active_connections", ProblemCode::ProviderUnavailable),
            (&provider, "access_denied", ProblemCode::AccessDenied),
            (&organization, "invalid_organization_id", ProblemCode::OrganizationUnknown),
            (&organization, "invalid_request", ProblemCode::ApplicationSetup),
        ] {
            assert_eq!(problem(error, None, hints, &configuration()).code, code, "{error}");
        }
        let pinned =
            Configuration { organization: OrganizationId::parse("org_1").ok(), ..configuration() };
        assert_eq!(
            problem("invalid_organization_id", None, &organization, &pinned).code,
            ProblemCode::ApplicationSetup,
        );
    }

    /// Scalekit: `sso/reference/sso-integration-errors.mdx`.
    #[test]
    fn authorization_error_of_saml_is_about_the_connection() {
        let wrong: Vec<_> =
            ["invalid_saml_request", "invalid_saml_form_params", "invalid_assertion_url"]
                .into_iter()
                .map(|error| (error, of(error, None).code))
                .filter(|(_, code)| *code != ProblemCode::ConnectionSetup)
                .collect();
        assert_eq!(wrong, []);
    }
}
