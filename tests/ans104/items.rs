//! Data items: the recorded vectors, round trips, random bytes, and the limits of the parser. Key files.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use aoxide::ans104::{DataItem, Draft, Head, MAX_READ_SECTION, MAX_READ_TAGS, Tag};
use aoxide::arweave::{Id, Jwk, PrivateKey};
use aoxide::platform::Random;
use aoxide::{ErrorKind, Result};
use serde::Deserialize;

use crate::allocated::allocated;

#[derive(Deserialize)]
struct Vector {
    file: String,
    case: String,
    verdict: String,
}

fn vectors() -> Vec<(Vector, Vec<u8>)> {
    let index: Vec<Vector> = serde_json::from_slice(&read("items/index.json")).unwrap();
    index
        .into_iter()
        .map(|vector| {
            let bytes = read(&format!("items/{}", vector.file));
            (vector, bytes)
        })
        .collect()
}

fn read(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn key() -> PrivateKey {
    PrivateKey::new(&jwk()).unwrap()
}

fn jwk() -> Jwk {
    Jwk::from_json(std::str::from_utf8(&read("key.json")).unwrap()).unwrap()
}

/// A deterministic random generator, so that failures can be repeated.
struct Seeded(Cell<u64>);

impl Seeded {
    fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    fn next(&self) -> u64 {
        // Knuth's MMIX constants. The low bits repeat early, so `next` returns the high bits.
        self.0.set(
            self.0
                .get()
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407),
        );
        self.0.get() >> 16
    }

    fn below(&self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.iter_mut().for_each(|byte| *byte = self.next() as u8);
        Ok(())
    }
}

#[test]
fn verify_agrees_with_the_recorded_verdicts() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 16);
    for (vector, bytes) in vectors {
        let verdict = match DataItem::parse(bytes) {
            Err(_) => "invalid",
            Ok(item) => {
                let (strict, lenient) = (item.verify(true), item.verify(false));
                assert_eq!(strict.problems, lenient.problems);
                match (strict.valid, lenient.valid) {
                    (true, true) => "valid",
                    (false, true) => "lenient",
                    (false, false) => "invalid",
                    (true, false) => panic!("{}: strict accepts what lenient refuses", vector.case),
                }
            }
        };
        assert_eq!(verdict, vector.verdict, "{}", vector.case);
    }
}

#[test]
fn sign_makes_items_that_verify_and_parse() {
    let random = Seeded::new(1);
    let draft = Draft {
        target: Some(Id::of(b"target")),
        anchor: Some(vec![b'a'; 32]),
        tags: vec![Tag::new("Action", "Eval"), Tag::new("Action", "")],
    };
    let item = DataItem::sign(&draft, b"return 1", &key(), &random).unwrap();
    assert!(item.verify(true).valid);
    let again = DataItem::parse(item.as_bytes().to_vec()).unwrap();
    assert_eq!(again.id(), item.id());
    assert_eq!(again.head().target(), Id::of(b"target").as_bytes());
    assert_eq!(again.head().anchor(), [b'a'; 32]);
    assert_eq!(again.head().tags(), draft.tags);
    assert_eq!(again.data(), b"return 1");
    assert_eq!(Id::of(again.head().owner()), jwk().address().unwrap());
}

#[test]
fn verify_refuses_an_item_after_any_byte_changed() {
    let draft = Draft {
        tags: vec![Tag::new("n", "v")],
        ..Draft::default()
    };
    let good = DataItem::sign(&draft, b"data", &key(), &Seeded::new(2))
        .unwrap()
        .into_bytes();
    // The signature and the owner are long and have no structure, so some of their bytes are changed. Of the rest, each byte
    // is changed.
    let places = (0..2).chain((2..1026).step_by(97)).chain(1026..good.len());
    for place in places {
        let mut bad = good.clone();
        bad[place] ^= 1;
        let valid = DataItem::parse(bad).is_ok_and(|item| item.verify(false).valid);
        assert!(!valid, "byte {place}");
    }
}

#[test]
fn parse_of_mutated_items_returns_the_item_or_a_typed_error() {
    let random = Seeded::new(3);
    let vectors = vectors();
    let mut parsed = 0;
    for _ in 0..200_000 {
        let (_, bytes) = &vectors[random.below(vectors.len())];
        // Most mutations change flags, counts and tags, because the parser reads these.
        let mut bytes = bytes.clone();
        for _ in 0..=random.below(4) {
            let place = if random.below(8) == 0 {
                random.below(2)
            } else {
                1026 + random.below(bytes.len() - 1026)
            };
            bytes[place] = random.next() as u8;
        }
        bytes.truncate(if random.below(3) == 0 {
            random.below(bytes.len())
        } else {
            bytes.len()
        });
        let needed = Head::length_within(&bytes);
        match DataItem::parse(bytes) {
            Ok(item) => {
                parsed += 1;
                assert_eq!(needed.unwrap(), item.head().as_bytes().len());
            }
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::BadItem | ErrorKind::Unsupported),
                "{error:?}"
            ),
        }
    }
    assert!(
        parsed > 1000,
        "too few mutants are valid items to test the parser: {parsed}"
    );
}

#[test]
fn length_within_needs_only_the_first_bytes_of_a_large_item() {
    let draft = Draft {
        tags: vec![Tag::new("n", "v".repeat(3000))],
        ..Draft::default()
    };
    let data = vec![7; 1 << 20];
    let item = DataItem::sign(&draft, &data, &key(), &Seeded::new(4)).unwrap();
    let raw = item.as_bytes();
    let mut length = 2;
    // The first two bytes give the length of the fixed part. Each call returns a greater length until the last one.
    for _ in 0..10 {
        let needed = Head::length_within(&raw[..length]).unwrap();
        if needed <= length {
            break;
        }
        length = needed;
    }
    assert_eq!(length, raw.len() - data.len());
    assert_eq!(Head::parse(&raw[..length]).unwrap().head.id(), item.id());
}

/// An unsigned item with `count` empty tags in one block.
fn item_of_empty_tags(count: u64) -> Vec<u8> {
    let mut zigzag = count << 1;
    let mut section = Vec::new();
    while zigzag >= 0x80 {
        section.push(zigzag as u8 | 0x80);
        zigzag >>= 7;
    }
    section.push(zigzag as u8);
    section.resize(section.len() + 2 * count as usize + 1, 0);
    let fixed = [&[1, 0][..], &[0; 1024], &[0, 0]].concat();
    let sizes = [count, section.len() as u64].map(u64::to_le_bytes).concat();
    [fixed, sizes, section].concat()
}

#[test]
fn parse_bounds_the_memory_that_tags_take() {
    let most = item_of_empty_tags(MAX_READ_TAGS);
    let before = allocated();
    assert_eq!(Head::parse(&most).unwrap().head.tags().len() as u64, MAX_READ_TAGS);
    let cost = allocated() - before;
    // The list of tags doubles its capacity as it grows, which is most of the cost.
    assert!(cost < 500_000, "{cost}");

    for count in [MAX_READ_TAGS + 1, 100_000, 1_000_000, 75_000_000] {
        let raw = item_of_empty_tags(count);
        let before = allocated();
        for error in [
            Head::parse(&raw).unwrap_err(),
            Head::length_within(&raw[..4096]).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::BadItem);
            assert!(error.message().contains(&count.to_string()), "{error}");
        }
        let cost = allocated() - before;
        assert!(cost < 5_000, "{count} tags cost {cost} bytes");
    }
}

#[test]
fn length_within_refuses_tags_over_the_limit() {
    let whole = item_of_empty_tags(1);
    let length_at = 2 + 1024 + 2 + 8;
    let with_length = |length: u64| {
        let mut head = whole[..length_at + 8].to_vec();
        head[length_at..].copy_from_slice(&length.to_le_bytes());
        Head::length_within(&head)
    };
    let longest = with_length(MAX_READ_SECTION).unwrap();
    assert_eq!(longest as u64, length_at as u64 + 8 + MAX_READ_SECTION);
    for length in [MAX_READ_SECTION + 1, 150_000_000, u64::from(u32::MAX), u64::MAX] {
        assert_eq!(with_length(length).unwrap_err().kind(), ErrorKind::BadItem);
    }
}

#[test]
fn jwk_reads_the_variants_of_key_files() {
    let whole = jwk();
    let message = b"message";
    let signs = |jwk: &Jwk| {
        let signature = aoxide::arweave::pss::sign(&PrivateKey::new(jwk)?, message, &Seeded::new(5))?;
        assert!(aoxide::arweave::pss::verify(
            &jwk.normalised()?.modulus()?,
            message,
            &signature
        ));
        assert!(!aoxide::arweave::pss::verify(
            &jwk.normalised()?.modulus()?,
            b"other",
            &signature
        ));
        Ok::<_, aoxide::Error>(())
    };
    signs(&whole).unwrap();

    let bare = Jwk {
        p: None,
        q: None,
        dp: None,
        dq: None,
        qi: None,
        ..whole.clone()
    };
    signs(&bare).unwrap();
    let repaired = PrivateKey::from_exponents(&bare).unwrap().to_jwk().unwrap();
    let mut primes = [repaired.p.clone(), repaired.q.clone()];
    primes.sort();
    let mut expected = [whole.p.clone(), whole.q.clone()];
    expected.sort();
    assert_eq!(primes, expected);

    let hyperbeam = Jwk {
        e: "AAEAAQ".into(),
        ..bare.clone()
    };
    signs(&hyperbeam).unwrap();
    assert_eq!(hyperbeam.normalised().unwrap().e, "AQAB");
    let padded = Jwk {
        e: "AQAB==".into(),
        ..whole.clone()
    };
    signs(&padded).unwrap();

    for (bad, says) in [
        (
            Jwk {
                kty: "EC".into(),
                ..whole.clone()
            },
            "kty",
        ),
        (
            Jwk {
                d: None,
                ..whole.clone()
            },
            "no private part",
        ),
        (
            Jwk {
                d: Some("AQAB".into()),
                p: None,
                q: None,
                ..whole.clone()
            },
            "do not fit",
        ),
        (
            Jwk {
                q: whole.p.clone(),
                ..whole.clone()
            },
            "do not fit",
        ),
        (
            Jwk {
                n: "AQAB".into(),
                ..whole.clone()
            },
            "Owner must be 512 bytes, but was incorrectly 3",
        ),
        (
            Jwk {
                n: "?".into(),
                ..whole.clone()
            },
            "n is not base64url",
        ),
    ] {
        let error = PrivateKey::new(&bad).err().expect(says);
        assert_eq!(error.kind(), ErrorKind::BadKey);
        assert!(error.message().contains(says), "{}", error.message());
    }
    assert_eq!(Jwk::from_json("{}").err().unwrap().kind(), ErrorKind::BadKey);
}
