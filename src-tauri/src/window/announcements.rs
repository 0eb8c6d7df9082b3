//! Announcements for a screen reader, without moving the focus.
//!
//! WebKitGTK does not pass live regions (`aria-live`, role `alert`) to AT-SPI, so Orca speaks only where the focus
//! goes. Every version of Orca speaks a widget with the role Notification when it is shown: such a widget, which is
//! not visible, is added to the window.

use gtk::{
    atk,
    glib::translate::IntoGlib,
    prelude::{AtkObjectExt, BoxExt, ContainerExt, WidgetExt},
};
use tauri::{Runtime, WebviewWindow};

/// The name by which the widgets are found.
const WIDGET: &str = "announcement";

/// The limit of widgets: a screen reader may request a text later.
const MAX_WIDGETS: usize = 8;

/// Adds a text to be spoken.
///
/// # Errors
/// When the window is closed.
pub fn announce<R: Runtime>(window: &WebviewWindow<R>, text: String) -> tauri::Result<()> {
    let of = window.clone();
    window.run_on_main_thread(move || {
        let Ok(content) = of.default_vbox() else { return };
        remove_oldest(&content);
        let Some(accessible) = unseen(&content).accessible() else { return };
        accessible.set_role(atk::Role::Notification);
        accessible.set_name(&text);
        let showing = u64::try_from(atk::StateType::Showing.into_glib()).unwrap_or_default();
        accessible.notify_state_change(showing, true);
    })
}

fn unseen(content: &gtk::Box) -> gtk::Label {
    let label = gtk::Label::new(None);
    label.set_widget_name(WIDGET);
    label.set_no_show_all(true);
    content.pack_start(&label, false, false, 0);
    label
}

fn remove_oldest(content: &gtk::Box) {
    let all = content.children().into_iter().filter(|child| child.widget_name() == WIDGET);
    let all: Vec<_> = all.collect();
    for old in all.iter().take((all.len() + 1).saturating_sub(MAX_WIDGETS)) {
        content.remove(old);
    }
}
