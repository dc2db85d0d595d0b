//! Values that a node wrote into JSON as text, with their types beside them: `{ "supply": "21", "ao-types":
//! "supply=\"integer\"" }`. The package reads them in `client/modes/mainnet/reply.ts`; tests compare both with the same
//! recordings.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

use crate::ao_types::{AO_TYPES, MESSAGE_ENTRY, entries, read_entry};

/// The value with its types applied. Text that does not fit its type stays text.
pub(super) fn decoded(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(decoded).collect(),
        Value::Object(message) => message_of(message),
        value => value.clone(),
    }
}

/// The members of a list that is written as a map with the keys 1, 2, 3 …
pub(super) fn numbered(members: &Map<String, Value>) -> Vec<Value> {
    let mut members: Vec<_> = members
        .iter()
        .filter_map(|(at, member)| Some((at.parse::<u64>().ok()?, member.clone())))
        .collect();
    members.sort_by_key(|(at, _)| *at);
    members.into_iter().map(|(_, member)| member).collect()
}

fn message_of(message: &Map<String, Value>) -> Value {
    let types = types_of(message);
    let mut decoded: Map<String, Value> = message
        .iter()
        .filter(|(name, value)| *name != AO_TYPES && !(*name == "commitments" && is_checksum(value)))
        .map(|(name, value)| {
            let kind = types.get(&name.to_lowercase()).map(String::as_str);
            (name.clone(), typed(value, kind))
        })
        .collect();
    for (name, kind) in &types {
        // Empty values have a type and no member.
        if let Some(empty) = empty(kind)
            && !decoded.keys().any(|there| there.to_lowercase() == *name)
        {
            decoded.insert(name.clone(), empty);
        }
    }
    match types.get(MESSAGE_ENTRY).map(String::as_str) {
        Some("list") => numbered(&decoded).into(),
        _ => decoded.into(),
    }
}

/// The types by name. Names are in lower case, as nodes write them.
fn types_of(message: &Map<String, Value>) -> HashMap<String, String> {
    let field = message.get(AO_TYPES).and_then(Value::as_str).unwrap_or_default();
    let read = entries(field).filter_map(|entry| {
        let (name, kind) = read_entry(entry);
        Some((name.to_lowercase(), kind?.to_lowercase()))
    });
    read.collect()
}

/// Whether commitments are checksums that a node adds to each map of a bundled reply. Signatures with a key are part of the
/// value.
fn is_checksum(commitments: &Value) -> bool {
    let Some(all) = commitments.as_object().filter(|all| !all.is_empty()) else {
        return false;
    };
    all.values()
        .all(|each| each["type"] == "hmac-sha256" && each["keyid"] == "constant:ao")
}

fn typed(value: &Value, kind: Option<&str>) -> Value {
    match (value, kind) {
        (Value::String(text), Some("list")) => items_of(text).map_or_else(|| value.clone(), Value::Array),
        (value, Some("list")) => match decoded(value) {
            Value::Object(members) => numbered(&members).into(),
            list => list,
        },
        (Value::String(text), Some(kind)) => typed_text(text, kind),
        (value, _) => decoded(value),
    }
}

fn typed_text(text: &str, kind: &str) -> Value {
    let read = match kind {
        "integer" => text
            .parse::<i64>()
            .map(Value::from)
            .or_else(|_| text.parse::<u64>().map(Value::from))
            .ok(),
        "float" => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
        "atom" => Some(match text.trim_matches('"') {
            "true" => true.into(),
            "false" => false.into(),
            "null" | "undefined" => Value::Null,
            name => name.into(),
        }),
        kind => empty(kind),
    };
    read.unwrap_or_else(|| text.into())
}

/// The value of a type that has one value.
fn empty(kind: &str) -> Option<Value> {
    Some(match kind {
        "empty-message" => Value::Object(Map::new()),
        "empty-list" => Value::Array(Vec::new()),
        "empty-binary" => "".into(),
        _ => return None,
    })
}

/// The items of a list in text form (RFC 8941): `"(ao-type-integer) 1", "two", 3`. `None` if the text is no such list.
fn items_of(text: &str) -> Option<Vec<Value>> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (item, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_item(quoted)?,
            None => {
                let end = rest
                    .find(|c: char| c == ',' || c == '"' || c.is_whitespace())
                    .unwrap_or(rest.len());
                let (item, after) = rest.split_at(end);
                (bare_item(item)?, after)
            }
        };
        items.push(item);
        rest = match after.trim_start() {
            "" => "",
            after => after.strip_prefix(',')?.trim_start(),
        };
    }
    Some(items)
}

/// Reads behind an opening quote. Returns the item, and the text behind the closing quote.
fn quoted_item(quoted: &str) -> Option<(Value, &str)> {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((item_of(text), quoted.get(at + 1..)?)),
            '\\' => text.push(characters.next()?.1),
            character => text.push(character),
        }
    }
    None
}

/// The item in a string, which may say its type: `(ao-type-integer) 1`.
fn item_of(text: String) -> Value {
    let inner = text.strip_prefix("(ao-type-").and_then(|rest| rest.split_once(") "));
    match inner {
        Some((kind, value)) => typed(&value.into(), Some(kind)),
        None => text.into(),
    }
}

/// A number, a boolean or an atom.
fn bare_item(item: &str) -> Option<Value> {
    Some(match item {
        "" => return None,
        "?1" => true.into(),
        "?0" => false.into(),
        item if item.parse::<i64>().is_ok() => typed_text(item, "integer"),
        item if item.contains('.') && item.parse::<f64>().is_ok() => typed_text(item, "float"),
        item => typed_text(item, "atom"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_get_the_types_beside_them() {
        let message = json!({
            "count": "21", "big": "18446744073709551615", "price": "1.5", "flag": "true", "nothing": "null", "name": "\"x\"",
            "wrong": "many", "Mixed": "7", "list": "\"(ao-type-integer) 1\", \"two\", 3, ?1", "map": { "2": "b", "1": "a" },
            "nested": { "n": "1", "ao-types": "n=\"integer\"" },
            "ao-types": "count=\"integer\", big=integer, price=\"float\", flag=\"atom\", nothing=\"atom\", name=\"atom\", \
                wrong=\"integer\", mixed=\"integer\", list=\"list\", map=\"list\", none=\"empty-list\"",
        });
        let expected = json!({
            "count": 21, "big": u64::MAX, "price": 1.5, "flag": true, "nothing": null, "name": "x", "wrong": "many", "Mixed": 7,
            "list": [1, "two", 3, true], "map": ["a", "b"], "nested": { "n": 1 }, "none": [],
        });
        assert_eq!(decoded(&message), expected);
    }

    #[test]
    fn message_of_type_list_is_a_list() {
        let list = json!({ "1": "a", "10": "c", "2": "b", "ao-types": ".=\"list\"" });
        assert_eq!(decoded(&list), json!(["a", "b", "c"]));
    }

    #[test]
    fn text_that_is_no_list_stays_text() {
        for text in ["\"open", "a b", "\"a\" \"b\"", ", 1"] {
            let message = json!({ "list": text, "ao-types": "list=\"list\"" });
            assert_eq!(decoded(&message)["list"], text);
        }
    }
}
