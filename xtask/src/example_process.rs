//! Builds the example process, `examples/counter-process`. It is a separate crate outside of this workspace.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::build_cache::create_folder;
use crate::project::Project;
use crate::run::{Problem, Result, run, step};
use crate::tools::wasm_target::{self, WasmCargo};

const FOLDER: &str = "examples/counter-process";
const FILE: &str = "counter_process.wasm";

/// Builds it as its README says, and copies the module to where the tests expect it.
pub fn build(project: &Project) -> Result {
    let cargo = wasm_target::ensure()?;
    step("the counter process", || {
        let mut command = wasm(project, &cargo, "build");
        run(command.args(["--quiet", "--release", "--locked"]))
    })?;
    let built = project
        .cargo_target
        .join(wasm_target::TARGET)
        .join("release")
        .join(FILE);
    let place = project.path("target/counter-process");
    create_folder(&place)?;
    fs::copy(&built, place.join(FILE)).map_err(|error| Problem::file("copy", &built, error))?;
    Ok(())
}

/// A native cargo command for it.
pub fn native(project: &Project, subcommand: &str) -> Command {
    let mut command = project.cargo(subcommand);
    command.current_dir(folder(project));
    command
}

/// A cargo command for it, compiled to WebAssembly. It runs in its folder, because cargo reads the configuration there.
pub fn wasm(project: &Project, cargo: &WasmCargo, subcommand: &str) -> Command {
    let mut command = cargo.command(project, subcommand);
    command.current_dir(folder(project));
    command
}

fn folder(project: &Project) -> PathBuf {
    project.path(FOLDER)
}
