//! Which program the desktop starts for our links: custom schemes belong to nobody (RFC 8252 §8.4), so
//! another program can take ours.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The program that the desktop starts for links of `scheme`, if it is another than this one. Nothing
/// where that cannot be told. Starts other programs, so it blocks.
pub fn other_than_this(scheme: &str) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let kind = format!("x-scheme-handler/{scheme}");
    let asked = Command::new("xdg-mime").args(["query", "default", &kind]).output().ok()?;
    let entry = String::from_utf8(asked.stdout).ok()?.trim().to_owned();
    let text = folders().iter().find_map(|folder| {
        std::fs::read_to_string(folder.join("applications").join(&entry)).ok()
    })?;
    let handler = found(program_of(&text)?)?;
    let this = match std::env::var_os("APPIMAGE") {
        Some(image) => PathBuf::from(image),
        None => std::env::current_exe().ok()?,
    };
    let is_this = handler.canonicalize().ok()? == this.canonicalize().ok()?;
    (!is_this).then(|| handler.display().to_string())
}

/// Where desktop entries are (XDG Base Directory Specification).
fn folders() -> Vec<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = set("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".local/share")));
    let system = set("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    home.into_iter().chain(std::env::split_paths(&system)).collect()
}

/// The first word of `Exec` (Desktop Entry Specification), which may be quoted.
fn program_of(entry: &str) -> Option<&str> {
    let line = entry.lines().find_map(|line| line.strip_prefix("Exec="))?.trim();
    match line.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => line.split_whitespace().next(),
    }
}

/// A program by its path, or by its name as a shell would find it.
fn found(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_of_a_desktop_entry_is_its_first_word() {
        let entry = |exec: &str| format!("[Desktop Entry]\nName=A\nExec={exec}\nTerminal=false\n");
        assert_eq!(program_of(&entry("latchkey %u")), Some("latchkey"));
        assert_eq!(
            program_of(&entry("\"/opt/my tool/latchkey\" %u")),
            Some("/opt/my tool/latchkey")
        );
        assert_eq!(program_of("[Desktop Entry]\nTryExec=latchkey\n"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_without_a_path_is_found_as_a_shell_finds_it() {
        assert_eq!(found("/opt/latchkey"), Some(PathBuf::from("/opt/latchkey")));
        assert!(found("sh").is_some_and(|file| file.is_absolute()));
        assert_eq!(found("no-such-program-anywhere"), None);
    }
}
