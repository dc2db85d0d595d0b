//! Reads the paths out of a Rust source file: what it imports, what it re-exports, and the paths in its code.
//!
//! This is no parser. It splits the text into words and symbols, without comments, literals and `#[cfg(test)]` items, and looks at
//! `use` declarations and at words joined by `::`.

use std::collections::BTreeSet;

/// `use a::b as c;`, with one entry for each name of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    pub path: Vec<String>,
    /// The name in this file; `*` for a glob.
    pub name: String,
    /// Whether the declaration forwards the name to other files (`pub use`, `pub(crate) use`, …).
    pub is_public: bool,
    pub line: usize,
}

#[derive(Debug, Default, PartialEq)]
pub struct Source {
    pub uses: Vec<Use>,
    /// Paths of two names or more outside of `use` declarations, with their lines.
    pub paths: Vec<(Vec<String>, usize)>,
    /// Every word outside of `use` declarations.
    pub words: BTreeSet<String>,
}

type Token<'a> = (&'a str, usize);

pub fn read(text: &str) -> Source {
    let tokens = without_tests(&tokens(text));
    let mut source = Source::default();
    let mut at = 0;
    while at < tokens.len() {
        let (word, line) = tokens[at];
        if word == "use" && starts_item(&tokens, at) {
            let end = (at..tokens.len())
                .find(|&end| tokens[end].0 == ";")
                .unwrap_or(tokens.len());
            let is_public = at > 0 && matches!(tokens[at - 1].0, "pub" | ")");
            let mut names = Vec::new();
            read_tree(&tokens[at + 1..end], &mut 0, &[], &mut names);
            source.uses.extend(names.into_iter().map(|(path, name)| Use {
                path,
                name,
                is_public,
                line,
            }));
            at = end + 1;
        } else if is_word(word) {
            let mut path = vec![word.to_owned()];
            source.words.insert(word.to_owned());
            while at + 2 < tokens.len() && tokens[at + 1].0 == "::" && is_word(tokens[at + 2].0) {
                path.push(tokens[at + 2].0.to_owned());
                at += 2;
            }
            if path.len() > 1 {
                source.paths.push((path, line));
            }
            at += 1;
        } else {
            at += 1;
        }
    }
    source
}

/// `use` also stands in `impl Trait + use<'a>`.
fn starts_item(tokens: &[Token<'_>], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|(next, _)| *next != "<")
}

/// One tree of a `use` declaration: `a::{b, c::*, self as d}`.
fn read_tree(tokens: &[Token<'_>], at: &mut usize, prefix: &[String], names: &mut Vec<(Vec<String>, String)>) {
    let mut path = prefix.to_vec();
    while let Some((word, _)) = tokens.get(*at) {
        *at += 1;
        match *word {
            "::" => continue,
            "*" => {
                names.push((path, "*".to_owned()));
                return;
            }
            "{" => {
                while tokens.get(*at).is_some_and(|(word, _)| *word != "}") {
                    if tokens[*at].0 == "," {
                        *at += 1;
                    } else {
                        read_tree(tokens, at, &path, names);
                    }
                }
                *at += 1;
                return;
            }
            // `{self}` is the path before the group.
            "self" if !prefix.is_empty() => {}
            word => path.push(word.to_owned()),
        }
        match tokens.get(*at).map(|(word, _)| *word) {
            Some("as") => {
                let name = tokens.get(*at + 1).map_or("_", |(name, _)| name);
                names.push((path, name.to_owned()));
                *at += 2;
                return;
            }
            Some("::") => {}
            _ => {
                let name = path.last().cloned().unwrap_or_default();
                names.push((path, name));
                return;
            }
        }
    }
}

/// Takes items behind `#[cfg(test)]` and `#[cfg(all(test, …))]` out: tests may import what they like.
fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const ATTRIBUTES: [&[&str]; 2] = [
        &["#", "[", "cfg", "(", "test", ")"],
        &["#", "[", "cfg", "(", "all", "(", "test", ","],
    ];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let words = tokens[at..].iter().map(|(word, _)| word);
        let is_test = |attribute: &&[&str]| words.clone().take(attribute.len()).eq(*attribute);
        if !ATTRIBUTES.iter().any(is_test) {
            kept.push(tokens[at]);
            at += 1;
            continue;
        }
        at += tokens[at..].iter().take_while(|(word, _)| *word != "]").count();
        // The item ends at a `;`, or with the first block.
        let mut depth = 0;
        while at < tokens.len() {
            let word = tokens[at].0;
            at += 1;
            match word {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 && matches!(word, ";" | "}") {
                break;
            }
        }
    }
    kept
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::` and single symbols, each with its line. Comments and literals are left out.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = literal(rest) {
            length
        } else if first.is_alphabetic() || first == '_' {
            let length = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            tokens.push((&rest[..length], line));
            length
        } else if rest.starts_with("::") {
            tokens.push((&rest[..2], line));
            2
        } else {
            let length = first.len_utf8();
            if !first.is_whitespace() {
                tokens.push((&rest[..length], line));
            }
            length
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a literal at the start of the text: a string, a raw string, a byte string, a character.
fn literal(text: &str) -> Option<usize> {
    let body = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let prefix = text.len() - body.len();
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = prefix + 1 + hashes + 1;
            return Some(text[start..].find(&end).map_or(text.len(), |at| start + at + end.len()));
        }
    }
    if body.starts_with('"') {
        return Some(prefix + quoted(body, '"'));
    }
    if body.starts_with('\'') {
        // `'a` is a lifetime, unless a quote closes it.
        let mut characters = body.chars().skip(1);
        let second = characters.next()?;
        return (second == '\\' || characters.next() == Some('\'')).then(|| prefix + quoted(body, '\''));
    }
    None
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(text: &str) -> Vec<(String, String, bool)> {
        let uses = read(text).uses.into_iter();
        uses.map(|used| (used.path.join("::"), used.name, used.is_public))
            .collect()
    }

    fn used(path: &str, name: &str, is_public: bool) -> (String, String, bool) {
        (path.to_owned(), name.to_owned(), is_public)
    }

    #[test]
    fn groups_are_taken_apart() {
        assert_eq!(
            uses("use super::{a::{self, B as C}, d::*};\npub(crate) use e::F;"),
            [
                used("super::a", "a", false),
                used("super::a::B", "C", false),
                used("super::d", "*", false),
                used("e::F", "F", true),
            ]
        );
    }

    #[test]
    fn paths_in_code_are_found_with_their_lines() {
        let source = read("fn f() {\n    crate::a::g::<u8>(b);\n}");
        let path = ["crate", "a", "g"].map(str::to_owned).to_vec();
        assert_eq!(source.paths, [(path, 2)]);
        assert!(source.words.contains("b"));
    }

    #[test]
    fn comments_literals_and_tests_do_not_count() {
        let text = r##"
            // use a::b;
            /* use a::b; /* nested */ crate::c */
            const S: &str = "crate::d \" crate::e";
            const R: &str = r#"crate::f " crate::g"#;
            const C: char = '"';
            fn f<'a>(x: &'a str) { '\''; }
            #[cfg(test)]
            use crate::h::H;
            #[cfg(test)]
            mod tests { use crate::i::I; fn g() { crate::j::k() } }
            #[cfg(all(test, feature = "x", not(target_family = "wasm")))]
            mod native { use crate::n::N; }
            fn last() { crate::l::m() }
        "##;
        let source = read(text);
        assert_eq!(source.uses, []);
        let paths: Vec<_> = source.paths.iter().map(|(path, _)| path.join("::")).collect();
        assert_eq!(paths, ["crate::l::m"]);
    }

    #[test]
    fn a_captured_lifetime_is_no_import() {
        assert!(uses("fn f<'a>(x: &'a u8) -> impl Iterator<Item = u8> + use<'a> { g(x) }").is_empty());
    }
}
