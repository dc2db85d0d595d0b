//! Rules of HyperBEAM paths that differ from legacy units: JSON at the end of any path, a slot for each time that a message is
//! posted, and fewer checks.

use aoxide::arweave::Id;
use aoxide::local::{Request, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::{body_text, counting};

const JSON: &str = "require-codec=application/json&accept-bundle=true";

fn json_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{error}: {}", body_text(response)))
}

#[test]
fn every_path_can_be_serialized_as_json() {
    let (mut world, module) = counting();
    let process = super::support::spawn_from(&mut world, &module, &[("Name", "Tea")]);
    let at = format!("/{process}~process@1.0");
    for ending in ["~json@1.0/serialize", "serialize~json@1.0"] {
        assert_eq!(world.json(&format!("{at}/now/{ending}"))["name"], "Tea");
        assert_eq!(
            world.json(&format!("{at}/compute&slot=0/results/{ending}"))["data"],
            "001"
        );
        assert_eq!(world.json(&format!("{at}/slot/{ending}"))["current"], 0);
        assert_eq!(world.json(&format!("{at}/slot/current/{ending}")), 0);
        assert_eq!(world.json(&format!("{at}/now/name/{ending}")), "Tea");
        assert_eq!(
            world.json(&format!("{at}/schedule/{ending}"))["assignments"]["0"]["slot"],
            0
        );
        let address = world.network.address().to_string();
        assert_eq!(world.json(&format!("/~meta@1.0/info/{ending}"))["address"], address);
        assert_eq!(world.json(&format!("/~meta@1.0/build/{ending}"))["node"], "aoxide");
        assert_eq!(world.get(&format!("{at}/now/nothing/{ending}")).status, 404);
    }
    let keys = world.json(&format!("{at}/now/keys"));
    assert!(keys.as_object().unwrap().values().any(|key| key == "at-slot"), "{keys}");
}

#[test]
fn an_item_that_is_posted_twice_takes_two_slots() {
    let (mut world, module) = counting();
    let address = world.network.address().to_string();
    let tags = [
        ("device", "process@1.0"),
        ("Scheduler", &*address),
        ("Module", &*module),
        ("Data-Protocol", "ao"),
        ("Type", "Process"),
    ];
    let spawn = world.sign(None, &tags, b"").into_bytes();
    let process = world.fetch(Request::post("/push", spawn.clone()));
    let process = process.header("process").unwrap().to_owned();
    let at = format!("/{process}~process@1.0");
    let item = world.message(&process, &[], "1984");
    let id = item.id().to_string();
    let item = item.into_bytes();
    for (slot, way) in [(1, "push"), (2, "push"), (3, "schedule"), (4, "schedule")] {
        let reply = world.fetch(Request::post(format!("{at}/{way}"), item.clone()));
        assert_eq!(reply.header("slot"), Some(&*slot.to_string()), "{}", body_text(&reply));
        if way == "push" {
            assert_eq!(json_of(&reply)["data"], format!("{:03}", slot + 1));
        }
    }
    for slot in 0..=4 {
        let result = world.json(&format!("{at}/compute&slot={slot}/results/serialize~json@1.0"));
        assert_eq!(result["data"], format!("{:03}", slot + 1));
    }
    // A message's id leads to its first entry. Legacy units refuse a message that has a slot.
    assert_eq!(world.result(&process, &id)["Output"]["data"], "002");
    for path in ["/mu", "/su"] {
        let refused = world.fetch(Request::post(path, item.clone()));
        assert!(
            body_text(&refused).contains("MessageExists"),
            "{path}: {}",
            body_text(&refused)
        );
    }
    let again = world.fetch(Request::post("/push", spawn));
    assert_eq!(
        (again.header("process"), again.header("slot")),
        (Some(&*process), Some("5"))
    );
    assert_eq!(world.schedule(&process).len(), 6);
    let entries = json_of(&world.get(&format!("{at}/schedule?{JSON}")));
    // chain(n) = sha256(chain(n-1) ‖ the message's id as text).
    let edges = json_of(&world.get(&format!("{at}/schedule?accept=application/aos-2")));
    let mut chain: Option<Id> = None;
    for (slot, edge) in edges["edges"].as_array().unwrap().iter().enumerate() {
        let id = edge["node"]["message"]["Id"].as_str().unwrap();
        let before = chain.map(|chain| chain.as_bytes().to_vec()).unwrap_or_default();
        let hash = Sha256::new().chain_update(before).chain_update(id).finalize();
        chain = Some(Id::from_bytes(hash.into()));
        let shown = &entries["assignments"][slot.to_string()]["hash-chain"];
        assert_eq!(*shown, chain.unwrap().to_string(), "slot {slot}");
    }
}

#[test]
fn nodes_accept_items_that_legacy_units_refuse() {
    let (mut world, module) = counting();
    let process = super::support::spawn_from(&mut world, &module, &[]);
    let other = super::support::spawn_from(&mut world, &module, &[("Other", "")]);
    let at = format!("/{process}~process@1.0/schedule");
    // A message without a target is for the process in the path. The message's own target takes precedence. A type is not
    // required.
    for (target, slots) in [
        (None, ["1", "0"]),
        (Some(&*other), ["1", "1"]),
        (Some(&*process), ["2", "1"]),
    ] {
        let item = world.sign(target, &[("Action", "x")], b"").into_bytes();
        let reply = world.fetch(Request::post(&at, item));
        assert_eq!(reply.status, 200, "{}", body_text(&reply));
        for (process, slot) in [&process, &other].into_iter().zip(slots) {
            assert_eq!(body_text(&world.get(&format!("/{process}/slot/current"))), slot);
        }
    }
    // An anchor may be any 32 bytes.
    for anchor in [[0; 32], [255; 32], [b'0'; 32]] {
        let item = world.sign_with(Some(&process), anchor, b"");
        assert_eq!(world.fetch(Request::post(&at, item.into_bytes())).status, 200);
    }
    for (tags, status, reason) in [
        (
            vec![("Type", "Process"), ("Module", &*module), ("device", "process@1.0")],
            400,
            "Scheduler",
        ),
        (
            vec![("Type", "Process"), ("Module", &*module), ("Scheduler", &*other)],
            404,
            "device",
        ),
    ] {
        let refused = world.sign(None, &tags, b"").into_bytes();
        let refused = world.fetch(Request::post("/push", refused));
        assert_eq!(refused.status, status);
        let body = json_of(&refused);
        assert!(body["reason"].as_str().unwrap().contains(reason), "{body}");
        assert_eq!(
            (&body["status"], refused.header("status")),
            (&json!(status), Some(&*status.to_string()))
        );
    }
}
