//! Responses of legacy units and of HyperBEAM nodes: schedules, assignments, evaluations.
#![no_main]

use aoxide::protocol::{Evaluation, Json, JsonTree, slot_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(json) = Json::new(text.into()) else {
        return;
    };
    let _ = json.parse::<Evaluation>();
    let _ = Evaluation::within(&json);
    let Ok(tree) = json.tree() else {
        return;
    };
    let edges = tree.at(&["edges"]).and_then(JsonTree::list).unwrap_or_default();
    for scheduled in std::iter::once(&tree).chain(edges.iter().filter_map(|edge| edge.get("node"))) {
        let _ = slot_of(scheduled);
        for part in ["message", "assignment"] {
            if let Some(part) = scheduled.get(part) {
                part.tags();
            }
        }
    }
});
