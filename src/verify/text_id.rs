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

/// Lists of ids.
pub(super) mod list {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::arweave::Id;

    pub(crate) fn serialize<S: Serializer>(ids: &[Id], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(ids.iter().map(Id::to_string))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Id>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let ids = texts.iter().map(|text| Id::parse(text, "id"));
        ids.collect::<Result<_, _>>().map_err(serde::de::Error::custom)
    }
}
