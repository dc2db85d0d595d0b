//! `cargo xtask`: builds, serves, tests and measures aoxide. It installs the tools that a machine lacks, and prints which.

mod args;
mod bench;
mod build_cache;
mod deflate;
mod demo;
mod example_process;
mod fuzz;
mod lock;
mod lua;
mod package;
mod project;
mod run;
mod test;
mod tools;

use std::process::ExitCode;

use args::Args;
use project::Project;
use run::{Problem, Result};

const USAGE: &str = "\
cargo xtask build [--profile release|fast]   the npm package: target/package/aoxide/ and aoxide.tgz
                  [--only client,local,…]      (only these of its WebAssembly modules; the others stay as they are)
                  [--only lua]                 (only the Lua module: target/lua/process.wasm)
cargo xtask demo [--port 8080]               build what the playground loads, and serve it with an AO network in the page
                 [--units|--public]            (or with wao's units behind it; or with the public network)
                 [--all]                       (build all of the package: for browsers without 64-bit WebAssembly memory)
                 [--profile release|fast]
cargo xtask test [suite …]                   every suite, or the named ones; `cargo xtask test --list` names them
cargo xtask fuzz [target …] [--time 600]     run fuzz targets, each for so many seconds (see tests/fuzz/README.md)
                 [--input file]                (or one target with one input: repeats a failure)
cargo xtask bench                            build, then measure";

fn main() -> ExitCode {
    let mut args = Args::new(std::env::args_os().skip(1));
    let outcome = match args.command().as_deref() {
        Some("build") => with_project(args, package::main),
        Some("demo") => with_project(args, demo::main),
        Some("test") => with_project(args, test::main),
        Some("fuzz") => with_project(args, fuzz::main),
        Some("bench") => with_project(args, bench::main),
        None | Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(())
        }
        Some(other) => Err(Problem::new(format!(
            "there is no command `{other}`. These exist:\n\n{USAGE}"
        ))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\nxtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn with_project(args: Args, command: fn(&Project, Args) -> Result) -> Result {
    command(&Project::find()?, args)
}
