//! The suites, in the order in which they run: quick ones first.

use super::{Shared, Suite, layering};
use crate::build_cache::files_under;
use crate::example_process;
use crate::run::{Problem, Result, path_with, run};
use crate::tools::browsers::{self, DRIVER_VARIABLES, Driver};
use crate::tools::{node, wasm_bindgen};

pub const SUITES: &[Suite] = &[
    Suite {
        name: "fmt",
        what: "Rust is formatted",
        run: fmt,
    },
    Suite {
        name: "clippy",
        what: "clippy, native",
        run: clippy,
    },
    Suite {
        name: "clippy-wasm",
        what: "clippy, for the browser",
        run: clippy_wasm,
    },
    Suite {
        name: "doc",
        what: "the crate's documentation builds",
        run: doc,
    },
    Suite {
        name: "layering",
        what: "the files of src import each other in one direction",
        run: layering,
    },
    Suite {
        name: "native",
        what: "Rust tests, native",
        run: native,
    },
    Suite {
        name: "compute",
        what: "process modules, message by message beside the network's loader",
        run: compute,
    },
    Suite {
        name: "chromium",
        what: "Rust tests in Chromium",
        run: chromium,
    },
    Suite {
        name: "firefox",
        what: "Rust tests in Firefox",
        run: firefox,
    },
    Suite {
        name: "prettier",
        what: "JavaScript is formatted",
        run: prettier,
    },
    Suite {
        name: "package",
        what: "the npm package builds",
        run: package,
    },
    Suite {
        name: "types",
        what: "the types hold what they promise",
        run: types,
    },
    Suite {
        name: "publint",
        what: "package.json fits the files of the package",
        run: publint,
    },
    Suite {
        name: "attw",
        what: "TypeScript finds the types of every entry",
        run: attw,
    },
    Suite {
        name: "js",
        what: "the package in Node.js, against AO units",
        run: js,
    },
    Suite {
        name: "page",
        what: "the playground in both browsers",
        run: page,
    },
    Suite {
        name: "packaging",
        what: "the package in real applications",
        run: packaging,
    },
];

/// What no artefact has by default, and every check should see.
const EXTRAS: [&str; 2] = ["--features", "aoxide/wasmi,aoxide/httpsig,aoxide/local"];

fn fmt(shared: &Shared) -> Result {
    run(shared.project.cargo("fmt").args(["--all", "--check"]))?;
    run(example_process::native(shared.project, "fmt").arg("--check"))
}

fn clippy(shared: &Shared) -> Result {
    run(shared
        .project
        .cargo("clippy")
        .args(["--quiet", "--workspace", "--all-targets"])
        .args(EXTRAS)
        .args(["--", "-D", "warnings"]))?;
    run(example_process::native(shared.project, "clippy").args(["--quiet", "--all-targets", "--", "-D", "warnings"]))
}

fn clippy_wasm(shared: &Shared) -> Result {
    let wasm = shared.wasm()?;
    if !wasm.has_clippy {
        println!("left out: the toolchain for WebAssembly on this machine has no clippy");
        return Ok(());
    }
    let mut command = example_process::wasm(shared.project, wasm, "clippy");
    run(command.args(["--quiet", "--lib", "--", "-D", "warnings"]))?;
    let bindings = "client-bindings,compute-bindings,httpsig-bindings,local-bindings";
    // The artefacts with the interpreter are other code in places.
    for features in [bindings.to_owned(), format!("{bindings},wasmi")] {
        let mut command = wasm.command(shared.project, "clippy");
        command.args(["--quiet", "--lib", "--tests", "--features", &features]);
        run(command.args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

fn doc(shared: &Shared) -> Result {
    run(shared
        .project
        .cargo("doc")
        .args(["--quiet", "--no-deps"])
        .args(EXTRAS)
        .env("RUSTDOCFLAGS", "-Dwarnings"))
}

fn layering(shared: &Shared) -> Result {
    layering::check(shared.project)
}

fn native(shared: &Shared) -> Result {
    // The real modules are in npm packages.
    node::ensure(shared.project)?;
    run(shared
        .project
        .cargo("test")
        .args(["--quiet", "--workspace"])
        .args(EXTRAS))?;
    run(example_process::native(shared.project, "test").arg("--quiet"))
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

fn chromium(shared: &Shared) -> Result {
    in_browser(shared, &browsers::chromium_driver()?)
}

fn firefox(shared: &Shared) -> Result {
    in_browser(shared, &browsers::firefox_driver(shared.project)?)
}

fn in_browser(shared: &Shared, driver: &Driver) -> Result {
    let bindgen = wasm_bindgen::ensure(shared.project)?;
    let mut command = shared.wasm()?.command(shared.project, "test");
    for variable in DRIVER_VARIABLES {
        command.env_remove(variable);
    }
    let folders: Vec<_> = [Some(bindgen.bin.as_path()), driver.browser_folder.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    command
        .args(["--test", "web", "--features", "client-bindings"])
        .env("PATH", path_with(&folders)?)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env(driver.variable, &driver.path)
        // Seconds. A busy machine needs longer than the 5 and 20 that are the default.
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    run(&mut command)
}

fn prettier(shared: &Shared) -> Result {
    node::ensure(shared.project)?;
    run(shared
        .project
        .npm_bin("prettier")
        .args(["--check", "--log-level", "warn", "."]))
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

/// Files of the package that are no JavaScript.
const ENTRIES_WITHOUT_TYPES: [&str; 3] = ["./wasm", "./aoxide.wasm", "./wasm/aoxide.wasm"];

fn js(shared: &Shared) -> Result {
    shared.example_process()?;
    node_tests(shared, "tests/js", node::wide_memory())
}

fn page(shared: &Shared) -> Result {
    node_tests(shared, "tests/page", ONE_AT_A_TIME)
}

fn packaging(shared: &Shared) -> Result {
    node_tests(shared, "tests/packaging", ONE_AT_A_TIME)
}

/// Browsers and bundlers beside each other only wait for each other.
const ONE_AT_A_TIME: &[&str] = &["--test-concurrency=1"];

fn node_tests(shared: &Shared, folder: &str, options: &[&str]) -> Result {
    shared.package()?;
    let browsers = shared.browsers()?;
    let root = &shared.project.root;
    let mut files = files_under(&root.join(folder))?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    // As one would type them, for the message of a failure.
    let files: Vec<_> = files
        .iter()
        .map(|path| path.strip_prefix(root).unwrap_or(path))
        .collect();
    if files.is_empty() {
        return Err(Problem::new(format!("no {folder}/*.test.mjs")));
    }
    let mut command = shared.project.command("node");
    // Milliseconds; a test that hangs must not hang the whole run.
    command
        .args(["--test", "--test-reporter=spec", "--test-timeout=600000"])
        .args(options)
        .args(files);
    run(command.envs(browsers.env()))
}
