//! Zig, whose C compiler makes the Lua module. It brings its own linker and C library, so that every machine builds the same.

use std::path::PathBuf;

use crate::build_cache::create_folder;
use crate::project::Project;
use crate::run::{Problem, Result, find_program, run};

/// The module's hash depends on it.
pub const VERSION: &str = "0.17.1";

pub fn ensure(project: &Project) -> Result<PathBuf> {
    let folder = project.path(format!("target/tools/zig-{VERSION}"));
    let zig = folder.join(format!("ziglang/zig{}", std::env::consts::EXE_SUFFIX));
    if zig.is_file() {
        return Ok(zig);
    }
    let advice = "install Python 3 with pip (on Debian: python3-pip): it installs the C compiler of the Lua module";
    let python = find_program(&["python3", "python"]).ok_or_else(|| Problem::new(advice))?;
    super::installing(&format!("ziglang {VERSION} (pip, 100 MB, once)"));
    create_folder(&folder)?;
    run(project
        .command(python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(["--no-deps", "--only-binary=:all:", "--target"])
        .arg(&folder)
        .arg(format!("ziglang=={VERSION}")))
    .map_err(|problem| Problem::new(format!("{problem}; {advice}")))?;
    match zig.is_file() {
        true => Ok(zig),
        false => Err(Problem::new(format!("pip has installed no {}", zig.display()))),
    }
}
