//! Ids as text in records and proofs.

use serde::{Deserialize, Deserializer, Serializer};

use crate::arweave::Id;

pub(super) fn serialize<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
    let text = String::deserialize(deserializer)?;
    Id::parse(&text, "id").map_err(serde::de::Error::custom)
}
