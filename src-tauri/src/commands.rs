//! What the window may ask of the application itself: the settings. The rest is the plugin's.

use scalekit_auth::{
    configuration::{Configuration, EnvironmentUrl},
    problem::{Problem, ProblemCode},
};
use scalekit_auth_native::runtime;
use tauri::{AppHandle, Manager, State};
use tauri_plugin_scalekit::ScalekitExt;

use crate::{
    settings::{self, CheckedEnvironment, FromVariables, Pair, Settings, SettingsSource},
    settings_file::SettingsFile,
};

/// The settings, and who says so.
#[tauri::command]
pub async fn settings(app: AppHandle) -> Settings {
    present(&app).await.0
}

/// Asks the address whether it is a Scalekit environment.
#[tauri::command]
pub async fn check_environment(
    app: AppHandle,
    environment_url: String,
) -> Result<CheckedEnvironment, Problem> {
    let environment = EnvironmentUrl::parse(&environment_url)?;
    runtime::check_environment(app.scalekit().session().http(), &environment).await?;
    Ok(CheckedEnvironment { issuer: environment.issuer().to_owned() })
}

/// Saves the settings and uses them from now on. A session with another environment stays in the
/// keychain and is there again when the settings are changed back.
#[tauri::command]
pub async fn save_settings(
    app: AppHandle,
    file: State<'_, SettingsFile>,
    environment_url: String,
    client_id: String,
) -> Result<Settings, Problem> {
    if present(&app).await.0.source == SettingsSource::Environment {
        return Err(settings::locked());
    }
    let entered = Pair { environment_url: Some(environment_url), client_id: Some(client_id) };
    let (environment, client_id) = settings::validated(&entered)?;
    let pair = Pair {
        environment_url: Some(environment.issuer().to_owned()),
        client_id: Some(client_id.as_str().to_owned()),
    };
    let file = file.inner().clone();
    off_the_threads_that_wait(move || file.write(&pair)).await??;
    let (settings, configuration) = present(&app).await;
    app.scalekit().configure(configuration);
    Ok(settings)
}

/// What counts at present.
pub(crate) async fn present(app: &AppHandle) -> (Settings, Option<Configuration>) {
    let file = app.state::<SettingsFile>().inner().clone();
    let file = off_the_threads_that_wait(move || file.read()).await.flatten();
    let scalekit = app.scalekit();
    let built_in = Pair {
        environment_url: scalekit.config().environment_url.clone(),
        client_id: scalekit.config().client_id.clone(),
    };
    let variables = app.state::<FromVariables>();
    let version = app.package_info().version.to_string();
    settings::decide(&variables, &file, built_in, scalekit.addresses(), &version)
}

async fn off_the_threads_that_wait<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tauri::async_runtime::spawn_blocking(work).await.map_err(|why| {
        Problem::new(
            ProblemCode::SettingsFile,
            "The settings could not be reached because of a fault in this program. Restart it.",
        )
        .with_detail(why.to_string())
    })
}
