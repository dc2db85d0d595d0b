//! Parses the command line: a command, `--flags`, `--options value`, names.

use std::ffi::OsString;

use crate::run::{Problem, Result};

pub struct Args(Vec<String>);

impl Args {
    pub fn new(args: impl Iterator<Item = OsString>) -> Self {
        Self(args.map(|arg| arg.to_string_lossy().into_owned()).collect())
    }

    pub fn command(&mut self) -> Option<String> {
        if self.0.is_empty() {
            None
        } else {
            Some(self.0.remove(0))
        }
    }

    /// Removes `--name`. Returns whether it was there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|arg| arg != name);
        self.0.len() < before
    }

    /// Removes `--name value` or `--name=value`. Returns the value.
    pub fn option(&mut self, name: &str) -> Result<Option<String>> {
        let with_equals = format!("{name}=");
        let Some(at) = self
            .0
            .iter()
            .position(|arg| arg == name || arg.starts_with(&with_equals))
        else {
            return Ok(None);
        };
        let arg = self.0.remove(at);
        if let Some(value) = arg.strip_prefix(&with_equals) {
            return Ok(Some(value.to_owned()));
        }
        if at < self.0.len() && !self.0[at].starts_with("--") {
            return Ok(Some(self.0.remove(at)));
        }
        Err(Problem::new(format!("`{name}` needs a value. Write `{name} <value>`")))
    }

    /// The remaining arguments, which must not be options.
    pub fn names(self) -> Result<Vec<String>> {
        match self.0.iter().find(|arg| arg.starts_with('-')) {
            Some(unknown) => Err(Problem::new(format!(
                "there is no option `{unknown}`. Run `cargo xtask help`"
            ))),
            None => Ok(self.0),
        }
    }

    /// The remaining arguments, for another program.
    pub fn rest(self) -> Vec<String> {
        self.0
    }

    /// Fails if an argument remains.
    pub fn finish(self) -> Result {
        match self.names()?.first() {
            Some(stray) => Err(Problem::new(format!(
                "`{stray}` is not expected here. Run `cargo xtask help`"
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Args {
        Args::new(words.iter().map(OsString::from))
    }

    #[test]
    fn options_come_in_both_spellings() {
        for words in [&["--port", "81", "--public"][..], &["--public", "--port=81"]] {
            let mut args = args(words);
            assert_eq!(args.option("--port").unwrap().as_deref(), Some("81"));
            assert!(args.flag("--public"));
            assert!(!args.flag("--public"));
            args.finish().unwrap();
        }
    }

    #[test]
    fn an_option_without_its_value_is_an_error() {
        assert!(args(&["--port"]).option("--port").is_err());
        assert!(args(&["--port", "--public"]).option("--port").is_err());
    }

    #[test]
    fn strays_are_named() {
        assert!(
            args(&["--pulbic"])
                .finish()
                .unwrap_err()
                .to_string()
                .contains("--pulbic")
        );
        assert!(args(&["stray"]).finish().unwrap_err().to_string().contains("stray"));
        assert_eq!(args(&["js", "page"]).names().unwrap(), ["js", "page"]);
    }
}
