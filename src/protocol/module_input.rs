//! The JSON that a compute unit passes to a module: messages and the environment.
//!
//! The order of the keys matters: it determines the order of tables in Lua, and the gas that a message uses. The keys
//! and their order were recorded from permaweb's compute unit. The recordings are in `tests/vectors/legacy`.

use serde::Serialize;

use super::TextTag;

/// A scheduled message: the message itself, and the values of its assignment.
///
/// [`to_json`](Self::to_json) derives the other keys. `From` is the value of the first tag `From-Process` that is not
/// empty, else the owner. `Forwarded-By` is the owner where there is such a tag. Tags named `From` or `Owner` are
/// dropped, because modules would read them as the message's own members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScheduledInput {
    /// The message's id.
    pub id: String,
    /// In base64url. `None` omits the key.
    pub signature: Option<String>,
    /// Whether to omit the key `Data`.
    pub without_data: bool,
    /// Text as the scheduler returns it: bytes that are not UTF-8 are U+FFFD. `None` is `null`.
    pub data: Option<String>,
    /// The address of the message's key.
    pub owner: String,
    /// The process. For an assigned message, the message's own target.
    pub target: String,
    /// Whether to omit the key `Anchor`.
    pub without_anchor: bool,
    /// As the scheduler returns it. `None` is `null`.
    pub anchor: Option<String>,
    /// All tags, in the order of the message.
    pub tags: Vec<TextTag>,
    pub epoch: u64,
    pub nonce: u64,
    /// Milliseconds since 1970.
    pub timestamp: u64,
    pub block_height: u64,
    /// In base64url. Empty omits the key: some HyperBEAM nodes have none.
    pub hash_chain: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Keys<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Option<&'a str>>,
    owner: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<Option<&'a str>>,
    from: &'a str,
    #[serde(rename = "Forwarded-By", skip_serializing_if = "Option::is_none")]
    forwarded_by: Option<&'a str>,
    tags: Vec<&'a TextTag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<u64>,
    timestamp: u64,
    #[serde(rename = "Block-Height")]
    block_height: u64,
    #[serde(rename = "Hash-Chain", skip_serializing_if = "Option::is_none")]
    hash_chain: Option<&'a str>,
    cron: bool,
    #[serde(rename = "Read-Only", skip_serializing_if = "Option::is_none")]
    read_only: Option<bool>,
}

impl ScheduledInput {
    /// Writes the keys `Id, Signature, Data, Owner, Target, Anchor, From, Forwarded-By, Tags, Epoch, Nonce, Timestamp,
    /// Block-Height, Hash-Chain, Cron, Read-Only`.
    pub fn to_json(&self) -> String {
        let from_process = forwarded_for(&self.tags);
        json(&Keys {
            id: Some(&self.id),
            signature: self.signature.as_deref(),
            data: (!self.without_data).then_some(self.data.as_deref()),
            owner: &self.owner,
            target: &self.target,
            anchor: (!self.without_anchor).then_some(self.anchor.as_deref()),
            from: from_process.unwrap_or(&self.owner),
            forwarded_by: from_process.map(|_| &*self.owner),
            tags: own_tags(&self.tags),
            epoch: Some(self.epoch),
            nonce: Some(self.nonce),
            timestamp: self.timestamp,
            block_height: self.block_height,
            hash_chain: (!self.hash_chain.is_empty()).then_some(&*self.hash_chain),
            cron: false,
            read_only: Some(false),
        })
    }
}

/// A message that the compute unit generates for a process's cron tags. It has no signature.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CronInput {
    /// The owner of the process.
    pub owner: String,
    /// The process.
    pub target: String,
    pub tags: Vec<TextTag>,
    /// Milliseconds since 1970.
    pub timestamp: u64,
    pub block_height: u64,
}

impl CronInput {
    /// Writes the keys `Owner, Target, From, Tags, Timestamp, Block-Height, Cron, Read-Only`.
    pub fn to_json(&self) -> String {
        json(&Keys {
            id: None,
            signature: None,
            data: None,
            owner: &self.owner,
            target: &self.target,
            anchor: None,
            from: &self.owner,
            forwarded_by: None,
            tags: self.tags.iter().collect(),
            epoch: None,
            nonce: None,
            timestamp: self.timestamp,
            block_height: self.block_height,
            hash_chain: None,
            cron: true,
            read_only: Some(false),
        })
    }
}

/// The first message of a process whose schedule does not contain the process's own item, as those of old processes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProcessInput {
    /// The process.
    pub id: String,
    /// In base64url.
    pub signature: String,
    /// The text of the item's data. `None` is `null`.
    pub data: Option<String>,
    pub owner: String,
    /// `None` is `null`.
    pub anchor: Option<String>,
    pub tags: Vec<TextTag>,
    /// Milliseconds since 1970.
    pub timestamp: u64,
    pub block_height: u64,
}

impl ProcessInput {
    /// Writes the keys `Id, Signature, Data, Owner, Target, Anchor, From, Tags, Timestamp, Block-Height, Cron`.
    pub fn to_json(&self) -> String {
        json(&Keys {
            id: Some(&self.id),
            signature: Some(&self.signature),
            data: Some(self.data.as_deref()),
            owner: &self.owner,
            target: &self.id,
            anchor: Some(self.anchor.as_deref()),
            from: &self.owner,
            forwarded_by: None,
            tags: self.tags.iter().collect(),
            epoch: None,
            nonce: None,
            timestamp: self.timestamp,
            block_height: self.block_height,
            hash_chain: None,
            cron: false,
            read_only: None,
        })
    }
}

/// The value of `Process` or `Module` in a module's environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EnvironmentPart {
    pub id: String,
    /// An address. `None` omits the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    pub tags: Vec<TextTag>,
}

/// Writes the second argument of a module's `handle`: `{ Process: { Id, Owner, Tags }, Module: { Id, Owner, Tags } }`.
pub fn environment(process: &EnvironmentPart, module: &EnvironmentPart) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Environment<'a> {
        process: &'a EnvironmentPart,
        module: &'a EnvironmentPart,
    }
    json(&Environment { process, module })
}

/// The process for which a messenger unit signed the message: the value of the first tag `From-Process` that is not
/// empty.
pub fn forwarded_for(tags: &[TextTag]) -> Option<&str> {
    let mut tags = tags.iter();
    tags.find(|tag| tag.name == "From-Process" && !tag.value.is_empty())
        .map(|tag| &*tag.value)
}

fn own_tags(tags: &[TextTag]) -> Vec<&TextTag> {
    let tags = tags.iter();
    tags.filter(|tag| tag.name != "From" && tag.name != "Owner").collect()
}

/// Writes JSON. Strings and numbers under fixed keys cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(name: &str, value: &str) -> TextTag {
        TextTag {
            name: name.into(),
            value: value.into(),
        }
    }

    #[test]
    fn to_json_of_a_forwarded_message_has_both_senders_and_no_tags_from_and_owner() {
        let input = ScheduledInput {
            id: "i".into(),
            owner: "o".into(),
            target: "p".into(),
            tags: vec![
                tag("From-Process", ""),
                tag("From", "x"),
                tag("From-Process", "q"),
                tag("Owner", "x"),
                tag("owner", "y"),
            ],
            hash_chain: "c".into(),
            ..ScheduledInput::default()
        };
        assert_eq!(
            input.to_json(),
            concat!(
                r#"{"Id":"i","Data":null,"Owner":"o","Target":"p","Anchor":null,"From":"q","Forwarded-By":"o","#,
                r#""Tags":[{"name":"From-Process","value":""},{"name":"From-Process","value":"q"},{"name":"owner","value":"y"}],"#,
                r#""Epoch":0,"Nonce":0,"Timestamp":0,"Block-Height":0,"Hash-Chain":"c","Cron":false,"Read-Only":false}"#,
            )
        );
    }

    #[test]
    fn to_json_omits_the_keys_that_an_assignment_excludes() {
        let input = ScheduledInput {
            without_data: true,
            without_anchor: true,
            signature: None,
            ..ScheduledInput::default()
        };
        let json = input.to_json();
        assert!(
            !json.contains("Data") && !json.contains("Anchor") && !json.contains("Signature"),
            "{json}"
        );
        assert!(json.contains(r#""Tags":[]"#));
        assert!(
            !json.contains("Hash-Chain"),
            "a node without a chain has no such key: {json}"
        );
    }
}
