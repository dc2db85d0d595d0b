//! A key, a deterministic random generator, and random messages.

use std::cell::Cell;
use std::fs;

use aoxide::Result;
use aoxide::arweave::{Jwk, PrivateKey};
use aoxide::httpsig::{Context, Decoded, Dialect, Encoded, Fields, Message, Received, SignedMessage, Value};
use aoxide::platform::Random;
use aoxide::signer::{KeySigner, MessageSigner};

/// SplitMix64, for these tests only: it is not secure.
pub struct Seeded(Cell<u64>);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    pub fn next(&self) -> u64 {
        self.0.set(self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut mixed = self.0.get();
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub fn chance(&self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        for byte in bytes {
            *byte = self.next() as u8;
        }
        Ok(())
    }
}

pub fn vector(name: &str) -> serde_json::Value {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub fn jwk() -> Jwk {
    Jwk::from_json(&vector("key.json").to_string()).unwrap()
}

pub fn signer() -> KeySigner<PrivateKey, Seeded> {
    KeySigner::new(PrivateKey::new(&jwk()).unwrap(), Seeded::new(7))
}

pub fn sign(message: &Message, dialect: Dialect) -> Result<SignedMessage> {
    pollster::block_on(signer().sign_message(Encoded::new(message, dialect)?))
}

/// Decodes a message at a fixed time, and verifies its signatures.
pub fn receive(fields: &Fields, body: &[u8]) -> Result<Decoded> {
    let context = Context {
        fields: Some(fields),
        ..Context::default()
    };
    let mut received = Received::new(&context, body, 1_800_000_000)?;
    for claim in &mut received.claims {
        claim.verify();
    }
    Ok(received.decode())
}

pub fn text_of(fields: &Fields, name: &str) -> String {
    fields.text(name).unwrap_or_default()
}

/// A message with values of every kind that can be signed.
pub fn random_message(random: &Seeded) -> Message {
    let mut message = random_map(random, 3);
    if random.chance(2) {
        let body = random_bytes(random, 6000);
        let name = *random.pick(&["data", "body"]);
        message.set(name, Value::Bytes(body));
    }
    message
}

fn random_map(random: &Seeded, depth: usize) -> Message {
    (0..random.below(7))
        .map(|_| (random_name(random), random_value(random, depth)))
        .collect()
}

fn random_name(random: &Seeded) -> String {
    if random.chance(12) {
        return aoxide::arweave::Id::of(&random.next().to_le_bytes()).to_string();
    }
    let letters = b"abcdefghijklmnopqrstuvwxyz-_0123456789.~*!'";
    let name: String = (0..1 + random.below(12))
        .map(|_| char::from(*random.pick(letters)))
        .collect();
    // Names that have a special meaning.
    format!("x{name}")
}

fn random_value(random: &Seeded, depth: usize) -> Value {
    match random.below(if depth == 0 { 6 } else { 9 }) {
        0 => Value::Integer(random.next() as i64 as i128),
        1 => Value::Float(f64::from_bits(
            random.next() & !(0x7ff << 52) | (random.next() % 2000 + 20) << 52,
        )),
        2 => Value::flag(random.chance(2)),
        3 => Value::Atom((*random.pick(&["ok", "undefined", "a/b:c", "*"])).into()),
        4 => Value::Bytes(random_line(random)),
        5 => Value::Bytes(
            random_bytes(random, 5000)
                .into_iter()
                .filter(|byte| *byte != b'\r')
                .collect(),
        ),
        6 => Value::List((0..random.below(5)).map(|_| random_value(random, depth - 1)).collect()),
        _ => Value::Map(random_map(random, depth - 1)),
    }
}

/// Text that a header can hold.
fn random_line(random: &Seeded) -> Vec<u8> {
    let mut line = vec![b'v'];
    line.extend((0..random.below(60)).map(|_| 0x20 + random.below(0x5f) as u8));
    line.extend("é→".bytes().take(random.below(2) * 5));
    line.push(b'.');
    line
}

/// Random bytes: at least one, and rarely many.
fn random_bytes(random: &Seeded, limit: usize) -> Vec<u8> {
    let limit = if random.chance(4) { limit } else { 40 };
    (0..1 + random.below(limit)).map(|_| random.next() as u8).collect()
}
