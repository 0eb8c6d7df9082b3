//! The application's windows that may watch the session.

use std::sync::Arc;

use tauri::{AppHandle, Manager, Runtime, UserAttentionType, WebviewWindow};

#[cfg(target_os = "linux")]
use crate::activation;
use crate::state::ScalekitExt;

/// A callback of the application.
pub(crate) type Hook<R> = dyn Fn(&AppHandle<R>) + Send + Sync;

/// Shows the windows that may watch the session, as a second start of the application does: for a tray icon or a
/// notification. The desktop's activation token for the click permits them to take the focus.
pub fn bring_to_front<R: Runtime>(app: &AppHandle<R>, activation_token: Option<String>) {
    app.scalekit().set_activation_token(activation_token);
    let show: Arc<Hook<R>> = Arc::new(show::<R>);
    on_main_thread(app, &show);
}

/// Calls the hook on the main thread; the session's task must not block on the desktop.
pub(crate) fn on_main_thread<R: Runtime>(app: &AppHandle<R>, hook: &Arc<Hook<R>>) {
    let (on_it, hook) = (app.clone(), Arc::clone(hook));
    if let Err(why) = app.run_on_main_thread(move || hook(&on_it)) {
        tracing::debug!(%why, "the window could not be brought to the front");
    }
}

/// Shows the windows that may watch the session, and no tray, overlay or splash screen that the application
/// hides. The desktop may decide to demand attention for the window instead.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    let token = app.scalekit().take_activation_token();
    for window in that_may_watch(app) {
        let shown = window.unminimize().and_then(|()| window.show());
        #[cfg(target_os = "linux")]
        if let (Some(token), Ok(window)) = (&token, window.gtk_window())
            && activation::asks_with_token(&window, token)
        {
            continue;
        }
        if shown.and_then(|()| window.set_focus()).is_err() {
            let _ = window.request_user_attention(Some(UserAttentionType::Informational));
        }
    }
    #[cfg(not(target_os = "linux"))]
    drop(token);
}

/// Whether a user can see one of the windows that may watch the session.
pub(crate) fn are_shown<R: Runtime>(app: &AppHandle<R>) -> bool {
    that_may_watch(app).iter().any(|window| {
        window.is_visible().unwrap_or(true) && !window.is_minimized().unwrap_or(false)
    })
}

/// Whether one of the windows that may watch the session has the keyboard's focus.
#[cfg(target_os = "linux")]
pub(crate) fn one_has_focus<R: Runtime>(app: &AppHandle<R>) -> bool {
    that_may_watch(app).iter().any(|window| window.is_focused().unwrap_or(false))
}

/// The windows whose capability currently includes the plugin's permission `watch`.
fn that_may_watch<R: Runtime>(app: &AppHandle<R>) -> Vec<WebviewWindow<R>> {
    let may_watch = |window: &WebviewWindow<R>| {
        window
            .resolve_command_scope::<serde_json::Value>("scalekit", "watch")
            .is_ok_and(|scope| scope.is_some())
    };
    app.webview_windows().into_values().filter(may_watch).collect()
}

// The access control of release builds differs.
#[cfg(all(test, debug_assertions))]
mod tests {
    use super::*;
    use tauri::{
        WebviewWindowBuilder,
        ipc::RuntimeAuthority,
        test::{mock_builder, mock_context, noop_assets},
        utils::acl::resolved::{Resolved, ResolvedCommand},
    };

    #[test]
    fn window_without_plugin_permission_is_not_raised() {
        let mut resolved = Resolved::default();
        let watch = ResolvedCommand {
            windows: vec!["main".parse().unwrap(), "account-*".parse().unwrap()],
            ..ResolvedCommand::default()
        };
        resolved.allowed_commands.insert("plugin:scalekit|watch".to_owned(), vec![watch]);
        let mut context = mock_context(noop_assets());
        *context.runtime_authority_mut() = RuntimeAuthority::new(Default::default(), resolved);
        let app = mock_builder().build(context).unwrap();
        for label in ["main", "account-1", "splash", "tray"] {
            WebviewWindowBuilder::new(&app, label, Default::default()).build().unwrap();
        }
        let mut shown: Vec<String> =
            that_may_watch(app.handle()).iter().map(|window| window.label().to_owned()).collect();
        shown.sort();
        assert_eq!(shown, ["account-1", "main"]);
    }
}
