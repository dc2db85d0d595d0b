//! Writes WebAssembly's binary format.

use std::borrow::Cow;

use crate::compute::binary::reader::Reader;
use crate::error::Result;

/// A section of a module.
#[derive(Debug, Clone)]
pub(super) struct Section<'a> {
    pub id: u8,
    pub body: Cow<'a, [u8]>,
}

impl Section<'_> {
    /// Creates a section from its entries.
    pub fn new(id: u8, entries: &[Vec<u8>]) -> Self {
        let mut body = Vec::new();
        unsigned(entries.len() as u64, &mut body);
        body.extend(entries.iter().flatten());
        Self { id, body: body.into() }
    }

    /// The number of entries.
    pub fn count(&self) -> Result<u64> {
        Reader { bytes: &self.body }.number()
    }

    /// The section with more entries at its end.
    pub fn extended(&self, entries: &[Vec<u8>]) -> Result<Self> {
        let mut reader = Reader { bytes: &self.body };
        let count = reader.number()?;
        let mut body = Vec::with_capacity(self.body.len() + 64);
        unsigned(count.saturating_add(entries.len() as u64), &mut body);
        body.extend_from_slice(reader.bytes);
        body.extend(entries.iter().flatten());
        Ok(Self {
            id: self.id,
            body: body.into(),
        })
    }

    /// Appends the section to a module.
    pub fn write(&self, module: &mut Vec<u8>) {
        module.push(self.id);
        unsigned(self.body.len() as u64, module);
        module.extend_from_slice(&self.body);
    }
}

/// The instructions of a function that the module defines. `index` does not count imported ones.
pub(super) fn function_body<'a>(code: &'a Section<'_>, index: u64) -> Result<Reader<'a>> {
    let mut reader = Reader { bytes: &code.body };
    reader.number()?;
    for _ in 0..index {
        let length = reader.length()?;
        reader.take(length)?;
    }
    let length = reader.length()?;
    let mut body = Reader {
        bytes: reader.take(length)?,
    };
    body.each(|body| body.number().and_then(|_| body.number()).map(drop))?;
    Ok(body)
}

/// Appends an unsigned LEB128 number.
pub(super) fn unsigned(mut value: u64, bytes: &mut Vec<u8>) {
    while value > 0x7f {
        bytes.push((value as u8) | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Appends a signed LEB128 number.
pub(super) fn signed(mut value: i64, bytes: &mut Vec<u8>) {
    while !(-0x40..0x40).contains(&value) {
        bytes.push((value as u8) | 0x80);
        value >>= 7;
    }
    bytes.push((value as u8) & 0x7f);
}
