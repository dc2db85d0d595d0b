//! The message of a node's assignment: its `ans104@1.0` commitment has the parts of a signed item.

use serde_json::Value;

use super::NodeEntry;
use super::failure::failure;
use super::item::{Signed, anchors_of, signed_tags};
use super::node_commitment::names;
use crate::ans104::{DataDigest, SignatureType};
use crate::arweave::{Id, from_base64url, to_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::TextTag;
use crate::signer::address;

/// Names of a message that a node does not pass on as tags.
const OWN_KEYS: [&str; 6] = ["anchor", "data", "id", "owner", "signature", "target"];

/// A message whose signature is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeMessage {
    pub id: Id,
    pub signature_type: SignatureType,
    pub signature: Vec<u8>,
    /// The public key.
    pub owner_key: Vec<u8>,
    /// In base64url. Empty where there is none.
    pub target: String,
    /// In base64url. Empty where there is none.
    pub anchor: String,
    /// In the order of the item.
    pub tags: Vec<TextTag>,
    pub data: String,
}

impl NodeMessage {
    /// The value of the first tag with this name, in any case: nodes have names in lower case.
    pub fn tag(&self, name: &str) -> Option<&str> {
        let mut tags = self.tags.iter();
        tags.find(|tag| tag.name.eq_ignore_ascii_case(name))
            .map(|tag| &*tag.value)
    }

    /// The tags that a node passes on. Where all names are in lower case, it keeps no other form of them: they come sorted, and
    /// in the case of HTTP headers.
    pub(super) fn passed_tags(&self) -> Vec<TextTag> {
        let mut tags = self.tags.clone();
        if tags.iter().all(|tag| tag.name == tag.name.to_ascii_lowercase()) {
            tags.retain(|tag| !OWN_KEYS.contains(&&*tag.name));
            tags.sort_by(|one, other| one.name.cmp(&other.name));
            for tag in &mut tags {
                tag.name = header_case(&tag.name);
            }
        }
        tags
    }

    /// The address of the signer as nodes write it.
    ///
    /// # Errors
    /// `BadKey` for a key of another length than its type has.
    pub fn owner(&self) -> Result<String> {
        address::node(self.signature_type, &self.owner_key)
    }
}

impl NodeEntry {
    /// Verifies the message by its `ans104@1.0` commitment. Returns its id and signature type.
    ///
    /// # Errors
    /// Those of [`messages`](Self::messages).
    pub fn check_message(&self) -> Result<(Id, SignatureType)> {
        let message = self.messages()?.swap_remove(0);
        Ok((message.id, message.signature_type))
    }

    /// Verifies the messages that the entry can mean, by their `ans104@1.0` commitments. There is one, as a rule. A node stores
    /// messages by their content, so that two that differ only in their signatures show each other's. The order of the schedule
    /// says which one it is. There is at least one.
    ///
    /// # Errors
    /// `VerifySignature` for a message without such a commitment, and for one to which it does not belong. `Unsupported` for a
    /// message that is signed in another form, and for data that is not UTF-8.
    pub fn messages(&self) -> Result<Vec<NodeMessage>> {
        let commitments = self.body.get("commitments").and_then(Value::as_object);
        let signed = |commitment: &Value| commitment["signature"].is_string() && commitment["type"] != "hmac-sha256";
        let mut is_other = false;
        let mut messages = Vec::new();
        for (id, commitment) in commitments.into_iter().flatten().filter(|(_, each)| signed(each)) {
            match commitment["commitment-device"] == "ans104@1.0" {
                true => messages.push(self.message_of(id, commitment)?),
                false => is_other = true,
            }
        }
        if messages.is_empty() && is_other {
            return Err(
                self.unsupported("is signed as an HTTP message. Only data items can be verified in this version")
            );
        }
        match messages.is_empty() {
            false => Ok(messages),
            true => Err(self.refused("has a message that no data item's signature covers")),
        }
    }

    fn message_of(&self, id: &str, commitment: &Value) -> Result<NodeMessage> {
        let bytes = |text: &str| from_base64url(text).unwrap_or_default();
        let text = |name: &str| commitment[name].as_str().unwrap_or_default();
        let tags = self.tags_of(commitment);
        let signature = bytes(text("signature"));
        let key = text("keyid");
        let owner_key = bytes(key.strip_prefix("publickey:").unwrap_or(key));
        let data = self.body.get("data").and_then(Value::as_str).unwrap_or_default();
        let computed = Id::of(&signature);
        if computed.to_string() != *id {
            return Err(self.refused("has a message whose id is not the hash of its signature"));
        }
        if !self.shows(&tags) {
            return Err(self.refused("has a message whose fields were changed after it was signed"));
        }
        let signed = Signed {
            signature: &signature,
            owner: &owner_key,
            target: &bytes(text("field-target")),
            tags: &signed_tags(&tags),
            data: DataDigest::of(data.as_bytes()),
        };
        let mut anchors = anchors_of(Some(text("field-anchor"))).into_iter();
        let verified = anchors.find_map(|anchor| Some((signed.type_with(&anchor)?, anchor)));
        let Some((signature_type, anchor)) = verified else {
            if data.contains(char::REPLACEMENT_CHARACTER) {
                let what =
                    "has data that is not UTF-8. A node's JSON does not show its bytes, so that it cannot be verified";
                return Err(self.unsupported(what));
            }
            return Err(self.refused("has a message to which its signature does not belong"));
        };
        Ok(NodeMessage {
            id: computed,
            signature_type,
            target: text("field-target").into(),
            anchor: to_base64url(&anchor),
            data: data.into(),
            signature,
            owner_key,
            tags,
        })
    }

    fn unsupported(&self, what: &str) -> Error {
        let message = format!("Slot {} has a message that {what}", self.slot);
        Error::new(ErrorKind::Unsupported, message).with_number("slot", self.slot as f64)
    }

    fn refused(&self, what: &str) -> Error {
        failure(ErrorKind::VerifySignature, self.slot, what)
    }

    /// The tags of the item. A node leaves `original-tags` out where all names are in lower case: the committed keys are the
    /// tags then, in their order.
    fn tags_of(&self, commitment: &Value) -> Vec<TextTag> {
        let original = &commitment["original-tags"];
        if !original.is_null() {
            return original_tags(original);
        }
        let is_field = |name: &str| match name {
            "data" => true,
            "target" => commitment["field-target"].is_string(),
            "anchor" => commitment["field-anchor"].is_string(),
            _ => false,
        };
        let committed = names(&commitment["committed"]).into_iter();
        let tags = committed.filter(|name| !is_field(name)).filter_map(|name| {
            let value = self.body.get(name)?.as_str()?;
            Some(TextTag {
                name: name.into(),
                value: value.into(),
            })
        });
        tags.collect()
    }

    /// Whether the message's fields have the values of the signed tags.
    fn shows(&self, tags: &[TextTag]) -> bool {
        tags.iter()
            .all(|tag| match self.body.get(&tag.name.to_ascii_lowercase()) {
                Some(Value::String(value)) => tags
                    .iter()
                    .any(|other| other.name.eq_ignore_ascii_case(&tag.name) && other.value == *value),
                // Values with types, which `ao-types` names.
                _ => true,
            })
    }
}

/// `data-protocol` → `Data-Protocol`.
fn header_case(name: &str) -> String {
    let words = name.split('-').filter(|word| !word.is_empty());
    let words = words.map(|word| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        first.to_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

/// The tags of the item, which are a list or a map with the numbers from 1 on as keys.
fn original_tags(tags: &Value) -> Vec<TextTag> {
    let tag = |value: &Value| serde_json::from_value(value.clone()).ok();
    match tags {
        Value::Array(tags) => tags.iter().filter_map(tag).collect(),
        Value::Object(map) => {
            let numbered = (1..=map.len()).map_while(|number| map.get(&number.to_string()));
            numbered.filter_map(tag).collect()
        }
        _ => Vec::new(),
    }
}
