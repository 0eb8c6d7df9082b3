//! Calls to the desktop over D-Bus before there is a window, with a timeout.
//!
//! GTK and WebKit call the accessibility bus, and Tauri's window calls the portal, with a timeout of half a minute
//! each. The portal also examines the calling process, and rejects a hardened one; so it is called before the
//! hardening, and afterwards only its signals are received.

use std::{
    ffi::OsString,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use gtk::{
    gio,
    glib::{self, ToVariant, Variant, VariantTy},
    prelude::{DisplayExtManual, GtkSettingsExt},
};

use crate::preferences::Theme;

/// The timeout of all calls. A desktop that is starting responds to the slower one after half a second; including the
/// window's own start, an unresponsive one delays it by less than two seconds.
const BUS_TIMEOUT: Duration = Duration::from_millis(1000);

/// How long the end of another process is awaited.
const END_TIMEOUT: Duration = Duration::from_millis(1500);

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PORTAL_PATH: &str = "/org/freedesktop/portal/desktop";
const PORTAL_SETTINGS: &str = "org.freedesktop.portal.Settings";
const APPEARANCE: &str = "org.freedesktop.appearance";
const COLOUR_SCHEME: &str = "color-scheme";

const BUS_ADDRESS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// A bus address without a listener, to which connecting fails at once.
const NOWHERE: &str = "unix:path=/nonexistent";

/// Whether the window's position on the screen can be read and set, which a Wayland compositor does not permit. For
/// the main thread.
pub fn has_window_positions() -> bool {
    gtk::gdk::Display::default().is_some_and(|display| !display.backend().is_wayland())
}

/// The desktop's responses.
#[derive(Debug)]
pub struct Desktop {
    colours: Option<Colours>,
    /// The connection that receives the portal's signals.
    bus: Option<gio::DBusConnection>,
    portal_hangs: bool,
    /// Whether the session bus itself does not respond.
    bus_hangs: bool,
}

/// The user's preferred colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    Dark,
    /// Light, or no preference.
    Others,
}

impl Desktop {
    /// Calls the desktop. To be called before the process is hardened, and before GTK is initialized.
    pub fn query() -> Self {
        let deadline = Instant::now() + BUS_TIMEOUT;
        let (connect, connected) = channel();
        let colours = on_thread(move || {
            let bus = bus();
            let _ = connect.send(());
            bus.map(|bus| (colours(&bus), bus))
        });
        let accessibility = on_thread(|| accessibility_responds(&bus()?));
        let response = until(deadline, &colours);
        let portal_hangs = response.is_none();
        let bus_hangs = portal_hangs && connected.try_recv().is_err();
        let (colours, bus) = response.flatten().unzip();
        if until(deadline, &accessibility).is_none() {
            tracing::warn!(
                "the accessibility bus does not respond, so assistive technology is not served"
            );
            let set = |name, value| glib::setenv(name, value, true);
            if let Err(why) = set("NO_AT_BRIDGE", "1").and(set("AT_SPI_BUS_ADDRESS", NOWHERE)) {
                tracing::debug!(%why, "the window may be late");
            }
        }
        Self { colours: colours.flatten(), bus, portal_hangs, bus_hangs }
    }

    /// Whether [`Self::has_another`] can query the session bus.
    pub fn has_bus(&self) -> bool {
        self.bus.is_some()
    }

    /// Whether another process owns the name that GTK requests on the session bus: the application runs, and
    /// [`claim`](tauri_plugin_scalekit::claim) has not found it. Waits for one that is ending.
    pub fn has_another(&self, name: &str) -> bool {
        let Some(bus) = &self.bus else { return false };
        let deadline = Instant::now() + END_TIMEOUT;
        loop {
            let arguments = (name,).to_variant();
            let daemon = "org.freedesktop.DBus";
            let response = call(
                bus,
                (daemon, "/org/freedesktop/DBus", daemon, "NameHasOwner"),
                Some(&arguments),
            );
            let is_owned = response.and_then(|response| response.get::<(bool,)>()) == Some((true,));
            if !is_owned {
                return false;
            }
            if Instant::now() > deadline {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Prepares GTK's start, which calls the portal about inhibiting the session's end and waits for one that hangs.
    /// Without a session bus it makes no call.
    #[must_use]
    pub fn while_gtk_starts(&self) -> Hidden {
        let address = std::env::var_os(BUS_ADDRESS);
        if self.portal_hangs {
            tracing::warn!("the desktop's portal does not respond");
            let _ = glib::setenv(BUS_ADDRESS, NOWHERE, true);
        }
        Hidden { address, is_hidden: self.portal_hangs, bus_hangs: self.bus_hangs }
    }

    /// Applies the desktop's colour scheme to the window, and follows its changes, unless the user chooses another
    /// one for this application. For the main thread, after GTK's initialization.
    pub fn follow_colours(&self) -> ColourScheme {
        let usual =
            || gtk::Settings::default().is_some_and(|it| it.is_gtk_application_prefer_dark_theme());
        let usual = || if usual() { Colours::Dark } else { Colours::Others };
        let scheme = ColourScheme::new(self.colours.unwrap_or_else(usual));
        apply(scheme.shown());
        let Some(bus) = &self.bus else { return scheme };
        let followed = scheme.clone();
        bus.signal_subscribe(
            Some(PORTAL),
            Some(PORTAL_SETTINGS),
            Some("SettingChanged"),
            Some(PORTAL_PATH),
            Some(APPEARANCE),
            gio::DBusSignalFlags::NONE,
            move |_, _, _, _, _, changed| {
                if changed.n_children() == 3
                    && changed.child_value(1).str() == Some(COLOUR_SCHEME)
                    && let Some(colours) = Colours::of(changed.child_value(2))
                {
                    apply(followed.desktop_changed(colours));
                }
            },
        );
        scheme
    }
}

/// The colour scheme of the window: the user's choice for this application, otherwise the desktop's.
#[derive(Debug, Clone)]
pub struct ColourScheme(Arc<Mutex<Choice>>);

#[derive(Debug, Clone, Copy)]
struct Choice {
    desktop: Colours,
    chosen: Option<Colours>,
}

impl ColourScheme {
    fn new(desktop: Colours) -> Self {
        Self(Arc::new(Mutex::new(Choice { desktop, chosen: None })))
    }

    /// Whether the window is dark in this theme.
    pub fn is_dark(&self, theme: Theme) -> bool {
        match theme {
            Theme::System => self.shown() == Colours::Dark,
            Theme::Light => false,
            Theme::Dark => true,
        }
    }

    /// Applies this theme to the window. For the main thread.
    pub fn choose(&self, theme: Theme) {
        let Some(colours) = self.chosen(theme) else { return };
        apply(colours);
        let Some(settings) = gtk::Settings::default() else { return };
        match (theme, settings.gtk_theme_name()) {
            // WebKit also derives a dark page from the theme's name.
            (Theme::Light, Some(name)) => settings.set_gtk_theme_name(Some(light_name(&name))),
            (Theme::Light, None) | (Theme::System | Theme::Dark, _) => {
                settings.reset_property("gtk-theme-name");
            }
        }
    }

    /// The colour scheme to apply, unless the choice is unchanged: applying it makes GTK and WebKit redraw everything.
    fn chosen(&self, theme: Theme) -> Option<Colours> {
        let chosen = match theme {
            Theme::System => None,
            Theme::Light => Some(Colours::Others),
            Theme::Dark => Some(Colours::Dark),
        };
        let mut is_same = false;
        let colours = self.change(|choice| {
            is_same = choice.chosen == chosen;
            choice.chosen = chosen;
        });
        (!is_same).then_some(colours)
    }

    fn desktop_changed(&self, colours: Colours) -> Colours {
        self.change(|choice| choice.desktop = colours)
    }

    fn shown(&self) -> Colours {
        self.change(|_| ())
    }

    fn change(&self, change: impl FnOnce(&mut Choice)) -> Colours {
        let mut choice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut choice);
        choice.chosen.unwrap_or(choice.desktop)
    }
}

/// The session bus's address, removed from the environment.
#[derive(Debug)]
pub struct Hidden {
    address: Option<OsString>,
    is_hidden: bool,
    bus_hangs: bool,
}

impl Hidden {
    /// To be called when GTK has started. Restores the address, except where the bus itself hangs: the webview
    /// connects to it without a timeout, so the window has to exist first.
    #[must_use]
    pub fn gtk_started(self) -> Self {
        if self.bus_hangs {
            return self;
        }
        let rest = Self { address: None, is_hidden: false, bus_hangs: false };
        self.show();
        rest
    }

    /// To be called when the window exists. Restores the address.
    pub fn show(self) {
        if !self.is_hidden {
            return;
        }
        match self.address {
            Some(address) => drop(glib::setenv(BUS_ADDRESS, address, true)),
            None => glib::unsetenv(BUS_ADDRESS),
        }
    }
}

impl Colours {
    /// The value `1` means dark; it may be wrapped in several variants.
    fn of(setting: Variant) -> Option<Self> {
        let mut setting = setting;
        while setting.type_() == VariantTy::VARIANT {
            setting = setting.child_value(0);
        }
        setting.get::<u32>().map(|scheme| if scheme == 1 { Self::Dark } else { Self::Others })
    }
}

fn apply(colours: Colours) {
    tracing::debug!(?colours, "the window's colours");
    if let Some(settings) = gtk::Settings::default() {
        settings.set_gtk_application_prefer_dark_theme(colours == Colours::Dark);
    }
}

/// The light variant of a GTK theme.
fn light_name(name: &str) -> &str {
    ["-dark", "-Dark", ":dark"].iter().find_map(|dark| name.strip_suffix(dark)).unwrap_or(name)
}

/// A connection of this process to the session bus; GTK's own exists only after its initialization.
fn bus() -> Option<gio::DBusConnection> {
    let nobody = gio::Cancellable::NONE;
    let address = gio::dbus_address_get_for_bus_sync(gio::BusType::Session, nobody).ok()?;
    let flags = gio::DBusConnectionFlags::AUTHENTICATION_CLIENT
        | gio::DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
    gio::DBusConnection::for_address_sync(&address, flags, None, nobody).ok()
}

fn colours(bus: &gio::DBusConnection) -> Option<Colours> {
    let setting = (APPEARANCE, COLOUR_SCHEME).to_variant();
    let response = call(bus, (PORTAL, PORTAL_PATH, PORTAL_SETTINGS, "Read"), Some(&setting))?;
    (response.n_children() == 1).then(|| Colours::of(response.child_value(0))).flatten()
}

/// Calls the accessibility bus. An error is a response too; only its absence makes a difference.
fn accessibility_responds(bus: &gio::DBusConnection) -> Option<()> {
    call(bus, ("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"), None).map(|_| ())
}

fn call(
    bus: &gio::DBusConnection,
    (name, path, interface, method): (&str, &str, &str, &str),
    arguments: Option<&Variant>,
) -> Option<Variant> {
    let timeout = i32::try_from(2 * BUS_TIMEOUT.as_millis()).unwrap_or(i32::MAX);
    let response = bus.call_sync(
        Some(name),
        path,
        interface,
        method,
        arguments,
        None::<&VariantTy>,
        gio::DBusCallFlags::NONE,
        timeout,
        gio::Cancellable::NONE,
    );
    response.inspect_err(|why| tracing::debug!(name, %why, "a call to the desktop failed")).ok()
}

/// Calls on a thread of its own, which may block without end.
fn on_thread<T: Send + 'static>(
    query: impl FnOnce() -> Option<T> + Send + 'static,
) -> Receiver<Option<T>> {
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(query()));
    receiver
}

/// The response, if it arrives before the deadline.
fn until<T>(deadline: Instant, response: &Receiver<T>) -> Option<T> {
    response.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portal_color_scheme_is_read_from_nested_variants() {
        let dark = 1_u32.to_variant();
        let in_two = dark.to_variant().to_variant();
        assert_eq!(Colours::of(dark), Some(Colours::Dark));
        assert_eq!(Colours::of(in_two), Some(Colours::Dark));
        assert_eq!(Colours::of(2_u32.to_variant()), Some(Colours::Others));
        assert_eq!(Colours::of(0_u32.to_variant()), Some(Colours::Others));
        assert_eq!(Colours::of("dark".to_variant()), None);
    }

    #[test]
    fn chosen_theme_precedes_the_desktop_color_scheme() {
        let scheme = ColourScheme::new(Colours::Dark);
        assert_eq!(scheme.shown(), Colours::Dark);
        assert_eq!(scheme.chosen(Theme::System), None);
        assert_eq!(scheme.chosen(Theme::Light), Some(Colours::Others));
        assert_eq!(scheme.chosen(Theme::Light), None);
        assert_eq!(scheme.desktop_changed(Colours::Others), Colours::Others);
        assert_eq!(scheme.chosen(Theme::Dark), Some(Colours::Dark));
        assert_eq!(scheme.desktop_changed(Colours::Others), Colours::Dark);
        assert_eq!(scheme.chosen(Theme::System), Some(Colours::Others));
        assert!(scheme.is_dark(Theme::Dark) && !scheme.is_dark(Theme::System));
        assert_eq!(scheme.desktop_changed(Colours::Dark), Colours::Dark);
    }

    #[test]
    fn gtk_theme_name_loses_its_dark_suffix() {
        for name in ["Adwaita", "Adwaita-dark", "Adwaita:dark", "Adwaita-Dark"] {
            assert_eq!(light_name(name), "Adwaita");
        }
        assert_eq!(light_name("Darkness"), "Darkness");
    }

    #[test]
    fn portal_query_without_reply_is_abandoned_at_the_deadline() {
        let (hold, held) = channel::<()>();
        let response = on_thread(move || held.recv().ok());
        assert_eq!(until(Instant::now(), &response), None);
        drop(hold);
        assert_eq!(until(Instant::now() + BUS_TIMEOUT, &response), Some(None));
    }
}
