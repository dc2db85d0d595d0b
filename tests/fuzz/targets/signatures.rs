//! Signatures of any bytes: whatever `strict` accepts, lenient verification accepts without a problem.
#![no_main]

use aoxide::ans104::{DataItem, Problem};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(item) = DataItem::parse(bytes.to_vec()) else {
        return;
    };
    let (strict, lenient) = (item.verify(true), item.verify(false));
    assert_eq!(strict.problems, lenient.problems);
    assert!(!strict.valid || lenient.valid, "strict accepts, lenient refuses");
    assert_eq!(strict.valid, lenient.problems.is_empty());
    for never in [
        Problem::Signature,
        Problem::UnsupportedType,
        Problem::HighS,
        Problem::WeakKey,
        Problem::BelowThreshold,
        Problem::RepeatedSigner,
    ] {
        assert!(
            !(lenient.valid && lenient.problems.contains(&never)),
            "{never:?} is valid"
        );
    }
});
