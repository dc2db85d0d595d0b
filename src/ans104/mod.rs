//! ANS-104 data items: the signed format of messages, processes and modules on Arweave and AO.
//!
//! ```text
//! u16 signature type | signature | owner
//! u8 target flag [32 bytes target] | u8 anchor flag [32 bytes anchor]
//! u64 tag count | u64 tag bytes | tags (Avro) | data
//! ```
//!
//! Numbers are little-endian. Everything before the data is the [`Head`], which is small and kept in memory. The data
//! may be large and need not be in memory: most code here needs only its length and its SHA-384 ([`DataDigest`]).

mod bundle;
mod deep_hash;
mod draft;
mod head;
mod item;
mod signature;
mod tags;

pub use bundle::{Bundle, BundleEntry, BundleHeader, BundleRule, MAX_BUNDLE_ITEMS};
pub use deep_hash::{Chunk, DataDigest, DataHasher, Hash, deep_hash};
pub use draft::Draft;
#[cfg(feature = "httpsig")]
pub(crate) use head::item_hash;
pub use head::{Head, Parsed};
pub use item::DataItem;
pub use signature::SignatureType;
#[cfg(feature = "httpsig")]
pub(crate) use tags::encode_unchecked;
pub use tags::{MAX_NAME_LENGTH, MAX_READ_SECTION, MAX_READ_TAGS, MAX_SECTION_LENGTH, MAX_TAGS, MAX_VALUE_LENGTH, Tag};

use std::fmt;

/// A deviation from ANS-104, or from the encoding that every verifier of the network accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The signature does not belong to the item. Such an item is never valid.
    Signature,
    /// This build cannot verify the signature type. Such an item is not valid for it.
    UnsupportedType,
    /// The `s` of an Ethereum signature is in the upper half. Anyone can compute it from the other signature, and the item
    /// then has another id. Such an item is never valid.
    HighS,
    /// The last byte of an Ethereum signature is neither 27 nor 28, or names another key. Anyone can change it where it is not
    /// checked, and the item then has another id.
    RecoveryId,
    /// The owner of an item with typed Ethereum data is not an address in lower case.
    OwnerText,
    /// The Ed25519 key is a point of low order, for which anyone can sign. Such an item is never valid.
    WeakKey,
    /// The Ed25519 key or signature has an encoding that some verifiers accept, and others refuse.
    Ed25519Encoding,
    /// Fewer keys have signed than the owner requires. Such an item is never valid.
    BelowThreshold,
    /// A key occurs twice among those that have signed. Such an item is never valid.
    RepeatedSigner,
    /// There are bytes in the place of a signature that was not given. Anyone can change them, and the item then has another
    /// id.
    UnusedSignature,
    /// The tag section holds a block of negative count. A node that encodes the tags again computes another hash.
    NegativeBlock,
    /// A negative block states a wrong length in bytes.
    BlockLength,
    /// The tags come in more than one block.
    SeveralBlocks,
    /// The tag section ends without its closing zero.
    MissingTerminator,
    /// Bytes follow the closing zero of the tag section.
    TrailingBytes,
    /// There is a tag section, but it holds no tags.
    EmptySection,
    /// The tags would be encoded differently in canonical form.
    NotCanonical,
    /// More than 128 tags.
    TooManyTags,
    /// A tag without a name.
    EmptyName,
    /// A name of more than 1024 bytes.
    LongName,
    /// A value of more than 3072 bytes.
    LongValue,
    /// A tag section of more than 4096 bytes.
    LongSection,
    /// A name or a value that is not UTF-8.
    NotText,
}

impl Problem {
    /// The problem's stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Signature => "SIGNATURE",
            Self::UnsupportedType => "UNSUPPORTED_TYPE",
            Self::HighS => "HIGH_S",
            Self::RecoveryId => "RECOVERY_ID",
            Self::OwnerText => "OWNER_TEXT",
            Self::WeakKey => "WEAK_KEY",
            Self::Ed25519Encoding => "ED25519_ENCODING",
            Self::BelowThreshold => "BELOW_THRESHOLD",
            Self::RepeatedSigner => "REPEATED_SIGNER",
            Self::UnusedSignature => "UNUSED_SIGNATURE",
            Self::NegativeBlock => "NEGATIVE_BLOCK",
            Self::BlockLength => "BLOCK_LENGTH",
            Self::SeveralBlocks => "SEVERAL_BLOCKS",
            Self::MissingTerminator => "MISSING_TERMINATOR",
            Self::TrailingBytes => "TRAILING_BYTES",
            Self::EmptySection => "EMPTY_SECTION",
            Self::NotCanonical => "NOT_CANONICAL",
            Self::TooManyTags => "TOO_MANY_TAGS",
            Self::EmptyName => "EMPTY_NAME",
            Self::LongName => "LONG_NAME",
            Self::LongValue => "LONG_VALUE",
            Self::LongSection => "LONG_SECTION",
            Self::NotText => "NOT_TEXT",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "The signature does not belong to this item",
            Self::UnsupportedType => "This type cannot be verified here",
            Self::HighS => "The signature's s is in the upper half",
            Self::RecoveryId => "The signature's last byte is not 27 or 28, or of another key",
            Self::OwnerText => "The owner is not an Ethereum address in lower case",
            Self::WeakKey => "Anyone can sign for the owner's key",
            Self::Ed25519Encoding => "The Ed25519 encoding is not canonical",
            Self::BelowThreshold => "Fewer keys have signed than the owner requires",
            Self::RepeatedSigner => "A key has signed twice",
            Self::UnusedSignature => "Bytes are in the place of a missing signature",
            Self::NegativeBlock => "The tags are in a block of negative count",
            Self::BlockLength => "A tag block's byte length is wrong",
            Self::SeveralBlocks => "The tags are in more than one block",
            Self::MissingTerminator => "The tag section lacks its closing zero",
            Self::TrailingBytes => "Bytes follow the end of the tags",
            Self::EmptySection => "There is a tag section, but no tags",
            Self::NotCanonical => "The tags are not in canonical encoding",
            Self::TooManyTags => "There are more than 128 tags",
            Self::EmptyName => "A tag has no name",
            Self::LongName => "A tag's name is longer than 1024 bytes",
            Self::LongValue => "A tag's value is longer than 3072 bytes",
            Self::LongSection => "The tag section is longer than 4096 bytes",
            Self::NotText => "A tag is not UTF-8 text",
        })
    }
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    pub valid: bool,
    /// All problems of the item. A lenient verification may be valid and still list some.
    pub problems: Vec<Problem>,
}

impl Verification {
    /// Decides whether an item with these problems is valid. `strict` accepts only what every verifier of the network
    /// accepts. Otherwise only a wrong signature makes it invalid.
    pub fn new(mut problems: Vec<Problem>, signature_matches: bool, strict: bool) -> Self {
        if !signature_matches {
            problems.push(Problem::Signature);
        }
        Self {
            valid: signature_matches && (problems.is_empty() || !strict),
            problems,
        }
    }
}
