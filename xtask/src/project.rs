//! Paths of the repository, and commands that run in it.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Problem, Result};

pub struct Project {
    pub root: PathBuf,
    /// Cargo's target folder. Tools and packages are always under `target/` of the repository.
    pub cargo_target: PathBuf,
}

impl Project {
    pub fn find() -> Result<Self> {
        let here = env::current_dir().map_err(|error| Problem::new(format!("no current directory: {error}")))?;
        // `cargo run` sets the variable. Without it, look in the parent folders.
        let root = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(package) => Path::new(&package).parent().map(Path::to_owned),
            None => here
                .ancestors()
                .find(|folder| folder.join("xtask/Cargo.toml").is_file())
                .map(Path::to_owned),
        };
        let root = root.ok_or_else(|| Problem::new("this is not the aoxide repository. Run the command inside it"))?;
        let cargo_target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) if !folder.is_empty() => here.join(folder),
            _ => root.join("target"),
        };
        Ok(Self { root, cargo_target })
    }

    pub fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.root.join(inside)
    }

    /// The npm package as a folder. Not `pkg/` at the root: `wasm-pack build` writes there.
    pub fn package(&self) -> PathBuf {
        self.path("target/package/aoxide")
    }

    /// The archive for `npm install`, as the registry would have it.
    pub fn tarball(&self) -> PathBuf {
        self.path("target/package/aoxide.tgz")
    }

    /// A command that runs at the root of the repository.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// The cargo that runs this program, so that one toolchain is used.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand).env("CARGO_TARGET_DIR", &self.cargo_target);
        command
    }

    /// A program of the repository's npm packages.
    pub fn npm_bin(&self, name: &str) -> Command {
        self.command(self.path("node_modules/.bin").join(name))
    }

    /// A script of `xtask/scripts`.
    pub fn script(&self, name: &str) -> Command {
        let mut command = self.command("node");
        command.arg(self.path("xtask/scripts").join(name));
        command
    }
}
