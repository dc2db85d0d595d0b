//! geckodriver: the test runner of wasm-bindgen drives Firefox with it. Debian has no package of it.

use std::path::PathBuf;

use super::crates;
use crate::project::Project;
use crate::run::{Result, find_program};

const VERSION: &str = "0.37.1";

pub fn ensure(project: &Project) -> Result<PathBuf> {
    match find_program(&["geckodriver"]) {
        Some(path) => Ok(path),
        None => Ok(crates::ensure(project, "geckodriver", VERSION, &["geckodriver"], &[])?.join("geckodriver")),
    }
}
