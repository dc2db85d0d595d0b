//! Node.js and the npm packages of the repository.

use std::process::Command;

use crate::build_cache::Stamp;
use crate::project::Project;
use crate::run::{Problem, Result, output, run, step, up_to_date};

const OLDEST_NODE: u32 = 20;

/// The npm packages that the build and most suites need.
pub fn ensure(project: &Project) -> Result {
    ensure_in(project, "")
}

/// The npm packages of one folder of the repository that has a lock file.
pub fn ensure_in(project: &Project, folder: &str) -> Result {
    let folder = project.path(folder);
    let version = output(Command::new("node").arg("--version"))?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        return Err(Problem::new(format!(
            "Node.js is {version}. Install version {OLDEST_NODE} or later"
        )));
    }
    // In the folder itself, so that removing the folder removes the stamp.
    let stamp_file = folder.join("node_modules/.installed");
    let stamp = Stamp::new(stamp_file, &[folder.join("package-lock.json")], &[&version])?;
    if stamp.is_current(&[]) {
        up_to_date("npm packages");
        return Ok(());
    }
    // No package needs the install scripts of its dependencies.
    step("npm packages", || {
        run(project
            .command("npm")
            .current_dir(&folder)
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]))
    })?;
    stamp.save()
}

/// The option for 64-bit WebAssembly memory. Newer versions of Node.js need no option, and refuse it.
pub fn wide_memory() -> &'static [&'static str] {
    const OPTION: &[&str] = &["--experimental-wasm-memory64"];
    let known = Command::new("node").args(OPTION).args(["-e", "0"]).output();
    if known.is_ok_and(|known| known.status.success()) {
        OPTION
    } else {
        &[]
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn versions_of_node() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v9.0.0"), Some(9));
        assert_eq!(major("20"), None);
    }
}
