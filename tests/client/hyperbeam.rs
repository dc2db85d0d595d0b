//! The mainnet verbs with recorded responses of two HyperBEAM nodes, of November and September 2025.

use std::io::Read as _;

use aoxide::ErrorKind;
use aoxide::client::Message;
use aoxide::client::mainnet::{Delivery, Mainnet, Read, SpawnParams, StateAt};
use aoxide::error::Detail;
use aoxide::platform::Response;
use aoxide::protocol::{Evaluation, Json};
use base64ct::{Base64, Encoding};
use pollster::block_on;
use serde_json::{Value, json};

use crate::support::{Script, sent_item, signer};

const NODES: [&str; 2] = ["nov", "sep"];

fn recordings() -> Vec<Value> {
    let bytes = &include_bytes!("../vectors/hyperbeam/recordings.json.gz")[..];
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn recording<'a>(all: &'a [Value], id: &str) -> &'a Value {
    all.iter().find(|entry| entry["id"] == id).expect(id)
}

fn response(entry: &Value) -> Response {
    let reply = &entry["reply"];
    let headers = reply["headers"].as_array().unwrap().iter().map(|pair| {
        let text = |at: usize| pair[at].as_str().unwrap().to_string();
        (text(0), text(1))
    });
    let body = match reply["page"]["text"].as_str() {
        Some(page) => format!("<html>{page}</html>"),
        None => {
            let bytes = Base64::decode_vec(reply["body"].as_str().unwrap()).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    Response {
        status: reply["status"].as_u64().unwrap() as u16,
        headers: headers.collect(),
        body,
        ..Response::default()
    }
}

fn process_of(entry: &Value) -> String {
    entry["request"]["path"].as_str().unwrap()[1..44].into()
}

/// A client whose node returns this recorded response.
fn node_with(entry: &Value) -> (Mainnet<Script>, Script) {
    let script = Script::default();
    script.0.responses.borrow_mut().push_back(Some(response(entry)));
    (Mainnet::new(script.clone(), "https://node.test"), script)
}

fn requested_path(script: &Script) -> String {
    script.urls().remove(0).replace("GET https://node.test", "")
}

fn result(entry: &Value, slot: u64) -> Evaluation {
    let (node, script) = node_with(entry);
    let answer = block_on(node.read(&process_of(entry), Read::Result(slot))).unwrap();
    assert_eq!(requested_path(&script), entry["request"]["path"].as_str().unwrap());
    Evaluation::within(&answer).unwrap()
}

#[test]
fn result_of_a_slot_has_the_recorded_output() {
    let all = recordings();
    for node in NODES {
        for (slot, data) in [(1, "One:first:2"), (2, "Two:second:3"), (3, "Three:third ü €:4")] {
            let entry = recording(&all, &format!("{node}-result-amp-{slot}-jb"));
            let result = result(entry, slot);
            assert_eq!(result.output["data"], data);
            assert!(result.messages.is_empty());
        }
    }
    let result = result(recording(&all, "nov-genesis-result-amp-2"), 2);
    assert_eq!(result.output["data"], "42");
    assert_eq!(result.gas_used, Some(0));
}

/// A result in the form of `tests/vectors/hyperbeam/results.json`, with which the package's own reader is compared as well.
fn summary(result: Evaluation) -> Value {
    let messages = result.messages.into_iter().map(|message| {
        let tags: Vec<_> = message
            .tags
            .into_iter()
            .map(|tag| json!([tag.name, tag.value]))
            .collect();
        json!({ "target": message.target, "data": message.data, "tags": tags })
    });
    json!({
        "output": result.output,
        "messages": messages.collect::<Vec<_>>(),
        "spawns": result.spawns.len(),
        "error": result.error,
        "gas": result.gas_used,
    })
}

#[test]
fn every_recorded_response_with_a_result_has_the_expected_result() {
    let all = recordings();
    let found = all
        .iter()
        .filter(|entry| entry["reply"]["status"] == 200)
        .filter_map(|entry| {
            let answer = Json::new(response(entry).body).ok()?;
            let result = Evaluation::within(&answer).ok()?;
            Some((entry["id"].as_str()?.to_owned(), summary(result)))
        });
    let found: Value = found.collect::<serde_json::Map<_, _>>().into();
    if let Ok(path) = std::env::var("AOXIDE_WRITE_RESULTS") {
        std::fs::write(path, serde_json::to_string(&found).unwrap()).unwrap();
    }
    let expected: Value = serde_json::from_str(include_str!("../vectors/hyperbeam/results.json")).unwrap();
    for (id, result) in expected.as_object().unwrap() {
        assert_eq!(&found[id], result, "{id}");
    }
    assert_eq!(found, expected);
}

#[test]
fn result_of_another_slot_is_refused() {
    let all = recordings();
    for node in NODES {
        let mut entry = recording(&all, &format!("{node}-result-amp-2-jb")).clone();
        entry["reply"]["headers"]
            .as_array_mut()
            .unwrap()
            .push(json!(["at-slot", "3"]));
        let (node, _) = node_with(&entry);
        let error = block_on(node.read(&process_of(&entry), Read::Result(2))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadResponse);
        assert!(error.message().contains("slot 3 in place of slot 2"), "{error}");
    }
}

#[test]
fn result_is_not_confused_with_a_slot_that_the_process_publishes() {
    let all = recordings();
    for node in NODES {
        // `last` is a map that has a key `slot`.
        let entry = recording(&all, &format!("{node}-state-now-last-jb"));
        let (node, _) = node_with(entry);
        let state = Read::State {
            path: "last".into(),
            at: StateAt::Slot(1),
        };
        let last = block_on(node.read(&process_of(entry), state)).unwrap();
        assert!(last.as_str().contains("\"slot\":13"), "{}", last.as_str());
    }
}

#[test]
fn result_of_a_push_lists_the_sent_messages() {
    let all = recordings();
    for node in NODES {
        let entry = recording(&all, &format!("{node}-push-ping-process"));
        let answer = Json::new(response(entry).body).unwrap();
        let result = Evaluation::within(&answer).unwrap();
        let [pong] = &result.messages[..] else {
            panic!("{} messages in place of one", result.messages.len());
        };
        assert_eq!(
            (&*pong.target, &pong.data),
            (
                &*process_of(recording(&all, &format!("{node}-twice-before"))),
                &json!("pong 6")
            )
        );
        let tags: Vec<_> = pong.tags.iter().map(|tag| (&*tag.name, &tag.value)).collect();
        assert_eq!(tags, [("action", &json!("Pong"))]);
    }
}

#[test]
fn slot_message_and_spawn_read_the_recorded_responses() {
    let all = recordings();
    for name in NODES {
        let entry = recording(&all, &format!("{name}-slot-current-bare"));
        let (node, _) = node_with(entry);
        assert_eq!(block_on(node.slot(&process_of(entry))).unwrap(), 13);

        let entry = recording(&all, &format!("{name}-push-two-json"));
        let (node, script) = node_with(entry);
        let message = Message {
            process: process_of(entry),
            data: None,
            tags: vec![],
            anchor: None,
        };
        let sent = block_on(node.message(message, &signer(), Delivery::Push)).unwrap();
        assert_eq!(sent.slot, Some(2));
        assert_eq!(
            Evaluation::within(&sent.body.unwrap()).unwrap().output["data"],
            "Two:second:3"
        );
        let item = sent_item(&script, 0);
        assert!(item.head().anchor().is_empty());
        let salt = item.head().tags().iter().find(|tag| *tag.name == *b"salt").unwrap();
        assert_eq!(salt.value.len(), 32);

        let entry = recording(&all, &format!("{name}-spawn-lua-anscodec"));
        let (node, _) = node_with(entry);
        let process = SpawnParams {
            module: Some("m".into()),
            scheduler: Some("s".into()),
            authority: None,
            data: None,
            tags: vec![],
            anchor: None,
        };
        assert_eq!(block_on(node.spawn(process, &signer())).unwrap(), entry["item"]);
    }
}

#[test]
fn error_of_a_node_is_http_status_and_has_the_body_among_the_details() {
    let all = recordings();
    for node in NODES {
        let entry = recording(&all, &format!("{node}-result-beyond"));
        let (node, _) = node_with(entry);
        let error = block_on(node.read(&process_of(entry), Read::Result(500))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpStatus);
        let body = error.details().iter().find_map(|(name, detail)| match detail {
            Detail::Text(body) if *name == "body" => Some(body),
            _ => None,
        });
        assert!(body.unwrap().contains("Requested slot not yet available"), "{error}");
    }
    let entry = recording(&all, "nov-patch-text-slot-0");
    let (node, _) = node_with(entry);
    let state = Read::State {
        path: "cache".into(),
        at: StateAt::Slot(0),
    };
    let error = block_on(node.read(&process_of(entry), state)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus);
}
