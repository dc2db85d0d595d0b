//! Signed items whose data lies in this memory.

use super::{Head, Parsed, Problem};
use crate::arweave::Id;
use crate::error::Result;
#[cfg(feature = "rsa")]
use crate::{
    ans104::{DataDigest, Draft, SignatureType, Verification},
    arweave::{PrivateKey, pss},
    host::Random,
};

/// A whole data item.
#[derive(Debug, Clone)]
pub struct DataItem {
    head: Head,
    problems: Vec<Problem>,
    raw: Vec<u8>,
}

impl DataItem {
    /// Reads an item; its signature is not looked at.
    ///
    /// # Errors
    /// As of [`Head::parse`]: `BadItem`, `Unsupported`.
    pub fn parse(raw: Vec<u8>) -> Result<Self> {
        let Parsed { head, problems } = Head::parse(&raw)?;
        Ok(Self { head, problems, raw })
    }

    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What is odd about the item's form.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub fn id(&self) -> Id {
        self.head.id()
    }

    pub fn data(&self) -> &[u8] {
        &self.raw[self.head.as_bytes().len()..]
    }

    /// The item as it goes over the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.raw
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.raw
    }
}

#[cfg(feature = "rsa")]
impl DataItem {
    /// Signs `draft` with an Arweave key.
    ///
    /// # Errors
    /// `BadKey`, `BadAnchor`, `BadTags`.
    pub fn sign(draft: &Draft, data: &[u8], key: &PrivateKey, random: &impl Random) -> Result<Self> {
        let mut head = draft.head(SignatureType::Arweave, &key.to_jwk()?.modulus()?)?;
        let signature = pss::sign(key, &head.deep_hash(DataDigest::of(data)), random)?;
        head.set_signature(&signature)?;
        let raw = [head.as_bytes(), data].concat();
        Ok(Self {
            head,
            problems: Vec::new(),
            raw,
        })
    }

    /// Checks the signature and the form. `strict` accepts only what every verifier of the network accepts.
    pub fn verify(&self, strict: bool) -> Verification {
        let hash = self.head.deep_hash(DataDigest::of(self.data()));
        let matches = match self.head.signature_type() {
            SignatureType::Arweave => pss::verify(self.head.owner(), &hash, self.head.signature()),
        };
        Verification::new(self.problems.clone(), matches, strict)
    }
}
