//! Snapshots and checkpoints of any bytes. The seal, the hash of the module and the compression are made here, since the fuzzer
//! cannot guess them: the first byte says what of it.
#![no_main]

use std::cell::OnceCell;

use aoxide::compute::{Limits, Module, Wasmi};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};

const MODULE: &str = r#"(module
  (memory (export "memory") 1)
  (data (i32.const 1024) "{\"ok\":true,\"response\":{\"Output\":\"\"}}\00")
  (func (export "malloc") (param i32) (result i32) (i32.const 64))
  (func (export "handle") (param i32 i32) (result i32) (i32.const 1024)))"#;

const PAGE: usize = 4096;

thread_local! {
    static LOADED: OnceCell<Module> = const { OnceCell::new() };
}

fuzz_target!(|bytes: &[u8]| {
    LOADED.with(|loaded| run(loaded.get_or_init(load), bytes));
});

fn load() -> Module {
    let limits = Limits {
        compute: 1_000_000,
        memory: 1 << 20,
        stop: None,
    };
    let binary = wat::parse_str(MODULE).expect("the module is valid");
    Module::load_within(&Wasmi::new(), &binary, None, limits).expect("the module is valid")
}

fn run(module: &Module, bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let restored = match kind % 5 {
        0 => module.resume("{}", rest),
        1 => module.resume("{}", &sealed(module, rest)),
        2 => match rest.split_at_checked(20) {
            Some((numbers, pages)) => {
                module.resume("{}", &sealed(module, &[numbers, &stored(&numbered(pages))].concat()))
            }
            None => return,
        },
        3 => module.resume_checkpoint("{}", rest),
        _ => module.resume_checkpoint("{}", &filled(rest).concat()),
    };
    let Ok(mut process) = restored else {
        return;
    };
    // What was read can be used, written and read again.
    let _ = process.handle("{}");
    let snapshot = process.snapshot().expect("a process has a state");
    let mut again = module.resume("{}", &snapshot).expect("a snapshot of our own");
    assert_eq!(again.snapshot().expect("a process has a state"), snapshot);
}

/// A snapshot of the module: its beginning, the given bytes, its seal.
fn sealed(module: &Module, bytes: &[u8]) -> Vec<u8> {
    let body = [&b"aoxs\x01"[..], &module.hash(), bytes].concat();
    let seal = Sha256::digest(&body);
    [&body[..], &seal].concat()
}

/// Pages of one repeated byte.
fn filled(bytes: &[u8]) -> Vec<[u8; PAGE]> {
    bytes.iter().take(300).map(|byte| [*byte; PAGE]).collect()
}

/// Pages with numbers: four bytes for the number, one that fills the page.
fn numbered(bytes: &[u8]) -> Vec<u8> {
    let pages = bytes.chunks_exact(5).take(300);
    pages.flat_map(|page| [&page[..4], &[page[4]; PAGE]].concat()).collect()
}

/// Deflated without compression (RFC 1951 section 3.2.4).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::new();
    for block in bytes.chunks(0xffff) {
        let length = block.len() as u16;
        blocks.push(0);
        blocks.extend_from_slice(&length.to_le_bytes());
        blocks.extend_from_slice(&(!length).to_le_bytes());
        blocks.extend_from_slice(block);
    }
    blocks.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    blocks
}
