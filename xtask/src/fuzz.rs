//! `cargo xtask fuzz`: builds the targets of `tests/fuzz` with coverage and runs them one after the other.
//!
//! cargo-fuzz can run them, too. It needs a nightly compiler for its sanitizers. Almost all of this crate is safe Rust, where
//! they find little, so this runs libFuzzer without them and needs no tool but cargo and a C++ compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::args::Args;
use crate::build_cache::create_folder;
use crate::project::Project;
use crate::run::{Problem, Result, output, run, step};

/// What cargo-fuzz passes to the compiler, without sanitizers.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=16 --cfg fuzzing";

/// How long the suite runs all targets together.
pub const SUITE_TIME: Duration = Duration::from_secs(60);

/// How long `cargo xtask fuzz` runs each target.
const USUAL_SECONDS: u64 = 600;

/// Seconds after which an input counts as a hang, and the most memory in MB.
const LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=2048"];

pub fn main(project: &Project, mut args: Args) -> Result {
    let seconds = match args.option("--time")? {
        None => USUAL_SECONDS,
        Some(text) => text
            .parse()
            .map_err(|_| Problem::new(format!("`--time {text}` is not a number of seconds")))?,
    };
    let input = args.option("--input")?;
    let names = args.names()?;
    let all = targets(project)?;
    let chosen = choose(&all, &names)?;
    let programs = build(project)?;
    if let Some(input) = input {
        let [target] = chosen[..] else {
            return Err(Problem::new("`--input` needs the name of one target"));
        };
        return run(project.command(programs.join(target)).args(LIMITS).arg(input));
    }
    run_all(project, &programs, &chosen, Duration::from_secs(seconds))
}

/// Runs every target, for `time` in all.
pub fn suite(project: &Project, time: Duration) -> Result {
    let all = targets(project)?;
    let programs = build(project)?;
    let each = (time / all.len().max(1) as u32).max(Duration::from_secs(1));
    let names: Vec<_> = all.iter().map(String::as_str).collect();
    run_all(project, &programs, &names, each)
}

/// The names of the targets: of the files in `tests/fuzz/targets`.
fn targets(project: &Project) -> Result<Vec<String>> {
    let folder = project.path("tests/fuzz/targets");
    let failed = |error| Problem::file("list", &folder, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "rs")
            && let Some(name) = path.file_stem()
        {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    match names.is_empty() {
        true => Err(Problem::new("no tests/fuzz/targets/*.rs")),
        false => Ok(names),
    }
}

/// The named targets. Without names, all.
fn choose<'a>(all: &'a [String], names: &[String]) -> Result<Vec<&'a str>> {
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        return Err(Problem::new(format!(
            "there is no fuzz target `{unknown}`. Choose from: {}",
            all.join(", ")
        )));
    }
    let is_chosen = |name: &&String| names.is_empty() || names.contains(name);
    Ok(all.iter().filter(is_chosen).map(String::as_str).collect())
}

/// Builds all targets. Returns the folder of the programs.
fn build(project: &Project) -> Result<PathBuf> {
    let host = host()?;
    let folder = project.cargo_target.join("fuzz");
    let mut command = project.cargo("build");
    // With `--target`, the flags do not apply to build scripts.
    command
        .args([
            "--quiet",
            "--release",
            "--locked",
            "--manifest-path",
            "tests/fuzz/Cargo.toml",
        ])
        .args(["--target", &host])
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", COVERAGE)
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    step("the fuzz targets", || run(&mut command))?;
    Ok(folder.join(host).join("release"))
}

/// The target triple of this machine.
fn host() -> Result<String> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Problem::new("`rustc -vV` does not say for what it compiles"))
}

/// Runs targets, even after one has failed, each for `time`. Inputs that reach new code stay in the target folder, and the
/// next run begins with them.
fn run_all(project: &Project, programs: &Path, names: &[&str], time: Duration) -> Result {
    let mut failures = Vec::new();
    for name in names {
        println!("▸ {name}, {} s", time.as_secs());
        if let Err(problem) = run_one(project, programs, name, time) {
            failures.push(problem.to_string());
        }
    }
    match failures.is_empty() {
        true => Ok(()),
        false => Err(Problem::new(failures.join("\n"))),
    }
}

fn run_one(project: &Project, programs: &Path, name: &str, time: Duration) -> Result {
    let found = project.cargo_target.join("fuzz/corpus").join(name);
    // Relative, for the message of a failure.
    let artifacts = format!("tests/fuzz/artifacts/{name}/");
    create_folder(&found)?;
    create_folder(&project.path(&artifacts))?;
    let log = project.cargo_target.join(format!("fuzz/{name}.log"));
    let failed = |error| Problem::file("write", &log, error);
    let file = fs::File::create(&log).map_err(failed)?;
    let status = project
        .command(programs.join(name))
        .args(LIMITS)
        .args(["-print_final_stats=1", &format!("-max_total_time={}", time.as_secs())])
        .arg(format!("-artifact_prefix={artifacts}"))
        .arg(&found)
        .arg(project.path("tests/fuzz/corpus").join(name))
        .stdout(file.try_clone().map_err(failed)?)
        .stderr(file)
        .status()
        .map_err(|error| Problem::new(format!("could not run the fuzz target `{name}`: {error}")))?;
    let bytes = fs::read(&log).map_err(|error| Problem::file("read", &log, error))?;
    let printed = String::from_utf8_lossy(&bytes);
    if !status.success() {
        return Err(Problem::new(failure(name, &printed)));
    }
    let done = printed.lines().find(|line| line.starts_with("Done "));
    // A target without coverage runs, and finds nothing.
    match done {
        Some(done) if !printed.contains("no interesting inputs were found") => {
            println!("  {done}");
            Ok(())
        }
        _ => Err(Problem::new(format!(
            "the fuzz target `{name}` ended early or without coverage: see {}",
            log.display()
        ))),
    }
}

/// What failed, and how to repeat it.
fn failure(name: &str, printed: &str) -> String {
    let reason: Vec<_> = printed
        .lines()
        .skip_while(|line| !line.contains("panicked at") && !line.contains("ERROR: libFuzzer"))
        .take(12)
        .collect();
    let input = printed
        .lines()
        .find_map(|line| line.split_once("Test unit written to "))
        .map_or("<the input>", |(_, path)| path.trim());
    format!(
        "the fuzz target `{name}` failed\n{}\nRepeat it with: cargo xtask fuzz {name} --input {input}",
        reason.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choose_takes_all_targets_or_the_named_ones() {
        let all = ["items".to_owned(), "tags".to_owned()];
        assert_eq!(choose(&all, &[]).unwrap(), ["items", "tags"]);
        assert_eq!(choose(&all, &["tags".into()]).unwrap(), ["tags"]);
        let problem = choose(&all, &["tag".into()]).unwrap_err().to_string();
        assert!(problem.ends_with("Choose from: items, tags"), "{problem}");
    }

    #[test]
    fn failure_names_the_panic_and_the_command_that_repeats_it() {
        let printed = "INFO: seed\nthread '<unnamed>' panicked at src/x.rs:1:2:\nno\nartifact_prefix='a/'; Test unit written to a/crash-1\n";
        let text = failure("tags", printed);
        assert!(text.contains("src/x.rs:1:2"), "{text}");
        assert!(text.ends_with("cargo xtask fuzz tags --input a/crash-1"), "{text}");
    }

    #[test]
    fn every_target_is_a_program_and_has_seeds() {
        let project = Project::find().unwrap();
        let manifest = fs::read_to_string(project.path("tests/fuzz/Cargo.toml")).unwrap();
        let all = targets(&project).unwrap();
        for name in &all {
            assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name}");
            let seeds = fs::read_dir(project.path("tests/fuzz/corpus").join(name)).unwrap();
            assert!(seeds.count() > 0, "{name}");
        }
        assert_eq!(manifest.matches("[[bin]]").count(), all.len());
    }
}
