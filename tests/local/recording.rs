//! A conversation that was recorded from permaweb's scheduler and compute unit, and its replay.

use std::collections::HashMap;
use std::io::Read;

use aoxide::arweave::from_base64url;
use aoxide::local::{Blocks, Options, Request};
use serde::Deserialize;
use serde_json::Value;

use super::support::{AOS, World, body_text, tag};

/// Processes and nonces of the messages that cannot be replayed.
const LEFT_OUT: [(&str, u64); 3] = [("alice", 42), ("alice", 43), ("bob", 8)];

#[derive(Deserialize)]
pub struct Index {
    pub scheduler: String,
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

    pub fn leaves_out(&self, process: &str, nonce: u64) -> bool {
        LEFT_OUT
            .iter()
            .any(|(name, left)| self.index.processes[*name] == process && *left == nonce)
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

/// Sends the recorded requests to a network, in the order and at the times of the recording.
pub fn replayed(recording: &Recording) -> World {
    let options = Options {
        // The gateway of the recording had a block every 30 seconds.
        blocks: Blocks {
            began: 1_795_702_649_300 - 6 * 30_000,
            first: 1_600_000,
            interval: 30_000,
        },
        ..Options::default()
    };
    assert_eq!(recording.index.module, AOS);
    let mut world = World::with(options);
    let mut arrivals = Vec::new();
    for (name, process) in &recording.index.processes {
        for edge in recording.schedule(name) {
            let timestamp = tag(&edge["node"]["assignment"], "Timestamp").unwrap();
            arrivals.push((timestamp.parse::<u64>().unwrap(), process.clone(), edge));
        }
    }
    arrivals.sort_by_key(|(timestamp, ..)| *timestamp);
    for (timestamp, process, edge) in &arrivals {
        world.clock.0.set(*timestamp);
        let assignment = &edge["node"]["assignment"];
        let left_out = recording.leaves_out(process, nonce_of(edge));
        let response = match edge["node"]["message"]["id"].as_str().filter(|_| !left_out) {
            Some(message) => world.fetch(Request::post("/su", recording.items[message].clone())),
            None => {
                let message = match left_out {
                    true => &recording.schedule("alice")[26]["node"]["assignment"],
                    false => assignment,
                };
                let message = tag(message, "Message").unwrap();
                let tags = assignment["tags"].as_array().unwrap().iter();
                let exclude = tags.filter(|tag| tag["name"] == "Exclude");
                let exclude: Vec<&str> = exclude.map(|tag| tag["value"].as_str().unwrap()).collect();
                let path = format!(
                    "/su?process-id={process}&assign={message}&exclude={}",
                    exclude.join(",")
                );
                world.fetch(Request::post(path, ""))
            }
        };
        assert_eq!(response.status, 200, "{timestamp}: {}", body_text(&response));
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(body["timestamp"], *timestamp);
        if process == &recording.index.processes["cron"] && nonce_of(edge) == 0 {
            let monitor = world.sign(Some(process), &[], b" ").into_bytes();
            let answer = world.fetch(Request::post(format!("/mu/monitor/{process}"), monitor));
            assert_eq!(answer.status, 200);
        }
    }
    world
}
