//! The wasm-bindgen programs. Their version must be that of the crate in Cargo.lock.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::crates;
use crate::lock;
use crate::project::Project;
use crate::run::{Result, find_program, output};

const PROGRAMS: [&str; 2] = ["wasm-bindgen", "wasm-bindgen-test-runner"];

pub struct WasmBindgen {
    pub version: String,
    /// The folder that holds `wasm-bindgen` and `wasm-bindgen-test-runner`.
    pub bin: PathBuf,
}

pub fn ensure(project: &Project) -> Result<WasmBindgen> {
    let version = lock::version_of(project, "wasm-bindgen")?;
    let bin = match on_path(&version) {
        Some(bin) => bin,
        // TLS is only needed for remote web drivers, and takes a third of the compile time.
        None => crates::ensure(
            project,
            "wasm-bindgen-cli",
            &version,
            &PROGRAMS,
            &["--no-default-features"],
        )?,
    };
    Ok(WasmBindgen { version, bin })
}

fn on_path(version: &str) -> Option<PathBuf> {
    let program = find_program(&PROGRAMS[..1])?;
    let runner = find_program(&PROGRAMS[1..])?;
    let says = |program: &Path| output(Command::new(program).arg("--version")).ok();
    let wanted = format!("wasm-bindgen {version}");
    let bin = program.parent()?;
    (says(&program)? == wanted && runner.parent() == Some(bin)).then(|| bin.to_owned())
}
