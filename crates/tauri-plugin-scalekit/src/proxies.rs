//! The desktop's proxies: GNOME's and KDE's settings, and PAC scripts, through GIO.

use std::sync::Arc;

use gio::prelude::ProxyResolverExt;
use scalekit_auth_native::{Origin, ProxyLookupError, ProxyResolver};

/// GIO's proxy resolver for this desktop.
pub struct GioProxyResolver;

impl ProxyResolver for GioProxyResolver {
    fn proxies_for(&self, origin: &Origin) -> Result<Vec<String>, ProxyLookupError> {
        let found =
            gio::ProxyResolver::default().lookup(&origin.to_string(), gio::Cancellable::NONE);
        let proxies = found.map_err(|why| ProxyLookupError(Arc::new(why)))?;
        Ok(proxies.into_iter().map(|proxy| proxy.to_string()).collect())
    }
}
