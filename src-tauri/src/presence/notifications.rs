//! The desktop's notifications, over the session bus (Desktop Notifications Specification 1.2). There is one at most.

use std::collections::HashMap;

use futures_util::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use zbus::{Connection, proxy, zvariant::Value};

use crate::presence::{
    content::{Action, TrayIcon},
    tray,
    tray_texts::NoticeTexts,
};

/// The action key of a click on the notification itself.
const DEFAULT: &str = "default";

/// The action key of a click on the offered sign-in.
const SIGN_IN: &str = "sign-in";

/// No expiry: the notification stays until the user or the application closes it.
const NEVER: i32 = 0;

/// A command for the notification.
#[derive(Debug)]
pub enum Command {
    /// Shows it, or replaces the one that is shown.
    Show(NoticeTexts),
    /// Replaces its text, if it is still shown.
    Replace(NoticeTexts),
    /// Closes it.
    Close,
}

/// The capabilities of the notification daemon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Abilities {
    actions: bool,
    markup: bool,
}

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Notifications {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[expect(clippy::too_many_arguments, reason = "the specification has them")]
    fn notify(
        &self,
        application: &str,
        replaces: u32,
        icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        timeout: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    fn activation_token(&self, id: u32, token: &str) -> zbus::Result<()>;
}

/// Performs the commands until their sender is dropped, and reports the user's actions.
///
/// # Errors
/// When the connection to the bus is lost.
pub async fn serve(
    bus: &Connection,
    mut commands: UnboundedReceiver<Command>,
    actions: &UnboundedSender<Action>,
) -> zbus::Result<()> {
    let daemon = NotificationsProxy::new(bus).await?;
    let mut closed = daemon.receive_notification_closed().await?;
    let mut invoked = daemon.receive_action_invoked().await?;
    let mut tokens = daemon.receive_activation_token().await?;
    let (mut shown, mut token) = (None, None);
    loop {
        tokio::select! {
            biased;
            Some(signal) = tokens.next() => {
                let args = signal.args()?;
                if Some(*args.id()) == shown {
                    token = Some((*args.token()).to_owned());
                }
            }
            Some(signal) = invoked.next() => {
                let args = signal.args()?;
                // Only the first click counts; the daemon may report several.
                if Some(*args.id()) != shown {
                    continue;
                }
                if let Some(id) = shown.take() {
                    let _ = actions.send(action(args.action(), token.take()));
                    close(&daemon, id).await;
                }
            }
            Some(signal) = closed.next() => {
                if Some(*signal.args()?.id()) == shown {
                    shown = None;
                    let _ = actions.send(Action::NoticeClosed);
                }
            }
            command = commands.recv() => match command {
                None => return Ok(()),
                Some(Command::Show(texts)) => shown = show(&daemon, &texts, shown).await,
                Some(Command::Replace(texts)) => {
                    if shown.is_some() {
                        shown = show(&daemon, &texts, shown).await;
                    }
                }
                Some(Command::Close) => {
                    if let Some(id) = shown.take() {
                        close(&daemon, id).await;
                    }
                }
            }
        }
    }
}

fn action(key: &str, token: Option<String>) -> Action {
    if key == SIGN_IN { Action::SignInFromNotice } else { Action::Open { token } }
}

/// Shows the notification and returns its id; none where the desktop has no notifications.
async fn show(
    daemon: &NotificationsProxy<'_>,
    texts: &NoticeTexts,
    replaces: Option<u32>,
) -> Option<u32> {
    let abilities = match daemon.get_capabilities().await {
        Ok(list) => Abilities::of(&list),
        Err(why) => {
            tracing::debug!(%why, "the desktop shows no notifications");
            return None;
        }
    };
    let (body, buttons) = (body(texts, abilities), buttons(texts, abilities));
    let notified = daemon.notify(
        &texts.application,
        replaces.unwrap_or_default(),
        "latchkey",
        &texts.summary,
        &body,
        &buttons,
        hints(),
        NEVER,
    );
    let id = notified.await.inspect_err(|why| tracing::debug!(%why, "there is no notification"));
    tracing::debug!(?id, "a notification is shown");
    id.ok()
}

async fn close(daemon: &NotificationsProxy<'_>, id: u32) {
    if let Err(why) = daemon.close_notification(id).await {
        tracing::debug!(%why, "the notification is closed already");
    }
}

impl Abilities {
    fn of(list: &[String]) -> Self {
        let can = |name| list.iter().any(|one| one == name);
        Self { actions: can("actions"), markup: can("body-markup") }
    }
}

/// The body, with a user's name escaped where the daemon interprets markup.
fn body(texts: &NoticeTexts, abilities: Abilities) -> String {
    if abilities.markup {
        texts.body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        texts.body.clone()
    }
}

/// The actions: the key and the label of each.
fn buttons(texts: &NoticeTexts, abilities: Abilities) -> Vec<&str> {
    if !abilities.actions {
        return Vec::new();
    }
    let mut buttons = vec![DEFAULT, texts.open.as_str()];
    buttons.extend(texts.sign_in.as_deref().into_iter().flat_map(|label| [SIGN_IN, label]));
    buttons
}

fn hints() -> HashMap<&'static str, Value<'static>> {
    let image = tray::pixels(TrayIcon::Attention);
    let side = |side: u32| i32::try_from(side).unwrap_or_default();
    let (width, height) = (side(image.width()), side(image.height()));
    let picture = (width, height, width * 4, true, 8, 4, image.rgba().to_vec());
    HashMap::from([
        ("desktop-entry", Value::from("latchkey")),
        ("urgency", Value::from(1_u8)),
        ("image-data", Value::from(zbus::zvariant::Structure::from(picture))),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(name: &str) -> NoticeTexts {
        NoticeTexts {
            application: "Tool".to_owned(),
            summary: "Ends".to_owned(),
            body: format!("Stay signed in as {name}."),
            sign_in: Some("Stay signed in".to_owned()),
            open: "Open".to_owned(),
        }
    }

    #[test]
    fn notification_body_escapes_a_name_where_markup_is_read() {
        let name = "<b>Ada</b> & Co";
        let markup = Abilities { markup: true, ..Abilities::default() };
        let escaped = "Stay signed in as &lt;b&gt;Ada&lt;/b&gt; &amp; Co.";
        assert_eq!(body(&texts(name), markup), escaped);
        assert_eq!(body(&texts(name), Abilities::default()), "Stay signed in as <b>Ada</b> & Co.");
    }

    #[test]
    fn notification_has_actions_only_where_the_daemon_has_them() {
        let list = ["body".to_owned(), "actions".to_owned()];
        let abilities = Abilities::of(&list);
        assert_eq!(abilities, Abilities { actions: true, markup: false });
        let texts = texts("Ada");
        let expected = ["default", "Open", "sign-in", "Stay signed in"];
        assert_eq!(buttons(&texts, abilities), expected);
        assert!(buttons(&texts, Abilities::default()).is_empty());
    }

    #[test]
    fn notification_click_shows_the_window_or_begins_the_sign_in() {
        assert_eq!(action("sign-in", None), Action::SignInFromNotice);
        let token = Some("token".to_owned());
        assert_eq!(action("default", token.clone()), Action::Open { token });
    }
}
