//! The proxies of the desktop: of GNOME's and KDE's settings, and of scripts (PAC), as GIO finds them.

use gio::prelude::ProxyResolverExt;
use scalekit_auth_native::{Origin, ProxyResolver};

/// Whoever GIO has for this desktop.
pub struct OfDesktop;

impl ProxyResolver for OfDesktop {
    fn proxies_for(&self, origin: &Origin) -> Result<Vec<String>, String> {
        let found =
            gio::ProxyResolver::default().lookup(&origin.to_string(), gio::Cancellable::NONE);
        let proxies = found.map_err(|why| why.to_string())?;
        Ok(proxies.into_iter().map(|proxy| proxy.to_string()).collect())
    }
}
