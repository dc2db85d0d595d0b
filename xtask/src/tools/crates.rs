//! Programs that come from crates, each in a folder of its own under `target/tools`.

use std::path::PathBuf;

use crate::project::Project;
use crate::run::{Result, run};

/// The folder of programs of this crate, installed when they are not all there.
pub fn ensure(project: &Project, name: &str, version: &str, programs: &[&str], options: &[&str]) -> Result<PathBuf> {
    let root = project.path(format!("target/tools/{name}-{version}"));
    let bin = root.join("bin");
    let present = |program: &&str| bin.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)).is_file();
    if programs.iter().all(present) {
        return Ok(bin);
    }
    super::installing(&format!("{name} {version} (cargo install, a few minutes, once)"));
    let build = root.join("build");
    let install = |lock: &[&str]| {
        let mut command = project.cargo("install");
        command
            .args(["--quiet", name, "--version", version, "--root"])
            .arg(&root)
            .args(options)
            .args(lock);
        // They run for a second at a time: what optimising them costs never comes back.
        command.args(["--profile", "dev"]).env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.env("CARGO_TARGET_DIR", &build);
        run(&mut command)
    };
    install(&["--locked"]).or_else(|problem| {
        // A registry mirror may lack the newest release that the lock file of the crate names.
        println!("  {problem}; once more without its lock file");
        install(&[])
    })?;
    // Half a gigabyte that nobody needs again; what is left over takes only space.
    let _ = std::fs::remove_dir_all(&build);
    Ok(bin)
}
