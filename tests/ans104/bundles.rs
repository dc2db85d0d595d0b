//! Bundles: what is made is read back, and each broken rule is refused by its code.

use std::fs;
use std::path::PathBuf;

use aoxide::ans104::{Bundle, BundleHeader, DataItem, MAX_BUNDLE_ITEMS};
use aoxide::error::{Detail, Error};

/// Valid items of the recorded vectors.
fn items() -> Vec<DataItem> {
    ["00.bin", "01.bin", "19.bin", "21.bin"]
        .map(|name| {
            let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/items");
            DataItem::parse(fs::read(path.join(name)).unwrap()).unwrap()
        })
        .into()
}

fn rule(error: Error) -> String {
    let rule = error.details().iter().find(|(name, _)| *name == "rule");
    match rule {
        Some((_, Detail::Text(code))) => format!("{} {code}", error.kind().code()),
        _ => format!("{} without a rule", error.kind().code()),
    }
}

fn refusal(raw: Vec<u8>) -> String {
    rule(Bundle::parse(raw).expect_err("is no bundle"))
}

/// Where item `index` stands in the header.
fn entry(index: usize) -> usize {
    32 + index * 64
}

#[test]
fn a_bundle_of_recorded_items_is_read_back() {
    let items = items();
    let made = Bundle::of(&items).unwrap();
    let read = Bundle::parse(made.as_bytes().to_vec()).unwrap();
    assert_eq!(read.header(), made.header());
    assert_eq!(read.header().to_bytes(), made.as_bytes()[..entry(items.len())]);
    for (index, item) in items.iter().enumerate() {
        assert_eq!(read.item(index).unwrap().unwrap().as_bytes(), item.as_bytes());
        assert_eq!(read.get(item.id()).unwrap().unwrap().id(), item.id());
    }
    assert!(read.item(items.len()).unwrap().is_none());
}

#[test]
fn an_empty_bundle_is_32_zeros() {
    let made = Bundle::of(&[]).unwrap();
    assert_eq!(made.as_bytes(), [0; 32]);
    assert!(Bundle::parse(vec![0; 32]).unwrap().header().entries().is_empty());
    assert_eq!(refusal(vec![0; 33]), "BAD_ITEM SIZE_SUM");
}

#[test]
fn a_header_that_is_cut_short_is_refused() {
    let raw = Bundle::of(&items()).unwrap().as_bytes().to_vec();
    assert_eq!(refusal(raw[..31].to_vec()), "BAD_ITEM HEADER_CUT");
    let cut = BundleHeader::parse(&raw[..entry(1)], raw.len() as u64);
    assert_eq!(rule(cut.unwrap_err()), "BAD_ITEM HEADER_CUT");
}

#[test]
fn more_items_than_the_bytes_could_hold_are_refused_before_memory_is_allocated() {
    let raw = Bundle::of(&items()).unwrap().as_bytes().to_vec();
    for at in [3, 7, 8, 31] {
        let mut forged = raw.clone();
        forged[at] = 1;
        assert_eq!(refusal(forged), "BAD_ITEM ITEM_COUNT");
    }
    let mut start = [0; 32];
    start[..8].copy_from_slice(&(MAX_BUNDLE_ITEMS + 1).to_le_bytes());
    let error = BundleHeader::length_within(&start, u64::MAX).unwrap_err();
    assert_eq!(rule(error), "BAD_ITEM ITEM_COUNT");
}

#[test]
fn sizes_that_no_item_has_are_refused() {
    let raw = Bundle::of(&items()).unwrap().as_bytes().to_vec();
    // Too long, and more than 64 bits.
    for at in [7, 8, 31] {
        let mut forged = raw.clone();
        forged[entry(1) + at] = 1;
        assert_eq!(refusal(forged), "BAD_ITEM ITEM_SIZE");
    }
    let mut empty = raw;
    empty[entry(1)..entry(1) + 8].fill(0);
    assert_eq!(refusal(empty), "BAD_ITEM ITEM_SIZE");
}

#[test]
fn sizes_that_do_not_sum_to_the_length_are_refused() {
    let raw = Bundle::of(&items()).unwrap().as_bytes().to_vec();
    assert_eq!(refusal([&raw[..], &[0]].concat()), "BAD_ITEM SIZE_SUM");
    assert_eq!(refusal(raw[..raw.len() - 1].to_vec()), "BAD_ITEM SIZE_SUM");
}

#[test]
fn an_item_that_the_header_gives_another_id_is_refused_when_it_is_read() {
    let mut raw = Bundle::of(&items()).unwrap().as_bytes().to_vec();
    raw[entry(1) + 32] ^= 1;
    let bundle = Bundle::parse(raw).unwrap();
    assert!(bundle.item(0).unwrap().is_some());
    assert_eq!(rule(bundle.item(1).unwrap_err()), "BAD_ITEM ITEM_ID");
}

#[test]
fn no_prefix_and_no_changed_byte_of_the_header_panics() {
    let raw = Bundle::of(&items()).unwrap().as_bytes().to_vec();
    for end in 0..raw.len() {
        assert!(Bundle::parse(raw[..end].to_vec()).is_err());
    }
    for at in 0..entry(4) {
        for change in [1, 0x80, 0xff] {
            let mut changed = raw.clone();
            changed[at] ^= change;
            if let Ok(bundle) = Bundle::parse(changed) {
                for index in 0..5 {
                    let _ = bundle.item(index);
                }
            }
        }
    }
}
