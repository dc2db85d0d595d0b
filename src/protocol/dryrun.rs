//! The message of a dryrun: unsigned JSON that a compute unit evaluates as a message.

use super::{Json, PROTOCOL, TextTag, VARIANT};

/// A message as a compute unit's `/dry-run` reads it. The order of the members is aoconnect's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dryrun {
    pub id: String,
    /// The process.
    pub target: String,
    pub owner: String,
    pub anchor: String,
    /// Usually a string; any JSON is allowed.
    pub data: Json,
    pub tags: Vec<TextTag>,
}

impl Dryrun {
    /// A message to `process` with aoconnect's defaults for everything else.
    pub fn new(process: impl Into<String>) -> Self {
        Self {
            id: "1234".into(),
            target: process.into(),
            owner: "1234".into(),
            anchor: "0".into(),
            data: Json::text("1234"),
            tags: Vec::new(),
        }
    }

    /// Writes the request's body. The protocol's tags come after the caller's.
    pub fn to_json(&self) -> String {
        let own = [("Data-Protocol", PROTOCOL), ("Type", "Message"), ("Variant", VARIANT)];
        let mut tags = self.tags.clone();
        tags.extend(own.map(|(name, value)| TextTag {
            name: name.into(),
            value: value.into(),
        }));
        let [id, target, owner, anchor] =
            [&self.id, &self.target, &self.owner, &self.anchor].map(|text| Json::text(text));
        format!(
            r#"{{"Id":{},"Target":{},"Owner":{},"Anchor":{},"Data":{},"Tags":{}}}"#,
            id.as_str(),
            target.as_str(),
            owner.as_str(),
            anchor.as_str(),
            self.data.as_str(),
            // Writing strings cannot fail.
            serde_json::to_string(&tags).unwrap_or_default(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_json_writes_the_body_that_aoconnect_writes() {
        let mut message = Dryrun::new("p");
        message.tags.push(TextTag {
            name: "Action".into(),
            value: "\"Info\"\n".into(),
        });
        assert_eq!(
            message.to_json(),
            r#"{"Id":"1234","Target":"p","Owner":"1234","Anchor":"0","Data":"1234","Tags":[{"name":"Action","value":"\"Info\"\n"},{"name":"Data-Protocol","value":"ao"},{"name":"Type","value":"Message"},{"name":"Variant","value":"ao.TN.1"}]}"#
        );
    }
}
