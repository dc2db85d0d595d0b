//! Writes and reads a process's state: this crate's snapshots, and the checkpoints of compute units.
//!
//! ```text
//! "aoxs" | u8 version = 1 | 32 bytes SHA-256 of the module
//! u64 bytes of memory | f64 next value of the clock | u32 count of pages
//! deflated, for each page that is not empty: u32 number of the page | 4096 bytes
//! 32 bytes SHA-256 of everything before
//! ```
//!
//! Numbers are little-endian. The hash at the end is checked before anything else is read.

use flate2::Compression;
use sha2::{Digest, Sha256};

use super::deflate;
use super::memory::image::{Image, is_empty};
use super::memory::{SNAPSHOT_PAGE, WASM_PAGE};
use crate::error::{Error, ErrorKind, Result};

const MAGIC: &[u8; 4] = b"aoxs";
const VERSION: u8 = 1;
const HASH: usize = 32;

/// The contents of a snapshot.
pub(super) struct Snapshot {
    pub image: Image,
    pub clock: f64,
}

pub(super) fn hash(bytes: &[u8]) -> [u8; HASH] {
    Sha256::digest(bytes).into()
}

pub(super) fn write(image: &Image, clock: f64, module: &[u8; HASH], level: Compression) -> Vec<u8> {
    let numbers: Vec<_> = image.pages().map(|(number, _)| (number as u32).to_le_bytes()).collect();
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    bytes.extend_from_slice(module);
    bytes.extend_from_slice(&image.size().to_le_bytes());
    bytes.extend_from_slice(&clock.to_le_bytes());
    bytes.extend_from_slice(&(numbers.len() as u32).to_le_bytes());
    let pieces = image.pages().zip(&numbers);
    let pieces = pieces.flat_map(|((_, page), number)| [&number[..], page]);
    deflate::deflate(pieces, level, &mut bytes);
    let seal = hash(&bytes);
    bytes.extend_from_slice(&seal);
    bytes
}

pub(super) fn read(snapshot: &[u8], module: &[u8; HASH], limit: u64) -> Result<Snapshot> {
    let damaged = || bad("it is damaged");
    let (body, seal) = snapshot
        .len()
        .checked_sub(HASH)
        .and_then(|end| snapshot.split_at_checked(end))
        .ok_or_else(damaged)?;
    let rest = body
        .strip_prefix(MAGIC)
        .ok_or_else(|| bad("it does not begin with \"aoxs\""))?;
    if hash(body) != seal {
        return Err(damaged());
    }
    let (&version, rest) = rest.split_first().ok_or_else(damaged)?;
    if version != VERSION {
        return Err(bad(&format!(
            "it has version {version}, and this version of aoxide reads {VERSION}"
        )));
    }
    let (of, rest) = rest.split_first_chunk::<HASH>().ok_or_else(damaged)?;
    if of != module {
        return Err(bad("it belongs to another module"));
    }
    let (size, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (clock, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (count, pages) = rest.split_first_chunk().ok_or_else(damaged)?;
    let size = u64::from_le_bytes(*size);
    let mut image = Image::empty(checked_size(size, limit)?);
    let mut pages_read = Pages {
        image: &mut image,
        partial: Vec::with_capacity(4 + SNAPSHOT_PAGE),
        count: 0,
    };
    let read = deflate::inflate(pages, |piece| pages_read.take(piece));
    let whole = pages_read.partial.is_empty() && pages_read.count == u32::from_le_bytes(*count);
    if read.is_none() || !whole {
        return Err(damaged());
    }
    Ok(Snapshot {
        image,
        clock: f64::from_le_bytes(*clock),
    })
}

/// Collects a stream of numbered pages into an image.
struct Pages<'a> {
    image: &'a mut Image,
    partial: Vec<u8>,
    count: u32,
}

impl Pages<'_> {
    fn take(&mut self, mut piece: &[u8]) -> Option<()> {
        while !piece.is_empty() {
            let missing = (4 + SNAPSHOT_PAGE - self.partial.len()).min(piece.len());
            let (now, later) = piece.split_at_checked(missing)?;
            self.partial.extend_from_slice(now);
            piece = later;
            if self.partial.len() == 4 + SNAPSHOT_PAGE {
                let (number, page) = self.partial.split_first_chunk()?;
                self.image
                    .push(u32::from_le_bytes(*number).into(), page.try_into().ok()?)?;
                self.count += 1;
                self.partial.clear();
            }
        }
        Some(())
    }
}

/// Writes raw memory, compressed with gzip.
pub(super) fn write_checkpoint(image: &Image) -> Vec<u8> {
    deflate::gzip(image.raw())
}

/// SHA-256 of raw memory.
pub(super) fn memory_hash(image: &Image) -> [u8; HASH] {
    let mut hash = Sha256::new();
    image.raw().for_each(|piece| hash.update(piece));
    hash.finalize().into()
}

/// Reads raw memory, compressed with gzip or not: a gateway may have decompressed it.
pub(super) fn read_checkpoint(checkpoint: &[u8], limit: u64) -> Result<Image> {
    let mut memory = Raw {
        image: Image::empty(limit.next_multiple_of(WASM_PAGE)),
        partial: Vec::with_capacity(SNAPSHOT_PAGE),
        pages: 0,
    };
    let read = if checkpoint.starts_with(&deflate::GZIP_MAGIC) {
        deflate::gunzip(checkpoint, |piece| memory.take(piece))
    } else {
        // In pieces: engines replace a function by its optimised code when it is called again.
        checkpoint
            .chunks(WASM_PAGE as usize)
            .try_for_each(|piece| memory.take(piece))
    };
    read.filter(|()| memory.partial.is_empty())
        .ok_or_else(|| bad("it is damaged, or larger than memoryLimit"))?;
    memory
        .image
        .resize(checked_size(memory.pages * SNAPSHOT_PAGE as u64, limit)?);
    Ok(memory.image)
}

/// Collects a stream of bytes into an image.
struct Raw {
    image: Image,
    partial: Vec<u8>,
    pages: u64,
}

impl Raw {
    fn take(&mut self, mut piece: &[u8]) -> Option<()> {
        while !piece.is_empty() {
            // Most pages are whole, and need not be copied.
            if self.partial.is_empty()
                && let Some((page, later)) = piece.split_first_chunk()
            {
                self.push(page)?;
                piece = later;
                continue;
            }
            let (now, later) = piece.split_at_checked((SNAPSHOT_PAGE - self.partial.len()).min(piece.len()))?;
            self.partial.extend_from_slice(now);
            piece = later;
            if let Some(page) = self.partial.first_chunk().copied() {
                self.push(&page)?;
                self.partial.clear();
            }
        }
        Some(())
    }

    fn push(&mut self, page: &[u8; SNAPSHOT_PAGE]) -> Option<()> {
        if (self.pages + 1) * SNAPSHOT_PAGE as u64 > self.image.size() {
            return None;
        }
        if !is_empty(page) {
            self.image.push(self.pages, page)?;
        }
        self.pages += 1;
        Some(())
    }
}

fn checked_size(size: u64, limit: u64) -> Result<u64> {
    if size == 0 || !size.is_multiple_of(WASM_PAGE) {
        return Err(bad(
            "it is not a process's memory: its length is not a multiple of 64 KiB",
        ));
    }
    if size > limit {
        return Err(Error::new(
            ErrorKind::OutOfMemory,
            format!("The snapshot has {size} bytes of memory, and memoryLimit is {limit}. Raise memoryLimit"),
        ));
    }
    Ok(size)
}

fn bad(what: &str) -> Error {
    Error::new(ErrorKind::BadSnapshot, format!("The snapshot cannot be used: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: [u8; 32] = [7; 32];
    const LIMIT: u64 = 1 << 24;

    fn image() -> Image {
        let mut image = Image::empty(WASM_PAGE * 3);
        image.push(2, &[1; SNAPSHOT_PAGE]).unwrap();
        let mut last = [0; SNAPSHOT_PAGE];
        last[..8].copy_from_slice(b"the last");
        image.push(47, &last).unwrap();
        image
    }

    fn bytes_of(image: &Image) -> Vec<u8> {
        image.raw().flat_map(<[u8]>::to_vec).collect()
    }

    fn kind(outcome: Result<Snapshot>) -> ErrorKind {
        outcome.err().unwrap().kind()
    }

    #[test]
    fn read_restores_what_write_wrote() {
        let bytes = write(&image(), 10_042.0, &MODULE, deflate::LEVEL);
        let Snapshot { image: back, clock } = read(&bytes, &MODULE, LIMIT).unwrap();
        assert!(bytes_of(&back) == bytes_of(&image()));
        assert_eq!(clock, 10_042.0);
        assert!(bytes.len() < 300);
    }

    #[test]
    fn read_refuses_every_cut_and_every_changed_byte() {
        let bytes = write(&image(), 0.0, &MODULE, deflate::LEVEL);
        for end in 0..bytes.len() {
            assert_eq!(kind(read(&bytes[..end], &MODULE, LIMIT)), ErrorKind::BadSnapshot);
        }
        for index in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1;
            assert_eq!(kind(read(&damaged, &MODULE, LIMIT)), ErrorKind::BadSnapshot);
        }
        assert_eq!(kind(read(&bytes, &[8; 32], LIMIT)), ErrorKind::BadSnapshot);
        assert_eq!(kind(read(&bytes, &MODULE, WASM_PAGE)), ErrorKind::OutOfMemory);
    }

    #[test]
    fn read_refuses_wrong_contents_under_a_correct_hash() {
        let bytes = write(&image(), 0.0, &MODULE, deflate::LEVEL);
        let resealed = |mut body: Vec<u8>| {
            let seal = hash(&body);
            body.extend_from_slice(&seal);
            kind(read(&body, &MODULE, LIMIT))
        };
        let body = &bytes[..bytes.len() - HASH];
        for (index, byte) in [(4, 2), (37, 1), (53, 9), (57, 0xff)] {
            let mut changed = body.to_vec();
            changed[index] = byte;
            assert_eq!(resealed(changed), ErrorKind::BadSnapshot, "byte {index}");
        }
        assert_eq!(resealed(body[..body.len() - 1].to_vec()), ErrorKind::BadSnapshot);
        assert_eq!(resealed([body, b"more"].concat()), ErrorKind::BadSnapshot);
    }

    #[test]
    fn read_checkpoint_restores_raw_and_compressed_memory_and_refuses_damage() {
        let image = image();
        let compressed = write_checkpoint(&image);
        let back = |bytes| bytes_of(&read_checkpoint(bytes, LIMIT).unwrap());
        let raw = bytes_of(&image);
        assert!(back(&compressed) == raw);
        assert_eq!(raw.len() as u64, WASM_PAGE * 3);
        assert!(back(&raw) == raw);
        assert_eq!(memory_hash(&image), hash(&raw));
        for bad in [
            &[][..],
            &raw[..raw.len() - 1],
            &compressed[..100],
            &[&compressed[..], b"x"].concat(),
        ] {
            assert_eq!(
                read_checkpoint(bad, LIMIT).err().unwrap().kind(),
                ErrorKind::BadSnapshot
            );
        }
        assert_eq!(
            read_checkpoint(&compressed, WASM_PAGE).err().unwrap().kind(),
            ErrorKind::BadSnapshot
        );
    }
}
