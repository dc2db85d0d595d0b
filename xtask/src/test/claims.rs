//! Which of two processes runs a suite: the first that creates the file of its name.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;

use crate::build_cache::create_folder;
use crate::project::Project;
use crate::run::{Problem, Result};

/// The variable that gives the folder to the second process.
const VARIABLE: &str = "AOXIDE_TEST_CLAIMS";

pub struct Claims {
    folder: Option<PathBuf>,
}

impl Claims {
    /// No suite is taken.
    pub fn new(project: &Project) -> Result<Self> {
        let folder = project.path("target/test-claims");
        let _ = fs::remove_dir_all(&folder);
        create_folder(&folder)?;
        Ok(Self { folder: Some(folder) })
    }

    /// Those of the process that started this one. Without such a process, every suite is free.
    pub fn of_parent() -> Self {
        Self::in_folder(env::var_os(VARIABLE))
    }

    pub fn is_of_parent(&self) -> bool {
        self.folder.is_some()
    }

    fn in_folder(folder: Option<OsString>) -> Self {
        Self {
            folder: folder.map(PathBuf::from),
        }
    }

    pub fn hand_to(&self, command: &mut Command) {
        if let Some(folder) = &self.folder {
            command.env(VARIABLE, folder);
        }
    }

    /// Whether the suite was free. From now on it is not.
    pub fn take(&self, suite: &str) -> Result<bool> {
        let Some(folder) = &self.folder else { return Ok(true) };
        let file = folder.join(suite);
        match File::create_new(&file) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(Problem::file("create", &file, error)),
        }
    }

    pub fn is_taken(&self, suite: &str) -> bool {
        self.folder.as_ref().is_some_and(|folder| folder.join(suite).exists())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_taken_once() {
        let folder = env::temp_dir().join(format!("xtask-claims-{}", std::process::id()));
        create_folder(&folder).unwrap();
        let one = Claims::in_folder(Some(folder.clone().into()));
        let other = Claims::in_folder(Some(folder.clone().into()));
        assert!(!other.is_taken("js"));
        assert!(one.take("js").unwrap());
        assert!(other.is_taken("js"));
        assert!(!other.take("js").unwrap());
        assert!(other.take("page").unwrap());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn without_another_process_every_suite_is_free() {
        let claims = Claims::in_folder(None);
        assert!(claims.take("js").unwrap());
        assert!(claims.take("js").unwrap());
    }
}
