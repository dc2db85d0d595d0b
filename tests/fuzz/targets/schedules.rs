//! Pages of schedules: reading them, and verifying what they show. The first byte says of which unit.
#![no_main]

use aoxide::arweave::Id;
use aoxide::protocol::Json;
use aoxide::verify::{Chain, MessageCheck, NodeChain, check_message, node_page_of, page_of, replay_entry};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let text = std::str::from_utf8(rest).ok();
    let Some(json) = text.and_then(|text| Json::new(text.into()).ok()) else {
        return;
    };
    match kind % 2 {
        0 => scheduler_unit(&json),
        _ => node(&json),
    }
});

fn scheduler_unit(json: &Json) {
    let Ok(page) = page_of(json) else {
        return;
    };
    let Some(first) = page.entries.first() else {
        return;
    };
    let (process, scheduler) = (first.assignment.process, first.assignment.owner_address);
    let mut chain = match first.slot.checked_sub(1) {
        None => Chain::from_genesis(process, scheduler),
        Some(slot) => Chain::after_slot(process, scheduler, slot),
    };
    for entry in &page.entries {
        let _ = replay_entry(entry, None);
        let slot = chain.next_slot();
        // RSA takes too long. The target `signatures` has it.
        if entry.assignment.signature.len() == 512 || chain.advance(entry).is_err() {
            return;
        }
        assert_eq!((entry.slot, chain.next_slot()), (slot, slot + 1));
        assert_eq!(Id::of(&entry.assignment.signature), entry.assignment.id);
        assert_eq!(Id::of(&entry.assignment.owner_key), scheduler);
        if let Ok(MessageCheck::Verified(_)) = check_message(entry) {
            let message = entry.message.as_ref().expect("it was verified");
            assert_eq!(Id::of(&message.signature), message.id);
        }
    }
}

fn node(json: &Json) {
    let Ok(entries) = node_page_of(json) else {
        return;
    };
    assert!(entries.is_sorted_by_key(|entry| entry.slot));
    let process = entries
        .first()
        .and_then(|entry| Id::parse(&entry.process, "Process").ok());
    let Some(mut chain) = process.map(NodeChain::from_genesis) else {
        return;
    };
    for entry in &entries {
        let slot = chain.next_slot();
        if chain.advance(entry).is_err() {
            return;
        }
        assert_eq!((entry.slot, chain.next_slot()), (slot, slot + 1));
    }
}
