//! Installs packages of a Debian system.

use std::process::Command;

use crate::run::{Problem, Result, find_program, output, run};

/// Installs packages with apt-get, if the user may. Otherwise fails with a message that starts with `purpose`.
pub fn install(packages: &[&str], purpose: &str) -> Result {
    let list = packages.join(" ");
    if find_program(&["apt-get"]).is_none() {
        return Err(Problem::new(format!(
            "{purpose}; install it (on Debian the packages are: {list})"
        )));
    }
    let Some(as_root) = as_root() else {
        return Err(Problem::new(format!("{purpose}; run `sudo apt-get install {list}`")));
    };
    super::installing(&format!("{list} (apt-get)"));
    // Another apt may hold the lock, typically right after a machine has started.
    let options = ["-o", "DPkg::Lock::Timeout=300", "-qq", "-y"];
    run(apt_get(as_root).args(options).arg("update"))?;
    run(apt_get(as_root)
        .args(options)
        .args(["install", "--no-install-recommends"])
        .args(packages))
}

/// `true` for root, `false` for sudo without a password, `None` for neither.
fn as_root() -> Option<bool> {
    if output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0") {
        return Some(true);
    }
    output(Command::new("sudo").args(["-n", "true"]))
        .is_ok()
        .then_some(false)
}

fn apt_get(as_root: bool) -> Command {
    let mut command = Command::new(if as_root { "env" } else { "sudo" });
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    command
}
