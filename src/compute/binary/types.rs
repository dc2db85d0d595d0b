//! The types in a module's binary format.

/// The type of a value that a function takes or returns.
///
/// Vectors and references are `Other`: they are not passed between a module and its host here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    I32,
    I64,
    F32,
    F64,
    Other,
}

/// The type of a function.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FuncType {
    pub parameters: Vec<ValueType>,
    pub results: Vec<ValueType>,
}

/// The type of the module's own memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryType {
    /// Whether addresses have 64 bits.
    pub memory64: bool,
    /// Pages of 64 KiB at the start.
    pub initial: u64,
    /// The most pages that the module's own declaration allows.
    pub maximum: Option<u64>,
}
