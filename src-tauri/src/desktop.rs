//! What is asked of the desktop before there is a window, and for how long.
//!
//! GTK and WebKit ask the accessibility bus, and Tauri's window the portal, and wait half a minute for each
//! that hangs. The portal also looks at whoever asks, and refuses a hardened process; so it is asked before
//! that, and from then on only heard.

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

/// How long all of it may take. A desktop that is just starting takes half a second for the slower one; with the
/// window's own start, one that never answers is waited for less than two seconds.
const BUS_TIMEOUT: Duration = Duration::from_millis(1000);

/// How long the end of another process is waited for.
const END_TIMEOUT: Duration = Duration::from_millis(1500);

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PORTAL_PATH: &str = "/org/freedesktop/portal/desktop";
const PORTAL_SETTINGS: &str = "org.freedesktop.portal.Settings";
const APPEARANCE: &str = "org.freedesktop.appearance";
const COLOUR_SCHEME: &str = "color-scheme";

const BUS_ADDRESS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// Where there is nobody: whoever looks for a bus here finds that out at once.
const NOWHERE: &str = "unix:path=/nonexistent";

/// Whether the window's place on the screen is known: a Wayland compositor tells and takes none. For the main
/// thread.
pub fn knows_places() -> bool {
    gtk::gdk::Display::default().is_some_and(|display| !display.backend().is_wayland())
}

/// What the desktop has said.
#[derive(Debug)]
pub struct Desktop {
    colours: Option<Colours>,
    /// Where the portal is heard.
    bus: Option<gio::DBusConnection>,
    portal_hangs: bool,
    /// Whether the session bus itself does not answer.
    bus_hangs: bool,
}

/// Which colours the user prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    Dark,
    /// Light ones, or none in particular.
    Others,
}

impl Desktop {
    /// Asks it. To be called before the program is hardened, and before GTK is there.
    pub fn ask() -> Self {
        let deadline = Instant::now() + BUS_TIMEOUT;
        let (connect, connected) = channel();
        let colours = asked(move || {
            let bus = bus();
            let _ = connect.send(());
            bus.map(|bus| (colours(&bus), bus))
        });
        let accessibility = asked(|| accessibility_answers(&bus()?));
        let said = until(deadline, &colours);
        let portal_hangs = said.is_none();
        let bus_hangs = portal_hangs && connected.try_recv().is_err();
        let (colours, bus) = said.flatten().unzip();
        if until(deadline, &accessibility).is_none() {
            tracing::warn!(
                "the accessibility bus does not answer, so assistive technology is not served"
            );
            let set = |name, value| glib::setenv(name, value, true);
            if let Err(why) = set("NO_AT_BRIDGE", "1").and(set("AT_SPI_BUS_ADDRESS", NOWHERE)) {
                tracing::debug!(%why, "the window may be late");
            }
        }
        Self { colours: colours.flatten(), bus, portal_hangs, bus_hangs }
    }

    /// Whether another process has the name that GTK takes on the session bus: the application is running, and
    /// this process has not found it. One that is just ending is waited for.
    pub fn has_another(&self, name: &str) -> bool {
        let Some(bus) = &self.bus else { return false };
        let deadline = Instant::now() + END_TIMEOUT;
        loop {
            let question = (name,).to_variant();
            let daemon = "org.freedesktop.DBus";
            let answer = call(
                bus,
                (daemon, "/org/freedesktop/DBus", daemon, "NameHasOwner"),
                Some(&question),
            );
            let is_owned = answer.and_then(|answer| answer.get::<(bool,)>()) == Some((true,));
            if !is_owned {
                return false;
            }
            if Instant::now() > deadline {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lets GTK start, which asks the portal for a way to keep the session open and waits for one that hangs.
    /// It asks nobody where it finds no session bus.
    #[must_use]
    pub fn while_gtk_starts(&self) -> Hidden {
        let address = std::env::var_os(BUS_ADDRESS);
        if self.portal_hangs {
            tracing::warn!("the desktop's portal does not answer");
            let _ = glib::setenv(BUS_ADDRESS, NOWHERE, true);
        }
        Hidden { address, is_hidden: self.portal_hangs, bus_hangs: self.bus_hangs }
    }

    /// Shows the window in the desktop's colours, and follows when they change, unless the user chooses others
    /// for this application. For the main thread, when GTK is there.
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

/// Whose colours the window is shown in: those that the user chose for this application, or else the desktop's.
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

    /// Shows the window in these colours from now on. For the main thread.
    pub fn choose(&self, theme: Theme) {
        let Some(colours) = self.chosen(theme) else { return };
        apply(colours);
        let Some(settings) = gtk::Settings::default() else { return };
        match (theme, settings.gtk_theme_name()) {
            // WebKit takes a page for dark by the name as well.
            (Theme::Light, Some(name)) => settings.set_gtk_theme_name(Some(light_name(&name))),
            (Theme::Light, None) | (Theme::System | Theme::Dark, _) => {
                settings.reset_property("gtk-theme-name");
            }
        }
    }

    /// The colours to show, unless the choice was the same before: GTK and WebKit draw everything anew for it.
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

/// The session bus, out of GTK's sight.
#[derive(Debug)]
pub struct Hidden {
    address: Option<OsString>,
    is_hidden: bool,
    bus_hangs: bool,
}

impl Hidden {
    /// GTK has started. Everything else needs the bus, but for the window where the bus itself hangs: its webview
    /// connects to it without a limit.
    #[must_use]
    pub fn gtk_started(self) -> Self {
        if self.bus_hangs {
            return self;
        }
        let rest = Self { address: None, is_hidden: false, bus_hangs: false };
        self.show();
        rest
    }

    /// The window is there.
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
    /// `1` is dark, in however many variants it comes.
    fn of(said: Variant) -> Option<Self> {
        let mut said = said;
        while said.type_() == VariantTy::VARIANT {
            said = said.child_value(0);
        }
        said.get::<u32>().map(|scheme| if scheme == 1 { Self::Dark } else { Self::Others })
    }
}

fn apply(colours: Colours) {
    tracing::debug!(?colours, "the window's colours");
    if let Some(settings) = gtk::Settings::default() {
        settings.set_gtk_application_prefer_dark_theme(colours == Colours::Dark);
    }
}

/// The light theme of GTK that belongs to this one.
fn light_name(name: &str) -> &str {
    ["-dark", "-Dark", ":dark"].iter().find_map(|dark| name.strip_suffix(dark)).unwrap_or(name)
}

/// A connection of our own to the session bus: GTK's is not there before GTK is.
fn bus() -> Option<gio::DBusConnection> {
    let nobody = gio::Cancellable::NONE;
    let address = gio::dbus_address_get_for_bus_sync(gio::BusType::Session, nobody).ok()?;
    let flags = gio::DBusConnectionFlags::AUTHENTICATION_CLIENT
        | gio::DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
    gio::DBusConnection::for_address_sync(&address, flags, None, nobody).ok()
}

fn colours(bus: &gio::DBusConnection) -> Option<Colours> {
    let setting = (APPEARANCE, COLOUR_SCHEME).to_variant();
    let answer = call(bus, (PORTAL, PORTAL_PATH, PORTAL_SETTINGS, "Read"), Some(&setting))?;
    (answer.n_children() == 1).then(|| Colours::of(answer.child_value(0))).flatten()
}

/// Whether it is there or not makes no difference here; that it says so does.
fn accessibility_answers(bus: &gio::DBusConnection) -> Option<()> {
    call(bus, ("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"), None).map(|_| ())
}

fn call(
    bus: &gio::DBusConnection,
    (name, path, interface, method): (&str, &str, &str, &str),
    arguments: Option<&Variant>,
) -> Option<Variant> {
    let timeout = i32::try_from(2 * BUS_TIMEOUT.as_millis()).unwrap_or(i32::MAX);
    let answered = bus.call_sync(
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
    answered.inspect_err(|why| tracing::debug!(name, %why, "the desktop does not say")).ok()
}

/// Asks on a thread of its own, which nobody has to wait for.
fn asked<T: Send + 'static>(
    question: impl FnOnce() -> Option<T> + Send + 'static,
) -> Receiver<Option<T>> {
    let (say, answer) = channel();
    thread::spawn(move || say.send(question()));
    answer
}

/// The answer, if it comes in time.
fn until<T>(deadline: Instant, answer: &Receiver<T>) -> Option<T> {
    answer.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
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
        let asked = asked(move || held.recv().ok());
        assert_eq!(until(Instant::now(), &asked), None);
        drop(hold);
        assert_eq!(until(Instant::now() + BUS_TIMEOUT, &asked), Some(None));
    }
}
