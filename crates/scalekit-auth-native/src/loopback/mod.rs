//! The loopback redirect URI (RFC 8252 §7.3): an HTTP server for one sign-in, on 127.0.0.1 only.
//!
//! Any process and any web page on this computer can send requests to it. It serves a top-level GET on its one path
//! only, and hands over only responses with the expected `state`; every other request changes nothing.

mod page;

use std::{convert::Infallible, net::Ipv4Addr, sync::Arc, time::Duration};

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use scalekit_auth::{LOOPBACK_PATH, LoopbackPort, MAX_LINK_LEN, Secret, is_response_with_state};
use tokio::{net::TcpListener, sync::Semaphore};
use zeroize::Zeroizing;

pub use page::{ColorScheme, LoopbackOutcome, LoopbackText, english as english_loopback_text};

/// The limit of connections: browsers open several at once, and leave some of them idle.
const MAX_CONNECTIONS: usize = 16;

/// Until the request header is there; a browser on this computer sends it at once.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(5);

/// The whole connection.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// The text of the page in the user's language.
pub type LoopbackTexts = dyn Fn(LoopbackOutcome) -> LoopbackText + Send + Sync;

/// A listening server.
pub struct LoopbackServer {
    listener: TcpListener,
    port: u16,
}

/// The data that all requests share.
struct Shared {
    port: u16,
    state: Secret,
    texts: Arc<LoopbackTexts>,
    hand_over: Box<dyn Fn(Zeroizing<Vec<u8>>) + Send + Sync>,
}

impl LoopbackServer {
    /// Starts to listen. RFC 8252 §8.3: on the loopback address, so that no other interface is reached.
    ///
    /// # Errors
    /// When the port is taken, or this computer has no loopback interface.
    pub async fn bind(port: LoopbackPort) -> std::io::Result<Self> {
        let port = match port {
            LoopbackPort::Any => 0,
            LoopbackPort::Fixed(port) => port.get(),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until the future is dropped. Responses that are under way then are completed.
    pub async fn serve(
        self,
        state: Secret,
        texts: Arc<LoopbackTexts>,
        hand_over: impl Fn(Zeroizing<Vec<u8>>) + Send + Sync + 'static,
    ) {
        let hand_over = Box::new(hand_over);
        let shared = Arc::new(Shared { port: self.port, state, texts, hand_over });
        let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let Ok(room) = Arc::clone(&connections).acquire_owned().await else { return };
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(why) => {
                    // Usually for lack of file descriptors: other connections have to end first.
                    tracing::debug!(%why, "a connection of the browser was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                let _room = room;
                let service = hyper::service::service_fn(move |request| {
                    let response = shared.respond(&request);
                    async move { Ok::<_, Infallible>(response) }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEADERS_TIMEOUT)
                    .max_buf_size(2 * MAX_LINK_LEN)
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), service);
                let _ = tokio::time::timeout(CONNECTION_TIMEOUT, connection).await;
            });
        }
    }
}

impl Shared {
    fn respond(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let query = match self.validate(request.method(), request.uri(), request.headers()) {
            Ok(query) => query,
            Err(status) => return page::refusal(status),
        };
        // RFC 6749 §10.12. The session verifies it once more.
        if is_response_with_state(query.as_bytes(), &self.state) {
            (self.hand_over)(Zeroizing::new(query.as_bytes().to_vec()));
            page::page(StatusCode::OK, &(self.texts)(LoopbackOutcome::Received))
        } else {
            page::page(StatusCode::BAD_REQUEST, &(self.texts)(LoopbackOutcome::Unexpected))
        }
    }

    /// The query of a request that a browser sends when it is redirected.
    fn validate<'a>(
        &self,
        method: &Method,
        uri: &'a http::Uri,
        headers: &HeaderMap,
    ) -> Result<&'a str, StatusCode> {
        // DNS rebinding: a web page whose host name resolves to 127.0.0.1 sends that name.
        let mut hosts = headers.get_all(header::HOST).iter();
        if hosts.next().is_none_or(|one| !self.is_own_host(one)) || hosts.next().is_some() {
            return Err(StatusCode::MISDIRECTED_REQUEST);
        }
        if uri.path() != LOOPBACK_PATH || uri.host().is_some() {
            return Err(StatusCode::NOT_FOUND);
        }
        if method != Method::GET {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        // Browsers without these headers cannot be distinguished from other clients (Fetch Metadata §2).
        let is = |name, expected: &str| headers.get(name).is_none_or(|value| value == expected);
        if !is("sec-fetch-mode", "navigate") || !is("sec-fetch-dest", "document") {
            return Err(StatusCode::FORBIDDEN);
        }
        Ok(uri.query().unwrap_or_default())
    }

    /// RFC 9110 §4.2.1: browsers leave out the default port of `http`.
    fn is_own_host(&self, host: &http::HeaderValue) -> bool {
        host == format!("127.0.0.1:{}", self.port).as_str()
            || (self.port == 80 && host == "127.0.0.1")
    }
}

#[cfg(test)]
mod tests;
