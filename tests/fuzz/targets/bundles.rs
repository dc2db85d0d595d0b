//! Bundles of any bytes: reading the header, and the items that it names.
#![no_main]

use aoxide::ans104::{Bundle, BundleHeader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let total = bytes.len() as u64;
    let needed = BundleHeader::length_within(bytes, total);
    let Ok(bundle) = Bundle::parse(bytes.to_vec()) else {
        return;
    };
    let entries = bundle.header().entries();
    let written = bundle.header().to_bytes();
    assert_eq!(needed.ok(), Some(written.len() as u64));
    assert_eq!(written, bytes[..written.len()]);
    let mut at = written.len() as u64;
    for (index, entry) in entries.iter().enumerate() {
        assert_eq!(entry.range.start, at, "item {index} is not behind the one before it");
        at = entry.range.end;
        match bundle.item(index).transpose() {
            Some(Ok(item)) => {
                assert_eq!(item.id(), entry.id);
                assert_eq!(item.as_bytes(), &bytes[entry.range.start as usize..at as usize]);
            }
            Some(Err(_)) => {}
            None => panic!("item {index} is in the header, and is not found"),
        }
    }
    assert_eq!(at, total);
    assert!(matches!(bundle.item(entries.len()), Ok(None)));
});
