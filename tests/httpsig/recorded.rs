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

/// The fields and the body of a reply. Where the node put a page of its own into the place of a body, some page is there.
fn reply_of(recorded: &Json) -> (Fields, Vec<u8>) {
    let reply = &recorded["reply"];
    let latin = |text: &Json| -> Vec<u8> { text.as_str().unwrap().chars().map(|each| each as u8).collect() };
    let headers = reply["headers"].as_array().unwrap().iter();
    let fields = headers.map(|line| (line[0].as_str().unwrap().to_string(), latin(&line[1]))).collect();
    let body = match &reply["body"] {
        Json::String(_) => bytes_of(&reply["body"]),
        _ if reply["page"].is_object() => b"<html>a page</html>".to_vec(),
        _ => Vec::new(),
    };
    (fields, body)
}

#[test]
fn explore() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for each in recordings() {
        let id = each["id"].as_str().unwrap();
        let Some(verdicts) = each["verdict"]["reply"]["commitments"].as_object() else { continue };
        if verdicts.is_empty() { continue }
        let (fields, body) = reply_of(&each);
        let decoded = match receive(&fields, &body) { Ok(d) => d, Err(e) => { println!("ERR {id} {e}"); continue } };
        for (comm, verdict) in verdicts {
            let claim = decoded.claims.iter().find(|claim| claim.id.to_string() == *comm);
            let ours = claim.is_some_and(|claim| claim.is_valid());
            let theirs = verdict["valid"].as_bool().unwrap();
            *counts.entry(format!("{} ours {ours} theirs {theirs}", each["node"])).or_default() += 1;
            if ours != theirs {
                println!("DIFF {id} {} ours {ours} {:?} {}", verdict["type"], claim.map(|c| &c.problems), each["features"]);
            }
            if ours && theirs {
                let mut committed: Vec<&str> = verdict["committed"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
                let mut covered: Vec<&str> = claim.unwrap().covered.iter().map(|n| n.trim_end_matches("+link")).collect();
                committed.sort(); covered.sort();
                if committed != covered { println!("COVER {id} {covered:?} {committed:?}"); *counts.entry("cover differs".into()).or_default() += 1; }
            }
        }
    }
    println!("{counts:#?}");
}
