//! Which program the desktop starts for our links: custom schemes belong to nobody (RFC 8252 §8.4), so
//! another program can take ours.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::Command,
};

/// The program that the desktop starts for links of `scheme`, if it is certainly another than this one.
/// Nothing where that cannot be told. Starts other programs, so it blocks.
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
    let this = match std::env::var_os("APPIMAGE") {
        Some(image) => PathBuf::from(image),
        None => std::env::current_exe().ok()?,
    };
    another(&text, &this).map(|handler| handler.display().to_string())
}

/// The program of a desktop entry, if it is certainly another than `this`. What starts programs by their
/// name, or is a script, may well start this one.
fn another(entry: &str, this: &Path) -> Option<PathBuf> {
    let words = words_of_exec(entry)?;
    let handler = found(program_of(&words)?)?;
    let target = handler.canonicalize().ok()?;
    // `/snap/bin/…` are all the same program.
    let is_launcher = target.file_name().is_some_and(|name| name == "snap");
    let is_another = target != this.canonicalize().ok()? && !is_launcher && is_binary(&target);
    is_another.then_some(handler)
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

/// The words of `Exec` (Desktop Entry Specification), each of which may be quoted.
fn words_of_exec(entry: &str) -> Option<Vec<String>> {
    let line = entry.lines().find_map(|line| line.strip_prefix("Exec="))?;
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if quoted => word.get_or_insert_default().extend(characters.next()),
            ' ' | '\t' if !quoted => words.extend(word.take()),
            character => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

/// The program that is started in the end, where the words name one and nothing that it would start in
/// its turn: `env` with variables alone, and then a program with options and the link.
fn program_of(words: &[String]) -> Option<&str> {
    let mut words = words.iter().map(String::as_str).peekable();
    if Path::new(words.peek()?).file_name()? == "env" {
        words.next();
        while words.next_if(|word| !word.starts_with('-') && word.contains('=')).is_some() {}
    }
    let program = words.next().filter(|word| !word.starts_with('-'))?;
    words.all(|word| word.starts_with(['%', '-'])).then_some(program)
}

/// Whether it is a program of its own (ELF), and no script.
fn is_binary(file: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(file).is_ok_and(|mut file| file.read_exact(&mut magic).is_ok())
        && magic == *b"\x7fELF"
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
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn entry(exec: &str) -> String {
        format!("[Desktop Entry]\nName=A\nExec={exec}\nTerminal=false\n")
    }

    #[test]
    fn the_program_of_a_desktop_entry_is_the_one_that_is_started_in_the_end() {
        for (exec, program) in [
            ("latchkey %u", Some("latchkey")),
            ("latchkey", Some("latchkey")),
            ("\"/opt/my tool/latchkey\" %u", Some("/opt/my tool/latchkey")),
            ("\"/opt/a \\\"b\\\"/latchkey\" %u", Some("/opt/a \"b\"/latchkey")),
            ("latchkey --open %u", Some("latchkey")),
            ("env X=1 Y= /usr/bin/latchkey %u", Some("/usr/bin/latchkey")),
            ("/usr/bin/env latchkey %u", Some("latchkey")),
            ("env -u X latchkey %u", None),
            ("sh -c \"exec latchkey %u\"", None),
            ("flatpak run com.example.app %u", None),
            ("\"latchkey %u", None),
            ("", None),
        ] {
            let words = words_of_exec(&entry(exec));
            assert_eq!(words.as_deref().and_then(program_of), program, "{exec}");
        }
        assert_eq!(words_of_exec("[Desktop Entry]\nTryExec=latchkey\n"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_may_start_this_one_is_not_said_to_be_another() {
        let folder = std::env::temp_dir().join(format!("handler-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let file = folder.join(name);
            std::fs::write(&file, bytes).unwrap();
            file.display().to_string()
        };
        let this = write("this", b"\x7fELF, this");
        let other = write("other", b"\x7fELF, another");
        let script = write("script", format!("#!/bin/sh\nexec {this} \"$@\"\n").as_bytes());
        let snap = write("snap", b"\x7fELF, starts anything");
        let said = |exec: String| another(&entry(&exec), Path::new(&this));
        for exec in [
            format!("{this} %u"),
            format!("env X=1 {this} %u"),
            format!("{script} %u"),
            format!("{snap} %u"),
            format!("{other} run com.example.app %u"),
            format!("env -i {other} %u"),
            format!("{other}-that-is-gone %u"),
        ] {
            assert_eq!(said(exec.clone()), None, "{exec}");
        }
        assert_eq!(said(format!("{other} %u")), Some(PathBuf::from(&other)));
        assert_eq!(said(format!("env X=1 {other} --url %u")), Some(PathBuf::from(&other)));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_program_without_a_path_is_found_as_a_shell_finds_it() {
        assert_eq!(found("/opt/latchkey"), Some(PathBuf::from("/opt/latchkey")));
        assert!(found("sh").is_some_and(|file| file.is_absolute()));
        assert_eq!(found("no-such-program-anywhere"), None);
    }
}
