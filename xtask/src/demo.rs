//! `cargo xtask demo`: the playground. Its AO network is in the page; `--units` and `--public` give it another.

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
            .map_err(|_| Problem::new(format!("`{text}` is no port: a number from 1 to 65535")))?,
    };
    let chosen: Vec<_> = ["--units", "--public"]
        .into_iter()
        .filter(|flag| args.flag(flag))
        .collect();
    let profile = Profile::from_args(&mut args)?;
    args.finish()?;
    if chosen.len() > 1 {
        return Err(Problem::new("`--units` and `--public` are two networks; choose one"));
    }

    // Before the build: nobody wants to wait minutes for this answer.
    if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        let other = port.checked_add(1).unwrap_or(DEFAULT_PORT);
        return Err(Problem::new(format!(
            "port {port} cannot be used ({error}); try `cargo xtask demo --port {other}`"
        )));
    }
    package::build(project, profile)?;

    let mut server = project.script("serve.mjs");
    server.args(["--port", &port.to_string()]).args(chosen);
    become_process(&mut server)
}

/// The server takes our place, so that whatever ends this process, Ctrl-C or kill, reaches it.
#[cfg(unix)]
fn become_process(command: &mut Command) -> Result {
    use std::os::unix::process::CommandExt;
    Err(Problem::new(format!("could not start node: {}", command.exec())))
}

#[cfg(not(unix))]
fn become_process(command: &mut Command) -> Result {
    crate::run::run(command)
}
