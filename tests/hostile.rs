//! Modules that mean harm, or are broken: each ends in a typed error; none in a panic, and none never.
#![cfg(not(target_family = "wasm"))]

#[path = "compute/support.rs"]
mod support;

use std::time::{Duration, Instant};

use aoxide::compute::{Limits, Module, Process, Stop, Wasmi};
use aoxide::{Error, ErrorKind};

/// A module that does what the second byte of its message says. `count` counts in memory, and answers.
const HOSTILE: &str = r#"
(module
  (import "env" "invoke_v" (func $invoke (param i32)))
  (import "env" "_emscripten_throw_longjmp" (func $throw))
  (memory (export "memory") 2)
  (global $stack (mut i32) (i32.const 65536))
  (table (export "__indirect_function_table") 3 funcref)
  (elem (i32.const 1) $nest $throw)
  (data (i32.const 1024) "{\"ok\":true,\"response\":{\"Output\":\"0\"}}\00")
  (data (i32.const 2048) "{\"ok\":true,\"response\":{\"Output\":\"\ff\c0\"}}\00")
  (data (i32.const 2500) "\ff\fe\00")
  (func (export "stackSave") (result i32) (global.get $stack))
  (func (export "stackRestore") (param i32) (global.set $stack (local.get 0)))
  (func (export "stackAlloc") (param i32) (result i32)
    (global.set $stack (i32.sub (global.get $stack) (local.get 0)))
    (global.get $stack))
  (func (export "setThrew") (param i32 i32))
  (func $nest (call $invoke (i32.const 1)))
  (func $deep (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0))))
  (func (export "handle") (param $message i32) (param i32) (result i32)
    (local $what i32)
    (local.set $what (i32.load8_u offset=1 (local.get $message)))
    ;; Whatever it does next, it has done something.
    (i32.store8 (i32.const 1057) (i32.add (i32.load8_u (i32.const 1057)) (i32.const 1)))
    (if (i32.eq (local.get $what) (i32.const 0x6c)) (then (loop $forever (br $forever))))
    (if (i32.eq (local.get $what) (i32.const 0x6d))
      (then (loop $more (drop (memory.grow (i32.const 16))) (br $more))))
    (if (i32.eq (local.get $what) (i32.const 0x67)) (then (drop (memory.grow (i32.const 1)))))
    (if (i32.eq (local.get $what) (i32.const 0x72)) (then (drop (call $deep (i32.const 0)))))
    (if (i32.eq (local.get $what) (i32.const 0x6e)) (then (call $nest)))
    (if (i32.eq (local.get $what) (i32.const 0x6a)) (then (call $throw)))
    (if (i32.eq (local.get $what) (i32.const 0x76)) (then (call $invoke (i32.const 2))))
    (if (i32.eq (local.get $what) (i32.const 0x69)) (then (call $invoke (i32.const 77))))
    (if (i32.eq (local.get $what) (i32.const 0x6f)) (then (return (i32.const -8))))
    (if (i32.eq (local.get $what) (i32.const 0x65))
      (then (i32.store8 (i32.const 131071) (i32.const 65)) (return (i32.const 131071))))
    (if (i32.eq (local.get $what) (i32.const 0x75)) (then (return (i32.const 2500))))
    (if (i32.eq (local.get $what) (i32.const 0x62)) (then (return (i32.const 2048))))
    (if (i32.eq (local.get $what) (i32.const 0x74)) (then (unreachable)))
    (if (i32.eq (local.get $what) (i32.const 0x78)) (then (drop (i64.load (i32.const -4)))))
    (if (i32.eq (local.get $what) (i32.const 0x7a)) (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
    (if (i32.eq (local.get $what) (i32.const 0x73)) (then (global.set $stack (i32.const 16))))
    (i32.const 1024)))
"#;

fn module(wat: &str, stop: Option<Stop>) -> Result<Module, Error> {
    let limits = Limits {
        compute: 40_000_000,
        memory: 16 << 20,
        stop,
    };
    Module::load_within(&Wasmi::new(), &wat::parse_str(wat).unwrap(), None, limits)
}

fn output(process: &mut Process, message: &str) -> String {
    let evaluation = process.handle(message).unwrap();
    evaluation.parts.output.unwrap().get().to_owned()
}

#[test]
fn harm_is_an_error_and_the_process_is_as_before() {
    let harm = [
        ("loop", ErrorKind::OutOfGas),
        ("memory", ErrorKind::OutOfMemory),
        ("recursion", ErrorKind::EngineTrap),
        ("nested", ErrorKind::EngineTrap),
        ("jump", ErrorKind::EngineTrap),
        ("invalid index", ErrorKind::EngineTrap),
        ("outside", ErrorKind::EngineTrap),
        ("endless text", ErrorKind::EngineTrap),
        ("utf-8", ErrorKind::EngineTrap),
        ("trap", ErrorKind::EngineTrap),
        ("x: load outside", ErrorKind::EngineTrap),
        ("zero divides", ErrorKind::EngineTrap),
    ];
    for stop in [None, Some(Stop::new())] {
        let mut process = module(HOSTILE, stop).unwrap().instantiate("{}").unwrap();
        assert_eq!(output(&mut process, "\"count\""), "\"1\"");
        let before = process.snapshot().unwrap();
        for (what, kind) in harm {
            let error = process.handle(&format!("\"{what}\"")).unwrap_err();
            assert_eq!(error.kind(), kind, "{what}: {error}");
            assert_eq!(process.snapshot().unwrap(), before, "{what}");
            assert_eq!(
                process.dryrun(&format!("\"{what}\"")).unwrap_err().kind(),
                kind,
                "{what}"
            );
        }
        // Growth, a longjmp that is caught, and a stack left somewhere else are no harm.
        process.dryrun("\"grow\"").unwrap();
        process.dryrun("\"v: a longjmp that is caught\"").unwrap();
        process.dryrun("\"stack\"").unwrap();
        assert_eq!(process.snapshot().unwrap(), before);
        assert_eq!(output(&mut process, "\"count\""), "\"2\"");
        // Text that is not UTF-8 inside of the JSON becomes U+FFFD, as the network's loader has it.
        assert_eq!(output(&mut process, "\"bytes\""), "\"\u{fffd}\u{fffd}\"");
    }
}

#[test]
fn what_is_no_module_is_refused() {
    let handle = "(func (export \"handle\") (param i32 i32) (result i32) (i32.const 0))";
    let malloc = "(func (export \"malloc\") (param i32) (result i32) (i32.const 64))";
    let memory = "(memory (export \"memory\") 1)";
    let cases = [
        (format!("(module {memory} {malloc})"), ErrorKind::BadModule),
        (format!("(module {malloc} {handle})"), ErrorKind::BadModule),
        (format!("(module (memory 1) {malloc} {handle})"), ErrorKind::BadModule),
        (format!("(module {memory} {handle})"), ErrorKind::BadModule),
        (
            format!(
                "(module {memory} {malloc} (func (export \"handle\") (param i32 i32 i32) (result i32) (i32.const 0)))"
            ),
            ErrorKind::Unsupported,
        ),
        (
            format!("(module {memory} {malloc} (func (export \"handle\")))"),
            ErrorKind::Unsupported,
        ),
        (
            format!("(module {memory} {malloc} (memory (export \"handle\") 1))"),
            ErrorKind::BadModule,
        ),
        (
            format!("(module (import \"env\" \"memory\" (memory 1)) {malloc} {handle})"),
            ErrorKind::Unsupported,
        ),
        (
            format!("(module (import \"env\" \"mine_bitcoin\" (func)) {memory} {malloc} {handle})"),
            ErrorKind::Unsupported,
        ),
        (
            format!("(module (tag) {memory} {malloc} {handle})"),
            ErrorKind::Unsupported,
        ),
    ];
    for (wat, kind) in cases {
        let error = module(&wat, None).err().expect(&wat);
        assert_eq!(error.kind(), kind, "{wat}: {error}");
    }
}

#[test]
fn harm_at_the_start_is_an_error() {
    let handle = "(func (export \"handle\") (param i32 i32) (result i32) (i32.const 0))
        (func (export \"malloc\") (param i32) (result i32) (i32.const 64))";
    let cases = [
        (
            "(memory (export \"memory\") 1) (func $loop (loop $l (br $l))) (start $loop)",
            ErrorKind::OutOfGas,
        ),
        (
            "(memory (export \"memory\") 1) (func $no unreachable) (start $no)",
            ErrorKind::EngineTrap,
        ),
        ("(memory (export \"memory\") 60000)", ErrorKind::OutOfMemory),
        (
            "(memory (export \"memory\") 1) (data (i32.const 65535) \"ab\")",
            ErrorKind::EngineTrap,
        ),
        (
            "(memory (export \"memory\") 1) (table 4000000000 funcref)",
            ErrorKind::BadModule,
        ),
        (
            "(import \"env\" \"fd_write\" (func $write (param i32 i32 i32 i32) (result i32)))
             (memory (export \"memory\") 1)
             (func $early (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 0)))) (start $early)",
            ErrorKind::EngineTrap,
        ),
    ];
    for (parts, kind) in cases {
        for stop in [None, Some(Stop::new())] {
            let module = module(&format!("(module {parts} {handle})"), stop);
            let error = module.and_then(|module| module.instantiate("{}")).err().expect(parts);
            assert_eq!(error.kind(), kind, "{parts}: {error}");
        }
    }
}

#[test]
fn huge_addresses_of_64_bits_are_refused() {
    let wat = "(module (memory (export \"memory\") i64 281474976710655)
        (func (export \"malloc\") (param i64) (result i64) (i64.const 64))
        (func (export \"handle\") (param i64 i64) (result i64) (i64.const -1)))";
    let module = module(wat, None);
    assert!(module.and_then(|module| module.instantiate("{}")).is_err());
    let small = wat.replace("281474976710655", "1");
    let mut process = self::module(&small, None).unwrap().instantiate("{}").unwrap();
    assert_eq!(process.handle("{}").unwrap_err().kind(), ErrorKind::EngineTrap);
}

#[test]
fn messages_with_zero_bytes_are_refused() {
    let mut process = module(HOSTILE, None).unwrap().instantiate("{}").unwrap();
    assert_eq!(
        process.handle("\"count\0\"").unwrap_err().kind(),
        ErrorKind::BadArgument
    );
}

#[test]
fn a_cut_module_is_refused() {
    let bytes = support::bytes("aos2_0_6.wasm");
    let ends = (0..2000)
        .chain((2000..bytes.len()).step_by(4999))
        .chain([bytes.len() - 1]);
    for end in ends {
        if let Err(error) = Module::load(&Wasmi::new(), &bytes[..end], None) {
            assert!(is_of_modules(error.kind()), "{end}: {error}");
        }
    }
}

fn is_of_modules(kind: ErrorKind) -> bool {
    use ErrorKind::{BadModule, EngineTrap, OutOfGas, OutOfMemory, Unsupported};
    matches!(kind, BadModule | Unsupported | EngineTrap | OutOfGas | OutOfMemory)
}

/// xorshift64*: the same mutations every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % sides
    }

    /// Changes a few bytes, or takes a few out, or puts a few in.
    fn damage(&mut self, bytes: &[u8], within: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.roll(3) {
            let at = self.roll(within.min(bytes.len()));
            match self.roll(8) {
                0 => drop(bytes.drain(at..(at + 1 + self.roll(4)).min(bytes.len()))),
                1 => drop(bytes.splice(at..at, [self.roll(256) as u8])),
                2 => bytes[at] ^= 1 << self.roll(8),
                _ => bytes[at] = self.roll(256) as u8,
            }
        }
        bytes
    }
}

/// Loads a damaged module, and runs it if it lets itself be loaded.
fn survive(engine: &Wasmi, bytes: &[u8], run: bool) -> Result<(), Error> {
    let limits = Limits {
        compute: 30_000_000,
        memory: 128 << 20,
        stop: None,
    };
    let module = Module::load_within(engine, bytes, None, limits)?;
    if run {
        let mut process = module.instantiate(&support::environment())?;
        process.dryrun(&support::birth())?;
        process.handle("\"count\"")?;
    }
    Ok(())
}

#[test]
fn ten_thousand_mutations_of_a_small_module_are_survived() {
    let bytes = wat::parse_str(HOSTILE).unwrap();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 0..10_000 {
        let damaged = dice.damage(&bytes, usize::MAX);
        if let Err(error) = survive(&Wasmi::new(), &damaged, true) {
            assert!(is_of_modules(error.kind()), "{round}: {error}");
        }
    }
}

/// Loads all of them; runs as many as a minute allows, since each boots Lua.
#[test]
fn ten_thousand_mutations_of_a_real_module_are_survived() {
    let bytes = support::bytes("aos2_0_6.wasm");
    let began = Instant::now();
    let mut dice = Dice(0x0123_4567_89ab_cdef);
    let mut runs = 0;
    for round in 0..10_000 {
        // Half of them where the sections that say most are: at the beginning.
        let within = if round % 2 == 0 { 4096 } else { usize::MAX };
        let damaged = dice.damage(&bytes, within);
        let run = began.elapsed() < Duration::from_secs(60) && round % 8 < 2;
        runs += usize::from(run);
        if let Err(error) = survive(&Wasmi::new(), &damaged, run) {
            assert!(is_of_modules(error.kind()), "{round}: {error}");
        }
    }
    println!("{runs} of them ran");
}
