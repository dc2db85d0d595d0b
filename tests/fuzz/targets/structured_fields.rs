//! Structured fields (RFC 8941) of any bytes: their canonical form is a fixed point.
#![no_main]

use aoxide::httpsig::canonical;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(once) = canonical(bytes) {
        assert_eq!(canonical(once.as_bytes()).as_ref(), Some(&once));
    }
});
