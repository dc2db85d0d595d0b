//! A schedule that is signed here, with Ed25519 keys: they verify in a tenth of the time of RSA keys.

use aoxide::ans104::{DataItem, Draft, Tag};
use aoxide::arweave::{Id, to_base64url};
use aoxide::protocol::hash_chain::{first_chain, next_chain};
use aoxide::signer::{Ed25519Key, EthereumKey, ItemKey};
use serde_json::{Value, json};

use super::random::Rng;
use super::sources::Sources;

pub fn key(number: u8) -> Ed25519Key {
    Ed25519Key::new(&[number; 32]).unwrap()
}

/// The scheduler's key, a user's key, and one that nobody trusts.
pub const SCHEDULER: u8 = 1;
pub const USER: u8 = 2;
pub const OTHER: u8 = 3;

pub fn address(number: u8) -> Id {
    Id::of(&key(number).owner().unwrap())
}

pub fn tags(pairs: &[(&str, &str)]) -> Vec<Tag> {
    pairs.iter().map(|(name, value)| Tag::new(*name, *value)).collect()
}

pub fn sign(key: &impl ItemKey, target: Option<Id>, anchor: &[u8], tags: Vec<Tag>, data: &[u8], rng: &Rng) -> DataItem {
    let draft = Draft {
        target,
        anchor: (!anchor.is_empty()).then(|| anchor.to_vec()),
        tags,
    };
    DataItem::sign(&draft, data, key, rng).unwrap()
}

/// An item as a scheduler shows it.
pub fn shown(item: &DataItem) -> Value {
    let head = item.head();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let tags = head.tags().iter();
    let tags: Vec<_> = tags
        .map(|tag| json!({ "name": text(&tag.name), "value": text(&tag.value) }))
        .collect();
    let anchor = std::str::from_utf8(head.anchor())
        .ok()
        .filter(|anchor| !anchor.is_empty());
    json!({
        "id": item.id().to_string(),
        "owner": { "address": Id::of(head.owner()).to_string(), "key": to_base64url(head.owner()) },
        "tags": tags,
        "signature": to_base64url(head.signature()),
        "anchor": anchor,
        "target": Some(to_base64url(head.target())).filter(|target| !target.is_empty()),
        "data": text(item.data()),
    })
}

/// What an assignment says beside the process and the message.
pub struct Slot {
    pub number: usize,
    pub chain: Id,
    pub timestamp: u64,
    pub key: u8,
    pub block_height: u64,
}

/// Signs an assignment, and shows it with its anchor.
pub fn assign(process: Id, message: Option<&str>, slot: &Slot, rng: &Rng) -> Value {
    let mut tags = tags(&[
        ("Process", &process.to_string()),
        ("Epoch", "0"),
        ("Nonce", &slot.number.to_string()),
        ("Hash-Chain", &slot.chain.to_string()),
        ("Block-Height", &format!("{:012}", slot.block_height)),
        ("Timestamp", &slot.timestamp.to_string()),
        ("Data-Protocol", "ao"),
        ("Type", "Assignment"),
        ("Variant", "ao.TN.1"),
    ]);
    tags.extend(message.map(|message| Tag::new("Message", message)));
    let anchor: Vec<u8> = (0..32).map(|_| rng.next() as u8 | 0x80).collect();
    let item = sign(&key(slot.key), None, &anchor, tags, b"", rng);
    let mut shown = shown(&item);
    shown["anchor"] = to_base64url(item.head().anchor()).into();
    shown
}

/// A process with a schedule of eight slots.
pub struct Scheduled {
    pub process: Id,
    pub sources: Sources,
}

impl Scheduled {
    pub fn new(rng: &Rng) -> Self {
        let module = Id::of(b"module").to_string();
        let spawn = tags(&[
            ("Data-Protocol", "ao"),
            ("Type", "Process"),
            ("Module", &module),
            ("Scheduler", &address(SCHEDULER).to_string()),
            ("Nonce", &rng.next().to_string()),
        ]);
        let process = sign(&key(USER), None, b"", spawn, b"\xff process", rng);
        let id = process.id();
        let own = |anchor: &[u8], more: &[(&str, &str)], data: &[u8]| {
            let pairs = [&[("Data-Protocol", "ao"), ("Type", "Message"), ("Action", "x")], more].concat();
            sign(&key(USER), Some(id), anchor, tags(&pairs), data, rng)
        };
        let plain = own(b"", &[], b"first");
        let elsewhere = sign(
            &key(USER),
            Some(Id::of(b"elsewhere")),
            &[b'7'; 32],
            tags(&[("Action", "y")]),
            b"\xfe",
            rng,
        );
        let ethereum = EthereumKey::new(&[7; 32]).unwrap();
        let messages = [
            process.clone(),
            plain.clone(),
            own(
                &[b'5'; 32],
                &[("From-Process", &Id::of(b"from").to_string())],
                b"forwarded",
            ),
            own(&[0xf5; 32], &[], b"\xff\xfe"),
            elsewhere.clone(),
            sign(&ethereum, Some(id), b"", tags(&[("Action", "z")]), "é".as_bytes(), rng),
            // Assigned again: a compute unit skips it.
            plain.clone(),
            own(b"", &[("Quantity", "1")], b""),
        ];
        let sources = Sources::default();
        let (mut edges, mut chain) = (Vec::new(), first_chain(&id));
        for (number, item) in messages.iter().enumerate() {
            let message = item.id().to_string();
            sources
                .items
                .borrow_mut()
                .insert(message.clone(), item.as_bytes().to_vec());
            let slot = Slot {
                number,
                chain,
                timestamp: 1_700_000_000_000 + number as u64 * 1000,
                key: SCHEDULER,
                block_height: 1_600_000,
            };
            let assignment = assign(id, (number > 0).then_some(&*message), &slot, rng);
            chain = next_chain(&Id::parse(assignment["id"].as_str().unwrap(), "id").unwrap(), &chain);
            let mut shown = shown(item);
            if number == 0 {
                shown["data"] = Value::Null;
            }
            let is_assigned = [4, 6].contains(&number);
            edges.push(json!({ "node": {
                "message": if is_assigned { Value::Null } else { shown },
                "assignment": assignment,
            } }));
        }
        *sources.edges.borrow_mut() = edges;
        Self { process: id, sources }
    }
}
