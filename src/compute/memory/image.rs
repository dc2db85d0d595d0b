//! A copy of linear memory.

use std::ops::Range;

use super::SNAPSHOT_PAGE;
use crate::compute::engine::Guest;
use crate::compute::trap::Trap;

static EMPTY: [u8; SNAPSHOT_PAGE] = [0; SNAPSHOT_PAGE];

/// A copy of linear memory at one point in time, without the parts that are known to be zeros.
#[derive(Clone, Default)]
pub(in crate::compute) struct Image {
    size: u64,
    /// In order, without overlap, in whole snapshot pages.
    segments: Vec<Segment>,
}

#[derive(Clone, Default)]
struct Segment {
    start: u64,
    bytes: Vec<u8>,
}

impl Segment {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Image {
    /// An image of memory that holds only zeros.
    pub fn empty(size: u64) -> Self {
        let segments = Vec::new();
        Self { size, segments }
    }

    /// Bytes of the memory.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes that the image itself takes.
    #[cfg(feature = "local")]
    pub fn stored_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes.len() as u64).sum()
    }

    pub fn resize(&mut self, size: u64) {
        self.size = size;
    }

    /// The pages that are not empty, each with its number.
    pub fn pages(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let pages = self.segments.iter().flat_map(|segment| {
            let first = segment.start / SNAPSHOT_PAGE as u64;
            (first..).zip(segment.bytes.chunks(SNAPSHOT_PAGE))
        });
        pages.filter(|(_, page)| !is_empty(page))
    }

    /// All bytes of the memory, in pieces.
    pub fn raw(&self) -> impl Iterator<Item = &[u8]> {
        let mut at = 0;
        let end = Segment {
            start: self.size,
            bytes: Vec::new(),
        };
        let starts = self.segments.iter().map(|segment| (segment.start, &segment.bytes[..]));
        starts.chain([(end.start, &[][..])]).flat_map(move |(start, bytes)| {
            let empty = (start - at) / SNAPSHOT_PAGE as u64;
            at = start + bytes.len() as u64;
            let empty = (0..empty).map(|_| &EMPTY[..]);
            empty.chain([bytes])
        })
    }

    /// Adds a page; `None` where it is not behind all others, or is past the end of the memory.
    #[must_use]
    pub fn push(&mut self, number: u64, page: &[u8; SNAPSHOT_PAGE]) -> Option<()> {
        let start = number.checked_mul(SNAPSHOT_PAGE as u64)?;
        let end = self.segments.last().map_or(0, Segment::end);
        if start < end || start + SNAPSHOT_PAGE as u64 > self.size {
            return None;
        }
        match self.segments.last_mut() {
            Some(last) if start == end => last.bytes.extend_from_slice(page),
            _ => self.segments.push(Segment {
                start,
                bytes: page.to_vec(),
            }),
        }
        Some(())
    }

    /// The address of the first page in the range that is not empty.
    pub fn first_in(&self, range: &Range<u64>) -> Option<u64> {
        let mut starts = self.pages().map(|(number, _)| number * SNAPSHOT_PAGE as u64);
        starts.find(|start| range.contains(start))
    }

    /// The address at which the last page ends that is not empty.
    pub fn end(&self) -> u64 {
        self.pages()
            .last()
            .map_or(0, |(number, _)| (number + 1) * SNAPSHOT_PAGE as u64)
    }

    /// Copies memory into the image. Outside of the ranges in `used`, memory must hold only zeros.
    ///
    /// # Errors
    /// `OutOfMemory` where the machine has too little memory; the image then stays as it was.
    pub fn copy_from(&mut self, guest: &mut dyn Guest, used: &[Range<u64>]) -> Result<(), Trap> {
        let length = |range: &Range<u64>| usize::try_from(range.end - range.start).map_err(|_| Trap::OutOfMemory);
        self.segments.resize_with(used.len(), Segment::default);
        // Reserves everything first: if that fails, the image must stay as it was.
        for (segment, range) in self.segments.iter_mut().zip(used) {
            let missing = length(range)?.saturating_sub(segment.bytes.len());
            let reserved = segment.bytes.try_reserve_exact(missing);
            reserved.map_err(|_| Trap::OutOfMemory)?;
        }
        self.size = guest.size();
        for (segment, range) in self.segments.iter_mut().zip(used) {
            segment.start = range.start;
            segment.bytes.resize(length(range)?, 0);
            guest.read(range.start, &mut segment.bytes).ok_or(Trap::OutOfBounds)?;
        }
        Ok(())
    }

    /// Copies the image into memory of the same length. Outside of the ranges in `used`, memory must hold only zeros.
    pub fn restore(&self, guest: &mut dyn Guest, used: &[Range<u64>]) -> Result<(), Trap> {
        for segment in &self.segments {
            guest.write(segment.start, &segment.bytes).ok_or(Trap::OutOfBounds)?;
        }
        for range in used {
            let mut at = range.start;
            for segment in &self.segments {
                if segment.start > at && at < range.end {
                    let length = segment.start.min(range.end) - at;
                    guest.clear(at, length).ok_or(Trap::OutOfBounds)?;
                }
                at = at.max(segment.end());
            }
            if at < range.end {
                guest.clear(at, range.end - at).ok_or(Trap::OutOfBounds)?;
            }
        }
        Ok(())
    }
}

/// Whether all bytes are zeros. Whole words: where the compiler aims at size, it reads single bytes one by one.
pub(in crate::compute) fn is_empty(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks();
    words.iter().all(|word| u128::from_ne_bytes(*word) == 0) && rest.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(byte: u8) -> [u8; SNAPSHOT_PAGE] {
        [byte; SNAPSHOT_PAGE]
    }

    #[test]
    fn push_refuses_pages_out_of_order_and_past_the_end() {
        let mut image = Image::empty(5 * SNAPSHOT_PAGE as u64);
        image.push(1, &page(1)).unwrap();
        image.push(2, &page(0)).unwrap();
        image.push(4, &page(4)).unwrap();
        assert!(image.push(4, &page(4)).is_none());
        assert!(image.push(5, &page(5)).is_none());
        assert!(image.push(u64::MAX, &page(5)).is_none());
        let pages: Vec<_> = image.pages().map(|(number, page)| (number, page[0])).collect();
        assert_eq!(pages, [(1, 1), (4, 4)]);
        let raw: Vec<u8> = image.raw().flat_map(<[u8]>::to_vec).collect();
        let whole: Vec<u8> = [0, 1, 0, 0, 4].into_iter().flat_map(page).collect();
        assert!(raw == whole);
        assert_eq!(
            image.first_in(&(SNAPSHOT_PAGE as u64 * 2..u64::MAX)),
            Some(4 * SNAPSHOT_PAGE as u64)
        );
        assert_eq!(image.first_in(&(0..SNAPSHOT_PAGE as u64)), None);
    }
}
