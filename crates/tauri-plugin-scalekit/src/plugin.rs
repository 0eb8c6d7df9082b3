//! The plugin: the session's task, the links, and the deep-link plugin, which it contains.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use scalekit_auth::RedirectUris;
use scalekit_auth_native::{
    Files, HandoverError, Keychain, LoopbackOutcome, LoopbackText, LoopbackTexts, Platform,
    SessionTask, StartArguments, SystemBrowser, english_loopback_text, session,
};
use serde::Deserialize;
use tauri::{AppHandle, Manager, RunEvent, Runtime, WindowEvent, ipc::Invoke};

use crate::{
    commands,
    config::{Config, PinnedConfig},
    deep_link_config,
    http::{http_client, user_agent},
    instance::{Instance, claim_for},
    scheme, second_instance,
    state::{Scalekit, ScalekitExt},
    windows::{self, Hook, on_main_thread},
};

/// The plugin. See the crate's documentation.
pub struct Plugin<R: Runtime> {
    settings: ConfigSource,
    commands: Box<dyn Fn(Invoke<R>) -> bool + Send + Sync>,
    instance: Option<Instance>,
    on_crash: Arc<Hook<R>>,
    loopback_texts: Arc<LoopbackTexts>,
    bring_to_front: Arc<Hook<R>>,
    deep_link: Box<dyn tauri::plugin::Plugin<R>>,
}

/// The source of the environment and the client id.
#[derive(Debug, Clone, Copy)]
enum ConfigSource {
    /// `tauri.conf.json`.
    TauriConf,
    /// The application, by [`Scalekit::configure`].
    Runtime,
}

/// The plugin, to be added to the builder first. Its environment is the one in `tauri.conf.json`.
#[must_use]
pub fn init<R: Runtime>() -> Plugin<R> {
    plugin(ConfigSource::TauriConf)
}

/// The plugin for an application with settings of its own: until it calls [`Scalekit::configure`], the session
/// is starting and links are queued.
#[must_use]
pub fn init_configured_at_runtime<R: Runtime>() -> Plugin<R> {
    plugin(ConfigSource::Runtime)
}

macro_rules! handler {
    ($($command:ident,)+) => { tauri::generate_handler![$(commands::$command,)+] };
}

fn plugin<R: Runtime>(settings: ConfigSource) -> Plugin<R> {
    Plugin {
        settings,
        commands: Box::new(with_command_names!(handler)),
        instance: None,
        on_crash: Arc::new(|app| app.exit(1)),
        loopback_texts: Arc::new(english_loopback_text),
        bring_to_front: Arc::new(windows::show::<R>),
        deep_link: Box::new(tauri_plugin_deep_link::init()),
    }
}

impl<R: Runtime> Plugin<R> {
    /// Uses the result of [`claim`](crate::claim), called before the application was built.
    #[must_use]
    pub fn with_instance(mut self, instance: Instance) -> Self {
        self.instance = Some(instance);
        self
    }

    /// Sets the callback for a panic of the session's task, after which no command has an effect. It should inform the
    /// user and end the application; by default the process exits with code 1. The session is stored as after a
    /// crash, and the next start restores it.
    #[must_use]
    pub fn on_crash(mut self, report: impl Fn(&AppHandle<R>) + Send + Sync + 'static) -> Self {
        self.on_crash = Arc::new(report);
        self
    }

    /// Sets the texts of the page at the loopback redirect URI; by default they are English.
    #[must_use]
    pub fn loopback_texts(
        mut self,
        texts: impl Fn(LoopbackOutcome) -> LoopbackText + Send + Sync + 'static,
    ) -> Self {
        self.loopback_texts = Arc::new(texts);
        self
    }

    /// Sets the callback that shows the application when the browser has delivered an authorization response, a
    /// user has to decide about an IdP-initiated login, or the application was started again. By default the
    /// plugin shows the windows whose capability permits `watch`, hidden ones included, and no others. Called on
    /// the main thread.
    #[must_use]
    pub fn bring_to_front(mut self, show: impl Fn(&AppHandle<R>) + Send + Sync + 'static) -> Self {
        self.bring_to_front = Arc::new(show);
        self
    }
}

impl<R: Runtime> tauri::plugin::Plugin<R> for Plugin<R> {
    fn name(&self) -> &'static str {
        "scalekit"
    }

    fn initialize(
        &mut self,
        app: &AppHandle<R>,
        config: serde_json::Value,
    ) -> Result<(), Box<dyn std::error::Error>> {
        // A second instance ends here, so no resource of the primary instance may be used before.
        let Some(mut instance) = self.first_instance(app)? else {
            app.cleanup_before_exit();
            std::process::exit(0);
        };
        let redirect_uris = RedirectUris::with_scheme(&deep_link_config::scheme_of(app.config())?)?;
        let config: Config = Option::deserialize(config)?.unwrap_or_default();
        let pinned_config = PinnedConfig::of(&config)?;
        let platform = Platform {
            http: http_client(&user_agent(app.package_info())),
            keychain: Keychain::system(&app.config().identifier),
            files: Files::new(app.path().app_local_data_dir()?),
            browser: Arc::new(SystemBrowser),
            loopback_texts: Arc::clone(&self.loopback_texts),
            bring_to_front: {
                let (app, show) = (app.clone(), Arc::clone(&self.bring_to_front));
                Box::new(move || on_main_thread(&app, &show))
            },
        };
        let (session, task) = session(platform);
        let listener = instance.listener();
        let is_reachable = listener.is_some();
        app.manage(Scalekit::new(
            session,
            redirect_uris,
            (config, pinned_config),
            instance,
            is_reachable,
        ));
        let of_deep_link = deep_link_config::section(app.config());
        self.deep_link.initialize(app, of_deep_link.cloned().unwrap_or_default())?;
        if let Some(listener) = listener {
            app.scalekit().serve(second_instance::serve(app, &self.bring_to_front, listener));
        }
        self.run(app, task);
        Ok(())
    }

    fn on_event(&mut self, app: &AppHandle<R>, event: &RunEvent) {
        let scalekit = app.scalekit();
        match event {
            RunEvent::Ready => {
                match self.settings {
                    ConfigSource::TauriConf => scalekit.configure_from_tauri_conf(),
                    ConfigSource::Runtime => {}
                }
                let scheme = scalekit.redirect_uris().scheme().to_owned();
                if let Some(link) = StartArguments::of_this_process(Some(scheme)).link() {
                    scalekit.session().link(link);
                }
                scheme::register(app);
            }
            #[cfg(target_os = "macos")]
            RunEvent::Opened { urls } => {
                for url in urls {
                    scalekit.session().link(zeroize::Zeroizing::new(url.as_str().into()));
                }
            }
            RunEvent::WindowEvent { event: WindowEvent::Focused(true), .. } => {
                scalekit.session().in_use(true);
                scalekit.session().user_returned();
            }
            RunEvent::WindowEvent {
                event:
                    WindowEvent::Focused(false) | WindowEvent::Resized(_) | WindowEvent::Destroyed,
                ..
            } => scalekit.session().in_use(windows::are_shown(app)),
            RunEvent::Exit => {
                // A second instance waits for the end of this process and becomes the primary one.
                scalekit.stop_serving();
                let session = scalekit.session().clone();
                let longest = session.max_write_duration();
                if !wait_for(longest, async move { session.exit().await }) {
                    tracing::warn!("the application ends before everything was written");
                }
            }
            _ => {}
        }
    }

    fn extend_api(&mut self, invoke: Invoke<R>) -> bool {
        (self.commands)(invoke)
    }
}

impl<R: Runtime> Plugin<R> {
    /// None where another process is the primary instance and has received this one's arguments.
    fn first_instance(&mut self, app: &AppHandle<R>) -> Result<Option<Instance>, HandoverError> {
        match self.instance.take() {
            Some(instance) => Ok(Some(instance)),
            None => claim_for(app.config()),
        }
    }

    /// Runs the session, and calls `on_crash` after a panic.
    fn run(&self, app: &AppHandle<R>, task: SessionTask) {
        let (app, on_crash) = (app.clone(), Arc::clone(&self.on_crash));
        tauri::async_runtime::spawn(task.run_supervised(move || {
            tracing::error!("the session has been stopped by a fault");
            on_crash(&app);
        }));
    }
}

/// Waits for `work` for `longest` at most; returns whether it is done. Does not block on a runtime: the
/// thread may have entered one of the application, in which `block_on` panics.
fn wait_for(longest: Duration, work: impl Future<Output = ()> + Send + 'static) -> bool {
    let (done, waiting) = mpsc::channel();
    tauri::async_runtime::spawn(async move {
        work.await;
        let _ = done.send(());
    });
    waiting.recv_timeout(longest).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// As in `#[tokio::main]` and in a plain `main`.
    #[test]
    fn exit_wait_works_inside_and_outside_a_tokio_runtime() {
        let work = || async { tokio::time::sleep(Duration::from_millis(20)).await };
        assert!(wait_for(LONG, work()));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        assert!(runtime.block_on(async move { wait_for(LONG, work()) }));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        assert!(runtime.block_on(async move { wait_for(LONG, work()) }));
    }
}
