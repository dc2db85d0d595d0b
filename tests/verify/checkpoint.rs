//! The light client finds checkpoints and modules at a gateway and verifies them.

use std::io::Write;

use aoxide::arweave::{Id, from_base64url};
use aoxide::protocol::Json;
use aoxide::verify::{Anchor, Chain, ChainLink, Checkpoint, CheckpointAnchor, CheckpointTrust, Gateway};
use aoxide::{ErrorKind, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use pollster::block_on;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::recording::{self, Recording};
use crate::sources::{Sources, own_address, own_item};

const OTHER: &str = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Signs a checkpoint of alice at this slot and lets the gateway list it. `change` may replace the value of a tag.
fn add(sources: &Sources, recording: &Recording, slot: u64, change: impl Fn(&str) -> Option<String>) -> Id {
    let memory = vec![slot as u8; 100_000];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&memory).unwrap();
    let assignment = &recording.schedule("alice")[slot as usize]["node"]["assignment"];
    let tags = [
        ("Data-Protocol", "ao".to_string()),
        ("Type", "Checkpoint".into()),
        ("Module", recording.index.module.clone()),
        ("Process", recording.index.processes["alice"].clone()),
        ("Nonce", slot.to_string()),
        ("Timestamp", "1".into()),
        ("Block-Height", "1600000".into()),
        ("SHA-256", hexadecimal(&Sha256::digest(&memory))),
        ("Content-Encoding", "gzip".into()),
        ("Assignment", assignment["id"].as_str().unwrap().into()),
        ("Hash-Chain", recording::tag(assignment, "Hash-Chain").unwrap().into()),
    ]
    .map(|(name, value)| (name, change(name).unwrap_or(value)));
    let (id, raw) = own_item(&tags, encoder.finish().unwrap());
    sources.items.borrow_mut().insert(id.clone(), raw);
    sources.listed.borrow_mut().push(id.clone());
    Id::parse(&id, "id").unwrap()
}

fn find(sources: &Sources, recording: &Recording, trust: &CheckpointTrust) -> Result<Checkpoint> {
    let client = sources.client();
    let gateway = Gateway::new(&client, sources, "https://gateway");
    let process = Id::parse(&recording.index.processes["alice"], "process")?;
    let module = Id::parse(&recording.index.module, "module")?;
    block_on(gateway.checkpoint(&process, &module, trust, 1 << 20))
}

#[test]
fn the_newest_checkpoint_of_a_trusted_owner_joins_the_schedule() {
    let recording = Recording::read();
    let sources = Sources::of(&recording, "alice");
    let trust = CheckpointTrust::Owners(vec![own_address()]);
    assert_eq!(
        find(&sources, &recording, &trust).unwrap_err().kind(),
        ErrorKind::NoCheckpoint
    );
    for slot in [5, 20, 9] {
        add(&sources, &recording, slot, |_| None);
    }
    let checkpoint = find(&sources, &recording, &trust).unwrap();
    assert_eq!((checkpoint.slot, checkpoint.memory.len()), (20, 100_000));
    assert_eq!(checkpoint.signer, own_address());
    assert_eq!(
        checkpoint.anchor(),
        Anchor::Checkpoint(CheckpointAnchor {
            id: checkpoint.id,
            owner: own_address().to_string(),
            slot: 20,
            sha256: hexadecimal(&Sha256::digest(vec![20; 100_000])),
        })
    );
    // Its timestamp is 1.
    checkpoint.check_age(11, 10).unwrap();
    assert_eq!(
        checkpoint.check_age(12, 10).unwrap_err().kind(),
        ErrorKind::CheckpointTooOld
    );

    let edges = sources.edges.borrow()[20..].to_vec();
    let page = serde_json::json!({ "page_info": { "has_next_page": false }, "edges": edges });
    let page = aoxide::verify::page_of(&Json::new(page.to_string()).unwrap()).unwrap();
    let scheduler = Id::parse(&recording.index.scheduler, "scheduler").unwrap();
    let entry = checkpoint.last_entry(&scheduler, &page.entries).unwrap();
    let link = ChainLink {
        slot: entry.slot,
        assignment: entry.assignment.id,
        hash_chain: entry.assignment.hash_chain,
    };
    let mut chain = Chain::after(checkpoint.process, scheduler, link);
    for entry in &page.entries[1..] {
        chain.advance(entry).unwrap();
    }
    assert_eq!(chain.next_slot(), 57);

    // A checkpoint behind slots that the unit has skipped names a later entry.
    let later = &page.entries[3].assignment;
    let skipping = Checkpoint {
        link: Some((later.id, later.hash_chain)),
        ..checkpoint.clone()
    };
    assert_eq!(skipping.last_entry(&scheduler, &page.entries).unwrap().slot, 23);
    // Without a name, its own slot counts.
    let unnamed = Checkpoint {
        link: None,
        ..checkpoint.clone()
    };
    assert_eq!(unnamed.last_entry(&scheduler, &page.entries).unwrap().slot, 20);

    // Another history than that of the checkpoint, and another scheduler.
    let (named, _) = checkpoint.link.unwrap();
    for link in [(named, named), (scheduler, later.hash_chain)] {
        let forged = Checkpoint {
            link: Some(link),
            ..checkpoint.clone()
        };
        let error = forged.last_entry(&scheduler, &page.entries).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerifyCheckpoint);
    }
    let error = checkpoint.last_entry(&own_address(), &page.entries).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VerifyScheduler);
}

#[test]
fn forged_and_mismatched_checkpoints_are_refused() {
    let recording = Recording::read();
    let owners = |id| CheckpointTrust::Owners(vec![id]);
    let other = Id::parse(OTHER, "").unwrap();
    let cases: [(&str, &str); 5] = [
        ("Process", OTHER),
        ("Module", OTHER),
        ("SHA-256", "00"),
        ("Type", "Message"),
        ("Assignment", "x"),
    ];
    for (name, value) in cases {
        let sources = Sources::of(&recording, "alice");
        add(&sources, &recording, 5, |tag| (tag == name).then(|| value.into()));
        let error = find(&sources, &recording, &owners(own_address())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerifyCheckpoint, "{name}: {error}");
    }
    // A gateway that lists the checkpoint of somebody else.
    let sources = Sources::of(&recording, "alice");
    let id = add(&sources, &recording, 5, |_| None);
    assert_eq!(
        find(&sources, &recording, &owners(other)).unwrap_err().kind(),
        ErrorKind::VerifyCheckpoint
    );
    assert_eq!(
        find(&sources, &recording, &CheckpointTrust::Owners(Vec::new()))
            .unwrap_err()
            .kind(),
        ErrorKind::NoCheckpoint
    );
    // One that is pinned by id and hash.
    let sha256: [u8; 32] = Sha256::digest(vec![5; 100_000]).into();
    assert_eq!(
        find(&sources, &recording, &CheckpointTrust::Pinned { id, sha256 })
            .unwrap()
            .slot,
        5
    );
    let pinned = CheckpointTrust::Pinned { id, sha256: [0; 32] };
    assert_eq!(
        find(&sources, &recording, &pinned).unwrap_err().kind(),
        ErrorKind::VerifyCheckpoint
    );
    // Changed bytes.
    let mut raw = sources.items.borrow()[&id.to_string()].clone();
    *raw.last_mut().unwrap() ^= 1;
    sources.items.borrow_mut().insert(id.to_string(), raw);
    assert_eq!(
        find(&sources, &recording, &owners(own_address())).unwrap_err().kind(),
        ErrorKind::VerifyData
    );
}

#[test]
fn a_substituted_module_is_refused() {
    let recording = Recording::read();
    let sources = Sources::of(&recording, "alice");
    let client = sources.client();
    let gateway = Gateway::new(&client, &sources, "https://gateway");
    let (id, raw) = own_item(&[("Type", "Module".into())], b"\0asm".to_vec());
    let id = Id::parse(&id, "id").unwrap();
    sources.items.borrow_mut().insert(id.to_string(), raw.clone());
    assert_eq!(block_on(gateway.module(&id)).unwrap().data, b"\0asm");
    let (_, other) = own_item(&[("Type", "Module".into())], b"\0asn".to_vec());
    sources.items.borrow_mut().insert(id.to_string(), other);
    assert_eq!(
        block_on(gateway.module(&id)).unwrap_err().kind(),
        ErrorKind::VerifyModule
    );
    let process = Id::parse(&recording.index.processes["alice"], "").unwrap();
    assert_eq!(
        block_on(gateway.module(&process)).unwrap_err().kind(),
        ErrorKind::VerifyModule
    );
}

#[test]
fn transactions_of_the_base_layer_verify_and_changed_ones_do_not() {
    let shown: Vec<Value> = serde_json::from_str(include_str!("../vectors/transactions.json")).unwrap();
    for mut transaction in shown {
        let content = transaction["content"].take();
        let data = match content.as_str() {
            Some(text) => from_base64url(text).unwrap(),
            None => vec![content["byte"].as_u64().unwrap() as u8; content["length"].as_u64().unwrap() as usize],
        };
        let id = Id::parse(transaction["id"].as_str().unwrap(), "id").unwrap();
        let read = |transaction: Value, data: Vec<u8>| {
            let sources = Sources::default();
            let held = (transaction, data);
            sources.transactions.borrow_mut().insert(id.to_string(), held);
            let client = sources.client();
            block_on(Gateway::new(&client, &sources, "https://gateway").item(&id))
        };
        let item = read(transaction.clone(), data.clone()).unwrap();
        assert_eq!((item.id(), &item.data), (id, &data));
        assert_eq!(item.tag("App"), Some("layer é"));
        assert_eq!(
            item.target,
            from_base64url(transaction["target"].as_str().unwrap()).unwrap()
        );
        let mut longer = data.clone();
        longer.push(0);
        assert_eq!(
            read(transaction.clone(), longer).unwrap_err().kind(),
            ErrorKind::VerifyData
        );
        let changes: [fn(&mut Value); 6] = [
            |transaction| transaction["quantity"] = "9".into(),
            |transaction| transaction["target"] = "AAAA".into(),
            |transaction| transaction["last_tx"] = "BBBB".into(),
            |transaction| transaction["tags"][0]["value"] = "AAAA".into(),
            |transaction| transaction["format"] = 3.into(),
            |transaction| transaction["signature"] = "AAAA".into(),
        ];
        for change in changes {
            let mut changed = transaction.clone();
            change(&mut changed);
            assert_eq!(read(changed, data.clone()).unwrap_err().kind(), ErrorKind::VerifyData);
        }
    }
}
