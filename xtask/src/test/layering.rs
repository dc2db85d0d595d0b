//! JavaScript belongs into the rooms for the browser; everything else in `src` compiles natively and knows none.

use std::fs;
use std::path::Path;

use crate::build_cache::files_under;
use crate::project::Project;
use crate::run::{Problem, Result};

const BROWSER_ROOMS: [&str; 3] = ["web", "bindings", "lib.rs"];

pub fn check(project: &Project) -> Result {
    let src = project.path("src");
    let mut found = Vec::new();
    for path in files_under(&src)? {
        let inside = path.strip_prefix(&src).unwrap_or(&path);
        if is_browser_room(inside) {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| Problem::file("read", &path, error))?;
        let lines = text.lines().enumerate().filter(|(_, line)| names_javascript(line));
        found.extend(lines.map(|(at, line)| format!("  src/{}:{}: {}", inside.display(), at + 1, line.trim())));
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "JavaScript in rooms that must be pure Rust:\n{}",
        found.join("\n")
    )))
}

fn is_browser_room(inside: &Path) -> bool {
    inside
        .components()
        .next()
        .is_some_and(|room| BROWSER_ROOMS.iter().any(|name| room.as_os_str() == *name))
}

fn names_javascript(line: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| matches!(word, "js_sys" | "web_sys" | "wasm_bindgen") || word.starts_with("gloo_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_count() {
        assert!(names_javascript("use js_sys::Uint8Array;"));
        assert!(names_javascript("#[wasm_bindgen]"));
        assert!(names_javascript("    gloo_net::http::Request"));
        assert!(!names_javascript("let now_js_system = 1;"));
        assert!(!names_javascript("#[wasm_bindgen_test(unsupported = test)]"));
    }

    #[test]
    fn only_the_rooms_at_the_top_are_free() {
        assert!(is_browser_room(Path::new("web/fetch.rs")));
        assert!(is_browser_room(Path::new("lib.rs")));
        assert!(!is_browser_room(Path::new("client/web.rs")));
        assert!(!is_browser_room(Path::new("client/web/mod.rs")));
    }
}
