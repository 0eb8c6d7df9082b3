//! The arguments that second instances hand over.

use std::sync::Arc;

use scalekit_auth_native::{Listener, ProbeLink, link_among, split_activation_token};
use tauri::{AppHandle, Runtime, async_runtime::JoinHandle};

use crate::{
    scheme,
    state::ScalekitExt,
    windows::{Hook, on_main_thread},
};

/// Receives the arguments of second instances; `show` brings the application to the front.
pub(crate) fn serve<R: Runtime>(
    app: &AppHandle<R>,
    show: &Arc<Hook<R>>,
    listener: Listener,
) -> JoinHandle<()> {
    let (app, show) = (app.clone(), Arc::clone(show));
    tauri::async_runtime::spawn(listener.serve(move |arguments| received(&app, &show, arguments)))
}

/// Handles the arguments of a second instance. The session decides whether a link is valid, as an untrusted
/// link must not raise the window; without a link the user has started the application again and wants to see
/// it.
fn received<R: Runtime>(app: &AppHandle<R>, show: &Arc<Hook<R>>, arguments: &[String]) {
    let scalekit = app.scalekit();
    let (arguments, token) = split_activation_token(arguments);
    // The token of a link that raises no window is not used later: the next one replaces it.
    scalekit.set_activation_token(token);
    let scheme = scalekit.redirect_uris().scheme();
    let link = link_among(&arguments, scheme);
    tracing::debug!(has_link = link.is_some(), "another process has been started");
    match link {
        Some(link) => match scalekit.probe().takes(&link, scheme) {
            None => scalekit.session().link(link),
            Some(ProbeLink::Late) => scheme::arrived_late(app),
            Some(ProbeLink::Expected | ProbeLink::Unexpected) => {}
        },
        None => on_main_thread(app, show),
    }
}
