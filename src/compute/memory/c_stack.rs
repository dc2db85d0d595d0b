//! Where a module's C stack lies.

/// The addresses between which a C stack lies. It grows down, from its base to its end.
#[derive(Debug, Clone, Copy)]
pub(in crate::compute) struct CStack {
    pub end: u64,
    pub base: u64,
}
