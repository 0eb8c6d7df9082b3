//! TLS, proxies, and responses that are too slow or too large.

use std::{env, sync::Arc, time::Duration};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use scalekit_auth::{
    CheckName, ClientId, Configuration, EnvironmentUrl, Finding, FindingCode, HttpError,
    ProblemCode, RedirectUris, RefreshView, SessionView, SignInIntent, discovery_request,
};
use scalekit_auth_native::{
    HttpClient, Keychain, Limits, SelfCheck, check_environment, self_check,
};
use scalekit_dev::{Endpoint, Environment, InjectedFault, Settings, Times};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::Command,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

use crate::{
    fixture::{ALAN, Fixture, SIGN_IN},
    program::{Memory, Program, configuration, within_timeout},
};

/// The variable with the servers' addresses for the child process of a test.
const SERVERS: &str = "LATCHKEY_TEST_SERVERS";

/// Runs this test again in a child process with these variables: root certificates and proxies are those of
/// a whole process.
async fn in_a_process_of_its_own(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = command.envs(variables.iter().copied()).output().await.unwrap();
    let output_text = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && output_text.contains("1 passed"), "{output_text}\n{wrong}");
}

fn get(address: &str) -> http::Request<Vec<u8>> {
    http::Request::get(address).body(Vec::new()).unwrap()
}

/// A server's certificate and key.
struct Identity(ServerConfig);

impl Identity {
    fn new(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Self(config)
    }

    fn signed(params: &CertificateParams, root: &Issuer<'_, KeyPair>) -> Self {
        let key = KeyPair::generate().unwrap();
        Self::new(params.signed_by(&key, root).unwrap().der().clone(), &key)
    }

    /// Starts a server with this identity that responds `{}` to everything; returns its port.
    async fn serves(self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(self.0));
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let Ok(mut connection) = acceptor.accept(connection).await else { continue };
                let _ = connection.read(&mut [0; 4096]).await;
                let response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                let _ = connection.write_all(response).await;
                let _ = connection.shutdown().await;
            }
        });
        port
    }
}

/// Starts a server that supports no TLS newer than 1.0 (RFC 2246); returns its port.
async fn serves_tls_1_0() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let _ = connection.read(&mut [0; 4096]).await;
            // §7.4.1.3: a ServerHello of version 3.1, no session, TLS_RSA_WITH_AES_128_CBC_SHA.
            let hello = [&[3, 1][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
            let record = [&[22, 3, 1, 0, 42, 2, 0, 0, 38][..], &hello].concat();
            let _ = connection.write_all(&record).await;
            let _ = connection.read(&mut [0; 4096]).await;
        }
    });
    port
}

fn params(host: &str) -> CertificateParams {
    CertificateParams::new(vec![host.to_owned()]).unwrap()
}

#[cfg(target_os = "linux")]
// req: K1, X36
#[tokio::test(flavor = "multi_thread")]
async fn tls_invalid_certificate_or_version_is_rejected() {
    if let Ok(servers) = env::var(SERVERS) {
        return tries_certificates(&servers).await;
    }
    let root_key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("root.pem");
    std::fs::write(&file, root.self_signed(&root_key).unwrap().pem()).unwrap();
    let root = Issuer::new(root, root_key);

    let mut expired = params("127.0.0.1");
    expired.not_before = date_time_ymd(2019, 1, 1);
    expired.not_after = date_time_ymd(2020, 1, 1);
    let mut later = params("127.0.0.1");
    later.not_before = date_time_ymd(3000, 1, 1);
    later.not_after = date_time_ymd(3001, 1, 1);
    let own_key = KeyPair::generate().unwrap();
    let mut own = params("127.0.0.1");
    own.distinguished_name.push(DnType::CommonName, "self-signed.example");
    let own = own.self_signed(&own_key).unwrap();
    // RFC 5280 §4.2.1.9: a certificate of a CA, as it is made by hand for a test server.
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = params("127.0.0.1");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, "ca-as-server.example");
    let ca = ca.self_signed(&ca_key).unwrap();
    // The server sends no certificate of the CA between the root and itself.
    let middle_key = KeyPair::generate().unwrap();
    let mut middle = CertificateParams::new(Vec::new()).unwrap();
    middle.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    middle.distinguished_name.push(DnType::CommonName, "Intermediate");
    let middle = Issuer::new(middle, middle_key);
    // RFC 6125 §6.4.4: the common name is no substitute for a subject alternative name.
    let mut nameless = CertificateParams::new(Vec::new()).unwrap();
    nameless.distinguished_name.push(DnType::CommonName, "127.0.0.1");
    let ports = [
        Identity::signed(&params("127.0.0.1"), &root).serves().await,
        Identity::signed(&expired, &root).serves().await,
        Identity::signed(&params("evil.example"), &root).serves().await,
        Identity::new(own.der().clone(), &own_key).serves().await,
        Identity::signed(&later, &root).serves().await,
        serves_tls_1_0().await,
        Identity::new(ca.der().clone(), &ca_key).serves().await,
        Identity::signed(&params("127.0.0.1"), &middle).serves().await,
        Identity::signed(&nameless, &root).serves().await,
    ];
    let servers = ports.map(|port| port.to_string()).join(" ");
    let test = "transport::tls_invalid_certificate_or_version_is_rejected";
    let file = file.to_str().unwrap();
    in_a_process_of_its_own(test, &[("SSL_CERT_FILE", file), (SERVERS, &servers)]).await;
}

async fn tries_certificates(servers: &str) {
    let http = HttpClient::new("test/1");
    let mut outcomes = Vec::new();
    for port in servers.split(' ') {
        let outcome = http.send(get(&format!("https://127.0.0.1:{port}/"))).await;
        outcomes.push(outcome.map(|response| response.status));
    }
    assert_eq!(outcomes[0], Ok(200), "the root is known, so the others fail for their own reason");
    for (outcome, why) in outcomes[1..].iter().zip([
        "expired; it was issued by CN=rcgen self signed cert",
        "not valid for this name",
        "unknown issuer; it was issued by CN=self-signed.example",
        "not valid yet",
        "Tls12Or13",
        "it was issued by CN=ca-as-server.example",
        "unknown issuer; it was issued by CN=Intermediate",
        "not valid for this name",
    ]) {
        // No connection was established: no code and no refresh token was sent.
        let Err(failure) = outcome else { panic!("{outcome:?}") };
        assert!(!failure.may_have_been_processed());
        assert!(failure.to_string().contains(why), "{failure}");
    }
}

/// The findings of a self-check with this client at this URL: the certificate and the proxy.
#[cfg(target_os = "linux")]
async fn finds_on_the_way(address: &str) -> [Finding; 2] {
    let configuration = Configuration::new(
        EnvironmentUrl::parse(address).unwrap(),
        ClientId::parse("skc_1").unwrap(),
        RedirectUris::with_scheme("com.example.app").unwrap(),
    );
    let memory = Memory::default();
    let parts = SelfCheck {
        http: HttpClient::new("test/1"),
        keychain: Keychain::with_entries(move || Box::new(memory.clone())),
        configuration: Ok(configuration),
    };
    let other = |check| async move { Finding::new(check, FindingCode::NotChecked) };
    let report = self_check(parts, other(CheckName::Scheme), other(CheckName::Instance)).await;
    [CheckName::Certificate, CheckName::Proxy]
        .map(|check| report.findings.iter().find(|finding| finding.check == check).unwrap().clone())
}

#[cfg(target_os = "linux")]
// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_names_the_issuer_of_each_certificate() {
    if let Ok(servers) = env::var(SERVERS) {
        let mut ports = servers.split(' ').map(|port| format!("https://127.0.0.1:{port}"));
        let [trusted, _] = finds_on_the_way(&ports.next().unwrap()).await;
        assert_eq!(trusted.code, FindingCode::CertificateTrusted);
        assert_eq!(trusted.parameters["issuer"], "CN=Acme Inspection");
        let [rejected, _] = finds_on_the_way(&ports.next().unwrap()).await;
        assert_eq!(rejected.code, FindingCode::CertificateRejected);
        assert_eq!(rejected.parameters["issuer"], "CN=self-signed.example");
        assert_eq!(rejected.problem.unwrap().code, ProblemCode::CertificateUnknownIssuer);
        return;
    }
    let root_key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name = DistinguishedName::new();
    root.distinguished_name.push(DnType::CommonName, "Acme Inspection");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("root.pem");
    std::fs::write(&file, root.self_signed(&root_key).unwrap().pem()).unwrap();
    let root = Issuer::new(root, root_key);
    let own_key = KeyPair::generate().unwrap();
    let mut own = params("127.0.0.1");
    own.distinguished_name.push(DnType::CommonName, "self-signed.example");
    let own = own.self_signed(&own_key).unwrap();
    let ports = [
        Identity::signed(&params("127.0.0.1"), &root).serves().await,
        Identity::new(own.der().clone(), &own_key).serves().await,
    ];
    let servers = ports.map(|port| port.to_string()).join(" ");
    let test = "transport::self_check_names_the_issuer_of_each_certificate";
    let file = file.to_str().unwrap();
    in_a_process_of_its_own(test, &[("SSL_CERT_FILE", file), (SERVERS, &servers)]).await;
}

#[cfg(target_os = "linux")]
// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_names_the_proxy_without_its_password() {
    if env::var_os(SERVERS).is_some() {
        let [_, proxy] = finds_on_the_way("https://acme.scalekit.example").await;
        assert_eq!(proxy.code, FindingCode::ProxyInDoubt);
        assert_eq!(proxy.parameters["proxy"], "http://127.0.0.1:9");
        assert!(!format!("{proxy:?}").contains("s3cret"));
        return;
    }
    let test = "transport::self_check_names_the_proxy_without_its_password";
    let proxy = "http://ada:s3cret@127.0.0.1:9";
    in_a_process_of_its_own(test, &[("HTTPS_PROXY", proxy), (SERVERS, "here")]).await;
}

/// Status 407 is the proxy's response and not the environment's (RFC 9110 §15.5.8).
#[cfg(target_os = "linux")]
// req: K3
#[tokio::test(flavor = "multi_thread")]
async fn proxy_407_is_reported_and_loopback_bypasses_proxy() {
    let address = "https://acme.scalekit.com";
    if env::var_os(SERVERS).is_some() {
        let environment = EnvironmentUrl::parse(address).unwrap();
        let http = HttpClient::new("test/1");
        let outcome = http.send(discovery_request(&environment)).await;
        assert!(matches!(outcome, Err(HttpError::ProxySignIn)), "{outcome:?}");
        let problem = check_environment(&http, &environment).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::ProxySignIn);
        // Loopback addresses are reached without a proxy.
        let here = Environment::start(Settings::default()).await.unwrap();
        let local = EnvironmentUrl::parse(here.url()).unwrap();
        check_environment(&http, &local).await.unwrap();
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let requests = tokio::spawn(async move {
        let mut requests = Vec::new();
        while requests.len() < 2 {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let read = connection.read(&mut request).await.unwrap();
            let line = String::from_utf8_lossy(&request[..read]).lines().next().unwrap().to_owned();
            requests.push(line);
            let response = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
            let _ = connection.write_all(response.as_bytes()).await;
        }
        requests
    });
    let test = "transport::proxy_407_is_reported_and_loopback_bypasses_proxy";
    let variables = [("HTTPS_PROXY", &*proxy), ("HTTP_PROXY", &proxy), (SERVERS, "here")];
    in_a_process_of_its_own(test, &variables).await;
    let tunnel = "CONNECT acme.scalekit.com:443 HTTP/1.1";
    assert_eq!(within_timeout(requests).await.unwrap(), [tunnel, tunnel]);
}

fn in_a_hurry() -> HttpClient {
    let limits = Limits { total: Duration::from_millis(400), ..Limits::default() };
    HttpClient::with_limits("Latchkey-tests/0", limits)
}

/// One byte per second, from every endpoint.
// req: K2, X13
#[tokio::test]
async fn slow_http_response_times_out_and_releases_the_lock() {
    let environment = Environment::start(Settings::default()).await.unwrap();
    let memory = Memory::default();
    let program = Program::start_with(&memory, in_a_hurry());
    program.session.configure(Some(configuration(&environment)));
    let mut fixture = Fixture { environment, memory, program };
    let slow = |fixture: &Fixture, endpoint| {
        fixture.environment.inject_fault(endpoint, InjectedFault::Slow, Times::Once);
    };

    slow(&fixture, Endpoint::Discovery);
    fixture.program.requests(SignInIntent::SignIn).await;
    fixture.is_refused(ProblemCode::Offline, "No response in time").await;

    slow(&fixture, Endpoint::Keys);
    let page = fixture.program.begins().await;
    fixture.program.follows(&fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap());
    // The keys are requested again when they are needed.
    fixture.is_signed_in().await;

    slow(&fixture, Endpoint::Token);
    fixture.program.session.refresh();
    assert_eq!(fixture.is_delayed().await.code, ProblemCode::RefreshOffline);
    // The lock has been released: the next refresh succeeds.
    fixture
        .program
        .shows(|view| match view {
            SessionView::SignedIn { refresh: RefreshView::Scheduled { .. }, .. } => Some(()),
            _ => None,
        })
        .await;
    fixture.program.session.flush().await;
    assert_eq!(fixture.memory.refresh_token(), fixture.environment.live_refresh_token_of(ALAN));
}

/// A cookie of the environment is not stored, and requests contain only what OAuth needs.
// req: K5
#[tokio::test]
async fn provider_cookies_are_not_stored() {
    let mut fixture = Fixture::set().await;
    for endpoint in [Endpoint::Discovery, Endpoint::Keys, Endpoint::Token] {
        let cookie = InjectedFault::Header {
            name: "set-cookie".to_owned(),
            value: "id=1; Path=/; Max-Age=600".to_owned(),
        };
        fixture.environment.inject_fault(endpoint, cookie, Times::Always);
    }
    fixture.signs_in().await;
    fixture.refreshes().await;
    let requests = fixture.environment.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        for header in ["cookie", "referer", "origin"] {
            assert_eq!(request.header(header), None, "{}", request.path);
        }
        assert_eq!(request.header("user-agent"), Some("Latchkey-tests/0"), "{}", request.path);
    }
}

/// Twenty response bodies without end.
#[cfg(target_os = "linux")]
// req: C5, X12
#[tokio::test(flavor = "multi_thread")]
async fn oversized_http_responses_do_not_grow_memory() {
    if env::var_os(SERVERS).is_none() {
        let test = "transport::oversized_http_responses_do_not_grow_memory";
        return in_a_process_of_its_own(test, &[(SERVERS, "here")]).await;
    }
    let environment = Environment::start(Settings::default()).await.unwrap();
    let address = EnvironmentUrl::parse(environment.url()).unwrap();
    let http = HttpClient::new("test/1");
    check_environment(&http, &address).await.unwrap();
    environment.inject_fault(Endpoint::Discovery, InjectedFault::Huge, Times::Always);
    let before = most_memory();
    for _ in 0..20 {
        let problem = check_environment(&http, &address).await.unwrap_err();
        assert_eq!(problem.detail.as_deref(), Some("The response was too large"));
    }
    let grown = most_memory() - before;
    assert!(grown < 10 * 1024, "{grown} KiB");
}

/// More links than any desktop hands over, before the first is processed.
#[cfg(target_os = "linux")]
// req: B11, X15
#[tokio::test]
async fn callback_flood_does_not_grow_memory_or_end_sign_in() {
    if env::var_os(SERVERS).is_none() {
        let test = "transport::callback_flood_does_not_grow_memory_or_end_sign_in";
        return in_a_process_of_its_own(test, &[(SERVERS, "here")]).await;
    }
    let mut fixture = Fixture::set().await;
    let page = fixture.begins().await;
    let before = most_memory();
    let padding = "x".repeat(4000);
    for number in 0..10_000 {
        fixture
            .program
            .follows(&format!("io.latchkey.desktop://callback?code={padding}&state=wrong{number}"));
    }
    let grown = most_memory() - before;
    assert!(grown < 10 * 1024, "{grown} KiB");
    fixture.program.session.sign_in_link().await;
    fixture.program.waits().await;
    fixture.program.follows(&fixture.environment.sign_in_as(ALAN, page.as_str()).unwrap());
    fixture.is_signed_in().await;
    assert_eq!(fixture.requests().await, SIGN_IN);
}

/// A name that cannot be resolved (RFC 6761 §6.4), and a host that does not respond.
// req: X7
#[tokio::test]
async fn http_unresolvable_or_silent_host_is_unreachable() {
    let outcome = in_a_hurry().send(get("https://latchkey.invalid/")).await;
    assert!(matches!(outcome, Err(HttpError::Unreachable(_))), "{outcome:?}");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}/", silent.local_addr().unwrap());
    let limits = Limits { connect: Duration::from_millis(200), ..Limits::default() };
    let outcome = HttpClient::with_limits("test/1", limits).send(get(&address)).await;
    assert!(matches!(outcome, Err(HttpError::Unreachable(_))), "{outcome:?}");
}

/// The peak memory of this process, in KiB.
#[cfg(target_os = "linux")]
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
