//! `cargo xtask demo`: builds what the playground loads, then serves it. Its AO network is in the page. `--units` and
//! `--public` choose another network.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use crate::args::Args;
use crate::package::{self, Profile};
use crate::project::Project;
use crate::run::{Problem, Result};

const DEFAULT_PORT: u16 = 8080;

pub fn main(project: &Project, mut args: Args) -> Result {
    let port = match args.option("--port")? {
        None => DEFAULT_PORT,
        Some(text) => text
            .parse()
            .map_err(|_| Problem::new(format!("`{text}` is not a port. Pass a number from 1 to 65535")))?,
    };
    let chosen: Vec<_> = ["--units", "--public"]
        .into_iter()
        .filter(|flag| args.flag(flag))
        .collect();
    let all = args.flag("--all");
    let profile = Profile::from_args(&mut args)?;
    args.finish()?;
    if chosen.len() > 1 {
        return Err(Problem::new(
            "`--units` and `--public` exclude each other. Remove one of them",
        ));
    }

    // Before the build, which takes minutes.
    if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        let other = port.checked_add(1).unwrap_or(DEFAULT_PORT);
        return Err(Problem::new(format!(
            "port {port} cannot be used ({error}). Try `cargo xtask demo --port {other}`"
        )));
    }
    if all {
        package::build(project, profile)?;
    } else {
        package::build_for_playground(project, profile)?;
    }

    let mut server = project.script("serve.mjs");
    server.args(["--port", &port.to_string()]).args(chosen);
    become_process(&mut server)
}

/// Replaces this process with the server, so that Ctrl-C and signals reach the server.
#[cfg(unix)]
fn become_process(command: &mut Command) -> Result {
    use std::os::unix::process::CommandExt;
    Err(Problem::new(format!("could not start node: {}", command.exec())))
}

#[cfg(not(unix))]
fn become_process(command: &mut Command) -> Result {
    crate::run::run(command)
}
