//! `cargo xtask test`: runs suites one after the other, and prints a table of their results.

mod beside;
mod claims;
mod layering;
mod suites;

use std::cell::OnceCell;
use std::thread;
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::example_process;
use crate::lua;
use crate::package::{self, Profile};
use crate::project::Project;
use crate::run::{Problem, Result, seconds};
use crate::tools::browsers::{self, Browsers};
use crate::tools::wasm_target::{self, WasmCargo};
use crate::tools::{node, wasm_bindgen};
use beside::Beside;
use claims::Claims;
use suites::SUITES;

pub struct Suite {
    name: &'static str,
    what: &'static str,
    /// Whether it only runs when it is named: it takes too long for every run.
    by_name: bool,
    /// Whether it needs the npm package. When all suites run, these run beside the others, in a second process.
    beside: bool,
    run: fn(&Shared) -> Result,
}

impl Suite {
    /// Whether it needs more than cargo and the compiler's target for browsers.
    fn needs_tools(&self) -> bool {
        !matches!(self.name, "fmt" | "clippy" | "clippy-wasm" | "doc" | "layering")
    }
}

/// What several suites need. The first suite that needs it makes it. If that fails, every suite that needs it fails.
pub struct Shared<'a> {
    project: &'a Project,
    wasm: OnceCell<Result<WasmCargo>>,
    package: OnceCell<Result>,
    example_process: OnceCell<Result>,
    browsers: OnceCell<Result<Browsers>>,
}

impl<'a> Shared<'a> {
    fn new(project: &'a Project) -> Self {
        Self {
            project,
            wasm: OnceCell::new(),
            package: OnceCell::new(),
            example_process: OnceCell::new(),
            browsers: OnceCell::new(),
        }
    }

    fn wasm(&self) -> Result<&WasmCargo> {
        self.wasm
            .get_or_init(wasm_target::ensure)
            .as_ref()
            .map_err(Problem::clone)
    }

    fn browsers(&self) -> Result<&Browsers> {
        self.browsers
            .get_or_init(browsers::ensure)
            .as_ref()
            .map_err(Problem::clone)
    }

    /// Installs what suites that run beside each other would otherwise install at the same time.
    fn install_tools(&self) -> Result {
        node::ensure(self.project)?;
        self.wasm()?;
        wasm_bindgen::ensure(self.project)?;
        self.browsers()?;
        lua::build(self.project)
    }

    /// Tests run on the release profile, which is published.
    fn package(&self) -> Result {
        self.package
            .get_or_init(|| package::build(self.project, Profile::Release))
            .clone()
    }

    /// The modules of the example processes.
    fn example_process(&self) -> Result {
        self.example_process
            .get_or_init(|| example_process::build(self.project))
            .clone()
    }
}

struct Report {
    name: &'static str,
    time: Duration,
    result: Result,
}

pub fn main(project: &Project, mut args: Args) -> Result {
    if args.flag("--list") {
        for suite in SUITES {
            let note = if suite.by_name { " (only by name)" } else { "" };
            println!("{:<12} {}{note}", suite.name, suite.what);
        }
        return args.finish();
    }
    let names = args.names()?;
    let mut chosen = choose(&names)?;
    let shared = Shared::new(project);
    let start = Instant::now();
    let mut beside = None;
    if names.is_empty() && thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        // Both processes need it at once.
        shared.wasm()?;
        let (package, rest): (Vec<_>, _) = chosen.into_iter().partition(|suite| suite.beside);
        beside = Some(Beside::start(project, package)?);
        chosen = rest;
    }
    let mut reports = Vec::new();
    let claims = Claims::of_parent();
    if claims.is_of_parent() {
        shared.install_tools()?;
    }
    for suite in chosen {
        if let Some(beside) = &mut beside
            && suite.needs_tools()
        {
            beside.wait_for_tools();
        }
        if claims.take(suite.name)? {
            reports.push(report(suite, &shared));
        }
    }
    while let Some(beside) = &mut beside
        && let Some(suite) = beside.take()?
    {
        reports.push(report(suite, &shared));
    }
    reports.extend(beside.map(Beside::finish));
    summarise(&reports, start.elapsed())
}

fn report(suite: &Suite, shared: &Shared) -> Report {
    println!("\n━━ {}: {}", suite.name, suite.what);
    let start = Instant::now();
    let result = (suite.run)(shared);
    if let Err(problem) = &result {
        println!("✗ {}: {problem}", suite.name);
    }
    Report {
        name: suite.name,
        time: start.elapsed(),
        result,
    }
}

/// The named suites in the order of `SUITES`. Without names, all suites except those that run only by name.
fn choose(names: &[String]) -> Result<Vec<&'static Suite>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| SUITES.iter().all(|suite| suite.name != **name))
    {
        let known = SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ");
        return Err(Problem::new(format!(
            "there is no suite `{unknown}`. Choose from: {known}"
        )));
    }
    Ok(SUITES
        .iter()
        .filter(|suite| match names.is_empty() {
            true => !suite.by_name,
            false => names.iter().any(|name| name == suite.name),
        })
        .collect())
}

fn summarise(reports: &[Report], total: Duration) -> Result {
    println!("\n━━ summary");
    let mut failures = Vec::new();
    for Report { name, time, result } in reports {
        let mark = if result.is_ok() { "✓" } else { "✗" };
        println!("{mark} {name:<12} {:>9}", seconds(*time));
        if let Err(problem) = result {
            failures.push(format!("  {name}: {problem}"));
        }
    }
    println!("  {:<12} {:>9}", "total", seconds(total));
    if failures.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{} of {} suites failed\n{}",
        failures.len(),
        reports.len(),
        failures.join("\n")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(chosen: &[&str]) -> Result<Vec<&'static str>> {
        let chosen: Vec<String> = chosen.iter().map(|name| name.to_string()).collect();
        Ok(choose(&chosen)?.iter().map(|suite| suite.name).collect())
    }

    #[test]
    fn suites_keep_their_order() {
        assert_eq!(names(&["js", "fmt"]).unwrap(), ["fmt", "js"]);
        let all: Vec<_> = SUITES
            .iter()
            .filter(|suite| !suite.by_name)
            .map(|suite| suite.name)
            .collect();
        assert_eq!(names(&[]).unwrap(), all);
        assert!(!all.contains(&"everywhere"));
        assert_eq!(names(&["everywhere"]).unwrap(), ["everywhere"]);
    }

    #[test]
    fn an_unknown_suite_is_an_error() {
        assert!(names(&["fmt", "jsx"]).unwrap_err().to_string().contains("`jsx`"));
    }

    #[test]
    fn one_failed_suite_fails_the_run() {
        let report = |name, result| Report {
            name,
            time: Duration::ZERO,
            result,
        };
        assert!(summarise(&[report("fmt", Ok(()))], Duration::ZERO).is_ok());
        let reports = [report("fmt", Ok(())), report("js", Err(Problem::new("broken")))];
        let problem = summarise(&reports, Duration::ZERO).unwrap_err();
        assert_eq!(problem.to_string(), "1 of 2 suites failed\n  js: broken");
    }
}
