//! Proxy selection by the desktop's settings, where no environment variable names a proxy.

use std::{
    error::Error,
    ffi::OsString,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper_util::client::proxy::matcher::Matcher;
use tokio::time::{Instant, timeout};
use url::Url;

use super::client::CachedClient;

/// The maximum number of routes that one request tries: each may take until the timeout of a connection.
const MAX_ROUTES: usize = 3;

/// How long a proxy that could not be reached is tried last, as browsers do.
const UNREACHABLE_FOR: Duration = Duration::from_secs(300);

/// The maximum number of proxies whose clients and failures are stored.
const MAX_PROXIES: usize = 8;

/// The timeout of the desktop's proxy resolver, which may have to fetch and run a PAC script.
const PROXY_TIMEOUT: Duration = Duration::from_secs(3);

/// The environment variables that take precedence over the desktop's settings. Those for plain `http` do not, as it is
/// never sent to another computer.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

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
pub struct ProxyLookupError(#[source] pub Arc<dyn Error + Send + Sync>);

/// The route of a request to a host other than this computer.
#[derive(Clone)]
pub enum Route {
    /// By the system's own settings: without a proxy, unless environment variables name one.
    System,
    /// By a proxy that the desktop's settings name, and its client.
    Proxy(Url, Arc<CachedClient>),
}

/// The routes that the desktop's settings name.
pub struct Routes {
    resolver: Option<Arc<dyn ProxyResolver>>,
    /// The proxies that were used, the last one first.
    used: Mutex<Vec<UsedProxy>>,
    reading: tokio::sync::Mutex<()>,
    /// A call to the resolver is under way; one that does not return is not repeated.
    is_asking: Arc<AtomicBool>,
}

struct UsedProxy {
    url: Url,
    client: Arc<CachedClient>,
    unreachable_since: Option<Instant>,
}

impl UsedProxy {
    fn is_unreachable(&self) -> bool {
        self.unreachable_since.is_some_and(|since| since.elapsed() < UNREACHABLE_FOR)
    }
}

impl Routes {
    pub fn by(resolver: Option<Arc<dyn ProxyResolver>>) -> Self {
        Self::with_variables(resolver, |name| std::env::var_os(name))
    }

    /// The routes of this resolver, unless one of these environment variables names a proxy.
    pub fn with_variables(
        resolver: Option<Arc<dyn ProxyResolver>>,
        value: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let is_set = |name: &&str| value(name).is_some_and(|value| !value.is_empty());
        let by_variables = VARIABLES.iter().any(is_set);
        let resolver = resolver.filter(|_| !by_variables);
        Self {
            resolver,
            used: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            is_asking: Arc::default(),
        }
    }

    /// The resolver, unless environment variables take precedence.
    pub fn resolver(&self) -> Option<Arc<dyn ProxyResolver>> {
        self.resolver.clone()
    }

    /// The routes to this URL, at least one and at most [`MAX_ROUTES`]: in the order of the desktop's settings, those
    /// that could not be reached a short time ago at the end.
    pub async fn to(&self, url: &Url) -> Vec<Route> {
        let proxies = self.proxies_for(url).await;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let is_unreachable = |proxy: &Option<Url>| {
            used.iter().any(|one| Some(&one.url) == proxy.as_ref() && one.is_unreachable())
        };
        let (last, mut ordered): (Vec<_>, Vec<_>) = proxies.into_iter().partition(is_unreachable);
        ordered.extend(last);
        ordered.truncate(MAX_ROUTES);
        ordered.into_iter().map(|proxy| route(&mut used, proxy)).collect()
    }

    /// Records that the proxies of these routes could not be reached, where another route has connected.
    pub fn note_unreachable(&self, routes: &[Route]) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        for one in used.iter_mut() {
            let is_this = |route: &Route| matches!(route, Route::Proxy(url, _) if *url == one.url);
            if routes.iter().any(is_this) {
                one.unreachable_since = Some(Instant::now());
            }
        }
    }

    /// The proxies in order; `None` is the route by the system's settings. There is at least one entry.
    async fn proxies_for(&self, url: &Url) -> Vec<Option<Url>> {
        let proxies = self.lookup(url).await.unwrap_or_default();
        let mut usable = usable(&proxies);
        if usable.is_empty() {
            usable.push(None);
        }
        usable
    }

    async fn lookup(&self, url: &Url) -> Option<Vec<String>> {
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
            Ok(Ok(Ok(proxies))) => Some(proxies),
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

/// The route by this proxy, with the client of its last use.
fn route(used: &mut Vec<UsedProxy>, proxy: Option<Url>) -> Route {
    let Some(url) = proxy else { return Route::System };
    let before = used.iter().position(|one| one.url == url).map(|at| used.remove(at));
    let one = before.unwrap_or_else(|| UsedProxy {
        url: url.clone(),
        client: Arc::default(),
        unreachable_since: None,
    });
    let client = Arc::clone(&one.client);
    used.insert(0, one);
    used.truncate(MAX_PROXIES);
    Route::Proxy(url, client)
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

/// The proxies with a supported scheme; `None` is `direct://`.
fn usable(proxies: &[String]) -> Vec<Option<Url>> {
    let mut usable = Vec::new();
    for proxy in proxies.iter().filter_map(|one| Url::parse(one).ok()) {
        let with = |scheme: &str| {
            Url::parse(&proxy.as_str().replacen(proxy.scheme(), scheme, 1)).ok().map(Some)
        };
        let found = match proxy.scheme() {
            "direct" => Some(None),
            // GIO's `socks` is any version. The proxy resolves the host name: this computer may not be able to.
            "socks" | "socks5" => with("socks5h"),
            "socks4" => with("socks4a"),
            "http" | "https" | "socks4a" | "socks5h" => Some(Some(proxy)),
            _ => None,
        };
        usable.extend(found.filter(|one| !usable.contains(one)));
    }
    usable
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

    /// The first route: its proxy and client.
    async fn first(routes: &Routes) -> Option<(Url, Arc<CachedClient>)> {
        match routes.to(&url()).await.swap_remove(0) {
            Route::System => None,
            Route::Proxy(proxy, client) => Some((proxy, client)),
        }
    }

    async fn first_proxy(lookup: Lookup) -> Option<String> {
        let (routes, sender) = routes();
        sender.send(lookup.clone()).unwrap();
        sender.send(lookup).unwrap();
        let (first, second) = (first(&routes).await, first(&routes).await);
        if let (Some((_, first)), Some((_, second))) = (&first, &second) {
            assert!(Arc::ptr_eq(first, second), "the client of a proxy is cached");
        }
        first.map(|(proxy, _)| proxy.to_string())
    }

    /// The hosts of the routes in order, `-` for none.
    async fn hosts(routes: &Routes) -> String {
        let host = |route: &Route| match route {
            Route::System => "-".to_owned(),
            Route::Proxy(proxy, _) => proxy.host_str().unwrap().to_owned(),
        };
        routes.to(&url()).await.iter().map(host).collect::<Vec<_>>().join(" ")
    }

    fn pac(proxies: &[&str]) -> Lookup {
        Ok(proxies.iter().map(|one| (*one).to_owned()).collect())
    }

    // req: X35
    #[tokio::test]
    async fn proxy_that_is_unreachable_is_tried_last_for_five_minutes() {
        tokio::time::pause();
        let (routes, sender) = routes();
        let list = || pac(&["http://a:1", "http://b:1", "direct://"]);
        let send = || sender.send(list()).unwrap();
        send();
        let all = routes.to(&url()).await;
        assert_eq!(all.len(), 3);
        routes.note_unreachable(&all[..1]);
        send();
        assert_eq!(hosts(&routes).await, "b - a");
        tokio::time::advance(UNREACHABLE_FOR).await;
        send();
        assert_eq!(hosts(&routes).await, "a b -");
    }

    #[tokio::test]
    async fn proxy_routes_of_a_request_are_at_most_three() {
        let (routes, sender) = routes();
        let many: Vec<_> = (0..50).map(|n| format!("http://p{n}:1")).collect();
        sender.send(Ok(many)).unwrap();
        assert_eq!(hosts(&routes).await, "p0 p1 p2");
        assert!(routes.used.lock().unwrap().len() <= MAX_PROXIES);
    }

    #[tokio::test]
    async fn proxy_of_the_desktop_is_used_for_each_request() {
        let proxies = vec!["http://proxy.example:3128".to_owned(), "direct://".to_owned()];
        assert_eq!(first_proxy(Ok(proxies)).await.as_deref(), Some("http://proxy.example:3128/"));
        assert_eq!(first_proxy(Ok(vec!["direct://".to_owned()])).await, None);
        assert_eq!(
            first_proxy(Err(ProxyLookupError(Arc::new(std::io::Error::other("nobody knows")))))
                .await,
            None
        );
    }

    #[tokio::test]
    async fn proxy_of_environment_variables_precedes_the_desktop() {
        for (name, value, by_variables) in [
            ("HTTPS_PROXY", "http://two.example", true),
            ("all_proxy", "http://two.example", true),
            ("HTTPS_PROXY", "", false),
            ("http_proxy", "http://two.example", false),
            ("NO_PROXY", "localhost", false),
        ] {
            let (sender, receiver) = channel();
            sender.send(proxy("one.example")).unwrap();
            let resolver = Arc::new(Scripted(Mutex::new(receiver)));
            let routes = Routes::with_variables(Some(resolver), variables(&[(name, value)]));
            assert_eq!(routes.resolver().is_none(), by_variables, "{name}={value}");
            assert_eq!(first(&routes).await.is_none(), by_variables, "{name}={value}");
        }
    }

    #[tokio::test]
    async fn proxy_that_changes_gets_a_client_of_its_own() {
        let (routes, sender) = routes();
        let mut clients = Vec::new();
        for host in ["one.example", "two.example"] {
            sender.send(proxy(host)).unwrap();
            let (used, client) = first(&routes).await.unwrap();
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
        let lookup = tokio::spawn({
            let routes = Arc::clone(&routes);
            async move { first(&routes).await }
        });
        while !routes.is_asking.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
        // Timers are rounded up to the next millisecond.
        tokio::time::advance(PROXY_TIMEOUT + Duration::from_millis(1)).await;
        assert!(lookup.await.unwrap().is_none());
        let waited = started.elapsed();
        assert!(waited < PROXY_TIMEOUT * 2, "{waited:?}");

        assert!(first(&routes).await.is_none(), "the first lookup has not returned");
        assert_eq!(started.elapsed(), waited);

        // The first lookup returns late, and the next request asks again.
        sender.send(proxy("one.example")).unwrap();
        while routes.is_asking.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
        sender.send(proxy("two.example")).unwrap();
        let (used, _) = first(&routes).await.unwrap();
        assert_eq!(used.host_str(), Some("two.example"));
    }

    // req: X35
    #[test]
    fn proxy_schemes_that_are_supported_are_used_in_order() {
        let shown = |proxies: &[&str]| {
            let proxies: Vec<_> = proxies.iter().map(|one| (*one).to_owned()).collect();
            let url = |one: Option<Url>| one.map_or_else(|| "-".to_owned(), |url| url.to_string());
            usable(&proxies).into_iter().map(url).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(&["direct://"]), "-");
        assert_eq!(shown(&[]), "");
        assert_eq!(shown(&["http://a:3128", "direct://", "http://a:3128"]), "http://a:3128/ -");
        assert_eq!(shown(&["wpad://x", "socks://a:1080"]), "socks5h://a:1080");
        assert_eq!(shown(&["nonsense", "socks4://a:1"]), "socks4a://a:1");
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
