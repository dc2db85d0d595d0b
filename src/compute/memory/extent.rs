//! Finds the parts of a process's memory that can hold other bytes than zeros.
//!
//! Where a module exports its stack's limits and the end of its heap, these parts are 3 MB of an aos process's 68 MB:
//! everything below the lowest address that the stack reached is zero, and so is everything above the heap. C code
//! could write there by mistake only. Snapshots, which leave the machine, are therefore taken after a search of all
//! memory.
//!
//! Other memories are searched: a small Rust module has a megabyte, nearly all of it stack that it never uses.

use std::ops::Range;

use super::SNAPSHOT_PAGE;
use super::c_stack::CStack;
use super::image::{Image, is_empty};
use crate::compute::engine::{Guest, WasmValue};
use crate::compute::instrument::global;
use crate::compute::trap::Trap;

/// Bytes below the stack's pointer that a function may use without moving the pointer, if it calls no other: LLVM's red
/// zone.
const RED_ZONE: u64 = 128;
/// Bytes that are searched at a time, since some engines copy memory to read it.
const SEARCH_PIECE: u64 = 0x1_0000;

/// The most zeros between two parts that are kept as one.
const GAP: u64 = 0x4000;

const PAGE: u64 = SNAPSHOT_PAGE as u64;

/// How far a process has used its memory. `stack_low` only falls, and `heap_end` only rises.
#[derive(Debug, Clone, Copy)]
pub(in crate::compute) struct HighWater {
    /// The lowest address that the stack's pointer has had.
    stack_low: u64,
    /// The highest address at which the heap has ended.
    heap_end: u64,
}

/// Where the C stack lies, by the module's own functions. `None` where it does not export them, where they return
/// addresses that make no sense, and where the module has no counter for the stack's lowest address.
pub(in crate::compute) fn c_stack(guest: &mut dyn Guest) -> Result<Option<CStack>, Trap> {
    if !guest.state().layout.knows_stack() || guest.global(global::STACK_LOW).is_none() {
        return Ok(None);
    }
    let mut ask = |name| Ok(guest.call(name, &[])?.map_or(0, WasmValue::unsigned));
    let (end, base) = (ask("emscripten_stack_get_end")?, ask("emscripten_stack_get_base")?);
    let inside = end < base && base <= guest.size();
    Ok(inside.then_some(CStack { end, base }))
}

/// The parts of memory that can hold other bytes than zeros, in whole pages.
pub(in crate::compute) fn used_ranges(guest: &mut dyn Guest) -> Vec<Range<u64>> {
    match unused_ranges(guest) {
        Some([below, above]) => vec![0..below.start, below.end..above.start],
        None => nonempty_ranges(guest),
    }
}

/// The parts that hold other bytes than zeros now, in whole pages.
fn nonempty_ranges(guest: &dyn Guest) -> Vec<Range<u64>> {
    let mut parts: Vec<Range<u64>> = Vec::new();
    let all = 0..guest.size();
    // The range is all of memory, so that reading cannot fail.
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

/// The unused part of the stack, and the memory above the heap, in whole pages.
fn unused_ranges(guest: &mut dyn Guest) -> Option<[Range<u64>; 2]> {
    let (stack, size) = (guest.state().stack?, guest.size());
    let HighWater { stack_low, heap_end } = high_water(guest)?;
    let start = stack.end.next_multiple_of(PAGE);
    let end = stack_low.saturating_sub(RED_ZONE) / PAGE * PAGE;
    let top = heap_end.max(stack.base).checked_next_multiple_of(PAGE)?.min(size);
    (start < end).then_some([start..end, top..size])
}

/// The current high-water marks; `None` where the module does not export where its stack lies.
pub(in crate::compute) fn high_water(guest: &mut dyn Guest) -> Option<HighWater> {
    let (stack, size) = (guest.state().stack?, guest.size());
    let stack_low = guest.global(global::STACK_LOW)?.unsigned().min(stack.base);
    let heap = match guest.state().layout.has("sbrk") {
        true => guest.call("sbrk", &[WasmValue::I64(0)]).ok().flatten(),
        false => None,
    };
    // Ignores a heap that is not above the stack.
    let heap = heap
        .map(WasmValue::unsigned)
        .filter(|heap| (stack.base..=size).contains(heap));
    let state = guest.state();
    let heap_end = heap.map_or(size, |heap| heap.max(state.heap_end));
    state.heap_end = heap_end;
    Some(HighWater { stack_low, heap_end })
}

/// Sets the high-water marks, for memory that was restored to the state in which they were taken.
pub(in crate::compute) fn set_high_water(guest: &mut dyn Guest, HighWater { stack_low, heap_end }: HighWater) {
    guest.set_global(global::STACK_LOW, stack_low.cast_signed());
    guest.state().heap_end = heap_end;
}

/// The high-water marks for memory that equals the image.
pub(in crate::compute) fn high_water_of(stack: CStack, image: &Image) -> HighWater {
    HighWater {
        stack_low: image.first_in(&(stack.end..stack.base)).unwrap_or(stack.base),
        heap_end: image.end(),
    }
}

/// Searches unused memory for bytes that C code wrote there by mistake, and moves the high-water marks to include them.
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

/// The address of the first page that is not empty.
fn first_used(guest: &dyn Guest, range: &Range<u64>) -> Result<Option<u64>, Trap> {
    find_page(guest, range, |_, page| !is_empty(page))
}

/// The address of the first page for which `is_wanted` returns true.
fn find_page(
    guest: &dyn Guest,
    range: &Range<u64>,
    mut is_wanted: impl FnMut(u64, &[u8]) -> bool,
) -> Result<Option<u64>, Trap> {
    let mut at = range.start;
    while at < range.end {
        let piece = guest.view(at, SEARCH_PIECE.min(range.end - at));
        for page in piece.ok_or(Trap::OutOfBounds)?.chunks(SNAPSHOT_PAGE) {
            if is_wanted(at, page) {
                return Ok(Some(at));
            }
            at += page.len() as u64;
        }
    }
    Ok(None)
}
