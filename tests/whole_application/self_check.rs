//! The self-check in the window and on the command line, with each part broken on purpose.

use std::{
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};
use latchkey_tests::{
    Application, Desktop, IDENTIFIER, Keychain, StoredSession, TestEnv, TestOptions,
};
use rcgen::{CertificateParams, DnType, KeyPair};
use rustix::process::{Pid, Signal, kill_process};
use scalekit_dev::{Endpoint, InjectedFault, Times, ids};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

use crate::{ADA, desktop::proxy};

/// Opens the view as a user does, and waits for its result.
async fn finds(application: &Application, result: &str) -> Result<()> {
    application.press("Settings").await?;
    application.press("Check this computer").await?;
    application.shows(result).await
}

/// The JSON output of the command line, and its exit code.
struct Report {
    json: Value,
    text: String,
    code: Option<i32>,
}

fn command_line(desktop: &Desktop) -> Result<Report> {
    let mut command = desktop.command(Application::program()?);
    let output = command.args(["self-check", "--json"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let json = serde_json::from_str(&text).with_context(|| text.clone())?;
    Ok(Report { json, text, code: output.status.code() })
}

impl Report {
    fn has(&self, check: &str, code: &str) -> Result<&Value> {
        let findings = self.json["findings"].as_array().context("no findings")?;
        let of = |finding: &&Value| finding["check"] == check;
        let finding = findings.iter().find(of).context("no such check")?;
        ensure!(finding["code"] == code, "{finding}");
        Ok(finding)
    }

    fn ends_with(&self, code: i32) -> Result<()> {
        ensure!(self.code == Some(code), "it ended with {:?}: {}", self.code, self.text);
        Ok(())
    }
}

/// All entries of the application in the keychain.
fn entries(env: &TestEnv) -> Result<String> {
    let mut search = env.desktop.command("secret-tool");
    let output = search.args(["search", "--all", "service", IDENTIFIER]).output()?;
    Ok(format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_on_a_good_desktop_proves_each_part() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    finds(&application, "No problems found").await?;
    for sentence in [
        "A link that was sent through the desktop arrived at this application.",
        "The running application answers a second start.",
        "An entry for this check was written, read and deleted.",
        "answers as it should.",
        "Requests to the sign-in service go through no proxy.",
        "It does not leave this computer.",
        "This computer's clock and the sign-in service's agree.",
        "The sign-in service sends its answers to \u{2068}io.latchkey.desktop://callback\u{2069}.",
    ] {
        application.shows(sentence).await?;
    }
    ensure!(!entries(&env)?.contains("self-check"), "an entry is left in the keychain");
    application.press("Close").await?;
    application.press("Close").await?;
    application.is_headed("Ada Lovelace").await?;
    ensure!(env.environment.requests_to("/oauth/token").len() == 1, "the session was touched");
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn self_check_command_leaves_the_running_instance_alone() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    let token = env.environment.live_refresh_token_of(ADA).context("no refresh token")?;
    StoredSession::comes_to_hold(&env.desktop, &token).await?;
    let report = command_line(&env.desktop)?;
    report.has("scheme", "schemeProved")?;
    report.has("instance", "instanceAnswers")?;
    report.has("keychain", "keychainWorks")?;
    report.has("redirectUri", "redirectUriRegistered")?;
    report.ends_with(0)?;
    ensure!(!report.text.contains(&token), "the report has the refresh token");
    ensure!(!entries(&env)?.contains("self-check"), "an entry is left in the keychain");
    StoredSession::comes_to_hold(&env.desktop, &token).await?;
    application.is_headed("Ada Lovelace").await?;
    ensure!(!application.log().contains("here?nonce"), "a link is in the log");
    application.quit()?;

    let report = command_line(&env.desktop)?;
    report.has("instance", "instanceNotRunning")?;
    report.has("scheme", "schemeProved")?;
    report.ends_with(0)?;
    ensure!(
        !env.desktop.processes().iter().any(|(_, program)| program.ends_with("latchkey")),
        "the link has started the application"
    );
    let data = env.desktop.home().join(".local/share").join(IDENTIFIER);
    let names = fs::read_dir(data)?.flatten().map(|entry| entry.file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with("here-")).collect();
    ensure!(left.is_empty(), "files are left: {left:?}");
    Ok(())
}

/// Makes the desktop start another program for the application's links, by a list with precedence.
fn takes(env: &TestEnv) -> Result<(PathBuf, PathBuf)> {
    let home = env.desktop.home();
    let thief = home.join("thief");
    fs::copy("/bin/true", &thief)?;
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Thief\nExec={} %u\nMimeType=x-scheme-handler/{IDENTIFIER};\n",
        thief.display()
    );
    fs::write(home.join(".local/share/applications/thief.desktop"), entry)?;
    let list = home.join(".config/gnome-mimeapps.list");
    let defaults = format!("[Default Applications]\nx-scheme-handler/{IDENTIFIER}=thief.desktop\n");
    fs::write(&list, defaults)?;
    Ok((thief, list))
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_names_the_owner_of_the_scheme_and_mends_it() -> Result<()> {
    let env = TestEnv::usual().await?;
    let (thief, list) = takes(&env)?;
    let application = env.application().await?;
    finds(&application, "A sign-in fails here").await?;
    application.shows("Links from the browser open another program").await?;
    application.shows(&thief.display().to_string()).await?;
    let report = command_line(&env.desktop)?;
    let finding = report.has("scheme", "schemeTaken")?;
    ensure!(finding["parameters"]["program"] == thief.display().to_string());
    report.ends_with(4)?;
    fs::remove_file(list)?;
    application.press("Set up links again: Links from the browser").await?;
    application.shows("A link that was sent through the desktop arrived").await?;
    application.shows("No problems found").await?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn self_check_reports_an_entry_whose_links_are_lost() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    // The entry names the program, but the opener of links does not start it.
    let folder = env.desktop.home().join("bin");
    fs::create_dir_all(&folder)?;
    let opener = folder.join("xdg-open");
    fs::copy("/bin/true", &opener)?;
    let path = std::env::var("PATH")?;
    let mut command = env.desktop.command(Application::program()?);
    command.env("PATH", format!("{}:{path}", folder.display()));
    let output = command.args(["self-check"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(output.status.code() == Some(4), "it ended with {}: {text}", output.status);
    ensure!(text.contains("a link that was sent did not arrive"), "{text}");
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_without_a_keychain_is_a_caution() -> Result<()> {
    let options = TestOptions { keychain: Keychain::Missing, ..TestOptions::default() };
    let env = TestEnv::set(options).await?;
    let application = env.application().await?;
    finds(&application, "A sign-in may fail").await?;
    application.shows("No keychain service is running on this computer").await?;
    application.shows("A link that was sent through the desktop arrived").await?;
    let report = command_line(&env.desktop)?;
    report.has("keychain", "keychainMissing")?;
    report.ends_with(3)?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn self_check_distinguishes_a_stopped_instance_from_none() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let process = Pid::from_raw(application.process()?.try_into()?).context("no process id")?;
    kill_process(process, Signal::STOP)?;
    let report = command_line(&env.desktop);
    kill_process(process, Signal::CONT)?;
    let report = report?;
    report.has("instance", "instanceSilent")?;
    report.ends_with(4)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_reports_a_wrong_clock() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let date = SystemTime::now() - Duration::from_secs(3 * 3600);
    let value = httpdate::fmt_http_date(date);
    let fault = InjectedFault::Header { name: "date".to_owned(), value };
    env.environment.inject_fault(Endpoint::Discovery, fault, Times::Always);
    finds(&application, "A sign-in fails here").await?;
    application.shows("it is ahead of the sign-in service's by").await?;
    application.shows("3:00:0").await?;
    let report = command_line(&env.desktop)?;
    report.has("clock", "clockFarAhead")?;
    report.ends_with(4)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_reports_that_discovery_is_down() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let fault = InjectedFault::Status { status: 503, retry_after: None };
    env.environment.inject_fault(Endpoint::Discovery, fault, Times::Always);
    finds(&application, "A sign-in fails here").await?;
    application.shows("There is a fault at the sign-in service right now.").await?;
    application.shows("An entry for this check was written, read and deleted.").await?;
    let report = command_line(&env.desktop)?;
    let finding = report.has("discovery", "discoveryUnreached")?;
    ensure!(finding["problem"]["code"] == "serviceUnavailable", "{finding}");
    report.has("redirectUri", "notChecked")?;
    report.ends_with(4)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_reports_an_unregistered_redirect_uri() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    // A client of the environment with other redirect URIs.
    env.desktop.set("SCALEKIT_CLIENT_ID", ids::WEB_APPLICATION);
    let application = env.application().await?;
    finds(&application, "A sign-in fails here").await?;
    application.shows("does not accept \u{2068}io.latchkey.desktop://callback\u{2069}").await?;
    application.press("Open settings: Redirect URI").await?;
    application.is_headed("Settings").await?;
    let report = command_line(&env.desktop)?;
    report.has("redirectUri", "redirectUriRejected")?;
    report.ends_with(4)?;
    application.quit()
}

/// A desktop without a screen, with an application that is set up for this environment.
fn desktop_at(environment: &str) -> Result<Desktop> {
    let mut desktop = Desktop::without_screen()?;
    desktop.set("SCALEKIT_ENVIRONMENT_URL", environment);
    desktop.set("SCALEKIT_CLIENT_ID", ids::NATIVE_APPLICATION);
    Ok(desktop)
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_names_a_proxy_that_is_down() -> Result<()> {
    // A socket that is bound and does not listen: connections to it fail, and no other program gets the port.
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let address = format!("http://{}", socket.local_addr()?);
    let mut desktop = desktop_at("https://acme.scalekit.example")?;
    desktop.set("HTTPS_PROXY", address.replace("//", "//ada:s3cret@"));
    let report = command_line(&desktop)?;
    let proxy = report.has("proxy", "proxyInDoubt")?;
    ensure!(proxy["parameters"]["proxy"] == address, "{proxy}");
    ensure!(
        proxy["advice"]
            == "Check the system's proxy settings, or the variables HTTPS_PROXY and ALL_PROXY if they are set.",
        "{proxy}"
    );
    ensure!(!report.text.contains("s3cret"), "the proxy's password is in the report");
    let discovery = report.has("discovery", "discoveryUnreached")?;
    ensure!(discovery["problem"]["code"] == "offline", "{discovery}");
    report.has("certificate", "notChecked")?;
    report.ends_with(4)
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_names_a_proxy_that_requires_a_sign_in() -> Result<()> {
    let (port, request) = proxy().await?;
    let address = format!("http://127.0.0.1:{port}");
    let mut desktop = desktop_at("https://acme.scalekit.example")?;
    desktop.set("HTTPS_PROXY", &*address);
    let report = command_line(&desktop)?;
    ensure!(
        request.await?? == "CONNECT acme.scalekit.example:443 HTTP/1.1",
        "another request was sent"
    );
    let proxy = report.has("proxy", "proxySignIn")?;
    ensure!(proxy["parameters"]["proxy"] == address, "{proxy}");
    ensure!(
        proxy["advice"]
            == "Enter the proxy's user name and password in the system's proxy settings, or ask your administrator, then check again.",
        "{proxy}"
    );
    let discovery = report.has("discovery", "discoveryUnreached")?;
    ensure!(discovery["problem"]["code"] == "proxySignIn", "{discovery}");
    report.ends_with(4)
}

/// Serves what listens at this address over TLS too, with a certificate by an issuer of its own. Returns the address,
/// and the certificate as PEM.
async fn tls_before(inner: &str) -> Result<(String, String)> {
    let key = KeyPair::generate()?;
    let mut certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
    certificate.distinguished_name.push(DnType::CommonName, "Acme Inspection");
    let certificate = certificate.self_signed(&key)?;
    let chain = vec![certificate.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("https://{}", listener.local_addr()?);
    let inner = inner.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let Ok(mut outer) = acceptor.accept(connection).await else { continue };
            if let Ok(mut inner) = TcpStream::connect(&inner).await {
                let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
            }
        }
    });
    Ok((address, certificate.pem()))
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_names_the_issuer_of_an_untrusted_certificate() -> Result<()> {
    let environment = scalekit_dev::Environment::start(scalekit_dev::Settings::default()).await?;
    let (address, root) = tls_before(environment.url()).await?;
    let mut desktop = desktop_at(&address)?;
    let report = command_line(&desktop)?;
    let certificate = report.has("certificate", "certificateRejected")?;
    ensure!(
        certificate["message"]
            == "The certificate is not trusted. Its issuer is CN=Acme Inspection.",
        "{certificate}"
    );
    ensure!(certificate["problem"]["code"] == "certificateUnknownIssuer", "{certificate}");
    let advice = certificate["advice"].as_str().unwrap_or_default();
    ensure!(advice.contains("ask your administrator to install its certificate"), "{certificate}");
    report.has("proxy", "proxyNone")?;
    report.has("clock", "notChecked")?;
    report.ends_with(4)?;
    ensure!(environment.requests().is_empty(), "a request was sent");

    let file = desktop.home().join("root.pem");
    fs::write(&file, root)?;
    desktop.set("SSL_CERT_FILE", file.display().to_string());
    let report = command_line(&desktop)?;
    let certificate = report.has("certificate", "certificateTrusted")?;
    ensure!(certificate["parameters"]["issuer"] == "CN=Acme Inspection", "{certificate}");
    report.has("clock", "clockRight").map(drop)
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_with_a_locked_keyring_is_a_caution() -> Result<()> {
    // A bus that starts no service by itself, so that no prompt unlocks the keyring.
    let options = TestOptions { keychain: Keychain::Missing, ..TestOptions::default() };
    let mut env = TestEnv::set(options).await?;
    env.desktop.start_locked_keychain()?;
    let application = env.application().await?;
    finds(&application, "A sign-in may fail").await?;
    application.shows("The keychain is locked.").await?;
    let report = command_line(&env.desktop)?;
    let keychain = report.has("keychain", "keychainLocked")?;
    let advice = keychain["advice"].as_str().unwrap_or_default();
    ensure!(advice.starts_with("Unlock it, then check again."), "{keychain}");
    report.ends_with(3)?;
    env.desktop.stop_keychain();
    env.desktop.start_keychain()?;
    application.press("Check again: Keychain").await?;
    application.shows("An entry for this check was written, read and deleted.").await?;
    application.shows("No problems found").await?;
    let report = command_line(&env.desktop)?;
    report.has("keychain", "keychainWorks")?;
    report.ends_with(0)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_rejects_a_discovery_of_another_issuer() -> Result<()> {
    let env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let value = Some(json!("https://other.scalekit.example"));
    let fault = InjectedFault::Member { member: "issuer".to_owned(), value };
    env.environment.inject_fault(Endpoint::Discovery, fault, Times::Always);
    finds(&application, "A sign-in fails here").await?;
    application.shows("cannot be used.").await?;
    application.shows("Open settings").await?;
    let report = command_line(&env.desktop)?;
    let discovery = report.has("discovery", "discoveryRejected")?;
    ensure!(discovery["problem"]["code"] == "environmentRenamed", "{discovery}");
    let advice = discovery["advice"].as_str().unwrap_or_default();
    ensure!(advice.contains("calls itself https://other.scalekit.example"), "{discovery}");
    ensure!(advice.contains("enter it as the environment URL"), "{discovery}");
    report.has("redirectUri", "notChecked")?;
    report.ends_with(4)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_of_an_instance_without_a_socket_is_an_alarm() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    env.desktop.takes_no_sockets_anywhere()?;
    let application = env.application().await?;
    finds(&application, "A sign-in fails here").await?;
    application.shows("The running application could make no socket").await?;
    let report = command_line(&env.desktop)?;
    let instance = report.has("instance", "instanceNoSocket")?;
    let advice = instance["advice"].as_str().unwrap_or_default();
    ensure!(advice.starts_with("Make sure that XDG_RUNTIME_DIR names a folder"), "{instance}");
    report.ends_with(4)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_reports_a_scheme_that_nobody_opens() -> Result<()> {
    let env = TestEnv::usual().await?;
    let report = command_line(&env.desktop)?;
    let scheme = report.has("scheme", "schemeNobody")?;
    let advice = scheme["advice"].as_str().unwrap_or_default();
    ensure!(advice.starts_with("Set the links up again."), "{scheme}");
    report.ends_with(4)?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    let entry = env.desktop.home().join(".local/share/applications/latchkey-handler.desktop");
    fs::remove_file(entry)?;
    finds(&application, "A sign-in fails here").await?;
    application.shows("Nothing on this computer opens the links of this application.").await?;
    application.press("Set up links again: Links from the browser").await?;
    application.shows("A link that was sent through the desktop arrived").await?;
    application.shows("No problems found").await?;
    let report = command_line(&env.desktop)?;
    report.has("scheme", "schemeProved")?;
    report.ends_with(0)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_without_a_program_for_links_is_an_alarm() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    command_line(&env.desktop)?.ends_with(0)?;
    let empty = env.desktop.home().join("empty");
    fs::create_dir(&empty)?;
    env.desktop.set("PATH", empty.display().to_string());
    let report = command_line(&env.desktop)?;
    let scheme = report.has("scheme", "schemeNoOpener")?;
    ensure!(scheme["advice"] == "Install xdg-utils, then check again.", "{scheme}");
    report.ends_with(4)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_reports_an_unregistered_loopback_redirect_uri() -> Result<()> {
    let env = TestEnv::usual().await?;
    // The environment does not have it: these settings are written after its start.
    env.desktop.write_settings(&json!({"loopback": 49200}))?;
    let application = env.application().await?;
    finds(&application, "A sign-in may fail").await?;
    application.shows("does not accept \u{2068}http://127.0.0.1:49200/callback\u{2069}").await?;
    application.shows("Register this address in the Scalekit dashboard too").await?;
    application.press("Open settings: Second redirect URI").await?;
    application.is_headed("Settings").await?;
    // The settings show the address to register.
    application.shows_in_details("http://127.0.0.1:49200/callback").await?;
    let report = command_line(&env.desktop)?;
    report.has("redirectUri", "redirectUriRegistered")?;
    let loopback = report.has("loopbackRedirectUri", "loopbackRedirectUriRejected")?;
    ensure!(loopback["parameters"]["address"] == "http://127.0.0.1:49200/callback", "{loopback}");
    report.ends_with(3)?;
    application.quit()
}

// req: N20
#[tokio::test(flavor = "multi_thread")]
async fn self_check_names_a_loopback_port_that_is_compared() -> Result<()> {
    let settings = json!({"loopback": "any"});
    let env = TestEnv::set(TestOptions { settings, ..TestOptions::default() }).await?;
    let application = env.application().await?;
    finds(&application, "No problems found").await?;
    application.shows("sends its answers to \u{2068}http://127.0.0.1/callback\u{2069}").await?;
    command_line(&env.desktop)?.ends_with(0)?;
    env.environment.change_options(|options| options.any_loopback_port = false);
    let report = command_line(&env.desktop)?;
    let loopback = report.has("loopbackRedirectUri", "loopbackPortCompared")?;
    let advice = loopback["advice"].as_str().unwrap_or_default();
    ensure!(advice.contains("set a fixed port for the second redirect URI"), "{loopback}");
    report.ends_with(3)?;
    application.quit()
}
