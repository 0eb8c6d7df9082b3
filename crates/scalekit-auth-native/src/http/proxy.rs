//! Proxy selection by the desktop's settings, where no environment variable names a proxy.

use std::{
    ffi::OsString,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper_util::client::proxy::matcher::Matcher;
use tokio::time::timeout;
use url::Url;

use super::client::CachedClient;

/// The timeout of the desktop's proxy resolver, which may have to fetch and run a PAC script.
const PROXY_TIMEOUT: Duration = Duration::from_secs(3);

/// The environment variables that take precedence over the desktop's settings.
const VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The origin of a request, on which the choice of the proxy depends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    fn of(url: &Url) -> Option<Self> {
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }
}

/// `https://acme.scalekit.com:443`
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

/// An adapter that knows the user's proxies.
pub trait ProxyResolver: Send + Sync {
    /// The proxies for an origin in order of preference, such as `http://proxy.example:3128`, `socks5://…`, or
    /// `direct://` for none. Blocks.
    ///
    /// # Errors
    /// When they cannot be determined.
    fn proxies_for(&self, origin: &Origin) -> Result<Vec<String>, ProxyLookupError>;
}

/// The reason the proxies cannot be determined, for the log. The request goes the way of the system's own settings.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the desktop does not say which proxy to use: {0}")]
pub struct ProxyLookupError(pub String);

/// The clients of proxies that the desktop's settings name.
pub struct Routes {
    resolver: Option<Arc<dyn ProxyResolver>>,
    /// The client of the last proxy. Another proxy replaces it.
    last: Mutex<Option<(Url, Arc<CachedClient>)>>,
    reading: tokio::sync::Mutex<()>,
    /// A call to the resolver is under way; one that does not return is not repeated.
    is_asking: Arc<AtomicBool>,
}

impl Routes {
    pub fn by(resolver: Option<Arc<dyn ProxyResolver>>) -> Self {
        Self::with_variables(resolver, |name| std::env::var_os(name))
    }

    fn with_variables(
        resolver: Option<Arc<dyn ProxyResolver>>,
        value: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let is_set = |name: &&str| value(name).is_some_and(|value| !value.is_empty());
        let by_variables = VARIABLES.iter().any(is_set);
        let resolver = resolver.filter(|_| !by_variables);
        Self {
            resolver,
            last: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            is_asking: Arc::default(),
        }
    }

    /// The resolver, unless environment variables take precedence.
    pub fn resolver(&self) -> Option<Arc<dyn ProxyResolver>> {
        self.resolver.clone()
    }

    /// The proxy for this URL and its client; none where the system's own settings apply.
    pub async fn to(&self, url: &Url) -> Option<(Url, Arc<CachedClient>)> {
        let proxy = self.proxy_for(url).await?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = match last.take() {
            Some((before, cached)) if before == proxy => cached,
            Some(_) | None => Arc::default(),
        };
        *last = Some((proxy.clone(), Arc::clone(&cached)));
        Some((proxy, cached))
    }

    async fn proxy_for(&self, url: &Url) -> Option<Url> {
        let (resolver, origin) = (Arc::clone(self.resolver.as_ref()?), Origin::of(url)?);
        let _guard = self.reading.lock().await;
        if self.is_asking.swap(true, Ordering::AcqRel) {
            return None;
        }
        let is_asking = Arc::clone(&self.is_asking);
        let lookup = tokio::task::spawn_blocking(move || {
            let found = resolver.proxies_for(&origin);
            is_asking.store(false, Ordering::Release);
            found
        });
        match timeout(PROXY_TIMEOUT, lookup).await {
            Ok(Ok(Ok(proxies))) => first_usable(&proxies),
            Ok(Ok(Err(why))) => {
                tracing::warn!("{why}");
                None
            }
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("the desktop does not say in time which proxy to use");
                None
            }
        }
    }
}

/// The proxy by environment variables and the system's settings, from the matcher that reqwest uses.
pub fn of_system(url: &Url) -> Option<String> {
    let uri = url.as_str().parse().ok()?;
    let proxy = Matcher::from_system().intercept(&uri)?;
    Url::parse(&proxy.uri().to_string()).ok().map(|proxy| shown(&proxy))
}

/// A proxy's URL without user name and password.
pub fn shown(proxy: &Url) -> String {
    let host = proxy.host_str().unwrap_or_default();
    match proxy.port_or_known_default() {
        Some(port) => format!("{}://{host}:{port}", proxy.scheme()),
        None => format!("{}://{host}", proxy.scheme()),
    }
}

/// The first proxy with a supported scheme; none if that is `direct://`.
fn first_usable(proxies: &[String]) -> Option<Url> {
    let first = proxies.iter().filter_map(|one| Url::parse(one).ok()).find(|one| {
        matches!(
            one.scheme(),
            "direct" | "http" | "https" | "socks" | "socks4" | "socks4a" | "socks5" | "socks5h"
        )
    })?;
    if first.scheme() == "direct" {
        return None;
    }
    // GIO's `socks` is any version. The proxy resolves the host name: this computer may not be able to.
    let by_name =
        |scheme: &str| Url::parse(&first.as_str().replacen(first.scheme(), scheme, 1)).ok();
    match first.scheme() {
        "socks" | "socks5" => by_name("socks5h"),
        "socks4" => by_name("socks4a"),
        _ => Some(first),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;
    use crate::test_variables::variables;

    type Lookup = Result<Vec<String>, ProxyLookupError>;

    /// Returns the next of these at each call; blocks until it is sent.
    struct Scripted(Mutex<Receiver<Lookup>>);

    impl ProxyResolver for Scripted {
        fn proxies_for(&self, origin: &Origin) -> Lookup {
            assert_eq!(origin.to_string(), "https://acme.scalekit.com:443");
            self.0.lock().unwrap().recv().unwrap()
        }
    }

    fn routes() -> (Routes, Sender<Lookup>) {
        let (sender, receiver) = channel();
        let resolver = Arc::new(Scripted(Mutex::new(receiver)));
        (Routes::with_variables(Some(resolver), |_| None), sender)
    }

    fn url() -> Url {
        Url::parse("https://acme.scalekit.com/oauth/token").unwrap()
    }

    fn proxy(host: &str) -> Lookup {
        Ok(vec![format!("http://{host}:3128")])
    }

    async fn route(lookup: Lookup) -> Option<String> {
        let (routes, sender) = routes();
        sender.send(lookup.clone()).unwrap();
        sender.send(lookup).unwrap();
        let (first, second) = (routes.to(&url()).await, routes.to(&url()).await);
        if let (Some((_, first)), Some((_, second))) = (&first, &second) {
            assert!(Arc::ptr_eq(first, second), "the client of a proxy is cached");
        }
        first.map(|(proxy, _)| proxy.to_string())
    }

    #[tokio::test]
    async fn proxy_of_the_desktop_is_used_for_each_request() {
        let proxies = vec!["http://proxy.example:3128".to_owned(), "direct://".to_owned()];
        assert_eq!(route(Ok(proxies)).await.as_deref(), Some("http://proxy.example:3128/"));
        assert_eq!(route(Ok(vec!["direct://".to_owned()])).await, None);
        assert_eq!(route(Err(ProxyLookupError("nobody knows".to_owned()))).await, None);
    }

    #[tokio::test]
    async fn proxy_of_environment_variables_precedes_the_desktop() {
        for (name, value, by_variables) in [
            ("HTTPS_PROXY", "http://two.example", true),
            ("all_proxy", "http://two.example", true),
            ("HTTPS_PROXY", "", false),
            ("NO_PROXY", "localhost", false),
        ] {
            let (sender, receiver) = channel();
            sender.send(proxy("one.example")).unwrap();
            let resolver = Arc::new(Scripted(Mutex::new(receiver)));
            let routes = Routes::with_variables(Some(resolver), variables(&[(name, value)]));
            assert_eq!(routes.resolver().is_none(), by_variables, "{name}={value}");
            assert_eq!(routes.to(&url()).await.is_none(), by_variables, "{name}={value}");
        }
    }

    #[tokio::test]
    async fn proxy_that_changes_gets_a_client_of_its_own() {
        let (routes, sender) = routes();
        let mut clients = Vec::new();
        for host in ["one.example", "two.example"] {
            sender.send(proxy(host)).unwrap();
            let (used, client) = routes.to(&url()).await.unwrap();
            assert_eq!(used.host_str(), Some(host));
            clients.push(client);
        }
        assert!(!Arc::ptr_eq(&clients[0], &clients[1]), "the connections of another proxy");
    }

    #[tokio::test]
    async fn proxy_lookup_that_hangs_delays_one_request_only() {
        tokio::time::pause();
        let (routes, sender) = routes();
        let (routes, started) = (Arc::new(routes), tokio::time::Instant::now());
        let first = tokio::spawn({
            let routes = Arc::clone(&routes);
            async move { routes.to(&url()).await }
        });
        while !routes.is_asking.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
        // Timers are rounded up to the next millisecond.
        tokio::time::advance(PROXY_TIMEOUT + Duration::from_millis(1)).await;
        assert!(first.await.unwrap().is_none());
        let waited = started.elapsed();
        assert!(waited < PROXY_TIMEOUT * 2, "{waited:?}");

        assert!(routes.to(&url()).await.is_none(), "the first lookup has not returned");
        assert_eq!(started.elapsed(), waited);

        // The first lookup returns late, and the next request asks again.
        sender.send(proxy("one.example")).unwrap();
        while routes.is_asking.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
        sender.send(proxy("two.example")).unwrap();
        let (used, _) = routes.to(&url()).await.unwrap();
        assert_eq!(used.host_str(), Some("two.example"));
    }

    // req: X35
    #[test]
    fn proxy_first_usable_is_chosen_and_direct_is_none() {
        let first = |proxies: &[&str]| {
            let proxies: Vec<_> = proxies.iter().map(|one| (*one).to_owned()).collect();
            first_usable(&proxies).map(|url| url.to_string())
        };
        assert_eq!(first(&["direct://"]), None);
        assert_eq!(first(&[]), None);
        assert_eq!(first(&["http://a:3128", "direct://"]).as_deref(), Some("http://a:3128/"));
        assert_eq!(first(&["wpad://x", "socks://a:1080"]).as_deref(), Some("socks5h://a:1080"));
        assert_eq!(first(&["nonsense", "socks4://a:1"]).as_deref(), Some("socks4a://a:1"));
    }

    #[test]
    fn proxy_is_shown_without_user_name_and_password() {
        for (proxy, text) in [
            ("http://ada:pw@proxy.example:3128/x?y", "http://proxy.example:3128"),
            ("http://proxy.example", "http://proxy.example:80"),
            ("socks5h://u@10.0.0.1:1080", "socks5h://10.0.0.1:1080"),
            ("socks5h://u@proxy.example", "socks5h://proxy.example"),
            ("http://[::1]:3128", "http://[::1]:3128"),
        ] {
            assert_eq!(shown(&Url::parse(proxy).unwrap()), text);
        }
    }

    #[test]
    fn proxy_lookup_origin_is_scheme_host_and_port_only() {
        let url = Url::parse("https://ada:pw@acme.scalekit.com/oauth/token?code=1#x").unwrap();
        assert_eq!(Origin::of(&url).unwrap().to_string(), "https://acme.scalekit.com:443");
    }
}
