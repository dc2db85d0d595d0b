//! A store in a folder of the file system.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorKind, Result};
use crate::platform::Storage;

/// Stores each record in a file, in a folder. Several processes may use the same folder.
pub struct DirectoryStorage {
    folder: PathBuf,
    /// The number of files written so far. Gives each unfinished file a name of its own.
    written: AtomicU64,
}

impl DirectoryStorage {
    /// Opens a folder. Creates it if it does not exist.
    ///
    /// # Errors
    /// `Storage` when the file system refuses.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        let unfinished = folder.join("unfinished");
        // A process that was killed may have left files there.
        let _ = fs::remove_dir_all(&unfinished);
        fs::create_dir_all(&unfinished).map_err(|error| failed("make", &unfinished, error))?;
        Ok(Self {
            folder,
            written: AtomicU64::new(0),
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("kept").join(name)
    }

    /// Writes a complete file that has no record's name yet.
    fn write(&self, bytes: &[u8], durable: bool) -> Result<PathBuf> {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join("unfinished").join(number.to_string());
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(bytes)?;
            if durable { file.sync_all() } else { Ok(()) }
        };
        write().map_err(|error| failed("write", &path, error))?;
        Ok(path)
    }

    /// The path of a record, whose folder exists afterwards.
    fn prepare(&self, name: &str) -> Result<PathBuf> {
        let path = self.path(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| failed("make", folder, error))?;
        }
        Ok(path)
    }
}

impl Storage for DirectoryStorage {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.path(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path, error)),
        }
    }

    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        let path = self.prepare(name)?;
        if path.exists() {
            return Ok(false);
        }
        let written = self.write(bytes, true)?;
        // Unlike a rename, a hard link never replaces an existing file.
        let linked = fs::hard_link(&written, &path);
        let _ = fs::remove_file(&written);
        match linked {
            Ok(()) => sync_folder(&path).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(failed("write", &path, error)),
        }
    }

    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.prepare(name)?;
        let written = self.write(bytes, false)?;
        fs::rename(&written, &path).map_err(|error| failed("write", &path, error))
    }

    async fn remove(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &path, error)),
            _ => Ok(()),
        }
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        let folder = self.path(prefix.trim_end_matches('/'));
        let mut names = list(&folder, prefix).map_err(|error| failed("read", &folder, error))?;
        names.sort_unstable();
        Ok(names)
    }
}

fn list(folder: &Path, prefix: &str) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().into_string();
        if let Some(name) = name.ok().filter(|_| entry.path().is_file()) {
            names.push(format!("{prefix}{name}"));
        }
    }
    Ok(names)
}

/// Writes the folder's own data to disk: it holds the file's name. Only Unix can sync a folder.
fn sync_folder(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| failed("write", folder, error)),
        _ => Ok(()),
    }
}

fn failed(verb: &str, path: &Path, error: io::Error) -> Error {
    let message = format!("Cannot {verb} {}: {error}", path.display());
    Error::new(ErrorKind::Storage, message).with_source(error)
}
