//! Uses the desktop's activation token, which permits to take the focus.
//!
//! On X11 the window manager compares the time of the click in the token. On Wayland the compositor needs the token
//! itself, and GDK takes it only from the platform data of a call to a `GApplication`, such as the activation of an
//! action over the session bus. So the application calls itself over the bus.

use std::collections::HashMap;

use gtk::{
    gio,
    glib::{ToVariant, Variant},
    prelude::{ActionMapExt, ApplicationExt, Cast, DisplayExtManual, GtkWindowExt, IsA, WidgetExt},
};

/// The action that shows the window for which it was added.
const ACTION: &str = "show-window";

/// The D-Bus interface on which a `GApplication` receives it.
const ACTIONS: &str = "org.gtk.Actions";

/// Passes the token to the window system. Returns whether the window is presented with it, so that no second request
/// is made: on Wayland one without the token would only demand attention. For the main thread.
pub(crate) fn asks_with_token(window: &impl IsA<gtk::Window>, token: &str) -> bool {
    tracing::debug!("the window uses the desktop's activation token");
    let window = window.upcast_ref::<gtk::Window>();
    if window.display().backend().is_wayland() {
        return present_on_wayland(window, token).is_some();
    }
    window.set_startup_id(token);
    false
}

fn present_on_wayland(window: &gtk::Window, token: &str) -> Option<()> {
    let application = gio::Application::default()?;
    let (bus, path) = (application.dbus_connection()?, application.dbus_object_path()?);
    let action = gio::SimpleAction::new(ACTION, None);
    let shown = window.clone();
    action.connect_activate(move |_, _| shown.present());
    application.add_action(&action);
    bus.call(
        bus.unique_name().as_deref(),
        &path,
        ACTIONS,
        "Activate",
        Some(&activation(token)),
        None,
        gio::DBusCallFlags::NONE,
        -1,
        gio::Cancellable::NONE,
        |outcome| {
            if let Err(why) = outcome {
                tracing::debug!(%why, "the activation token could not be used");
            }
        },
    );
    Some(())
}

/// The parameters of the call: the action without a parameter, and the token under both of its names.
fn activation(token: &str) -> Variant {
    let parameters: Vec<Variant> = Vec::new();
    let platform_data: HashMap<&str, Variant> =
        ["activation-token", "desktop-startup-id"].map(|name| (name, token.to_variant())).into();
    (ACTION, parameters, platform_data).to_variant()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activation_token_is_in_the_platform_data_of_the_action() {
        let activation = activation("token-1");
        assert_eq!(activation.type_().as_str(), "(sava{sv})");
        let platform_data = gtk::glib::VariantDict::new(Some(&activation.child_value(2)));
        for name in ["activation-token", "desktop-startup-id"] {
            assert_eq!(platform_data.lookup::<String>(name).unwrap().as_deref(), Some("token-1"));
        }
    }
}
