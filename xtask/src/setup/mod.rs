//! The requirements of the commands, and their installation.

mod apt;
mod tools;

use std::io::{IsTerminal, Write};

use anyhow::{Result, bail};

pub use tools::{
    cargo_deny, cargo_fuzz, cargo_mutants, foreign_clients, second_provider, third_provider, zizmor,
};

use crate::steps::step;

/// The purpose of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Compile the application.
    Building,
    /// Check the format and lints of the source.
    Linting,
    /// Run the application on a virtual desktop.
    VirtualDesktop,
    /// Check the content of packages.
    Bundling,
    /// Draw the views in a browser.
    Gallery,
}

/// Installs what is missing for these purposes.
pub fn set_up(purposes: &[For]) -> Result<()> {
    if cfg!(target_os = "linux") {
        system_packages(purposes)?;
    }
    tools::node()?;
    if purposes.contains(&For::Linting) {
        tools::rust_components()?;
    }
    tools::ui_packages()
}

fn system_packages(purposes: &[For]) -> Result<()> {
    let needed = apt::needed(purposes);
    if !apt::is_there() {
        println!(
            "This system has no apt, so nothing is installed here. Needed are the equivalents of: {}",
            needed.join(" ")
        );
        return Ok(());
    }
    let missing = apt::missing(&needed)?;
    if missing.is_empty() {
        return Ok(());
    }
    let mut commands = apt::installation(&missing);
    println!("This machine lacks: {}", missing.join(" "));
    for command in &commands {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        println!("To be run: {}", words.join(" "));
    }
    if std::io::stdin().is_terminal() && !agreed()? {
        bail!("Nothing was installed. Run the commands above yourself, then start again.");
    }
    commands.iter_mut().try_for_each(|command| step("Installing what the system lacks", command))
}

fn agreed() -> Result<bool> {
    print!("Shall I? [Y/n] ");
    std::io::stdout().flush()?;
    let mut reply = String::new();
    let read = std::io::stdin().read_line(&mut reply)?;
    Ok(read > 0 && is_yes(&reply))
}

fn is_yes(reply: &str) -> bool {
    matches!(reply.trim().to_lowercase().as_str(), "" | "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setup_prompt_accepts_only_yes_or_return() {
        assert!(["", "\n", "y\n", "Yes\n"].into_iter().all(is_yes));
        assert!(!["n\n", "no", "what?", "q"].into_iter().any(is_yes));
    }
}
