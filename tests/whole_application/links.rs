//! Links on their way through the desktop, and a desktop that gives them to somebody else.

use std::fs;

use anyhow::{Context, Result, ensure};
use latchkey_tests::{Application, Scene};
use scalekit_auth_native::http::HttpClient;

use crate::ADA;

/// A sign-in that waits for the browser, and the link that will finish it.
async fn waiting() -> Result<(Scene, Application, String)> {
    let mut scene = Scene::usual().await?;
    let application = scene.application().await?;
    application.press("Sign in").await?;
    let page = scene.browser.is_opened().await?;
    let link = scene.environment.sign_in_as(ADA, page.as_str())?;
    Ok((scene, application, link))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_with_everything_a_link_may_have_arrives_whole() -> Result<()> {
    let (scene, application, link) = waiting().await?;
    // What is cut off or unpacked on the way takes code and state with it.
    let (address, query) = link.split_once('?').context("no query")?;
    let link = format!("{address}?note=a%20b%26c%7C+d|e~'f'(g)&{query}");
    ensure!(scene.desktop.command("gio").args(["open", &link]).status()?.success());
    application.is_headed("Ada Lovelace").await?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_beside_options_is_a_plain_start() -> Result<()> {
    let (scene, application, link) = waiting().await?;
    for arguments in
        [vec!["--inspect", &*link], vec![&link, "--remote-debugging-port=9"], vec![&link, &link]]
    {
        let mut second = scene.desktop.command(Application::program()?);
        ensure!(second.args(&arguments).status()?.success(), "{arguments:?}");
    }
    application.button("Cancel").await?;
    ensure!(scene.environment.requests_to("/oauth/token").is_empty(), "a link was taken");
    scene.open_link(&link)?;
    application.is_headed("Ada Lovelace").await?;
    application.quit()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheme_that_another_program_has_taken_is_said_and_signing_in_stays_safe() -> Result<()> {
    let mut scene = Scene::usual().await?;
    let home = scene.desktop.home();
    let thief = home.join("thief");
    // A program of its own: of a script nobody could say that it does not start this application.
    fs::copy("/bin/true", &thief)?;
    fs::write(
        home.join(".local/share/applications/thief.desktop"),
        format!(
            "[Desktop Entry]\nType=Application\nName=Thief\nExec={} %u\nMimeType=x-scheme-handler/io.latchkey.desktop;\n",
            thief.display()
        ),
    )?;
    // The desktop's own list comes before the one that the application writes.
    fs::write(
        home.join(".config/gnome-mimeapps.list"),
        "[Default Applications]\nx-scheme-handler/io.latchkey.desktop=thief.desktop\n",
    )?;
    let application = scene.application().await?;
    application.sees("Another program has taken the links").await?;
    application.sees(&thief.display().to_string()).await?;
    application.press("Sign in").await?;
    let page = scene.browser.is_opened().await?;
    application.sees("Another program has taken the links").await?;
    let link = scene.environment.sign_in_as(ADA, page.as_str())?;
    ensure!(scene.desktop.command("gio").args(["open", &link]).status()?.success());
    application.button("Cancel").await?;
    // What the thief got is a code that nobody but this process can use.
    let code = url::Url::parse(&link)?;
    let code = code.query_pairs().find(|(name, _)| name == "code").context("no code")?.1;
    let form = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=io.latchkey.desktop://callback&client_id={}",
        scene.environment.client_id()
    );
    let request = http::Request::post(format!("{}/oauth/token", scene.environment.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into_bytes())?;
    let answer = HttpClient::new("thief/0").send(request).await;
    let status = answer.map_err(|why| anyhow::anyhow!("{why}"))?.status;
    ensure!(status == 400, "the environment answered {status}");
    application.quit()
}
