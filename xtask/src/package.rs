//! `cargo xtask build`: builds the npm package from the crate and the template.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::build_cache::{Stamp, create_folder};
use crate::deflate::{self, Module};
use crate::example_process;
use crate::lock;
use crate::lua;
use crate::project::Project;
use crate::run::{Problem, Result, output, run, step, up_to_date};
use crate::tools::{node, wasm_bindgen, wasm_target};

/// One entry works with every bundler and without one: the package's JavaScript passes the bytes of the module.
const GLUE_FLAGS: &[&str] = &[
    "--target",
    "web",
    "--omit-default-module-path",
    // The package starts a fresh instance after a crash.
    "--experimental-reset-state-function",
];

/// One WebAssembly module of the package: the crate with some of its features.
struct Artefact {
    /// The name of its files in the package.
    name: &'static str,
    features: &'static str,
    /// The optimisation level of wasm-opt.
    aim: &'static str,
}

impl Artefact {
    /// Whether every page loads it. Then its size matters most.
    fn is_everywhere(&self) -> bool {
        self.name == "client"
    }

    /// Whether the standard library is compiled for size, too. A view and the interpreter would take 5 % longer with it;
    /// `local-wasmi` is close to its limit.
    fn has_small_std(&self) -> bool {
        self.name != "compute-wasmi" && !self.has_view()
    }

    /// Whether it has a light client. Pages with a view run it for seconds: it reads schedules, verifies signatures where there is
    /// no SubtleCrypto, and unpacks checkpoints.
    fn has_view(&self) -> bool {
        self.name.starts_with("verify")
    }
}

const ARTEFACTS: [Artefact; 11] = [
    // Every page loads it.
    Artefact {
        name: "client",
        features: "client-bindings",
        aim: "-Oz",
    },
    // What SubtleCrypto cannot do. Fetched on first use.
    Artefact {
        name: "rsa",
        features: "rsa-bindings",
        aim: "-Oz",
    },
    // Signature types other than Arweave's. Fetched for the first item of such a type.
    Artefact {
        name: "signatures",
        features: "signatures-bindings",
        aim: "-O3",
    },
    // Bundles, and items that are larger than memory. Fetched on first use.
    Artefact {
        name: "bundle",
        features: "bundle-bindings",
        aim: "-Oz",
    },
    // Process modules, on the runtime's own WebAssembly. Fetched on first use.
    Artefact {
        name: "compute",
        features: "compute-bindings",
        aim: "-Oz",
    },
    // The same on the interpreter, for runtimes whose own WebAssembly cannot run the module.
    Artefact {
        name: "compute-wasmi",
        features: "compute-bindings,wasmi",
        aim: "-O3",
    },
    // HTTP message signatures. Fetched on first use.
    Artefact {
        name: "httpsig",
        features: "httpsig-bindings",
        aim: "-Oz",
    },
    // A local network. Fetched on first use.
    Artefact {
        name: "local",
        features: "local-bindings",
        aim: "-Oz",
    },
    // The same with the interpreter.
    Artefact {
        name: "local-wasmi",
        features: "local-bindings,wasmi",
        aim: "-O3",
    },
    // A light client, on the runtime's own WebAssembly. Fetched on first use.
    Artefact {
        name: "verify",
        features: "verify-bindings",
        aim: "-O3",
    },
    // The same on the interpreter.
    Artefact {
        name: "verify-wasmi",
        features: "verify-bindings,wasmi",
        aim: "-O3",
    },
];

/// Features that every browser since 2023 has. rustc uses most of them by default.
const OPTIMISER_FLAGS: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
    // The lowest addresses belong to the stack, which rustc puts first. Only a program that has overflowed it uses them.
    "--low-memory-unused",
    // rustc has inlined where it pays. Larger functions compress worse (2 to 7 %), and engines take longer to optimise them
    // while the program starts.
    "--one-caller-inline-max-function-size=20",
    "--flexible-inline-max-function-size=8",
];

/// What the artefact that every page loads is optimised with first: its control flow is flattened and structured again. With
/// `--converge` in place of the second `-Oz` this takes twice as long, and the download is larger.
const SMALLER: &[&str] = &["--flatten", "--rereloop", "-Oz", "-Oz"];

/// Flags that remove custom sections, which no engine reads.
const STRIPPED: &[&str] = &["--strip-producers", "--strip-target-features"];

/// What the compiler reads. Cargo goes by the times of files, and links an artefact again after every other one.
const SOURCES: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "src",
    "lua/module.sha256",
    "docs/rust.md",
];

/// Panic messages of a release do not name source lines. This saves 2 % (gzip).
const WITHOUT_LINES: &str = "-Zlocation-detail=none";

/// LLVM counts an instruction and a call as five times their usual size, so it inlines less. The interpreter is compiled for
/// speed, and its processes start sooner with this: an engine optimises a module function by function in the background, and
/// until it is done with the interpreter's loop, a process runs slowly. The artefact that every page loads becomes smaller.
const INLINE_LESS: &[&str] = &[
    "-Cllvm-args=-inline-instr-cost=25",
    "-Cllvm-args=-inline-call-penalty=125",
];

/// What is compiled for speed where a view runs. They are no profile of their own: cargo would compile every other dependency
/// again, too.
const FAST_FOR_VIEWS: [&str; 6] = [
    "base64ct",
    "crc32fast",
    "crypto-bigint",
    "flate2",
    "miniz_oxide",
    "serde_json",
];

/// Documents of the repository that go into the package; `package-documents.mjs` rewrites their links.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "LICENSE",
    "THIRD-PARTY-LICENSES.md",
    "docs",
];

#[derive(Clone, Copy, PartialEq)]
pub enum Profile {
    /// For users: small, and optimised by wasm-opt.
    Release,
    /// Larger, in a fraction of the time.
    Fast,
}

impl Profile {
    pub fn from_args(args: &mut Args) -> Result<Self> {
        match args.option("--profile")?.as_deref() {
            None | Some("release") => Ok(Self::Release),
            Some("fast") => Ok(Self::Fast),
            Some(other) => Err(Problem::new(format!(
                "there is no profile `{other}`. Choose `release` or `fast`"
            ))),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Fast => "fast",
        }
    }
}

pub fn main(project: &Project, mut args: Args) -> Result {
    let profile = Profile::from_args(&mut args)?;
    let only = args.option("--only")?;
    args.finish()?;
    if only.as_deref() == Some("lua") {
        return lua::build(project);
    }
    match only {
        None => build(project, profile)?,
        Some(names) => build_some(project, profile, &chosen(&names)?)?,
    }
    example_process::build(project)
}

/// The artefacts of a list like `client,local`.
fn chosen(names: &str) -> Result<Vec<&'static Artefact>> {
    let find = |name| ARTEFACTS.iter().find(|artefact| artefact.name == name);
    let known = ARTEFACTS.map(|artefact| artefact.name).join(", ");
    let unknown = |name| {
        Problem::new(format!(
            "there is no artefact `{name}`. Choose from: {known}, or `lua` alone"
        ))
    };
    names
        .split(',')
        .map(|name| find(name).ok_or_else(|| unknown(name)))
        .collect()
}

pub fn build(project: &Project, profile: Profile) -> Result {
    lua::build(project)?;
    build_some(project, profile, &ARTEFACTS.iter().collect::<Vec<_>>())
}

/// The artefacts that the playground loads. Its network and its light client run on the browser's own WebAssembly.
const PLAYGROUND: &str = "client,local,signatures,verify";

pub fn build_for_playground(project: &Project, profile: Profile) -> Result {
    lua::build(project)?;
    build_some(project, profile, &chosen(PLAYGROUND)?)
}

/// Builds these artefacts. The package also gets the others and the Lua module as they were built last, if they were.
fn build_some(project: &Project, profile: Profile, artefacts: &[&Artefact]) -> Result {
    let cargo = wasm_target::ensure()?;
    let bindgen = wasm_bindgen::ensure(project)?;
    node::ensure(project)?;

    let folder = project.path("target/pkg-glue");
    for artefact in artefacts {
        let compiled = compile(project, profile, &cargo, artefact)?;
        generate_glue(project, profile, &bindgen, artefact, &compiled, &folder)?;
    }
    if profile == Profile::Release {
        compress(project, &folder)?;
    }
    assemble(project, profile, &folder, artefacts)
}

/// All artefacts have one target folder, so that dependencies and macros are compiled once. There, all of them have the same file
/// name, by which cargo decides what is up to date. So each is kept apart, and is there only while cargo looks.
fn compile(
    project: &Project,
    profile: Profile,
    cargo: &wasm_target::WasmCargo,
    artefact: &Artefact,
) -> Result<PathBuf> {
    let target = project.cargo_target.join("artefacts");
    let mut fetch = cargo.command(project, "fetch");
    run(fetch.arg("--quiet"))?;
    let is_fast = profile == Profile::Fast;
    let profile = profile.name();
    let inlines_less = !is_fast;
    let config = compiler_flags(inlines_less, !is_fast)?;
    let mut options = match artefact.has_small_std() && !is_fast {
        true => cargo.small_standard_library(artefact.is_everywhere())?,
        false => Vec::new(),
    };
    if artefact.has_view() && !is_fast {
        options.extend(FAST_FOR_VIEWS.map(|name| format!("--config=profile.release.package.{name}.opt-level=3")));
    }
    let folder = target.join(wasm_target::TARGET).join(profile);
    let kept = folder.join(format!("{}.wasm", artefact.name));
    let compiler = cargo.compiler_version()?;
    let mut words = vec![artefact.features, profile, &config, &compiler];
    words.extend(options.iter().map(String::as_str));
    let stamp = Stamp::new(
        kept.with_extension("stamp"),
        &SOURCES.map(|path| project.path(path)),
        &words,
    )?;
    let step_name = format!(
        "cargo build of {} for {} ({profile})",
        artefact.name,
        wasm_target::TARGET
    );
    if stamp.is_current(std::slice::from_ref(&kept)) {
        up_to_date(&step_name);
        return Ok(kept);
    }
    let shared = folder.join("deps/aoxide.wasm");
    // After a failure it may be another's.
    let _ = fs::remove_file(&shared);
    move_if_present(&kept, &shared)?;
    step(&step_name, || {
        run(cargo
            .command(project, "rustc")
            // The other type of the crate, a Rust library, would turn the profile's `lto` off.
            .args(["--quiet", "--lib", "--crate-type", "cdylib", "--profile", profile])
            .args(["--no-default-features", "--features", artefact.features])
            .args(["--config", &config])
            .args(&options)
            .env("RUSTC_BOOTSTRAP", "1")
            .arg("--target-dir")
            .arg(&target))
    })?;
    move_if_present(&shared, &kept)?;
    stamp.save()?;
    Ok(kept)
}

/// The time of the file stays.
fn move_if_present(from: &Path, to: &Path) -> Result {
    match fs::rename(from, to) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Problem::file("move", from, error)),
        _ => Ok(()),
    }
}

/// Panic messages name source files. Dependencies lie under the home folder of the user, so their paths are shortened: the
/// package must not disclose them, and must not differ from machine to machine.
///
/// Users see nothing that is written with `Debug`, and its code is a tenth of an artefact. Leaving it out is not stable, so
/// this needs `RUSTC_BOOTSTRAP`.
fn compiler_flags(inlines_less: bool, without_lines: bool) -> Result<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let sources = home.unwrap_or_default().join("registry/src");
    let registries = fs::read_dir(&sources).map_err(|error| Problem::file("read", &sources, error))?;
    let flags = registries
        .filter_map(|registry| Some(registry.ok()?.path().display().to_string()))
        .map(|path| format!("--remap-path-prefix={path}=crates"));
    // Where the sources of the standard library are installed, the compiler names them in place of `/rustc/…`.
    let library = format!("--remap-path-prefix={}=rust", wasm_target::sources_of_std()?.display());
    let apart = if inlines_less { INLINE_LESS } else { &[] };
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

/// Writes the generated JavaScript and the optimised module into `folder`.
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
    let shorter = project.path("xtask/scripts/short-names.mjs");
    let inputs = [compiled.to_owned(), shorter.clone()];
    let stamp = Stamp::new(folder.join(format!("{name}.stamp")), &inputs, &words)?;
    if stamp.is_current(&[javascript.clone(), wasm.clone()]) {
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
    run(project.command("node").args([&shorter, &wasm, &javascript]))?;
    stamp.save()
}

/// Compresses every module of the package that was built, now or before: `<name>.deflated` lies beside the glue.
fn compress(project: &Project, folder: &Path) -> Result {
    let artefacts = ARTEFACTS.iter().map(|artefact| Module {
        wasm: folder.join(format!("{}.wasm", artefact.name)),
        deflated: folder.join(format!("{}.deflated", artefact.name)),
        iterations: if artefact.is_everywhere() { 15 } else { 5 },
    });
    let lua = Module {
        wasm: lua::module(project),
        deflated: folder.join("lua.deflated"),
        iterations: 5,
    };
    let built = artefacts.chain([lua]).filter(|module| module.wasm.exists());
    deflate::all(built.collect())
}

fn assemble(project: &Project, profile: Profile, glue: &Path, built: &[&Artefact]) -> Result {
    let built = built.iter().map(|artefact| artefact.name).collect::<Vec<_>>().join(",");
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
    let lua = lua::module(project);
    inputs.extend(lua.exists().then_some(lua));
    inputs.extend(documents.iter().cloned());
    let stamp = Stamp::new(
        project.path("target/package/stamp"),
        &inputs,
        &[&version, profile.name(), &built],
    )?;
    if stamp.is_current(&[package.clone(), project.tarball()]) {
        up_to_date("the npm package and its archive");
        return Ok(());
    }
    step("npm package", || {
        let mut command = project.script("pack.mjs");
        command.arg(project.path("pkg-template")).arg(&package).arg(glue);
        run(command.arg(profile.name()).arg(&version).arg(&built).args(&documents))
    })?;
    step("npm pack", || pack(project, &package))?;
    stamp.save()
}

/// npm names the archive after the version. Here its name is always the same, so that tests need not know the version.
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
