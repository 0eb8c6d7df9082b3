//! A JSON file in the platform's configuration directory: a small object that other versions may have written, and
//! that is replaced by an atomic write.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value};

/// The size limit of such a file; a larger one was not written by this application.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The file.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    path: PathBuf,
    /// Held during a write.
    access: Arc<Mutex<()>>,
}

impl ConfigFile {
    /// The file with this name in this directory, which need not exist yet.
    pub fn new(folder: impl AsRef<Path>, name: &str) -> Self {
        Self { path: folder.as_ref().join(name), access: Arc::default() }
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file; `None` if it does not exist. Blocks.
    ///
    /// # Errors
    /// The reason why it cannot be read.
    pub fn read(&self) -> Result<Option<Map<String, Value>>, String> {
        let file = match fs::File::open(&self.path) {
            Ok(file) => file,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(why.to_string()),
        };
        let mut text = Vec::new();
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut text).map_err(|why| why.to_string())?;
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err("It is too large".to_owned());
        }
        serde_json::from_slice(&text).map(Some).map_err(|why| why.to_string())
    }

    /// Writes these members and leaves the other members of the file unchanged. Blocks.
    ///
    /// The write is atomic: after a crash there is the previous file or the new one. A file that could not be read is
    /// first copied to one with the extension `.json.damaged`.
    ///
    /// # Errors
    /// The reason why it could not be written; the previous file is then intact.
    pub fn merge(&self, members: Map<String, Value>) -> io::Result<()> {
        let _guard = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        let mut object = match self.read() {
            Ok(object) => object.unwrap_or_default(),
            Err(_) => {
                // A device or a pipe may have no end.
                if !fs::metadata(&self.path)?.is_file() {
                    return Err(io::Error::other("It is not a file"));
                }
                fs::copy(&self.path, self.path.with_extension("json.damaged"))?;
                Map::new()
            }
        };
        merge(&mut object, members);
        self.replace(&object)
    }

    fn replace(&self, object: &Map<String, Value>) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut text = serde_json::to_string_pretty(object)?;
        text.push('\n');
        let beside = self.path.with_extension("json.new");
        let moved = write_down(&beside, &text).and_then(|()| fs::rename(&beside, &self.path));
        if moved.is_err() {
            let _ = fs::remove_file(&beside);
        }
        moved
    }
}

/// Sets the members of the object; where both values are objects, merges them.
pub fn merge(object: &mut Map<String, Value>, members: Map<String, Value>) {
    for (name, value) in members {
        match (object.get_mut(&name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (_, value) => drop(object.insert(name, value)),
        }
    }
}

fn write_down(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn config_file_merge_preserves_unknown_nested_members() {
        let folder = tempfile::tempdir().unwrap();
        let file = ConfigFile::new(folder.path(), "a.json");
        fs::write(file.path(), r#"{"a": {"b": 1, "c": 2}, "d": 3}"#).unwrap();
        let members = json!({"a": {"b": 4}, "e": {"f": 5}});
        file.merge(members.as_object().unwrap().clone()).unwrap();
        let read = Value::Object(file.read().unwrap().unwrap());
        assert_eq!(read, json!({"a": {"b": 4, "c": 2}, "d": 3, "e": {"f": 5}}));
    }

    #[cfg(unix)]
    #[test]
    fn config_file_without_an_end_is_read_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let file = ConfigFile::new(folder.path(), "a.json");
        std::os::unix::fs::symlink("/dev/zero", file.path()).unwrap();
        assert_eq!(file.read(), Err("It is too large".to_owned()));
        file.merge(Map::new()).unwrap_err();
    }
}
