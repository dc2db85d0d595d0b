//! The suites in the order in which they run: quick ones first.

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use super::{Shared, Suite, layering};
use crate::example_process::{self, run_each};
use crate::fuzz;
use crate::lua;
use crate::run::{Problem, Result, path_with, run, run_and_read};
use crate::tools::browsers::{self, DRIVER_VARIABLES, Driver};
use crate::tools::{node, wasm_bindgen, wasm_pack};

pub const SUITES: &[Suite] = &[
    Suite {
        name: "fmt",
        what: "Rust is formatted",
        by_name: false,
        beside: false,
        run: fmt,
    },
    Suite {
        name: "clippy",
        what: "clippy finds nothing, natively",
        by_name: false,
        beside: false,
        run: clippy,
    },
    Suite {
        name: "clippy-wasm",
        what: "clippy finds nothing, for the browser",
        by_name: false,
        beside: false,
        run: clippy_wasm,
    },
    Suite {
        name: "doc",
        what: "the crate's documentation builds, as on docs.rs",
        by_name: false,
        beside: false,
        run: doc,
    },
    Suite {
        name: "layering",
        what: "the files of src import each other in one direction",
        by_name: false,
        beside: false,
        run: layering,
    },
    Suite {
        name: "native",
        what: "Rust tests, natively",
        by_name: false,
        beside: false,
        run: native,
    },
    Suite {
        name: "compute",
        what: "process modules, compared with the network's loader message by message",
        by_name: false,
        beside: false,
        run: compute,
    },
    Suite {
        name: "fuzz",
        what: "the readers of items, fields, messages and snapshots survive random input, 60 s in all",
        by_name: false,
        beside: false,
        run: fuzz,
    },
    Suite {
        name: "chromium",
        what: "Rust tests in Chromium",
        by_name: false,
        beside: false,
        run: chromium,
    },
    Suite {
        name: "firefox",
        what: "Rust tests in Firefox",
        by_name: false,
        beside: false,
        run: firefox,
    },
    Suite {
        name: "wasm-pack",
        what: "wasm-pack builds a module with exports",
        by_name: false,
        beside: false,
        run: wasm_build,
    },
    Suite {
        name: "crate",
        what: "the crate compiles from its archive",
        by_name: false,
        beside: false,
        run: packed_crate,
    },
    Suite {
        name: "prettier",
        what: "JavaScript is formatted",
        by_name: false,
        beside: true,
        run: prettier,
    },
    Suite {
        name: "lint",
        what: "oxlint finds nothing in JavaScript and TypeScript, circles of imports included",
        by_name: false,
        beside: true,
        run: lint,
    },
    Suite {
        name: "package",
        what: "the npm package builds",
        by_name: false,
        beside: true,
        run: package,
    },
    Suite {
        name: "types",
        what: "the types accept and refuse what they should",
        by_name: false,
        beside: true,
        run: types,
    },
    Suite {
        name: "publint",
        what: "package.json fits the files of the package",
        by_name: false,
        beside: true,
        run: publint,
    },
    Suite {
        name: "attw",
        what: "TypeScript finds the types of every entry",
        by_name: false,
        beside: true,
        run: attw,
    },
    Suite {
        name: "js",
        what: "the package in Node.js, against AO units",
        by_name: false,
        beside: true,
        run: js,
    },
    Suite {
        name: "page",
        what: "the playground in both browsers",
        by_name: false,
        beside: true,
        run: page,
    },
    Suite {
        name: "runtimes",
        what: "the package in other runtimes and test runners",
        by_name: false,
        beside: true,
        run: runtimes,
    },
    Suite {
        name: "packaging",
        what: "the package in real applications",
        by_name: false,
        beside: true,
        run: packaging,
    },
    Suite {
        name: "lua",
        what: "the Lua module has the committed hash, and answers on every engine as on the network's loader",
        by_name: false,
        beside: true,
        run: lua,
    },
    Suite {
        name: "everywhere",
        what: "the package in frameworks: Next, SvelteKit, Astro",
        by_name: true,
        beside: false,
        run: everywhere,
    },
];

fn fmt(shared: &Shared) -> Result {
    run(shared.project.cargo("fmt").args(["--all", "--check"]))?;
    let apart = ["--manifest-path", "tests/fuzz/Cargo.toml", "--check"];
    run(shared.project.cargo("fmt").args(apart))?;
    run_each(example_process::native(shared.project, "fmt"), &["--check"])
}

fn clippy(shared: &Shared) -> Result {
    run(shared
        .project
        .cargo("clippy")
        .args(["--quiet", "--workspace", "--all-targets"])
        .args(["--", "-D", "warnings"]))?;
    run_each(
        example_process::native(shared.project, "clippy"),
        &["--quiet", "--all-targets", "--", "-D", "warnings"],
    )
}

fn clippy_wasm(shared: &Shared) -> Result {
    let wasm = shared.wasm()?;
    if !wasm.has_clippy {
        println!("skipped: the WebAssembly toolchain of this machine has no clippy");
        return Ok(());
    }
    run_each(
        example_process::wasm(shared.project, wasm, "clippy"),
        &["--quiet", "--lib", "--", "-D", "warnings"],
    )?;
    let bindings = "client-bindings,bundle-bindings,compute-bindings,httpsig-bindings,local-bindings,rsa-bindings,signatures-bindings,verify-bindings";
    // Artefacts with the interpreter have some other code. With the tests, the features of their dependencies count too, and the
    // interpreter is one of them.
    for (features, parts) in [
        (bindings.to_owned(), &["--lib"][..]),
        (format!("{bindings},wasmi"), &["--lib", "--tests"]),
    ] {
        let mut command = wasm.command(shared.project, "clippy");
        command.args(["--quiet", "--no-default-features", "--features", &features]);
        run(command.args(parts).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

fn doc(shared: &Shared) -> Result {
    let options = ["--quiet", "--no-deps", "--all-features"];
    let native = shared.project.cargo("doc");
    // As on docs.rs: `web` and `bindings` are there for a browser's target only.
    let browser = shared.wasm()?.command(shared.project, "doc");
    for mut command in [native, browser] {
        run(command.args(options).env("RUSTDOCFLAGS", "-Dwarnings"))?;
    }
    Ok(())
}

fn layering(shared: &Shared) -> Result {
    layering::check(shared.project)
}

fn native(shared: &Shared) -> Result {
    // npm packages have the real modules.
    node::ensure(shared.project)?;
    lua::build(shared.project)?;
    run(shared.project.cargo("test").args(["--quiet", "--workspace"]))?;
    run_each(example_process::native(shared.project, "test"), &["--quiet"])
}

fn compute(shared: &Shared) -> Result {
    node::ensure(shared.project)?;
    run(shared.project.command("node").args(node::wide_memory()).args([
        "--no-warnings",
        "--test",
        "--test-reporter=spec",
        "--test-timeout=1800000",
        "tests/compute/differential.test.mjs",
    ]))
}

fn fuzz(shared: &Shared) -> Result {
    fuzz::suite(shared.project, fuzz::SUITE_TIME)
}

fn lua(shared: &Shared) -> Result {
    lua::build(shared.project)?;
    node_tests(shared, "tests/lua", node::wide_memory())
}

fn chromium(shared: &Shared) -> Result {
    in_browser(shared, &browsers::chromium_driver()?)
}

fn firefox(shared: &Shared) -> Result {
    in_browser(shared, &browsers::firefox_driver(shared.project)?)
}

/// Options of cargo for programs that mostly wait: nothing is optimised but what they compute with. That halves the time of
/// their compilation.
const SOONER: [&str; 4] = [
    "--config=profile.dev.package.aoxide.opt-level=0",
    "--config=profile.dev.package.'*'.opt-level=0",
    "--config=profile.dev.package.crypto-bigint.opt-level=1",
    "--config=profile.dev.package.wasmi.opt-level=1",
];

/// Runs what a Rust developer types, and two more options: `--mode no-install`, because wasm-bindgen is installed already, and a
/// profile that is compiled sooner.
fn in_browser(shared: &Shared, driver: &Driver) -> Result {
    let mut command = wasm_pack(shared, driver.browser_folder.as_deref())?;
    for variable in DRIVER_VARIABLES {
        command.env_remove(variable);
    }
    command
        .args(["test", "--mode", "no-install", "--headless"])
        .args(driver.options)
        .arg(&driver.path)
        .arg("--")
        .args(SOONER);
    match passed(&run_and_read(&mut command)?) {
        0 => Err(Problem::new("`wasm-pack test` found no tests")),
        _ => Ok(()),
    }
}

/// The number of passed tests: the sum over lines such as `test result: ok. 8 passed; …`. wasm-pack succeeds without tests, too.
fn passed(printed: &str) -> usize {
    let results = printed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("test result: ok. ")?.split_once(" passed"));
    results.filter_map(|(count, _)| count.parse::<usize>().ok()).sum()
}

fn wasm_build(shared: &Shared) -> Result {
    let mut command = wasm_pack(shared, None)?;
    // A module for users is optimised, which this test would only wait for.
    command.args(["build", "--dev", "--target", "web", "--mode", "no-install", "--"]);
    run(command.args(SOONER))?;
    run(shared
        .project
        .command("node")
        .args(["--input-type=module", "--eval", EXPORTS_OF_WASM_PACK]))
}

/// Without the bindings among the default features, wasm-pack builds a module that exports nothing.
const EXPORTS_OF_WASM_PACK: &str = "
    import { readFileSync } from 'node:fs'
    const built = await import(process.cwd() + '/pkg/aoxide.js')
    built.initSync({ module: readFileSync('pkg/aoxide_bg.wasm') })
    const exported = Object.keys(built)
    if (exported.length < 5) throw new Error(`pkg/aoxide.js exports only ${exported}`)
";

fn wasm_pack(shared: &Shared, browser_folder: Option<&Path>) -> Result<Command> {
    let bindgen = wasm_bindgen::ensure(shared.project)?;
    let wasm = shared.wasm()?;
    let mut command = shared.project.command(wasm_pack::ensure(shared.project)?);
    wasm.prepare(shared.project, &mut command);
    let folders: Vec<_> = [Some(bindgen.bin.as_path()), browser_folder, wasm.folder]
        .into_iter()
        .flatten()
        .collect();
    command.env("PATH", path_with(&folders)?);
    Ok(command)
}

/// Which files it holds, `packaging` tests.
fn packed_crate(shared: &Shared) -> Result {
    let mut command = shared.project.cargo("package");
    run(command.args(["--quiet", "--allow-dirty"]).args(SOONER))
}

fn prettier(shared: &Shared) -> Result {
    node::ensure(shared.project)?;
    run(shared
        .project
        .npm_bin("prettier")
        .args(["--check", "--log-level", "warn", "."]))
}

fn lint(shared: &Shared) -> Result {
    node::ensure(shared.project)?;
    run(&mut shared.project.npm_bin("oxlint"))
}

fn package(shared: &Shared) -> Result {
    shared.package()
}

fn types(shared: &Shared) -> Result {
    shared.package()?;
    run(shared.project.npm_bin("tsc").args(["--project", "tests/types"]))
}

fn publint(shared: &Shared) -> Result {
    shared.package()?;
    run(shared
        .project
        .npm_bin("publint")
        .arg("--strict")
        .arg(shared.project.tarball()))
}

fn attw(shared: &Shared) -> Result {
    shared.package()?;
    let mut command = shared.project.npm_bin("attw");
    command
        .args([
            "--profile",
            "esm-only",
            "--no-emoji",
            "--no-color",
            "--format",
            "table-flipped",
        ])
        .arg(shared.project.tarball());
    run(command.arg("--exclude-entrypoints").args(ENTRIES_WITHOUT_TYPES))
}

/// Exports of the package that are not JavaScript.
const ENTRIES_WITHOUT_TYPES: [&str; 3] = ["./wasm", "./aoxide.wasm", "./wasm/client.wasm"];

fn js(shared: &Shared) -> Result {
    shared.example_process()?;
    let side_by_side = js_concurrency();
    let options = [node::wide_memory(), &[side_by_side.as_str()]].concat();
    node_tests(shared, "tests/js", &options)
}

/// How many files run at the same time. Node.js leaves one core out, and on two cores it would run one file after the other,
/// although many tests wait for processes and servers.
fn js_concurrency() -> String {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    format!("--test-concurrency={}", cores.saturating_sub(1).max(2))
}

fn page(shared: &Shared) -> Result {
    node_tests(shared, "tests/page", ONE_AT_A_TIME)
}

fn packaging(shared: &Shared) -> Result {
    shared.example_process()?;
    node_tests(shared, "tests/packaging", ONE_AT_A_TIME)
}

/// The runtimes are half a gigabyte, so they are a package of their own that only this suite installs.
fn runtimes(shared: &Shared) -> Result {
    node::ensure_in(shared.project, "tests/runtimes")?;
    browsers::ensure_webkit()?;
    shared.example_process()?;
    node_tests(shared, "tests/runtimes", ONE_AT_A_TIME)
}

/// Each framework is installed on demand, and built in minutes.
fn everywhere(shared: &Shared) -> Result {
    node::ensure_in(shared.project, "tests/everywhere")?;
    node_tests(shared, "tests/everywhere", ONE_AT_A_TIME)
}

/// Parallel browsers and bundlers only slow each other down.
const ONE_AT_A_TIME: &[&str] = &["--test-concurrency=1"];

fn node_tests(shared: &Shared, folder: &str, options: &[&str]) -> Result {
    shared.package()?;
    let browsers = shared.browsers()?;
    let root = &shared.project.root;
    let files = test_files(&root.join(folder))?;
    // Relative paths, for the message of a failure.
    let files: Vec<_> = files
        .iter()
        .map(|path| path.strip_prefix(root).unwrap_or(path))
        .collect();
    if files.is_empty() {
        return Err(Problem::new(format!("no {folder}/*.test.mjs")));
    }
    let mut command = shared.project.command("node");
    // Milliseconds. A test that hangs must not block the whole run.
    command
        .args(["--test", "--test-reporter=spec", "--test-timeout=600000"])
        .args(options)
        .args(files);
    run(command.envs(browsers.env()))
}

/// The files of tests in a folder, in a fixed order; not those of folders inside, which may hold npm packages.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| Problem::file("list", folder, error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
