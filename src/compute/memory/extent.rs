//! Which parts of a process's memory can hold anything at all.
//!
//! Where a module tells where its C stack lies and how far its heap reaches, that is 3 of an aos process's 68 MB: nothing
//! is below the lowest that the stack has been, nor above the heap. C code could write there by mistake only; what leaves
//! this machine is looked at in whole all the same. Other memories are searched for what they hold: a small program in Rust
//! has a megabyte, nearly all of it a stack that it never reaches.

use std::ops::Range;

use super::SNAPSHOT_PAGE;
use super::c_stack::CStack;
use super::image::{Image, is_empty};
use crate::compute::engine::{Guest, Value};
use crate::compute::instrument::global;
use crate::compute::trap::Trap;

/// What a function that calls no other may use below the stack's pointer without moving it. (LLVM's red zone.)
const RED_ZONE: u64 = 128;
/// What is looked at in one piece: engines may have to copy what they show.
const PIECE: u64 = 0x1_0000;

/// Empty pages between two parts that are not worth the trouble of two.
const GAP: u64 = 0x4000;

const PAGE: u64 = SNAPSHOT_PAGE as u64;

/// How far a process has come into its memory. Both move one way only.
#[derive(Debug, Clone, Copy)]
pub(in crate::compute) struct HighWater {
    /// The lowest that the stack has been.
    stack_low: u64,
    /// The end of the heap.
    heap_end: u64,
}

/// Asks the module where its C stack lies; `None` when it does not tell, or tells nonsense, or has no mark for it.
pub(in crate::compute) fn c_stack(guest: &mut dyn Guest) -> Result<Option<CStack>, Trap> {
    if !guest.state().layout.knows_stack() || guest.global(global::STACK_LOW).is_none() {
        return Ok(None);
    }
    let mut ask = |name| Ok(guest.call(name, &[])?.map_or(0, Value::unsigned));
    let (end, base) = (ask("emscripten_stack_get_end")?, ask("emscripten_stack_get_base")?);
    let inside = end < base && base <= guest.size();
    Ok(inside.then_some(CStack { end, base }))
}

/// The parts of memory in which there can be anything, in whole pages.
pub(in crate::compute) fn used_ranges(guest: &mut dyn Guest) -> Vec<Range<u64>> {
    match unused_ranges(guest) {
        Some([below, above]) => vec![0..below.start, below.end..above.start],
        None => nonempty_ranges(guest),
    }
}

/// The parts that hold something, in whole pages.
fn nonempty_ranges(guest: &dyn Guest) -> Vec<Range<u64>> {
    let mut parts: Vec<Range<u64>> = Vec::new();
    let all = 0..guest.size();
    // All of it is inside, and looked at.
    let _ = find_page(guest, &all, |start, page| {
        let end = start + page.len() as u64;
        match parts.last_mut() {
            _ if is_empty(page) => {}
            Some(last) if start - last.end <= GAP => last.end = end,
            _ => parts.push(start..end),
        }
        false
    });
    parts
}

/// The unused part of the stack, and what is above the heap, in whole pages.
fn unused_ranges(guest: &mut dyn Guest) -> Option<[Range<u64>; 2]> {
    let (stack, size) = (guest.state().stack?, guest.size());
    let HighWater { stack_low, heap_end } = high_water(guest)?;
    let start = stack.end.next_multiple_of(PAGE);
    let end = stack_low.saturating_sub(RED_ZONE) / PAGE * PAGE;
    let top = heap_end.max(stack.base).checked_next_multiple_of(PAGE)?.min(size);
    (start < end).then_some([start..end, top..size])
}

/// The marks of now; `None` where there are none.
pub(in crate::compute) fn high_water(guest: &mut dyn Guest) -> Option<HighWater> {
    let (stack, size) = (guest.state().stack?, guest.size());
    let stack_low = guest.global(global::STACK_LOW)?.unsigned().min(stack.base);
    let heap = match guest.state().layout.has("sbrk") {
        true => guest.call("sbrk", &[Value::I64(0)]).ok().flatten(),
        false => None,
    };
    // A heap that is not above the stack is none that this knows.
    let heap = heap
        .map(Value::unsigned)
        .filter(|heap| (stack.base..=size).contains(heap));
    let state = guest.state();
    let heap_end = heap.map_or(size, |heap| heap.max(state.heap_end));
    state.heap_end = heap_end;
    Some(HighWater { stack_low, heap_end })
}

/// Takes the marks back, with memory that is as it was when they were asked for.
pub(in crate::compute) fn set_high_water(guest: &mut dyn Guest, HighWater { stack_low, heap_end }: HighWater) {
    guest.set_global(global::STACK_LOW, stack_low.cast_signed());
    guest.state().heap_end = heap_end;
}

/// The marks for memory as in the image.
pub(in crate::compute) fn high_water_of(stack: CStack, image: &Image) -> HighWater {
    HighWater {
        stack_low: image.first_in(&(stack.end..stack.base)).unwrap_or(stack.base),
        heap_end: image.end(),
    }
}

/// Moves the marks to where unused memory is not empty after all.
pub(in crate::compute) fn include_stray_writes(guest: &mut dyn Guest) -> Result<(), Trap> {
    let (Some([below, above]), Some(mut high_water)) = (unused_ranges(guest), high_water(guest)) else {
        return Ok(());
    };
    if let Some(first) = first_used(guest, &below)? {
        high_water.stack_low = first;
    }
    if first_used(guest, &above)?.is_some() {
        high_water.heap_end = above.end;
    }
    set_high_water(guest, high_water);
    Ok(())
}

/// The first page that is not empty.
fn first_used(guest: &dyn Guest, range: &Range<u64>) -> Result<Option<u64>, Trap> {
    find_page(guest, range, |_, page| !is_empty(page))
}

/// Where the first page begins that is the wanted one.
fn find_page(
    guest: &dyn Guest,
    range: &Range<u64>,
    mut is_wanted: impl FnMut(u64, &[u8]) -> bool,
) -> Result<Option<u64>, Trap> {
    let mut bytes = Vec::new();
    let mut at = range.start;
    while at < range.end {
        bytes.resize(PIECE.min(range.end - at) as usize, 0);
        guest.read(at, &mut bytes).ok_or(Trap::OutOfBounds)?;
        for page in bytes.chunks(SNAPSHOT_PAGE) {
            if is_wanted(at, page) {
                return Ok(Some(at));
            }
            at += page.len() as u64;
        }
    }
    Ok(None)
}
