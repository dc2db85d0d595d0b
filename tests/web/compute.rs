//! Process modules on the browser's WebAssembly engine, compared with the interpreter.

use aoxide::ErrorKind;
use aoxide::compute::{Engine, Format, Module, Process, Wasmi};
use aoxide::web::Native;
use wasm_bindgen_test::wasm_bindgen_test;

/// A module that counts its messages in its memory and outputs the count as one digit. A message that starts with `"t` ends in
/// a trap.
const COUNTER: &str = r#"
(module
  (memory (export "memory") 1)
  (data (i32.const 1024) "{\"ok\":true,\"response\":{\"Output\":\"0\"}}\00")
  (func (export "malloc") (param i32) (result i32)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (i32.mul (i32.load (i32.const 0)) (i32.const 4096)))
  (func (export "free") (param i32)
    (i32.store (i32.const 0) (i32.sub (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "handle") (param $message i32) (param i32) (result i32)
    (if (i32.eq (i32.load8_u offset=1 (local.get $message)) (i32.const 0x74)) (then (unreachable)))
    (i32.store8 (i32.const 1057) (i32.add (i32.load8_u (i32.const 1057)) (i32.const 1)))
    (i32.const 1024)))
"#;

pub fn counter() -> Vec<u8> {
    wat::parse_str(COUNTER).unwrap()
}

fn module(engine: &dyn Engine) -> Module {
    Module::load(engine, &counter(), None).unwrap()
}

fn output(process: &mut Process, message: &str) -> String {
    let evaluation = process.handle(message).unwrap();
    evaluation.parts.output.unwrap().get().to_owned()
}

#[wasm_bindgen_test]
fn a_module_runs_on_the_browsers_engine_and_keeps_its_state() {
    let module = module(&Native);
    assert_eq!((module.format(), module.engine()), (Format::Plain, "native"));
    let mut process = module.instantiate("{}").unwrap();
    for expected in ["\"1\"", "\"2\"", "\"3\""] {
        assert_eq!(output(&mut process, "{}"), expected);
    }
}

#[wasm_bindgen_test]
fn processes_of_one_module_do_not_share_memory() {
    let module = module(&Native);
    let mut first = module.instantiate("{}").unwrap();
    let mut second = module.instantiate("{}").unwrap();
    assert_eq!(output(&mut first, "{}"), "\"1\"");
    assert_eq!(output(&mut first, "{}"), "\"2\"");
    assert_eq!(output(&mut second, "{}"), "\"1\"");
}

#[wasm_bindgen_test]
fn a_dryrun_leaves_the_process_as_it_was() {
    let mut process = module(&Native).instantiate("{}").unwrap();
    let before = process.memory_hash().unwrap();
    assert_eq!(process.dryrun("{}").unwrap().parts.output.unwrap().get(), "\"1\"");
    assert_eq!(process.memory_hash().unwrap(), before);
    assert_eq!(output(&mut process, "{}"), "\"1\"");
}

#[wasm_bindgen_test]
fn a_trap_is_an_error_and_the_process_continues_from_the_state_before_it() {
    let mut process = module(&Native).instantiate("{}").unwrap();
    assert_eq!(output(&mut process, "{}"), "\"1\"");
    assert_eq!(process.handle("\"t\"").unwrap_err().kind(), ErrorKind::EngineTrap);
    assert_eq!(output(&mut process, "{}"), "\"2\"");
}

#[wasm_bindgen_test]
fn both_engines_have_the_same_memory_after_the_same_messages() {
    let mut hashes = Vec::new();
    for engine in [&Native as &dyn Engine, &Wasmi::new()] {
        let mut process = module(engine).instantiate("{}").unwrap();
        for message in ["{}", "{\"Id\":\"a\"}", "[]"] {
            process.handle(message).unwrap();
        }
        hashes.push((process.memory_hash().unwrap(), process.snapshot().unwrap()));
    }
    assert_eq!(hashes[0], hashes[1]);
}

#[wasm_bindgen_test]
fn a_snapshot_of_one_engine_continues_on_the_other() {
    for (from, to) in [
        (&Native as &dyn Engine, &Wasmi::new() as &dyn Engine),
        (&Wasmi::new(), &Native),
    ] {
        let mut process = module(from).instantiate("{}").unwrap();
        process.handle("{}").unwrap();
        let snapshot = process.snapshot().unwrap();
        let mut resumed = module(to).resume("{}", &snapshot).unwrap();
        assert_eq!(output(&mut resumed, "{}"), "\"2\"");
    }
}

#[wasm_bindgen_test]
fn bytes_that_are_not_a_module_are_refused() {
    for bytes in [&b""[..], b"\0asm", b"\0asm\x01\0\0\0", b"<html>"] {
        let error = Module::load(&Native, bytes, None).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::BadModule, "{bytes:?}");
    }
}

#[wasm_bindgen_test]
fn a_cut_snapshot_is_refused() {
    let module = module(&Native);
    let mut process = module.instantiate("{}").unwrap();
    let snapshot = process.snapshot().unwrap();
    let error = module.resume("{}", &snapshot[..snapshot.len() - 1]).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::BadSnapshot);
}
