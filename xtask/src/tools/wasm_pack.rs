//! wasm-pack: builds and tests a crate for the browser. Rust developers run it by hand; here it runs to see that this works.

use std::path::PathBuf;

use super::crates;
use crate::project::Project;
use crate::run::{Result, find_program};

const VERSION: &str = "0.15.1";

pub fn ensure(project: &Project) -> Result<PathBuf> {
    match find_program(&["wasm-pack"]) {
        Some(path) => Ok(path),
        None => Ok(crates::ensure(project, "wasm-pack", VERSION, &["wasm-pack"], &[])?.join("wasm-pack")),
    }
}
