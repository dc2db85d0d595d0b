//! What the loader of compute units needs of a module besides `handle`: it is made for modules of emscripten, format
//! `wasm32-unknown-emscripten4`.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::null_mut;

use dlmalloc::{Allocator, Dlmalloc};

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Makes the memory at least as long as this, in bytes. Returns 0 if the host has no more.
    safe fn emscripten_resize_heap(bytes: usize) -> i32;
}

const PAGE: usize = 65536;

/// Memory of the host. The loader keeps views of the memory: it must be the one that grows it.
struct Host;

// SAFETY: `alloc` returns pages that did not exist before the call, so nothing else uses them. The other functions promise
// nothing: no page is moved or returned.
unsafe impl Allocator for Host {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let none = (null_mut(), 0, 0);
        let start = core::arch::wasm32::memory_size(0) * PAGE;
        let Some(wanted) = start
            .checked_add(size)
            .and_then(|end| end.checked_next_multiple_of(PAGE))
        else {
            return none;
        };
        if emscripten_resize_heap(wanted) == 0 {
            return none;
        }
        // A host may add more pages than it was asked for.
        let end = core::arch::wasm32::memory_size(0).saturating_mul(PAGE);
        (core::ptr::with_exposed_provenance_mut(start), end - start, 0)
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

struct Heap(UnsafeCell<Dlmalloc<Host>>);

// SAFETY: a module has one thread.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new(Dlmalloc::new_with_allocator(Host)));

// SAFETY: each call is passed on to the allocator as it is. There is one thread, and the allocator calls no allocation itself,
// so no two references to it exist.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { (*self.0.get()).malloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { (*self.0.get()).free(place, layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { (*self.0.get()).calloc(layout.size(), layout.align()) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe { (*self.0.get()).realloc(place, layout.size(), layout.align(), size) }
    }
}

/// Where the loader says that the stack ends. It writes a mark there, and looks at it after each call.
struct StackEnd(UnsafeCell<[u32; 4]>);

// SAFETY: a module has one thread, and no code of the module reads or writes it.
unsafe impl Sync for StackEnd {}

static STACK_END: StackEnd = StackEnd(UnsafeCell::new([0; 4]));

#[unsafe(no_mangle)]
extern "C" fn emscripten_stack_init() {}

#[unsafe(no_mangle)]
extern "C" fn emscripten_stack_get_end() -> *mut u32 {
    STACK_END.0.get().cast()
}

#[unsafe(no_mangle)]
extern "C" fn emscripten_stack_get_base() -> *mut u32 {
    // The end of the array.
    STACK_END.0.get().wrapping_add(1).cast()
}

#[unsafe(export_name = "setThrew")]
extern "C" fn set_threw(_: i32, _: i32) {}
