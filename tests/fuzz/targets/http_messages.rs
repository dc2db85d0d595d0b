//! HTTP messages of any header lines and any body: `name: value` lines, an empty line, the body.
#![no_main]

use aoxide::httpsig::{Context, Dialect, Encoded, Fields, Key, Received};
use libfuzzer_sys::fuzz_target;

/// Seconds since 1970.
const NOW: u64 = 1_764_000_000;

fuzz_target!(|bytes: &[u8]| {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let mut fields = Fields::new();
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        if let Ok(name) = std::str::from_utf8(&line[..colon]) {
            fields.add(name, &line[colon + 1..]);
        }
    }
    let context = Context {
        fields: Some(&fields),
        method: Some("POST"),
        url: Some("https://node.example/path?name=value"),
        ..Context::default()
    };
    let Ok(mut received) = Received::new(&context, body, NOW) else {
        return;
    };
    for claim in &mut received.claims {
        // RSA takes a millisecond; the target `signatures` runs it.
        match claim.key {
            Key::Modulus(_) => claim.conclude(claim.bases.len().checked_sub(1)),
            _ => claim.verify(),
        };
    }
    let decoded = received.decode();
    for dialect in [Dialect::November2025, Dialect::September2025] {
        let _ = Encoded::new(&decoded.message, dialect);
    }
});
