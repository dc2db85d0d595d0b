//! The ids of a module's sections.

pub const CUSTOM: u8 = 0;
pub const TYPE: u8 = 1;
pub const FUNCTION: u8 = 3;
pub const TABLE: u8 = 4;
pub const GLOBAL: u8 = 6;
pub const EXPORT: u8 = 7;
pub const START: u8 = 8;
pub const ELEMENT: u8 = 9;
pub const CODE: u8 = 10;
pub const DATA: u8 = 11;
pub const TAG: u8 = 13;
