//! Builds the example processes. Each is a separate crate outside of this workspace.

use std::fs;
use std::process::Command;

use crate::build_cache::create_folder;
use crate::project::Project;
use crate::run::{Problem, Result, run, step};
use crate::tools::wasm_target::{self, WasmCargo};

/// Their names: of the folder under `examples`, and of the crate.
const NAMES: [&str; 2] = ["counter-process", "token-process"];

/// Builds them as their READMEs say, and copies the modules to where the tests expect them.
pub fn build(project: &Project) -> Result {
    let cargo = wasm_target::ensure()?;
    step("the example processes", || {
        run_each(wasm(project, &cargo, "build"), &["--quiet", "--release", "--locked"])
    })?;
    for name in NAMES {
        let file = format!("{}.wasm", name.replace('-', "_"));
        let built = project
            .cargo_target
            .join(wasm_target::TARGET)
            .join("release")
            .join(&file);
        let place = project.path(format!("target/{name}"));
        create_folder(&place)?;
        let module = fs::read(&built).map_err(|error| Problem::file("read", &built, error))?;
        // The tests of another process may read it.
        if fs::read(place.join(&file)).is_ok_and(|present| present == module) {
            continue;
        }
        fs::write(place.join(&file), module).map_err(|error| Problem::file("write", &place.join(&file), error))?;
    }
    Ok(())
}

/// A native cargo command for each.
pub fn native(project: &Project, subcommand: &str) -> Vec<Command> {
    in_each(project, || project.cargo(subcommand))
}

/// A cargo command for each, compiled to WebAssembly.
pub fn wasm(project: &Project, cargo: &WasmCargo, subcommand: &str) -> Vec<Command> {
    in_each(project, || cargo.command(project, subcommand))
}

/// Runs the commands, one after the other, with these arguments.
pub fn run_each(commands: Vec<Command>, args: &[&str]) -> Result {
    commands.into_iter().try_for_each(|mut command| run(command.args(args)))
}

/// Each command runs in the folder of its crate, because cargo reads the configuration there.
fn in_each(project: &Project, command: impl Fn() -> Command) -> Vec<Command> {
    let in_folder = |name| {
        let mut command = command();
        command.current_dir(project.path(format!("examples/{name}")));
        command
    };
    NAMES.into_iter().map(in_folder).collect()
}
