//! Properties of data items, over random items of every signature type and over every bit of small ones.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

use aoxide::ans104::{DataItem, Draft, Head, MAX_READ_SECTION, MAX_READ_TAGS, Problem, Tag};
use aoxide::arweave::{Id, Jwk, PrivateKey};
use aoxide::platform::Random;
use aoxide::signer::{AptosKey, Ed25519Key, EthereumKey, ItemKey, MultiAptosKey, SolanaKey, TypedEthereumKey};
use aoxide::{ErrorKind, Result};

use crate::allocated::allocated;

/// Where the signature begins, behind its type.
const SIGNATURE: usize = 2;
/// The last byte of an Ethereum signature.
const RECOVERY_ID: usize = SIGNATURE + 64;

/// SplitMix64 with a fixed seed, so that a failure repeats.
struct Rng(Cell<u64>);

impl Rng {
    fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    fn next(&self) -> u64 {
        self.0.set(self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut mixed = self.0.get();
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn bytes(&self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.next() as u8).collect()
    }

    fn text(&self, least: usize, most: usize) -> String {
        let letters = ['a', 'Z', '0', '-', ' ', '"', '\0', 'é', '✓', '😀'];
        let length = least + self.below(most - least + 1);
        (0..length).map(|_| letters[self.below(letters.len())]).collect()
    }

    fn draft(&self) -> Draft {
        Draft {
            target: (self.below(2) == 0).then(|| Id::from_bytes([self.next() as u8; 32])),
            anchor: (self.below(2) == 0).then(|| vec![self.next() as u8; 32]),
            tags: (0..self.below(9))
                .map(|_| Tag::new(self.text(1, 40), self.text(0, 80)))
                .collect(),
        }
    }
}

impl Random for Rng {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill_with(|| self.next() as u8);
        Ok(())
    }
}

/// The keys of types 2 to 7. RSA is slow, so it has tests of its own.
fn sign(number: usize, draft: &Draft, data: &[u8], rng: &Rng) -> DataItem {
    fn with(draft: &Draft, data: &[u8], key: &impl ItemKey, rng: &Rng) -> DataItem {
        DataItem::sign(draft, data, key, rng).unwrap()
    }
    let ed25519 = |byte: u8| Ed25519Key::new(&[byte; 32]).unwrap();
    let ethereum = || EthereumKey::new(&[7; 32]).unwrap();
    match number {
        2 => with(draft, data, &ed25519(1), rng),
        3 => with(draft, data, &ethereum(), rng),
        4 => with(draft, data, &SolanaKey(ed25519(2)), rng),
        5 => with(draft, data, &AptosKey(ed25519(3)), rng),
        6 => {
            let publics = [4, 5, 6].map(|byte| <[u8; 32]>::try_from(ed25519(byte).owner().unwrap()).unwrap());
            let key = MultiAptosKey::new(&publics, 2, vec![ed25519(4), ed25519(6)]).unwrap();
            with(draft, data, &key, rng)
        }
        7 => with(draft, data, &TypedEthereumKey(ethereum()), rng),
        other => panic!("no key for type {other}"),
    }
}

fn rsa_key() -> PrivateKey {
    PrivateKey::new(&Jwk::from_json(include_str!("../vectors/key.json")).unwrap()).unwrap()
}

fn assert_written_as_read(item: &DataItem, draft: &Draft, data: &[u8]) {
    let read = DataItem::parse(item.as_bytes().to_vec()).unwrap();
    assert_eq!(read.problems(), []);
    let head = read.head();
    assert_eq!(head.target(), draft.target.as_ref().map_or(&[][..], |id| id.as_bytes()));
    assert_eq!(head.anchor(), draft.anchor.as_deref().unwrap_or_default());
    assert_eq!((head.tags(), read.data()), (&draft.tags[..], data));
    let mut again = draft.head(head.signature_type(), head.owner()).unwrap();
    again.set_signature(head.signature()).unwrap();
    assert_eq!(
        DataItem::from_parts(again, read.data()).as_bytes(),
        item.as_bytes(),
        "{draft:?}"
    );
    assert_eq!(Head::length_within(item.as_bytes()).unwrap(), head.as_bytes().len());
}

#[test]
fn parse_of_a_random_item_returns_its_parts_and_they_make_the_same_bytes() {
    let rng = Rng::new(1);
    for _ in 0..300 {
        for number in 2..=7 {
            let (draft, data) = (rng.draft(), rng.bytes(300));
            assert_written_as_read(&sign(number, &draft, &data, &rng), &draft, &data);
        }
    }
    let key = rsa_key();
    for _ in 0..3 {
        let (draft, data) = (rng.draft(), rng.bytes(300));
        let item = DataItem::sign(&draft, &data, &key, &rng).unwrap();
        assert_written_as_read(&item, &draft, &data);
        assert!(item.verify(true).valid);
    }
}

/// Damages an item in one of the ways in which wrong software, or an attacker, would.
fn damage(raw: &mut Vec<u8>, rng: &Rng) {
    let place = rng.below(raw.len());
    match rng.below(5) {
        0 => raw[place] ^= 1 << rng.below(8),
        1 => raw[place] = rng.next() as u8,
        2 => raw.truncate(place),
        3 => raw.insert(place, rng.next() as u8),
        _ => {
            // The bits of the signers, the recovery id, or the end of an Ed25519 signature.
            let place = [SIGNATURE + 32 * 64, RECOVERY_ID, SIGNATURE + 63][rng.below(3)].min(raw.len() - 1);
            raw[place] = [0, 1, 26, 27, 28, 29, 0x80, 0xff][rng.below(8)];
        }
    }
}

#[test]
fn verify_strict_accepts_a_damaged_item_only_where_lenient_does_and_finds_no_problem() {
    let rng = Rng::new(2);
    let mut lenient_only = 0;
    for _ in 0..400 {
        for number in 2..=7 {
            let mut raw = sign(number, &rng.draft(), &rng.bytes(60), &rng).into_bytes();
            for _ in 0..rng.below(3) {
                damage(&mut raw, &rng);
                if raw.is_empty() {
                    break;
                }
            }
            let Ok(item) = DataItem::parse(raw) else {
                continue;
            };
            let (strict, lenient) = (item.verify(true), item.verify(false));
            assert_eq!(strict.problems, lenient.problems);
            assert!(!strict.valid || lenient.valid);
            assert_eq!(strict.valid, lenient.problems.is_empty(), "{:?}", lenient.problems);
            lenient_only += usize::from(lenient.valid && !strict.valid);
        }
    }
    assert!(
        lenient_only > 0,
        "no item had a problem that only strict verification refuses"
    );
}

/// Changes each bit of an item, one at a time. Strict verification must refuse each. Returns the bytes in which a change stays
/// valid in lenient verification, and the problems that it then lists.
fn flip_every_bit(good: &[u8]) -> (Vec<usize>, BTreeSet<&'static str>) {
    assert!(DataItem::parse(good.to_vec()).unwrap().verify(true).valid);
    let mut places = BTreeSet::new();
    let mut problems = BTreeSet::new();
    for place in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.to_vec();
            bad[place] ^= 1 << bit;
            let Ok(item) = DataItem::parse(bad) else {
                continue;
            };
            let lenient = item.verify(false);
            assert!(
                !lenient.problems.is_empty(),
                "bit {bit} of byte {place} changed without a problem"
            );
            // What lenient verification refuses, strict verification refuses too: see the test above.
            if lenient.valid {
                assert!(!item.verify(true).valid, "bit {bit} of byte {place}");
                places.insert(place);
                problems.extend(lenient.problems.into_iter().map(Problem::code));
            }
        }
    }
    (places.into_iter().collect(), problems)
}

/// A small item that has every part.
fn small(number: usize) -> Vec<u8> {
    let draft = Draft {
        target: Some(Id::from_bytes([1; 32])),
        anchor: Some(vec![2; 32]),
        tags: vec![Tag::new("a", "b")],
    };
    sign(number, &draft, b"data", &Rng::new(3)).into_bytes()
}

#[test]
fn verify_refuses_any_changed_bit_of_ed25519_items() {
    for number in [2, 4, 5] {
        assert_eq!(
            flip_every_bit(&small(number)),
            (vec![], BTreeSet::new()),
            "type {number}"
        );
    }
}

#[test]
fn verify_refuses_any_changed_bit_of_ethereum_items_and_lists_another_recovery_id() {
    for number in [3, 7] {
        let expected = (vec![RECOVERY_ID], BTreeSet::from(["RECOVERY_ID"]));
        assert_eq!(flip_every_bit(&small(number)), expected, "type {number}");
    }
}

#[test]
fn verify_accepts_one_last_byte_of_an_ethereum_signature_and_lenient_those_that_name_the_same_key() {
    for number in [3, 7] {
        let good = small(number);
        let accepted = |strict| {
            let valid = |last: &u8| {
                let mut raw = good.clone();
                raw[RECOVERY_ID] = *last;
                DataItem::parse(raw).unwrap().verify(strict).valid
            };
            (0..=255).filter(valid).collect::<Vec<u8>>()
        };
        let last = good[RECOVERY_ID];
        assert_eq!(accepted(true), [last], "type {number}");
        // The key of type 3 is in the item; that of type 7 is found with the byte.
        let same_key = |byte: &u8| match number {
            3 => true,
            _ => *byte == last - 27 || *byte >= 27 && byte % 2 == last % 2,
        };
        assert_eq!(accepted(false), (0..=255).filter(same_key).collect::<Vec<u8>>());
    }
}

#[test]
fn verify_refuses_any_changed_bit_of_multi_signature_items_and_lists_unused_signatures() {
    // The keys 0 and 2 of 32 have signed.
    let place_of = |index: usize| -> Range<usize> { SIGNATURE + index * 64..SIGNATURE + (index + 1) * 64 };
    let unused = place_of(1).chain(place_of(3).start..place_of(31).end).collect();
    let expected = (unused, BTreeSet::from(["UNUSED_SIGNATURE"]));
    assert_eq!(flip_every_bit(&small(6)), expected);
}

#[test]
fn verify_refuses_any_changed_bit_of_rsa_items() {
    assert_eq!(
        flip_every_bit(include_bytes!("../vectors/items/00.bin")),
        (vec![], BTreeSet::new())
    );
}

#[test]
fn parse_refuses_a_senseless_number_of_tags_before_it_allocates_for_them() {
    let count = SIGNATURE + 64 + 32 + 2;
    let stated = |tags: u64, length: u64, section: &[u8]| {
        let mut raw = vec![0; count];
        raw[0] = 2;
        raw.extend_from_slice(&tags.to_le_bytes());
        raw.extend_from_slice(&length.to_le_bytes());
        raw.extend_from_slice(section);
        raw
    };
    // The block of tags states 2^40 as well.
    let block = [0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0x02, b'a', 0x02, b'b', 0];
    let cases = [
        stated(MAX_READ_TAGS + 1, 11, &block),
        stated(1 << 40, 11, &block),
        stated(u64::MAX, u64::MAX, &block),
        stated(1, MAX_READ_SECTION + 1, &block),
        stated(1, u64::MAX, &block),
        stated(MAX_READ_TAGS, 11, &block),
        stated(MAX_READ_TAGS, MAX_READ_SECTION, &block),
    ];
    for raw in cases {
        let before = allocated();
        let error = Head::parse(&raw).unwrap_err();
        let cost = allocated() - before;
        assert_eq!(error.kind(), ErrorKind::BadItem);
        assert!(cost < 2048, "{cost} bytes for: {error}");
    }
}
