//! The desktop's handler of the custom scheme. Schemes have no owner (RFC 8252 §8.4), so another program
//! can register for this one.

use std::{
    ffi::OsString,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use scalekit_auth::SchemeHandler;

/// The handler of `scheme` on this desktop, and its desktop entry: a launcher or a script, which may start this
/// program, is [`SchemeHandler::Perhaps`]. Blocks.
pub(super) fn of(scheme: &str) -> (SchemeHandler, String) {
    let lists = Lists::of_this_desktop();
    let Some(text) = lists.entry_of(&format!("x-scheme-handler/{scheme}")) else {
        return (SchemeHandler::Nobody, String::new());
    };
    // A program that does not know its own path cannot recognize it in the entry.
    let unknown = || SchemeHandler::Perhaps(first_word_of_exec(&text));
    let handler = this_program().map_or_else(unknown, |this| by_entry(&text, &this));
    (handler, text)
}

/// The path by which the desktop knows this program.
#[must_use]
pub fn this_program() -> Option<PathBuf> {
    program_by_variables(|name| std::env::var_os(name))
}

fn program_by_variables(value: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    match value("APPIMAGE") {
        Some(image) => Some(PathBuf::from(image)),
        None => std::env::current_exe().ok(),
    }
}

/// The handler that a desktop entry starts.
fn by_entry(entry: &str, this: &Path) -> SchemeHandler {
    let words = words_of_exec(entry).unwrap_or_default();
    let Some(handler) = program_of(&words).and_then(found) else {
        return SchemeHandler::Perhaps(first_word_of_exec(entry));
    };
    let Ok(target) = handler.canonicalize() else { return SchemeHandler::Nobody };
    let name = handler.display().to_string();
    if this.canonicalize().is_ok_and(|this| this == target) {
        return SchemeHandler::Ours;
    }
    // Every `/snap/bin/…` is a symbolic link to `snap`.
    let is_launcher = target.file_name().is_some_and(|name| name == "snap");
    if is_launcher || !is_binary(&target) {
        SchemeHandler::Perhaps(name)
    } else {
        SchemeHandler::Another(name)
    }
}

fn first_word_of_exec(entry: &str) -> String {
    words_of_exec(entry).and_then(|words| words.into_iter().next()).unwrap_or_default()
}

/// The files with default applications (MIME Applications Associations, XDG Base Directory).
struct Lists {
    /// The lists with the defaults, in order of precedence.
    defaults: Vec<PathBuf>,
    /// The directories with desktop entries.
    applications: Vec<PathBuf>,
}

impl Lists {
    fn of_this_desktop() -> Self {
        Self::by_variables(|name| std::env::var_os(name))
    }

    fn by_variables(value: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| value(name).filter(|value| !value.is_empty());
        let home = |below: &str| set("HOME").map(|home| Path::new(&home).join(below));
        let folders = |own: &str, below: &str, others: &str, usual: &str| -> Vec<PathBuf> {
            let own = set(own).map(PathBuf::from).or_else(|| home(below));
            let others = set(others).unwrap_or_else(|| usual.into());
            own.into_iter().chain(std::env::split_paths(&others)).collect()
        };
        let config = folders("XDG_CONFIG_HOME", ".config", "XDG_CONFIG_DIRS", "/etc/xdg");
        let data = folders(
            "XDG_DATA_HOME",
            ".local/share",
            "XDG_DATA_DIRS",
            "/usr/local/share:/usr/share",
        );
        let applications: Vec<_> = data.iter().map(|data| data.join("applications")).collect();
        let desktops = set("XDG_CURRENT_DESKTOP").unwrap_or_default();
        let desktops = desktops.to_string_lossy().to_lowercase();
        let names: Vec<_> = desktops
            .split(':')
            .filter(|name| !name.is_empty())
            .map(|name| format!("{name}-mimeapps.list"))
            .chain(["mimeapps.list".to_owned()])
            .collect();
        let in_folder =
            |folder: &PathBuf| names.iter().map(|name| folder.join(name)).collect::<Vec<_>>();
        let defaults = config.iter().chain(&applications).flat_map(in_folder).collect();
        Self { defaults, applications }
    }

    /// The desktop entry for a MIME type: the default of the first list that names an existing one, otherwise the
    /// first entry that declares this type.
    fn entry_of(&self, kind: &str) -> Option<String> {
        let caches: Vec<_> =
            self.applications.iter().map(|folder| folder.join("mimeinfo.cache")).collect();
        [
            ("[Default Applications]", &self.defaults),
            ("[Added Associations]", &self.defaults),
            ("[MIME Cache]", &caches),
        ]
        .into_iter()
        .flat_map(|(section, files)| {
            files.iter().flat_map(move |file| named_in(file, section, kind))
        })
        .find_map(|name| self.text_of(&name))
    }

    fn text_of(&self, name: &str) -> Option<String> {
        self.applications.iter().find_map(|folder| std::fs::read_to_string(folder.join(name)).ok())
    }
}

/// The desktop entries that a file names for this MIME type in this section.
fn named_in(file: &Path, section: &str, kind: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let inside = text.lines().skip_while(|line| line.trim_end() != section).skip(1);
    inside
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| name.trim() == kind)
        .flat_map(|(_, names)| names.split(';'))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The arguments of `Exec` (Desktop Entry Specification), each of which may be quoted.
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

/// The program that is started, where the arguments name one that starts no other: `env` with variables only,
/// then a program with options and the link.
fn program_of(words: &[String]) -> Option<&str> {
    let mut words = words.iter().map(String::as_str).peekable();
    if Path::new(words.peek()?).file_name()? == "env" {
        words.next();
        while words.next_if(|word| !word.starts_with('-') && word.contains('=')).is_some() {}
    }
    let program = words.next().filter(|word| !word.starts_with('-'))?;
    words.all(|word| word.starts_with(['%', '-'])).then_some(program)
}

/// Whether it is an ELF executable rather than a script.
fn is_binary(file: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(file).is_ok_and(|mut file| file.read_exact(&mut magic).is_ok())
        && magic == *b"\x7fELF"
}

/// The path of a program that is given by its path, or by its name in `PATH`.
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
    use crate::test_variables::variables;

    fn entry(exec: &str) -> String {
        format!("[Desktop Entry]\nName=A\nExec={exec}\nTerminal=false\n")
    }

    #[test]
    fn desktop_entry_exec_is_parsed_to_its_program() {
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
            ("/opt/a\\b %u", Some("/opt/a\\b")),
            ("", None),
        ] {
            let words = words_of_exec(&entry(exec));
            assert_eq!(words.as_deref().and_then(program_of), program, "{exec}");
        }
        assert_eq!(words_of_exec("[Desktop Entry]\nTryExec=latchkey\n"), None);
    }

    #[cfg(unix)]
    #[test]
    fn scheme_handler_that_may_wrap_this_program_is_no_conflict() {
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
        let handler_of = |exec: String| by_entry(&entry(&exec), Path::new(&this));
        assert_eq!(handler_of(format!("{this} %u")), SchemeHandler::Ours);
        assert_eq!(handler_of(format!("env X=1 {this} %u")), SchemeHandler::Ours);
        for exec in [
            format!("{script} %u"),
            format!("{snap} %u"),
            format!("{other} run com.example.app %u"),
            format!("env -i {other} %u"),
        ] {
            assert!(matches!(handler_of(exec.clone()), SchemeHandler::Perhaps(_)), "{exec}");
        }
        assert_eq!(handler_of(format!("{other}-that-is-gone %u")), SchemeHandler::Nobody);
        assert_eq!(handler_of(format!("{other} %u")), SchemeHandler::Another(other.clone()));
        assert_eq!(
            handler_of(format!("env X=1 {other} --url %u")),
            SchemeHandler::Another(other.clone())
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn scheme_handler_lookup_follows_mimeapps_precedence() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        let lists = Lists {
            defaults: ["sway-mimeapps.list", "mimeapps.list"]
                .map(|name| folder.path().join(name))
                .into(),
            applications: ["home", "system"].map(|name| folder.path().join(name)).into(),
        };
        let kind = "x-scheme-handler/a.b";
        assert_eq!(lists.entry_of(kind), None);
        write(
            "system/mimeinfo.cache",
            "[MIME Cache]\nx-scheme-handler/a.b=gone.desktop;b.desktop;\n",
        );
        assert_eq!(lists.entry_of(kind), None);
        write("system/b.desktop", "by itself");
        assert_eq!(lists.entry_of(kind).as_deref(), Some("by itself"));
        write("home/a.desktop", "the default");
        write(
            "mimeapps.list",
            "[Added Associations]\nx-scheme-handler/a.b=b.desktop\n\n[Default Applications]\nx-scheme-handler/a.b.c=b.desktop\nx-scheme-handler/a.b=gone.desktop;a.desktop\n",
        );
        assert_eq!(lists.entry_of(kind).as_deref(), Some("the default"));
        write("sway-mimeapps.list", "[Default Applications]\nx-scheme-handler/a.b=b.desktop\n");
        assert_eq!(lists.entry_of(kind).as_deref(), Some("by itself"));
    }

    #[cfg(unix)]
    #[test]
    fn mimeapps_lists_of_the_desktop_precede_the_general_ones() {
        let lists = |pairs: &[(&str, &str)]| {
            let lists = Lists::by_variables(variables(pairs));
            lists.defaults.iter().map(|list| list.display().to_string()).collect::<Vec<_>>()
        };
        let named = [
            ("XDG_CONFIG_HOME", "/c"),
            ("XDG_CONFIG_DIRS", "/d"),
            ("XDG_DATA_HOME", "/e"),
            ("XDG_DATA_DIRS", "/f"),
            ("XDG_CURRENT_DESKTOP", "ubuntu::GNOME"),
        ];
        let in_order = ["/c", "/d", "/e/applications", "/f/applications"].map(|folder| {
            ["ubuntu-mimeapps.list", "gnome-mimeapps.list", "mimeapps.list"]
                .map(|name| format!("{folder}/{name}"))
        });
        assert_eq!(lists(&named), in_order.concat());

        let unset = [("HOME", "/h"), ("XDG_CONFIG_HOME", ""), ("XDG_DATA_DIRS", "")];
        let usual = [
            "/h/.config",
            "/etc/xdg",
            "/h/.local/share/applications",
            "/usr/local/share/applications",
            "/usr/share/applications",
        ];
        assert_eq!(lists(&unset), usual.map(|folder| format!("{folder}/mimeapps.list")));
    }

    #[test]
    fn this_program_is_its_appimage_or_executable() {
        let image = program_by_variables(variables(&[("APPIMAGE", "/opt/latchkey.AppImage")]));
        assert_eq!(image, Some(PathBuf::from("/opt/latchkey.AppImage")));
        assert_eq!(program_by_variables(variables(&[])), std::env::current_exe().ok());
        assert!(this_program().is_some_and(|program| program.is_absolute()));
    }

    #[cfg(unix)]
    #[test]
    fn desktop_entry_exec_without_folder_is_looked_up_in_path() {
        assert_eq!(found("/opt/latchkey"), Some(PathBuf::from("/opt/latchkey")));
        assert!(found("sh").is_some_and(|file| file.is_absolute()));
        assert_eq!(found("no-such-program-anywhere"), None);
    }
}
