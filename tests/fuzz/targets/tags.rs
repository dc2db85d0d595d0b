//! Tag sections of any bytes. The first two bytes are the count that the item states.
#![no_main]

use aoxide::ans104::{Head, MAX_READ_TAGS};
use libfuzzer_sys::fuzz_target;

/// Bytes of an item of type 2 before the count of its tags.
const BEFORE: usize = 2 + 64 + 32 + 2;

fuzz_target!(|bytes: &[u8]| {
    let Some((count, section)) = bytes.split_first_chunk() else {
        return;
    };
    let count = u16::from_le_bytes(*count);
    let mut item = vec![0; BEFORE];
    item[0] = 2;
    item.extend_from_slice(&u64::from(count).to_le_bytes());
    item.extend_from_slice(&(section.len() as u64).to_le_bytes());
    item.extend_from_slice(section);
    let Ok(parsed) = Head::parse(&item) else {
        return;
    };
    let tags = parsed.head.tags();
    assert_eq!(tags.len(), usize::from(count));
    assert!(tags.len() as u64 <= MAX_READ_TAGS);
    let text: usize = tags.iter().map(|tag| tag.name.len() + tag.value.len()).sum();
    assert!(text <= section.len());
});
