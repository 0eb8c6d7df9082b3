//! Every official name that concerns this application has its test.

/// `oidcc-client-…` and `fapi…`, as the suite writes them.
const NAMES: &[&str] = &[
    "oidcc-client-test",
    "oidcc-client-test-invalid-iss",
    "oidcc-client-test-missing-sub",
    "oidcc-client-test-invalid-aud",
    "oidcc-client-test-missing-aud",
    "oidcc-client-test-missing-iat",
    "oidcc-client-test-kid-absent-single-jwks",
    "oidcc-client-test-kid-absent-multiple-jwks",
    "oidcc-client-test-idtoken-sig-rs256",
    "oidcc-client-test-idtoken-sig-none",
    "oidcc-client-test-invalid-sig-rs256",
    "oidcc-client-test-invalid-sig-es256",
    "oidcc-client-test-invalid-sig-hs256",
    "oidcc-client-test-nonce-invalid",
    "oidcc-client-test-nonce-unless-code-flow",
    "oidcc-client-test-invalid-athash",
    "oidcc-client-test-discovery-openid-config",
    "oidcc-client-test-discovery-jwks-uri-keys",
    "oidcc-client-test-discovery-issuer-mismatch",
    "oidcc-client-test-signing-key-rotation",
    "oidcc-client-test-signing-key-rotation-just-before-signing",
    "oidcc-client-test-refresh-token",
    "oidcc-client-test-refresh-token-invalid-issuer",
    "oidcc-client-test-refresh-token-invalid-sub",
    "oidcc-client-test-rp-init-logout",
    "oidcc-client-test-rp-init-logout-other-state",
    "oidcc-client-test-rp-init-logout-no-state",
    "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails",
    "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails",
    "fapi2-security-profile-final-client-test-invalid-authorization-response-iss",
    "fapi2-security-profile-final-client-test-remove-authorization-response-iss",
    "fapi2-security-profile-final-client-test-invalid-missing-iss",
    "fapi2-security-profile-final-client-test-invalid-missing-aud",
    "fapi2-security-profile-final-client-test-invalid-missing-exp",
    "fapi2-security-profile-final-client-test-invalid-missing-nonce",
    "fapi2-security-profile-final-client-test-invalid-iss",
    "fapi2-security-profile-final-client-test-invalid-aud",
    "fapi2-security-profile-final-client-test-invalid-nonce",
    "fapi2-security-profile-final-client-test-invalid-expired-exp",
    "fapi2-security-profile-final-client-test-invalid-secondary-aud",
    "fapi2-security-profile-final-client-test-valid-aud-as-array",
    "fapi2-security-profile-final-client-test-invalid-null-alg",
    "fapi2-security-profile-final-client-test-invalid-alternate-alg",
    "fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in",
    "fapi2-security-profile-final-client-test-token-type-case-insensitivity",
    "fapi2-security-profile-final-client-test-discovery-issuer-mismatch",
    "fapi2-security-profile-final-client-refresh-token-test",
    "fapi1-advanced-final-client-test-iat-is-week-in-past",
    "fapi1-advanced-final-client-test-no-scope-in-token-endpoint-response",
];

const TESTS: &[&str] = &[
    include_str!("callback.rs"),
    include_str!("discovery.rs"),
    include_str!("fapi.rs"),
    include_str!("id_token.rs"),
    include_str!("keys.rs"),
    include_str!("logout.rs"),
    include_str!("refresh.rs"),
];

#[test]
fn every_applicable_conformance_case_has_a_test() {
    let told = |name: &str| {
        let test = format!("#[tokio::test]\nasync fn {}()", name.replace('-', "_"));
        TESTS.iter().any(|tests| tests.contains(&test))
    };
    let missing: Vec<_> = NAMES.iter().filter(|name| !told(name)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
