//! What a compute unit hands to a module: the JSON of messages and of the environment, key by key.
//!
//! The order of the keys is part of it: it fixes the order of tables in Lua, and the gas that a message takes. The keys and
//! their order are those that permaweb's compute unit was seen to hand over; the recordings are in `tests/vectors/legacy`.

use serde::Serialize;

use super::TextTag;

/// A scheduled message: what was sent, and what its assignment says.
///
/// [`to_json`](Self::to_json) adds what follows from the rest: `From` is the value of the first tag `From-Process` that is
/// not empty, else the owner. `Forwarded-By` is the owner where there is such a tag. Tags named `From` or `Owner` are
/// dropped, because modules read them as the message's own members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScheduledInput {
    /// Of the message.
    pub id: String,
    /// In base64url; `None` leaves the key out.
    pub signature: Option<String>,
    /// The key is left out.
    pub without_data: bool,
    /// Text as the scheduler shows it: bytes that are not UTF-8 are U+FFFD. `None` is `null`.
    pub data: Option<String>,
    /// The address of the message's key.
    pub owner: String,
    /// The process; of an assigned message, its own target.
    pub target: String,
    /// The key is left out.
    pub without_anchor: bool,
    /// As the scheduler shows it. `None` is `null`.
    pub anchor: Option<String>,
    /// All of them.
    pub tags: Vec<TextTag>,
    pub epoch: u64,
    pub nonce: u64,
    /// Milliseconds since 1970.
    pub timestamp: u64,
    pub block_height: u64,
    /// In base64url.
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
    #[serde(rename = "Read-Only")]
    read_only: bool,
}

impl ScheduledInput {
    /// `Id, Signature, Data, Owner, Target, Anchor, From, Forwarded-By, Tags, Epoch, Nonce, Timestamp, Block-Height,
    /// Hash-Chain, Cron, Read-Only`.
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
            hash_chain: Some(&self.hash_chain),
            cron: false,
            read_only: false,
        })
    }
}

/// A message of a process's clock. It has no signature.
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
    /// `Owner, Target, From, Tags, Timestamp, Block-Height, Cron, Read-Only`.
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
            read_only: false,
        })
    }
}

/// `Process` or `Module` in the environment of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EnvironmentPart {
    pub id: String,
    /// An address; `None` leaves the key out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    pub tags: Vec<TextTag>,
}

/// The second argument of a module's `handle`: `{ Process: { Id, Owner, Tags }, Module: { Id, Owner, Tags } }`.
pub fn environment(process: &EnvironmentPart, module: &EnvironmentPart) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Environment<'a> {
        process: &'a EnvironmentPart,
        module: &'a EnvironmentPart,
    }
    json(&Environment { process, module })
}

/// The process for which a messenger signed: the value of the first tag `From-Process` that is not empty.
pub fn forwarded_for(tags: &[TextTag]) -> Option<&str> {
    let mut tags = tags.iter();
    tags.find(|tag| tag.name == "From-Process" && !tag.value.is_empty())
        .map(|tag| &*tag.value)
}

fn own_tags(tags: &[TextTag]) -> Vec<&TextTag> {
    let tags = tags.iter();
    tags.filter(|tag| tag.name != "From" && tag.name != "Owner").collect()
}

/// Text and numbers under fixed keys, which have no way to fail.
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
    fn a_forwarded_message_names_both_senders_and_loses_false_members() {
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
            ..ScheduledInput::default()
        };
        assert_eq!(
            input.to_json(),
            concat!(
                r#"{"Id":"i","Data":null,"Owner":"o","Target":"p","Anchor":null,"From":"q","Forwarded-By":"o","#,
                r#""Tags":[{"name":"From-Process","value":""},{"name":"From-Process","value":"q"},{"name":"owner","value":"y"}],"#,
                r#""Epoch":0,"Nonce":0,"Timestamp":0,"Block-Height":0,"Hash-Chain":"","Cron":false,"Read-Only":false}"#,
            )
        );
    }

    #[test]
    fn what_an_assignment_excludes_has_no_key() {
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
    }
}
