//! The example that is a process: a crate of its own, which knows nothing of this workspace.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::build_cache::create_folder;
use crate::project::Project;
use crate::run::{Problem, Result, run, step};
use crate::tools::wasm_target::{self, WasmCargo};

const FOLDER: &str = "examples/counter-process";
const FILE: &str = "counter_process.wasm";

/// Builds it as its README says. The module lies where the tests look for it, wherever cargo compiles.
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

/// A cargo command for it, native.
pub fn native(project: &Project, subcommand: &str) -> Command {
    let mut command = project.cargo(subcommand);
    command.current_dir(folder(project));
    command
}

/// A cargo command for it, as the module that it becomes. What cargo is told of the target depends on the folder.
pub fn wasm(project: &Project, cargo: &WasmCargo, subcommand: &str) -> Command {
    let mut command = cargo.command(project, subcommand);
    command.current_dir(folder(project));
    command
}

fn folder(project: &Project) -> PathBuf {
    project.path(FOLDER)
}
