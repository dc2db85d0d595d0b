//! Requests and responses that were recorded from a HyperBEAM node of November 2025.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;
use serde_json::Value;

use super::recording::from_base64;

#[derive(Deserialize)]
pub struct Recorded {
    pub id: String,
    pub group: String,
    pub request: RecordedRequest,
    pub reply: Reply,
}

#[derive(Deserialize)]
pub struct RecordedRequest {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    encoding: Option<String>,
    pub body: Option<String>,
}

impl RecordedRequest {
    pub fn bytes(&self) -> Vec<u8> {
        let body = self.body.clone().unwrap_or_default();
        match self.encoding.as_deref() {
            Some("base64") => from_base64(&body),
            _ => body.into_bytes(),
        }
    }
}

#[derive(Deserialize)]
pub struct Reply {
    #[serde(default)]
    pub status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    pub body: Option<String>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn bytes(&self) -> Vec<u8> {
        from_base64(&self.body.clone().unwrap_or_default())
    }

    pub fn json(&self) -> Value {
        without_commitments(serde_json::from_slice(&self.bytes()).unwrap())
    }
}

/// The recordings of the node of November 2025, by id.
pub fn recordings() -> BTreeMap<String, Recorded> {
    let mut text = String::new();
    let packed = &include_bytes!("../vectors/hyperbeam/recordings.json.gz")[..];
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let all: Vec<Recorded> = serde_json::from_str(&text).unwrap();
    let november = all.into_iter().filter(|recorded| recorded.id.starts_with("nov-"));
    november.map(|recorded| (recorded.id.clone(), recorded)).collect()
}

pub fn without_commitments(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(name, _)| name != "commitments");
            Value::Object(
                members
                    .map(|(name, value)| (name, without_commitments(value)))
                    .collect(),
            )
        }
        Value::Array(entries) => entries.into_iter().map(without_commitments).collect(),
        value => value,
    }
}
