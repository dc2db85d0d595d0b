use crate::compute::binary::Binary;
use crate::compute::format::Layout;
use crate::compute::instrument::{Checks, global, instrument};

/// A module whose `handle` allocates 16 bytes of stack and frees them. TAKES is replaced by the allocation.
const MODULE: &str = "(module
    (memory (export \"memory\") 1)
    (global $sp (mut i32) (i32.const 1000))
    (func (export \"emscripten_stack_get_base\") (result i32) (i32.const 1000))
    (func (export \"emscripten_stack_get_end\") (result i32) (i32.const 0))
    (func (export \"emscripten_stack_get_current\") (result i32) (global.get $sp))
    (func (export \"_emscripten_stack_restore\") (param i32) (global.set $sp (local.get 0)))
    (func (export \"_emscripten_stack_alloc\") (param i32) (result i32) (global.get $sp))
    (func (export \"malloc\") (param i32) (result i32) (i32.const 0))
    (func (export \"free\") (param i32))
    (func (export \"handle\") (param i32 i32) (result i32) (local $other i32) (local $frame i32)
      (global.set $sp TAKES)
      (local.set $frame (i32.const 5))
      (global.set $sp (i32.add (global.get $sp) (i32.const 16)))
      (local.get $other)))";

#[test]
fn stack_low_is_the_lowest_value_of_the_stack_pointer() {
    for takes in [
        "(i32.sub (global.get $sp) (i32.const 16))",
        "(local.tee $frame (i32.sub (global.get $sp) (i32.const 16)))",
        "(i32.sub (global.get $sp) (local.tee $other (i32.const 16)))",
    ] {
        let bytes = wat::parse_str(MODULE.replace("TAKES", takes)).unwrap();
        let binary = Binary::read(&bytes).unwrap();
        let layout = Layout::of(&binary, None).unwrap();
        for pays in [false, true] {
            let written = instrument(&bytes, &binary, &layout, pays, Checks::None).unwrap().bytes;
            let module = wasmi::Module::new(&wasmi::Engine::default(), written).unwrap();
            let mut store = wasmi::Store::new(module.engine(), ());
            let instance = wasmi::Instance::new(&mut store, &module, &[]).unwrap();
            let low = |store: &_| instance.get_global(store, global::STACK_LOW).unwrap().get(store).i32();
            assert_eq!(low(&store), Some(-1));
            let handle = instance.get_typed_func::<(i32, i32), i32>(&store, "handle").unwrap();
            handle.call(&mut store, (0, 0)).unwrap();
            assert_eq!(low(&store), Some(984), "{takes}");
        }
    }
}

#[test]
fn loops_check_the_stop_signal_in_functions_with_and_without_locals() {
    const LOOPS: &str = "(module
        (import \"wasi_snapshot_preview1\" \"fd_close\" (func (param i32) (result i32)))
        (memory (export \"memory\") 1)
        (func (export \"malloc\") (param i32) (result i32) (i32.const 0))
        (func (export \"count\") (param i64 i64) (result i64) (local i32 f64) LOCALS
          (loop (local.set 1 (i64.add (local.get 1) (i64.const 1)))
            (br_if 0 (i64.lt_u (local.get 1) (local.get 0))))
          (local.get 1))
        (func (export \"handle\") (param i32 i32) (result i32) (loop (br 0)) (i32.const 0)))";
    for locals in ["", "(local i32 i32 i64)"] {
        let bytes = wat::parse_str(LOOPS.replace("LOCALS", locals)).unwrap();
        let binary = Binary::read(&bytes).unwrap();
        let layout = Layout::of(&binary, None).unwrap();
        let instrumented = instrument(&bytes, &binary, &layout, false, Checks::InLoops).unwrap();
        assert!(instrumented.checks);
        let module = wasmi::Module::new(&wasmi::Engine::default(), instrumented.bytes).unwrap();
        let mut store = wasmi::Store::new(module.engine(), 0);
        let close = wasmi::Func::wrap(&mut store, |mut caller: wasmi::Caller<'_, i32>, file: i32| {
            assert_eq!(file, -1);
            *caller.data_mut() += 1;
            // The tenth check ends the run.
            match caller.data() {
                10 => Err(wasmi::Error::i32_exit(10)),
                _ => Ok(0),
            }
        });
        let instance = wasmi::Instance::new(&mut store, &module, &[close.into()]).unwrap();
        let count = instance.get_typed_func::<(i64, i64), i64>(&store, "count").unwrap();
        assert_eq!(count.call(&mut store, (60_000, 0)).unwrap(), 60_000);
        assert_eq!(*store.data(), 3);
        let handle = instance.get_typed_func::<(i32, i32), i32>(&store, "handle").unwrap();
        let ended = handle.call(&mut store, (0, 0)).unwrap_err();
        assert_eq!(ended.i32_exit_status(), Some(10));
    }
}

#[test]
fn instrument_refuses_a_local_that_the_check_would_add() {
    // (func (param i32 i32) (result i32) (loop) (local.get 2)), which has no local 2
    let mut bytes = wat::parse_str(
        "(module
        (import \"wasi_snapshot_preview1\" \"fd_close\" (func (param i32) (result i32)))
        (memory (export \"memory\") 1)
        (func (export \"malloc\") (param i32) (result i32) (i32.const 0))
        (func (export \"handle\") (param i32 i32) (result i32) (loop) (local.get 1)))",
    )
    .unwrap();
    let end = bytes.iter().rposition(|byte| *byte == 0x20).unwrap() + 1;
    assert_eq!(bytes[end..], [1, 0x0b]);
    bytes[end] = 2;
    let binary = Binary::read(&bytes).unwrap();
    let layout = Layout::of(&binary, None).unwrap();
    let refused = instrument(&bytes, &binary, &layout, false, Checks::InLoops);
    assert_eq!(refused.err().unwrap().kind(), crate::error::ErrorKind::BadModule);
}
