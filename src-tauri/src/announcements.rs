//! What a screen reader is to speak without the focus being moved there.
//!
//! WebKitGTK tells AT-SPI nothing of a live region (`aria-live`, role `alert`), so Orca speaks only of where the focus
//! goes. A notification that begins to show is spoken by every version of it: one is kept in the window, where nothing
//! of it is seen.

use gtk::{
    atk,
    glib::translate::IntoGlib,
    prelude::{AtkObjectExt, BoxExt, ContainerExt, WidgetExt},
};
use tauri::{Runtime, WebviewWindow};

/// By this name the widgets are found again.
const WIDGET: &str = "announcement";

/// A screen reader asks for the text when it has time: so many may wait to be spoken.
const MAX_WIDGETS: usize = 8;

/// Has the text spoken.
///
/// # Errors
/// When the window is gone.
pub fn announce<R: Runtime>(window: &WebviewWindow<R>, text: String) -> tauri::Result<()> {
    let of = window.clone();
    window.run_on_main_thread(move || {
        let Ok(content) = of.default_vbox() else { return };
        forget_oldest(&content);
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

fn forget_oldest(content: &gtk::Box) {
    let all = content.children().into_iter().filter(|child| child.widget_name() == WIDGET);
    let all: Vec<_> = all.collect();
    for old in all.iter().take((all.len() + 1).saturating_sub(MAX_WIDGETS)) {
        content.remove(old);
    }
}
