//! One run of a module's code: what it may take, and how it ended.

use super::engine::{Guest, Instance, Value};
use super::instrument::global;
use super::memory::WASM_PAGE;
use super::trap::Trap;

/// Runs `job` within the limits, and tells what it ran into.
///
/// # Errors
/// Whatever the job ends with.
pub(super) fn run(
    instance: &mut dyn Instance,
    job: &mut dyn FnMut(&mut dyn Guest) -> Result<(), Trap>,
) -> Result<(), Trap> {
    instance.run(&mut |guest| {
        reset(guest);
        job(guest).map_err(|trap| cause(guest, trap))
    })
}

/// Runs `job` as [`run`] did once before, so that nobody can stop it.
///
/// # Errors
/// Whatever the job ends with.
pub(super) fn uninterrupted(
    instance: &mut dyn Instance,
    job: &mut dyn FnMut(&mut dyn Guest) -> Result<(), Trap>,
) -> Result<(), Trap> {
    instance.inspect(&mut |guest| {
        reset(guest);
        job(guest).map_err(|trap| cause(guest, trap))
    })
}

/// Tells a fresh instance its limits.
pub(super) fn set_limits(guest: &mut dyn Guest) {
    let limits = &guest.state().limits;
    let (compute, memory) = (limits.compute, limits.memory);
    guest.set_global(global::LIMIT, i64::try_from(compute).unwrap_or(i64::MAX));
    // 32 bits are enough for pages.
    let pages = (memory / WASM_PAGE).min(u32::MAX.into());
    guest.set_global(global::MAX_PAGES, pages.cast_signed());
}

fn reset(guest: &mut dyn Guest) {
    guest.state().begin();
    guest.set_global(global::GAS, 0);
}

/// A module that goes too far ends as any other that fails, but leaves a note.
fn cause(guest: &mut dyn Guest, trap: Trap) -> Trap {
    match guest.global(global::FAULT).map_or(0, Value::signed) {
        global::NO_GAS => Trap::OutOfGas,
        global::NO_MEMORY => Trap::OutOfMemory,
        _ => trap,
    }
}

/// What the module has paid since the message began.
pub(super) fn gas(guest: &mut dyn Guest) -> u64 {
    let gas = guest.global(global::GAS).map_or(0, Value::signed);
    gas.try_into().unwrap_or(0)
}
