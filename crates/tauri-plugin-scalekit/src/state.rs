//! The plugin's state, for the application's Rust code and the commands.

use std::sync::{Mutex, PoisonError};

use scalekit_auth::{Configuration, RedirectUris, SessionView};
use scalekit_auth_native::{Clipboard, SchemeProbe, Session};
use tauri::{Manager, Runtime, async_runtime::JoinHandle, ipc::Channel};

use crate::{
    command_limits::Limits,
    config::{Config, PinnedConfig},
    instance::Instance,
    watchers::Watchers,
};

/// Sign-in for the application's Rust code.
pub struct Scalekit {
    session: Session,
    clipboard: Clipboard,
    redirect_uris: RedirectUris,
    config: Config,
    pinned_config: PinnedConfig,
    limits: Limits,
    probe: SchemeProbe,
    /// The last configuration of [`Scalekit::configure`].
    configuration: Mutex<Option<Configuration>>,
    /// Held while a self-check runs.
    self_check: tokio::sync::Mutex<()>,
    /// Whether second instances can hand links over.
    is_reachable: bool,
    watchers: Mutex<Watchers>,
    /// The desktop's activation token, until it is used.
    activation_token: Mutex<Option<String>>,
    /// Holds the instance lock until the process ends.
    _instance: Instance,
    /// Receives the arguments of second instances until the application ends.
    serving: Mutex<Option<JoinHandle<()>>>,
}

/// Access to [`Scalekit`] from every manager of the application.
pub trait ScalekitExt<R: Runtime> {
    /// The plugin's state.
    fn scalekit(&self) -> &Scalekit;
}

impl<R: Runtime, T: Manager<R>> ScalekitExt<R> for T {
    fn scalekit(&self) -> &Scalekit {
        self.state::<Scalekit>().inner()
    }
}

impl Scalekit {
    pub(crate) fn new(
        session: Session,
        redirect_uris: RedirectUris,
        (config, pinned_config): (Config, PinnedConfig),
        instance: Instance,
        is_reachable: bool,
    ) -> Self {
        Self {
            session,
            clipboard: Clipboard::default(),
            redirect_uris,
            config,
            pinned_config,
            limits: Limits::default(),
            probe: SchemeProbe::default(),
            configuration: Mutex::default(),
            self_check: tokio::sync::Mutex::default(),
            is_reachable,
            watchers: Mutex::default(),
            activation_token: Mutex::default(),
            _instance: instance,
            serving: Mutex::new(None),
        }
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The plugin's section of `tauri.conf.json`.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The redirect URIs to register with the environment.
    #[must_use]
    pub fn redirect_uris(&self) -> &RedirectUris {
        &self.redirect_uris
    }

    /// Sets the environment and client id from now on; `None` when they are not known yet.
    ///
    /// The organization in `tauri.conf.json` applies to every environment. Its services are added.
    pub fn configure(&self, configuration: Option<Configuration>) {
        let applied = |configuration| self.pinned_config.applied_to(configuration);
        let configuration = configuration.map(applied);
        *self.configuration.lock().unwrap_or_else(PoisonError::into_inner) = configuration.clone();
        self.session.configure(configuration);
    }

    pub(crate) fn configuration(&self) -> Option<Configuration> {
        self.configuration.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The guard of a self-check; none while another one runs.
    pub(crate) fn self_check_turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        self.self_check.try_lock().ok()
    }

    pub(crate) fn set_activation_token(&self, token: Option<String>) {
        *self.activation_token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    pub(crate) fn take_activation_token(&self) -> Option<String> {
        self.activation_token.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn probe(&self) -> &SchemeProbe {
        &self.probe
    }

    pub(crate) fn is_reachable(&self) -> bool {
        self.is_reachable
    }

    pub(crate) fn clipboard(&self) -> Clipboard {
        self.clipboard.clone()
    }

    /// Sends every view, the current one first, until the webview is closed.
    pub(crate) fn subscribe(&self, webview: &str, channel: Channel<SessionView>) {
        let mut views = self.session.views();
        views.mark_changed();
        let id = channel.id();
        let watcher = tauri::async_runtime::spawn(async move {
            while views.changed().await.is_ok() {
                let view = views.borrow_and_update().clone();
                if channel.send(view).is_err() {
                    return;
                }
            }
        });
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.add(webview, id, watcher);
    }

    /// Holds the task that receives the arguments of second instances.
    pub(crate) fn serve(&self, serving: JoinHandle<()>) {
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some(serving);
    }

    pub(crate) fn stop_serving(&self) {
        let serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(serving) = serving {
            serving.abort();
        }
    }

    /// Uses the environment and the client id of `tauri.conf.json`.
    pub(crate) fn configure_from_tauri_conf(&self) {
        let configured = self.config.configuration(&self.redirect_uris);
        self.configure(configured.unwrap_or_else(|why| {
            tracing::error!(why = why.message, "plugins.scalekit cannot be used");
            None
        }));
    }
}
