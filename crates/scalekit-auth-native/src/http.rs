//! HTTP client for the environment: bounded response sizes and timeouts, no redirects.

mod certificate;
mod client;
mod proxy;

use std::{error::Error, sync::Arc, time::Duration};

use reqwest::{
    Client,
    header::{self, HeaderMap, HeaderValue},
    redirect,
};
use scalekit_auth::{
    HttpError, HttpOutcome, HttpResponse, SecretBuffer, SeenCertificate, is_loopback,
    is_safe_origin,
};
use tokio::time::timeout;
use url::Url;
use zeroize::Zeroizing;

use certificate::SeenCertificates;
use client::{BuildError, CachedClient};
pub use proxy::{Origin, ProxyLookupError, ProxyResolver};
use proxy::{Route, Routes};

/// How long a response that is already there may take to be read after the timeout.
const GRACE_POLL: Duration = Duration::from_millis(200);

/// Timeouts, and the size limit of a response.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until the connection is established.
    pub connect: Duration,
    /// From the request until the response header is there, the connection included.
    pub first_byte: Duration,
    /// Between two chunks of the body.
    pub idle: Duration,
    /// The whole exchange.
    pub total: Duration,
    /// The size limit of the body, in bytes.
    pub largest: usize,
}

impl Default for Limits {
    /// Limits that a working environment does not reach. A refresh holds its lock for that time. A slow response is
    /// awaited for the whole time: its refresh token is spent.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(20),
            idle: Duration::from_secs(5),
            total: Duration::from_secs(20),
            largest: 256 * 1024,
        }
    }
}

/// An HTTP client: no redirects, no cookies, no referrer, no decompression; root certificates and
/// proxy from the operating system. Cheap to clone.
#[derive(Clone)]
pub struct HttpClient(Arc<Inner>);

struct Inner {
    user_agent: String,
    limits: Limits,
    remote: CachedClient,
    routes: Routes,
    seen: SeenCertificates,
    /// For loopback addresses, without a proxy.
    local: CachedClient,
}

impl HttpClient {
    /// A client with this `User-Agent`.
    #[must_use]
    pub fn new(user_agent: &str) -> Self {
        Self::with_limits(user_agent, Limits::default())
    }

    /// A client with other limits.
    #[must_use]
    pub fn with_limits(user_agent: &str, limits: Limits) -> Self {
        Self::made(user_agent, limits, None)
    }

    /// A client that uses the proxies of this resolver, unless environment variables name one.
    #[must_use]
    pub fn with_proxies(user_agent: &str, resolver: Arc<dyn ProxyResolver>) -> Self {
        Self::made(user_agent, Limits::default(), Some(resolver))
    }

    fn made(user_agent: &str, limits: Limits, resolver: Option<Arc<dyn ProxyResolver>>) -> Self {
        Self::with_routes(user_agent, limits, Routes::by(resolver))
    }

    fn with_routes(user_agent: &str, limits: Limits, routes: Routes) -> Self {
        Self(Arc::new(Inner {
            user_agent: user_agent.to_owned(),
            limits,
            remote: CachedClient::default(),
            routes,
            seen: SeenCertificates::default(),
            local: CachedClient::default(),
        }))
    }

    /// A client with the same settings and no connections, which loads root certificates and proxy settings anew.
    pub(crate) fn anew(&self) -> Self {
        let Inner { user_agent, limits, routes, .. } = &*self.0;
        Self::made(user_agent, *limits, routes.resolver())
    }

    /// The proxy of requests to this URL, without user name and password.
    pub(crate) async fn proxy_for(&self, url: &Url) -> Option<String> {
        if is_loopback(url) {
            return None;
        }
        match self.0.routes.to(url).await.first() {
            Some(Route::Proxy(proxy, _)) => Some(proxy::shown(proxy)),
            Some(Route::System) | None => proxy::of_system(url),
        }
    }

    /// The certificate that the host of this URL has presented last.
    pub(crate) fn certificate_of(&self, url: &Url) -> Option<SeenCertificate> {
        self.0.seen.of(host_of(url))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.0.limits
    }

    /// Sends the request and reads the complete response. Plain `http` is sent to loopback addresses only.
    ///
    /// # Errors
    /// Why there is no complete response, and whether the request may have been processed.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> HttpOutcome {
        self.send_bounded(request, self.0.limits.largest).await
    }

    /// Sends the request with another limit on the body.
    pub(crate) async fn send_bounded(
        &self,
        request: http::Request<Vec<u8>>,
        largest: usize,
    ) -> HttpOutcome {
        with_timeout_and_grace(self.0.limits.total, self.exchange(request, largest)).await?
    }

    async fn exchange(&self, request: http::Request<Vec<u8>>, largest: usize) -> HttpOutcome {
        let unusable = |why: &dyn std::fmt::Display| HttpError::Unreachable(why.to_string());
        let url = Url::parse(&request.uri().to_string()).map_err(|why| unusable(&why))?;
        if !is_safe_origin(&url) {
            return Err(unusable(&"Plain http goes to this computer only"));
        }
        let request = reqwest::Request::try_from(request).map_err(|why| unusable(&why))?;
        let mut response = if is_loopback(&url) {
            self.execute(request, &url, Connection::Local).await?
        } else {
            self.execute_by_routes(request, &url).await?
        };
        let text = |name: header::HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let mut http_response = HttpResponse {
            status: response.status().as_u16(),
            content_type: text(header::CONTENT_TYPE),
            content_encoding: text(header::CONTENT_ENCODING),
            retry_after: text(header::RETRY_AFTER),
            date: text(header::DATE),
            age: text(header::AGE),
            location: text(header::LOCATION),
            www_authenticate: challenges(response.headers()),
            body: Zeroizing::default(),
        };
        // `Content-Length` only serves to stop early; the bytes are counted below.
        if response.content_length().is_some_and(|length| length > largest as u64) {
            return Err(HttpError::TooLarge);
        }
        let mut body = SecretBuffer::default();
        while let Some(chunk) =
            with_timeout_and_grace(self.0.limits.idle, response.chunk()).await?.map_err(failure)?
        {
            if body.len() + chunk.len() > largest {
                return Err(HttpError::TooLarge);
            }
            body.extend(&chunk);
        }
        http_response.body = body.into_whole();
        Ok(http_response)
    }

    /// Sends the request by the first route that connects. Without a connection nothing of it was sent, so that a
    /// refresh token is not sent twice.
    async fn execute_by_routes(
        &self,
        request: reqwest::Request,
        url: &Url,
    ) -> Result<reqwest::Response, HttpError> {
        let mut unreachable = Vec::new();
        let mut outcome = Err(HttpError::Unreachable("there is no route".to_owned()));
        for route in self.0.routes.to(url).await {
            let Some(copy) = request.try_clone() else { break };
            outcome = self.execute(copy, url, Connection::By(&route)).await;
            let Err(HttpError::Unreachable(why)) = &outcome else {
                // Where no route connects, the destination may be the reason.
                self.0.routes.note_unreachable(&unreachable);
                break;
            };
            tracing::debug!(%why, "no connection by this route");
            unreachable.push(route);
        }
        outcome
    }

    async fn execute(
        &self,
        request: reqwest::Request,
        url: &Url,
        connection: Connection<'_>,
    ) -> Result<reqwest::Response, HttpError> {
        let (cached, proxy) = match connection {
            Connection::Local => (&self.0.local, None),
            Connection::By(Route::System) => (&self.0.remote, None),
            Connection::By(Route::Proxy(proxy, cached)) => (&**cached, Some(proxy.clone())),
        };
        let (inner, local) = (Arc::clone(&self.0), matches!(connection, Connection::Local));
        let client = cached.client(move || inner.build(local, proxy)).await;
        let client = client.map_err(|why| HttpError::Unreachable(why.to_string()))?;
        let limit = self.0.limits.first_byte;
        let outcome = with_timeout_and_grace(limit, client.execute(request)).await?;
        outcome.map_err(|why| {
            if why.is_connect() {
                cached.doubt();
            }
            self.0.failure(why, url)
        })
    }
}

/// The kind of connection of a request.
#[derive(Clone, Copy)]
enum Connection<'a> {
    /// To this computer, without a proxy.
    Local,
    By(&'a Route),
}

impl Inner {
    /// Loads the system's root certificates and its proxy settings.
    fn build(&self, local: bool, proxy: Option<Url>) -> Result<Client, BuildError> {
        let tls = certificate::tls(self.seen.clone())?;
        // Nothing here decodes a content coding, so none is requested (RFC 9110 §12.5.3); the core rejects a
        // response that has one all the same.
        let plain =
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        let builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(&self.user_agent)
            .default_headers(plain)
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.limits.connect)
            // After suspend the connections are dead, so idle ones are closed soon.
            .pool_idle_timeout(Duration::from_secs(20));
        let builder = match proxy {
            _ if local => builder.no_proxy(),
            Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy)?),
            None => builder,
        };
        Ok(builder.build()?)
    }

    fn failure(&self, why: reqwest::Error, url: &Url) -> HttpError {
        match certificate::fault(&why) {
            Some(fault) => {
                let host = host_of(url);
                HttpError::Certificate(fault, self.seen.of(host).map(|seen| seen.issuer))
            }
            None => failure(why),
        }
    }
}

/// RFC 9110 §5.3: several header fields of this name form one list.
fn challenges(headers: &header::HeaderMap) -> Option<String> {
    let all = headers.get_all(header::WWW_AUTHENTICATE).iter();
    let texts: Vec<_> = all.filter_map(|value| value.to_str().ok()).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The host in the form of a certificate's name.
fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_matches(['[', ']'])
}

/// Also returns a result that is there when the timeout fires, as after suspend or `SIGSTOP`: the token
/// response to a refresh token that is used up must not be lost.
async fn with_timeout_and_grace<T>(
    limit: Duration,
    work: impl Future<Output = T>,
) -> Result<T, HttpError> {
    let mut work = std::pin::pin!(work);
    if let Ok(done) = timeout(limit, &mut work).await {
        return Ok(done);
    }
    timeout(GRACE_POLL, work).await.map_err(|_| HttpError::TimedOut)
}

fn failure(why: reqwest::Error) -> HttpError {
    let why = why.without_url();
    let reason = root_cause(&why);
    if why.is_connect() && PROXY_SIGN_IN.iter().any(|end| reason.ends_with(end)) {
        HttpError::ProxySignIn
    } else if why.is_connect() && is_proxy_rejection(&reason) {
        HttpError::ProxyRejected
    } else if why.is_connect() || why.is_builder() {
        HttpError::Unreachable(reason)
    } else if why.is_timeout() {
        HttpError::TimedOut
    } else if is_malformed(&why) {
        HttpError::Malformed(reason)
    } else {
        HttpError::Interrupted(reason)
    }
}

/// Whether hyper cannot parse the response. Its limit is a hundred header fields.
fn is_malformed(why: &reqwest::Error) -> bool {
    let mut cause = why.source();
    while let Some(why) = cause {
        if why.downcast_ref().is_some_and(hyper::Error::is_parse) {
            return true;
        }
        cause = why.source();
    }
    false
}

/// The ends of hyper's messages for a proxy's status 407 (RFC 9110 §15.5.8), and for a SOCKS proxy that wants credentials
/// (RFC 1928 §3, RFC 1929). The errors' types are private.
const PROXY_SIGN_IN: [&str; 3] = [
    "proxy authorization required",
    "credentials not accepted",
    "server does not support user/pass authentication",
];

/// Whether the proxy was reached and made no connection: any other status than 200, or a SOCKS reply.
fn is_proxy_rejection(reason: &str) -> bool {
    let unreached = ["failed to create underlying connection", "io error during SOCKS handshake"];
    reason.ends_with("tunnel error: unsuccessful")
        || reason.split_once("SOCKS error: ").is_some_and(|(_, reply)| !unreached.contains(&reply))
}

/// The last error in the chain: reqwest's own message is only "error sending request".
fn root_cause(why: &reqwest::Error) -> String {
    let mut last: &dyn Error = why;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// A server that reads one request, sends these chunks, and closes the connection or not.
    async fn server(pieces: Vec<Vec<u8>>, then_close: bool) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = connection.read(&mut request).await;
            for piece in pieces {
                if connection.write_all(&piece).await.is_err() {
                    return;
                }
            }
            if !then_close {
                std::future::pending::<()>().await;
            }
        });
        address
    }

    fn client() -> HttpClient {
        limited(Limits {
            first_byte: Duration::from_millis(400),
            idle: Duration::from_millis(400),
            total: Duration::from_millis(400),
            largest: 1000,
            ..Limits::default()
        })
    }

    fn limited(limits: Limits) -> HttpClient {
        HttpClient::with_limits("test/1", limits)
    }

    fn get(address: &str) -> http::Request<Vec<u8>> {
        http::Request::get(address).body(Vec::new()).unwrap()
    }

    fn head(rest: &str) -> Vec<u8> {
        format!("HTTP/1.1 {rest}\r\n\r\n").into_bytes()
    }

    #[test]
    fn http_limits_are_those_of_the_client() {
        assert_eq!(client().limits().total, Duration::from_millis(400));
        assert_eq!(HttpClient::new("test/1").limits().total, Limits::default().total);
        assert_eq!(Limits::default().first_byte, Limits::default().total);
    }

    // req: C2
    #[tokio::test]
    async fn http_response_body_and_relevant_headers_are_read() {
        let head = head(
            "429 Too Many Requests\r\nretry-after: 7\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-type: application/json\r\ncontent-length: 2",
        );
        let address = server(vec![head, b"{}".to_vec()], false).await;
        let response = client().send(get(&address)).await.unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((response.status, &response.body[..]), (429, &b"{}"[..]));
        assert_eq!(response.retry_after.as_deref(), Some("7"));
        assert_eq!(response.content_type.as_deref(), Some("application/json"));
        assert!(response.date().is_some());
    }

    // req: M7
    #[tokio::test]
    async fn accept_encoding_is_identity_and_content_encoding_reported() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let request = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                connection.read_buf(&mut request).await.unwrap();
            }
            let response = head("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0");
            connection.write_all(&response).await.unwrap();
            String::from_utf8(request).unwrap().to_lowercase()
        });
        let response = client().send(get(&address)).await.unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(response.content_encoding.as_deref(), Some("gzip"));
        assert!(request.await.unwrap().contains("accept-encoding: identity\r\n"));
    }

    // req: C5
    #[tokio::test]
    async fn http_body_over_limit_is_rejected_announced_or_chunked() {
        let announced = vec![head("200 OK\r\ncontent-length: 1001")];
        let chunk = [b"400\r\n".as_slice(), &[b'x'; 1024], b"\r\n"].concat();
        let endless = vec![head("200 OK\r\ntransfer-encoding: chunked"), chunk];
        for pieces in [announced, endless] {
            let outcome = client().send(get(&server(pieces, false).await)).await;
            assert_eq!(outcome.err(), Some(HttpError::TooLarge));
        }
    }

    #[tokio::test]
    async fn http_body_of_exactly_the_limit_is_read_announced_or_chunked() {
        let body = [b'x'; 1000];
        let announced = vec![head("200 OK\r\ncontent-length: 1000"), body.to_vec()];
        let chunks = [b"3e8\r\n".as_slice(), &body, b"\r\n0\r\n\r\n"].concat();
        let chunked = vec![head("200 OK\r\ntransfer-encoding: chunked"), chunks];
        for pieces in [announced, chunked] {
            let response = client().send(get(&server(pieces, false).await)).await;
            assert_eq!(response.unwrap_or_else(|why| panic!("{why}")).body.as_slice(), body);
        }
    }

    #[tokio::test]
    async fn http_absent_or_stalled_response_times_out() {
        for pieces in [Vec::new(), vec![head("200 OK\r\ncontent-length: 10"), b"x".to_vec()]] {
            let outcome = client().send(get(&server(pieces, false).await)).await;
            assert_eq!(outcome.err(), Some(HttpError::TimedOut));
        }
    }

    /// A server that sends chunks without end, with a pause between them.
    async fn dripping(head: Vec<u8>, drop: &'static [u8], pause: Duration) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = connection.read(&mut request).await;
            let mut written = connection.write_all(&head).await;
            while written.is_ok() {
                tokio::time::sleep(pause).await;
                written = connection.write_all(drop).await;
            }
        });
        address
    }

    // req: K2, X13
    #[tokio::test]
    async fn http_first_byte_idle_and_total_timeouts_each_apply() {
        let (short, long) = (Duration::from_millis(150), Duration::from_secs(30));
        let generous =
            Limits { connect: long, first_byte: long, idle: long, total: long, largest: 1 << 20 };
        let body = || head("200 OK\r\ntransfer-encoding: chunked");
        let soon = Duration::from_millis(20);
        let cases = [
            // A response header that never ends.
            (
                Limits { first_byte: short, ..generous },
                b"HTTP/1.1 200 OK\r\n".to_vec(),
                b"a: b\r\n".as_slice(),
                soon,
            ),
            // A body that stops.
            (Limits { idle: short, ..generous }, body(), b"1\r\nx\r\n".as_slice(), long),
            // A body that never ends.
            (Limits { total: short, ..generous }, body(), b"1\r\nx\r\n".as_slice(), soon),
        ];
        for (limits, head, drop, pause) in cases {
            let address = dripping(head, drop, pause).await;
            let outcome = timeout(long / 2, limited(limits).send(get(&address))).await;
            let outcome = outcome.unwrap_or_else(|_| panic!("it goes on and on: {limits:?}"));
            assert_eq!(outcome.err(), Some(HttpError::TimedOut), "{limits:?}");
        }
    }

    /// As after suspend: the timeout has fired, and then the response is read.
    #[tokio::test]
    async fn http_response_ready_after_suspend_beats_timeout() {
        let limit = Duration::from_millis(5);
        let outcome = with_timeout_and_grace(limit, async {
            let connection = tokio::spawn(async {
                // Longer than the runtime runs tasks without polling its timers.
                for _ in 0..1000 {
                    tokio::task::yield_now().await;
                }
                "here"
            });
            std::thread::sleep(limit * 10);
            connection.await.unwrap()
        });
        assert_eq!(outcome.await, Ok("here"));
        let nothing = with_timeout_and_grace(limit, std::future::pending::<()>()).await;
        assert_eq!(nothing, Err(HttpError::TimedOut));
    }

    // req: C5
    #[tokio::test]
    async fn unbounded_headers_are_rejected() {
        let address =
            dripping(b"HTTP/1.1 200 OK\r\na: ".to_vec(), &[b'x'; 65_536], Duration::ZERO).await;
        let client = limited(Limits::default());
        let outcome = timeout(Duration::from_secs(15), client.send(get(&address))).await.unwrap();
        assert!(matches!(outcome, Err(HttpError::Malformed(_))), "{outcome:?}");
    }

    #[tokio::test]
    async fn http_unreadable_response_is_reported_as_malformed() {
        let many = "x-a: b\r\n".repeat(120);
        let heads = [
            head(&format!("200 OK\r\n{many}content-length: 0")),
            b"220 mail.example ESMTP\r\n".to_vec(),
        ];
        for head in heads {
            let outcome = client().send(get(&server(vec![head], false).await)).await;
            assert!(matches!(outcome, Err(HttpError::Malformed(_))), "{outcome:?}");
        }
    }

    // req: C5
    #[tokio::test]
    async fn gzip_is_not_decompressed() {
        let packed = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        let head = head("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 10");
        let response = client().send(get(&server(vec![head, packed.to_vec()], false).await)).await;
        assert_eq!(response.unwrap().body[..], packed);
    }

    // req: K5
    #[tokio::test]
    async fn http_client_has_no_cookie_jar_referer_or_cache() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let requests = tokio::spawn(async move {
            let mut requests = String::new();
            for _ in 0..2 {
                let (mut connection, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                let read = connection.read(&mut request).await.unwrap();
                requests.push_str(&String::from_utf8_lossy(&request[..read]).to_lowercase());
                let head = head(
                    "200 OK\r\nset-cookie: id=1; Path=/\r\ncache-control: max-age=600\r\nconnection: close\r\ncontent-length: 2",
                );
                connection.write_all(&[head, b"{}".to_vec()].concat()).await.unwrap();
            }
            requests
        });
        let client = client();
        for _ in 0..2 {
            client.send(get(&address)).await.unwrap();
        }
        let requests = requests.await.unwrap();
        assert_eq!(requests.matches("user-agent: test/1").count(), 2, "nothing is from a cache");
        for header in ["cookie:", "referer:", "origin:"] {
            assert!(!requests.contains(header), "{header}");
        }
    }

    #[tokio::test]
    async fn http_dropped_connection_is_reported_as_interrupted() {
        for pieces in [Vec::new(), vec![head("200 OK\r\ncontent-length: 10"), b"x".to_vec()]] {
            let outcome = client().send(get(&server(pieces, true).await)).await;
            assert!(matches!(outcome, Err(HttpError::Interrupted(_))));
        }
    }

    #[tokio::test]
    async fn http_refused_connection_is_reported_as_unreachable() {
        let address = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            format!("http://{}/", listener.local_addr().unwrap())
        };
        let outcome = client().send(get(&address)).await;
        assert!(matches!(outcome, Err(HttpError::Unreachable(_))));
    }

    /// The proxies of a PAC script, in order.
    struct Proxies(Vec<String>);

    impl ProxyResolver for Proxies {
        fn proxies_for(&self, _: &Origin) -> Result<Vec<String>, ProxyLookupError> {
            Ok(self.0.clone())
        }
    }

    /// A proxy that replies this to each request, and the number of its connections.
    async fn proxy(response: &'static str) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                let _ = connection.read(&mut request).await;
                let _ = connection.write_all(response.as_bytes()).await;
            }
        });
        (address, connections)
    }

    fn by_proxies(list: &[&str]) -> HttpClient {
        let list = list.iter().map(|one| (*one).to_owned()).collect();
        let routes = Routes::with_variables(Some(Arc::new(Proxies(list))), |_| None);
        HttpClient::with_routes("test/1", Limits::default(), routes)
    }

    async fn post_error(client: &HttpClient) -> Option<HttpError> {
        let post = http::Request::post("https://acme.invalid/oauth/token");
        client.send(post.body(b"grant_type=x".to_vec()).unwrap()).await.err()
    }

    // req: X35
    #[tokio::test]
    async fn proxy_unreachable_is_followed_by_the_next_of_the_pac_list() {
        let (broken, tried) = proxy("").await;
        let wants = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        let (working, reached) = proxy(wants).await;
        let client = by_proxies(&[&broken, &working, "direct://"]);
        for request in 1..=2 {
            // A proxy that wants a sign-in is no reason to go around it.
            let error = post_error(&client).await;
            assert_eq!(error, Some(HttpError::ProxySignIn), "request {request}");
        }
        let counts = (tried.load(Ordering::SeqCst), reached.load(Ordering::SeqCst));
        assert_eq!(counts, (1, 2), "a proxy that was unreachable is not tried again at once");
    }

    // req: X35
    #[tokio::test]
    async fn proxy_rejecting_the_connection_is_not_bypassed() {
        for status in ["403 Forbidden", "451 Unavailable", "503 Service Unavailable"] {
            let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            let (rejecting, _) = proxy(response.leak()).await;
            let (next, reached) = proxy("").await;
            let error = post_error(&by_proxies(&[&rejecting, &next])).await;
            assert_eq!(error, Some(HttpError::ProxyRejected), "{status}");
            assert_eq!(reached.load(Ordering::SeqCst), 0, "{status}");
        }
    }

    /// RFC 1928 §6: 2 is "connection not allowed by ruleset".
    #[tokio::test]
    async fn proxy_of_socks_that_rejects_the_connection_is_not_bypassed() {
        for (replies, error) in [
            (
                vec![b"\x05\x00".to_vec(), b"\x05\x02\x00\x01\0\0\0\0\0\0".to_vec()],
                HttpError::ProxyRejected,
            ),
            (vec![b"\x05\x02".to_vec(), b"\x01\x01".to_vec()], HttpError::ProxySignIn),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("socks5://ada:pw@{}", listener.local_addr().unwrap());
            tokio::spawn(async move {
                let (mut connection, _) = listener.accept().await.unwrap();
                let mut request = [0; 512];
                for reply in replies {
                    let _ = connection.read(&mut request).await;
                    let _ = connection.write_all(&reply).await;
                }
                std::future::pending::<()>().await;
            });
            let (next, reached) = proxy("").await;
            assert_eq!(post_error(&by_proxies(&[&address, &next])).await, Some(error));
            assert_eq!(reached.load(Ordering::SeqCst), 0);
        }
    }

    #[tokio::test]
    async fn proxy_is_not_blamed_for_a_destination_that_no_route_reaches() {
        let (first, tried) = proxy("").await;
        let (second, _) = proxy("").await;
        let client = by_proxies(&[&first, &second]);
        for _ in 0..2 {
            assert!(matches!(post_error(&client).await, Some(HttpError::Unreachable(_))));
        }
        assert_eq!(tried.load(Ordering::SeqCst), 2, "it is still the first");
    }

    #[tokio::test]
    async fn http_connect_failure_marks_local_client_for_rebuild() {
        let client = client();
        client.send(get(&server(vec![head("204 No Content")], true).await)).await.unwrap();
        assert!(!client.0.local.is_doubtful());
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert!(client.send(get(&format!("http://{nobody}/"))).await.is_err());
        assert!(client.0.local.is_doubtful() && !client.0.remote.is_doubtful());
    }

    // req: C11
    #[tokio::test]
    async fn http_redirect_is_returned_and_not_followed() {
        let pieces = vec![head("302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0")];
        let response = client().send(get(&server(pieces, false).await)).await.unwrap();
        assert_eq!(response.status, 302);
        assert_eq!(response.location.as_deref(), Some("http://127.0.0.1:1/"));
    }

    #[tokio::test]
    async fn plain_http_to_remote_host_is_rejected_before_connecting() {
        let outcome = client().send(get("http://acme.scalekit.com/")).await;
        // The message shows that the request was rejected before a connection was tried.
        let reason = HttpError::Unreachable("Plain http goes to this computer only".to_owned());
        assert_eq!(outcome.err(), Some(reason));
    }
}
