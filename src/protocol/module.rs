//! The tags that make a transaction a module.

use super::{PROTOCOL, TextTag};
use crate::error::{Error, ErrorKind, Result};

/// Checks that a transaction with these tags is a module.
///
/// # Errors
/// `NotFound`, with the name of the first tag that is missing.
pub fn check_module(tags: &[TextTag]) -> Result<()> {
    let has = |name: &str, value: Option<&str>| {
        tags.iter()
            .any(|tag| tag.name == name && value.is_none_or(|value| tag.value == value))
    };
    let missing = |text: String| {
        Error::new(
            ErrorKind::NotFound,
            format!("{text}. Check that the module's id names a module and not a process"),
        )
    };
    for (name, value) in [("Data-Protocol", PROTOCOL), ("Type", "Module")] {
        if !has(name, Some(value)) {
            return Err(missing(format!(
                "Tag '{name}': value '{value}' was not found on module"
            )));
        }
    }
    for name in ["Module-Format", "Input-Encoding", "Output-Encoding"] {
        if !has(name, None) {
            return Err(missing(format!("Tag '{name}': was not found on module")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_module_names_the_first_missing_tag() {
        let mut tags = Vec::new();
        for (name, value, complaint) in [
            (
                "Data-Protocol",
                "ao",
                "Tag 'Data-Protocol': value 'ao' was not found on module",
            ),
            ("Type", "Module", "Tag 'Type': value 'Module' was not found on module"),
            ("Module-Format", "x", "Tag 'Module-Format': was not found on module"),
            ("Input-Encoding", "x", "Tag 'Input-Encoding': was not found on module"),
            ("Output-Encoding", "x", "Tag 'Output-Encoding': was not found on module"),
        ] {
            let error = check_module(&tags).unwrap_err();
            assert!(error.message().starts_with(complaint), "{}", error.message());
            tags.push(TextTag {
                name: name.into(),
                value: value.into(),
            });
        }
        check_module(&tags).unwrap();
    }
}
