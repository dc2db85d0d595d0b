//! One small module of each format: how the loader recognises, starts and calls it.

use std::rc::Rc;

use aoxide::ErrorKind;
use aoxide::compute::{Format, Limits, Module, Process, ProcessEvaluation, Wasmi, WeaveDrive};

fn load(wat: &str) -> Module {
    Module::load(&Wasmi::new(), &wat::parse_str(wat).unwrap(), None).unwrap()
}

fn output(evaluation: &ProcessEvaluation) -> &str {
    evaluation.parts.output.as_ref().unwrap().get()
}

fn output_after(process: &mut Process, message: &str) -> String {
    output(&process.handle(message).unwrap()).to_owned()
}

const ANSWER: &str = r#"(data (i32.const 1024) "{\"ok\":true,\"response\":{\"Output\":\"0\"}}\00")"#;

/// A module with minified names, a `main` function, and its own gas counter.
const LETTERS: &str = r#"
(module
  (import "a" "x" (func $invoke (param i32 i32 i32)))
  (import "a" "p" (func $throw))
  (import "a" "b" (func $set (param i32)))
  (import "a" "h" (func $get (result i32)))
  (import "metering" "usegas" (func $gas (param i32)))
  (memory (export "E") 2)
  (global $stack (mut i32) (i32.const 65536))
  (table (export "I") 2 funcref)
  (elem (i32.const 1) $fails)
  ANSWER
  (func (export "F"))
  (func (export "H") (param i32 i32) (result i32) (i32.store8 (i32.const 1057) (i32.const 0x6d)) (i32.const 0))
  (func (export "J") (param i32) (result i32) (i32.const 0))
  (func (export "L") (param i32 i32) (i32.store8 (i32.const 1057) (i32.add (i32.const 0x30) (local.get 0))))
  (func (export "M") (result i32) (global.get $stack))
  (func (export "N") (param i32) (global.set $stack (local.get 0)))
  (func (export "O") (param i32) (result i32)
    (global.set $stack (i32.sub (global.get $stack) (local.get 0))) (global.get $stack))
  (func $fails (param i32 i32) (call $set (local.get 1)) (call $throw))
  (func (export "G") (param $message i32) (param i32) (result i32)
    (call $gas (i32.const 1000))
    (if (i32.eq (i32.load8_u offset=1 (local.get $message)) (i32.const 0x6a))
      (then (call $invoke (i32.const 1) (i32.const 7) (i32.const 8))
        (if (i32.ne (call $get) (i32.const 8)) (then (unreachable)))))
    (if (i32.eq (i32.load8_u offset=1 (local.get $message)) (i32.const 0x6c))
      (then (loop $forever (call $gas (i32.const 1)) (br $forever))))
    (i32.const 1024)))
"#;

#[test]
fn handle_runs_a_module_with_minified_names() {
    let limits = Limits {
        compute: 100_000,
        ..Limits::default()
    };
    let letters = wat::parse_str(LETTERS.replace("ANSWER", ANSWER)).unwrap();
    let module = Module::load_within(&Wasmi::new(), &letters, None, limits).unwrap();
    assert_eq!(module.format(), Format::Emscripten);
    let mut process = module.instantiate("{}").unwrap();
    // The letter m shows that `main` ran.
    assert_eq!(output_after(&mut process, "\"-\""), "\"m\"");
    let evaluation = process.handle("\"jump\"").unwrap();
    assert_eq!(output(&evaluation), "\"1\"");
    assert_eq!(evaluation.gas_used, 1000);
    assert_eq!(process.handle("\"loop\"").unwrap_err().kind(), ErrorKind::OutOfGas);
    assert_eq!(output_after(&mut process, "\"-\""), "\"1\"");
    let snapshot = process.snapshot().unwrap();
    assert_eq!(
        output_after(&mut module.resume("{}", &snapshot).unwrap(), "\"-\""),
        "\"1\""
    );
}

#[test]
fn handle_runs_a_wasi_command() {
    let wat = r#"
    (module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i64 i64 i64) (result i32)))
      (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i64) (result i32)))
      (memory (export "memory") i64 1)
      ANSWER
      (global $heap (mut i64) (i64.const 8192))
      (func (export "malloc") (param i64) (result i64)
        (global.set $heap (i64.add (global.get $heap) (local.get 0)))
        (i64.sub (global.get $heap) (local.get 0)))
      (func (export "_start") (i64.store (i64.const 0) (i64.const 77)) (call $exit (i32.const 0)))
      (func (export "handle") (param i64 i64) (result i64)
        ;; Two buffers of 5 and 6 bytes are said to be written whole.
        (i64.store (i64.const 24) (i64.const 5))
        (i64.store (i64.const 40) (i64.const 6))
        (drop (call $write (i32.const 1) (i64.const 16) (i64.const 2) (i64.const 64)))
        (if (i64.ne (i64.load (i64.const 64)) (i64.const 11)) (then (unreachable)))
        (if (i64.ne (i64.load (i64.const 0)) (i64.const 77)) (then (unreachable)))
        (drop (call $time (i32.const 0) (i64.const 0) (i64.const 72)))
        (if (i64.ne (i64.load (i64.const 72)) (i64.const 10000000000)) (then (unreachable)))
        (i64.const 1024)))
    "#;
    let module = load(&wat.replace("ANSWER", &ANSWER.replace("i32.const", "i64.const")));
    assert_eq!(module.format(), Format::Wasi);
    let mut process = module.instantiate("{}").unwrap();
    assert_eq!(output(&process.dryrun("{}").unwrap()), "\"0\"");
    // The clock is part of the state: a dryrun does not advance it.
    assert_eq!(output_after(&mut process, "{}"), "\"0\"");
    assert_eq!(process.handle("{}").unwrap_err().kind(), ErrorKind::EngineTrap);
}

#[test]
fn handle_runs_a_module_without_imports() {
    let wat = r#"
    (module
      (memory (export "memory") 1)
      ANSWER
      (func (export "malloc") (param $length i32) (result i32)
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
        (i32.mul (i32.load (i32.const 0)) (i32.const 4096)))
      (func (export "free") (param i32)
        (i32.store (i32.const 0) (i32.sub (i32.load (i32.const 0)) (i32.const 1))))
      (func (export "handle") (param i32 i32) (result i32)
        (i32.store8 (i32.const 1057) (i32.load8_u offset=1 (local.get 0)))
        (i32.const 1024)))
    "#;
    let module = load(&wat.replace("ANSWER", ANSWER));
    assert_eq!(module.format(), Format::Plain);
    let mut process = module.instantiate("{}").unwrap();
    for letter in ["a", "b", "c"] {
        // The host frees what it allocates. If it did not, the third message would not fit.
        assert_eq!(
            output_after(&mut process, &format!("\"{letter}\"")),
            format!("\"{letter}\"")
        );
    }
}

#[test]
fn weavedrive_files_are_read_by_the_module() {
    struct Drive;
    impl WeaveDrive for Drive {
        fn file(&self, path: &str) -> Option<Vec<u8>> {
            (path == "/data/x").then(|| b"?Z".to_vec())
        }
    }
    let wat = r#"
    (module
      (import "env" "__asyncjs__weavedrive_open" (func $open (param i32 i32) (result i32)))
      (import "env" "__asyncjs__weavedrive_read" (func $read (param i32 i32 i32) (result i32)))
      (import "env" "__asyncjs__weavedrive_close" (func $close (param i32) (result i32)))
      (import "env" "__syscall_openat" (func $openat (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      ANSWER
      (data (i32.const 64) "/data/x\00r\00")
      (func (export "malloc") (param i32) (result i32) (i32.const 4096))
      (func (export "handle") (param i32 i32) (result i32) (local $file i32)
        (if (i32.ne (call $openat (i32.const 0) (i32.const 64) (i32.const 0) (i32.const 0)) (i32.const -44))
          (then (unreachable)))
        (local.set $file (call $open (i32.const 64) (i32.const 72)))
        (if (local.get $file) (then
          (drop (call $read (local.get $file) (i32.const 1057) (i32.const 1)))
          (drop (call $read (local.get $file) (i32.const 1057) (i32.const 1)))
          (drop (call $close (local.get $file)))))
        (i32.const 1024)))
    "#;
    let mut module = load(&wat.replace("ANSWER", ANSWER));
    assert_eq!(output_after(&mut module.instantiate("{}").unwrap(), "{}"), "\"0\"");
    module.set_weavedrive(Rc::new(Drive));
    assert_eq!(output_after(&mut module.instantiate("{}").unwrap(), "{}"), "\"Z\"");
}

/// `tests/js/metering.test.mjs` compares the gas with that of a module that the network's own tool metered.
#[test]
fn metered_formats_use_gas_and_end_at_the_limit() {
    let limits = Limits {
        compute: 100_000,
        ..Limits::default()
    };
    let wat = r#"
      (module (memory (export "memory") 1)
        (func (export "__wasm_call_ctors"))
        (func (export "malloc") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 64)))
        (func (export "handle") (param $message i32) (param i32) (result i32)
          (if (i32.eq (i32.load8_u offset=1 (local.get $message)) (i32.const 0x6c))
            (then (loop $forever (br $forever))))
          (i32.const 1024))
        ANSWER)"#;
    let bytes = wat::parse_str(wat.replace("ANSWER", ANSWER)).unwrap();
    let metered = "wasm32-unknown-emscripten-metering";
    let module = Module::load_within(&Wasmi::new(), &bytes, Some(metered), limits).unwrap();
    let mut process = module.instantiate("{}").unwrap();
    let evaluation = process.handle("\"-\"").unwrap();
    // The cost of `malloc`, which is called twice, and of `handle`: its instructions up to `if`, and the rest. Both include the
    // cost of the metering itself.
    let malloc = 120 + 1 + 45 + 91;
    let handle = (120 + 120 + 1 + 45 + 1 + 91) + (1 + 91);
    assert_eq!(evaluation.gas_used, 2 * malloc + handle);
    assert_eq!(process.handle("\"l\"").unwrap_err().kind(), ErrorKind::OutOfGas);
    assert_eq!(process.handle("\"-\"").unwrap().gas_used, evaluation.gas_used);
}
