//! Single instance of the application.

use scalekit_auth_native::{
    HandoverError, InstanceDir, Listener, Primary, ProbeReceipts, Role, StartArguments,
    claim_instance,
};
use tauri::{Context, Runtime};

use crate::deep_link_config::scheme_of;

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

pub(crate) fn claim_for(config: &tauri::Config) -> Result<Option<Instance>, HandoverError> {
    let identifier = &config.identifier;
    let start = StartArguments::of_this_process(scheme_of(config).ok());
    let Some(data) = dirs::data_local_dir() else {
        return Ok(Some(Instance::new(Primary::unlocked(), &start)));
    };
    if start.acknowledge_probe(&ProbeReceipts::new(data.join(identifier))) {
        return Ok(None);
    }
    let place = InstanceDir::new(data, identifier);
    let forwarded = start.forwarded();
    let claimed = std::thread::spawn(move || {
        // On a thread of its own, as the caller may already be inside a runtime.
        tauri::async_runtime::block_on(async { claim_instance(&place, &forwarded).await })
    });
    match claimed.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault))? {
        // The process that has sent the probe link has ended meanwhile.
        Role::Primary(_) if start.is_probe() => Ok(None),
        Role::Primary(first) => Ok(Some(Instance::new(first, &start))),
        Role::HandedOver => Ok(None),
    }
}

impl Instance {
    fn new(primary: Primary, start: &StartArguments) -> Self {
        let may_miss_another = !primary.is_elected && start.link().is_some();
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
