//! Malformed and malicious modules: each ends in a typed error. None panics, and none runs forever.

use std::collections::BTreeSet;

use aoxide::compute::{Limits, Module, Process, Stop, Wasmi};
use aoxide::{Error, ErrorKind};

use crate::support;

/// A module that does what the second byte of its message selects. `count` increments a counter in memory and returns it.
const MALICIOUS: &str = r#"
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
    ;; Changes memory before it does what was selected.
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
fn handle_of_a_malicious_message_is_a_typed_error_and_leaves_the_state() {
    let malicious = [
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
        let mut process = module(MALICIOUS, stop).unwrap().instantiate("{}").unwrap();
        assert_eq!(output(&mut process, "\"count\""), "\"1\"");
        let before = process.snapshot().unwrap();
        for (what, kind) in malicious {
            let error = process.handle(&format!("\"{what}\"")).unwrap_err();
            assert_eq!(error.kind(), kind, "{what}: {error}");
            assert_eq!(process.snapshot().unwrap(), before, "{what}");
            assert_eq!(
                process.dryrun(&format!("\"{what}\"")).unwrap_err().kind(),
                kind,
                "{what}"
            );
        }
        // Growth, a caught longjmp, and a stack pointer that was not restored are allowed.
        process.dryrun("\"grow\"").unwrap();
        process.dryrun("\"v: a longjmp that is caught\"").unwrap();
        process.dryrun("\"stack\"").unwrap();
        assert_eq!(process.snapshot().unwrap(), before);
        assert_eq!(output(&mut process, "\"count\""), "\"2\"");
        // Bytes in the JSON that are not UTF-8 become U+FFFD, as in the network's loader.
        assert_eq!(output(&mut process, "\"bytes\""), "\"\u{fffd}\u{fffd}\"");
    }
}

#[test]
fn load_refuses_modules_that_are_not_ao_modules() {
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
fn instantiate_of_a_malicious_module_is_a_typed_error() {
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
fn addresses_of_64_bits_beyond_the_memory_are_errors() {
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
fn handle_refuses_messages_with_zero_bytes() {
    let mut process = module(MALICIOUS, None).unwrap().instantiate("{}").unwrap();
    assert_eq!(
        process.handle("\"count\0\"").unwrap_err().kind(),
        ErrorKind::BadArgument
    );
}

/// The sections of a module: the id and the byte range of each. This reader is independent of the loader, so that it does
/// not share the loader's mistakes.
fn sections(bytes: &[u8]) -> Vec<(u8, std::ops::Range<usize>)> {
    let mut sections = Vec::new();
    let mut at = 8;
    while at < bytes.len() {
        let (start, id) = (at, bytes[at]);
        at += 1;
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = bytes[at];
            at += 1;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        at += length;
        sections.push((id, start..at));
    }
    sections
}

/// The offsets at which a module can be cut and stay valid: the ends of sections behind the code of its functions and the
/// data that it declares.
fn valid_ends(bytes: &[u8]) -> Vec<usize> {
    const CODE: u8 = 10;
    const DATA: u8 = 11;
    const DATA_COUNT: u8 = 12;
    let sections = sections(bytes);
    let announces_data = sections.iter().any(|(id, _)| *id == DATA_COUNT);
    let last_needed = if announces_data { DATA } else { CODE };
    let needed = sections.iter().position(|(id, _)| *id == last_needed).unwrap();
    sections[needed..].iter().map(|(_, range)| range.end).collect()
}

#[test]
fn load_a_module_cut_short_is_refused_unless_whole_sections_are_left() {
    for name in ["aos2_0_6.wasm", "aos.wasm"] {
        let bytes = support::bytes(name);
        let valid_ends = valid_ends(&bytes);
        assert_eq!(valid_ends.last(), Some(&bytes.len()));
        // The module is cut at the start and the end of each section, at each byte of the header and the first sections, and
        // at samples of the rest.
        let borders = sections(&bytes).into_iter().flat_map(|(_, range)| {
            [
                range.start.saturating_sub(1),
                range.start,
                range.start + 1,
                range.end - 1,
                range.end,
            ]
        });
        let ends: BTreeSet<usize> = (0..2000)
            .chain((2000..bytes.len()).step_by(4999))
            .chain(borders)
            .chain([bytes.len() - 1, bytes.len()])
            .collect();
        let mut loaded = Vec::new();
        for end in ends {
            match Module::load(&Wasmi::new(), &bytes[..end], None) {
                Ok(_) => loaded.push(end),
                Err(error) => assert_eq!(error.kind(), ErrorKind::BadModule, "{name} up to {end}: {error}"),
            }
        }
        assert_eq!(loaded, valid_ends, "{name}");
    }
}

fn is_of_modules(kind: ErrorKind) -> bool {
    use ErrorKind::{BadModule, EngineTrap, OutOfGas, OutOfMemory, Unsupported};
    matches!(kind, BadModule | Unsupported | EngineTrap | OutOfGas | OutOfMemory)
}

/// xorshift64* with a fixed seed: the mutations are the same in every run.
struct Mutator(u64);

impl Mutator {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    /// Changes a few bytes, removes a few, or inserts a few.
    fn damage(&mut self, bytes: &[u8], within: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(within.min(bytes.len()));
            match self.below(8) {
                0 => drop(bytes.drain(at..(at + 1 + self.below(4)).min(bytes.len()))),
                1 => drop(bytes.splice(at..at, [self.below(256) as u8])),
                2 => bytes[at] ^= 1 << self.below(8),
                _ => bytes[at] = self.below(256) as u8,
            }
        }
        bytes
    }
}

fn load_mutant(bytes: &[u8]) -> Result<Module, Error> {
    let limits = Limits {
        compute: 30_000_000,
        memory: 128 << 20,
        stop: None,
    };
    Module::load_within(&Wasmi::new(), bytes, None, limits)
}

fn run_mutant(process: &mut Process) -> Result<(), Error> {
    process.dryrun(&support::process_message())?;
    process.handle("\"count\"")?;
    Ok(())
}

/// The reference for the loader: the engine's own verdict on the bytes, without our reader and our gas counters.
struct Judge {
    eager: wasmi::Engine,
    lazy: wasmi::Engine,
}

impl Judge {
    fn new() -> Self {
        let engine = |mode| {
            let mut config = wasmi::Config::default();
            config.wasm_multi_memory(false).compilation_mode(mode);
            wasmi::Engine::new(&config)
        };
        Self {
            eager: engine(wasmi::CompilationMode::Eager),
            lazy: engine(wasmi::CompilationMode::Lazy),
        }
    }

    /// The imports and exports of the module with their types. `None` unless every instruction is valid.
    fn interface(&self, bytes: &[u8]) -> Option<Vec<String>> {
        let module = wasmi::Module::new(&self.eager, bytes).ok()?;
        let imports = module.imports().map(|import| format!("{import:?}"));
        let exports = module
            .exports()
            .map(|export| format!("{} {:?}", export.name(), export.ty()));
        Some(imports.chain(exports).collect())
    }

    /// Checks everything but the bodies of functions, which the engine checks when they first run.
    fn check_outside_of_bodies(&self, bytes: &[u8]) -> Result<(), wasmi::Error> {
        wasmi::Module::new(&self.lazy, bytes).map(drop)
    }
}

#[test]
fn load_of_mutated_small_modules_agrees_with_the_engine_and_running_them_ends_in_a_typed_error() {
    const MUTANTS: usize = 10_000;
    let bytes = wat::parse_str(MALICIOUS).unwrap();
    let judge = Judge::new();
    let interface = judge.interface(&bytes).unwrap();
    let mut mutator = Mutator(0x9e37_79b9_7f4a_7c15);
    let (mut refused, mut failed, mut ran) = (0, 0, 0);
    for round in 0..MUTANTS {
        let damaged = mutator.damage(&bytes, usize::MAX);
        let its_interface = judge.interface(&damaged);
        let module = match load_mutant(&damaged) {
            Ok(module) => module,
            Err(error) => {
                assert!(is_of_modules(error.kind()), "{round}: {error}");
                assert_ne!(
                    its_interface.as_ref(),
                    Some(&interface),
                    "{round}: refused a valid module: {error}"
                );
                refused += 1;
                continue;
            }
        };
        if let Err(error) = judge.check_outside_of_bodies(&damaged) {
            panic!("{round}: loaded an invalid module: {error}");
        }
        let mut process = match module.instantiate("{}") {
            Ok(process) => process,
            Err(error) => {
                assert!(is_of_modules(error.kind()), "{round}: {error}");
                failed += 1;
                continue;
            }
        };
        match run_mutant(&mut process) {
            Ok(()) => ran += 1,
            Err(error) => {
                failed += 1;
                assert!(is_of_modules(error.kind()), "{round}: {error}");
                let is_invalid = matches!(error.kind(), ErrorKind::BadModule | ErrorKind::Unsupported);
                assert!(
                    !is_invalid || its_interface.is_none(),
                    "{round}: a valid module's code is refused: {error}"
                );
            }
        }
    }
    assert_eq!(refused + failed + ran, MUTANTS);
    // Enough mutants were refused, failed, and ran.
    assert!(refused > 5000 && failed > 500 && ran > 500, "{refused} {failed} {ran}");
}

/// Loads all of them. Runs a part, since each run boots Lua.
#[test]
fn load_of_mutated_real_modules_agrees_with_the_engine_and_running_them_ends_in_a_typed_error() {
    const MUTANTS: usize = 10_000;
    const RUNS: usize = 100;
    let bytes = support::bytes("aos2_0_6.wasm");
    let judge = Judge::new();
    let mut mutator = Mutator(0x0123_4567_89ab_cdef);
    let (mut loaded, mut refused, mut runs) = (0, 0, 0);
    for round in 0..MUTANTS {
        // Half of the mutations are at the start, in the sections that describe the module.
        let within = if round % 2 == 0 { 4096 } else { usize::MAX };
        let damaged = mutator.damage(&bytes, within);
        match load_mutant(&damaged) {
            Ok(module) => {
                if let Err(error) = judge.check_outside_of_bodies(&damaged) {
                    panic!("{round}: loaded an invalid module: {error}");
                }
                loaded += 1;
                if runs < RUNS {
                    runs += 1;
                    let process = module.instantiate(&support::environment());
                    if let Err(error) = process.and_then(|mut process| run_mutant(&mut process)) {
                        assert!(is_of_modules(error.kind()), "{round}: {error}");
                    }
                }
            }
            Err(error) => {
                refused += 1;
                assert!(is_of_modules(error.kind()), "{round}: {error}");
            }
        }
    }
    assert_eq!((loaded + refused, runs), (MUTANTS, RUNS));
    assert!(loaded > 2000, "{loaded}");
}
