//! Every kind of sign-in, switch of the organization, authorization response, and sign-out.

use std::{
    fs,
    io::Write,
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use latchkey_tests::{Application, Links, StoredSession, TestEnv, TestOptions, until};
use scalekit_dev::{ALAN, COMPILERS, Endpoint, GRACE, InjectedFault, KATHERINE, NAVY, Times, ids};
use serde_json::{Value, json};
use url::Url;

use crate::ADA;

/// A test environment with these settings in the settings file.
async fn with(settings: Value) -> Result<TestEnv> {
    TestEnv::set(TestOptions { settings, ..TestOptions::default() }).await
}

fn sent(page: &Url, name: &str) -> Option<String> {
    page.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Opens all details, and presses this button.
async fn press_in_details(application: &Application, name: &str) -> Result<()> {
    application.shows_in_details(name).await?;
    application.press(name).await
}

// req: N1
#[tokio::test(flavor = "multi_thread")]
async fn provider_button_signs_in_with_that_provider() -> Result<()> {
    let mut env = with(json!({"providers": ["google", "github"]})).await?;
    let application = env.application().await?;
    application.button("Continue with GitHub").await?;
    application.press("Continue with Google").await?;
    let page = env.browser.is_opened().await?;
    assert_eq!(sent(&page, "provider").as_deref(), Some("google"));
    env.browser.choose(ADA).await?;
    application.is_headed("Ada Lovelace").await
}

// req: N1
#[tokio::test(flavor = "multi_thread")]
async fn work_email_finds_the_company_sign_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in with your company").await?;
    application.enter("Work e-mail or company domain", "nobody").await?;
    application.press("Continue").await?;
    application.shows("neither an e-mail address nor a domain").await?;
    assert!(env.environment.requests_to("/oauth/authorize").is_empty());
    application.enter("Work e-mail or company domain", KATHERINE).await?;
    application.press("Continue").await?;
    let page = env.browser.is_opened().await?;
    assert_eq!(sent(&page, "login_hint").as_deref(), Some(KATHERINE));
    env.browser.choose(KATHERINE).await?;
    application.is_headed("Katherine Johnson").await
}

// req: N1
#[tokio::test(flavor = "multi_thread")]
async fn route_of_settings_and_command_line_is_sent() -> Result<()> {
    let mut env = with(json!({"domain": "orbit.example"})).await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    assert_eq!(sent(&page, "domain").as_deref(), Some("orbit.example"));
    application.press("Cancel").await?;
    application.button("Sign in").await?;
    application.quit()?;
    let arguments = ["--connection", ids::ORBIT_CONNECTION];
    let application = Application::start_with_arguments(&env.desktop, &arguments).await?;
    application.is_headed("Welcome").await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    assert_eq!(sent(&page, "connection_id").as_deref(), Some(ids::ORBIT_CONNECTION));
    assert_eq!(sent(&page, "domain"), None, "the options replace the settings");
    env.browser.choose(KATHERINE).await?;
    application.is_headed("Katherine Johnson").await
}

// req: N3
#[tokio::test(flavor = "multi_thread")]
async fn unknown_provider_or_organization_offers_another_method() -> Result<()> {
    let settings = json!({"organizationId": "org_none", "providers": ["of-tomorrow"]});
    let mut env = with(settings).await?;
    let application = env.application().await?;
    application.press("Continue with of-tomorrow").await?;
    env.browser.is_opened().await?;
    application.shows("This way to sign in is not offered").await?;
    application.press("Dismiss").await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    application.shows("The organization is not known").await?;
    application.press("Choose another organization").await?;
    let page = env.browser.is_opened().await?;
    assert_eq!(sent(&page, "organization_id"), None);
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await
}

// req: N14
#[tokio::test(flavor = "multi_thread")]
async fn sign_out_of_this_computer_leaves_the_browser_signed_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ADA).await?;
    press_in_details(&application, "Sign out only on this computer").await?;
    application.is_headed("You are signed out").await?;
    assert!(StoredSession::session(&env.desktop)?.is_none());
    assert!(env.environment.requests_to("/oidc/logout").is_empty());
    // The browser is still signed in, so the user has to request another account.
    application.press("Use another account").await?;
    let page = env.browser.is_opened().await?;
    assert_eq!(sent(&page, "prompt").as_deref(), Some("login"));
    env.browser.sign_in_as(ALAN).await?;
    application.is_headed("Alan Turing").await
}

// req: N4
#[tokio::test(flavor = "multi_thread")]
async fn organization_switch_by_selector_and_straight_back() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as(GRACE).await?;
    env.browser.choose(NAVY).await?;
    application.is_headed("Grace Hopper").await?;
    application.shows(NAVY).await?;
    application.press("Switch organization").await?;
    application.press("Choose another organization").await?;
    let page = env.browser.is_opened().await?;
    assert_eq!(sent(&page, "prompt").as_deref(), Some("select_account"));
    env.browser.choose(COMPILERS).await?;
    application.shows(COMPILERS).await?;
    application.press("Switch organization").await?;
    application.press(NAVY).await?;
    let page = env.browser.is_opened().await?;
    assert_eq!(sent(&page, "organization_id").as_deref(), Some(NAVY));
    application.shows(NAVY).await?;
    application.is_headed("Grace Hopper").await?;
    assert_eq!(env.environment.token_requests("authorization_code").len(), 3);
    Ok(())
}

// req: N6
#[tokio::test(flavor = "multi_thread")]
async fn hosted_pages_open_in_the_signed_in_browser() -> Result<()> {
    let mut env = with(json!({"administratorRoles": ["admin"]})).await?;
    let application = env.signed_in_as(ADA).await?;
    for (name, path) in [
        ("Manage account", "/ui/"),
        ("Passkeys", "/ui/profile/passkeys"),
        ("Where you are signed in", "/ui/"),
        ("Manage organization", "/ui/"),
    ] {
        application.press(name).await?;
        let page = env.browser.is_opened().await?;
        assert_eq!(page.path(), path, "{name}");
        assert!(page.as_str().starts_with(env.environment.url()), "{page}");
    }
    Ok(())
}

// req: N6
#[tokio::test(flavor = "multi_thread")]
async fn organization_page_is_not_offered_without_the_role() -> Result<()> {
    let mut env = with(json!({"administratorRoles": ["admin"]})).await?;
    let application = env.signed_in_as(ALAN).await?;
    application.button("Manage account").await?;
    let text = application.text().await?;
    ensure!(!text.contains("Manage organization"), "{text}");
    Ok(())
}

// req: N1
#[tokio::test(flavor = "multi_thread")]
async fn sign_up_that_is_not_offered_is_named() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let value = Some(json!(["none", "login"]));
    let fault = InjectedFault::Member { member: "prompt_values_supported".to_owned(), value };
    env.environment.inject_fault(Endpoint::Discovery, fault, Times::Always);
    let application = env.application().await?;
    application.press("Create account").await?;
    application.shows("No accounts are created here").await?;
    application.shows("Sign in with the account you have").await?;
    ensure!(env.browser.times_opened_meanwhile().await? == 0, "the browser was opened");
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await
}

// req: N4
#[tokio::test(flavor = "multi_thread")]
async fn invitation_joined_in_selector_switches_and_remembers() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.signed_in_as(ALAN).await?;
    application.shows(ids::BLETCHLEY).await?;
    application.press("Switch organization").await?;
    application.press("Choose another organization").await?;
    let page = env.browser.is_opened().await?;
    assert_eq!(sent(&page, "prompt").as_deref(), Some("select_account"));
    env.browser.shows_text("Join").await?;
    env.browser.choose(ids::ANALYTICAL).await?;
    application.shows(ids::ANALYTICAL).await?;
    application.is_headed("Alan Turing").await?;
    application.shows_in_details("reports:read").await?;
    application.press("Switch organization").await?;
    application.button(ids::BLETCHLEY).await?;
    application.button("Choose another organization").await.map(drop)
}

/// Signs Grace in to her first organization, and begins a switch to the other one. Returns the session's refresh token
/// and the page of the switch, which the browser does not show.
async fn begins_a_switch(env: &mut TestEnv, application: &Application) -> Result<(String, Url)> {
    application.press("Sign in").await?;
    env.browser.is_opened().await?;
    env.browser.sign_in_as(GRACE).await?;
    env.browser.choose(COMPILERS).await?;
    application.is_headed("Grace Hopper").await?;
    application.press("Switch organization").await?;
    application.press("Choose another organization").await?;
    env.browser.is_opened().await?;
    env.browser.choose(NAVY).await?;
    application.shows(NAVY).await?;
    let token = env.environment.live_refresh_token_of(GRACE).context("no refresh token")?;
    StoredSession::comes_to_hold(&env.desktop, &token).await?;
    application.press("Switch organization").await?;
    application.press(COMPILERS).await?;
    let page = env.browser.receives_url().await?;
    assert_eq!(sent(&page, "organization_id").as_deref(), Some(COMPILERS));
    Ok((token, page))
}

/// Waits for the session of [`begins_a_switch`], and asserts that it is the stored one.
async fn still_has(env: &TestEnv, application: &Application, token: &str) -> Result<()> {
    application.is_headed("Grace Hopper").await?;
    application.shows(NAVY).await?;
    let stored = StoredSession::session(&env.desktop)?.context("no session")?;
    ensure!(stored.refresh_token() == Some(token), "another session is stored");
    Ok(())
}

// req: N4
#[tokio::test(flavor = "multi_thread")]
async fn organization_switch_cancelled_keeps_the_session() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    let (token, page) = begins_a_switch(&mut env, &application).await?;
    application.press("Cancel").await?;
    still_has(&env, &application, &token).await?;
    // The browser finishes all the same.
    let late = env.environment.sign_in_as(GRACE, page.as_str())?;
    env.open_link(&late)?;
    // The task processes events in order, so this command follows the link.
    application.press("Manage account").await?;
    env.browser.receives_url().await?;
    still_has(&env, &application, &token).await?;
    ensure!(env.environment.token_requests("authorization_code").len() == 2, "it was exchanged");
    Ok(())
}

// req: N4
#[tokio::test(flavor = "multi_thread")]
async fn organization_switch_to_another_keeps_the_session() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let application = env.application().await?;
    let (token, page) = begins_a_switch(&mut env, &application).await?;
    // The request passed through the browser, where it was changed.
    let changed = page.as_str().replace(COMPILERS, NAVY);
    let link = env.environment.sign_in_as(GRACE, &changed)?;
    env.open_link(&link)?;
    application.shows("The sign-in was stopped for your safety").await?;
    application.shows_in_details("it is for another organization").await?;
    still_has(&env, &application, &token).await?;
    application.press("Sign out").await
}

/// Makes links undeliverable: neither the entry nor the list can be written.
fn loses_links(env: &TestEnv) -> Result<()> {
    let home = env.desktop.home();
    fs::create_dir(home.join(".local/share/applications/latchkey-handler.desktop"))?;
    let list = home.join(".config/mimeapps.list");
    let text = fs::read_to_string(&list)?;
    fs::write(&list, format!("{text}x-scheme-handler/io.latchkey.desktop=gone.desktop\n"))?;
    Ok(fs::set_permissions(&list, fs::Permissions::from_mode(0o444))?)
}

// req: N8
#[tokio::test(flavor = "multi_thread")]
async fn loopback_signs_in_where_links_lead_nowhere() -> Result<()> {
    let mut env = with(json!({"loopback": "any"})).await?;
    loses_links(&env)?;
    let application = env.application().await?;
    application.shows("Links do not lead back here").await?;
    application.press("Sign in").await?;
    let first = env.browser.is_opened().await?;
    // The help is open at once, as the application has found that links are not delivered to it.
    application.press("Open browser with another way back").await?;
    let second = env.browser.is_opened().await?;
    assert_ne!(sent(&first, "state"), sent(&second, "state"));
    let redirect = sent(&second, "redirect_uri").context("no redirect URI")?;
    ensure!(redirect.starts_with("http://127.0.0.1:"), "{redirect}");
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    let shown = env.browser.address().await?;
    assert!(shown.as_str().starts_with(&redirect), "{shown}");
    env.browser.shows_text("You can close this page").await?;
    assert_eq!(env.environment.token_requests("authorization_code").len(), 1);
    Ok(())
}

/// Makes the page's timer of 30 seconds run ten times as fast. Not faster: the driver limits each script with such a
/// timer.
const HURRIES: &str = "const after = window.setTimeout; \
    window.setTimeout = (run, wait, ...rest) => after(run, wait === 30000 ? 3000 : wait, ...rest)";

// req: N8
#[tokio::test(flavor = "multi_thread")]
async fn help_opens_after_30_s_and_loopback_signs_in() -> Result<()> {
    let mut env = with(json!({"loopback": "any"})).await?;
    // Links reach the application, but this browser prompts before it opens one.
    let browser = env.other_browser(Links::Prompt).await?;
    let application = env.application().await?;
    application.button("Sign in").await?;
    application.run_script(HURRIES).await?;
    application.press("Sign in").await?;
    let first = env.browser.receives_url().await?;
    browser.visits(first.as_str()).await?;
    browser.sign_in_as(ADA).await?;
    env.has_requests("/sign-in", 2).await?;
    application.press("Open browser with another way back").await?;
    let second = env.browser.receives_url().await?;
    browser.shows(&second).await?;
    browser.shows_text("You can close this page").await?;
    application.is_headed("Ada Lovelace").await?;
    let exchanges = env.environment.token_requests("authorization_code");
    let [exchange] = exchanges.as_slice() else { bail!("{} exchanges", exchanges.len()) };
    assert_eq!(exchange.form("redirect_uri"), sent(&second, "redirect_uri").as_deref());
    Ok(())
}

/// Begins a sign-in with both authorization requests outstanding: the deep link's and the loopback's.
async fn opens_both_requests(env: &mut TestEnv, application: &Application) -> Result<(Url, Url)> {
    application.press("Sign in").await?;
    let by_link = env.browser.is_opened().await?;
    press_in_details(application, "Open browser with another way back").await?;
    let by_loopback = env.browser.is_opened().await?;
    Ok((by_link, by_loopback))
}

/// Asserts that no process listens at the address of this authorization response.
fn is_closed(callback: &str) -> Result<()> {
    let callback = Url::parse(callback)?;
    let addresses = callback.socket_addrs(|| None)?;
    ensure!(TcpStream::connect(&*addresses).is_err(), "the loopback redirect URI is still served");
    Ok(())
}

// req: N7
#[tokio::test(flavor = "multi_thread")]
async fn loopback_response_first_makes_the_deep_link_useless() -> Result<()> {
    let mut env = with(json!({"loopback": "any"})).await?;
    let application = env.application().await?;
    let (by_link, by_loopback) = opens_both_requests(&mut env, &application).await?;
    let link = env.environment.sign_in_as(ALAN, by_link.as_str())?;
    let loopback = env.environment.sign_in_as(ADA, by_loopback.as_str())?;
    let forged = loopback.replace("state=", "state=A");
    env.browser.visits(&forged).await?;
    env.browser.shows_text("This page belongs to no sign-in").await?;
    env.browser.visits(&loopback).await?;
    application.is_headed("Ada Lovelace").await?;
    is_closed(&loopback)?;
    env.open_link(&link)?;
    // The task processes events in order, so this command follows the link.
    application.press("Manage account").await?;
    env.browser.is_opened().await?;
    application.is_headed("Ada Lovelace").await?;
    assert_eq!(env.environment.token_requests("authorization_code").len(), 1);
    Ok(())
}

// req: N7
#[tokio::test(flavor = "multi_thread")]
async fn deep_link_response_first_closes_the_loopback() -> Result<()> {
    let mut env = with(json!({"loopback": "any"})).await?;
    let application = env.application().await?;
    let (by_link, by_loopback) = opens_both_requests(&mut env, &application).await?;
    let link = env.environment.sign_in_as(ADA, by_link.as_str())?;
    let loopback = env.environment.sign_in_as(ALAN, by_loopback.as_str())?;
    env.open_link(&link)?;
    application.is_headed("Ada Lovelace").await?;
    is_closed(&loopback)?;
    let exchanges = env.environment.token_requests("authorization_code");
    let [exchange] = exchanges.as_slice() else { bail!("{} exchanges", exchanges.len()) };
    // The redirect URI of the authorization request with the response, not that of the other one.
    assert_eq!(exchange.form("redirect_uri"), sent(&by_link, "redirect_uri").as_deref());
    Ok(())
}

// req: N8
#[tokio::test(flavor = "multi_thread")]
async fn loopback_at_a_fixed_registered_port_signs_in() -> Result<()> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let mut env = with(json!({"loopback": port})).await?;
    let application = env.application().await?;
    let (_, page) = opens_both_requests(&mut env, &application).await?;
    let redirect = format!("http://127.0.0.1:{port}/callback");
    assert_eq!(sent(&page, "redirect_uri").as_deref(), Some(&*redirect));
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    let shown = env.browser.address().await?;
    assert!(shown.as_str().starts_with(&redirect), "{shown}");
    env.browser.shows_text("You can close this page").await?;
    let exchanges = env.environment.token_requests("authorization_code");
    let [exchange] = exchanges.as_slice() else { bail!("{} exchanges", exchanges.len()) };
    assert_eq!(exchange.form("redirect_uri"), Some(&*redirect));
    is_closed(&redirect)
}

// req: N11
#[tokio::test(flavor = "multi_thread")]
async fn loopback_port_in_use_is_reported_and_deep_link_works() -> Result<()> {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut env = with(json!({"loopback": taken.local_addr()?.port()})).await?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    press_in_details(&application, "Open browser with another way back").await?;
    application.shows("The browser cannot come back this way").await?;
    let link = env.environment.sign_in_as(ADA, page.as_str())?;
    env.open_link(&link)?;
    application.is_headed("Ada Lovelace").await
}

/// Copies a text as another program does.
fn copies(env: &TestEnv, text: &str) -> Result<()> {
    let mut xclip: Command = env.desktop.command("xclip");
    let mut copying = xclip
        .args(["-selection", "clipboard", "-quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    copying.stdin.take().context("no input")?.write_all(text.as_bytes())?;
    // The process serves the text until the desktop ends.
    Ok(())
}

/// The web page on the clipboard, once there is one.
pub async fn copied_page(env: &TestEnv) -> Result<Url> {
    until("the link on the clipboard", async || {
        let mut xclip = env.desktop.command("xclip");
        let pasted = xclip.args(["-selection", "clipboard", "-out"]).output().ok()?;
        String::from_utf8(pasted.stdout).ok()?.parse::<Url>().ok()
    })
    .await
}

// req: A7
#[tokio::test(flavor = "multi_thread")]
async fn missing_browser_is_shown_and_the_copied_link_signs_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    env.desktop.opens_no_browser()?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    application.is_headed("Open this link in your browser").await?;
    application.shows("No browser could be opened").await?;
    application.shows("Copy the link and open it in a browser on this computer").await?;
    let text = application.text().await?;
    ensure!(!text.contains("Continue in your browser"), "{text}");
    application.press("Copy link").await?;
    application.shows("Copied").await?;
    let page = copied_page(&env).await?;
    env.browser.shows(&page).await?;
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await?;
    ensure!(env.browser.times_opened_meanwhile().await? == 0, "a browser was opened");
    application.no_longer_shows("No browser could be opened").await
}

// req: A7
#[tokio::test(flavor = "multi_thread")]
async fn missing_browser_that_comes_back_is_opened_again() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    let launchers = env.desktop.opens_no_browser()?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    application.is_headed("Open this link in your browser").await?;
    fs::remove_dir_all(launchers)?;
    application.press("Open browser again").await?;
    env.browser.is_opened().await?;
    application.is_headed("Continue in your browser").await?;
    application.no_longer_shows("No browser could be opened").await?;
    env.browser.sign_in_as(ADA).await?;
    application.is_headed("Ada Lovelace").await
}

// req: N12
#[tokio::test(flavor = "multi_thread")]
async fn address_pasted_from_the_clipboard_signs_in() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    loses_links(&env)?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    let callback = env.environment.sign_in_as(ADA, page.as_str())?;
    copies(&env, "https://evil.example/callback?code=1&state=2")?;
    application.press("Paste from clipboard").await?;
    application.shows("This is not the address of the sign-in").await?;
    assert!(env.environment.requests_to("/oauth/token").is_empty());
    copies(&env, &format!(" {callback}\n"))?;
    application.press("Dismiss").await?;
    application.press("Paste from clipboard").await?;
    application.is_headed("Ada Lovelace").await?;
    ensure!(!application.log().contains(&callback), "the log holds the address");
    ensure!(!application.everything().await?.contains("code="), "the page holds the address");
    Ok(())
}

// req: N12
#[tokio::test(flavor = "multi_thread")]
async fn pasted_address_signs_in_where_links_and_loopback_are_blocked() -> Result<()> {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut env = with(json!({"loopback": taken.local_addr()?.port()})).await?;
    loses_links(&env)?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let page = env.browser.is_opened().await?;
    application.press("Open browser with another way back").await?;
    application.shows("The browser cannot come back this way").await?;
    let callback = env.environment.sign_in_as(ADA, page.as_str())?;
    copies(&env, &callback)?;
    application.press("Paste from clipboard").await?;
    application.is_headed("Ada Lovelace").await
}

// req: N12
#[tokio::test(flavor = "multi_thread")]
async fn address_of_an_earlier_sign_in_is_named_when_pasted() -> Result<()> {
    let mut env = TestEnv::usual().await?;
    loses_links(&env)?;
    let application = env.application().await?;
    application.press("Sign in").await?;
    let earlier = env.browser.receives_url().await?;
    application.press("Cancel").await?;
    application.press("Sign in").await?;
    let page = env.browser.receives_url().await?;
    let of_earlier = env.environment.sign_in_as(ALAN, earlier.as_str())?;
    copies(&env, &of_earlier)?;
    application.press("Paste from clipboard").await?;
    application.shows("This address is from another sign-in").await?;
    application.shows("Finish the sign-in that this application opened last").await?;
    assert!(env.environment.requests_to("/oauth/token").is_empty());
    let callback = env.environment.sign_in_as(ADA, page.as_str())?;
    copies(&env, &callback)?;
    application.press("Dismiss").await?;
    application.press("Paste from clipboard").await?;
    application.is_headed("Ada Lovelace").await?;
    ensure!(!application.log().contains(&of_earlier), "the log holds the address");
    Ok(())
}
