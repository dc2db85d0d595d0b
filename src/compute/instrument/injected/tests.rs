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
