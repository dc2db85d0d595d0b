//! Items that were rebuilt from their parts, and the check of their signatures.

use crate::ans104::{DataDigest, DataItem, SignatureType, Tag, encode_unchecked, item_hash};
use crate::arweave::{Id, from_base64url};
use crate::platform::RsaSignature;
use crate::protocol::TextTag;
use crate::signer::{ItemSignature, verify};

/// The parts of a signed item. Units show parts and not the item's bytes, and do not name the signature type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemParts {
    pub signature: Vec<u8>,
    /// The public key.
    pub owner: Vec<u8>,
    /// Empty where there is none.
    pub target: Vec<u8>,
    /// Empty where there is none.
    pub anchor: Vec<u8>,
    pub tags: Vec<Tag>,
    pub data: Vec<u8>,
}

impl ItemParts {
    /// The SHA-256 of the signature.
    pub fn id(&self) -> Id {
        Id::of(&self.signature)
    }

    /// The type for which the signature belongs to the item. `None` where there is none.
    pub fn signature_type(&self) -> Option<SignatureType> {
        let signed = Signed {
            signature: &self.signature,
            owner: &self.owner,
            target: &self.target,
            tags: &self.tags,
            data: DataDigest::of(&self.data),
        };
        signed.type_with(&self.anchor)
    }

    /// The tags as text. Bytes that are not UTF-8 become U+FFFD.
    pub fn text_tags(&self) -> Vec<TextTag> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let tag = |tag: &Tag| TextTag {
            name: text(&tag.name),
            value: text(&tag.value),
        };
        self.tags.iter().map(tag).collect()
    }

    /// The value of the first tag with this name, where it is UTF-8.
    pub fn tag(&self, name: &str) -> Option<&str> {
        let tag = self.tags.iter().find(|tag| tag.has_name(name))?;
        std::str::from_utf8(&tag.value).ok()
    }
}

impl From<&DataItem> for ItemParts {
    fn from(item: &DataItem) -> Self {
        let head = item.head();
        Self {
            signature: head.signature().to_vec(),
            owner: head.owner().to_vec(),
            target: head.target().to_vec(),
            anchor: head.anchor().to_vec(),
            tags: head.tags().to_vec(),
            data: item.data().to_vec(),
        }
    }
}

/// An item whose anchor is not certain.
pub(super) struct Signed<'a> {
    pub signature: &'a [u8],
    pub owner: &'a [u8],
    pub target: &'a [u8],
    pub tags: &'a [Tag],
    pub data: DataDigest,
}

impl Signed<'_> {
    /// The type for which the signature belongs to the item with this anchor.
    pub fn type_with(&self, anchor: &[u8]) -> Option<SignatureType> {
        types_of_key(self.owner.len()).iter().copied().find(|kind| {
            if self.signature.len() != kind.signature_length() {
                return false;
            }
            verify::check(ItemSignature {
                signature_type: *kind,
                owner: self.owner,
                hash: &self.hash(*kind, anchor),
                signature: self.signature,
            })
            .matches
        })
    }

    /// The signature over the item with this anchor, if it is one of an Arweave key.
    pub fn rsa_with(&self, anchor: &[u8]) -> Option<RsaSignature> {
        let kind = SignatureType::Arweave;
        let fits = types_of_key(self.owner.len()).contains(&kind) && self.signature.len() == kind.signature_length();
        fits.then(|| RsaSignature {
            signature: self.signature.to_vec(),
            hash: self.hash(kind, anchor),
            owner: self.owner.to_vec(),
        })
    }

    fn hash(&self, kind: SignatureType, anchor: &[u8]) -> [u8; 48] {
        let tags = encode_unchecked(self.tags);
        item_hash(kind, [self.owner, self.target, anchor, &tags], self.data)
    }
}

/// The signature types whose keys have this length, the most frequent one first.
fn types_of_key(length: usize) -> &'static [SignatureType] {
    match length {
        512 => &[SignatureType::Arweave],
        65 => &[SignatureType::Ethereum],
        32 => &[
            SignatureType::Ed25519,
            SignatureType::Solana,
            SignatureType::InjectedAptos,
        ],
        42 => &[SignatureType::TypedEthereum],
        1025 => &[SignatureType::MultiAptos],
        _ => &[],
    }
}

/// The anchors that a unit may mean by what it shows: none, 32 bytes of text, or 32 bytes in base64url.
pub(super) fn anchors_of(shown: Option<&str>) -> Vec<Vec<u8>> {
    let shown = shown.unwrap_or_default();
    if shown.is_empty() {
        return vec![Vec::new()];
    }
    let mut readings = Vec::new();
    if shown.len() == 32 {
        readings.push(shown.as_bytes().to_vec());
    }
    readings.extend(from_base64url(shown).filter(|bytes| bytes.len() == 32));
    readings
}

/// Tags of text as an item has them.
pub(super) fn signed_tags(tags: &[TextTag]) -> Vec<Tag> {
    tags.iter().map(|tag| Tag::new(&*tag.name, &*tag.value)).collect()
}
