//! Processes of real aos modules: their results, and their state after messages, dryruns, errors and snapshots.

use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering};

use aoxide::ErrorKind;
use aoxide::compute::{Binary, Compiled, Engine, Limits, Module, Process, Stop, Wasmi};

use crate::support::{self, MODULES, environment, eval, load, load_within, output_of, spawned, text};

#[test]
fn handle_keeps_state_in_every_real_module() {
    for name in MODULES {
        let module = load(name);
        let mut process = spawned(&module);
        assert_eq!(
            output_of(&process.handle(&eval("X = 41 return 1 + 1")).unwrap()),
            "2",
            "{name}"
        );
        assert_eq!(
            output_of(&process.handle(&eval("X = X + 1 return X")).unwrap()),
            "42",
            "{name}"
        );
    }
}

#[test]
fn handle_of_a_lua_error_leaves_the_state() {
    for name in MODULES {
        let mut process = spawned(&load(name));
        process.handle(&eval("X = 1")).unwrap();
        let before = process.memory_hash().unwrap();
        let evaluation = process.handle(&eval("X = 2 error('no')")).unwrap();
        assert!(evaluation.failed(), "{name}");
        assert!(evaluation.parts.error.unwrap().get().contains("no"));
        assert_eq!(process.memory_hash().unwrap(), before, "{name}");
        assert_eq!(output_of(&process.handle(&eval("return X")).unwrap()), "1");
    }
}

#[test]
fn dryrun_leaves_the_state() {
    for name in MODULES {
        let mut process = spawned(&load(name));
        let before = process.snapshot().unwrap();
        let first = process.dryrun(&eval("X = 5 return X")).unwrap();
        assert_eq!(output_of(&first), "5");
        assert_eq!(process.snapshot().unwrap(), before, "{name}");
        // This dryrun grows the memory. WebAssembly memory cannot shrink.
        let grown = "T = {} for i = 1, 600 do T[i] = ('x'):rep(1000):rep(100) .. i end return #T";
        assert_eq!(output_of(&process.dryrun(&eval(grown)).unwrap()), "600");
        assert_eq!(process.snapshot().unwrap(), before, "{name}");
        assert_eq!(
            text(&process.dryrun(&eval("X = 5 return X")).unwrap()),
            text(&first),
            "{name}"
        );
        assert_eq!(output_of(&process.handle(&eval("return tostring(X)")).unwrap()), "nil");
    }
}

#[test]
fn resume_continues_from_a_snapshot() {
    for name in MODULES {
        let module = load(name);
        let mut process = spawned(&module);
        process
            .handle(&eval("Balances = {} for i = 1, 100 do Balances['a' .. i] = i end"))
            .unwrap();
        let snapshot = process.snapshot().unwrap();
        assert!(snapshot.len() < 1 << 20, "{name}: {} bytes", snapshot.len());
        let mut resumed = module.resume(&environment(), &snapshot).unwrap();
        let checkpoint = process.checkpoint().unwrap();
        let mut restored = module.resume_checkpoint(&environment(), &checkpoint).unwrap();
        assert_eq!(restored.memory_hash().unwrap(), process.memory_hash().unwrap());
        for lua in [
            "return Balances.a7 + os.time()",
            "Balances.a7 = 0 return math.random()",
            "return Balances",
        ] {
            let expected = text(&process.handle(&eval(lua)).unwrap());
            assert_eq!(text(&resumed.handle(&eval(lua)).unwrap()), expected, "{name}");
            assert_eq!(text(&restored.handle(&eval(lua)).unwrap()), expected, "{name}");
        }
        assert_eq!(resumed.snapshot().unwrap(), process.snapshot().unwrap(), "{name}");
    }
}

#[test]
fn same_messages_give_the_same_snapshot() {
    let snapshot = || {
        let mut process = spawned(&load("aos2_0_6.wasm"));
        process
            .handle(&eval(
                "T = {} for i = 1, 1000 do T[i] = math.random(1e6) .. os.time() end",
            ))
            .unwrap();
        process.snapshot().unwrap()
    };
    assert_eq!(snapshot(), snapshot());
}

#[test]
fn resume_refuses_the_snapshot_of_another_module() {
    let snapshot = spawned(&load("aos2_0_6.wasm")).snapshot().unwrap();
    let refused = load("aos2_0_3.wasm").resume(&environment(), &snapshot).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::BadSnapshot);
    let small = vec![0; 0x1_0000];
    let refused = load("aos2_0_6.wasm")
        .resume_checkpoint(&environment(), &small)
        .err()
        .unwrap();
    assert_eq!(refused.kind(), ErrorKind::BadSnapshot);
    let damaged = &snapshot[..snapshot.len() / 2];
    let refused = load("aos2_0_6.wasm").resume(&environment(), damaged).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::BadSnapshot);
}

#[test]
fn limits_end_a_message_and_leave_the_process_usable() {
    for name in ["aos2_0_6.wasm", "aos2_0_4_32.wasm"] {
        let limits = Limits {
            compute: 300_000_000,
            memory: 160 << 20,
            stop: None,
        };
        let module = load_within(name, limits);
        let mut process = spawned(&module);
        process.handle(&eval("X = 1")).unwrap();
        let before = process.snapshot().unwrap();
        let endless = process.handle(&eval("X = 2 while true do end")).unwrap_err();
        assert_eq!(endless.kind(), ErrorKind::OutOfGas, "{name}");
        assert_eq!(process.snapshot().unwrap(), before, "{name}");
        let hungry = "X = 3 local t = {} for i = 1, 50 do t[i] = ('x'):rep(1000):rep(10000) .. i end";
        let hungry = process.dryrun(&eval(hungry)).unwrap_err();
        assert_eq!(hungry.kind(), ErrorKind::OutOfMemory, "{name}");
        assert_eq!(process.snapshot().unwrap(), before, "{name}");
        assert_eq!(output_of(&process.handle(&eval("return X")).unwrap()), "1");
    }
}

#[test]
fn stop_ends_an_evaluation_and_leaves_the_process_usable() {
    let stop = Stop::new();
    let limits = Limits {
        stop: Some(stop.clone()),
        ..Limits::default()
    };
    let module = load_within("aos2_0_6.wasm", limits);
    let mut process = spawned(&module);
    process.handle(&eval("X = 1")).unwrap();
    let before = process.snapshot().unwrap();
    // This evaluation is long and ends by itself. The check of the stop signal must not change its result, also in a pcall.
    let long = "return select(2, pcall(function() local n = 0 for i = 1, 4000000 do n = n + i end return n end))";
    assert_eq!(output_of(&process.dryrun(&eval(long)).unwrap()), "8000002000000");
    assert_eq!(process.snapshot().unwrap(), before);

    let signal = stop.clone();
    let other = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(1500));
        signal.set();
    });
    let stopped = process
        .handle(&eval("X = 2 pcall(function() while true do end end)"))
        .unwrap_err();
    other.join().unwrap();
    assert_eq!(stopped.kind(), ErrorKind::Stopped);
    assert_eq!(process.handle(&eval("X = 3")).unwrap_err().kind(), ErrorKind::Stopped);
    assert_eq!(process.snapshot().unwrap(), before);
    stop.clear();
    assert_eq!(process.snapshot().unwrap(), before);
    assert_eq!(output_of(&process.handle(&eval("return X")).unwrap()), "1");
}

/// How often `Stop::asking` may still ask before it is told to stop.
static LEFT: AtomicI64 = AtomicI64::new(i64::MAX);

fn is_stopped() -> bool {
    LEFT.fetch_sub(1, Ordering::Relaxed) <= 0
}

#[test]
fn stop_that_asks_ends_loops_in_metered_and_other_code_and_changes_no_result() {
    const METERED: &str = "wasm64-unknown-emscripten-draft_2024_10_16-metering";
    for (name, format) in [
        ("aos2_0_6.wasm", None),
        ("aos2_0_4_32.wasm", None),
        ("aos2_0_6.wasm", Some(METERED)),
    ] {
        let load = |stop| {
            let limits = Limits {
                stop,
                ..Limits::default()
            };
            Module::load_within(&Wasmi::new(), &support::bytes(name), format, limits).unwrap()
        };
        let mut plain = spawned(&load(None));
        let mut process = spawned(&load(Some(Stop::asking(is_stopped))));
        let long =
            "X = 1 return select(2, pcall(function() local n = 0 for i = 1, 100000 do n = n + i end return n end))";
        let before = LEFT.load(Ordering::Relaxed);
        let evaluations = [&mut process, &mut plain].map(|process| process.handle(&eval(long)).unwrap());
        assert!(before - LEFT.load(Ordering::Relaxed) > 3, "{name} asks while it runs");
        let [one, other] = evaluations.map(|evaluation| (output_of(&evaluation), evaluation.gas_used));
        assert_eq!(one, other, "{name}");
        let before = process.snapshot().unwrap();
        assert_eq!(before, plain.snapshot().unwrap(), "{name}");

        LEFT.store(10, Ordering::Relaxed);
        let stopped = process
            .handle(&eval("X = 2 pcall(function() while true do end end)"))
            .unwrap_err();
        assert_eq!(stopped.kind(), ErrorKind::Stopped, "{name}");
        LEFT.store(i64::MAX, Ordering::Relaxed);
        assert_eq!(process.snapshot().unwrap(), before, "{name}");
        assert_eq!(output_of(&process.handle(&eval("return X")).unwrap()), "1", "{name}");
    }
}

#[test]
fn load_refuses_a_format_that_does_not_fit_the_module() {
    let bytes = support::bytes("aos2_0_6.wasm");
    let load = |format| {
        Module::load(&Wasmi::new(), &bytes, Some(format))
            .err()
            .map(|error| error.kind())
    };
    assert_eq!(load("wasm64-unknown-emscripten-draft_2024_02_15"), None);
    assert_eq!(load("wasm32-unknown-emscripten4"), Some(ErrorKind::BadModule));
    assert_eq!(load("wasm32-unknown-emscripten5"), Some(ErrorKind::Unsupported));
}

/// The loader finds out which features the code needs before it runs, even if the compiler did not list them in the module.
#[test]
fn load_of_a_module_with_simd_is_unsupported_and_the_error_names_simd() {
    let noted = support::bytes("sqlite.wasm");
    let silent = "(module (memory (export \"memory\") 1)
      (func (export \"malloc\") (param i32) (result i32) (i32.const 8))
      (func (export \"handle\") (param i32 i32) (result i32) (drop (v128.load (i32.const 0))) (i32.const 0)))";
    for bytes in [noted, wat::parse_str(silent).unwrap()] {
        let error = Module::load(&Wasmi::new(), &bytes, None).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.message().contains("SIMD"), "{error}");
    }
}

/// The interpreter with an interval between memory copies: to undo a message, it evaluates earlier messages again.
struct Striding(Wasmi);

impl Engine for Striding {
    fn name(&self) -> &'static str {
        "striding"
    }

    fn counts_instructions(&self) -> bool {
        self.0.counts_instructions()
    }

    fn snapshot_interval(&self) -> usize {
        5
    }

    fn compile(&self, bytes: &Rc<[u8]>, binary: &Rc<Binary>, limited: bool) -> aoxide::Result<Rc<dyn Compiled>> {
        self.0.compile(bytes, binary, limited)
    }
}

#[test]
fn undo_that_evaluates_messages_again_restores_every_byte() {
    let limits = Limits {
        compute: 3_000_000_000,
        ..Limits::default()
    };
    let bytes = support::bytes("aos2_0_6.wasm");
    let load = |engine: &dyn Engine| Module::load_within(engine, &bytes, None, limits.clone()).unwrap();
    let (one, other) = (load(&Wasmi::new()), load(&Striding(Wasmi::new())));
    let (mut one, mut other) = (spawned(&one), spawned(&other));
    let said = [
        ("X = 1 return X", false),
        ("X = X + 1 return X", false),
        ("X = 100 error('undone')", false),
        ("X = X + 1 return X", false),
        ("X = 200 while true do end", false),
        ("X = X + 1 return X", true),
        ("Big = ('x'):rep(3000):rep(3000) return #Big", false),
        ("X = X + 1 return X .. os.time()", false),
        ("Big = 7 error('undone')", false),
        ("X = X + 1 return X .. #Big", false),
        ("X = X + 1 return X", false),
        ("Bigger = ('x'):rep(10000):rep(4000) error('undone')", false),
        ("X = X + 1 return X", false),
        ("X = X + 1 return X", false),
        ("X = X + 1 return X", true),
        ("return X", false),
    ];
    for (lua, dryrun) in said {
        let say = |process: &mut Process| {
            let answer = if dryrun {
                process.dryrun(&eval(lua))
            } else {
                process.handle(&eval(lua))
            };
            match answer {
                Ok(evaluation) => Ok(evaluation.parts),
                Err(error) => Err(error.kind()),
            }
        };
        assert_eq!(
            format!("{:?}", say(&mut one)),
            format!("{:?}", say(&mut other)),
            "{lua}"
        );
    }
    assert_eq!(one.memory_hash().unwrap(), other.memory_hash().unwrap());
    assert_eq!(one.snapshot().unwrap(), other.snapshot().unwrap());
}
