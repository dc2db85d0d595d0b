//! Skips steps whose inputs have not changed. A stamp file has a digest of all inputs of a step.
//!
//! The digest is of contents, not of times: a checkout or a touched file does not repeat a step.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::run::{Problem, Result};

pub struct Stamp {
    file: PathBuf,
    digest: String,
}

impl Stamp {
    /// `inputs` are files or whole folders, and may be absent. `words` are further values that the result depends on.
    pub fn new(file: PathBuf, inputs: &[PathBuf], words: &[&str]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        words.hash(&mut hasher);
        for input in inputs {
            for path in files_under(input)? {
                path.hash(&mut hasher);
                fs::read(&path)
                    .map_err(|error| Problem::file("read", &path, error))?
                    .hash(&mut hasher);
            }
        }
        Ok(Self {
            file,
            digest: format!("{:016x}\n", hasher.finish()),
        })
    }

    /// Whether the step ran with these inputs, and its outputs exist.
    pub fn is_current(&self, outputs: &[PathBuf]) -> bool {
        outputs.iter().all(|output| output.exists())
            && fs::read_to_string(&self.file).is_ok_and(|kept| kept == self.digest)
    }

    pub fn save(&self) -> Result {
        if let Some(folder) = self.file.parent() {
            create_folder(folder)?;
        }
        fs::write(&self.file, &self.digest).map_err(|error| Problem::file("write", &self.file, error))
    }
}

pub fn create_folder(path: &Path) -> Result {
    fs::create_dir_all(path).map_err(|error| Problem::file("create", path, error))
}

/// The file itself, or every file under a folder in a fixed order. Empty if the path does not exist.
pub fn files_under(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    if path.is_dir() {
        let entries = fs::read_dir(path).and_then(|entries| entries.collect::<std::io::Result<Vec<_>>>());
        let mut entries = entries.map_err(|error| Problem::file("list", path, error))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            files.extend(files_under(&entry.path())?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder for one test, removed at its end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            create_folder(&path.join("in/deep")).unwrap();
            fs::write(path.join("in/deep/a"), "one").unwrap();
            Self(path)
        }

        fn stamp(&self, words: &[&str]) -> Stamp {
            Stamp::new(
                self.0.join("stamps/step"),
                &[self.0.join("in"), self.0.join("absent")],
                words,
            )
            .unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_changed_file_in_a_nested_folder_makes_the_stamp_outdated() {
        let folder = Folder::new("contents");
        assert!(!folder.stamp(&[]).is_current(&[]));
        folder.stamp(&[]).save().unwrap();
        assert!(folder.stamp(&[]).is_current(&[]));
        fs::write(folder.0.join("in/deep/a"), "two").unwrap();
        assert!(!folder.stamp(&[]).is_current(&[]));
    }

    #[test]
    fn changed_words_names_and_missing_outputs_make_the_stamp_outdated() {
        let folder = Folder::new("words");
        folder.stamp(&["-Oz"]).save().unwrap();
        assert!(!folder.stamp(&["-O1"]).is_current(&[]));
        assert!(!folder.stamp(&["-Oz"]).is_current(&[folder.0.join("out")]));
        fs::rename(folder.0.join("in/deep/a"), folder.0.join("in/deep/b")).unwrap();
        assert!(!folder.stamp(&["-Oz"]).is_current(&[]));
    }
}
