//! The head of an item: everything before its data.

use std::ops::Range;

use super::{Chunk, DataDigest, Hash, Problem, SignatureType, Tag, deep_hash, tags};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};

/// Bytes of the shortest possible item: signature type 2, without target, anchor, tags and data.
pub(super) const SHORTEST_ITEM: usize = 2 + 64 + 32 + 1 + 1 + 16;

/// The bytes of an item up to its data, and where its parts lie in them.
#[derive(Debug, Clone)]
pub struct Head {
    bytes: Vec<u8>,
    signature_type: SignatureType,
    owner: Range<usize>,
    target: Range<usize>,
    anchor: Range<usize>,
    tag_section: Range<usize>,
    tags: Vec<Tag>,
}

/// A head that was read, and its deviations from ANS-104.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub head: Head,
    pub problems: Vec<Problem>,
}

impl Head {
    /// How many bytes of an item are needed for its head, given the first of them. A reader of a large item need not
    /// load all of it: call this again with that many bytes, until the result is no larger than their number.
    ///
    /// # Errors
    /// `BadItem` for bytes that are not an item, and for more tags than are read. `Unsupported` for an unknown
    /// signature type.
    pub fn length_within(prefix: &[u8]) -> Result<usize> {
        let mut reader = Reader::new(prefix);
        Ok(match reader.layout()? {
            Layout::Whole(layout) => layout.tag_section.end,
            Layout::Cut { needed } => needed,
        })
    }

    /// Reads the head at the start of an item's bytes. Ignores the bytes behind it.
    ///
    /// # Errors
    /// `BadItem` for bytes that are not an item, or have more tags than are read ([`super::MAX_READ_TAGS`],
    /// [`super::MAX_READ_SECTION`]). `Unsupported` for an unknown signature type.
    pub fn parse(bytes: &[u8]) -> Result<Parsed> {
        if bytes.len() < SHORTEST_ITEM {
            return Err(truncated(SHORTEST_ITEM, bytes.len()));
        }
        let layout = match Reader::new(bytes).layout()? {
            Layout::Whole(layout) if layout.tag_section.end <= bytes.len() => layout,
            Layout::Whole(WholeLayout { tag_section, .. }) => return Err(truncated(tag_section.end, bytes.len())),
            Layout::Cut { needed } => return Err(truncated(needed, bytes.len())),
        };
        let (tags, problems) = tags::decode(&bytes[layout.tag_section.clone()], layout.tag_count)?;
        let head = Self {
            bytes: bytes[..layout.tag_section.end].to_vec(),
            signature_type: layout.signature_type,
            owner: layout.owner,
            target: layout.target,
            anchor: layout.anchor,
            tag_section: layout.tag_section,
            tags,
        };
        Ok(Parsed { head, problems })
    }

    /// The head's bytes, as they are sent.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn signature_type(&self) -> SignatureType {
        self.signature_type
    }

    pub fn signature(&self) -> &[u8] {
        &self.bytes[2..self.owner.start]
    }

    /// The public key.
    pub fn owner(&self) -> &[u8] {
        &self.bytes[self.owner.clone()]
    }

    /// Empty where there is none.
    pub fn target(&self) -> &[u8] {
        &self.bytes[self.target.clone()]
    }

    /// Empty where there is none.
    pub fn anchor(&self) -> &[u8] {
        &self.bytes[self.anchor.clone()]
    }

    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// SHA-256 of the signature.
    pub fn id(&self) -> Id {
        Id::of(self.signature())
    }

    /// The bytes to sign: the deep hash of the item's parts.
    ///
    /// The specification leaves the signature type out and hashes the tags as a list. All deployed code hashes eight
    /// parts, the tags as their encoded bytes.
    pub fn deep_hash(&self, data: DataDigest) -> Hash {
        let tags = &self.bytes[self.tag_section.clone()];
        item_hash(
            self.signature_type,
            [self.owner(), self.target(), self.anchor(), tags],
            data,
        )
    }

    /// Sets the signature.
    ///
    /// # Errors
    /// `BadSignature` where its length is not that of its type.
    pub fn set_signature(&mut self, signature: &[u8]) -> Result<()> {
        let range = 2..self.owner.start;
        if signature.len() != range.len() {
            return Err(Error::new(
                ErrorKind::BadSignature,
                format!(
                    "Data Item signature is not valid: type {} has {} bytes, but the signer returned {}",
                    self.signature_type.number(),
                    range.len(),
                    signature.len()
                ),
            ));
        }
        self.bytes[range].copy_from_slice(signature);
        Ok(())
    }
}

struct WholeLayout {
    signature_type: SignatureType,
    owner: Range<usize>,
    target: Range<usize>,
    anchor: Range<usize>,
    tag_count: u64,
    tag_section: Range<usize>,
}

enum Layout {
    Whole(WholeLayout),
    /// The bytes end before the layout is known. At least `needed` bytes are required to continue.
    Cut {
        needed: usize,
    },
}

/// Reads an item's fixed parts.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Why reading stopped early.
enum Stop {
    /// The bytes end. At least this many are needed.
    Short(usize),
    Wrong(Error),
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn layout(&mut self) -> Result<Layout> {
        match self.walk() {
            Ok(layout) => Ok(Layout::Whole(layout)),
            Err(Stop::Short(needed)) => Ok(Layout::Cut { needed }),
            Err(Stop::Wrong(error)) => Err(error),
        }
    }

    fn walk(&mut self) -> std::result::Result<WholeLayout, Stop> {
        let wrong = |message| Stop::Wrong(Error::new(ErrorKind::BadItem, message));
        let number = u16::from_le_bytes(self.array()?);
        let signature_type = SignatureType::from_number(number).map_err(Stop::Wrong)?;
        self.skip(signature_type.signature_length())?;
        let owner = self.skip(signature_type.owner_length())?;
        let mut parts = [0..0, 0..0];
        for (part, name) in parts.iter_mut().zip(["target", "anchor"]) {
            let [flag] = self.array()?;
            match flag {
                0 => *part = self.at..self.at,
                1 => *part = self.skip(32)?,
                _ => {
                    return Err(wrong(format!(
                        "The flag before the item's {name} is {flag}; it must be 0 or 1"
                    )));
                }
            }
        }
        let tag_count = u64::from_le_bytes(self.array()?);
        let tag_length = u64::from_le_bytes(self.array()?);
        tags::check_size(tag_count, tag_length).map_err(Stop::Wrong)?;
        let end = self.at + tag_length as usize;
        let [target, anchor] = parts;
        Ok(WholeLayout {
            signature_type,
            owner,
            target,
            anchor,
            tag_count,
            tag_section: self.at..end,
        })
    }

    fn skip(&mut self, length: usize) -> std::result::Result<Range<usize>, Stop> {
        let end = self.at + length;
        if end > self.bytes.len() {
            return Err(Stop::Short(end));
        }
        let range = self.at..end;
        self.at = end;
        Ok(range)
    }

    fn array<const N: usize>(&mut self) -> std::result::Result<[u8; N], Stop> {
        let range = self.skip(N)?;
        let mut array = [0; N];
        array.copy_from_slice(&self.bytes[range]);
        Ok(array)
    }
}

fn truncated(needed: usize, length: usize) -> Error {
    Error::new(
        ErrorKind::BadItem,
        format!("The item is cut short: it needs {needed} bytes at least, and has {length}"),
    )
}

/// The deep hash of an item: of its owner, target, anchor and encoded tags, and of its data.
pub(crate) fn item_hash(signature_type: SignatureType, parts: [&[u8]; 4], data: DataDigest) -> Hash {
    let signature_type = signature_type.number().to_string();
    let mut chunks = vec![
        Chunk::Blob(b"dataitem"),
        Chunk::Blob(b"1"),
        Chunk::Blob(signature_type.as_bytes()),
    ];
    chunks.extend(parts.map(Chunk::Blob));
    chunks.push(Chunk::Hashed(data));
    deep_hash(&Chunk::List(chunks))
}
