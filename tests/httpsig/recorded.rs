//! Requests and replies of two HyperBEAM nodes, as they were recorded, and what the nodes' own verifiers said of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use aoxide::httpsig::{Dialect, Encoded, Fields, Message, Value};
use base64ct::{Base64, Encoding};
use flate2::read::GzDecoder;
use serde_json::Value as Json;

use crate::support::receive;

pub fn recordings() -> Vec<Json> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/hyperbeam/recordings.json.gz");
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn bytes_of(base64: &Json) -> Vec<u8> {
    Base64::decode_vec(base64.as_str().unwrap()).unwrap()
}

/// The message of a recorded request that was made of fields.
pub fn message_of(recorded: &Json) -> Option<Message> {
    let fields = recorded["fields"].as_object().filter(|_| recorded["group"] == "httpsig")?;
    let mut message: Message = fields.iter().map(|(name, value)| (name, value_of(value))).collect();
    match &recorded["data"] {
        Json::String(text) => message.set("data", Value::text(text)),
        Json::Object(data) => message.set("data", Value::Bytes(bytes_of(&data["base64"]))),
        _ => None,
    };
    Some(message)
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::String(text) => match text.strip_suffix('n').and_then(|digits| digits.parse().ok()) {
            Some(integer) => Value::Integer(integer),
            None => Value::text(text),
        },
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer.into()),
            None => Value::Float(number.as_f64().unwrap()),
        },
        Json::Bool(flag) => Value::flag(*flag),
        Json::Array(values) => Value::List(values.iter().map(value_of).collect()),
        Json::Object(values) => Value::Map(values.iter().map(|(name, value)| (name, value_of(value))).collect()),
        Json::Null => panic!("there is no null"),
    }
}
