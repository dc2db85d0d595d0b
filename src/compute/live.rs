//! Which parts of a process's memory can hold anything at all.
//!
//! Where a module tells where its C stack lies and how far its heap reaches, that is 3 of an aos process's 68 MB: nothing
//! is below the lowest that the stack has been, nor above the heap. C code could write there by mistake only; what leaves
//! this machine is looked at in whole all the same. Other memories are searched for what they hold: a small program in Rust
//! has a megabyte, nearly all of it a stack that it never reaches.

use std::ops::Range;

use super::engine::{Guest, Value};
use super::image::{Image, PAGE, is_empty};
use super::instrument::global;
use super::trap::Trap;

/// What a function that calls no other may use below the stack's pointer without moving it. (LLVM's red zone.)
const RED_ZONE: u64 = 128;
/// What is looked at in one piece: engines may have to copy what they show.
const PIECE: u64 = 0x1_0000;

/// Empty pages between two parts that are not worth the trouble of two.
const GAP: u64 = 0x4000;

const PAGE_SIZE: u64 = PAGE as u64;

/// Where a C stack lies: it grows down, from its base to its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stack {
    end: u64,
    base: u64,
}

/// How far a process has come into its memory. Both move one way only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// The lowest that the stack has been.
    low: u64,
    /// The end of the heap.
    high: u64,
}

/// Asks the module where its C stack lies; `None` when it does not tell, or tells nonsense, or has no mark for it.
pub(super) fn stack(guest: &mut dyn Guest) -> Result<Option<Stack>, Trap> {
    if !guest.host().layout.knows_stack() || guest.global(global::LOW).is_none() {
        return Ok(None);
    }
    let mut ask = |name| Ok(guest.call(name, &[])?.map_or(0, Value::unsigned));
    let (end, base) = (ask("emscripten_stack_get_end")?, ask("emscripten_stack_get_base")?);
    let inside = end < base && base <= guest.size();
    Ok(inside.then_some(Stack { end, base }))
}

/// The parts of memory in which there can be anything, in whole pages.
pub(super) fn live(guest: &mut dyn Guest) -> Vec<Range<u64>> {
    match unused(guest) {
        Some([below, above]) => vec![0..below.start, below.end..above.start],
        None => used(guest),
    }
}

/// The parts that hold something, in whole pages.
fn used(guest: &dyn Guest) -> Vec<Range<u64>> {
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
fn unused(guest: &mut dyn Guest) -> Option<[Range<u64>; 2]> {
    let (stack, size) = (guest.host().stack?, guest.size());
    let Marks { low, high } = marks(guest)?;
    let start = stack.end.next_multiple_of(PAGE_SIZE);
    let end = low.saturating_sub(RED_ZONE) / PAGE_SIZE * PAGE_SIZE;
    let top = high.max(stack.base).checked_next_multiple_of(PAGE_SIZE)?.min(size);
    (start < end).then_some([start..end, top..size])
}

/// The marks of now; `None` where there are none.
pub(super) fn marks(guest: &mut dyn Guest) -> Option<Marks> {
    let (stack, size) = (guest.host().stack?, guest.size());
    let low = guest.global(global::LOW)?.unsigned().min(stack.base);
    let heap = match guest.host().layout.has("sbrk") {
        true => guest.call("sbrk", &[Value::I64(0)]).ok().flatten(),
        false => None,
    };
    // A heap that is not above the stack is none that this knows.
    let heap = heap
        .map(Value::unsigned)
        .filter(|heap| (stack.base..=size).contains(heap));
    let host = guest.host();
    let high = heap.map_or(size, |heap| heap.max(host.high));
    host.high = high;
    Some(Marks { low, high })
}

/// Takes the marks back, with memory that is as it was when they were asked for.
pub(super) fn set_marks(guest: &mut dyn Guest, Marks { low, high }: Marks) {
    guest.set_global(global::LOW, low.cast_signed());
    guest.host().high = high;
}

/// The marks for memory as in the image.
pub(super) fn marks_of(stack: Stack, image: &Image) -> Marks {
    Marks {
        low: image.first_in(&(stack.end..stack.base)).unwrap_or(stack.base),
        high: image.end(),
    }
}

/// Moves the marks to where unused memory is not empty after all.
pub(super) fn check(guest: &mut dyn Guest) -> Result<(), Trap> {
    let (Some([below, above]), Some(mut marks)) = (unused(guest), marks(guest)) else {
        return Ok(());
    };
    if let Some(first) = first_used(guest, &below)? {
        marks.low = first;
    }
    if first_used(guest, &above)?.is_some() {
        marks.high = above.end;
    }
    set_marks(guest, marks);
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
        for page in bytes.chunks(PAGE) {
            if is_wanted(at, page) {
                return Ok(Some(at));
            }
            at += page.len() as u64;
        }
    }
    Ok(None)
}
