//! Entries whose RSA signatures the platform has verified before they are needed.

use super::{Entry, SchedulePage, assignment, message};
use crate::platform::PlatformCrypto;

/// An entry, and which of its signatures are verified. Nothing else of it is.
#[derive(Debug, Clone)]
pub struct CheckedEntry {
    pub(super) entry: Entry,
    pub(super) signed: Signed,
}

/// The verified signatures of an entry.
#[derive(Debug, Clone, Default)]
pub(super) struct Signed {
    /// Whether the assignment's key has signed it.
    pub assignment: bool,
    /// The anchor with which the message is what its Arweave key has signed.
    pub message: Option<Vec<u8>>,
}

/// A page of entries.
#[derive(Debug, Clone)]
pub struct CheckedPage {
    pub entries: Vec<CheckedEntry>,
    pub has_next_page: bool,
}

impl CheckedEntry {
    pub fn entry(&self) -> &Entry {
        &self.entry
    }
}

/// An entry of which nothing is verified.
impl From<Entry> for CheckedEntry {
    fn from(entry: Entry) -> Self {
        let signed = Signed::default();
        Self { entry, signed }
    }
}

impl CheckedPage {
    /// Verifies the signatures of Arweave keys with the platform's code, as far as the page shows what they are over. Nothing
    /// follows from it but that [`Schedule::verify`](super::Schedule::verify) need not compute with them again.
    pub async fn check(page: SchedulePage, crypto: Option<&dyn PlatformCrypto>) -> Self {
        let SchedulePage { entries, has_next_page } = page;
        let mut entries: Vec<CheckedEntry> = entries.into_iter().map(CheckedEntry::from).collect();
        if let Some(crypto) = crypto {
            check_all(&mut entries, crypto).await;
        }
        Self { entries, has_next_page }
    }
}

async fn check_all(entries: &mut [CheckedEntry], crypto: &dyn PlatformCrypto) {
    let (mut signatures, mut places) = (Vec::new(), Vec::new());
    for (at, CheckedEntry { entry, .. }) in entries.iter().enumerate() {
        let assigned = assignment::rsa_signatures(&entry.assignment);
        places.extend(assigned.iter().map(|_| (at, None)));
        signatures.extend(assigned);
        for (anchor, signature) in entry.message.iter().flat_map(message::rsa_signatures) {
            places.push((at, Some(anchor)));
            signatures.push(signature);
        }
    }
    let verified = crypto.verify_rsa(&signatures).await;
    for ((at, anchor), _) in places.into_iter().zip(verified).filter(|(_, verified)| *verified) {
        let Some(CheckedEntry { signed, .. }) = entries.get_mut(at) else {
            continue;
        };
        match anchor {
            None => signed.assignment = true,
            Some(anchor) => signed.message = Some(anchor),
        }
    }
}
