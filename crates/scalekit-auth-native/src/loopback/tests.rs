//! The server's responses, over TCP connections.

use std::{num::NonZeroU16, sync::Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use super::*;

struct Browser {
    port: u16,
    received: mpsc::UnboundedReceiver<String>,
    server: tokio::task::JoinHandle<()>,
}

async fn listening() -> Browser {
    let server = LoopbackServer::bind(LoopbackPort::Any).await.unwrap();
    let port = server.port();
    let (sender, received) = mpsc::unbounded_channel();
    let texts: Arc<LoopbackTexts> = Arc::new(|outcome| LoopbackText {
        language: "de".to_owned(),
        heading: format!("<{outcome:?}>"),
        sentence: "a & b".to_owned(),
        color_scheme: ColorScheme::Dark,
    });
    let server = tokio::spawn(server.serve(Secret::new("expected"), texts, move |query| {
        sender.send(String::from_utf8(query.to_vec()).unwrap()).unwrap();
    }));
    Browser { port, received, server }
}

impl Browser {
    async fn sends(&self, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).await.unwrap();
        String::from_utf8(response).unwrap()
    }

    async fn gets(&self, target: &str, more: &str) -> String {
        let port = self.port;
        self.sends(&format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n")).await
    }
}

#[tokio::test]
async fn loopback_get_with_state_is_handed_over() {
    let mut browser = listening().await;
    let response = browser
        .gets(
            "/callback?code=c0de&state=expected",
            "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
        )
        .await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert_eq!(browser.received.recv().await.unwrap(), "code=c0de&state=expected");
}

// req: N10
#[tokio::test]
async fn loopback_page_has_no_script_and_leaks_nothing() {
    let browser = listening().await;
    let response = browser.gets("/callback?code=c0de&state=expected", "").await;
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    for header in [
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "x-frame-options: DENY",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert!(body.contains("lang=\"de\"") && body.contains("&lt;Received&gt;"), "{body}");
    assert!(body.contains("a &amp; b") && body.contains(" class=\"dark\">"), "{body}");
    for never in ["<script", "c0de", "expected", "http:", "src=", "href="] {
        assert!(!body.contains(never), "{never}: {body}");
    }
}

// req: N9
#[tokio::test]
async fn loopback_request_with_other_state_is_not_handed_over() {
    let mut browser = listening().await;
    for query in [
        "code=c0de&state=guessed",
        "code=c0de",
        "",
        "code=c0de&state=expected&state=guessed",
        "code=c0de&state=guessed&state=expected",
        "code=c0de&STATE=expected",
    ] {
        let response = browser.gets(&format!("/callback?{query}"), "").await;
        assert!(response.starts_with("HTTP/1.1 400"), "{query}: {response}");
        assert!(response.contains("&lt;Unexpected&gt;"), "{response}");
    }
    assert!(browser.received.try_recv().is_err());
    browser.gets("/callback?code=c0de&state=expected", "").await;
    assert_eq!(
        browser.received.recv().await.unwrap(),
        "code=c0de&state=expected",
        "it still waits"
    );
}

// req: N9
#[tokio::test]
async fn loopback_request_that_is_no_navigation_is_refused() {
    let mut browser = listening().await;
    let port = browser.port;
    let good = "/callback?state=expected";
    for (status, request) in [
        (421, format!("GET {good} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")),
        (421, format!("GET {good} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n")),
        (421, format!("GET {good} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")),
        (421, format!("GET {good} HTTP/1.1\r\n\r\n")),
        (404, format!("GET /?state=expected HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")),
        (404, format!("GET /callback/?state=expected HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")),
        (404, format!("GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")),
        (
            405,
            format!("POST {good} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n"),
        ),
        (405, format!("HEAD {good} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")),
        (405, format!("OPTIONS {good} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")),
        (
            403,
            format!(
                "GET {good} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nSec-Fetch-Mode: no-cors\r\n\r\n"
            ),
        ),
        (
            403,
            format!(
                "GET {good} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n\r\n"
            ),
        ),
    ] {
        let response = browser.sends(&request).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{request}{response}");
    }
    assert!(browser.received.try_recv().is_err());
}

#[tokio::test]
async fn loopback_garbage_and_long_addresses_are_refused() {
    let mut browser = listening().await;
    let long = format!("/callback?state=expected&x={}", "a".repeat(64 * 1024));
    for response in [browser.gets(&long, "").await, browser.sends("\x16\x03\x01\r\n\r\n").await] {
        assert!(response.is_empty() || response.starts_with("HTTP/1.1 4"), "{response}");
    }
    assert!(browser.received.try_recv().is_err());
}

#[tokio::test]
async fn loopback_idle_connections_do_not_keep_the_browser_out() {
    let mut browser = listening().await;
    let mut idle = Vec::new();
    for _ in 0..MAX_CONNECTIONS - 1 {
        idle.push(TcpStream::connect((Ipv4Addr::LOCALHOST, browser.port)).await.unwrap());
    }
    browser.gets("/callback?code=c0de&state=expected", "").await;
    assert_eq!(browser.received.recv().await.unwrap(), "code=c0de&state=expected");
}

// req: N8
#[tokio::test]
async fn loopback_server_dropped_closes_its_port() {
    let browser = listening().await;
    browser.server.abort();
    assert!(browser.server.await.unwrap_err().is_cancelled());
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, browser.port)).await.is_err());
}

#[tokio::test]
async fn loopback_fixed_port_in_use_is_an_error() {
    let first = LoopbackServer::bind(LoopbackPort::Any).await.unwrap();
    let port = LoopbackPort::Fixed(NonZeroU16::new(first.port()).unwrap());
    assert!(LoopbackServer::bind(port).await.is_err());
    drop(first);
    let again = LoopbackServer::bind(port).await.map(|one| one.port());
    assert_eq!(again.ok().and_then(NonZeroU16::new).map(LoopbackPort::Fixed), Some(port));
}

#[tokio::test]
async fn loopback_texts_are_requested_for_each_response() {
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let server = LoopbackServer::bind(LoopbackPort::Any).await.unwrap();
    let port = server.port();
    let noted = Arc::clone(&outcomes);
    let texts: Arc<LoopbackTexts> = Arc::new(move |outcome| {
        noted.lock().unwrap().push(outcome);
        page::english(outcome)
    });
    let server = tokio::spawn(server.serve(Secret::new("s"), texts, |_| {}));
    let (_, received) = mpsc::unbounded_channel();
    let browser = Browser { port, received, server };
    browser.gets("/callback?code=c&state=s", "").await;
    browser.gets("/callback?code=c&state=t", "").await;
    assert_eq!(*outcomes.lock().unwrap(), [LoopbackOutcome::Received, LoopbackOutcome::Unexpected]);
}

/// The session ignores each of these, so the page must not report success.
#[tokio::test]
async fn loopback_response_that_is_unusable_is_not_called_received() {
    let browser = listening().await;
    for query in [
        "state=expected",
        "code=a&code=b&state=expected",
        "code=a&error=access_denied&state=expected",
        "code=&state=expected",
    ] {
        let response = browser.gets(&format!("/callback?{query}"), "").await;
        assert!(!response.contains("Received"), "{query}: {response}");
    }
}

/// RFC 9110 §4.2.1: browsers leave out the default port of `http`.
#[test]
fn loopback_on_port_80_accepts_host_without_port() {
    let texts: Arc<LoopbackTexts> = Arc::new(page::english);
    let shared = Shared { port: 80, state: Secret::new("s"), texts, hand_over: Box::new(|_| ()) };
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, header::HeaderValue::from_static("127.0.0.1"));
    let uri = "/callback?code=c&state=s".parse().unwrap();
    assert_eq!(shared.validate(&Method::GET, &uri, &headers), Ok("code=c&state=s"));
}
