//! WeaveDrive: data of Arweave as files of a module.

/// Files that a module may read. By default there are none.
///
/// The contents must depend on the path only: otherwise a module's results would differ between machines.
pub trait WeaveDrive {
    /// The contents of `/data/<id>`, `/tx/<id>`, `/block/<height>` and so on; `None` where there is no such file.
    fn file(&self, path: &str) -> Option<Vec<u8>>;
}

/// The files that a module has opened.
#[derive(Default)]
pub(super) struct Files(Vec<Option<File>>);

struct File {
    bytes: Vec<u8>,
    /// The next byte that is read.
    at: usize,
    /// The position that `seek` reports.
    reported: usize,
}

/// The first free file number. C uses the numbers before it for standard input, output and error.
const FIRST_NUMBER: usize = 3;
/// The most files that are open at once. Lua code opens fewer.
const MAX_FILES: usize = 256;

impl Files {
    /// Opens a file and returns its number; `None` where too many are open.
    pub(super) fn open(&mut self, bytes: Vec<u8>) -> Option<u32> {
        let free = self.0.iter().position(Option::is_none).unwrap_or(self.0.len());
        if free == MAX_FILES {
            return None;
        }
        if free == self.0.len() {
            self.0.push(None);
        }
        *self.0.get_mut(free)? = Some(File {
            bytes,
            at: 0,
            reported: 0,
        });
        u32::try_from(free + FIRST_NUMBER).ok()
    }

    /// The file's next bytes, at most `length` of them. Empty at its end, and for a number that is not open.
    pub(super) fn read(&mut self, number: u64, length: u64) -> &[u8] {
        let Some(File { bytes, at, reported }) = self.slot(number).and_then(Option::as_mut) else {
            return &[];
        };
        let rest = bytes.get(*at..).unwrap_or_default();
        let length = usize::try_from(length).map_or(rest.len(), |length| length.min(rest.len()));
        *at += length;
        *reported = *at;
        &rest[..length]
    }

    /// Sets the position and returns it; `None` for a number that is not open, and for a position that cannot be.
    ///
    /// Seeking from the end leaves the next byte as it is, and changes only the position that is reported: AO's Lua library
    /// reads a whole file with `file:read(file:seek('end'))`. C asks for the position with a seek by 0 from it.
    pub(super) fn seek(&mut self, number: u64, offset: i64, whence: i64) -> Option<u64> {
        let File { bytes, at, reported } = self.slot(number)?.as_mut()?;
        let from = match whence {
            0 => 0,
            1 => *reported,
            2 => bytes.len(),
            _ => return None,
        };
        let position = i64::try_from(from).ok()?.checked_add(offset)?;
        let position = usize::try_from(position).ok()?;
        if whence == 0 || (whence == 1 && offset != 0) {
            *at = position;
        }
        *reported = position;
        Some(position as u64)
    }

    pub(super) fn close(&mut self, number: u64) {
        if let Some(slot) = self.slot(number) {
            *slot = None;
        }
    }

    fn slot(&mut self, number: u64) -> Option<&mut Option<File>> {
        let index = usize::try_from(number).ok()?.checked_sub(FIRST_NUMBER)?;
        self.0.get_mut(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_returns_successive_pieces_and_nothing_for_unknown_files() {
        let mut files = Files::default();
        let first = u64::from(files.open(b"abcde".to_vec()).unwrap());
        let second = u64::from(files.open(b"xyz".to_vec()).unwrap());
        assert_eq!(files.read(first, 2), b"ab");
        assert_eq!(files.read(second, u64::MAX), b"xyz");
        assert_eq!(files.read(first, 9), b"cde");
        assert_eq!(files.read(first, 9), b"");
        let third = u64::from(files.open(b"whole".to_vec()).unwrap());
        assert_eq!(files.seek(third, 0, 2), Some(5));
        assert_eq!(files.seek(third, 0, 1), Some(5));
        assert_eq!(files.read(third, 5), b"whole");
        assert_eq!(files.seek(second, -1, 2), Some(2));
        assert_eq!(files.seek(second, 1, 0), Some(1));
        assert_eq!(files.seek(second, 0, 1), Some(1));
        assert_eq!(files.read(second, 1), b"y");
        for (offset, whence) in [(-9, 1), (i64::MAX, 2), (0, 3)] {
            assert_eq!(files.seek(second, offset, whence), None);
        }
        assert_eq!(files.seek(99, 0, 0), None);
        files.close(first);
        assert_eq!(u64::from(files.open(Vec::new()).unwrap()), first);
        for number in [0, 2, 99, u64::MAX] {
            assert_eq!(files.read(number, 1), b"");
            files.close(number);
        }
    }
}
