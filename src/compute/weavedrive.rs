//! WeaveDrive: Arweave's data as files.

/// Files that a module may read. Absent by default: then every file is missing.
///
/// Answers must not depend on anything but the path, or two machines would not agree on what the module does.
pub trait WeaveDrive {
    /// What is in `/data/<id>`, `/tx/<id>`, `/block/<height>` …; `None` when there is no such file.
    fn file(&self, path: &str) -> Option<Vec<u8>>;
}

/// Files that a module has open.
#[derive(Default)]
pub(super) struct Files(Vec<Option<File>>);

struct File {
    bytes: Vec<u8>,
    at: usize,
}

/// What C has open by itself: its standard input, output and error.
const STANDARD: usize = 3;
/// More than Lua code opens at once.
const MAX_FILES: usize = 256;

impl Files {
    /// The module's number for the file; `None` when it has too many.
    pub(super) fn open(&mut self, bytes: Vec<u8>) -> Option<u32> {
        let free = self.0.iter().position(Option::is_none).unwrap_or(self.0.len());
        if free == MAX_FILES {
            return None;
        }
        if free == self.0.len() {
            self.0.push(None);
        }
        *self.0.get_mut(free)? = Some(File { bytes, at: 0 });
        u32::try_from(free + STANDARD).ok()
    }

    /// The next bytes, at most so many.
    pub(super) fn read(&mut self, number: u64, length: u64) -> &[u8] {
        let Some(File { bytes, at }) = self.slot(number).and_then(Option::as_mut) else {
            return &[];
        };
        let rest = bytes.get(*at..).unwrap_or_default();
        let length = usize::try_from(length).map_or(rest.len(), |length| length.min(rest.len()));
        *at += length;
        &rest[..length]
    }

    pub(super) fn close(&mut self, number: u64) {
        if let Some(slot) = self.slot(number) {
            *slot = None;
        }
    }

    fn slot(&mut self, number: u64) -> Option<&mut Option<File>> {
        let index = usize::try_from(number).ok()?.checked_sub(STANDARD)?;
        self.0.get_mut(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_in_pieces() {
        let mut files = Files::default();
        let first = u64::from(files.open(b"abcde".to_vec()).unwrap());
        let second = u64::from(files.open(b"xyz".to_vec()).unwrap());
        assert_eq!(files.read(first, 2), b"ab");
        assert_eq!(files.read(second, u64::MAX), b"xyz");
        assert_eq!(files.read(first, 9), b"cde");
        assert_eq!(files.read(first, 9), b"");
        files.close(first);
        assert_eq!(u64::from(files.open(Vec::new()).unwrap()), first);
        for number in [0, 2, 99, u64::MAX] {
            assert_eq!(files.read(number, 1), b"");
            files.close(number);
        }
    }
}
