//! Memory: copies within it, and its growth.

use super::host_function::{HostArguments, HostFunction, HostResult, HostValue};
use crate::compute::engine::Guest;
use crate::compute::memory::WASM_PAGE;
use crate::compute::trap::Trap;

/// The most bytes by which the heap grows beyond the requested size.
const SPARE: u64 = 96 << 20;

pub(super) fn find(name: &str) -> Option<HostFunction> {
    Some(match name {
        "_emscripten_memcpy_js" | "emscripten_memcpy_js" | "emscripten_memcpy_big" => |guest, arguments| {
            let (to, from, length) = (arguments.pointer(0)?, arguments.pointer(1)?, arguments.pointer(2)?);
            guest.shift(to, from, length).ok_or(Trap::OutOfBounds)?;
            Ok(HostValue::Nothing)
        },
        "emscripten_resize_heap" => resize,
        "emscripten_get_heap_max" => |guest, _| Ok(HostValue::Integer(guest.state().layout.heap_max.cast_signed())),
        // There are no files to map.
        "_mmap_js" | "_munmap_js" => |_, _| Ok(HostValue::Integer(-52)),
        "_dlopen_js" | "_dlsym_js" => |_, _| Ok(HostValue::Integer(0)),
        "_dlinit" => |_, _| Ok(HostValue::Nothing),
        _ => return None,
    })
}

/// Grows the heap to the requested size, and at least by a fifth, so that it does not have to grow again soon. This is
/// the rule of emscripten's loader.
fn resize(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    let wanted = arguments.pointer(0)?;
    let state = guest.state();
    let (heap_max, limit) = (state.layout.heap_max, state.limits.memory);
    if wanted > heap_max {
        return Ok(HostValue::Integer(0));
    }
    let generous = ((guest.size() as f64 * 1.2) as u64).min(wanted.saturating_add(SPARE));
    if wanted > limit {
        return Err(Trap::OutOfMemory);
    }
    let most = heap_max.min(limit);
    let size = wanted
        .max(generous)
        .next_multiple_of(WASM_PAGE)
        .min(most / WASM_PAGE * WASM_PAGE);
    if size < wanted {
        return Err(Trap::OutOfMemory);
    }
    guest.grow(size)?;
    Ok(HostValue::Integer(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::engine::{Memory, WasmValue};
    use crate::compute::imports::tests::TestGuest;

    #[test]
    fn resize_grows_by_a_fifth_or_to_the_requested_size() {
        let mut guest = TestGuest::new(10 * WASM_PAGE as usize);
        let grow =
            |guest: &mut TestGuest, size: u64| resize(guest, HostArguments(&[WasmValue::I32(size as i32)])).unwrap();
        assert_eq!(grow(&mut guest, 10 * WASM_PAGE + 1), HostValue::Integer(1));
        assert_eq!(guest.size(), 12 * WASM_PAGE);
        assert_eq!(grow(&mut guest, 40 * WASM_PAGE), HostValue::Integer(1));
        assert_eq!(guest.size(), 40 * WASM_PAGE);
        assert_eq!(grow(&mut guest, u64::from(u32::MAX)), HostValue::Integer(0));
    }

    #[test]
    fn copies_outside_of_the_memory_trap() {
        let mut guest = TestGuest::new(64);
        let copy = find("emscripten_memcpy_big").unwrap();
        let arguments = [WasmValue::I32(0), WasmValue::I32(60), WasmValue::I32(8)];
        assert_eq!(copy(&mut guest, HostArguments(&arguments)), Err(Trap::OutOfBounds));
        let arguments = [WasmValue::I32(60), WasmValue::I32(0), WasmValue::I32(-1)];
        assert_eq!(copy(&mut guest, HostArguments(&arguments)), Err(Trap::OutOfBounds));
    }
}
