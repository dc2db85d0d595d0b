//! Reads versions of crates from Cargo.lock.

use std::fs;

use crate::project::Project;
use crate::run::{Problem, Result};

pub fn version_of(project: &Project, name: &str) -> Result<String> {
    let path = project.path("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(|error| Problem::file("read", &path, error))?;
    version_in(&text, name).ok_or_else(|| Problem::new(format!("Cargo.lock does not have exactly one `{name}`")))
}

/// The version of the package with this name. `None` if there is no such package, or several.
fn version_in(lock: &str, name: &str) -> Option<String> {
    let mut versions = lock.split("[[package]]").skip(1).filter_map(|package| {
        let field = |key: &str| {
            package
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
        };
        (field("name")? == name).then(|| field("version"))?
    });
    let version = versions.next()?.to_owned();
    versions.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::version_in;

    const LOCK: &str = r#"version = 4

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
source = "registry+…"
dependencies = [
 "wasm-bindgen-macro",
]

[[package]]
name = "wasm-bindgen-macro"
version = "0.2.131"

[[package]]
name = "rand"
version = "0.8.0"

[[package]]
name = "rand"
version = "0.9.0"
"#;

    #[test]
    fn the_whole_name_counts() {
        assert_eq!(version_in(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(LOCK, "wasm-bindgen-macro").as_deref(), Some("0.2.131"));
        assert_eq!(version_in(LOCK, "wasm"), None);
    }

    #[test]
    fn two_versions_are_no_answer() {
        assert_eq!(version_in(LOCK, "rand"), None);
    }

    #[test]
    fn the_lock_file_itself_is_no_package() {
        assert_eq!(version_in("version = 4\nname = \"x\"\n", "x"), None);
    }
}
