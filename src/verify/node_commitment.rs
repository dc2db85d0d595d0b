//! The signature of a node's assignment: RSA-PSS over the base of `httpsig@1.0`, or that of an item of `ans104@1.0`.
//!
//! A node signs an assignment with its message as a link: the field `body+link` has the message's id. The JSON of a schedule
//! has the message in its place, and not the field `ao-types`, which says which values are integers.

use serde_json::Value;

use super::NodeEntry;
use super::failure::failure;
use super::item::{Signed, signed_tags};
use crate::ans104::DataDigest;
use crate::arweave::{Id, from_base64url, pss};
use crate::error::{ErrorKind, Result};
use crate::httpsig::combined_id;
use crate::protocol::TextTag;

/// What a node's commitment of an assignment is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeCheck {
    /// This address has signed the assignment.
    Signed(Id),
    /// No key has signed it: whoever shows it can have made it.
    Unsigned,
}

/// What a signature must cover: all that a verifier reads.
const NEEDED: [&str; 6] = ["body", "process", "slot", "timestamp", "block-height", "type"];

impl NodeEntry {
    /// Verifies the assignment by its commitment with a key. `message` is the id of its message, which is verified.
    ///
    /// # Errors
    /// `VerifySignature` where it has such a commitment, and it does not belong to the assignment.
    pub fn check_commitment(&self, message: &Id) -> Result<NodeCheck> {
        let commitments = self.assignment.get("commitments").and_then(Value::as_object);
        let mut commitments = commitments.into_iter().flat_map(|map| map.values());
        // The key of a keyed hash is public.
        let Some(commitment) = commitments.find(|commitment| commitment["type"] != "hmac-sha256") else {
            return Ok(NodeCheck::Unsigned);
        };
        let refused = |what: &str| failure(ErrorKind::VerifySignature, self.slot, what);
        let key_id = commitment["keyid"].as_str().unwrap_or_default();
        let key = key_id.strip_prefix("publickey:").and_then(from_base64);
        let signature = commitment["signature"].as_str().and_then(from_base64url);
        let (Some(key), Some(signature)) = (key, signature) else {
            return Err(refused("has an assignment whose signature cannot be read"));
        };
        let committed = names(&commitment["committed"]);
        if !NEEDED.iter().all(|needed| committed.contains(needed)) {
            return Err(refused("has an assignment whose signature does not cover all of it"));
        }
        let fields = self.signed_fields(&committed, message);
        let belongs = match commitment["commitment-device"] == "ans104@1.0" {
            true => fields.is_some_and(|fields| is_item(&fields, &key, &signature)),
            false => {
                let base = fields.map(|fields| base(&fields, key_id));
                base.is_some_and(|base| pss::verify_sha512(&key, base.as_bytes(), &signature))
            }
        };
        match belongs {
            true => Ok(NodeCheck::Signed(Id::of(&key))),
            false => Err(refused("has an assignment to which its signature does not belong")),
        }
    }

    /// The ids that the assignment can have: that of its signatures, and that of all its commitments.
    pub fn assignment_ids(&self) -> Vec<Id> {
        let commitments = self.assignment.get("commitments").and_then(Value::as_object);
        let mut signed = Vec::new();
        let mut all = Vec::new();
        for (name, commitment) in commitments.into_iter().flatten() {
            let signature = commitment["signature"].as_str().and_then(from_base64url);
            match signature.filter(|_| commitment["type"] != "hmac-sha256") {
                Some(signature) => signed.push(Id::of(&signature)),
                None => all.extend(Id::parse(name, "id").ok()),
            }
        }
        all.extend_from_slice(&signed);
        [combined_id(&signed), combined_id(&all)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The names and values that are signed. `None` for values that are neither text nor integers.
    fn signed_fields(&self, committed: &[&str], message: &Id) -> Option<Vec<(String, String)>> {
        let integers = committed.iter().filter(|name| {
            let value = self.assignment.get(**name);
            value.is_some_and(|value| value.is_u64() || value.is_i64())
        });
        let types: Vec<String> = integers.map(|name| format!("{name}=\"integer\"")).collect();
        let fields = committed.iter().map(|name| {
            let (name, value) = match (*name, self.assignment.get(*name)) {
                ("ao-types", _) => ("ao-types", types.join(", ")),
                ("body", _) => ("body+link", message.to_string()),
                (name, Some(Value::String(text))) => (name, text.clone()),
                (name, Some(Value::Number(number))) => (name, number.to_string()),
                _ => return None,
            };
            Some((name.to_owned(), value))
        });
        fields.collect()
    }
}

/// The signature base of `httpsig@1.0`.
fn base(fields: &[(String, String)], key_id: &str) -> String {
    let mut base = String::new();
    let mut components = Vec::new();
    for (name, value) in fields {
        base.push_str(&format!("\"{name}\": {value}\n"));
        // Nodes mark the names of derived components in the parameters only.
        let at = if name == "path" { "@" } else { "" };
        components.push(format!("\"{at}{name}\""));
    }
    let components = components.join(" ");
    base.push_str(&format!(
        "\"@signature-params\": ({components});alg=\"rsa-pss-sha512\";keyid=\"{key_id}\""
    ));
    base
}

/// Whether this is the signature of an item with these tags, and nothing else.
fn is_item(fields: &[(String, String)], owner: &[u8], signature: &[u8]) -> bool {
    let tags: Vec<TextTag> = fields
        .iter()
        .map(|(name, value)| TextTag {
            name: name.clone(),
            value: value.clone(),
        })
        .collect();
    let signed = Signed {
        signature,
        owner,
        target: &[],
        tags: &signed_tags(&tags),
        data: DataDigest::of(&[]),
    };
    signed.type_with(&[]).is_some()
}

/// The names in a list, or in a map with the numbers from 1 on as keys.
pub(super) fn names(list: &Value) -> Vec<&str> {
    match list {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        Value::Object(map) => {
            let numbered = (1..=map.len()).map_while(|number| map.get(&number.to_string()));
            numbered.filter_map(Value::as_str).collect()
        }
        _ => Vec::new(),
    }
}

/// Standard base64 with padding.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    from_base64url(&text.replace('+', "-").replace('/', "_"))
}
