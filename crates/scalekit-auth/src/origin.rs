//! Rules for origins: which are safe to send secrets to, and which are of this computer.

use url::{Host, Url};

/// Whether `url` is `https`, or `http` to this computer.
#[must_use]
pub fn is_safe_origin(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether the host of `url` is this computer.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether `url` is nothing but a safe origin.
pub(crate) fn is_bare_origin(url: &Url) -> bool {
    is_safe_origin(url)
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}
