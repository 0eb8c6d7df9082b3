//! The return of the user: the computer wakes up or the screen is unlocked. The session then checks whether it
//! continues, and retries what was delayed.

use futures_util::StreamExt;
use tauri_plugin_scalekit::Session;
use zbus::{Connection, MatchRule, Message, MessageStream, message::Type};

/// The interfaces with the screen lock's signal, which differ between desktops.
const SCREENS: [&str; 4] = [
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.xfce.ScreenSaver",
];

const LOGIN: &str = "org.freedesktop.login1.Manager";

/// Reports each of these signals to the session, until the bus is lost.
///
/// # Errors
/// When the bus is lost.
pub async fn serve(bus: &Connection, session: &Session) -> zbus::Result<()> {
    let mut screens = futures_util::stream::SelectAll::new();
    for interface in SCREENS {
        screens.push(
            MessageStream::for_match_rule(rule(interface, "ActiveChanged")?, bus, None).await?,
        );
    }
    // The system bus is a separate one, which a container may not have.
    let mut wakes = match sleeps().await {
        Ok(stream) => stream.boxed(),
        Err(why) => {
            tracing::debug!(%why, "the system does not report when it wakes up");
            futures_util::stream::pending().boxed()
        }
    };
    loop {
        let signal = tokio::select! {
            signal = screens.next() => match signal {
                Some(signal) => signal,
                None => return Ok(()),
            },
            Some(signal) = wakes.next() => signal,
        };
        if signal.is_ok_and(|signal| is_return(&signal)) {
            tracing::debug!("the user is back");
            session.user_returned();
        }
    }
}

async fn sleeps() -> zbus::Result<MessageStream> {
    let system = Connection::system().await?;
    MessageStream::for_match_rule(rule(LOGIN, "PrepareForSleep")?, &system, None).await
}

fn rule(interface: &str, member: &str) -> zbus::Result<MatchRule<'static>> {
    let rule = MatchRule::builder().msg_type(Type::Signal);
    Ok(rule.interface(interface)?.member(member)?.build().to_owned())
}

/// `ActiveChanged(false)`: the screen is unlocked. `PrepareForSleep(false)`: the computer has woken up.
fn is_return(signal: &Message) -> bool {
    signal.body().deserialize::<bool>().is_ok_and(|begins| !begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(body: bool) -> Message {
        let signal = Message::signal("/a", SCREENS[0], "ActiveChanged").unwrap();
        signal.build(&body).unwrap()
    }

    #[test]
    fn screen_lock_signal_is_a_return_when_the_lock_ends() {
        assert!(is_return(&signal(false)));
        assert!(!is_return(&signal(true)));
        let other = Message::signal("/a", SCREENS[0], "ActiveChanged").unwrap();
        assert!(!is_return(&other.build(&"false").unwrap()));
    }
}
