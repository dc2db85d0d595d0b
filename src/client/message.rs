//! The message that the verbs of both networks send.

use crate::ans104::Tag;

/// A message to a process.
#[derive(Debug, Clone, PartialEq)]
pub struct Message<D> {
    /// Id of the process.
    pub process: String,
    pub data: Option<D>,
    pub tags: Vec<Tag>,
    /// 32 bytes.
    pub anchor: Option<Vec<u8>>,
}
