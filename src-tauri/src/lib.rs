//! Latchkey: the window, the settings and the application's identity. The sign-in is implemented by
//! `tauri-plugin-scalekit`, used here as any other application uses it.

mod commands;
mod config_file;
#[cfg(target_os = "linux")]
mod desktop;
mod loopback_texts;
mod preferences;
mod presence;
mod resource;
mod self_check;
mod settings;
mod startup;
mod texts;
mod variable;
mod window;

use std::{io::Write, panic::AssertUnwindSafe, process::ExitCode, time::Duration};

use scalekit_auth::SignInRoute;
use scalekit_auth_native::harden;
use tauri::{App, Builder, Context, Manager, RunEvent, WebviewWindow, Wry, webview::PageLoadEvent};
use tauri_plugin_scalekit::{Instance, Plugin};

use loopback_texts::LoopbackTexts;
use preferences::{file::PreferencesFile, window_language};
use resource::ResourceVariables;
use settings::{
    CommandLineRoute, EnvSettings, file::SettingsFile, policy_file::PolicyFile,
    read_order::ReadOrder,
};
use startup::{
    arguments::{self, Arguments, Start},
    data_folder,
    error::{self, StartupError},
    logging, privileges,
};
use texts::wording::Wording;
use window::webview_crash;

/// How long the exit waits until the preferences are written.
const PREFERENCES_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs the application until its window is closed, or passes its arguments to the primary instance. An error at which it may not
/// or cannot run, and a panic, is shown to the user.
///
/// Returns the exit code.
#[must_use]
pub fn run() -> ExitCode {
    let context = tauri::generate_context!();
    let app = context.package_info().name.clone();
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| start(context)));
    match outcome.unwrap_or_else(|_| Err(StartupError::crashed())) {
        Ok(code) => code,
        Err(why) => {
            why.report(Wording { language: window_language::of(None), app: &app });
            why.exit_code()
        }
    }
}

fn start(context: Context) -> Result<ExitCode, StartupError> {
    let Arguments { start, route } = arguments_of(&context)?;
    match start {
        Start::SelfCheck { json } => return self_check::run(&context, json),
        Start::Window | Start::Background | Start::Version | Start::Help => {}
    }
    match text_of(start, &context)? {
        Some(text) => {
            let _ = writeln!(std::io::stdout(), "{text}");
            Ok(ExitCode::SUCCESS)
        }
        None => run_window(context, start, route).map(|()| ExitCode::SUCCESS),
    }
}

fn run_window(context: Context, start: Start, route: SignInRoute) -> Result<(), StartupError> {
    logging::start();
    // The portal rejects a hardened process.
    #[cfg(target_os = "linux")]
    let desktop = desktop::Desktop::query();
    harden();
    privileges::refuse_root()?;
    let folder = data_folder::find(&context.config().identifier)?;
    // Before the display is opened: a second instance needs no window.
    let Some(instance) = tauri_plugin_scalekit::claim(&context)? else { return Ok(()) };
    #[cfg(target_os = "linux")]
    if desktop.has_another(&context.config().identifier) {
        return Err(StartupError::not_found(&folder));
    }
    #[cfg(target_os = "linux")]
    if instance.may_miss_another() && !desktop.has_bus() {
        return Err(StartupError::may_miss_another(&folder));
    }
    find_desktop()?;
    let loopback_texts = LoopbackTexts::new(&context.package_info().name);
    let states = States {
        #[cfg(target_os = "linux")]
        colours: desktop.follow_colours(),
        #[cfg(target_os = "linux")]
        presence: presence::task::Presence::new(start == Start::Background),
        loopback_texts: loopback_texts.clone(),
        route,
    };
    #[cfg(target_os = "linux")]
    let bus = desktop.while_gtk_starts();
    builder(plugin(instance, loopback_texts))
        .setup(move |app| {
            #[cfg(target_os = "linux")]
            let bus = bus.gtk_started();
            states.manage(app)?;
            let window = open_window(app)?;
            #[cfg(target_os = "linux")]
            bus.show();
            drop(window);
            // Reading may take long in a home directory on a network; the window does not wait for it.
            let app = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                commands::apply(&app).await;
            });
            Ok(())
        })
        .build(context)?
        .run(|app, event| {
            if matches!(event, RunEvent::Exit) {
                app.state::<PreferencesFile>().flush(PREFERENCES_TIMEOUT);
            }
        });
    Ok(())
}

fn plugin(instance: Instance, loopback_texts: LoopbackTexts) -> Plugin<Wry> {
    tauri_plugin_scalekit::init_configured_at_runtime()
        .with_instance(instance)
        .loopback_texts(move |outcome| loopback_texts.text(outcome))
        .on_crash(error::on_session_crash)
}

/// The application's commands, and what follows the page.
fn builder(plugin: Plugin<Wry>) -> Builder<Wry> {
    let builder = Builder::default();
    #[cfg(target_os = "macos")]
    let builder = builder.on_web_content_process_terminate(|webview| {
        if let Some(window) = webview.app_handle().get_webview_window(webview.label()) {
            webview_crash::ended(&window);
        }
    });
    builder
        .plugin(plugin)
        .invoke_handler(tauri::generate_handler![
            commands::settings,
            commands::check_environment,
            commands::save_settings,
            commands::reports,
            commands::preferences,
            commands::save_preferences,
            commands::set_zoom,
            commands::presence,
            commands::save_presence,
            commands::announce,
        ])
        // Elsewhere the window is shown when the page has loaded, without a white flash before it.
        .on_page_load(|webview, page| {
            if page.event() == PageLoadEvent::Finished {
                #[cfg(target_os = "linux")]
                webview.state::<presence::task::Presence>().page_loaded(&webview.window());
                #[cfg(not(target_os = "linux"))]
                let _ = webview.window().show();
            }
        })
}

/// What the commands and the window need.
struct States {
    #[cfg(target_os = "linux")]
    colours: desktop::ColourScheme,
    #[cfg(target_os = "linux")]
    presence: presence::task::Presence,
    loopback_texts: LoopbackTexts,
    route: SignInRoute,
}

impl States {
    fn manage(self, app: &App) -> tauri::Result<()> {
        #[cfg(target_os = "linux")]
        {
            app.manage(self.colours);
            app.manage(self.presence);
        }
        let folder = app.path().app_config_dir()?;
        app.manage(SettingsFile::new(&folder));
        app.manage(PolicyFile::find(&app.config().identifier));
        let preferences = PreferencesFile::open(&folder);
        self.loopback_texts.follow(preferences.clone());
        app.manage(preferences);
        app.manage(EnvSettings::read());
        app.manage(CommandLineRoute(self.route));
        app.manage(ResourceVariables::read());
        app.manage(commands::Limits::default());
        app.manage(ReadOrder::default());
        Ok(())
    }
}

/// WebKitGTK draws nothing in a hidden window: window and page are prepared concurrently.
fn open_window(app: &App) -> Result<WebviewWindow, Box<dyn std::error::Error>> {
    #[cfg(target_os = "linux")]
    let visible = !app.state::<presence::task::Presence>().starts_hidden();
    #[cfg(not(target_os = "linux"))]
    let visible = false;
    let window = window::open(app, visible)?;
    #[cfg(target_os = "linux")]
    webview_crash::outlive(&window)?;
    Ok(window)
}

/// Parses the process's arguments.
fn arguments_of(context: &Context) -> Result<Arguments, StartupError> {
    let scheme = tauri_plugin_scalekit::scheme(context)?;
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    Ok(arguments::parse(&arguments, &scheme)?)
}

/// The text to print instead of opening the window.
fn text_of(start: Start, context: &Context) -> Result<Option<String>, StartupError> {
    let package = context.package_info();
    Ok(match start {
        Start::Window | Start::Background | Start::SelfCheck { .. } => None,
        Start::Version => Some(arguments::version(&package.name, &package.version.to_string())),
        Start::Help => {
            Some(arguments::help(&package.name, &tauri_plugin_scalekit::scheme(context)?))
        }
    })
}

/// Checks for a display; without one, Tauri would panic.
fn find_desktop() -> Result<(), StartupError> {
    #[cfg(target_os = "linux")]
    gtk::init().map_err(|_| {
        StartupError::quiet("{app} needs a desktop to open its window on, and there is none here: neither DISPLAY nor WAYLAND_DISPLAY leads to one. Start it on a desktop.", vec![])
    })?;
    Ok(())
}
