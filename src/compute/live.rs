//! Which parts of a process's memory can hold anything at all.

use std::ops::Range;

use super::engine::{Guest, Value};
use super::image::{Image, PAGE, is_empty};
use super::instrument::global;
use super::trap::Trap;

/// What a function that calls no other may use below the stack's pointer without moving it. (LLVM's red zone.)
const RED_ZONE: u64 = 128;
/// What is looked at in one piece: engines may have to copy what they show.
const PIECE: u64 = 0x1_0000;

const PAGE_SIZE: u64 = PAGE as u64;

/// Where a C stack lies: it grows down, from its base to its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stack {
    end: u64,
    base: u64,
}

/// Asks the module where its C stack lies; `None` when it does not tell, or tells nonsense.
pub(super) fn stack(guest: &mut dyn Guest) -> Result<Option<Stack>, Trap> {
    if !guest.host().layout.knows_stack() || guest.global(global::LOW).is_none() {
        return Ok(None);
    }
    let mut ask = |name| Ok(guest.call(name, &[])?.map_or(0, Value::unsigned));
    let (end, base) = (ask("emscripten_stack_get_end")?, ask("emscripten_stack_get_base")?);
    let inside = end < base && base <= guest.size();
    Ok(inside.then_some(Stack { end, base }))
}

/// The parts of memory in which there can be anything, in whole pages: all but the stack below its lowest mark.
pub(super) fn live(guest: &mut dyn Guest) -> Vec<Range<u64>> {
    let (below, above) = unused(guest).unwrap_or_default();
    vec![0..below, above..guest.size()]
}

/// The unused part of the stack, in whole pages.
fn unused(guest: &mut dyn Guest) -> Option<(u64, u64)> {
    let stack = guest.host().stack?;
    let low = guest.global(global::LOW)?.unsigned();
    let above = low.saturating_sub(RED_ZONE).min(stack.base) / PAGE_SIZE * PAGE_SIZE;
    let below = stack.end.next_multiple_of(PAGE_SIZE);
    (below < above && above <= guest.size()).then_some((below, above))
}

/// Lowers the mark to where the unused part of the stack is not empty after all: C code may do that only by mistake, but
/// then its mistakes are part of its state.
pub(super) fn check(guest: &mut dyn Guest) -> Result<(), Trap> {
    let Some((below, above)) = unused(guest) else {
        return Ok(());
    };
    let mut at = below;
    while at < above {
        let length = PIECE.min(above - at);
        let bytes = guest.view(at, length).ok_or(Trap::OutOfBounds)?;
        if let Some(first) = bytes.chunks(PAGE).position(|page| !is_empty(page)) {
            set_low(guest, at + first as u64 * PAGE_SIZE);
            return Ok(());
        }
        at += length;
    }
    Ok(())
}

/// The mark for memory as in the image.
pub(super) fn low(stack: Stack, image: &Image) -> u64 {
    image.first_in(&(stack.end..stack.base)).unwrap_or(stack.base)
}

pub(super) fn set_low(guest: &mut dyn Guest, low: u64) {
    guest.set_global(global::LOW, low.cast_signed());
}
