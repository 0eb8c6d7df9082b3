//! The environment that `demo` and `dev` use: the one that the caller's variables name, or `scalekit-dev`.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::steps::{built, program};

/// The variables with Latchkey's environment and client id.
pub const VARIABLES: [&str; 2] = ["SCALEKIT_ENVIRONMENT_URL", "SCALEKIT_CLIENT_ID"];

/// The variables with the protected resource's URL and the permission that it needs.
const RESOURCE_VARIABLES: [&str; 2] = ["LATCHKEY_RESOURCE_URL", "LATCHKEY_RESOURCE_PERMISSION"];

/// The resource of `scalekit-dev`, and its permission.
const RESOURCE: [&str; 2] = ["/api/reports", "reports:read"];

/// The environment to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The one that the caller has set in [`VARIABLES`].
    Callers,
    /// `scalekit-dev` on this computer, which is started.
    ScalekitDev,
}

impl Choice {
    /// Reads the variables.
    ///
    /// # Errors
    /// When one of them is set and the other is not.
    pub fn of_variables() -> Result<Self> {
        Self::of(VARIABLES.map(std::env::var_os))
    }

    /// The choice for these values. An empty variable counts as absent, as in Latchkey.
    fn of(values: [Option<OsString>; 2]) -> Result<Self> {
        let [url, client_id] = VARIABLES;
        let (set, unset) = match values.map(|value| value.is_some_and(|value| !value.is_empty())) {
            [true, true] => return Ok(Self::Callers),
            [false, false] => return Ok(Self::ScalekitDev),
            [true, false] => (url, client_id),
            [false, true] => (client_id, url),
        };
        bail!(
            "{set} is set and {unset} is not. Set both to use an environment of your own, or none to use scalekit-dev."
        )
    }

    /// Starts `scalekit-dev` if it is used, and prints the environment.
    pub fn start(self) -> Result<Environment> {
        match self {
            Self::ScalekitDev => Environment::start(),
            Self::Callers => {
                let [url, client_id] = VARIABLES;
                println!(
                    "\nThe environment is {}, as {url} and {client_id} are set. scalekit-dev is not started.",
                    std::env::var_os(url).unwrap_or_default().to_string_lossy()
                );
                Ok(Environment::Callers)
            }
        }
    }
}

/// The environment of a running application.
pub enum Environment {
    /// The caller's.
    Callers,
    /// `scalekit-dev`, running beside the application.
    ScalekitDev {
        /// Its process.
        process: Child,
        /// The values of [`VARIABLES`].
        values: [String; 2],
    },
}

impl Environment {
    /// Starts `scalekit-dev`, and passes on its output, which lists the users.
    fn start() -> Result<Self> {
        let mut command = program(built("scalekit-dev"), &["--port", "0", "--until-stdin-closes"]);
        // Nothing is written to its input: when this process is killed, the input closes.
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("scalekit-dev could not be started")?;
        let output = process.stdout.take().context("scalekit-dev has no output")?;
        let mut environment = Self::ScalekitDev { process, values: Default::default() };
        println!();
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            if let Self::ScalekitDev { values: [url, client_id], .. } = &mut environment {
                if let Some(value) = line.strip_prefix("Environment URL") {
                    value.trim().clone_into(url);
                }
                if let Some(value) = line.strip_prefix("Client ID") {
                    value.trim().clone_into(client_id);
                }
            }
            if line.starts_with("More") {
                return Ok(environment);
            }
        }
        bail!("scalekit-dev ended before it could be used")
    }

    /// Sets the variables for the application; the caller's stay as they are.
    pub fn set_for(&self, application: &mut Command) {
        if let Self::ScalekitDev { values, .. } = self {
            let ([url, _], [path, permission]) = (values, RESOURCE);
            let resource = [format!("{url}{path}"), permission.to_owned()];
            application.envs(VARIABLES.iter().zip(values));
            application.envs(RESOURCE_VARIABLES.iter().zip(resource));
        }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        if let Self::ScalekitDev { process, .. } = self {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str, client_id: &str) -> Result<Choice> {
        Choice::of([Some(url.into()), Some(client_id.into())])
    }

    #[test]
    fn environment_variables_both_set_are_used() {
        let chosen = chosen("https://acme.scalekit.com", "ntvc_1");
        assert_eq!(chosen.unwrap(), Choice::Callers);
    }

    #[test]
    fn environment_variables_unset_or_empty_mean_scalekit_dev() {
        assert_eq!(Choice::of([None, None]).unwrap(), Choice::ScalekitDev);
        assert_eq!(chosen("", "").unwrap(), Choice::ScalekitDev);
    }

    #[test]
    fn environment_variable_set_alone_is_rejected() {
        let why = chosen("https://acme.scalekit.com", "").unwrap_err().to_string();
        assert!(why.starts_with("SCALEKIT_ENVIRONMENT_URL is set and SCALEKIT_CLIENT_ID is not."));
        let why = Choice::of([None, Some("ntvc_1".into())]).unwrap_err().to_string();
        assert!(why.starts_with("SCALEKIT_CLIENT_ID is set and SCALEKIT_ENVIRONMENT_URL is not."));
    }

    #[test]
    fn environment_of_the_caller_is_passed_through_untouched() {
        let mut command = Command::new("latchkey");
        Environment::Callers.set_for(&mut command);
        assert_eq!(command.get_envs().count(), 0);
    }
}
