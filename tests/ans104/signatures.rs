//! Signature types 2 to 7: items of arbundles verify, our keys make the same items, and forgeries are refused.

use aoxide::Result;
use aoxide::ans104::{DataItem, Draft, Problem, SignatureType, Verification};
use aoxide::platform::Random;
use aoxide::signer::{
    AptosKey, Ed25519Key, EthereumKey, ItemKey, MultiAptosKey, SolanaKey, TypedEthereumKey, address, ethereum,
};
use base64ct::{Base64, Encoding};
use serde_json::Value;

/// Where the signature begins, behind its type.
const SIGNATURE: usize = 2;
/// The last bytes of a signature of type 6: a bit for each key.
const BITS: usize = SIGNATURE + 32 * 64;
/// The order of secp256k1.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
    0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

struct Recorded {
    number: u64,
    key: Value,
    id: String,
    raw: Vec<u8>,
}

fn recorded() -> Vec<Recorded> {
    let items: Vec<Value> = serde_json::from_str(include_str!("../vectors/signatures.json")).unwrap();
    let read = |item: &Value| Recorded {
        number: item["type"].as_u64().unwrap(),
        key: item["key"].clone(),
        id: item["id"].as_str().unwrap().into(),
        raw: Base64::decode_vec(item["raw"].as_str().unwrap()).unwrap(),
    };
    items.iter().map(read).collect()
}

/// The item of this type that has a target, an anchor, tags and data.
fn item_of(number: u64) -> Vec<u8> {
    recorded().into_iter().rfind(|item| item.number == number).unwrap().raw
}

fn verify(raw: Vec<u8>, strict: bool) -> Verification {
    DataItem::parse(raw).unwrap().verify(strict)
}

/// Asserts that an item is never valid, and has this problem.
fn assert_refused(raw: Vec<u8>, problem: Problem) {
    let verification = verify(raw, false);
    assert!(!verification.valid, "{:?}", verification.problems);
    assert!(verification.problems.contains(&problem), "{:?}", verification.problems);
}

/// Asserts that only a lenient verification accepts an item, and that this is its only problem.
fn assert_lenient(raw: Vec<u8>, problem: Problem) {
    let verification = verify(raw.clone(), false);
    assert_eq!((verification.valid, verification.problems), (true, vec![problem]));
    assert!(!verify(raw, true).valid);
}

fn from_hex(text: &Value) -> Vec<u8> {
    let digits = text.as_str().unwrap().as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.map(byte).collect()
}

/// Ed25519 and ECDSA as RFC 6979 has it use no randomness.
struct NoRandom;

impl Random for NoRandom {
    fn fill(&self, _: &mut [u8]) -> Result<()> {
        panic!("this signature must not need randomness")
    }
}

#[test]
fn verify_accepts_the_items_of_arbundles() {
    let items = recorded();
    assert_eq!(items.len(), 12);
    for Recorded { number, id, raw, .. } in items {
        let item = DataItem::parse(raw).unwrap();
        assert_eq!(u64::from(item.head().signature_type().number()), number);
        assert_eq!(item.id().to_string(), id);
        let verification = item.verify(true);
        assert_eq!(
            (verification.valid, verification.problems),
            (true, vec![]),
            "type {number}"
        );
    }
}

#[test]
fn sign_makes_the_bytes_that_arbundles_makes() {
    for Recorded { number, key, raw, .. } in recorded() {
        let item = DataItem::parse(raw.clone()).unwrap();
        let ed25519 = |key: &Value| Ed25519Key::new(&from_hex(key)).unwrap();
        let ethereum = |key: &Value| EthereumKey::new(&from_hex(key)).unwrap();
        let made = match number {
            2 => signed(&item, &ed25519(&key)),
            3 => signed(&item, &ethereum(&key)),
            4 => signed(&item, &SolanaKey(ed25519(&key))),
            5 => signed(&item, &AptosKey(ed25519(&key))),
            6 => signed(&item, &multi_aptos(&key)),
            7 => signed(&item, &TypedEthereumKey(ethereum(&key))),
            other => panic!("no key for type {other}"),
        };
        assert_eq!(made, raw, "type {number}");
    }
}

/// The same item, signed again.
fn signed(item: &DataItem, key: &impl ItemKey) -> Vec<u8> {
    let head = item.head();
    let draft = Draft {
        target: <[u8; 32]>::try_from(head.target())
            .ok()
            .map(aoxide::arweave::Id::from_bytes),
        anchor: Some(head.anchor().to_vec()).filter(|anchor| !anchor.is_empty()),
        tags: head.tags().to_vec(),
    };
    DataItem::sign(&draft, item.data(), key, &NoRandom)
        .unwrap()
        .into_bytes()
}

/// Two of three keys sign: the first and the third.
fn multi_aptos(seeds: &Value) -> MultiAptosKey {
    let seeds = seeds.as_array().unwrap();
    let key = |index: usize| Ed25519Key::new(&from_hex(&seeds[index])).unwrap();
    let public = |index| <[u8; 32]>::try_from(key(index).owner().unwrap()).unwrap();
    MultiAptosKey::new(&[public(0), public(1), public(2)], 2, vec![key(0), key(2)]).unwrap()
}

#[test]
fn verify_refuses_an_item_after_any_bit_changed() {
    for number in 2..=7 {
        let good = item_of(number);
        let item = DataItem::parse(good.clone()).unwrap();
        // What is not used of a signature of type 6 is long, and all alike.
        let step = if number == 6 { 37 } else { 1 };
        let long = SIGNATURE..SIGNATURE + item.head().signature_type().signature_length();
        let places = (0..good.len()).filter(|place| !long.contains(place) || place % step == 0);
        for place in places {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[place] ^= 1 << bit;
                let valid = DataItem::parse(bad).is_ok_and(|item| item.verify(true).valid);
                assert!(!valid, "type {number}, bit {bit} of byte {place}");
            }
        }
    }
}

#[test]
fn verify_lists_another_recovery_id_as_a_problem() {
    for number in [3, 7] {
        let good = item_of(number);
        let v = SIGNATURE + 64;
        // Without the offset of 27, and with a chain in it.
        for same in [good[v] - 27, good[v] + 10] {
            let mut raw = good.clone();
            raw[v] = same;
            assert_lenient(raw, Problem::RecoveryId);
        }
        let mut other = good.clone();
        other[v] = 55 - good[v];
        // The owner of type 3 is a key, so the signature belongs to it all the same. That of type 7 is the address of the key
        // that the byte names.
        match number {
            3 => assert_lenient(other, Problem::RecoveryId),
            _ => assert_refused(other, Problem::Signature),
        }
    }
}

#[test]
fn verify_refuses_the_upper_half_of_s() {
    for number in [3, 7] {
        let mut raw = item_of(number);
        let s = SIGNATURE + 32..SIGNATURE + 64;
        let high = subtract(&ORDER, &raw[s.clone()]);
        raw[s].copy_from_slice(&high);
        let v = SIGNATURE + 64;
        raw[v] = 55 - raw[v];
        assert_refused(raw, Problem::HighS);
    }
}

/// The difference of two large numbers in big-endian bytes.
fn subtract(larger: &[u8; 32], smaller: &[u8]) -> [u8; 32] {
    let mut difference = [0; 32];
    let mut borrow = 0;
    for index in (0..32).rev() {
        let digit = i16::from(larger[index]) - i16::from(smaller[index]) - borrow;
        borrow = i16::from(digit < 0);
        difference[index] = digit.rem_euclid(256) as u8;
    }
    difference
}

#[test]
fn verify_lists_an_address_in_upper_case_as_a_problem() {
    // The owner is part of what is signed, so the item is signed with it. The address in the typed data is the same.
    struct UpperCase(TypedEthereumKey);
    impl ItemKey for UpperCase {
        fn signature_type(&self) -> aoxide::ans104::SignatureType {
            self.0.signature_type()
        }
        fn owner(&self) -> Result<Vec<u8>> {
            let owner = self.0.owner()?;
            Ok([b"0x".to_vec(), owner[2..].to_ascii_uppercase()].concat())
        }
        fn sign_hash(&self, hash: &aoxide::ans104::Hash, random: &impl Random) -> Result<Vec<u8>> {
            self.0.sign_hash(hash, random)
        }
    }
    let key = UpperCase(TypedEthereumKey(EthereumKey::new(&[7; 32]).unwrap()));
    let item = DataItem::sign(&Draft::default(), b"", &key, &NoRandom).unwrap();
    assert_lenient(item.into_bytes(), Problem::OwnerText);
}

#[test]
fn verify_refuses_several_keys_of_which_too_few_have_signed() {
    let good = item_of(6);
    // arbundles accepts an item that no key has signed.
    let mut nobody = good.clone();
    nobody[SIGNATURE..BITS + 4].fill(0);
    assert_refused(nobody, Problem::BelowThreshold);
    let mut one = good.clone();
    one[BITS] = 0b1000_0000;
    assert_refused(one, Problem::BelowThreshold);
    let mut third = good;
    third[BITS] = 0b1110_0000;
    assert_refused(third, Problem::Signature);
}

#[test]
fn verify_refuses_a_key_that_has_signed_twice() {
    let key = || Ed25519Key::new(&[9; 32]).unwrap();
    let public = <[u8; 32]>::try_from(key().owner().unwrap()).unwrap();
    // The owner has the same key in two places. One of them signs, and its signature is copied to the other.
    let signer = MultiAptosKey::new(&[public, public], 1, vec![key()]).unwrap();
    let mut raw = DataItem::sign(&Draft::default(), b"", &signer, &NoRandom)
        .unwrap()
        .into_bytes();
    assert!(verify(raw.clone(), true).valid);
    raw.copy_within(SIGNATURE..SIGNATURE + 64, SIGNATURE + 64);
    raw[BITS] = 0b1100_0000;
    assert_refused(raw, Problem::RepeatedSigner);
}

#[test]
fn verify_lists_bytes_in_the_place_of_a_missing_signature_as_a_problem() {
    let mut raw = item_of(6);
    raw[SIGNATURE + 64] = 1;
    assert_lenient(raw, Problem::UnusedSignature);
}

#[test]
fn verify_refuses_a_weak_key() {
    // The neutral element. For it, R = B and s = 1 is a signature of every message.
    let mut raw = item_of(2);
    let owner = SIGNATURE + 64..SIGNATURE + 96;
    raw[owner.clone()].fill(0);
    raw[owner.start] = 1;
    raw[SIGNATURE..SIGNATURE + 32].fill(0x66);
    raw[SIGNATURE] = 0x58;
    raw[SIGNATURE + 32..SIGNATURE + 64].fill(0);
    raw[SIGNATURE + 32] = 1;
    assert_refused(raw, Problem::WeakKey);
}

#[test]
fn verify_refuses_an_s_that_is_not_reduced() {
    let mut raw = item_of(2);
    // s plus the order of the curve.
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (byte, added) in raw[SIGNATURE + 32..SIGNATURE + 64].iter_mut().zip(order) {
        let sum = u16::from(*byte) + added + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    assert_refused(raw, Problem::Signature);
}

#[test]
fn keys_refuse_bytes_that_are_no_key() {
    for bytes in [&[][..], &[1; 31], &[1; 33], &[1; 64]] {
        assert!(Ed25519Key::new(bytes).is_err(), "{} bytes", bytes.len());
    }
    for bytes in [&[][..], &[1; 31], &[0; 32], &ORDER] {
        assert!(EthereumKey::new(bytes).is_err(), "{} bytes", bytes.len());
    }
    let key = || Ed25519Key::new(&[9; 32]).unwrap();
    let public = <[u8; 32]>::try_from(key().owner().unwrap()).unwrap();
    for (publics, threshold, keys) in [
        (vec![], 1, vec![]),
        (vec![public], 0, vec![key()]),
        (vec![public], 2, vec![key()]),
        (vec![public], 1, vec![]),
        (vec![[1; 32]], 1, vec![key()]),
        (vec![public; 33], 1, vec![key()]),
    ] {
        assert!(
            MultiAptosKey::new(&publics, threshold, keys).is_err(),
            "{threshold} of {}",
            publics.len()
        );
    }
}

#[test]
fn ethereum_addresses_have_the_checksum_of_eip_55() {
    // The first account of the words that every development tool starts with: "test test … junk".
    let key = from_hex(&"ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80".into());
    let public = EthereumKey::new(&key).unwrap().public_key();
    assert_eq!(
        address::node(SignatureType::Ethereum, &public).unwrap(),
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    );
    assert_eq!(
        address::compute_unit(&public),
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    );
    assert!(address::node(SignatureType::Ethereum, &public[1..]).is_err());
}

#[test]
fn recover_public_key_finds_the_key_of_a_signed_message() {
    // arbundles signs the deep hash as a wallet signs a message.
    let item = DataItem::parse(item_of(3)).unwrap();
    let hash = item.head().deep_hash(aoxide::ans104::DataDigest::of(item.data()));
    let recovered = ethereum::recover_public_key(&hash, item.head().signature()).unwrap();
    assert_eq!(recovered, item.head().owner());
    for bad in [&item.head().signature()[..64], &[0; 65], &[]] {
        assert!(ethereum::recover_public_key(&hash, bad).is_err());
    }
}
