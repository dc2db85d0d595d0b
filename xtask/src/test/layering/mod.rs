//! Checks that the files of `src` import each other in one direction: no cycles, and no area imports one above it.

mod cycles;
mod imports;
mod source;

use std::collections::BTreeSet;
use std::fs;

use self::cycles::{Graph, cycles, size_of_part};
use self::imports::{Import, imports};
use crate::build_cache::files_under;
use crate::project::Project;
use crate::run::{Problem, Result};

/// The areas of `src`, from the top to the bottom. A file may import its own area and those of lower rows. Areas in one row may
/// import each other as long as no cycle comes of it.
const LAYERS: &[&[&str]] = &[
    &["bindings"],
    &["web", "local", "lua", "verify", "client"],
    &["compute", "protocol", "signer", "base_layer"],
    &["ans104", "httpsig", "arweave", "platform"],
    &["ao_types", "error", "join"],
];

pub fn check(project: &Project) -> Result {
    let src = project.path("src");
    let mut files = Vec::new();
    for path in files_under(&src)? {
        let text = fs::read_to_string(&path).map_err(|error| Problem::file("read", &path, error))?;
        let inside = path.strip_prefix(&src).unwrap_or(&path);
        files.push((inside.to_string_lossy().replace('\\', "/"), text));
    }
    let imports = imports(&files);
    let problems = [areas_without_layer(&files), upwards(&imports), circles(&imports)].concat();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Problem::new(problems.join("\n")))
}

fn area(file: &str) -> &str {
    let end = file.find(['/', '.']).unwrap_or(file.len());
    &file[..end]
}

/// 0 is the top.
fn layer(area: &str) -> Option<usize> {
    LAYERS.iter().position(|areas| areas.contains(&area))
}

fn areas_without_layer(files: &[(String, String)]) -> Vec<String> {
    let areas: BTreeSet<_> = files.iter().map(|(file, _)| area(file)).collect();
    areas
        .into_iter()
        .filter(|area| *area != "lib" && layer(area).is_none())
        .map(|area| format!("src/{area} has no layer: add it to LAYERS in xtask/src/test/layering/mod.rs"))
        .collect()
}

fn upwards(imports: &BTreeSet<Import>) -> Vec<String> {
    let leans_up = |import: &&Import| {
        let (from, to) = (area(&import.from), area(&import.to));
        // Nothing below the root may import it, but for what it re-exports, which is followed to its file.
        from != "lib" && (to == "lib" || layer(from) > layer(to))
    };
    imports
        .iter()
        .filter(leans_up)
        .map(|Import { from, line, to }| format!("src/{from}:{line} imports src/{to}, which is in a layer above it"))
        .collect()
}

fn circles(imports: &BTreeSet<Import>) -> Vec<String> {
    let mut graph = Graph::new();
    for import in imports {
        graph.entry(import.from.clone()).or_default().insert(import.to.clone());
    }
    let described = |cycle: Vec<String>| {
        let mut lines = match size_of_part(&graph, &cycle[0]) {
            size if size > cycle.len() => vec![format!("{size} files import each other; the shortest cycle:")],
            _ => vec!["files import each other in a cycle:".to_owned()],
        };
        for (at, from) in cycle.iter().enumerate() {
            let to = &cycle[(at + 1) % cycle.len()];
            let import = imports.iter().find(|import| import.from == *from && import.to == *to);
            let line = import.map_or(0, |import| import.line);
            lines.push(format!("  src/{from}:{line} imports src/{to}"));
        }
        lines.join("\n")
    };
    cycles(&graph).into_iter().map(described).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(from: &str, line: usize, to: &str) -> Import {
        Import {
            from: from.to_owned(),
            line,
            to: to.to_owned(),
        }
    }

    #[test]
    fn a_cycle_is_printed_with_its_lines() {
        let imports = BTreeSet::from([
            import("a/x.rs", 3, "a/y.rs"),
            import("a/y.rs", 7, "a/x.rs"),
            import("a/y.rs", 9, "a/z.rs"),
        ]);
        let expected =
            "files import each other in a cycle:\n  src/a/x.rs:3 imports src/a/y.rs\n  src/a/y.rs:7 imports src/a/x.rs";
        assert_eq!(circles(&imports), [expected]);
    }

    #[test]
    fn an_import_of_a_higher_layer_is_printed() {
        let imports = BTreeSet::from([
            import("client/send.rs", 4, "ans104/mod.rs"),
            import("client/send.rs", 5, "local/mod.rs"),
            import("error.rs", 6, "web/fetch.rs"),
        ]);
        let expected = "src/error.rs:6 imports src/web/fetch.rs, which is in a layer above it";
        assert_eq!(upwards(&imports), [expected]);
    }

    #[test]
    fn an_area_without_a_layer_is_named() {
        let files = ["lib.rs", "error.rs", "house/door.rs"].map(|file| (file.to_owned(), String::new()));
        let problems = areas_without_layer(&files);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("src/house has no layer"), "{problems:?}");
    }
}
