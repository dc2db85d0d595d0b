//! Ids and addresses: 32 bytes, written as 43 characters of base64url.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{from_base64url, to_base64url};
use crate::error::{Error, ErrorKind, Result};

/// Characters of an id.
const LENGTH: usize = 43;

/// The id of a transaction, data item or process, or the address of a wallet.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id([u8; 32]);

impl Id {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The SHA-256 of `bytes`: an item's id when they are its signature, an address when they are a public key.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads an id in its canonical spelling. `what` names the value in the error, for example `Target`.
    ///
    /// # Errors
    /// `BadId`.
    pub fn parse(text: &str, what: &str) -> Result<Self> {
        let bytes = from_base64url(text);
        // The decoder accepts padding, which would then be part of the URLs that units get.
        if let (LENGTH, Some(Ok(bytes))) = (text.len(), bytes.as_deref().map(<[u8; 32]>::try_from)) {
            return Ok(Self(bytes));
        }
        // Other libraries ignore characters that are not base64. This is how many bytes they would read.
        let readable = text.bytes().filter(|byte| is_base64(*byte));
        let length = bytes.map_or_else(|| readable.count() * 6 / 8, |bytes| bytes.len());
        let complaint = match length {
            32 if text.ends_with('=') => "must be 43 characters of base64url without padding".to_string(),
            // 43 characters hold two bits more than 32 bytes. These bits must be zero.
            32 => "must be 43 characters of base64url, of which the last one is not possible here".to_string(),
            length => format!("must be 32 bytes but was incorrectly {length}"),
        };
        let message = format!("{what} {complaint}. Check the id \"{text}\"");
        Err(Error::new(ErrorKind::BadId, message))
    }

    /// Refuses an id in another spelling: with padding, in standard base64, or with unused bits that are not zero.
    /// Units compare ids as text, and would not find it. Text that is no id in any spelling passes: the unit reports
    /// it.
    ///
    /// # Errors
    /// `BadId`.
    pub fn check_spelling(text: &str, what: &str) -> Result<()> {
        let bare = text.trim_end_matches('=');
        let is_id = bare.len() == LENGTH && bare.bytes().all(is_base64);
        if is_id {
            Self::parse(text, what).map(|_| ())
        } else {
            Ok(())
        }
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Whether a byte is a digit of base64, in either alphabet.
fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_+/".contains(&byte)
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base64url(&self.0))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_accepts_only_the_canonical_spelling() {
        let text = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
        assert_eq!(Id::parse(text, "Target").unwrap().to_string(), text);
        for (bad, expected) in [
            ("", "must be 32 bytes but was incorrectly 0"),
            ("AAAA", "must be 32 bytes but was incorrectly 3"),
            ("not an id!", "must be 32 bytes but was incorrectly 5"),
            (&text[..42], "must be 32 bytes but was incorrectly 31"),
            // The unused bits of the last character are not zero.
            (
                "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBB",
                "43 characters of base64url",
            ),
            ("_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA=", "without padding"),
            ("_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA==", "without padding"),
            (
                "/GQ33BkPtZrqxA84vM8Zk+N2aO0toNNu/C+l+rawrBA",
                "43 characters of base64url",
            ),
            (
                "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrB=A",
                "43 characters of base64url",
            ),
        ] {
            let error = Id::parse(bad, "Target").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadId);
            assert!(error.message().contains(expected), "{}", error.message());
        }
    }

    #[test]
    fn check_spelling_refuses_other_spellings_and_accepts_text_that_is_no_id() {
        let text = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
        for bad in [
            &format!("{text}="),
            &text.replace('_', "/").replace('-', "+"),
            &text.replace("rBA", "rBB"),
        ] {
            assert_eq!(
                Id::check_spelling(bad, "process").unwrap_err().kind(),
                ErrorKind::BadId,
                "{bad}"
            );
        }
        for passes in [
            text,
            "",
            "1",
            "a&b=c",
            &text[1..],
            &format!("{text}A"),
            &text.replace('G', "é"),
        ] {
            assert!(Id::check_spelling(passes, "process").is_ok(), "{passes}");
        }
    }
}
