//! The types in a module's binary format.

/// The types of numbers. Vectors and references do not pass between a module and its host here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    I32,
    I64,
    F32,
    F64,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FuncType {
    pub parameters: Vec<ValueType>,
    pub results: Vec<ValueType>,
}

/// The shape of the module's own memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryType {
    pub memory64: bool,
    /// In pages of 64 KiB.
    pub initial: u64,
    pub maximum: Option<u64>,
}
