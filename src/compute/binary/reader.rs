//! Reads values of WebAssembly's binary format (core specification 2.0, section 5).

use super::types::{FuncType, MemoryType, ValueType};
use crate::error::{Error, ErrorKind, Result};

/// Reads a module's bytes from the front. What is left is in `bytes`.
#[derive(Clone)]
pub(in crate::compute) struct Reader<'a> {
    pub bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(length)
            .ok_or_else(|| bad("they are cut short"))?;
        self.bytes = rest;
        Ok(taken)
    }

    pub fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.bytes.split_first().ok_or_else(|| bad("they are cut short"))?;
        self.bytes = rest;
        Ok(*first)
    }

    /// Checks that no bytes are left.
    pub fn end(&self) -> Result<()> {
        match self.bytes {
            [] => Ok(()),
            _ => Err(bad("a section or a function in them is longer than its contents")),
        }
    }

    /// Reads an unsigned LEB128 number. Most have one byte, which this reads without a loop.
    pub fn number(&mut self) -> Result<u64> {
        match self.bytes.split_first() {
            Some((&first, rest)) if first & 0x80 == 0 => {
                self.bytes = rest;
                Ok(first.into())
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(bad("they hold a number of more than 64 bits"))
    }

    pub fn length(&mut self) -> Result<usize> {
        usize::try_from(self.number()?).map_err(|_| bad("they are cut short"))
    }

    pub fn name(&mut self) -> Result<String> {
        let length = self.length()?;
        let name = std::str::from_utf8(self.take(length)?).map_err(|_| bad("they hold a name that is not UTF-8"))?;
        Ok(name.to_owned())
    }

    /// Reads a count, then calls `read` for each entry.
    pub fn each(&mut self, mut read: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        for _ in 0..self.number()? {
            read(self)?;
        }
        Ok(())
    }

    pub fn func_type(&mut self) -> Result<FuncType> {
        if self.byte()? != 0x60 {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "The module declares types of the garbage collection proposal, which no engine here runs. Build it without them",
            ));
        }
        let mut func_type = FuncType::default();
        self.each(|reader| {
            func_type.parameters.push(reader.value_type()?);
            Ok(())
        })?;
        self.each(|reader| {
            func_type.results.push(reader.value_type()?);
            Ok(())
        })?;
        Ok(func_type)
    }

    pub fn value_type(&mut self) -> Result<ValueType> {
        Ok(match self.byte()? {
            0x7f => ValueType::I32,
            0x7e => ValueType::I64,
            0x7d => ValueType::F32,
            0x7c => ValueType::F64,
            _ => ValueType::Other,
        })
    }

    pub fn memory(&mut self) -> Result<MemoryType> {
        let flag = self.byte()?;
        let initial = self.number()?;
        let maximum = if flag & 1 == 1 { Some(self.number()?) } else { None };
        Ok(MemoryType {
            memory64: flag & 4 != 0,
            initial,
            maximum,
        })
    }
}

pub(in crate::compute) fn bad(what: &str) -> Error {
    Error::new(
        ErrorKind::BadModule,
        format!("These bytes are not an AO module: {what}"),
    )
}
