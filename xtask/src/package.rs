//! `cargo xtask build`: from the crate to the archive that users install.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::build_cache::{Stamp, create_folder};
use crate::example_process;
use crate::lock;
use crate::project::Project;
use crate::run::{Problem, Result, output, run, step, up_to_date};
use crate::tools::{node, wasm_bindgen, wasm_target};

/// One entry for every bundler and none: the JavaScript face hands over the bytes.
const GLUE_FLAGS: &[&str] = &[
    "--target",
    "web",
    "--omit-default-module-path",
    // After a crash the face asks for a fresh instance.
    "--experimental-reset-state-function",
];

/// One WebAssembly module of the package: the crate with some of its features.
struct Artefact {
    /// Of its files in the package.
    name: &'static str,
    features: &'static str,
    /// Cargo's profile for what users get.
    profile: &'static str,
    /// What wasm-opt aims at.
    aim: &'static str,
    /// Whether it is so close to its limit that the standard library is compiled for size, too. That takes half a minute.
    has_small_std: bool,
}

impl Artefact {
    /// Whether every page loads it, so that each byte counts.
    fn is_everywhere(&self) -> bool {
        self.name == "aoxide"
    }
}

const ARTEFACTS: &[Artefact] = &[
    // What every page loads.
    Artefact {
        name: "aoxide",
        features: "client-bindings",
        profile: "release",
        aim: "-Oz",
        has_small_std: true,
    },
    // What SubtleCrypto cannot do; fetched when it is needed.
    Artefact {
        name: "rsa",
        features: "rsa-bindings",
        profile: "release",
        aim: "-Oz",
        has_small_std: false,
    },
    // Process modules, on the host's own WebAssembly; fetched by those who run them.
    Artefact {
        name: "compute",
        features: "compute-bindings",
        profile: "release",
        aim: "-Oz",
        has_small_std: false,
    },
    // The same on an interpreter, where the host's own cannot run them.
    Artefact {
        name: "compute-wasmi",
        features: "compute-bindings,wasmi",
        profile: "compute",
        aim: "-O3",
        has_small_std: false,
    },
    // HTTP message signatures; fetched by those who use them.
    Artefact {
        name: "httpsig",
        features: "httpsig-bindings",
        profile: "release",
        aim: "-Oz",
        has_small_std: true,
    },
    // A whole network; fetched by those who run one.
    Artefact {
        name: "local",
        features: "local-bindings",
        profile: "release",
        aim: "-Oz",
        has_small_std: false,
    },
    // The same with the interpreter in it.
    Artefact {
        name: "local-wasmi",
        features: "local-bindings,wasmi",
        profile: "compute",
        aim: "-O3",
        has_small_std: false,
    },
];

/// What every browser of the last years has; rustc writes most of it by default.
const OPTIMISER_FLAGS: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
    // rustc puts the stack first: what is at its very end is reached by programs that have failed already.
    "--low-memory-unused",
    // rustc has put functions into each other where that pays. More of it makes large ones, which pack worse (by 2 to 7 in a
    // hundred) and keep engines busy that optimise what has just begun.
    "--one-caller-inline-max-function-size=20",
    "--flexible-inline-max-function-size=8",
];

/// What every page loads is optimised until it becomes no smaller, with its control flow taken apart and written anew in
/// between.
const SMALLER: &[&str] = &["--flatten", "--rereloop", "-Oz", "--converge"];

/// Custom sections that no engine reads.
const STRIPPED: &[&str] = &["--strip-producers", "--strip-target-features"];

/// Panic messages of what users download do not name source lines: that is 2 in a hundred less (gzip).
const WITHOUT_LINES: &str = "-Zlocation-detail=none";

/// The interpreter is compiled for speed, and most of its functions are left apart all the same: engines optimise a module
/// function by function, in the background, and until they are done with the interpreter's loop a process boots slowly. To
/// LLVM, which decides by size, an instruction and a call weigh five times what is usual. What every page loads becomes
/// smaller by it, too.
const APART_FLAGS: &[&str] = &[
    "-Cllvm-args=-inline-instr-cost=25",
    "-Cllvm-args=-inline-call-penalty=125",
];

/// Documents of the repository that go into the package; `package-documents.mjs` rewrites their links.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "LICENSE",
    "docs",
];

#[derive(Clone, Copy, PartialEq)]
pub enum Profile {
    /// What users get: each artefact's own profile, and wasm-opt.
    Release,
    /// The same in a fraction of the time, and larger.
    Fast,
}

impl Profile {
    pub fn from_args(args: &mut Args) -> Result<Self> {
        match args.option("--profile")?.as_deref() {
            None | Some("release") => Ok(Self::Release),
            Some("fast") => Ok(Self::Fast),
            Some(other) => Err(Problem::new(format!(
                "there is no profile `{other}`: `release` or `fast`"
            ))),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Fast => "fast",
        }
    }

    /// Cargo's profile for an artefact.
    fn of(self, artefact: &Artefact) -> &'static str {
        match self {
            Self::Release => artefact.profile,
            Self::Fast => "fast",
        }
    }
}

pub fn main(project: &Project, mut args: Args) -> Result {
    let profile = Profile::from_args(&mut args)?;
    let only = args.option("--only")?;
    args.finish()?;
    build_some(project, profile, &chosen(only.as_deref())?)?;
    example_process::build(project)
}

/// The artefacts of a list like `aoxide,local`; all of them without one.
fn chosen(names: Option<&str>) -> Result<Vec<&'static Artefact>> {
    let Some(names) = names else {
        return Ok(ARTEFACTS.iter().collect());
    };
    let find = |name| ARTEFACTS.iter().find(|artefact| artefact.name == name);
    let unknown = |name| Problem::new(format!("there is no artefact `{name}`"));
    names
        .split(',')
        .map(|name| find(name).ok_or_else(|| unknown(name)))
        .collect()
}

pub fn build(project: &Project, profile: Profile) -> Result {
    build_some(project, profile, &chosen(None)?)
}

/// Builds these, and takes the others as they were built last.
fn build_some(project: &Project, profile: Profile, artefacts: &[&Artefact]) -> Result {
    let cargo = wasm_target::ensure()?;
    let bindgen = wasm_bindgen::ensure(project)?;
    node::ensure(project)?;

    let folder = project.path("target/pkg-glue");
    for artefact in artefacts {
        let compiled = compile(project, profile, &cargo, artefact)?;
        generate_glue(project, profile, &bindgen, artefact, &compiled, &folder)?;
    }
    assemble(project, profile, &folder)
}

/// Each artefact has a target folder of its own: cargo would overwrite the one with the other.
fn compile(
    project: &Project,
    profile: Profile,
    cargo: &wasm_target::WasmCargo,
    artefact: &Artefact,
) -> Result<PathBuf> {
    let target = project.cargo_target.join("artefacts").join(artefact.name);
    let mut fetch = cargo.command(project, "fetch");
    run(fetch.arg("--quiet"))?;
    let profile = profile.of(artefact);
    let is_fast = profile == "fast";
    let keeps_apart = profile == "compute" || (artefact.is_everywhere() && !is_fast);
    let config = compiler_flags(keeps_apart, !is_fast)?;
    let standard_library = match artefact.has_small_std && !is_fast {
        true => cargo.small_standard_library(),
        false => &[],
    };
    step(
        &format!(
            "cargo build of {} for {} ({profile})",
            artefact.name,
            wasm_target::TARGET
        ),
        || {
            run(cargo
                .command(project, "build")
                .args(["--quiet", "--lib", "--profile", profile])
                .args(["--no-default-features", "--features", artefact.features])
                .args(["--config", &config])
                .args(standard_library)
                .env("RUSTC_BOOTSTRAP", "1")
                .arg("--target-dir")
                .arg(&target))
        },
    )?;
    Ok(target.join(wasm_target::TARGET).join(profile).join("aoxide.wasm"))
}

/// Panic messages name source files. Those of dependencies lie under the home of whoever builds, which is nobody's
/// business, and would make the package differ from machine to machine.
///
/// Nothing that users see is written with `Debug`; the code for it is a tenth of an artefact. (Leaving it out is not
/// stable: hence `RUSTC_BOOTSTRAP`.)
fn compiler_flags(keeps_apart: bool, without_lines: bool) -> Result<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let sources = home.unwrap_or_default().join("registry/src");
    let registries = fs::read_dir(&sources).map_err(|error| Problem::file("read", &sources, error))?;
    let flags = registries
        .filter_map(|registry| Some(registry.ok()?.path().display().to_string()))
        .map(|path| format!("--remap-path-prefix={path}=crates"));
    // Where the sources of the standard library are there, the compiler names them in place of `/rustc/…`.
    let library = format!("--remap-path-prefix={}=rust", wasm_target::sources_of_std()?.display());
    let apart = if keeps_apart { APART_FLAGS } else { &[] };
    let lines = without_lines.then_some(&WITHOUT_LINES);
    let fixed = ["-Zfmt-debug=none"].iter().chain(apart).chain(lines);
    let flags = flags.chain([library]).chain(fixed.map(ToString::to_string));
    let flags: Vec<String> = flags.map(|flag| format!("{flag:?}")).collect();
    Ok(format!(
        "target.{}.rustflags=[{}]",
        wasm_target::TARGET,
        flags.join(",")
    ))
}

/// Writes the generated JavaScript and the finished module into `folder`.
fn generate_glue(
    project: &Project,
    profile: Profile,
    bindgen: &wasm_bindgen::WasmBindgen,
    artefact: &Artefact,
    compiled: &Path,
    folder: &Path,
) -> Result {
    let name = artefact.name;
    let javascript = folder.join(format!("{name}.js"));
    let wasm = folder.join(format!("{name}.wasm"));
    let smaller = if artefact.is_everywhere() { SMALLER } else { &[] };
    let words = [
        &[bindgen.version.as_str(), profile.name(), artefact.aim],
        GLUE_FLAGS,
        OPTIMISER_FLAGS,
        smaller,
        STRIPPED,
    ]
    .concat();
    let stamp = Stamp::new(folder.join(format!("{name}.stamp")), &[compiled.to_owned()], &words)?;
    if stamp.is_current(&[javascript, wasm.clone()]) {
        up_to_date(&format!("wasm-bindgen, wasm-opt of {name}"));
        return Ok(());
    }
    create_folder(folder)?;
    step("wasm-bindgen", || {
        let mut command = project.command(bindgen.bin.join("wasm-bindgen"));
        command
            .args(GLUE_FLAGS)
            .args(["--out-name", name, "--out-dir"])
            .arg(folder)
            .arg(compiled);
        run(&mut command)
    })?;
    let bound = folder.join(format!("{name}_bg.wasm"));
    match profile {
        Profile::Release => step("wasm-opt", || {
            run(project
                .npm_bin("wasm-opt")
                .args(OPTIMISER_FLAGS)
                .args(smaller)
                .arg(artefact.aim)
                .args(STRIPPED)
                .arg(&bound)
                .arg("-o")
                .arg(&wasm))
        })?,
        Profile::Fast => {
            fs::copy(&bound, &wasm).map_err(|error| Problem::file("write", &wasm, error))?;
        }
    }
    stamp.save()
}

fn assemble(project: &Project, profile: Profile, glue: &Path) -> Result {
    let version = lock::version_of(project, "aoxide")?;
    let package = project.package();
    let documents = DOCUMENTS
        .iter()
        .map(|name| project.path(name))
        .filter(|path| path.exists());
    let documents: Vec<PathBuf> = documents.collect();
    let mut inputs = vec![project.path("pkg-template"), project.path("xtask/scripts")];
    for Artefact { name, .. } in ARTEFACTS {
        inputs.extend([glue.join(format!("{name}.js")), glue.join(format!("{name}.wasm"))]);
    }
    inputs.extend(documents.iter().cloned());
    let stamp = Stamp::new(
        project.path("target/package/stamp"),
        &inputs,
        &[&version, profile.name()],
    )?;
    if stamp.is_current(&[package.clone(), project.tarball()]) {
        up_to_date("the npm package and its archive");
        return Ok(());
    }
    step("npm package", || {
        let mut command = project.script("pack.mjs");
        command.arg(project.path("pkg-template")).arg(&package).arg(glue);
        run(command.arg(profile.name()).arg(&version).args(&documents))
    })?;
    step("npm pack", || pack(project, &package))?;
    stamp.save()
}

/// npm names the archive after the version; the name here is always the same, so that tests need not know it.
fn pack(project: &Project, package: &PathBuf) -> Result {
    let tarball = project.tarball();
    let folder = tarball.with_file_name("new");
    let _ = fs::remove_dir_all(&folder);
    create_folder(&folder)?;
    let mut command = project.command("npm");
    command
        .current_dir(package)
        .args(["pack", "--ignore-scripts", "--silent", "--pack-destination"])
        .arg(&folder);
    let name = output(&mut command)?;
    let packed = folder.join(name.lines().last().unwrap_or_default());
    fs::rename(&packed, &tarball).map_err(|error| Problem::file("move", &packed, error))
}
