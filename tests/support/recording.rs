//! The conversation that was recorded from permaweb's scheduler and compute unit: its files, as types.

#![allow(dead_code, reason = "each program uses its part")]

use std::collections::HashMap;
use std::io::Read;

use aoxide::arweave::from_base64url;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub struct Index {
    pub scheduler: String,
    pub user: String,
    pub module: String,
    pub processes: HashMap<String, String>,
}

#[derive(Deserialize)]
pub struct Reply {
    pub id: String,
    pub unit: String,
    pub request: RecordedRequest,
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

#[derive(Deserialize)]
pub struct RecordedRequest {
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub body: String,
}

#[derive(Deserialize)]
pub struct Handed {
    pub environment: Vec<String>,
    pub scheduled: Vec<Input>,
    pub cron: Vec<Input>,
    #[serde(default, rename = "dryRuns")]
    pub dry_runs: Vec<Input>,
}

#[derive(Deserialize)]
pub struct Input {
    #[serde(default)]
    pub nonce: u64,
    pub text: String,
}

pub struct Recording {
    pub index: Index,
    pub replies: Vec<Reply>,
    pub handed: HashMap<String, Handed>,
    pub items: HashMap<String, Vec<u8>>,
}

fn unpacked<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> T {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

impl Recording {
    pub fn read() -> Self {
        let items: HashMap<String, String> = unpacked(include_bytes!("../vectors/legacy/items.json.gz"));
        let bytes = |text: String| from_base64(&text);
        Self {
            index: serde_json::from_str(include_str!("../vectors/legacy/index.json")).unwrap(),
            replies: unpacked(include_bytes!("../vectors/legacy/replies.json.gz")),
            handed: unpacked(include_bytes!("../vectors/legacy/handed.json.gz")),
            items: items.into_iter().map(|(id, text)| (id, bytes(text))).collect(),
        }
    }

    pub fn reply(&self, id: &str) -> &Reply {
        let mut replies = self.replies.iter();
        replies
            .find(|reply| reply.id == id)
            .unwrap_or_else(|| panic!("no {id}"))
    }

    pub fn body(&self, id: &str) -> Value {
        serde_json::from_str(&self.reply(id).body).unwrap()
    }

    /// The whole schedule of a process, with anchors.
    pub fn schedule(&self, name: &str) -> Vec<Value> {
        let page = self.body(&format!("su-{name}-all-anchor"));
        page["edges"].as_array().unwrap().clone()
    }
}

/// Decodes base64 and base64url, with or without padding.
pub fn from_base64(text: &str) -> Vec<u8> {
    let text = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    from_base64url(&text).unwrap()
}

pub fn nonce_of(edge: &Value) -> u64 {
    tag(&edge["node"]["assignment"], "Nonce").unwrap().parse().unwrap()
}

/// The value of the first tag with a name.
pub fn tag<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    let mut tags = item["tags"].as_array()?.iter();
    tags.find(|tag| tag["name"] == name)?["value"].as_str()
}
