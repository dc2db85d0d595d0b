//! Multipart bodies of any bytes, as a node sends nested messages.
#![no_main]

use aoxide::httpsig::{Context, Fields, Received};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let mut fields = Fields::new();
    fields.add("content-type", "multipart/form-data; boundary=\"b\"");
    fields.add("body-keys", "\"a\", \"b\", \"c/d\"");
    let context = Context {
        fields: Some(&fields),
        ..Context::default()
    };
    if let Ok(received) = Received::new(&context, body, 0) {
        received.decode();
    }
});
