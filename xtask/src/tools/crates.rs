//! Installs programs of crates, each in its own folder under `target/tools`.

use std::path::PathBuf;

use crate::project::Project;
use crate::run::{Result, run};

/// The folder with the programs of this crate. Installs them if one is missing.
pub fn ensure(project: &Project, name: &str, version: &str, programs: &[&str], options: &[&str]) -> Result<PathBuf> {
    let root = project.path(format!("target/tools/{name}-{version}"));
    let bin = root.join("bin");
    let present = |program: &&str| bin.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)).is_file();
    if programs.iter().all(present) {
        return Ok(bin);
    }
    super::installing(&format!("{name} {version} (cargo install, a few minutes, once)"));
    // One for all of them: they have many crates in common.
    let build = project.path("target/tools/build");
    let install = |lock: &[&str]| {
        let mut command = project.cargo("install");
        command
            .args(["--quiet", name, "--version", version, "--root"])
            .arg(&root)
            .args(programs.iter().flat_map(|program| ["--bin", program]))
            .args(options)
            .args(lock);
        // They run for seconds. Optimising them would take longer than it saves.
        command.args(["--profile", "dev"]).env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.env("CARGO_TARGET_DIR", &build);
        run(&mut command)
    };
    install(&["--locked"]).or_else(|problem| {
        // A mirror of the registry may lack a release that the lock file of the crate names.
        println!("  {problem}. Trying again without its lock file");
        install(&[])
    })?;
    Ok(bin)
}
