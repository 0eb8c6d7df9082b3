//! The HTTP client of the session and the self-check.

use scalekit_auth_native::HttpClient;
use tauri::PackageInfo;

/// On Linux the HTTP client itself reads proxies from environment variables only.
#[cfg(target_os = "linux")]
pub(crate) fn http_client(user_agent: &str) -> HttpClient {
    HttpClient::with_proxies(user_agent, std::sync::Arc::new(crate::proxies::GioProxyResolver))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn http_client(user_agent: &str) -> HttpClient {
    HttpClient::new(user_agent)
}

/// `product/version` (RFC 9110 §10.1.5), without data about the computer.
pub(crate) fn user_agent(package: &PackageInfo) -> String {
    let product: String =
        package.name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("{product}/{}", package.version)
}
