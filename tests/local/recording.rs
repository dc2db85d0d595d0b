//! The recorded conversation, and its replay on a local network.

use std::sync::{LazyLock, Mutex};

use aoxide::local::{Blocks, MemoryStorage, Options, Request};
use pollster::block_on;
use serde_json::Value;

use super::support::{AOS, Store, World, aos, body_text, id, tag};

#[path = "../support/recording.rs"]
mod files;

pub use files::{Input, Recording, from_base64, nonce_of};

/// Processes and nonces of the messages that cannot be replayed.
const LEFT_OUT: [(&str, u64); 1] = [("bob", 8)];

impl Recording {
    pub fn leaves_out(&self, process: &str, nonce: u64) -> bool {
        LEFT_OUT
            .iter()
            .any(|(name, left)| self.index.processes[*name] == process && *left == nonce)
    }
}

/// What the network stores after the conversation, and the time then. The tests share one replay.
static REPLAY: LazyLock<Mutex<(MemoryStorage, u64)>> = LazyLock::new(|| {
    let store = Store::default();
    let now = replay(&Recording::read(), store.clone());
    Mutex::new((store.copied(), now))
});

fn options() -> Options {
    Options {
        // The gateway of the recording had a block every 30 seconds.
        blocks: Blocks {
            began: 1_795_702_649_300 - 6 * 30_000,
            first: 1_600_000,
            interval: 30_000,
        },
        ..Options::default()
    }
}

/// A network that has heard the recorded conversation.
pub fn replayed() -> World {
    let (records, now) = REPLAY.lock().unwrap().clone();
    World::open_at(records.into(), options(), now)
}

/// Sends the recorded requests to a network, in the order and at the times of the recording. Returns the time of the last one.
fn replay(recording: &Recording, store: Store) -> u64 {
    assert_eq!(recording.index.module, AOS);
    let mut world = World::open(store, options());
    block_on(world.network.add_module(id(AOS), &aos(), None)).unwrap();
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
    world.clock.0.get()
}
