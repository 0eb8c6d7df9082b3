//! One process of the application at a time.

use scalekit_auth_native::{
    HandoverError, InstanceDir, Listener, Primary, Role, claim_instance, link_among,
};
use tauri::{Context, Runtime};

use crate::{proof, scheme};

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
    let place = InstanceDir::new(data, identifier);
    let claimed = std::thread::spawn(move || {
        // On a thread of its own, as the program's main function may run in a runtime already.
        tauri::async_runtime::block_on(async { claim_instance(&place, &arguments()).await })
    });
    match claimed.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault))? {
        // Whoever has sent it to themselves has gone meanwhile.
        Role::Primary(_) if is_started_by_proof(config) => Ok(None),
        Role::Primary(first) => Ok(Some(Instance(first))),
        Role::HandedOver => Ok(None),
    }
}

fn is_started_by_proof(config: &tauri::Config) -> bool {
    let of_deep_link = config.plugins.0.get("deep-link");
    scheme::configured(of_deep_link).is_ok_and(|scheme| {
        link_among(&arguments(), &scheme).is_some_and(|link| proof::is_one(&link, &scheme))
    })
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
