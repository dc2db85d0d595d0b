//! Compares a computed result with what a unit returned.

use serde_json::Value;

use super::slot_result::Outcome;
use crate::error::{Error, ErrorKind, Result};

/// How a unit's result relates to the computed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    Same,
    /// The same but for the order of Lua's tables: of the tags of messages, and of members in JSON text. Lua seeds this order
    /// with the time at which a unit started the process, which is in no schedule.
    OtherOrder,
    /// The name of the first member that differs.
    Differs(&'static str),
}

/// Members of a result. `GasUsed` is not among them: it is a unit's own account, and pages of results do not have it.
const MEMBERS: [&str; 6] = ["Error", "Output", "Messages", "Spawns", "Assignments", "Patches"];

/// Compares the result that was computed with the one that a unit returned for the same message, both as JSON.
///
/// A member that is missing equals an empty one: Lua writes an empty list as `{}`. For a message that ended with a trap, any
/// error of the unit's agrees, since its text is the engine's.
///
/// # Errors
/// `BadResponse` where the unit's text is not a JSON object.
pub fn compare(computed: &str, outcome: Outcome, unit: &str) -> Result<Agreement> {
    let unit: Value = serde_json::from_str(unit)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| {
            Error::new(ErrorKind::BadResponse, "The unit's response holds no result").with_text("body", unit)
        })?;
    let Ok(computed) = serde_json::from_str::<Value>(computed) else {
        return Ok(Agreement::Differs("Output"));
    };
    let mut agreement = Agreement::Same;
    for member in MEMBERS {
        let (ours, theirs) = (&computed[member], &unit[member]);
        if member == "Error" && outcome == Outcome::Trapped && !is_empty(theirs) {
            continue;
        }
        if equal(ours, theirs) {
            continue;
        }
        if !equal(&without_order(member, ours), &without_order(member, theirs)) {
            return Ok(Agreement::Differs(member));
        }
        agreement = Agreement::OtherOrder;
    }
    Ok(agreement)
}

/// Whether two values are equal as JavaScript reads them: 1 and 1.0 are the same number.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, value)| right.get(name).is_some_and(|other| equal(value, other)))
        }
        _ => left == right || is_empty(left) && is_empty(right),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Brings what depends on the order of Lua's tables into one order.
fn without_order(member: &str, value: &Value) -> Value {
    let mut value = value.clone();
    match member {
        "Output" => {
            if let Some(output) = value.as_object_mut()
                && let Some(data) = output.get("data").and_then(parsed_text)
            {
                output.insert("data".into(), data);
                // The same data as Lua source.
                output.remove("test");
            }
        }
        "Messages" | "Spawns" => {
            for sent in value.as_array_mut().into_iter().flatten() {
                if let Some(tags) = sent.get_mut("Tags").and_then(Value::as_array_mut) {
                    tags.sort_by_cached_key(Value::to_string);
                }
                if let Some(data) = sent.get("Data").and_then(parsed_text) {
                    sent["Data"] = data;
                }
            }
        }
        _ => {}
    }
    value
}

/// The object or list that a text holds as JSON.
fn parsed_text(text: &Value) -> Option<Value> {
    let value: Value = serde_json::from_str(text.as_str()?).ok()?;
    (value.is_object() || value.is_array()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(ours: &str, theirs: &str) -> Agreement {
        compare(ours, Outcome::Evaluated, theirs).unwrap()
    }

    #[test]
    fn compare_finds_one_changed_byte_in_every_member() {
        let result = r#"{"Messages":[{"Target":"t","Data":"10","Tags":[{"name":"a","value":"b"}]}],"Spawns":[],"Assignments":[],"Output":{"data":"x"},"GasUsed":0}"#;
        assert_eq!(compared(result, result), Agreement::Same);
        for (from, to, member) in [
            (r#""10""#, r#""01""#, "Messages"),
            (r#""b""#, r#""c""#, "Messages"),
            (r#""x""#, r#""y""#, "Output"),
            (r#""Spawns":[]"#, r#""Spawns":[{}]"#, "Spawns"),
            (r#""Assignments":[]"#, r#""Assignments":["a"]"#, "Assignments"),
            (r#""GasUsed":0"#, r#""Error":"no""#, "Error"),
        ] {
            let lie = result.replacen(from, to, 1);
            assert_ne!(lie, result);
            assert_eq!(compared(result, &lie), Agreement::Differs(member), "{lie}");
            assert_eq!(compared(&lie, result), Agreement::Differs(member), "{lie}");
        }
        // Only the account of gas differs.
        assert_eq!(
            compared(result, &result.replace("\"GasUsed\":0", "\"GasUsed\":5")),
            Agreement::Same
        );
    }

    #[test]
    fn compare_recognises_another_order_of_lua_tables_and_no_other_permutation() {
        let ours = r#"{"Messages":[{"Data":"{\"a\":1,\"b\":[1,2]}","Tags":[{"name":"a","value":"1"},{"name":"b","value":"2"}]}],"Output":{"data":"{\"a\":1,\"b\":2}","test":"1"}}"#;
        let theirs = r#"{"Messages":[{"Data":"{\"b\":[1,2],\"a\":1}","Tags":[{"value":"2","name":"b"},{"name":"a","value":"1"}]}],"Output":{"data":"{\"b\":2,\"a\":1}","test":"2"}}"#;
        assert_eq!(compared(ours, theirs), Agreement::OtherOrder);
        let list = theirs.replace("[1,2]", "[2,1]");
        assert_eq!(compared(ours, &list), Agreement::Differs("Messages"));
        let swapped = theirs
            .replace(r#"\"b\":2"#, r#"\"b\":1"#)
            .replace(r#"\"a\":1}","test"#, r#"\"a\":2}","test"#);
        assert_eq!(compared(ours, &swapped), Agreement::Differs("Output"));
    }

    #[test]
    fn compare_takes_empty_parts_and_errors_of_traps_as_equal() {
        let ours = r#"{"Messages":{},"Output":"","Error":"EngineTrap"}"#;
        let theirs = r#"{"Messages":[],"Spawns":[],"Error":"RuntimeError: unreachable"}"#;
        assert_eq!(compare(ours, Outcome::Trapped, theirs).unwrap(), Agreement::Same);
        assert_eq!(compared(ours, theirs), Agreement::Differs("Error"));
        let fine = r#"{"Messages":[]}"#;
        assert_eq!(
            compare(ours, Outcome::Trapped, fine).unwrap(),
            Agreement::Differs("Error")
        );
        assert!(compare(ours, Outcome::Trapped, "<html>").is_err());
    }
}
