//! Runs other programs, and reports their failures.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub type Result<T = ()> = std::result::Result<T, Problem>;

/// What is wrong, and what to change, for the user of the terminal.
#[derive(Clone, Debug)]
pub struct Problem(String);

impl Problem {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A file or folder that could not be read or written.
    pub fn file(doing: &str, path: &Path, error: std::io::Error) -> Self {
        Self(format!("could not {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Runs a command whose output the user sees. Fails if the command fails.
pub fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Problem::new(format!("`{}` failed ({status})", spelled(command))))
    }
}

/// Runs a command whose output the user sees. Returns its standard output.
pub fn run_and_read(command: &mut Command) -> Result<String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(command, &error))?;
    let mut printed = String::new();
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|pipe| BufReader::new(pipe).lines())
    {
        let line =
            line.map_err(|error| Problem::new(format!("could not read from `{}`: {error}", spelled(command))))?;
        println!("{line}");
        printed += &line;
        printed.push('\n');
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(printed)
    } else {
        Err(Problem::new(format!("`{}` failed ({status})", spelled(command))))
    }
}

/// Runs a command without showing its output. Returns its standard output. The problem of a failure has its standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Problem::new(format!(
            "`{}` failed ({})\n{}",
            spelled(command),
            output.status,
            said.trim_end()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn not_started(command: &Command, error: &std::io::Error) -> Problem {
    let program = command.get_program().to_string_lossy();
    let what = match error.kind() {
        ErrorKind::NotFound => "there is no such program".to_owned(),
        _ => error.to_string(),
    };
    let advice = match Path::new(program.as_ref()).file_stem().and_then(OsStr::to_str) {
        Some("node" | "npm") => "; install Node.js 20 or later, which brings npm",
        Some("cargo" | "rustc") => "; install Rust with rustup",
        _ => "",
    };
    Problem::new(format!("could not run `{program}`: {what}{advice}"))
}

/// The command as a user would type it.
fn spelled(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs a step that takes time. Prints its start and its duration.
pub fn step<T>(label: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("▸ {label}");
    let start = Instant::now();
    let result = work()?;
    println!("  {label}: {}", seconds(start.elapsed()));
    Ok(result)
}

pub fn up_to_date(label: &str) {
    println!("▸ {label}: up to date");
}

pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The first of these programs that is on PATH.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    names.iter().find_map(|name| {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        folders
            .iter()
            .map(|folder| folder.join(&file))
            .find(|path| is_program(path))
    })
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// PATH with further folders in front.
pub fn path_with(first: &[&Path]) -> Result<OsString> {
    let present = env::var_os("PATH").unwrap_or_default();
    let folders = first
        .iter()
        .map(|folder| folder.to_path_buf())
        .chain(env::split_paths(&present));
    env::join_paths(folders).map_err(|error| Problem::new(format!("a folder cannot be added to PATH: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_advice() {
        let problem = not_started(&Command::new("npm"), &ErrorKind::NotFound.into()).to_string();
        assert_eq!(
            problem,
            "could not run `npm`: there is no such program; install Node.js 20 or later, which brings npm"
        );
    }

    #[test]
    fn the_problem_of_a_failure_has_the_command() {
        let problem = run(Command::new("rustc").args(["--no-such-option"]).stderr(Stdio::null())).unwrap_err();
        assert!(
            problem.to_string().starts_with("`rustc --no-such-option` failed"),
            "{problem}"
        );
    }

    #[test]
    fn the_problem_of_a_quiet_command_has_its_standard_error() {
        let problem = output(Command::new("rustc").args(["--no-such-option"]))
            .unwrap_err()
            .to_string();
        assert!(problem.contains("no-such-option"), "{problem}");
        assert!(
            output(Command::new("rustc").arg("--version"))
                .unwrap()
                .starts_with("rustc ")
        );
    }
}
