//! Single instance of the application.

use std::path::PathBuf;

use scalekit_auth_native::{
    HandoverError, InstanceDir, Listener, Primary, Role, activation_token, claim_instance,
    link_among, with_activation_token,
};
use tauri::{Context, Runtime};

use crate::{
    scheme::{NoScheme, configured},
    scheme_probe::{self, ProbeReceipts},
};

/// The resources of the primary instance.
pub struct Instance {
    primary: Primary,
    may_miss_another: bool,
}

/// Claims the primary instance of the application; none where another process is, and has received this
/// process's arguments. Such a process has nothing more to do and should end.
///
/// The plugin calls this when it is initialized. An application that reports its errors to the user, or has
/// `enableGTKAppId` in its configuration, calls it before it builds anything: GTK calls the primary instance
/// over the session bus, and waits long when that is stopped.
///
/// # Errors
/// When another process is the primary instance and did not receive the arguments.
pub fn claim<R: Runtime>(context: &Context<R>) -> Result<Option<Instance>, HandoverError> {
    claim_for(context.config())
}

pub fn claim_for(config: &tauri::Config) -> Result<Option<Instance>, HandoverError> {
    let identifier = &config.identifier;
    let Some(data) = dirs::data_local_dir() else {
        return Ok(Some(Instance::new(Primary::unlocked(), config)));
    };
    if is_received_for_another(config, data.join(identifier)) {
        return Ok(None);
    }
    let place = InstanceDir::new(data, identifier);
    let forwarded = forwarded(arguments(), scheme_of(config).ok().as_deref());
    let forwarded = with_activation_token(forwarded, activation_token().as_deref());
    let claimed = std::thread::spawn(move || {
        // On a thread of its own, as the caller may already be inside a runtime.
        tauri::async_runtime::block_on(async { claim_instance(&place, &forwarded).await })
    });
    match claimed.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault))? {
        // The process that has sent the probe link has ended meanwhile.
        Role::Primary(_) if is_started_by_proof(config) => Ok(None),
        Role::Primary(first) => Ok(Some(Instance::new(first, config))),
        Role::HandedOver => Ok(None),
    }
}

/// Acknowledges the probe link of a command line, if this process was started with one.
fn is_received_for_another(config: &tauri::Config, folder: PathBuf) -> bool {
    let receipts = ProbeReceipts::new(folder);
    scheme_of(config).is_ok_and(|scheme| {
        link_among(&arguments(), &scheme).is_some_and(|link| receipts.acknowledge(&link, &scheme))
    })
}

fn has_link(config: &tauri::Config) -> bool {
    scheme_of(config).is_ok_and(|scheme| link_among(&arguments(), &scheme).is_some())
}

fn is_started_by_proof(config: &tauri::Config) -> bool {
    scheme_of(config).is_ok_and(|scheme| {
        link_among(&arguments(), &scheme).is_some_and(|link| scheme_probe::is_one(&link, &scheme))
    })
}

/// The scheme of the application's links, for an application with command-line options: a process that was
/// started with a link, which any web page can cause, must not interpret any.
///
/// # Errors
/// When `plugins.deep-link.desktop.schemes` names none.
pub fn scheme<R: Runtime>(context: &Context<R>) -> Result<String, NoScheme> {
    scheme_of(context.config())
}

fn scheme_of(config: &tauri::Config) -> Result<String, NoScheme> {
    configured(config.plugins.0.get("deep-link"))
}

/// The program's name, and a link if there is one. The primary instance ignores other arguments.
fn forwarded(mut arguments: Vec<String>, scheme: Option<&str>) -> Vec<String> {
    if scheme.and_then(|scheme| link_among(&arguments, scheme)).is_none() {
        arguments.truncate(1);
    }
    arguments
}

/// The arguments of this process, its name first.
pub fn arguments() -> Vec<String> {
    std::env::args_os().map(|one| one.to_string_lossy().into_owned()).collect()
}

impl Instance {
    fn new(primary: Primary, config: &tauri::Config) -> Self {
        let may_miss_another = !primary.is_elected && has_link(config);
        Self { primary, may_miss_another }
    }

    /// Whether this process was started with a link that may be meant for another process: the application's data folder
    /// could not be locked, so one that can lock it, or could once, may be running.
    #[must_use]
    pub fn may_miss_another(&self) -> bool {
        self.may_miss_another
    }

    /// Receives the arguments of second instances.
    pub(crate) fn listener(&mut self) -> Option<Listener> {
        self.primary.listener.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded_of(arguments: &[&str]) -> Vec<String> {
        let arguments = arguments.iter().map(|one| (*one).to_owned()).collect();
        forwarded(arguments, Some("com.acme.tool"))
    }

    // req: B14
    #[test]
    fn second_instance_forwards_a_link_and_no_options() {
        let link = "com.acme.tool://callback?code=1";
        assert_eq!(forwarded_of(&["tool", link]), ["tool", link]);
        for arguments in [&["tool", "--inspect"][..], &["tool", "--inspect", link], &["tool"]] {
            assert_eq!(forwarded_of(arguments), ["tool"]);
        }
    }
}
