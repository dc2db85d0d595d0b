//! Compression of memory: gzip (RFC 1952) for checkpoints, raw DEFLATE (RFC 1951) for snapshots.
//!
//! Everything goes in pieces: memory is up to a hundred times as long as its compressed form, and both must not be held
//! at once.

use std::io::{Read, Write};

use flate2::bufread::GzDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Decompress, FlushDecompress, GzBuilder, Status};

/// The bytes with which a gzip file begins: its magic number, and the only compression method there is.
pub(crate) const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Bytes that are decompressed at a time.
const CHUNK: usize = 1 << 16;
/// Fast, since most of what is compressed are zeros.
pub(super) const LEVEL: Compression = Compression::new(3);
/// Takes less than half the time, and the result is a tenth larger at most.
#[cfg(feature = "local")]
pub(super) const FASTER: Compression = Compression::new(2);
/// The gzip header's value for an unknown operating system.
const UNKNOWN_SYSTEM: u8 = 0xff;

/// Compresses the pieces into a gzip file.
pub(super) fn gzip<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let header = GzBuilder::new().operating_system(UNKNOWN_SYSTEM);
    let mut encoder = header.write(Vec::new(), LEVEL);
    // A `Vec` takes all bytes, so that writing and finishing cannot fail.
    for piece in pieces {
        let _ = encoder.write_all(piece);
    }
    encoder.finish().unwrap_or_default()
}

/// Decompresses a gzip file. Passes its contents to `take`, piece by piece, and stops when that returns `None`.
///
/// Returns `None` for damaged bytes, and for files of several members or with bytes behind the end.
pub(crate) fn gunzip(file: &[u8], mut take: impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
    let mut decoder = GzDecoder::new(file);
    let mut chunk = vec![0; CHUNK];
    loop {
        match decoder.read(&mut chunk).ok()? {
            0 => return decoder.into_inner().is_empty().then_some(()),
            length => take(chunk.get(..length)?)?,
        }
    }
}

/// Decompresses a gzip file of one member at once, into at most `limit` bytes. Its checksum is not compared: the caller knows a
/// hash of the contents.
#[cfg(feature = "verify")]
pub(crate) fn gunzip_unchecked(file: &[u8], limit: usize) -> Result<Vec<u8>, GunzipError> {
    const TRAILER: usize = 8;
    let damaged = GunzipError::Damaged;
    let body = behind_header(file).ok_or(damaged)?;
    let (body, trailer) = body
        .len()
        .checked_sub(TRAILER)
        .and_then(|at| body.split_at_checked(at))
        .ok_or(damaged)?;
    // The length modulo 2^32. A byte never becomes more than 1032.
    let length = trailer
        .last_chunk()
        .map_or(0, |length| u32::from_le_bytes(*length) as usize);
    if length > limit {
        return Err(GunzipError::TooLong);
    }
    let mut contents = Vec::new();
    if length > body.len().saturating_mul(1032) || contents.try_reserve_exact(length).is_err() {
        return Err(damaged);
    }
    contents.resize(length, 0);
    let mut decompressor = Decompress::new(false);
    // The end of the stream may still be unread when all contents are written.
    let mut spare = [0];
    loop {
        let (read, written) = (decompressor.total_in() as usize, decompressor.total_out() as usize);
        // In pieces: engines replace a function by its optimised code when it is called again.
        let piece = match written < length {
            true => contents.get_mut(written..length.min(written + CHUNK)),
            false => Some(&mut spare[..]),
        };
        let (Some(rest), Some(piece)) = (body.get(read..), piece) else {
            return Err(damaged);
        };
        let status = decompressor.decompress(rest, piece, FlushDecompress::None);
        let now = (decompressor.total_in() as usize, decompressor.total_out() as usize);
        match status {
            Ok(Status::StreamEnd) if now == (body.len(), length) => return Ok(contents),
            Ok(Status::Ok | Status::BufError) if now != (read, written) => {}
            _ => return Err(damaged),
        }
    }
}

/// Why [`gunzip_unchecked`] fails.
#[cfg(feature = "verify")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GunzipError {
    TooLong,
    Damaged,
}

/// What follows the header of a gzip file (RFC 1952 section 2.3).
#[cfg(feature = "verify")]
fn behind_header(file: &[u8]) -> Option<&[u8]> {
    const HAS_CHECKSUM: u8 = 2;
    const HAS_EXTRA: u8 = 4;
    const HAS_NAME: u8 = 8;
    const HAS_COMMENT: u8 = 16;
    let (header, mut rest) = file.split_first_chunk::<10>()?;
    let flags = header.strip_prefix(&GZIP_MAGIC)?.first()?;
    if flags & HAS_EXTRA != 0 {
        let (length, extra) = rest.split_first_chunk()?;
        rest = extra.get(u16::from_le_bytes(*length).into()..)?;
    }
    for flag in [HAS_NAME, HAS_COMMENT] {
        if flags & flag != 0 {
            rest = rest.get(rest.iter().position(|byte| *byte == 0)? + 1..)?;
        }
    }
    if flags & HAS_CHECKSUM != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

/// Appends the compressed pieces, without a frame, to `compressed`.
pub(super) fn deflate<'a>(pieces: impl Iterator<Item = &'a [u8]>, level: Compression, compressed: &mut Vec<u8>) {
    let mut encoder = DeflateEncoder::new(compressed, level);
    // As in `gzip`.
    for piece in pieces {
        let _ = encoder.write_all(piece);
    }
    let _ = encoder.finish();
}

/// As [`gunzip`], for bytes without a frame. Returns `None` also where bytes follow the end.
///
/// `flate2`'s reader does not distinguish the end of the stream from the end of the bytes, so this drives the decompressor
/// itself.
pub(super) fn inflate(bytes: &[u8], mut take: impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
    let mut decompressor = Decompress::new(false);
    let mut chunk = vec![0; CHUNK];
    let mut rest = bytes;
    loop {
        let (read, written) = (decompressor.total_in(), decompressor.total_out());
        let status = decompressor.decompress(rest, &mut chunk, FlushDecompress::None).ok()?;
        let read = usize::try_from(decompressor.total_in() - read).ok()?;
        let written = usize::try_from(decompressor.total_out() - written).ok()?;
        rest = rest.get(read..)?;
        take(chunk.get(..written)?)?;
        match status {
            Status::StreamEnd => return rest.is_empty().then_some(()),
            _ if read + written > 0 => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise() -> Vec<u8> {
        (0..300_000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect()
    }

    /// Everything that `decompress` passes on; `None` where it fails.
    fn contents(decompress: impl FnOnce(&mut dyn FnMut(&[u8]) -> Option<()>) -> Option<()>) -> Option<Vec<u8>> {
        let mut whole = Vec::new();
        decompress(&mut |piece| {
            whole.extend_from_slice(piece);
            Some(())
        })
        .map(|()| whole)
    }

    #[test]
    fn gunzip_restores_what_gzip_compressed() {
        for bytes in [&[][..], b"a", &[0; 100_000], &noise()] {
            let compressed = gzip(bytes.chunks(4096));
            assert_eq!(contents(|take| gunzip(&compressed, take)).as_deref(), Some(bytes));
        }
    }

    #[cfg(feature = "verify")]
    #[test]
    fn gunzip_unchecked_restores_what_gzip_compressed_and_refuses_damage() {
        for bytes in [&[][..], b"a", &[0; 100_000], &noise()] {
            let compressed = gzip(bytes.chunks(4096));
            assert_eq!(gunzip_unchecked(&compressed, bytes.len()).as_deref(), Ok(bytes));
            let named = GzBuilder::new().filename("name").comment("comment").extra([1, 2, 3]);
            let mut encoder = named.write(Vec::new(), LEVEL);
            encoder.write_all(bytes).unwrap();
            let named = encoder.finish().unwrap();
            assert_eq!(gunzip_unchecked(&named, bytes.len()).as_deref(), Ok(bytes));
            if let Some(less) = bytes.len().checked_sub(1) {
                assert_eq!(gunzip_unchecked(&compressed, less), Err(GunzipError::TooLong));
            }
            for end in 0..compressed.len().min(100) {
                assert!(gunzip_unchecked(&compressed[..end], usize::MAX).is_err());
            }
            assert!(gunzip_unchecked(&[&compressed[..], b"more"].concat(), usize::MAX).is_err());
        }
    }

    #[test]
    fn inflate_restores_what_deflate_compressed() {
        for bytes in [&[][..], b"a", &[0; 100_000], &noise()] {
            let mut compressed = b"before".to_vec();
            deflate(bytes.chunks(4096), LEVEL, &mut compressed);
            let compressed = compressed.strip_prefix(b"before").unwrap();
            assert_eq!(contents(|take| inflate(compressed, take)).as_deref(), Some(bytes));
            assert_eq!(contents(|take| inflate(&[compressed, b"x"].concat(), take)), None);
            assert_eq!(
                contents(|take| inflate(&compressed[..compressed.len() - 1], take)),
                None
            );
        }
    }

    #[test]
    fn decompression_stops_when_the_caller_does() {
        let compressed = gzip([&[0; 1 << 24][..]].into_iter());
        let mut taken = 0;
        let outcome = gunzip(&compressed, |piece| {
            taken += piece.len();
            (taken < 1 << 20).then_some(())
        });
        assert_eq!(outcome, None);
        assert!(taken < 2 << 20, "{taken}");
    }

    #[test]
    fn gzip_writes_a_header_without_name_and_time() {
        let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
        assert_eq!(gzip([&b"a"[..]].into_iter())[..10], header);
    }

    #[test]
    fn gunzip_refuses_damage() {
        let bytes = b"forty-two bytes or fewer, all of them dear";
        let compressed = gzip([&bytes[..]].into_iter());
        for end in 0..compressed.len() {
            assert_eq!(gunzip(&compressed[..end], |_| Some(())), None, "cut at {end}");
        }
        assert_eq!(gunzip(&[&compressed[..], b"x"].concat(), |_| Some(())), None);
        assert_eq!(gunzip(&[&compressed[..], &compressed].concat(), |_| Some(())), None);
        for index in (0..3).chain(10..compressed.len()) {
            let mut damaged = compressed.clone();
            damaged[index] ^= 0x10;
            let whole = contents(|take| gunzip(&damaged, take));
            // The last bits before the checksum are padding.
            assert!(whole.is_none_or(|whole| whole == bytes), "changed at {index}");
        }
    }
}
