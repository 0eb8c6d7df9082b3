//! One process of the application at a time.

use std::path::PathBuf;

use scalekit_auth_native::{
    HandoverError, InstanceDir, Listener, Primary, Role, activation_token, claim_instance,
    link_among, with_activation_token,
};
use tauri::{Context, Runtime};

use crate::{
    proof::{self, Receipts},
    scheme::{NoScheme, configured},
};

/// This process is the first one of its application.
pub struct Instance(Primary);

/// Finds out whether this process is the first of its application; none where it is not, and has handed
/// over what it was started with. Such a process has nothing more to do and ends.
///
/// The plugin does this by itself when it is initialized. An application that wants to tell the user
/// when it fails, or has `enableGTKAppId` in its configuration, calls it before it builds anything: GTK
/// asks the first process on the session bus, and waits long when that is stopped.
///
/// # Errors
/// When another process is there and did not take what this one was started with.
pub fn claim<R: Runtime>(context: &Context<R>) -> Result<Option<Instance>, HandoverError> {
    claim_for(context.config())
}

pub fn claim_for(config: &tauri::Config) -> Result<Option<Instance>, HandoverError> {
    let identifier = &config.identifier;
    let Some(data) = dirs::data_local_dir() else {
        return Ok(Some(Instance(Primary { lock: None, listener: None })));
    };
    if is_received_for_another(config, data.join(identifier)) {
        return Ok(None);
    }
    let place = InstanceDir::new(data, identifier);
    let forwarded = forwarded(arguments(), scheme_of(config).ok().as_deref());
    let forwarded = with_activation_token(forwarded, activation_token().as_deref());
    let claimed = std::thread::spawn(move || {
        // On a thread of its own, as the program's main function may run in a runtime already.
        tauri::async_runtime::block_on(async { claim_instance(&place, &forwarded).await })
    });
    match claimed.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault))? {
        // Whoever has sent it to themselves has gone meanwhile.
        Role::Primary(_) if is_started_by_proof(config) => Ok(None),
        Role::Primary(first) => Ok(Some(Instance(first))),
        Role::HandedOver => Ok(None),
    }
}

/// Whether this process was started with a link that a command line has sent, and now knows that it arrives.
fn is_received_for_another(config: &tauri::Config, folder: PathBuf) -> bool {
    let receipts = Receipts::new(folder);
    scheme_of(config).is_ok_and(|scheme| {
        link_among(&arguments(), &scheme).is_some_and(|link| receipts.acknowledge(&link, &scheme))
    })
}

fn is_started_by_proof(config: &tauri::Config) -> bool {
    scheme_of(config).is_ok_and(|scheme| {
        link_among(&arguments(), &scheme).is_some_and(|link| proof::is_one(&link, &scheme))
    })
}

/// The scheme of the application's links, for an application that reads options of its own: a process that was
/// started with a link, which any web page can do, must not read any.
///
/// # Errors
/// When `plugins.deep-link.desktop.schemes` names none.
pub fn scheme<R: Runtime>(context: &Context<R>) -> Result<String, NoScheme> {
    scheme_of(context.config())
}

fn scheme_of(config: &tauri::Config) -> Result<String, NoScheme> {
    configured(config.plugins.0.get("deep-link"))
}

/// The program's own name, and a link. The primary instance does nothing with other arguments.
fn forwarded(mut arguments: Vec<String>, scheme: Option<&str>) -> Vec<String> {
    if scheme.and_then(|scheme| link_among(&arguments, scheme)).is_none() {
        arguments.truncate(1);
    }
    arguments
}

/// What this process was started with, its own name first.
pub fn arguments() -> Vec<String> {
    std::env::args_os().map(|one| one.to_string_lossy().into_owned()).collect()
}

impl Instance {
    /// Where later processes hand over.
    pub(crate) fn listener(&mut self) -> Option<Listener> {
        self.0.listener.take()
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
