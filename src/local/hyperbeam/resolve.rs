//! Follows a path within a message.

use serde_json::{Map, Value};

use crate::local::http::{HttpError, HttpResult};

/// The value to which a path leads.
pub(crate) enum Resolved {
    /// A whole message.
    Message(Map<String, Value>),
    /// The value of a key.
    Value(Value),
    /// JSON of `serialize~json@1.0`, which has no wrapper.
    Serialized(Value),
}

/// Follows a path. Its last segments may be `keys`, for the names of a map, and `serialize~json@1.0`.
///
/// # Errors
/// 404 when the path leads to no value.
pub(crate) fn resolve(message: Map<String, Value>, path: &[&str]) -> HttpResult<Resolved> {
    let (path, serialized) = match path {
        [path @ .., "~json@1.0", "serialize"] | [path @ .., "serialize~json@1.0"] => (path, true),
        path => (path, false),
    };
    let (path, keys) = match path {
        [path @ .., "keys"] => (path, true),
        path => (path, false),
    };
    if path.is_empty() && !keys {
        return Ok(match serialized {
            true => Resolved::Serialized(Value::Object(message)),
            false => Resolved::Message(message),
        });
    }
    let message = Value::Object(message);
    let found = at(&message, path).filter(|found| !keys || found.is_object());
    let found = found.ok_or_else(|| HttpError::no_such_key(path))?;
    let names = match (keys, found) {
        (false, _) => {
            return Ok(if serialized {
                Resolved::Serialized(found.clone())
            } else {
                Resolved::Value(found.clone())
            });
        }
        (true, Value::Object(members)) => numbered(members.keys().map(String::as_str)),
        (true, _) => Map::new(),
    };
    Ok(if serialized {
        Resolved::Serialized(Value::Object(names))
    } else {
        Resolved::Message(names)
    })
}

/// The value at a path. Names are case-sensitive. Entries of lists are numbered from 1.
fn at<'a>(message: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(message, |value, name| match value {
        Value::Object(members) => members.get(*name),
        Value::Array(entries) => entries.get(name.parse::<usize>().ok()?.checked_sub(1)?),
        _ => None,
    })
}

fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    let mut numbered = Map::new();
    for name in names {
        numbered.insert((numbered.len() + 1).to_string(), name.into());
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn at_follows_maps_and_lists() {
        let state = json!({ "cache": { "a": 1, "Mixed": { "c": [1, "x"] } } });
        assert_eq!(at(&state, &["cache", "Mixed", "c", "2"]), Some(&json!("x")));
        for path in [
            &["cache", "mixed"][..],
            &["cache", "Mixed", "c", "0"],
            &["cache", "a", "x"],
            &["x"],
        ] {
            assert_eq!(at(&state, path), None, "{path:?}");
        }
    }
}
