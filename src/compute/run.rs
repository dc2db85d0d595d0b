//! Runs a module's code within its limits.

use super::engine::{Guest, Instance, WasmValue};
use super::instrument::global;
use super::memory::WASM_PAGE;
use super::trap::Trap;

/// Runs `job` within the limits.
///
/// # Errors
/// The trap that ended the job; `OutOfGas` or `OutOfMemory` where the module ended itself at a limit.
pub(super) fn run(
    instance: &mut dyn Instance,
    job: &mut dyn FnMut(&mut dyn Guest) -> Result<(), Trap>,
) -> Result<(), Trap> {
    instance.run(&mut |guest| {
        reset(guest);
        job(guest).map_err(|trap| cause(guest, trap))
    })
}

/// Runs a job again that [`run`] has run before. The stop signal does not end it.
///
/// # Errors
/// As [`run`].
pub(super) fn uninterrupted(
    instance: &mut dyn Instance,
    job: &mut dyn FnMut(&mut dyn Guest) -> Result<(), Trap>,
) -> Result<(), Trap> {
    instance.inspect(&mut |guest| {
        reset(guest);
        job(guest).map_err(|trap| cause(guest, trap))
    })
}

/// Writes the limits into a new instance.
pub(super) fn set_limits(guest: &mut dyn Guest) {
    let limits = &guest.state().limits;
    let (compute, memory) = (limits.compute, limits.memory);
    guest.set_global(global::LIMIT, i64::try_from(compute).unwrap_or(i64::MAX));
    // The global of a module with 32-bit addresses has 32 bits.
    let pages = (memory / WASM_PAGE).min(u32::MAX.into());
    guest.set_global(global::MAX_PAGES, pages.cast_signed());
}

fn reset(guest: &mut dyn Guest) {
    guest.state().begin();
    guest.set_global(global::GAS, 0);
    guest.set_global(global::NEXT_CHECK, 0);
}

/// The cause of a trap. A module that reaches a limit ends itself with `unreachable`, and sets the global `FAULT`
/// before.
fn cause(guest: &mut dyn Guest, trap: Trap) -> Trap {
    match guest.global(global::FAULT).map_or(0, WasmValue::signed) {
        global::NO_GAS => Trap::OutOfGas,
        global::NO_MEMORY => Trap::OutOfMemory,
        _ => trap,
    }
}

/// The gas that the module has used for this message.
pub(super) fn gas(guest: &mut dyn Guest) -> u64 {
    let gas = guest.global(global::GAS).map_or(0, WasmValue::signed);
    gas.try_into().unwrap_or(0)
}
