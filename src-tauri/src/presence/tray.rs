//! The tray icon of Linux desktops: a `StatusNotifierItem` with a menu (`com.canonical.dbusmenu`), over the session
//! bus. A `StatusNotifierWatcher` has to accept it; the bus reports when a watcher appears or disappears.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::StreamExt;
use tokio::sync::{mpsc::UnboundedSender, watch};
use zbus::{
    Connection, fdo, interface,
    object_server::SignalEmitter,
    proxy,
    zvariant::{ObjectPath, OwnedValue, Structure, Value},
};

use crate::presence::{
    content::{Action, TrayIcon},
    tray_texts::MenuTexts,
};

const ITEM_PATH: &str = "/StatusNotifierItem";
const MENU_PATH: &str = "/MenuBar";
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// The menu itself; its items follow.
const ROOT: i32 = 0;
const STATE: i32 = 1;
const OPEN: i32 = 3;
const SIGN_IN: i32 = 4;
const SIGN_OUT: i32 = 5;
const QUIT: i32 = 7;
const SEPARATORS: [i32; 2] = [2, 6];

/// An image in the protocol's format: width, height, and ARGB in network byte order.
type Pixmap = (i32, i32, Vec<u8>);

/// The properties of an item of the menu.
type Properties = HashMap<String, OwnedValue>;

/// An item of the menu with its properties, and the items below it.
type Layout = (i32, Properties, Vec<OwnedValue>);

/// The content of the tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The icon.
    pub icon: TrayIcon,
    /// The labels.
    pub menu: MenuTexts,
    /// Whether the language is written from right to left.
    pub is_rtl: bool,
}

/// The state that is published on the bus, and the receiver of the user's actions.
struct Tray {
    shown: Mutex<Shown>,
    /// Incremented with each change of the menu.
    revision: Mutex<u32>,
    /// The activation token of a click, for the focus on Wayland.
    token: Mutex<Option<String>>,
    actions: UnboundedSender<Action>,
}

struct Item(Arc<Tray>);

struct Menu(Arc<Tray>);

#[proxy(
    interface = "org.kde.StatusNotifierWatcher",
    default_service = "org.kde.StatusNotifierWatcher",
    default_path = "/StatusNotifierWatcher",
    gen_blocking = false
)]
trait Watcher {
    fn register_status_notifier_item(&self, service: &str) -> zbus::Result<()>;

    #[zbus(property(emits_changed_signal = "false"))]
    fn is_status_notifier_host_registered(&self) -> zbus::Result<bool>;

    #[zbus(signal)]
    fn status_notifier_host_registered(&self) -> zbus::Result<()>;
}

/// Registers the tray icon with every watcher until the bus is lost, and reports whether a tray shows it.
///
/// # Errors
/// When the bus is lost, or does not permit the subscription.
pub async fn serve(
    bus: &Connection,
    mut shown: watch::Receiver<Shown>,
    actions: UnboundedSender<Action>,
    is_there: &watch::Sender<Option<bool>>,
) -> zbus::Result<()> {
    let tray = Arc::new(Tray {
        shown: Mutex::new(shown.borrow_and_update().clone()),
        revision: Mutex::new(1),
        token: Mutex::default(),
        actions,
    });
    let objects = bus.object_server();
    objects.at(MENU_PATH, Menu(Arc::clone(&tray))).await?;
    objects.at(ITEM_PATH, Item(Arc::clone(&tray))).await?;
    let daemon = fdo::DBusProxy::new(bus).await?;
    let watcher = WatcherProxy::new(bus).await?;
    let mut owners = daemon.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    let mut hosts = watcher.receive_status_notifier_host_registered().await?;
    is_there.send_replace(Some(register(&watcher).await));
    loop {
        tokio::select! {
            changed = owners.next() => {
                let Some(changed) = changed else { return Ok(()) };
                let is_owned = changed.args().is_ok_and(|args| args.new_owner().is_some());
                is_there.send_replace(Some(is_owned && register(&watcher).await));
            }
            Some(_) = hosts.next() => {
                is_there.send_replace(Some(true));
            }
            changed = shown.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let next = shown.borrow_and_update().clone();
                update(bus, &tray, next).await?;
            }
        }
    }
}

/// Whether the watcher has accepted the item, and a host shows it.
async fn register(watcher: &WatcherProxy<'_>) -> bool {
    if let Err(why) = watcher.register_status_notifier_item(ITEM_PATH).await {
        tracing::debug!(%why, "there is no tray");
        return false;
    }
    let has_host = watcher.is_status_notifier_host_registered().await.unwrap_or(true);
    tracing::debug!(has_host, "the tray is registered");
    has_host
}

async fn update(bus: &Connection, tray: &Arc<Tray>, next: Shown) -> zbus::Result<()> {
    let before = std::mem::replace(&mut *locked(&tray.shown), next.clone());
    let item = SignalEmitter::new(bus, ITEM_PATH)?;
    if before.icon != next.icon {
        Item::new_icon(&item).await?;
        Item::new_attention_icon(&item).await?;
        Item::new_status(&item, status(next.icon)).await?;
    }
    if before.menu == next.menu && before.is_rtl == next.is_rtl {
        return Ok(());
    }
    Item::new_title(&item).await?;
    Item::new_tool_tip(&item).await?;
    let revision = {
        let mut revision = locked(&tray.revision);
        *revision = revision.wrapping_add(1);
        *revision
    };
    let menu = SignalEmitter::new(bus, MENU_PATH)?;
    Menu::items_properties_updated(&menu, items(&next), Vec::new()).await?;
    Menu::layout_updated(&menu, revision, ROOT).await
}

#[interface(name = "org.kde.StatusNotifierItem")]
impl Item {
    fn activate(&self, _x: i32, _y: i32) {
        self.0.act(OPEN);
    }

    fn secondary_activate(&self, _x: i32, _y: i32) {
        self.0.act(OPEN);
    }

    /// The desktop shows the menu itself.
    fn context_menu(&self, _x: i32, _y: i32) -> fdo::Result<()> {
        Err(fdo::Error::UnknownMethod("the menu is on the bus".to_owned()))
    }

    fn scroll(&self, _delta: i32, _orientation: &str) {}

    /// Called before the click that the token is for.
    fn provide_xdg_activation_token(&self, token: String) {
        *locked(&self.0.token) = Some(token);
    }

    #[zbus(property)]
    fn category(&self) -> &'static str {
        "ApplicationStatus"
    }

    #[zbus(property)]
    fn id(&self) -> &'static str {
        "latchkey"
    }

    #[zbus(property)]
    fn title(&self) -> String {
        self.0.title()
    }

    #[zbus(property)]
    fn status(&self) -> &'static str {
        status(locked(&self.0.shown).icon)
    }

    #[zbus(property)]
    fn window_id(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn item_is_menu(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn menu(&self) -> ObjectPath<'static> {
        ObjectPath::from_static_str_unchecked(MENU_PATH)
    }

    #[zbus(property)]
    fn icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn icon_pixmap(&self) -> Vec<Pixmap> {
        vec![pixmap(locked(&self.0.shown).icon)]
    }

    #[zbus(property)]
    fn overlay_icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn overlay_icon_pixmap(&self) -> Vec<Pixmap> {
        Vec::new()
    }

    #[zbus(property)]
    fn attention_icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn attention_icon_pixmap(&self) -> Vec<Pixmap> {
        vec![pixmap(TrayIcon::Attention)]
    }

    #[zbus(property)]
    fn attention_movie_name(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn tool_tip(&self) -> (String, Vec<Pixmap>, String, String) {
        let menu = &locked(&self.0.shown).menu;
        (String::new(), Vec::new(), menu.application.clone(), menu.state.clone())
    }

    #[zbus(signal)]
    async fn new_title(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn new_icon(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn new_attention_icon(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn new_tool_tip(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn new_status(emitter: &SignalEmitter<'_>, status: &str) -> zbus::Result<()>;
}

#[interface(name = "com.canonical.dbusmenu")]
impl Menu {
    /// The menu has no submenus, so the depth is ignored; the properties are few, so all are returned.
    fn get_layout(
        &self,
        parent: i32,
        _depth: i32,
        _names: Vec<String>,
    ) -> fdo::Result<(u32, Layout)> {
        let revision = *locked(&self.0.revision);
        let shown = locked(&self.0.shown).clone();
        if parent != ROOT {
            let properties = property_of(&shown, parent)?;
            return Ok((revision, (parent, properties, Vec::new())));
        }
        let children = items(&shown).into_iter().map(|(id, properties)| {
            let no_children: Vec<Value<'_>> = Vec::new();
            let item = Value::from(Structure::from((id, properties, no_children)));
            OwnedValue::try_from(item).map_err(unusable)
        });
        let root = properties([("children-display", Value::from("submenu"))]);
        Ok((revision, (ROOT, root, children.collect::<fdo::Result<_>>()?)))
    }

    fn get_group_properties(&self, ids: Vec<i32>, _names: Vec<String>) -> Vec<(i32, Properties)> {
        let mut items = items(&locked(&self.0.shown));
        items.retain(|(id, _)| ids.is_empty() || ids.contains(id));
        items
    }

    fn get_property(&self, id: i32, name: &str) -> fdo::Result<OwnedValue> {
        let mut properties = property_of(&locked(&self.0.shown), id)?;
        let missing = || fdo::Error::InvalidArgs("there is no such property".to_owned());
        properties.remove(name).ok_or_else(missing)
    }

    fn event(&self, id: i32, event: &str, _data: Value<'_>, _timestamp: u32) {
        if event == "clicked" {
            self.0.act(id);
        }
    }

    fn event_group(&self, events: Vec<(i32, String, OwnedValue, u32)>) -> Vec<i32> {
        for (id, event, _, _) in events {
            if event == "clicked" {
                self.0.act(id);
            }
        }
        Vec::new()
    }

    fn about_to_show(&self, _id: i32) -> bool {
        false
    }

    fn about_to_show_group(&self, _ids: Vec<i32>) -> (Vec<i32>, Vec<i32>) {
        (Vec::new(), Vec::new())
    }

    #[zbus(property)]
    fn version(&self) -> u32 {
        3
    }

    #[zbus(property)]
    fn status(&self) -> &'static str {
        "normal"
    }

    #[zbus(property)]
    fn text_direction(&self) -> &'static str {
        if locked(&self.0.shown).is_rtl { "rtl" } else { "ltr" }
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(signal)]
    async fn layout_updated(
        emitter: &SignalEmitter<'_>,
        revision: u32,
        parent: i32,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn items_properties_updated(
        emitter: &SignalEmitter<'_>,
        updated: Vec<(i32, Properties)>,
        removed: Vec<(i32, Vec<String>)>,
    ) -> zbus::Result<()>;
}

impl Tray {
    /// Performs an item's action, if the current menu has it: a menu that is open can be outdated.
    fn act(&self, id: i32) {
        let token = locked(&self.token).take();
        let action = {
            let shown = locked(&self.shown);
            match id {
                OPEN => Action::Open { token },
                SIGN_IN if shown.menu.sign_in.is_some() => Action::SignIn,
                SIGN_OUT if shown.menu.sign_out.is_some() => Action::SignOut,
                QUIT => Action::Quit,
                _ => return,
            }
        };
        let _ = self.actions.send(action);
    }

    fn title(&self) -> String {
        let menu = &locked(&self.shown).menu;
        format!("{}: {}", menu.application, menu.state)
    }
}

/// The items of the menu, in order.
fn items(shown: &Shown) -> Vec<(i32, Properties)> {
    let menu = &shown.menu;
    let label = |text: &str| ("label", Value::from(without_mnemonic(text)));
    let item = |id, text: &str| (id, properties([label(text)]));
    let separator = |id| (id, properties([("type", Value::from("separator"))]));
    let [first, second] = SEPARATORS;
    let state = properties([label(&menu.state), ("enabled", Value::from(false))]);
    let mut items = vec![(STATE, state), separator(first), item(OPEN, &menu.open)];
    items.extend(menu.sign_in.as_ref().map(|text| item(SIGN_IN, text)));
    items.extend(menu.sign_out.as_ref().map(|text| item(SIGN_OUT, text)));
    items.extend([separator(second), item(QUIT, &menu.quit)]);
    items
}

fn property_of(shown: &Shown, id: i32) -> fdo::Result<Properties> {
    let found = items(shown).into_iter().find(|(item, _)| *item == id);
    found.map(|(_, properties)| properties).ok_or_else(|| unusable("there is no such item"))
}

/// Text and booleans contain no file descriptor, for which alone the conversion fails.
fn properties<const N: usize>(list: [(&str, Value<'_>); N]) -> Properties {
    let owned = |(name, value): (&str, Value<'_>)| Some((name.to_owned(), value.try_into().ok()?));
    list.into_iter().filter_map(owned).collect()
}

/// Doubles underscores, which mark the letter of a shortcut; names contain no shortcut.
fn without_mnemonic(text: &str) -> String {
    text.replace('_', "__")
}

fn status(icon: TrayIcon) -> &'static str {
    if icon == TrayIcon::Attention { "NeedsAttention" } else { "Active" }
}

fn unusable(why: impl std::fmt::Display) -> fdo::Error {
    fdo::Error::InvalidArgs(why.to_string())
}

/// The icon's pixels: width, height and RGBA.
pub fn pixels(icon: TrayIcon) -> tauri::image::Image<'static> {
    match icon {
        TrayIcon::SignedIn => tauri::include_image!("src-tauri/icons/tray/signed-in.png"),
        TrayIcon::SignedOut => tauri::include_image!("src-tauri/icons/tray/signed-out.png"),
        TrayIcon::Working => tauri::include_image!("src-tauri/icons/tray/working.png"),
        TrayIcon::Attention => tauri::include_image!("src-tauri/icons/tray/attention.png"),
    }
}

fn pixmap(icon: TrayIcon) -> Pixmap {
    let image = pixels(icon);
    let mut argb = image.rgba().to_vec();
    for pixel in argb.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    let side = |side: u32| i32::try_from(side).unwrap_or_default();
    (side(image.width()), side(image.height()), argb)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tray(sign_in: Option<&str>) -> (Tray, tokio::sync::mpsc::UnboundedReceiver<Action>) {
        let (actions, done) = tokio::sync::mpsc::unbounded_channel();
        let shown = Shown {
            icon: TrayIcon::SignedIn,
            menu: MenuTexts {
                application: "Tool".to_owned(),
                state: "Signed in as a_b".to_owned(),
                open: "Open".to_owned(),
                sign_in: sign_in.map(str::to_owned),
                sign_out: None,
                quit: "Quit".to_owned(),
            },
            is_rtl: false,
        };
        let (shown, revision) = (Mutex::new(shown), Mutex::new(1));
        (Tray { shown, revision, token: Mutex::default(), actions }, done)
    }

    #[test]
    fn tray_menu_item_that_is_not_shown_does_nothing() {
        let (hidden, mut done) = tray(None);
        for id in [SIGN_IN, SIGN_OUT, STATE, SEPARATORS[0], ROOT, 99, -1] {
            hidden.act(id);
        }
        assert!(done.try_recv().is_err());
        let (shown, mut done) = tray(Some("Sign in"));
        shown.act(SIGN_IN);
        assert_eq!(done.try_recv().unwrap(), Action::SignIn);
    }

    #[test]
    fn tray_activation_token_is_used_for_one_click() {
        let (tray, mut done) = tray(None);
        let item = Item(Arc::new(tray));
        item.provide_xdg_activation_token("token-1".to_owned());
        item.activate(0, 0);
        item.activate(0, 0);
        let first = Action::Open { token: Some("token-1".to_owned()) };
        assert_eq!(done.try_recv().unwrap(), first);
        assert_eq!(done.try_recv().unwrap(), Action::Open { token: None });
    }

    #[test]
    fn tray_menu_label_shows_underscores_of_a_name() {
        let (tray, _done) = tray(None);
        let items = items(&locked(&tray.shown));
        let label: &str = items[0].1["label"].downcast_ref().unwrap();
        assert_eq!(label, "Signed in as a__b");
    }

    #[test]
    fn tray_icons_are_argb_squares_of_different_shapes() {
        let icons =
            [TrayIcon::SignedIn, TrayIcon::SignedOut, TrayIcon::Working, TrayIcon::Attention];
        let mut greys = Vec::new();
        for icon in icons {
            let (width, height, argb) = pixmap(icon);
            assert_eq!((width, height, argb.len()), (48, 48, 48 * 48 * 4));
            assert_eq!(argb[0], 0, "the corner is transparent");
            // The middle of the upper edge is opaque in each.
            assert_eq!(argb[(6 * 48 + 24) * 4], 255);
            greys.push(argb.chunks(4).map(|pixel| pixel[1] / 2 + pixel[2] / 2).collect::<Vec<_>>());
        }
        for (index, one) in greys.iter().enumerate() {
            for other in &greys[index + 1..] {
                let differing = one.iter().zip(other).filter(|(a, b)| a.abs_diff(**b) > 64).count();
                assert!(differing > 100, "{differing} pixels differ in lightness");
            }
        }
    }
}
