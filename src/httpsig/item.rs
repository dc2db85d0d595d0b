//! Signatures of data items (ANS-104) in HTTP messages: a node shows an item as its tags and its data, and says in the
//! signature's input what else belongs to the item.

use sfv::InnerList;

use super::base::Base;
use super::digest::content_digest;
use super::encode::{BODY_KEY, DIGEST, IDS};
use super::escape::name_of;
use super::fields::{Fields, text_of};
use super::message::normal;
use super::nested::LINK;
use super::problem::{Fault, Problem};
use crate::ans104::{DataDigest, Draft, SignatureType, Tag};
use crate::arweave::{Id, from_base64url};

/// The algorithm of data items that are signed with Arweave keys.
pub(super) const ITEM: &str = "ans104@1.0/rsa-pss-sha256";

/// What may have been signed. `data` is the body, if it is said to be the item's data; else there is none. Nodes of November 2025 write the values of tags
/// in base64url, older ones as they are.
pub(super) fn item_bases(list: &InnerList, modulus: &[u8], data: Option<&[u8]>) -> Result<Vec<Base>, Problem> {
    let missing = |what: &str| Problem::new(Fault::MissingComponent, what);
    let text = |name: &str| list.params.get(name).and_then(text_of);
    let tags = text(TAGS).and_then(read_tags).ok_or_else(|| missing(TAGS))?;
    let target = text(TARGET).map(|id| Id::parse(id, TARGET)).transpose();
    let target = target.map_err(|_| missing(TARGET))?;
    let anchor = text(ANCHOR).map(|anchor| from_base64url(anchor).ok_or_else(|| missing(ANCHOR)));
    let anchor = anchor.transpose()?;
    let decoded = tags.iter().map(|(name, value)| Some((*name, from_base64url(value)?)));
    let decoded: Option<Vec<_>> = decoded.collect();
    let as_is = tags.iter().map(|(name, value)| (*name, value.as_bytes().to_vec()));
    let mut bases = Vec::new();
    for tags in decoded.into_iter().chain([as_is.collect()]) {
        let draft = Draft {
            target,
            anchor: anchor.clone(),
            tags: tags
                .iter()
                .map(|(name, value)| Tag::new(*name, value.clone()))
                .collect(),
        };
        if let Ok(head) = draft.head(SignatureType::Arweave, modulus) {
            bases.push(Base {
                bytes: head.deep_hash(DataDigest::of(data.unwrap_or_default())).to_vec(),
                fields: fields(&tags, text(TARGET), data),
            });
        }
    }
    Ok(bases)
}

const TAGS: &str = "original-tags";
const TARGET: &str = "field-target";
const ANCHOR: &str = "field-anchor";

/// `1:Name:value, 2:Name:value`, in their order.
fn read_tags(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut tags = Vec::new();
    for (at, tag) in text.split(", ").enumerate() {
        let mut parts = tag.splitn(3, ':');
        let number: usize = parts.next()?.parse().ok()?;
        if number != at + 1 {
            return None;
        }
        tags.push((parts.next()?, parts.next()?));
    }
    Some(tags)
}

/// What the item says as fields of a message.
fn fields(tags: &[(&str, Vec<u8>)], target: Option<&str>, data: Option<&[u8]>) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in tags {
        let name = normal(name);
        let is_alone = tags.iter().filter(|(each, _)| normal(each) == name).count() == 1;
        // What these mean to a message, they do not mean to an item.
        let is_other = matches!(&*name, DIGEST | BODY_KEY | IDS) || name.ends_with(LINK) || name_of(&name) != name;
        if is_alone && !is_other {
            fields.put(&name, value.clone());
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
