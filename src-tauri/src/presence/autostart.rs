//! Start at login: an entry in the user's autostart directory (Desktop Application Autostart Specification). Its
//! state is read from the file, which the desktop's own settings may have changed.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// The size limit of an entry, which has a few lines.
const MAX_ENTRY_BYTES: u64 = 64 * 1024;

/// The autostart entry of this application.
#[derive(Debug, Clone)]
pub struct Autostart {
    file: PathBuf,
    program: PathBuf,
    name: String,
}

impl Autostart {
    /// The entry of this program; none in a sandbox, whose configuration directory the desktop does not read.
    pub fn find(identifier: &str, name: &str) -> Option<Self> {
        if Path::new("/.flatpak-info").exists() || std::env::var_os("SNAP").is_some() {
            return None;
        }
        let program = scalekit_auth_native::this_program()?;
        Some(Self::new(&dirs::config_dir()?, identifier, name, program))
    }

    fn new(config: &Path, identifier: &str, name: &str, program: PathBuf) -> Self {
        let file = config.join("autostart").join(format!("{identifier}.desktop"));
        Self { file, program, name: name.to_owned() }
    }

    /// The path of the entry.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether the entry makes the desktop start a program. Blocks.
    pub fn is_on(&self) -> bool {
        let mut text = String::new();
        let opened = fs::File::open(&self.file);
        let read = opened.and_then(|file| file.take(MAX_ENTRY_BYTES).read_to_string(&mut text));
        read.is_ok() && starts_something(&text)
    }

    /// Writes the entry, or removes it. Blocks.
    ///
    /// # Errors
    /// When that fails; the entry is then unchanged.
    pub fn set(&self, on: bool) -> io::Result<()> {
        if on == self.is_on() {
            return Ok(());
        }
        if on {
            return self.write();
        }
        match fs::remove_file(&self.file) {
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Writes the entry atomically.
    fn write(&self) -> io::Result<()> {
        let entry = self.entry()?;
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = self.file.with_extension("desktop.new");
        let written = fs::File::create(&beside)
            .and_then(|mut file| file.write_all(entry.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&beside, &self.file));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn entry(&self) -> io::Result<String> {
        let program = self.program.to_str().filter(|path| !path.contains(char::is_control));
        let program = program.ok_or_else(|| io::Error::other("the program's path is no text"))?;
        Ok(format!(
            "[Desktop Entry]\nType=Application\nName={}\nExec={} --background\nIcon=latchkey\nTerminal=false\nX-GNOME-Autostart-enabled=true\n",
            self.name,
            quoted(program)
        ))
    }
}

/// A quoted argument (Desktop Entry Specification, "The Exec key"): four characters are escaped with a backslash,
/// which the escaping of the value doubles, and a percent sign is doubled.
fn quoted(path: &str) -> String {
    let mut quoted = String::from("\"");
    for c in path.chars() {
        match c {
            '"' | '`' | '$' => quoted.extend(["\\\\", c.encode_utf8(&mut [0; 4])]),
            '\\' => quoted.push_str("\\\\\\\\"),
            '%' => quoted.push_str("%%"),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// False for an entry that the user or the desktop's settings have turned off, and for a program that does not exist.
fn starts_something(entry: &str) -> bool {
    let is = |key: &str, value: &str| value_of(entry, key).is_some_and(|one| one == value);
    !is("Hidden", "true")
        && !is("X-GNOME-Autostart-enabled", "false")
        && value_of(entry, "Exec").is_some_and(|exec| program_is_there(&exec))
}

/// The value of a key in the group `[Desktop Entry]`.
fn value_of(entry: &str, key: &str) -> Option<String> {
    let lines = entry.lines().map(str::trim);
    let group = lines.skip_while(|line| *line != "[Desktop Entry]").skip(1);
    let mut members = group.take_while(|line| !line.starts_with('['));
    members.find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim_end() == key).then(|| value.trim_start().to_owned())
    })
}

/// Whether the program exists; assumed for one without a path, which the desktop looks up.
fn program_is_there(exec: &str) -> bool {
    let program = first_word(exec);
    !program.is_empty() && (!program.starts_with('/') || Path::new(&program).exists())
}

fn first_word(exec: &str) -> String {
    let Some(inside) = exec.strip_prefix('"') else {
        return exec.split_whitespace().next().unwrap_or_default().replace("%%", "%");
    };
    let unescaped = inside.replace("\\\\", "\\");
    let (mut word, mut characters) = (String::new(), unescaped.chars());
    while let Some(c) = characters.next() {
        match c {
            '"' => break,
            '\\' => word.extend(characters.next()),
            _ => word.push(c),
        }
    }
    word.replace("%%", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An existing program with this path, and its entry.
    fn autostart(folder: &Path, program: &str) -> Autostart {
        let program = folder.join(program);
        fs::write(&program, "").unwrap();
        Autostart::new(&folder.join("config"), "com.acme.tool", "Tool", program)
    }

    #[test]
    fn autostart_entry_is_written_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let autostart = autostart(folder.path(), "tool");
        assert!(!autostart.is_on());
        autostart.set(false).unwrap();
        autostart.set(true).unwrap();
        assert!(autostart.is_on());
        let entry = fs::read_to_string(autostart.file()).unwrap();
        let exec = format!("Exec=\"{}/tool\" --background\n", folder.path().display());
        assert!(entry.contains(&exec), "{entry}");
        assert_eq!(autostart.file(), folder.path().join("config/autostart/com.acme.tool.desktop"));
        let beside = fs::read_dir(autostart.file().parent().unwrap()).unwrap().count();
        assert_eq!(beside, 1, "what was written beside is moved");
        autostart.set(false).unwrap();
        assert!(!autostart.is_on() && !autostart.file().exists());
    }

    #[test]
    fn autostart_exec_quotes_every_character_of_the_path() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a tool", "100%f", "$(tool)", "to\"ol", "to\\ol", "to`ol", "weiß"] {
            let autostart = autostart(folder.path(), name);
            autostart.set(true).unwrap();
            let entry = fs::read_to_string(autostart.file()).unwrap();
            let exec = value_of(&entry, "Exec").unwrap();
            assert_eq!(first_word(&exec), autostart.program.to_str().unwrap());
            assert!(autostart.is_on(), "{entry}");
            autostart.set(false).unwrap();
        }
        assert_eq!(quoted("/a/$b\\"), r#""/a/\\$b\\\\""#);
    }

    #[test]
    fn autostart_turned_off_by_the_desktop_is_off_and_can_be_set() {
        let folder = tempfile::tempdir().unwrap();
        let autostart = autostart(folder.path(), "tool");
        for line in ["Hidden=true", "X-GNOME-Autostart-enabled=false", "Exec=/nonexistent/tool"] {
            fs::create_dir_all(autostart.file().parent().unwrap()).unwrap();
            let text = format!("[Desktop Entry]\nType=Application\n{line}\nExec=tool\n");
            fs::write(autostart.file(), text).unwrap();
            assert!(!autostart.is_on(), "{line}");
            autostart.set(true).unwrap();
            assert!(autostart.is_on(), "{line}");
        }
    }

    #[test]
    fn autostart_entry_is_read_in_its_own_group() {
        for (text, on) in [
            ("[Desktop Entry]\nExec=tool\n[Desktop Action x]\nHidden=true\n", true),
            ("[Other]\nExec=tool\n[Desktop Entry]\nName=Tool\n", false),
            ("Exec=tool\n", false),
            ("", false),
            ("[Desktop Entry]\nExec = tool --background\n", true),
        ] {
            assert_eq!(starts_something(text), on, "{text}");
        }
    }

    #[test]
    fn autostart_in_unwritable_folder_is_reported_and_stays_off() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config"), "a file where a folder should be").unwrap();
        let autostart = autostart(folder.path(), "tool");
        autostart.set(true).unwrap_err();
        assert!(!autostart.is_on());
    }
}
