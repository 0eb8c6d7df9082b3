//! The application's own commands for the window: settings, preferences and reports. The commands of the session are
//! the plugin's.

use std::time::Duration;

use scalekit_auth::{Configuration, EnvironmentUrl, Problem, ProblemCode, ResourceOrigin};
use serde::Deserialize;
use tauri::{AppHandle, Manager, Runtime, State, WebviewWindow};
use tauri_plugin_scalekit::{Arguments, BoundedText, CommandLimit, NoArgs, ScalekitExt};

use crate::{
    preferences::{self, Preferences, Theme, file::PreferencesFile},
    presence::settings::PresenceSettings,
    resource::{
        self, OfferedResource, Resource, ResourceSettings, ResourceVariables,
        reports::{self, Reports},
    },
    settings::{
        self, Application, CheckedEnvironment, CommandLineRoute, ConnectionSettings, EnvSettings,
        Settings, Sources, file::SettingsFile, policy_file::PolicyFile, read_order::ReadOrder,
    },
    texts::languages::Language,
    window,
};

/// How long the page waits for the preferences. Afterwards it uses the system's language and colours.
const PREFERENCES_TIMEOUT: Duration = Duration::from_secs(1);

/// The size limit of a text for a screen reader, in bytes.
const MAX_SPOKEN_LEN: usize = 2048;

/// The rate limits of the commands.
pub struct Limits {
    /// Reads of the settings file.
    read: CommandLimit,
    /// Requests to a URL that the window chooses. A compromised page could scan the ports of this computer with
    /// them (`http` is accepted for loopback addresses); at one request in two seconds all ports would take it a
    /// day and a half.
    check: CommandLimit,
    /// Writes of the settings, after which the session is loaded anew.
    save: CommandLimit,
    /// Requests to the protected resource, with the access token.
    reports: CommandLimit,
    /// Reads of the preferences.
    preferences: CommandLimit,
    /// Changes of language and theme, after which the window is drawn anew.
    save_preferences: CommandLimit,
    /// Changes of the zoom: a burst as of separate key presses, then fewer than a held key causes.
    zoom: CommandLimit,
    /// Reads and changes of the presence settings.
    presence: CommandLimit,
    /// Texts for a screen reader.
    announce: CommandLimit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            read: CommandLimit::new(8, Duration::from_millis(250)),
            check: CommandLimit::new(3, Duration::from_secs(2)),
            save: CommandLimit::new(3, Duration::from_secs(2)),
            reports: CommandLimit::new(3, Duration::from_secs(2)),
            preferences: CommandLimit::new(8, Duration::from_millis(250)),
            save_preferences: CommandLimit::new(4, Duration::from_millis(500)),
            zoom: CommandLimit::new(8, Duration::from_millis(250)),
            presence: CommandLimit::new(4, Duration::from_millis(500)),
            announce: CommandLimit::new(4, Duration::from_millis(500)),
        }
    }
}

/// The arguments of [`check_environment`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Check {
    environment_url: BoundedText,
}

/// The arguments of [`save_settings`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Save {
    environment_url: BoundedText,
    client_id: BoundedText,
}

/// The arguments of [`save_preferences`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prefer {
    language: Option<Language>,
    theme: Theme,
}

/// The arguments of [`set_zoom`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Zoom {
    zoom: f64,
}

/// The arguments of [`save_presence`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavePresence {
    close_to_tray: bool,
    start_at_login: bool,
}

/// The arguments of [`announce`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Announce {
    text: SpokenText,
}

/// A text for a screen reader. GTK aborts at a NUL in a text; the page needs no other control character
/// either.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct SpokenText(String);

impl TryFrom<String> for SpokenText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() || text.len() > MAX_SPOKEN_LEN || text.chars().any(char::is_control) {
            Err("the text cannot be spoken")
        } else {
            Ok(Self(text))
        }
    }
}

/// The settings and their source.
#[tauri::command]
pub async fn settings<R: Runtime>(
    app: AppHandle<R>,
    limits: State<'_, Limits>,
    _: Arguments<NoArgs>,
) -> Result<Settings, Problem> {
    limits.read.pass().await?;
    Ok(present(&app).await.settings)
}

/// Checks whether a URL is a Scalekit environment.
#[tauri::command]
pub async fn check_environment<R: Runtime>(
    app: AppHandle<R>,
    limits: State<'_, Limits>,
    Arguments(Check { environment_url }): Arguments<Check>,
) -> Result<CheckedEnvironment, Problem> {
    let environment = EnvironmentUrl::parse(environment_url.as_str())?;
    limits.check.pass().await?;
    scalekit_auth_native::check_environment(app.scalekit().session().http(), &environment).await?;
    Ok(CheckedEnvironment { issuer: environment.issuer().to_owned() })
}

/// Saves the settings and applies them. A session of another environment stays in the keychain and is used
/// again when the settings are changed back.
#[tauri::command]
pub async fn save_settings<R: Runtime>(
    app: AppHandle<R>,
    limits: State<'_, Limits>,
    file: State<'_, SettingsFile>,
    Arguments(entered): Arguments<Save>,
) -> Result<Settings, Problem> {
    limits.save.pass().await?;
    let present = present(&app).await.settings;
    if present.locked {
        return Err(settings::locked(&present));
    }
    let entered = ConnectionSettings {
        environment_url: Some(entered.environment_url.as_str().to_owned()),
        client_id: Some(entered.client_id.as_str().to_owned()),
    };
    let (environment, client_id) = settings::validated(&entered)?;
    let pair = ConnectionSettings {
        environment_url: Some(environment.issuer().to_owned()),
        client_id: Some(client_id.as_str().to_owned()),
    };
    file.with_timeout(move |file| file.write(&pair)).await?;
    Ok(apply(&app).await)
}

/// Fetches the protected resource of the settings. The window passes no URL.
#[tauri::command]
pub async fn reports<R: Runtime>(
    app: AppHandle<R>,
    limits: State<'_, Limits>,
    _: Arguments<NoArgs>,
) -> Result<Reports, Problem> {
    limits.reports.pass().await?;
    let resource = present(&app).await.resource;
    match resource.ok_or_else(|| Problem::new(ProblemCode::CallRefused))? {
        Ok(resource) => Ok(reports::fetch(app.scalekit().session(), &resource).await),
        Err(problem) => Ok(Reports::Unavailable { problem }),
    }
}

/// The user's preferences for the window.
#[tauri::command]
pub async fn preferences(
    limits: State<'_, Limits>,
    file: State<'_, PreferencesFile>,
    _: Arguments<NoArgs>,
) -> Result<Preferences, Problem> {
    limits.preferences.pass().await?;
    let reads = file.inner().clone();
    let wait = move || reads.wait_until_read(Some(PREFERENCES_TIMEOUT));
    let _ = tauri::async_runtime::spawn_blocking(wait).await;
    Ok(file.preferences())
}

/// Saves language and theme, and applies the theme to the window. The page applies the language itself.
#[tauri::command]
pub async fn save_preferences<R: Runtime>(
    webview: WebviewWindow<R>,
    limits: State<'_, Limits>,
    file: State<'_, PreferencesFile>,
    Arguments(Prefer { language, theme }): Arguments<Prefer>,
) -> Result<Preferences, Problem> {
    limits.save_preferences.pass().await?;
    let preferences = file.change(|it| {
        it.language = language;
        it.theme = theme;
    });
    window::apply_preferences(&webview, &file);
    #[cfg(target_os = "linux")]
    webview.state::<crate::presence::task::Presence>().preferences_changed();
    Ok(preferences)
}

/// Sets the zoom, clamped to the permitted range; saves and returns it.
#[tauri::command]
pub async fn set_zoom<R: Runtime>(
    webview: WebviewWindow<R>,
    limits: State<'_, Limits>,
    file: State<'_, PreferencesFile>,
    Arguments(Zoom { zoom }): Arguments<Zoom>,
) -> Result<f64, Problem> {
    limits.zoom.pass().await?;
    let preferences = file.change(|it| it.zoom = preferences::clamped_zoom(zoom));
    window::apply_preferences(&webview, &file);
    Ok(preferences.zoom)
}

/// Whether there is a tray, and whether the application starts at login.
#[tauri::command]
pub async fn presence<R: Runtime>(
    app: AppHandle<R>,
    limits: State<'_, Limits>,
    _: Arguments<NoArgs>,
) -> Result<PresenceSettings, Problem> {
    limits.presence.pass().await?;
    on_autostart(&app, |_| Ok(())).await
}

/// Saves both settings, and returns their state: the desktop may change the autostart entry too.
#[tauri::command]
pub async fn save_presence<R: Runtime>(
    app: AppHandle<R>,
    limits: State<'_, Limits>,
    file: State<'_, PreferencesFile>,
    Arguments(wanted): Arguments<SavePresence>,
) -> Result<PresenceSettings, Problem> {
    limits.presence.pass().await?;
    let set = on_autostart(&app, move |autostart| autostart.set(wanted.start_at_login)).await?;
    let preferences = file.change(|it| it.close_to_tray = wanted.close_to_tray);
    Ok(PresenceSettings { close_to_tray: preferences.close_to_tray, ..set })
}

/// Passes a text to a screen reader; false where the page's live region has to do it.
#[tauri::command]
pub async fn announce<R: Runtime>(
    webview: WebviewWindow<R>,
    limits: State<'_, Limits>,
    Arguments(Announce { text }): Arguments<Announce>,
) -> Result<bool, Problem> {
    limits.announce.pass().await?;
    Ok(spoken(&webview, &text.0))
}

#[cfg(target_os = "linux")]
fn spoken<R: Runtime>(webview: &WebviewWindow<R>, text: &str) -> bool {
    crate::window::announcements::announce(webview, text.to_owned()).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn spoken<R: Runtime>(_: &WebviewWindow<R>, _: &str) -> bool {
    false
}

/// Calls `work` with the autostart entry on a blocking thread, and then reads the state.
#[cfg(target_os = "linux")]
async fn on_autostart<R: Runtime>(
    app: &AppHandle<R>,
    work: impl FnOnce(&crate::presence::autostart::Autostart) -> std::io::Result<()> + Send + 'static,
) -> Result<PresenceSettings, Problem> {
    use scalekit_auth::ProblemCode;
    let (identifier, name) = (app.config().identifier.clone(), app.package_info().name.clone());
    let file = app.state::<SettingsFile>();
    let is_on = file.with_timeout(move |_| {
        let Some(autostart) = crate::presence::autostart::Autostart::find(&identifier, &name)
        else {
            return Ok(None);
        };
        work(&autostart).map_err(|why| {
            Problem::new(ProblemCode::SettingsNotSaved)
                .with("path", autostart.file().display().to_string())
                .with_detail(why.to_string())
        })?;
        Ok(Some(autostart.is_on()))
    });
    Ok(PresenceSettings {
        start_at_login: is_on.await?,
        tray: app.state::<crate::presence::task::Presence>().has_tray(),
        close_to_tray: app.state::<PreferencesFile>().preferences().close_to_tray,
    })
}

/// Tray and autostart exist on Linux only.
#[cfg(not(target_os = "linux"))]
async fn on_autostart<R: Runtime>(
    _: &AppHandle<R>,
    _: impl FnOnce(&NoAutostart) -> std::io::Result<()> + Send + 'static,
) -> Result<PresenceSettings, Problem> {
    Ok(PresenceSettings { tray: false, close_to_tray: false, start_at_login: None })
}

/// A substitute for the autostart entry on other systems.
#[cfg(not(target_os = "linux"))]
struct NoAutostart;

#[cfg(not(target_os = "linux"))]
impl NoAutostart {
    #[expect(clippy::unused_self, reason = "as on Linux")]
    fn set(&self, _: bool) -> std::io::Result<()> {
        Ok(())
    }
}

/// Applies the settings in effect.
pub(crate) async fn apply<R: Runtime>(app: &AppHandle<R>) -> Settings {
    let order = app.state::<ReadOrder>();
    let reading = order.begin();
    let Present { settings, configuration, .. } = present(app).await;
    order.apply(reading, || app.scalekit().configure(configuration));
    settings
}

/// The settings in effect.
struct Present {
    settings: Settings,
    configuration: Option<Configuration>,
    resource: Option<Result<Resource, Problem>>,
}

async fn present<R: Runtime>(app: &AppHandle<R>) -> Present {
    let policy_file = app.state::<PolicyFile>();
    let policy = policy_file.policy().await;
    let file = app.state::<SettingsFile>().beside(&policy).await;
    let scalekit = app.scalekit();
    let sources = Sources {
        policy: policy.clone(),
        variables: &app.state::<EnvSettings>(),
        route: &app.state::<CommandLineRoute>(),
        file: &file,
        built_in: ConnectionSettings {
            environment_url: scalekit.config().environment_url.clone(),
            client_id: scalekit.config().client_id.clone(),
        },
    };
    let application = Application {
        redirect_uris: scalekit.redirect_uris(),
        loopback: scalekit.config().loopback,
        version: &app.package_info().version.to_string(),
    };
    let (mut settings, configuration) = settings::resolve(sources, application);
    let (file, variables) = match policy {
        Ok(Some(policy)) => (policy.settings.clone(), ResourceVariables::default()),
        Ok(None) | Err(_) => {
            (file.unwrap_or_default(), app.state::<ResourceVariables>().inner().clone())
        }
    };
    let entered = ResourceSettings { url: file.resource_url, permission: file.resource_permission };
    let resource = configuration.clone().and_then(|mut configuration| {
        // The plugin adds the same services to the configuration that it receives.
        let services = &scalekit.config().services;
        let services = services.iter().filter_map(|service| ResourceOrigin::parse(service).ok());
        configuration.services.extend(services);
        resource::resolve(&variables, entered, &configuration)
    });
    settings.resource = resource.as_ref().map(OfferedResource::of);
    Present { settings, configuration, resource }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spoken_text_with_control_characters_is_refused() {
        for text in ["", "\0", "one\ntwo", &"x".repeat(MAX_SPOKEN_LEN + 1)] {
            assert!(SpokenText::try_from(text.to_owned()).is_err(), "{text:?}");
        }
        let saved = "\u{2068}حُفظت الإعدادات\u{2069}.";
        assert!(SpokenText::try_from(saved.to_owned()).is_ok());
    }
}
