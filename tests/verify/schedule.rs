//! The light client reads the schedules that were recorded from permaweb's scheduler unit, and what an adversary makes of
//! them.

use std::cell::Cell;

use aoxide::arweave::Id;
use aoxide::error::Detail;
use aoxide::protocol::Json;
use aoxide::protocol::hash_chain::{first_chain, next_chain};
use aoxide::verify::{Chain, MessageCheck, check_message, compare_sources, page_of};
use aoxide::{ErrorKind, Result};
use serde_json::{Value, json};

use crate::recording::{self, Recording};
use crate::sources::{Sources, own_address, sign_again};

const PROCESSES: [&str; 4] = ["alice", "bob", "child", "cron"];

fn alice(recording: &Recording) -> (Sources, String) {
    (
        Sources::of(recording, "alice"),
        recording.index.processes["alice"].clone(),
    )
}

/// Asserts that a verification ended with this code, at this slot.
fn assert_refused<T>(outcome: Result<T>, kind: ErrorKind, slot: u64) {
    let Err(error) = outcome else {
        panic!("verified: {kind:?} expected")
    };
    assert_eq!(error.kind(), kind, "{error}");
    let detail = error.details().iter().find(|(name, _)| *name == "slot");
    assert_eq!(detail, Some(&("slot", Detail::Number(slot as f64))), "{error}");
}

#[test]
fn every_assignment_of_the_recording_verifies_and_all_but_two_messages_from_json_alone() {
    let recording = Recording::read();
    let scheduler = Id::parse(&recording.index.scheduler, "scheduler").unwrap();
    let (mut assignments, mut messages, mut verified) = (0, 0, 0);
    for name in PROCESSES {
        let process = Id::parse(&recording.index.processes[name], "process").unwrap();
        let body = recording.reply(&format!("su-{name}-all-anchor")).body.clone();
        let page = page_of(&Json::new(body).unwrap()).unwrap();
        let mut chain = Chain::from_genesis(process, scheduler);
        for entry in &page.entries {
            chain.advance(entry).unwrap();
            assignments += 1;
            let check = check_message(entry).unwrap();
            if entry.message.is_some() {
                messages += 1;
                verified += usize::from(matches!(check, MessageCheck::Verified(_)));
            }
        }
        assert!(chain.broken().is_empty());
    }
    assert_eq!((assignments, messages, verified), (69, 61, 59));
}

#[test]
fn the_recorded_schedules_verify_with_data_from_a_gateway_and_with_whole_items() {
    let recording = Recording::read();
    for whole in [false, true] {
        let mut count = 0;
        for name in PROCESSES {
            let sources = Sources::of(&recording, name);
            sources.whole.set(whole);
            if name == "bob" {
                // The item that slot 8 assigns was not recorded.
                let error = sources.verify(&recording.index.processes[name]).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::HttpStatus);
                assert!(error.details().contains(&("slot", Detail::Number(8.0))));
                sources.edges.borrow_mut().truncate(8);
            }
            let verified = sources.verify(&recording.index.processes[name]).unwrap();
            assert_eq!(verified.len(), sources.edges.borrow().len());
            count += verified.len();
            for entry in verified.iter().filter(|entry| entry.entry.message.is_none()) {
                let id = entry.item.as_ref().unwrap().id();
                assert_eq!(Some(id), entry.entry.assignment.message);
            }
        }
        assert_eq!(count, 68);
    }
}

#[test]
fn an_assignment_without_its_anchor_is_verified_with_the_gateways() {
    let recording = Recording::read();
    let (sources, process) = alice(&recording);
    sources.change(3, |node| node["assignment"]["anchor"] = Value::Null);
    assert_eq!(sources.verify(&process).unwrap().len(), 57);
    let forged = sources.edges.borrow()[4]["node"]["assignment"]["id"]
        .as_str()
        .unwrap()
        .to_string();
    let own = sources.edges.borrow()[3]["node"]["assignment"]["id"]
        .as_str()
        .unwrap()
        .to_string();
    let other = recording.items[&forged].clone();
    sources.items.borrow_mut().insert(own, other);
    assert_eq!(sources.verify(&process).unwrap_err().kind(), ErrorKind::VerifyData);
}

#[test]
fn slots_that_are_reordered_dropped_or_repeated_are_gaps() {
    let recording = Recording::read();
    type Change = fn(&mut Vec<Value>);
    let changes: [(Change, u64); 5] = [
        (|edges| edges.swap(5, 6), 6),
        (|edges| drop(edges.remove(7)), 8),
        (|edges| edges.insert(9, edges[8].clone()), 8),
        (|edges| drop(edges.remove(0)), 1),
        (|edges| edges.reverse(), 56),
    ];
    for (change, slot) in changes {
        let (sources, process) = alice(&recording);
        change(&mut sources.edges.borrow_mut());
        assert_refused(sources.verify(&process), ErrorKind::VerifyGap, slot);
    }
}

#[test]
fn every_changed_part_of_a_message_is_refused() {
    let recording = Recording::read();
    let changes: [fn(&mut Value); 9] = [
        |node| node["message"]["data"] = "return 666".into(),
        |node| node["message"]["data"] = "\u{fffd}".into(),
        |node| node["message"]["tags"][0]["value"] = "Transfer".into(),
        |node| node["message"]["tags"].as_array_mut().unwrap().swap(0, 1),
        |node| {
            node["message"]["tags"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "name": "X", "value": "y" }))
        },
        |node| node["message"]["anchor"] = "01234567890123456789012345678901".into(),
        |node| node["message"]["target"] = "".into(),
        |node| node["message"]["owner"]["address"] = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA".into(),
        |node| node["message"]["signature"] = node["assignment"]["signature"].clone(),
    ];
    for change in changes {
        let (sources, process) = alice(&recording);
        sources.change(4, change);
        assert_refused(sources.verify(&process), ErrorKind::VerifySignature, 4);
    }
}

#[test]
fn every_changed_part_of_an_assignment_is_refused() {
    let recording = Recording::read();
    let names = ["Epoch", "Hash-Chain", "Block-Height", "Timestamp", "Message", "Variant"];
    for name in names {
        let (sources, process) = alice(&recording);
        sources.change(4, |node| {
            let tags = node["assignment"]["tags"].as_array_mut().unwrap();
            let value = match name {
                "Hash-Chain" | "Message" => "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA",
                _ => "1",
            };
            tags.iter_mut().find(|tag| tag["name"] == name).unwrap()["value"] = value.into();
        });
        assert_refused(sources.verify(&process), ErrorKind::VerifySignature, 4);
    }
    for (part, value) in [
        ("anchor", "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"),
        ("id", "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"),
        ("signature", "AAAA"),
        ("target", "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"),
    ] {
        let (sources, process) = alice(&recording);
        sources.change(4, |node| node["assignment"][part] = value.into());
        assert_refused(sources.verify(&process), ErrorKind::VerifySignature, 4);
    }
}

#[test]
fn an_assignment_by_another_key_is_refused() {
    let recording = Recording::read();
    let (sources, process) = alice(&recording);
    sources.change(4, |node| sign_again(&mut node["assignment"], |_, _| None));
    assert_refused(sources.verify(&process), ErrorKind::VerifyScheduler, 4);
    // It claims to be the scheduler's.
    sources.change(4, |node| {
        node["assignment"]["owner"]["address"] = recording.index.scheduler.clone().into();
    });
    assert_refused(sources.verify(&process), ErrorKind::VerifyScheduler, 4);
}

#[test]
fn an_assignment_of_another_process_is_refused() {
    let recording = Recording::read();
    let (sources, process) = alice(&recording);
    sources.edges.borrow_mut()[4] = recording.schedule("bob")[4].clone();
    assert_refused(sources.verify(&process), ErrorKind::VerifyProcess, 4);
}

#[test]
fn a_message_that_the_assignment_does_not_name_is_refused() {
    let recording = Recording::read();
    let (sources, process) = alice(&recording);
    let other = sources.edges.borrow()[5]["node"]["message"].clone();
    sources.change(4, |node| node["message"] = other);
    assert_refused(sources.verify(&process), ErrorKind::VerifyMessage, 4);
}

/// The first slots of alice, assigned anew by the tests' own key. `change` may replace the values of tags.
fn own_schedule(
    recording: &Recording,
    length: usize,
    change: impl Fn(usize, &str) -> Option<String>,
) -> (Sources, String) {
    let (sources, process) = alice(recording);
    sources.edges.borrow_mut().truncate(length);
    let chain = Cell::new(first_chain(&Id::parse(&process, "process").unwrap()));
    for slot in 0..length {
        sources.change(slot, |node| {
            sign_again(&mut node["assignment"], |name, _| {
                change(slot, name).or_else(|| (name == "Hash-Chain").then(|| chain.get().to_string()))
            });
            let id = Id::parse(node["assignment"]["id"].as_str().unwrap(), "id").unwrap();
            chain.set(next_chain(&id, &chain.get()));
        });
    }
    (sources, process)
}

#[test]
fn a_chain_that_the_scheduler_broke_is_refused() {
    let recording = Recording::read();
    let (sources, process) = own_schedule(&recording, 3, |_, _| None);
    let verified = sources.verify_own(&process).unwrap();
    assert_eq!(verified.len(), 3);
    assert_eq!(verified[2].entry.assignment.owner_address, own_address());

    // Slot 1 has the chain of slot 0; its own signature is good.
    let first = first_chain(&Id::parse(&process, "process").unwrap()).to_string();
    let (sources, process) = own_schedule(&recording, 3, |slot, name| {
        (slot == 1 && name == "Hash-Chain").then(|| first.clone())
    });
    assert_refused(sources.verify_own(&process), ErrorKind::VerifyChain, 1);

    // An assignment of the same slot that the scheduler signed at another time does not fit those behind it.
    let (sources, process) = own_schedule(&recording, 3, |_, _| None);
    sources.change(1, |node| {
        sign_again(&mut node["assignment"], |name, _| {
            (name == "Timestamp").then(|| "5".into())
        });
    });
    assert_refused(sources.verify_own(&process), ErrorKind::VerifyChain, 2);
}

#[test]
fn a_scheduler_that_assigns_a_slot_twice_is_found_by_a_second_source() {
    let recording = Recording::read();
    let (one, process) = own_schedule(&recording, 3, |_, _| None);
    let (other, _) = own_schedule(&recording, 3, |slot, name| {
        (slot == 2 && name == "Timestamp").then(|| "5".into())
    });
    let (one, other) = (one.verify_own(&process).unwrap(), other.verify_own(&process).unwrap());
    for slot in 0..2 {
        compare_sources(&one[slot].entry, &other[slot].entry).unwrap();
    }
    assert_refused(
        compare_sources(&one[2].entry, &other[2].entry),
        ErrorKind::VerifyFork,
        2,
    );
}

#[test]
fn a_chain_of_a_process_from_before_sound_chains_is_listed_as_broken() {
    let recording = Recording::read();
    let zero = Id::from_bytes([0; 32]).to_string();
    let (sources, process) = own_schedule(&recording, 3, |slot, name| match name {
        "Block-Height" => Some("1439999".into()),
        "Hash-Chain" if slot == 1 => Some(zero.clone()),
        _ => None,
    });
    let page = json!({ "page_info": { "has_next_page": false }, "edges": *sources.edges.borrow() });
    let page = page_of(&Json::new(page.to_string()).unwrap()).unwrap();
    let mut chain = Chain::from_genesis(Id::parse(&process, "process").unwrap(), own_address());
    for entry in &page.entries {
        chain.advance(entry).unwrap();
    }
    assert_eq!(chain.broken(), [1, 2]);
}

#[test]
fn lossy_data_with_a_forged_item_is_refused() {
    let recording = Recording::read();
    let (sources, process) = alice(&recording);
    let lossy = sources.edges.borrow().iter().position(|edge| {
        let data = edge["node"]["message"]["data"].as_str().unwrap_or_default();
        data.contains('\u{fffd}') && data.len() < 1000 && matches_item(&recording, edge)
    });
    let slot = lossy.expect("a message with data that is not UTF-8");
    let id = sources.edges.borrow()[slot]["node"]["message"]["id"]
        .as_str()
        .unwrap()
        .to_string();
    for whole in [false, true] {
        sources.whole.set(whole);
        let mut forged = recording.items[&id].clone();
        *forged.last_mut().unwrap() ^= 1;
        sources.items.borrow_mut().insert(id.clone(), forged);
        assert_refused(sources.verify(&process), ErrorKind::VerifyData, slot as u64);
        // Another item, which is good in itself.
        let other = recording.items[&recording.index.processes["bob"]].clone();
        sources.items.borrow_mut().insert(id.clone(), other);
        assert_refused(sources.verify(&process), ErrorKind::VerifyData, slot as u64);
    }
    // The scheduler hides bytes that are text.
    *sources.items.borrow_mut() = recording.items.clone();
    sources.change(slot, |node| node["message"]["data"] = "\u{fffd}".into());
    assert_refused(sources.verify(&process), ErrorKind::VerifySignature, slot as u64);
}

/// Whether the bytes of an edge's message are not UTF-8.
fn matches_item(recording: &Recording, edge: &Value) -> bool {
    let raw = &recording.items[edge["node"]["message"]["id"].as_str().unwrap()];
    let item = aoxide::ans104::DataItem::parse(raw.clone()).unwrap();
    std::str::from_utf8(item.data()).is_err()
}

#[test]
fn a_forged_item_of_an_assigned_message_is_refused() {
    let recording = Recording::read();
    let (sources, process) = alice(&recording);
    let edge = sources.edges.borrow()[26].clone();
    assert!(edge["node"]["message"].is_null());
    let id = recording::tag(&edge["node"]["assignment"], "Message")
        .unwrap()
        .to_string();
    let other = recording.items[&recording.index.processes["bob"]].clone();
    sources.items.borrow_mut().insert(id.clone(), other);
    assert_refused(sources.verify(&process), ErrorKind::VerifyData, 26);
}

#[test]
fn a_process_that_is_not_the_item_with_its_id_is_refused() {
    let recording = Recording::read();
    let (sources, process) = alice(&recording);
    let other = recording.items[&recording.index.processes["bob"]].clone();
    sources.items.borrow_mut().insert(process.clone(), other);
    assert_eq!(sources.verify(&process).unwrap_err().kind(), ErrorKind::VerifyData);
    // A good item that is no process.
    let message = sources.edges.borrow()[4]["node"]["message"]["id"]
        .as_str()
        .unwrap()
        .to_string();
    assert_eq!(sources.verify(&message).unwrap_err().kind(), ErrorKind::VerifyProcess);
}

#[test]
fn a_schedule_that_cannot_be_read_is_a_bad_response() {
    let recording = Recording::read();
    let changes: [fn(&mut Value); 4] = [
        |node| node["assignment"] = Value::Null,
        |node| drop(node["assignment"]["tags"].as_array_mut().unwrap().remove(2)),
        |node| node["assignment"]["tags"][2]["value"] = "+4".into(),
        |node| node["message"]["signature"] = "!".into(),
    ];
    for change in changes {
        let (sources, process) = alice(&recording);
        sources.change(4, change);
        assert_eq!(sources.verify(&process).unwrap_err().kind(), ErrorKind::BadResponse);
    }
}
