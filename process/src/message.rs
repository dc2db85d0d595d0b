//! What a compute unit hands to a process.

use serde::{Deserialize, Serialize};

/// A message. Fields that a unit leaves out are empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Message {
    /// The message's id.
    pub id: String,
    /// The sender: a process, or the address of a wallet.
    pub from: String,
    /// The address of the key that signed the message. A messenger unit signs messages of processes.
    pub owner: String,
    /// The process that the message is for.
    pub target: String,
    /// `None` for data that is not text.
    pub data: Option<String>,
    /// In the order of the message.
    pub tags: Vec<Tag>,
    /// The scheduler's time in milliseconds since 1970.
    #[serde(deserialize_with = "number")]
    pub timestamp: u64,
    /// The height of the Arweave network.
    #[serde(rename = "Block-Height", deserialize_with = "number")]
    pub block_height: u64,
}

impl Message {
    /// The value of the first tag with this name.
    pub fn tag(&self, name: &str) -> Option<&str> {
        find(&self.tags, name)
    }

    /// The value of the tag `Action`.
    pub fn action(&self) -> Option<&str> {
        self.tag("Action")
    }

    /// Whether it is the process itself, which is the first message of a process.
    pub fn is_process(&self) -> bool {
        self.tag("Type") == Some("Process")
    }

    /// Reads the data as JSON.
    ///
    /// # Errors
    ///
    /// The data is missing, or is not JSON of this type.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, String> {
        let data = self.data.as_deref().unwrap_or_default();
        serde_json::from_str(data).map_err(|error| format!("The data cannot be read: {error}"))
    }
}

/// A tag of a message or a process.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Tag {
    /// The name. Its case matters.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Tag {
    /// Makes a tag.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// Describes the process. It is the same for every message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ProcessInfo {
    /// The process's id.
    pub id: String,
    /// The address of the wallet, or the process, that spawned it.
    pub owner: String,
    /// The tags of the spawn.
    pub tags: Vec<Tag>,
}

impl ProcessInfo {
    /// The value of the first tag with this name.
    pub fn tag(&self, name: &str) -> Option<&str> {
        find(&self.tags, name)
    }
}

pub(crate) fn find<'a>(tags: &'a [Tag], name: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.name == name).map(|tag| tag.value.as_str())
}

/// Units write numbers as numbers, and some of them as text.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    Ok(number.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_a_unit_is_read() {
        let text = r#"{"Id":"i","Signature":"s","Data":"[1,2]","Owner":"o","From":"f","Tags":[{"name":"Action","value":"Add"}],"Timestamp":5,"Block-Height":"7","Cron":false}"#;
        let message: Message = serde_json::from_str(text).unwrap();
        assert_eq!(
            (message.id.as_str(), message.from.as_str(), message.owner.as_str()),
            ("i", "f", "o")
        );
        assert_eq!((message.action(), message.tag("action")), (Some("Add"), None));
        assert_eq!((message.timestamp, message.block_height), (5, 7));
        assert_eq!(message.json::<Vec<u8>>().unwrap(), [1, 2]);
        assert!(message.json::<String>().is_err());
    }

    #[test]
    fn data_that_is_not_text_is_none() {
        for text in [r#"{"Data":null}"#, "{}"] {
            let message: Message = serde_json::from_str(text).unwrap();
            assert_eq!(message.data, None);
            assert!(message.json::<u8>().is_err());
        }
    }
}
