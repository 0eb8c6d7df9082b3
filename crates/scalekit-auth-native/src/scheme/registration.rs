//! Registration of the scheme on a Linux desktop: a desktop entry, and its entry as the default handler in
//! `mimeapps.list`.
//!
//! The deep-link plugin's own registration quotes the program's path, and `xdg-open` 1.1.3 takes the quotes for
//! a part of its name where it detects no desktop; and `xdg-mime` replaces a `mimeapps.list` that is a symbolic
//! link by a regular file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The data of a registration, and its directories.
#[derive(Debug)]
pub struct Registration {
    /// The schemes.
    pub schemes: Vec<String>,
    /// The application's name as shown to users.
    pub product: String,
    /// The program, or the AppImage that contains it.
    pub program: PathBuf,
    /// `$XDG_DATA_HOME`.
    pub data: PathBuf,
    /// `$XDG_CONFIG_HOME`.
    pub config: PathBuf,
    /// The program's own directory.
    pub own: PathBuf,
}

/// The result of a registration.
#[derive(Debug)]
pub struct Registered {
    /// Whether a file has changed.
    pub changed: bool,
    /// The first file that could not be written.
    pub failed: Option<io::Error>,
}

impl Registration {
    /// Registers the schemes: the entry, then its place in the list of defaults, which never names an entry that does
    /// not exist.
    pub fn register(&self) -> Registered {
        let entry = match self.write_entry() {
            Ok(changed) => changed,
            Err(why) => return Registered { changed: false, failed: Some(why) },
        };
        match self.write_default() {
            Ok(changed) => Registered { changed: entry || changed, failed: None },
            Err(why) => Registered { changed: entry, failed: Some(why) },
        }
    }

    fn write_entry(&self) -> io::Result<bool> {
        let applications = self.data.join("applications");
        fs::create_dir_all(&applications)?;
        let entry = self.entry()?;
        let changed = write_where_it_is(&applications.join(self.entry_name()), &entry)?;
        if changed {
            let refreshed =
                std::process::Command::new("update-desktop-database").arg(&applications).status();
            if let Err(why) = refreshed {
                tracing::debug!(%why, "the desktop finds the entry by its list of defaults alone");
            }
        }
        Ok(changed)
    }

    fn write_default(&self) -> io::Result<bool> {
        let list = self.config.join("mimeapps.list");
        let text = match fs::read_to_string(&list) {
            Err(why) if why.kind() == io::ErrorKind::NotFound => String::new(),
            text => text?,
        };
        let wanted = self.schemes.iter().fold(text, |text, scheme| {
            with_default(&text, &format!("x-scheme-handler/{scheme}"), &self.entry_name())
        });
        write_where_it_is(&list, &wanted)
    }

    fn entry_name(&self) -> String {
        let program = self.program.file_stem().unwrap_or_default().to_string_lossy();
        format!("{program}-handler.desktop")
    }

    fn entry(&self) -> io::Result<String> {
        let kinds: String =
            self.schemes.iter().map(|scheme| format!("x-scheme-handler/{scheme};")).collect();
        Ok(format!(
            "[Desktop Entry]\nType=Application\nName={}\nExec={} %u\nTerminal=false\nNoDisplay=true\nMimeType={kinds}\n",
            self.product,
            self.exec()?
        ))
    }

    /// The program for `Exec`. A path that would have to be quoted is replaced by a symbolic link without such
    /// characters, where one can be created.
    fn exec(&self) -> io::Result<String> {
        if is_plain(&self.program) {
            return Ok(self.program.display().to_string());
        }
        let link = self.own.join("program");
        if !is_plain(&link) || self.link(&link).is_err() {
            return Ok(quoted(&self.program.display().to_string()));
        }
        Ok(link.display().to_string())
    }

    fn link(&self, link: &Path) -> io::Result<()> {
        if fs::read_link(link).is_ok_and(|target| target == self.program) {
            return Ok(());
        }
        fs::create_dir_all(&self.own)?;
        match fs::remove_file(link) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            Ok(()) | Err(_) => {}
        }
        std::os::unix::fs::symlink(&self.program, link)
    }
}

/// Whether the path needs no quotes in `Exec` (Desktop Entry Specification, "The Exec key").
fn is_plain(path: &Path) -> bool {
    path.to_str().is_some_and(|path| {
        path.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ',' | ':' | '@')
        })
    })
}

fn quoted(path: &str) -> String {
    let mut quoted = String::from("\"");
    for c in path.chars() {
        if matches!(c, '"' | '`' | '$' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
        if c == '%' {
            quoted.push('%');
        }
    }
    quoted.push('"');
    quoted
}

/// The list with this entry as the default for this MIME type. Other lines are unchanged.
fn with_default(text: &str, kind: &str, entry: &str) -> String {
    const SECTION: &str = "[Default Applications]";
    let wanted = format!("{kind}={entry}");
    let (mut lines, mut inside, mut done) = (Vec::new(), false, false);
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim_end() == SECTION;
        }
        let names_it = line.split_once('=').is_some_and(|(name, _)| name.trim() == kind);
        if inside && names_it {
            // Of several lines, the first one counts.
            if !done {
                lines.push(wanted.as_str());
            }
            done = true;
            continue;
        }
        lines.push(line);
        if inside && !done && line.starts_with('[') && !text_names(text, kind) {
            lines.push(wanted.as_str());
            done = true;
        }
    }
    if !done {
        lines.extend([SECTION, wanted.as_str()]);
    }
    let mut changed = lines.join("\n");
    changed.push('\n');
    changed
}

/// Whether the list contains a default for this MIME type.
fn text_names(text: &str, kind: &str) -> bool {
    let mut inside = false;
    text.lines().any(|line| {
        if line.starts_with('[') {
            inside = line.trim_end() == "[Default Applications]";
        }
        inside && line.split_once('=').is_some_and(|(name, _)| name.trim() == kind)
    })
}

/// Writes the file atomically, through symbolic links. One that the user has made read-only is left unchanged.
/// Returns whether it had to be written.
fn write_where_it_is(path: &Path, text: &str) -> io::Result<bool> {
    let path = &target_of(path);
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(false);
    }
    let permissions = fs::metadata(path).map(|metadata| metadata.permissions()).ok();
    if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".{}.new", std::process::id()));
    let written = fs::write(&beside, text)
        .and_then(|()| permissions.map_or(Ok(()), |one| fs::set_permissions(&beside, one)))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.map(|()| true)
}

/// The file that a symbolic link leads to, which need not exist.
fn target_of(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    fs::canonicalize(path)
        .or_else(|_| fs::read_link(path).map(|target| folder.join(target)))
        .unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(home: &Path, program: &str) -> Registration {
        Registration {
            schemes: vec!["com.example.tool".to_owned()],
            product: "Tool".to_owned(),
            program: home.join(program),
            data: home.join("data"),
            config: home.join("config"),
            own: home.join("data/com.example.tool"),
        }
    }

    fn exec(home: &Path) -> String {
        let entry =
            fs::read_to_string(home.join("data/applications/tool-handler.desktop")).unwrap();
        entry.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap().to_owned()
    }

    // req: X32
    #[test]
    fn desktop_entry_exec_avoids_quotes_by_a_symlink() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        assert!(at(home, "tool").register().changed);
        assert_eq!(exec(home), format!("{} %u", home.join("tool").display()));
        assert!(!at(home, "tool").register().changed, "nothing has changed");
        assert!(at(home, "my $apps/tool").register().changed);
        let link = home.join("data/com.example.tool/program");
        assert_eq!(exec(home), format!("{} %u", link.display()));
        assert_eq!(fs::read_link(link).unwrap(), home.join("my $apps/tool"));
        let all = home.join("a home");
        assert!(at(&all, "tool").register().changed);
        assert_eq!(exec(&all), format!("\"{}\" %u", all.join("tool").display()));
    }

    #[test]
    fn mimeapps_list_symlink_and_contents_are_preserved() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        fs::create_dir_all(home.join("config")).unwrap();
        fs::create_dir_all(home.join("dotfiles")).unwrap();
        let (list, target) = (home.join("config/mimeapps.list"), home.join("dotfiles/mimeapps"));
        fs::write(&target, "[Default Applications]\ntext/html=a.desktop\n\n[Added Associations]\n")
            .unwrap();
        std::os::unix::fs::symlink(&target, &list).unwrap();
        assert!(at(home, "tool").register().failed.is_none());
        assert!(fs::symlink_metadata(&list).unwrap().is_symlink());
        assert_eq!(
            fs::read_to_string(&target).unwrap(),
            "[Default Applications]\nx-scheme-handler/com.example.tool=tool-handler.desktop\ntext/html=a.desktop\n\n[Added Associations]\n"
        );
    }

    #[test]
    fn mimeapps_list_symlink_to_a_missing_file_is_preserved() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        fs::create_dir_all(home.join("config")).unwrap();
        let list = home.join("config/mimeapps.list");
        std::os::unix::fs::symlink("../dotfiles/mimeapps", &list).unwrap();
        assert!(at(home, "tool").register().failed.is_none());
        assert!(fs::symlink_metadata(&list).unwrap().is_symlink());
        assert!(home.join("dotfiles/mimeapps").is_file());
    }

    #[test]
    fn desktop_entry_that_cannot_be_written_becomes_no_default() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("data")).unwrap();
        fs::write(home.path().join("data/applications"), "no folder").unwrap();
        let registered = at(home.path(), "tool").register();
        assert!(!registered.changed && registered.failed.is_some());
        assert!(!home.path().join("config/mimeapps.list").exists());
    }

    #[test]
    fn mimeapps_list_that_is_not_text_is_left_unchanged() {
        let home = tempfile::tempdir().unwrap();
        let list = home.path().join("config/mimeapps.list");
        fs::create_dir_all(list.parent().unwrap()).unwrap();
        fs::write(&list, b"[Default Applications]\n\xff=a.desktop\n").unwrap();
        assert!(at(home.path(), "tool").register().failed.is_some());
        assert_eq!(fs::read(&list).unwrap(), b"[Default Applications]\n\xff=a.desktop\n");
    }

    // req: X32
    #[test]
    fn mimeapps_list_that_is_read_only_is_left_unchanged() {
        let home = tempfile::tempdir().unwrap();
        let list = home.path().join("config/mimeapps.list");
        fs::create_dir_all(list.parent().unwrap()).unwrap();
        fs::write(&list, "").unwrap();
        let mut permissions = fs::metadata(&list).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&list, permissions).unwrap();
        let registered = at(home.path(), "tool").register();
        assert!(registered.changed, "the new entry is to be proved");
        assert!(registered.failed.is_some());
        assert_eq!(fs::read_to_string(&list).unwrap(), "");
        assert!(!exec(home.path()).is_empty());
    }

    #[test]
    fn mimeapps_default_of_another_program_is_replaced_in_place() {
        let kind = "x-scheme-handler/a";
        let before = "[Added Associations]\nx-scheme-handler/a=x.desktop\n[Default Applications]\nb=c\nx-scheme-handler/a=old.desktop\n";
        let after = before.replace("old.desktop", "new.desktop");
        assert_eq!(with_default(before, kind, "new.desktop"), after);
        assert_eq!(with_default(&after, kind, "new.desktop"), after);
        assert_eq!(
            with_default("", kind, "new.desktop"),
            "[Default Applications]\nx-scheme-handler/a=new.desktop\n"
        );
    }
}
