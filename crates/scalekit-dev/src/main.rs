//! `scalekit-dev`: a Scalekit environment on your own machine.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{process::ExitCode, time::Duration};

use lexopt::prelude::*;
use scalekit_dev::{Environment, PASSWORD, SEEDED, Settings};

const HELP: &str = "\
A Scalekit environment on your own machine, for trying out and for tests.

Usage: scalekit-dev [options]

  --port <number>                    where to listen on 127.0.0.1 (4180; 0 takes any)
  --access-token-lifetime <seconds>  how long access tokens live (299)
  --reuse-grace <seconds>            how long a used refresh token is still taken (0)
  --client-id <id>                   the registered application (skc_latchkey_desktop)
  --redirect <address>               a registered redirect address; may be repeated
  --post-logout <address>            a registered post-logout address; may be repeated
  --initiate-login <address>         the registered initiate-login address
  --help                             this text
";

#[tokio::main]
async fn main() -> ExitCode {
    let settings = match arguments() {
        Ok(Some(settings)) => settings,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("{why}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let environment = match Environment::start(settings).await {
        Ok(environment) => environment,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    println!("Environment URL  {}", environment.url());
    println!("Client ID        {}", environment.client_id());
    println!("Who can sign in (everybody's password is {PASSWORD}):");
    for email in SEEDED {
        println!("  {email}");
    }
    println!("More on each of them at {}/", environment.url());
    end().await;
    environment.stop().await;
    ExitCode::SUCCESS
}

fn arguments() -> Result<Option<Settings>, lexopt::Error> {
    let mut settings = Settings { port: 4180, ..Settings::default() };
    let (mut redirects, mut post_logouts) = (Vec::new(), Vec::new());
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => settings.port = arguments.value()?.parse()?,
            Long("access-token-lifetime") => {
                let seconds = arguments.value()?.parse()?;
                settings.access_token_lifetime = Duration::from_secs(seconds);
            }
            Long("reuse-grace") => {
                settings.reuse_grace = Duration::from_secs(arguments.value()?.parse()?);
            }
            Long("client-id") => settings.client_id = arguments.value()?.string()?,
            Long("redirect") => redirects.push(arguments.value()?.string()?),
            Long("post-logout") => post_logouts.push(arguments.value()?.string()?),
            Long("initiate-login") => settings.initiate_login_uri = arguments.value()?.string()?,
            Long("help") | Short('h') => return Ok(None),
            Long(_) | Short(_) | Value(_) => return Err(argument.unexpected()),
        }
    }
    if !redirects.is_empty() {
        settings.redirect_uris = redirects;
    }
    if !post_logouts.is_empty() {
        settings.post_logout_redirect_uris = post_logouts;
    }
    Ok(Some(settings))
}

/// Until somebody wants it to end.
async fn end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
