//! Data items of any bytes: reading them, and writing again what was read.
#![no_main]

use aoxide::ans104::{DataItem, Draft, Head, MAX_READ_SECTION, MAX_READ_TAGS};
use aoxide::arweave::Id;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let needed = Head::length_within(bytes);
    let Ok(item) = DataItem::parse(bytes.to_vec()) else {
        return;
    };
    let head = item.head();
    assert_eq!(
        needed.ok(),
        Some(head.as_bytes().len()),
        "length_within and parse disagree"
    );
    assert_eq!(item.as_bytes(), bytes);
    assert_eq!([head.as_bytes(), item.data()].concat(), bytes);
    assert!(head.tags().len() as u64 <= MAX_READ_TAGS);
    assert!(head.as_bytes().len() as u64 <= MAX_READ_SECTION + 4096);
    // A reader of a large item loads its head in steps. No step may need more than the head.
    for end in [0, 1, 2, 66, 98, head.as_bytes().len() - 1] {
        let step = Head::length_within(&bytes[..end.min(bytes.len())]);
        assert!(step.is_ok_and(|length| length <= head.as_bytes().len()));
    }
    if !item.problems().is_empty() {
        return;
    }
    let draft = Draft {
        target: <[u8; 32]>::try_from(head.target()).ok().map(Id::from_bytes),
        anchor: Some(head.anchor().to_vec()).filter(|anchor| !anchor.is_empty()),
        tags: head.tags().to_vec(),
    };
    let mut again = draft
        .head(head.signature_type(), head.owner())
        .expect("an item without problems can be written");
    again.set_signature(head.signature()).expect("the same length");
    assert_eq!(again.as_bytes(), head.as_bytes());
});
