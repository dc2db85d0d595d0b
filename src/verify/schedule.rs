//! The schedule of a process, as a scheduler unit (SU) returns it.

use serde::{Deserialize, Deserializer};

use crate::arweave::{Id, from_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Json, TextTag};

/// One slot of a schedule. Nothing of it is verified when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The number of the slot: the assignment's nonce.
    pub slot: u64,
    /// The message. `None` where a transaction that exists elsewhere is assigned: its id is the assignment's
    /// [`message`](Assignment::message).
    pub message: Option<EntryMessage>,
    pub assignment: Assignment,
}

/// A message as the scheduler returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryMessage {
    pub id: Id,
    /// The public key.
    pub owner_key: Vec<u8>,
    /// The SHA-256 of the key, for every type of key.
    pub owner_address: Id,
    /// Text as the scheduler returns it: bytes that are not UTF-8 are U+FFFD. `None` is `null`.
    pub data: Option<String>,
    /// In the order of the item.
    pub tags: Vec<TextTag>,
    pub signature: Vec<u8>,
    /// Text as the scheduler returns it. `None` where there is none, and where it is not UTF-8.
    pub anchor: Option<String>,
    /// Empty where there is none.
    pub target: String,
}

/// An assignment as the scheduler returns it: an item of its own, without data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub id: Id,
    /// The public key of the scheduler.
    pub owner_key: Vec<u8>,
    pub owner_address: Id,
    pub signature: Vec<u8>,
    /// Text, or the 32 bytes in base64url.
    pub anchor: Option<String>,
    /// Empty where there is none, which is the rule.
    pub target: String,
    /// All tags, in the order of the item. The values below are those of the first tag with their name.
    pub tags: Vec<TextTag>,
    pub process: Id,
    pub epoch: u64,
    pub nonce: u64,
    /// Milliseconds since 1970, by the scheduler's clock.
    pub timestamp: u64,
    pub block_height: u64,
    pub hash_chain: Id,
    /// The assigned message. `None` for the assignment of the process's own item.
    pub message: Option<Id>,
    /// Fields of the message that are not passed to the module.
    pub exclude: Vec<String>,
}

impl Assignment {
    /// The value of the first tag with this name.
    pub fn tag(&self, name: &str) -> Option<&str> {
        value_of(&self.tags, name)
    }
}

impl EntryMessage {
    /// The value of the first tag with this name.
    pub fn tag(&self, name: &str) -> Option<&str> {
        value_of(&self.tags, name)
    }
}

/// A page of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchedulePage {
    pub entries: Vec<Entry>,
    /// Whether more entries follow. Schedulers also say so of a full page behind which there is nothing.
    pub has_next_page: bool,
}

/// Reads a page of a schedule.
///
/// # Errors
/// `BadResponse` where it has another shape, or an assignment lacks a tag that every assignment has.
pub fn page_of(answer: &Json) -> Result<SchedulePage> {
    let page: WirePage = answer.parse()?;
    let entries = page.edges.into_iter().map(|edge| entry_of(edge.node));
    Ok(SchedulePage {
        entries: entries.collect::<Result<_>>()?,
        has_next_page: page.page_info.has_next_page,
    })
}

#[derive(Deserialize)]
struct WirePage {
    page_info: WirePageInfo,
    edges: Vec<WireEdge>,
}

#[derive(Deserialize)]
struct WirePageInfo {
    has_next_page: bool,
}

#[derive(Deserialize)]
struct WireEdge {
    node: WireNode,
}

#[derive(Deserialize)]
struct WireNode {
    message: Option<WireItem>,
    assignment: WireItem,
}

#[derive(Deserialize)]
struct WireItem {
    id: String,
    owner: WireOwner,
    data: Option<String>,
    tags: Vec<TextTag>,
    #[serde(deserialize_with = "base64url")]
    signature: Vec<u8>,
    anchor: Option<String>,
    target: Option<String>,
}

#[derive(Deserialize)]
struct WireOwner {
    address: String,
    #[serde(deserialize_with = "base64url")]
    key: Vec<u8>,
}

fn base64url<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    from_base64url(&text).ok_or_else(|| serde::de::Error::custom("not base64url"))
}

fn entry_of(node: WireNode) -> Result<Entry> {
    let assignment = assignment_of(node.assignment)?;
    Ok(Entry {
        slot: assignment.nonce,
        message: node.message.map(message_of).transpose()?,
        assignment,
    })
}

fn message_of(item: WireItem) -> Result<EntryMessage> {
    Ok(EntryMessage {
        id: id(&item.id, "The id of a message")?,
        owner_address: id(&item.owner.address, "The owner of a message")?,
        owner_key: item.owner.key,
        data: item.data,
        tags: item.tags,
        signature: item.signature,
        anchor: item.anchor,
        target: item.target.unwrap_or_default(),
    })
}

fn assignment_of(item: WireItem) -> Result<Assignment> {
    let tags = &item.tags;
    let message = value_of(tags, "Message");
    let exclude = tags.iter().filter(|tag| tag.name == "Exclude");
    Ok(Assignment {
        id: id(&item.id, "The id of an assignment")?,
        owner_address: id(&item.owner.address, "The owner of an assignment")?,
        process: id(required(tags, "Process")?, "The tag \"Process\"")?,
        epoch: number(tags, "Epoch")?,
        nonce: number(tags, "Nonce")?,
        timestamp: number(tags, "Timestamp")?,
        block_height: number(tags, "Block-Height")?,
        hash_chain: id(required(tags, "Hash-Chain")?, "The tag \"Hash-Chain\"")?,
        message: message.map(|text| id(text, "The tag \"Message\"")).transpose()?,
        exclude: exclude.map(|tag| tag.value.clone()).collect(),
        owner_key: item.owner.key,
        signature: item.signature,
        anchor: item.anchor,
        target: item.target.unwrap_or_default(),
        tags: item.tags,
    })
}

fn value_of<'a>(tags: &'a [TextTag], name: &str) -> Option<&'a str> {
    let found = tags.iter().find(|tag| tag.name == name);
    found.map(|tag| tag.value.as_str())
}

fn required<'a>(tags: &'a [TextTag], name: &str) -> Result<&'a str> {
    value_of(tags, name).ok_or_else(|| bad_response(format!("An assignment has no tag \"{name}\"")))
}

fn number(tags: &[TextTag], name: &str) -> Result<u64> {
    let text = required(tags, name)?;
    // `parse` would accept a plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or_else(|| {
        bad_response(format!(
            "The tag \"{name}\" of an assignment is \"{text}\", which is no number"
        ))
    })
}

fn id(text: &str, what: &str) -> Result<Id> {
    Id::parse(text, what).map_err(|error| bad_response(error.message().to_string()))
}

fn bad_response(message: String) -> Error {
    let message = format!("{message}. The scheduler's answer cannot be read as a schedule");
    Error::new(ErrorKind::BadResponse, message)
}
