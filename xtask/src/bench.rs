//! `cargo xtask bench`: builds the release package and measures it.

use crate::args::Args;
use crate::package::{self, Profile};
use crate::project::Project;
use crate::run::{Result, run};
use crate::tools::browsers;

pub fn main(project: &Project, args: Args) -> Result {
    package::build(project, Profile::Release)?;
    run(project
        .command("node")
        .arg(project.path("benches/bench.mjs"))
        .args(args.rest())
        .envs(browsers::ensure()?.env()))
}
