//! Transactions of Arweave's base layer, format 2.

use serde_json::{Map, Value, json};

use crate::ans104::{Chunk, Tag, deep_hash};
use crate::arweave::{Id, from_base64url, to_base64url};
use crate::error::{Error, ErrorKind, Result};

/// A transaction without its data.
#[derive(Clone)]
pub(crate) struct Transaction {
    pub id: Id,
    /// The key of the sender.
    pub owner: Vec<u8>,
    pub signature: Vec<u8>,
    /// 32 bytes, or none.
    pub target: Vec<u8>,
    pub last_tx: Vec<u8>,
    pub tags: Vec<Tag>,
    pub quantity: String,
    pub reward: String,
    /// The root of the tree over its data; `None` for a transaction without data.
    pub root: Option<Id>,
    pub size: u64,
}

impl Transaction {
    /// Reads a transaction in JSON, as arweave-js writes it. Checks that its id belongs to its signature. The caller verifies
    /// the signature: it signs [`hash`](Self::hash).
    ///
    /// # Errors
    /// `BadArgument`, `BadId`; `Unsupported` for other formats.
    pub(crate) fn read(given: &Value) -> Result<Self> {
        let format = &given["format"];
        if format.as_u64() != Some(2) && format.as_str() != Some("2") {
            let message = format!(
                "Transactions of format {format} are not supported. Set format to 2, or upload a signed data item (ANS-104)"
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let root = bytes(given, "data_root")?;
        let root = match root.len() {
            0 => None,
            _ => Some(Id::parse(text(given, "data_root")?, "data_root")?),
        };
        let size = number(given, "data_size")?;
        let transaction = Self {
            id: Id::parse(text(given, "id")?, "id")?,
            owner: bytes(given, "owner")?,
            signature: bytes(given, "signature")?,
            target: bytes(given, "target")?,
            last_tx: bytes(given, "last_tx")?,
            tags: tags(&given["tags"])?,
            quantity: number(given, "quantity")?.to_string(),
            reward: number(given, "reward")?.to_string(),
            root,
            size,
        };
        if Id::of(&transaction.signature) != transaction.id {
            let message = "The id of the transaction is not the SHA-256 of its signature. Sign the transaction again";
            return Err(Error::new(ErrorKind::BadSignature, message));
        }
        if !matches!(transaction.target.len(), 0 | 32) {
            return Err(wrong("target"));
        }
        if (size == 0) != transaction.root.is_none() {
            return Err(wrong("data_root"));
        }
        Ok(transaction)
    }

    /// What its signature signs.
    pub(crate) fn hash(&self) -> [u8; 48] {
        let size = self.size.to_string();
        let root = self.root.as_ref().map_or(&[][..], |root| root.as_bytes());
        let tags = self.tags.iter();
        let tags = tags.map(|tag| Chunk::List(vec![Chunk::Blob(&tag.name), Chunk::Blob(&tag.value)]));
        deep_hash(&Chunk::List(vec![
            Chunk::Blob(b"2"),
            Chunk::Blob(&self.owner),
            Chunk::Blob(&self.target),
            Chunk::Blob(self.quantity.as_bytes()),
            Chunk::Blob(self.reward.as_bytes()),
            Chunk::Blob(&self.last_tx),
            Chunk::List(tags.collect()),
            Chunk::Blob(size.as_bytes()),
            Chunk::Blob(root),
        ]))
    }

    /// The transaction as nodes answer with it. They leave its data out.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let root = self.root.map(|root| root.to_string()).unwrap_or_default();
        let members = [
            ("format", 2.into()),
            ("id", self.id.to_string().into()),
            ("last_tx", to_base64url(&self.last_tx).into()),
            ("owner", to_base64url(&self.owner).into()),
            ("tags", encoded_tags(&self.tags)),
            ("target", to_base64url(&self.target).into()),
            ("quantity", (&*self.quantity).into()),
            ("data", "".into()),
            ("data_size", self.size.to_string().into()),
            ("data_tree", Value::Array(Vec::new())),
            ("data_root", root.into()),
            ("reward", (&*self.reward).into()),
            ("signature", to_base64url(&self.signature).into()),
        ];
        let mut object = Map::new();
        for (name, value) in members {
            object.insert(name.into(), value);
        }
        object
    }
}

/// Tags in base64url, as in transactions.
fn encoded_tags(tags: &[Tag]) -> Value {
    let tags = tags.iter();
    let tags = tags.map(|tag| json!({ "name": to_base64url(&tag.name), "value": to_base64url(&tag.value) }));
    tags.collect()
}

pub(crate) fn tags(given: &Value) -> Result<Vec<Tag>> {
    let given = given.as_array().ok_or_else(|| wrong("tags"))?;
    let tags = given
        .iter()
        .map(|tag| Ok(Tag::new(bytes(tag, "name")?, bytes(tag, "value")?)));
    tags.collect()
}

pub(crate) fn text<'a>(given: &'a Value, name: &str) -> Result<&'a str> {
    given[name].as_str().ok_or_else(|| wrong(name))
}

pub(crate) fn bytes(given: &Value, name: &str) -> Result<Vec<u8>> {
    from_base64url(text(given, name)?).ok_or_else(|| wrong(name))
}

/// A number in text without leading zeros, since the text is signed.
fn number(given: &Value, name: &str) -> Result<u64> {
    let text = text(given, name)?;
    let number = text.parse::<u64>().ok();
    number
        .filter(|number| number.to_string() == text)
        .ok_or_else(|| wrong(name))
}

fn wrong(name: &str) -> Error {
    let message =
        format!("The member {name} of the transaction is missing or wrong. Send a signed transaction of format 2");
    Error::new(ErrorKind::BadArgument, message)
}
