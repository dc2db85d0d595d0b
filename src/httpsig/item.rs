//! Signatures of data items (ANS-104) in HTTP messages. A node returns an item's tags and data as a message, and the
//! rest of the item in parameters of the signature's input.

use sfv::InnerList;

use super::base::Base;
use super::digest::content_digest;
use super::escape::name_of;
use super::fields::{Fields, split_at, text_of};
use super::message::normal;
use super::names::{BODY_KEY, DIGEST, IDS, LINK};
use super::problem::{Fault, Problem};
use crate::ans104::{DataDigest, SignatureType, Tag, encode_unchecked, item_hash};
use crate::arweave::from_base64url;

/// The algorithm name for data items that are signed with Arweave keys.
pub(super) const ITEM: &str = "ans104@1.0/rsa-pss-sha256";

/// The possible signed bytes. `data` is the body, if the signature covers its digest; otherwise the item has no data.
/// Nodes of November 2025 write the values of tags in base64url, older ones as they are.
pub(super) fn item_bases(list: &InnerList, modulus: &[u8], data: Option<&[u8]>) -> Result<Vec<Base>, Problem> {
    let missing = |what: &str| Problem::new(Fault::MissingComponent, what);
    let text = |name: &str| list.params.get(name).and_then(text_of);
    // A missing part is an empty one.
    let part = |name: &str| match text(name) {
        Some(text) => from_base64url(text)
            .filter(|part| part.len() == 32)
            .ok_or_else(|| missing(name)),
        None => Ok(Vec::new()),
    };
    let (target, anchor) = (part(TARGET)?, part(ANCHOR)?);
    let said = text(TAGS).unwrap_or_default();
    let digest = DataDigest::of(data.unwrap_or_default());
    let mut bases = Vec::new();
    for is_base64 in [true, false] {
        let Some(tags) = read_tags(said, is_base64) else {
            continue;
        };
        let parts = [modulus, &target, &anchor, &encode_unchecked(&tags)];
        bases.push(Base {
            bytes: item_hash(SignatureType::Arweave, parts, digest).to_vec(),
            fields: fields(&tags, text(TARGET), data),
        });
    }
    if bases.is_empty() {
        return Err(missing(TAGS));
    }
    Ok(bases)
}

const TAGS: &str = "original-tags";
const TARGET: &str = "field-target";
const ANCHOR: &str = "field-anchor";

/// Reads `1:Name:value, 2:Name:value`. The numbers have to be in order.
fn read_tags(text: &str, is_base64: bool) -> Option<Vec<Tag>> {
    let mut tags = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let tag;
        (tag, rest) = match split_at(text, ", ") {
            Some((tag, more)) => (tag, Some(more)),
            None => (text, None),
        };
        let (number, tag) = tag.split_once(':')?;
        let (name, value) = tag.split_once(':')?;
        if number != (tags.len() + 1).to_string() {
            return None;
        }
        let value = if is_base64 {
            from_base64url(value)?
        } else {
            value.as_bytes().to_vec()
        };
        tags.push(Tag::new(name, value));
    }
    Some(tags)
}

/// The item's tags, target and data as fields of a message.
fn fields(tags: &[Tag], target: Option<&str>, data: Option<&[u8]>) -> Fields {
    let mut fields = Fields::new();
    let names: Vec<String> = tags
        .iter()
        .map(|tag| normal(&String::from_utf8_lossy(&tag.name)))
        .collect();
    for (name, tag) in names.iter().zip(tags) {
        let is_alone = names.iter().filter(|each| *each == name).count() == 1;
        // These names have a meaning in a message that they do not have as tags of an item.
        let is_other = matches!(&**name, DIGEST | BODY_KEY | IDS) || name.ends_with(LINK) || name_of(name) != *name;
        if is_alone && !is_other {
            fields.put(name, &*tag.value);
        }
    }
    if let Some(target) = target.filter(|_| !fields.has("target")) {
        fields.put("target", target);
    }
    if let Some(data) = data {
        let key = fields.text("ao-data-key").unwrap_or_else(|| "data".into());
        fields.put(DIGEST, content_digest(data));
        fields.put(BODY_KEY, key);
    }
    fields
}
