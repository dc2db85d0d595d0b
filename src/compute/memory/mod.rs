//! Linear memory: which parts a process uses, and copies of them.

pub(super) mod c_stack;
pub(super) mod extent;
pub(super) mod image;

/// Bytes of a WebAssembly page. The length of a memory is a multiple of it.
pub const WASM_PAGE: u64 = 0x1_0000;

/// Bytes of a snapshot's page. Snapshots leave out the pages that hold only zeros.
pub(super) const SNAPSHOT_PAGE: usize = 4096;
