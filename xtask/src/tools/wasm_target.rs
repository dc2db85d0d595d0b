//! Finds or installs a cargo that compiles for wasm32-unknown-unknown.
//!
//! The first choice is the current toolchain, with the target that rustup adds. If rustup is absent or cannot download the
//! target, the second is Debian's rustc, with the standard library compiled from Debian's source package.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt;
use crate::project::Project;
use crate::run::{Problem, Result, find_program, output, path_with, run};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's toolchain for the web, and the linker for WebAssembly of the same LLVM.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
const DEBIAN_LINKER: &str = "wasm-ld-22";
const DEBIAN_BIN: &str = "/usr/bin";

/// How a toolchain compiles panics into traps, without their texts.
enum SilentPanics {
    No,
    /// By a setting of the profile.
    Profile,
    /// By a feature of the standard library.
    Feature,
    Unknown,
}

/// The program and the environment of cargo for the target.
pub struct WasmCargo {
    cargo: OsString,
    env: Vec<(&'static str, OsString)>,
    unset: &'static [&'static str],
    /// The folder that must come first on PATH, for programs that look for cargo there.
    pub folder: Option<&'static Path>,
    /// Whether clippy can check the target.
    pub has_clippy: bool,
}

impl WasmCargo {
    pub fn command(&self, project: &Project, subcommand: &str) -> Command {
        let mut command = project.command(&self.cargo);
        command.args([subcommand, "--target", TARGET]);
        self.prepare(project, &mut command);
        command
    }

    /// Sets the environment of a command that runs cargo itself.
    pub fn prepare(&self, project: &Project, command: &mut Command) {
        command.env("CARGO_TARGET_DIR", &project.cargo_target);
        for name in self.unset {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
    }

    fn compiler(&self) -> PathBuf {
        let own = self.env.iter().find(|(name, _)| *name == "RUSTC");
        let own = own.map(|(_, path)| path.clone()).or_else(|| env::var_os("RUSTC"));
        own.unwrap_or_else(|| "rustc".into()).into()
    }

    /// All that the compiler says of its version.
    pub fn compiler_version(&self) -> Result<String> {
        output(Command::new(self.compiler()).arg("-vV"))
    }

    /// What makes cargo compile the standard library together with the crate, for size. The library that rustup delivers is
    /// compiled for speed: the client would be 2.3 KB (gzip) larger. With `silent_panics`, a panic only traps, which saves 3 KB
    /// more. Without the library's sources nothing is added.
    pub fn small_standard_library(&self, silent_panics: bool) -> Result<Vec<String>> {
        let rustc = &self.compiler();
        // Debian's cargo compiles the library in any case.
        let is_debian = !self.env.is_empty();
        if !is_debian && !has_source(rustc) {
            super::installing("the sources of Rust's standard library (rustup)");
            if let Err(problem) = run(Command::new("rustup").args(["component", "add", "rust-src"])) {
                println!("  {problem}");
            }
        }
        if !has_source(rustc) {
            println!("  without them (`rustup component add rust-src`) the artefact is 2 to 5 KB larger");
            return Ok(Vec::new());
        }
        let mut args = Vec::new();
        if !is_debian {
            args.push("-Zbuild-std=std,panic_abort".to_owned());
        }
        let mut features = "-Zbuild-std-features=optimize_for_size".to_owned();
        let silent = if silent_panics {
            self.silent_panics(rustc)?
        } else {
            SilentPanics::No
        };
        match silent {
            SilentPanics::No => {}
            SilentPanics::Profile => args.extend([
                "-Zpanic-immediate-abort".into(),
                "--config".into(),
                "profile.release.panic=\"immediate-abort\"".into(),
            ]),
            SilentPanics::Feature => features.push_str(",panic_immediate_abort"),
            SilentPanics::Unknown => {
                println!("  this compiler keeps the texts of panics: the artefact is about 3 KB larger")
            }
        }
        args.push(features);
        Ok(args)
    }

    /// How this toolchain compiles panics into traps. A feature of the standard library became a setting of profiles.
    fn silent_panics(&self, rustc: &Path) -> Result<SilentPanics> {
        let flags = output(
            Command::new(&self.cargo)
                .args(["-Z", "help"])
                .env("RUSTC_BOOTSTRAP", "1"),
        );
        if flags.is_ok_and(|flags| flags.contains("panic-immediate-abort")) {
            return Ok(SilentPanics::Profile);
        }
        let manifest = sources_beside(rustc)?.join("library/std/Cargo.toml");
        let text = fs::read_to_string(&manifest).map_err(|error| Problem::file("read", &manifest, error))?;
        Ok(match text.contains("panic_immediate_abort = ") {
            true => SilentPanics::Feature,
            false => SilentPanics::Unknown,
        })
    }

    fn at_hand() -> Self {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self {
            cargo,
            env: Vec::new(),
            unset: &[],
            folder: None,
            has_clippy: true,
        }
    }
}

pub fn ensure() -> Result<WasmCargo> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    if has_standard_library(Path::new(&rustc)) {
        return Ok(WasmCargo::at_hand());
    }
    // If Debian's toolchain is complete, rustup has failed before.
    if let Some(cargo) = debian()? {
        return Ok(cargo);
    }
    if find_program(&["rustup"]).is_some() {
        super::installing(&format!("the {TARGET} target (rustup)"));
        match run(Command::new("rustup").args(["target", "add", TARGET])) {
            Ok(()) if has_standard_library(Path::new(&rustc)) => return Ok(WasmCargo::at_hand()),
            Ok(()) => println!("  {} does not see the new target", rustc.to_string_lossy()),
            Err(problem) => println!("  {problem}"),
        }
    }
    let purpose = format!("Rust cannot compile for {TARGET} here (`rustup target add {TARGET}` is the usual way)");
    apt::install(&DEBIAN_PACKAGES, &purpose)?;
    println!("  the first build for {TARGET} compiles the standard library too");
    debian()?.ok_or_else(|| {
        Problem::new(format!(
            "{purpose}, and Debian's toolchain is installed but not complete"
        ))
    })
}

fn has_standard_library(rustc: &Path) -> bool {
    let query = output(Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]));
    let Ok(entries) = query.and_then(|folder| {
        let folder = PathBuf::from(folder);
        fs::read_dir(&folder).map_err(|error| Problem::file("list", &folder, error))
    }) else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libcore"))
}

/// Debian's toolchain, if it is complete.
fn debian() -> Result<Option<WasmCargo>> {
    let bin = Path::new(DEBIAN_BIN);
    let (rustc, cargo) = (bin.join("rustc"), bin.join("cargo"));
    if !cargo.is_file() || !has_source(&rustc) || find_program(&[DEBIAN_LINKER]).is_none() {
        return Ok(None);
    }
    let env = vec![
        ("PATH", path_with(&[bin])?),
        ("RUSTC", rustc.into()),
        ("RUSTDOC", bin.join("rustdoc").into()),
        // build-std is not stable. This allows it on a stable compiler.
        ("RUSTC_BOOTSTRAP", "1".into()),
        ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".into()),
        ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER.into()),
    ];
    // These name rustup's toolchain and the libraries of its compiler.
    let unset = &["RUSTUP_TOOLCHAIN", "CARGO", "LD_LIBRARY_PATH"];
    let has_clippy = false;
    Ok(Some(WasmCargo {
        cargo: cargo.into(),
        env,
        unset,
        folder: Some(bin),
        has_clippy,
    }))
}

/// Whether this compiler has the sources of the standard library.
fn has_source(rustc: &Path) -> bool {
    sources_beside(rustc).is_ok_and(|sources| sources.join("library/Cargo.lock").is_file())
}

/// Where the sources of the standard library are, or would be.
pub fn sources_of_std() -> Result<PathBuf> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    sources_beside(Path::new(&rustc))
}

fn sources_beside(rustc: &Path) -> Result<PathBuf> {
    let sysroot = output(Command::new(rustc).args(["--print", "sysroot"]))?;
    Ok(Path::new(&sysroot).join("lib/rustlib/src/rust"))
}
