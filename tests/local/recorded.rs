//! Replays a conversation that was recorded from permaweb's scheduler and compute unit, with the recorded clock.
//!
//! The network's responses must equal the recorded ones. The network signs with its own key, so the ids, signatures and anchors
//! of assignments differ, and with them the hash chain. The chain is checked by its formula, in both conversations.
//!
//! `bob` is assigned a transaction that only the gateway of the recording had. An assignment of another message takes this
//! slot, and responses that depend on it are left out by name.

use std::collections::HashMap;

use aoxide::ans104::{DataItem, Draft, SignatureType, Tag};
use aoxide::arweave::{Id, from_base64url};
use aoxide::local::{Options, Request};
use aoxide::protocol::{CronInput, TextTag};
use pollster::block_on;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::recording::{Input, Recording, replayed};
use super::support::{World, body_text, id, tag};

/// Checks that a schedule's assignments are signed by their owner and form one hash chain.
fn check_assignments(process: &str, edges: &[Value]) {
    let mut chain = Sha256::digest(id(process).as_bytes()).to_vec();
    for (nonce, edge) in edges.iter().enumerate() {
        let shown = &edge["node"]["assignment"];
        let bytes = |value: &Value| from_base64url(value.as_str().unwrap()).unwrap();
        let tags = shown["tags"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let names: Vec<String> = tags.clone().map(|tag| text(&tag["name"])).collect();
        let mut expected = vec![
            "Process",
            "Epoch",
            "Nonce",
            "Hash-Chain",
            "Block-Height",
            "Timestamp",
            "Data-Protocol",
            "Type",
            "Variant",
        ];
        expected.extend((nonce > 0).then_some("Message"));
        assert_eq!(names[..expected.len()], expected);
        assert!(names[expected.len()..].iter().all(|name| name == "Exclude"));
        let draft = Draft {
            target: None,
            anchor: Some(bytes(&shown["anchor"])),
            tags: tags
                .map(|tag| Tag::new(text(&tag["name"]), text(&tag["value"])))
                .collect(),
        };
        let mut head = draft
            .head(SignatureType::Arweave, &bytes(&shown["owner"]["key"]))
            .unwrap();
        head.set_signature(&bytes(&shown["signature"])).unwrap();
        let item = DataItem::parse(head.as_bytes().to_vec()).unwrap();
        assert!(item.verify(true).valid, "{process} {nonce}");
        assert_eq!(shown["id"], item.id().to_string());
        let hash = Id::from_bytes(chain.clone().try_into().unwrap()).to_string();
        assert_eq!(tag(shown, "Hash-Chain"), Some(&*hash), "{process} {nonce}");
        chain = Sha256::digest([item.id().as_bytes(), &chain[..]].concat()).to_vec();
    }
}

/// The members of an entry that must be equal in both conversations: those that do not depend on the scheduler's key.
fn comparable(mut entry: Value, process: &str, recording: &Recording) -> Value {
    let assignment = &mut entry["assignment"];
    let nonce: u64 = tag(assignment, "Nonce").unwrap().parse().unwrap();
    let left_out = recording.leaves_out(process, nonce);
    let anchor = assignment["anchor"].as_str().map(|anchor| anchor.len());
    assert!(anchor.is_none_or(|length| length == 43));
    assignment["anchor"] = anchor.into();
    for name in ["id", "owner", "signature"] {
        assert!(!assignment[name].take().is_null());
    }
    for tag in assignment["tags"].as_array_mut().unwrap() {
        if tag["name"] == "Hash-Chain" || (tag["name"] == "Message" && left_out) {
            tag["value"] = Value::Null;
        }
    }
    if left_out {
        entry["message"] = Value::Null;
    }
    entry
}

#[test]
fn schedules_equal_those_of_the_recorded_scheduler() {
    let recording = Recording::read();
    let mut world = replayed();
    // The ids of the recorded assignments, and of the network's in the same slots.
    let mut ours = HashMap::new();
    for (name, process) in &recording.index.processes {
        let path = format!("/su/{process}?process-id={process}&limit=1000&show-anchor=1");
        let edges = world.json(&path)["edges"].as_array().unwrap().clone();
        let recorded = recording.schedule(name);
        check_assignments(process, &recorded);
        check_assignments(process, &edges);
        assert_eq!(edges.len(), recorded.len());
        for (recorded, edge) in recorded.iter().zip(&edges) {
            let id = |edge: &Value| edge["node"]["assignment"]["id"].as_str().unwrap().to_owned();
            ours.insert(id(recorded), id(edge));
        }
    }
    let mut compared = 0;
    for reply in recording.replies.iter().filter(|reply| reply.unit == "su") {
        if reply.request.method != "GET" {
            continue;
        }
        let mut path = reply.request.path.clone();
        for (recorded, ours) in &ours {
            path = path.replace(recorded, ours);
        }
        let expected: Value = serde_json::from_str(&reply.body).unwrap_or_else(|_| reply.body.as_str().into());
        let clock = expected["timestamp"].as_str().and_then(|now| now.parse().ok());
        let before = world.clock.0.get();
        if let Some(now) = clock {
            world.clock.0.set(now);
        }
        let response = world.get(&format!("/su{path}"));
        world.clock.0.set(before);
        assert_eq!(response.status, reply.status, "{}: {}", reply.id, body_text(&response));
        let kind = reply
            .headers
            .get("content-type")
            .map(|kind| kind.split(';').next().unwrap());
        let our_kind = response
            .header("content-type")
            .map(|kind| kind.split(';').next().unwrap());
        assert!(kind.is_none() || kind == our_kind, "{}", reply.id);
        let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_else(|_| body_text(&response).into());
        let mut expected = expected;
        if reply.status != 200 {
            // The network adds a code to the message.
            let words = |body: &Value| body.get("error").cloned().unwrap_or_else(|| body.clone());
            assert_eq!(words(&body), words(&expected), "{}", reply.id);
            compared += 1;
            continue;
        }
        let process = path.split("process-id=").nth(1).and_then(|rest| rest.split('&').next());
        let process = process
            .or_else(|| path.split('/').nth(1))
            .unwrap_or_default()
            .to_owned();
        for body in [&mut body, &mut expected] {
            if let Some(edges) = body.get_mut("edges").and_then(Value::as_array_mut) {
                for edge in edges {
                    edge["node"] = comparable(edge["node"].take(), &process, &recording);
                }
            } else if body.get("assignment").is_some() {
                *body = comparable(body.take(), &process, &recording);
            } else if body.get("address").is_some() {
                let is_scheduler = body["address"] == recording.index.scheduler
                    || body["address"] == world.network.address().to_string();
                assert!(is_scheduler);
                body["address"] = Value::Null;
            }
        }
        assert_eq!(body, expected, "{}", reply.id);
        compared += 1;
    }
    assert_eq!(compared, 85);
}

#[test]
fn errors_equal_those_of_the_recorded_scheduler() {
    let recording = Recording::read();
    let mut world = replayed();
    let entries = world.schedule(&recording.index.processes["alice"]).len();
    let message = recording.schedule("alice")[7]["node"]["message"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let item = recording.items[&message].clone();
    let mut tampered = item.clone();
    *tampered.last_mut().unwrap() ^= 1;
    for (id, body) in [
        ("su-post-duplicate", item.clone()),
        ("su-post-tampered", tampered),
        ("su-post-garbage", b"no item".to_vec()),
        ("su-post-assign-unknown", Vec::new()),
        ("su-post-assign-base-layer", Vec::new()),
        ("su-post-assign-without-process", Vec::new()),
    ] {
        let reply = recording.reply(id);
        let response = world.fetch(Request::post(format!("/su{}", reply.request.path), body));
        assert_eq!(response.status, reply.status, "{id}: {}", body_text(&response));
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        // The network describes malformed items in more detail.
        if ["duplicate", "unknown", "base-layer"]
            .iter()
            .any(|end| id.ends_with(end))
        {
            assert_eq!(body["error"], recording.body(id)["error"], "{id}");
        }
    }
    let twice = world.fetch(Request::post("/mu", item));
    assert_eq!(twice.status, recording.reply("mu-52-twice-b").status);
    let body: Value = serde_json::from_slice(&twice.body).unwrap();
    assert_eq!(body["error"], recording.body("mu-52-twice-b")["error"]);
    assert_eq!(world.schedule(&recording.index.processes["alice"]).len(), entries);
}

#[test]
fn deliveries_equal_those_of_the_recorded_messenger() {
    let recording = Recording::read();
    let mut world = World::with(Options::default());
    let [alice, bob] = ["alice", "bob"].map(|name| recording.schedule(name));
    let id_of = |edge: &Value| edge["node"]["message"]["id"].as_str().unwrap().to_owned();
    // The spawns and the users' messages, up to alice's message to bob.
    for edge in [&alice[..1], &bob[..2], &alice[1..10]].concat() {
        let answer = world.fetch(Request::post("/mu", recording.items[&id_of(&edge)].clone()));
        assert_eq!(answer.status, 202, "{}", body_text(&answer));
    }
    let ours = world.schedule(&recording.index.processes["bob"]);
    let [ours, recorded] = [&ours[2], &bob[2]].map(|edge| &edge["node"]["message"]);
    for member in ["tags", "anchor", "data", "target"] {
        assert_eq!(ours[member], recorded[member], "{member}");
    }
    assert_eq!(ours["owner"]["address"], world.network.address().to_string());
}

#[test]
fn module_inputs_equal_those_of_the_recorded_compute_unit() {
    let recording = Recording::read();
    let mut world = replayed();
    let mut compared = 0;
    for (name, handed) in &recording.handed {
        let process = id(&recording.index.processes[name]);
        for Input { nonce, text } in &handed.scheduled {
            if recording.leaves_out(&recording.index.processes[name], *nonce) {
                continue;
            }
            let (ours, environment) = block_on(world.network.module_input(&process, *nonce)).unwrap();
            assert_eq!(without_chain(&ours), without_chain(text), "{name} {nonce}");
            // The module was added without its item, and so has no owner.
            let process_part = |text: &str| text.split(r#","Module":{"Id":""#).next().unwrap().to_owned();
            assert_eq!(
                process_part(&environment),
                process_part(&handed.environment[0]),
                "{name}"
            );
            compared += 1;
        }
        for Input { text, .. } in &handed.cron {
            let read: Value = serde_json::from_str(text).unwrap();
            let tags: Vec<TextTag> = serde_json::from_value(read["Tags"].clone()).unwrap();
            let input = CronInput {
                owner: read["Owner"].as_str().unwrap().into(),
                target: process.to_string(),
                tags,
                timestamp: read["Timestamp"].as_u64().unwrap(),
                block_height: read["Block-Height"].as_u64().unwrap(),
            };
            assert_eq!(input.to_json(), *text);
        }
    }
    assert_eq!(compared, 63);
}

fn without_chain(input: &str) -> String {
    let at = input.find(r#""Hash-Chain":""#).unwrap() + 14;
    [&input[..at], &input[at + 43..]].concat()
}

#[test]
fn results_equal_those_of_the_recorded_compute_unit() {
    let recording = Recording::read();
    let mut world = replayed();
    let mut ours = HashMap::new();
    for (name, process) in &recording.index.processes {
        for (recorded, edge) in recording.schedule(name).iter().zip(world.schedule(process)) {
            let id = |edge: &Value| edge["node"]["assignment"]["id"].as_str().unwrap().to_owned();
            ours.insert(id(recorded), id(&edge));
        }
    }
    let mut compared = 0;
    for reply in &recording.replies {
        // `cu-alice-result-07` and so on.
        let Some((name, nonce)) = reply.id.strip_prefix("cu-").and_then(|id| id.split_once("-result-")) else {
            continue;
        };
        let nonce: u64 = nonce.parse().unwrap();
        // Results that depend on messages that cannot be replayed, and messages that the unit lost when they were assigned.
        if (name == "bob" && nonce == 8) || reply.status != 200 {
            continue;
        }
        let mut path = format!("/cu{}", reply.request.path);
        for (recorded, ours) in &ours {
            path = path.replace(recorded, ours);
        }
        let expected = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(
            without_order(world.json(&path)),
            without_order(expected),
            "{}",
            reply.id
        );
        compared += 1;
    }
    assert_eq!(compared, 65);
    // The ticks of `cron`, whose output contains the time.
    let ticks: Vec<Value> = recording.body("cu-cron-cron")["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["node"]["Output"]["data"].clone())
        .collect();
    let results = world.results(&recording.index.processes["cron"]);
    let ours: Vec<&Value> = results[2..].iter().map(|result| &result["Output"]["data"]).collect();
    assert!(ticks.len() == 5 && ours.len() > 30);
    assert_eq!(ours[..5], ticks.iter().collect::<Vec<_>>());
}

/// Sorts what depends on the order of Lua tables. Lua seeds it with the time of day, which the recording does not have.
fn without_order(mut result: Value) -> Value {
    let output = &mut result["Output"];
    let data = output["data"]
        .as_str()
        .and_then(|data| serde_json::from_str::<Value>(data).ok());
    if let Some(data) = data.filter(|data| data.is_object() || data.is_array()) {
        output["data"] = data;
        // The same data as Lua source.
        output["test"] = Value::Null;
    }
    for kind in ["Messages", "Spawns"] {
        for sent in result[kind].as_array_mut().into_iter().flatten() {
            if let Some(tags) = sent["Tags"].as_array_mut() {
                tags.sort_by_key(Value::to_string);
            }
        }
    }
    result
}

#[test]
fn dryruns_equal_those_of_the_recorded_compute_unit() {
    let recording = Recording::read();
    let mut world = replayed();
    let mut compared = 0;
    for reply in recording.replies.iter().filter(|reply| reply.id.starts_with("cu-dry-")) {
        let body = &*reply.request.body;
        let response = world.fetch(Request::post(format!("/cu{}", reply.request.path), body));
        assert_eq!(response.status, reply.status, "{}: {}", reply.id, body_text(&response));
        let mut body: Value = serde_json::from_slice(&response.body).unwrap();
        if let Some(members) = body.as_object_mut().filter(|_| reply.status != 200) {
            members.remove("code");
        }
        assert_eq!(
            body,
            serde_json::from_str::<Value>(&reply.body).unwrap(),
            "{}",
            reply.id
        );
        compared += 1;
    }
    assert_eq!(compared, 10);
}
