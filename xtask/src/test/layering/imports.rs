//! Which file of a crate imports which: follows every path to the file that declares its name, through re-exports.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, Use, read};

/// One file that needs another, and the line that says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    pub from: String,
    pub line: usize,
    pub to: String,
}

/// Re-exports that are followed from one path. Real ones take a few.
const LONGEST_WAY: usize = 100;

/// The files of a crate by their module paths; the root is the empty path.
struct Modules {
    files: BTreeMap<Vec<String>, (String, Source)>,
}

/// `files` are paths inside `src` with their texts. A module's own `mod` declarations and re-exports are no imports; a
/// re-exported name that the file uses itself is one.
pub fn imports(files: &[(String, String)]) -> BTreeSet<Import> {
    let files = files
        .iter()
        .map(|(path, text)| (module_of(path), (path.clone(), read(text))));
    let modules = Modules { files: files.collect() };
    let mut found = BTreeSet::new();
    for (module, (file, source)) in &modules.files {
        let mut add = |path: &[String], line| {
            let target = modules.declares(module, path, &mut BTreeSet::new());
            // A module that is imported by its name is used through paths, and those count.
            let target = target.filter(|(_, is_module)| !is_module);
            if let Some((to, _)) = target.filter(|(to, _)| to != file) {
                found.insert(Import {
                    from: file.clone(),
                    line,
                    to,
                });
            }
        };
        for used in &source.uses {
            if !used.is_public || source.words.contains(&used.name) {
                add(&used.path, used.line);
            }
        }
        for (path, line) in &source.paths {
            add(path, *line);
        }
    }
    found
}

/// `a/b.rs` and `a/b/mod.rs` are both `a::b`; `lib.rs` and `main.rs` are the root.
fn module_of(path: &str) -> Vec<String> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    match path {
        "lib" | "main" => Vec::new(),
        path => path.split('/').map(str::to_owned).collect(),
    }
}

impl Modules {
    /// The file that declares what `path` names when it stands in `module`, and whether that is the module as a whole. `None`
    /// for names from other crates, and for locals.
    fn declares(
        &self,
        module: &[String],
        path: &[String],
        seen: &mut BTreeSet<(Vec<String>, Vec<String>)>,
    ) -> Option<(String, bool)> {
        // Globs may lead around in circles.
        if seen.len() > LONGEST_WAY || !seen.insert((module.to_vec(), path.to_vec())) {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.follow(&[], rest, seen),
            "self" => self.follow(module, rest, seen),
            "super" => self.follow(module.split_last()?.1, rest, seen),
            _ => self.follow_name(module, path, seen),
        }
    }

    fn follow(
        &self,
        module: &[String],
        path: &[String],
        seen: &mut BTreeSet<(Vec<String>, Vec<String>)>,
    ) -> Option<(String, bool)> {
        let (file, _) = self.files.get(module)?;
        match path.first().map(String::as_str) {
            None | Some("*") => Some((file.clone(), true)),
            Some("super") => self.follow(module.split_last()?.1, &path[1..], seen),
            Some(_) => self
                .follow_name(module, path, seen)
                .or_else(|| Some((file.clone(), false))),
        }
    }

    /// A name of `module`: a module below it, or something it imports. `None` for its own items.
    fn follow_name(
        &self,
        module: &[String],
        path: &[String],
        seen: &mut BTreeSet<(Vec<String>, Vec<String>)>,
    ) -> Option<(String, bool)> {
        let (name, rest) = path.split_first()?;
        let below = [module, std::slice::from_ref(name)].concat();
        if self.files.contains_key(&below) {
            return self.follow(&below, rest, seen);
        }
        let (_, source) = self.files.get(module)?;
        let joined = |used: &Use, rest: &[String]| [&used.path, rest].concat();
        let named = source.uses.iter().filter(|used| used.name == *name);
        let globs = source.uses.iter().filter(|used| used.name == "*");
        named
            .map(|used| joined(used, rest))
            .chain(globs.map(|used| joined(used, path)))
            // In `use hmac::hmac` the first name is the crate.
            .filter(|target| target.first() != Some(name))
            .find_map(|target| self.declares(module, &target, seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        imports(&files)
            .into_iter()
            .map(|Import { from, line, to }| format!("{from}:{line} {to}"))
            .collect()
    }

    #[test]
    fn a_name_is_followed_through_re_exports() {
        let files = [
            ("lib.rs", "pub mod a; pub mod c;"),
            ("a/mod.rs", "mod b;\npub use b::B;\npub use self::d::*;\nmod d;"),
            ("a/b.rs", "pub struct B;"),
            ("a/d.rs", "pub fn d() {}"),
            ("c.rs", "use crate::a::{self, B};\nfn c() { a::d() }"),
        ];
        assert_eq!(found(&files)[..1], ["c.rs:1 a/b.rs"]);
    }

    #[test]
    fn an_item_of_a_module_file_counts_and_a_module_as_such_does_not() {
        let files = [
            ("a/mod.rs", "pub mod b; pub fn f() {}"),
            ("a/b.rs", "use super::f;"),
            ("c.rs", "use crate::a; use crate::a::b;"),
        ];
        assert_eq!(found(&files), ["a/b.rs:1 a/mod.rs"]);
    }

    #[test]
    fn a_re_export_counts_where_the_file_uses_it() {
        let only_forwarded = [("a/mod.rs", "mod b; pub use b::B;"), ("a/b.rs", "pub struct B;")];
        assert!(found(&only_forwarded).is_empty());
        let used = [("a/mod.rs", "mod b; pub use b::B; fn f(_: B) {}"), ("a/b.rs", "")];
        assert_eq!(found(&used), ["a/mod.rs:1 a/b.rs"]);
    }

    #[test]
    fn paths_in_code_count_and_other_crates_do_not() {
        let files = [
            ("lib.rs", ""),
            (
                "a.rs",
                "use std::fmt; use hmac::hmac;\nfn f() -> fmt::Result { super::b::c::d(); serde::x() }",
            ),
            ("b/mod.rs", "pub mod c;"),
            ("b/c.rs", "use super::super::a::f;"),
        ];
        assert_eq!(found(&files), ["a.rs:2 b/c.rs", "b/c.rs:1 a.rs"]);
    }
}
