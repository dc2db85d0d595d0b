//! WeaveDrive: Arweave's data as files.

/// Files that a module may read. Absent by default: then every file is missing.
///
/// Answers must not depend on anything but the path, or two machines would not agree on what the module does.
pub trait WeaveDrive {
    /// Opens `/data/<id>`, `/tx/<id>`, `/block/<height>` …; `None` when there is no such file. The number is the
    /// module's name for the open file, and not 0.
    fn open(&mut self, path: &str, mode: &str) -> Option<u32>;

    /// The next bytes of the file, at most so many; none at its end.
    fn read(&mut self, file: u32, length: u64) -> Vec<u8>;

    fn close(&mut self, file: u32);
}
