//! A scheduler unit's assignment of a message to a slot.

use super::JsonTree;

/// The slot of a scheduled message, `{ message, assignment }`, in decimal digits. It is the value of the assignment's
/// tag `Nonce`, which some schedulers write as a number.
pub fn slot_of(scheduled: &JsonTree) -> Option<String> {
    let tags = scheduled.at(&["assignment", "tags"])?.list()?;
    let is_nonce = |tag: &&JsonTree| tag.get("name").and_then(JsonTree::text) == Some("Nonce");
    match tags.iter().find(is_nonce)?.get("value")? {
        JsonTree::Text(text) => Some(text.clone()),
        JsonTree::Whole(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Json;

    #[test]
    fn slot_of_returns_the_nonce_as_text_or_number() {
        let slot = |text: &str| slot_of(&Json::new(text.into()).unwrap().tree().unwrap());
        let with = |value| {
            format!(r#"{{"assignment":{{"tags":[{{"name":"X","value":"1"}},{{"name":"Nonce","value":{value}}}]}}}}"#)
        };
        assert_eq!(slot(&with(r#""12""#)).as_deref(), Some("12"));
        assert_eq!(slot(&with("12")).as_deref(), Some("12"));
        assert_eq!(slot(&with("null")), None);
        assert_eq!(slot(r#"{"assignment":{}}"#), None);
        assert_eq!(slot("{}"), None);
    }
}
