//! `scalekit-dev`: a Scalekit environment on your own machine.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{process::ExitCode, time::Duration};

use lexopt::prelude::*;
use scalekit_dev::{
    ClaimPlace, CustomClaim, CustomDomain, Environment, Options, PASSWORD, SEEDED, Settings,
};
use tokio::sync::oneshot;

const HELP: &str = "\
A Scalekit environment on your own machine, for trying out and for tests.

Usage: scalekit-dev [options]

  --port <number>                    where to listen on 127.0.0.1 (4180; 0 takes any)
  --access-token-lifetime <seconds>  how long access tokens live (299)
  --id-token-lifetime <seconds>      how long ID tokens live (1800)
  --client-id <id>                   the registered Native Application
  --redirect <address>               a registered redirect URI; may be repeated
  --post-logout <address>            a registered post-logout address; may be repeated
  --initiate-login <address>         the registered initiate-login address
  --web-redirect <address>           one of the web application; may be repeated
  --web-post-logout <address>        one of the web application; may be repeated
  --until-stdin-closes               ends with the program that started it and holds its input
  --help                             this text

What a customer has to turn on:

  --api-audience <address>           stands in aud beside the client id
  --claim <name>=<text>              a custom claim of access tokens; may be repeated
  --inside-claim <name>=<text>       one inside custom_claims; may be repeated
  --metadata                         user, membership and organization metadata in access tokens
  --modular-sso                      enterprise sign-in alone: sub is conn_…;<id>, without oid
  --custom-domain <host>             another host in front, such as localhost
  --custom-domain-everywhere         its name is used at the environment's own host too
  --idle-timeout <seconds>           when a session ends that nobody uses
  --absolute-timeout <seconds>       when a session ends in any case

What goes beyond what is known of the service:

  --reuse-grace <seconds>            how long a used refresh token is still taken (0)
  --issuer-in-callbacks              callbacks carry iss
  --token-type                       token responses for users carry token_type
  --link-parameter <name>=<text>     what links of mails carry; may be repeated
  --announced-end                    token responses say when the session ends
  --refresh-is-activity              a refresh keeps an idle session alive
  --any-loopback-port                the port of a loopback redirect URI is not compared
  --public-revocation                discovery offers revocation to public clients
";

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { settings, until_stdin_closes } = match arguments() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("{why}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let (web, secret) = (settings.web.client_id.clone(), settings.web.secret.clone());
    let environment = match Environment::start(settings).await {
        Ok(environment) => environment,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    println!("Environment URL  {}", environment.url());
    println!("Client ID        {}", environment.client_id());
    println!("Web application  {web}, with the secret {secret}");
    println!("Who can sign in (everybody's password is {PASSWORD}):");
    for email in SEEDED {
        println!("  {email}");
    }
    println!("More on each of them at {}/", environment.url());
    if until_stdin_closes {
        let closed = stdin_closed();
        tokio::select! {
            () = signal_to_stop() => {}
            _ = closed => {}
        }
    } else {
        signal_to_stop().await;
    }
    environment.stop().await;
    ExitCode::SUCCESS
}

struct Arguments {
    settings: Settings,
    until_stdin_closes: bool,
}

fn arguments() -> Result<Option<Arguments>, lexopt::Error> {
    let mut settings = Settings { port: 4180, ..Settings::default() };
    let mut options = Options::default();
    let mut lists: [Vec<String>; 4] = Default::default();
    let (mut domain, mut everywhere, mut until_stdin_closes) = (None, false, false);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => settings.port = arguments.value()?.parse()?,
            Long("access-token-lifetime") => {
                settings.access_token_lifetime = seconds(&mut arguments)?;
            }
            Long("id-token-lifetime") => settings.id_token_lifetime = seconds(&mut arguments)?,
            Long("reuse-grace") => settings.reuse_grace = seconds(&mut arguments)?,
            Long("client-id") => settings.client_id = arguments.value()?.string()?,
            Long("redirect") => lists[0].push(arguments.value()?.string()?),
            Long("post-logout") => lists[1].push(arguments.value()?.string()?),
            Long("web-redirect") => lists[2].push(arguments.value()?.string()?),
            Long("web-post-logout") => lists[3].push(arguments.value()?.string()?),
            Long("initiate-login") => settings.initiate_login_uri = arguments.value()?.string()?,
            Long("api-audience") => options.api_audience = Some(arguments.value()?.string()?),
            Long("claim") => options.claims.push(claim(&mut arguments, ClaimPlace::TopLevel)?),
            Long("inside-claim") => {
                options.claims.push(claim(&mut arguments, ClaimPlace::Inside)?);
            }
            Long("metadata") => options.metadata = true,
            Long("modular-sso") => options.modular_sso = true,
            Long("custom-domain") => domain = Some(arguments.value()?.string()?),
            Long("custom-domain-everywhere") => everywhere = true,
            Long("idle-timeout") => options.idle_timeout = Some(seconds(&mut arguments)?),
            Long("absolute-timeout") => options.absolute_timeout = Some(seconds(&mut arguments)?),
            Long("issuer-in-callbacks") => options.issuer_in_callbacks = true,
            Long("token-type") => options.token_type = true,
            Long("link-parameter") => options.link_parameters.push(pair(&mut arguments)?),
            Long("announced-end") => options.announced_end = true,
            Long("refresh-is-activity") => options.refresh_is_activity = true,
            Long("any-loopback-port") => options.any_loopback_port = true,
            Long("public-revocation") => options.public_revocation = true,
            Long("until-stdin-closes") => until_stdin_closes = true,
            Long("help") | Short('h') => return Ok(None),
            Long(_) | Short(_) | Value(_) => return Err(argument.unexpected()),
        }
    }
    options.custom_domain = domain.map(|host| CustomDomain { host, everywhere });
    settings.options = options;
    let registered = [
        &mut settings.redirect_uris,
        &mut settings.post_logout_redirect_uris,
        &mut settings.web.redirect_uris,
        &mut settings.web.post_logout_redirect_uris,
    ];
    for (place, list) in registered.into_iter().zip(lists) {
        if !list.is_empty() {
            *place = list;
        }
    }
    Ok(Some(Arguments { settings, until_stdin_closes }))
}

fn seconds(arguments: &mut lexopt::Parser) -> Result<Duration, lexopt::Error> {
    Ok(Duration::from_secs(arguments.value()?.parse()?))
}

fn pair(arguments: &mut lexopt::Parser) -> Result<(String, String), lexopt::Error> {
    let text = arguments.value()?.string()?;
    let (name, value) = text.split_once('=').ok_or("there is no = in it")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn claim(arguments: &mut lexopt::Parser, place: ClaimPlace) -> Result<CustomClaim, lexopt::Error> {
    let (name, value) = pair(arguments)?;
    Ok(CustomClaim { name, value: value.into(), place, of: None })
}

/// Completes when standard input is closed, as at the death of the process that holds the other end.
fn stdin_closed() -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    // Not a task of the runtime, which would wait at its end for a read that never returns.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = sender.send(());
    });
    receiver
}

async fn signal_to_stop() {
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
