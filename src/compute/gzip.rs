//! gzip (RFC 1952), in pieces: raw memory is a hundred times what it is compressed, and must not be held at once.

use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

/// The bytes with which a gzip file begins: its magic, and the one method there is.
pub(super) const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

const CHUNK: usize = 1 << 16;
/// Fast: most of what is compressed are zeros.
const LEVEL: i32 = 3;

/// Compresses the pieces.
pub(super) fn compress<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut state = compressor();
    let mut compressed = vec![MAGIC[0], MAGIC[1], MAGIC[2], 0, 0, 0, 0, 0, 0, 0xff];
    let mut crc = crc32fast::Hasher::new();
    let mut length = 0u64;
    for piece in pieces {
        crc.update(piece);
        length += piece.len() as u64;
        push(&mut state, piece, MZFlush::None, &mut compressed);
    }
    push(&mut state, &[], MZFlush::Finish, &mut compressed);
    compressed.extend_from_slice(&crc.finalize().to_le_bytes());
    // The format keeps the length modulo 2³².
    compressed.extend_from_slice(&(length as u32).to_le_bytes());
    compressed
}

/// Compresses the pieces without gzip's frame.
pub(super) fn compress_raw<'a>(pieces: impl Iterator<Item = &'a [u8]>, compressed: &mut Vec<u8>) {
    let mut state = compressor();
    for piece in pieces {
        push(&mut state, piece, MZFlush::None, compressed);
    }
    push(&mut state, &[], MZFlush::Finish, compressed);
}

fn compressor() -> Box<CompressorOxide> {
    // A negative window: no frame of zlib's either.
    Box::new(CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, -15, 0)))
}

fn push(state: &mut CompressorOxide, mut piece: &[u8], flush: MZFlush, compressed: &mut Vec<u8>) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let step = deflate(state, piece, &mut chunk, flush);
        compressed.extend_from_slice(&chunk[..step.bytes_written]);
        piece = &piece[step.bytes_consumed..];
        let more = match step.status {
            Ok(MZStatus::Ok) if flush == MZFlush::Finish => true,
            Ok(MZStatus::Ok) => !piece.is_empty() || step.bytes_written == CHUNK,
            _ => false,
        };
        if !more {
            return;
        }
    }
}

/// Hands what was compressed to `take`, piece by piece, until it returns `None`. `None` for damaged bytes.
pub(super) fn decompress(file: &[u8], mut take: impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
    let body = body(file)?;
    let mut crc = crc32fast::Hasher::new();
    let mut length = 0u64;
    let consumed = decompress_raw(body, |piece| {
        crc.update(piece);
        length += piece.len() as u64;
        take(piece)
    })?;
    let mut expected = crc.finalize().to_le_bytes().to_vec();
    expected.extend_from_slice(&(length as u32).to_le_bytes());
    // One member, and nothing behind it.
    (body.get(consumed..)? == expected).then_some(())
}

/// As [`decompress`], for bytes without gzip's frame; returns how many of them there were.
pub(super) fn decompress_raw(body: &[u8], mut take: impl FnMut(&[u8]) -> Option<()>) -> Option<usize> {
    let mut state = InflateState::new_boxed(DataFormat::Raw);
    let mut chunk = vec![0; CHUNK];
    let mut consumed = 0;
    loop {
        let step = inflate(&mut state, body.get(consumed..)?, &mut chunk, MZFlush::None);
        consumed += step.bytes_consumed;
        take(chunk.get(..step.bytes_written)?)?;
        match step.status {
            Ok(MZStatus::StreamEnd) => return Some(consumed),
            Ok(MZStatus::Ok) | Err(MZError::Buf) if step.bytes_written + step.bytes_consumed > 0 => {}
            _ => return None,
        }
    }
}

/// What follows the head of a gzip file.
fn body(file: &[u8]) -> Option<&[u8]> {
    let [first, second, method, flags, _, _, _, _, _, _, rest @ ..] = file else {
        return None;
    };
    if [*first, *second, *method] != MAGIC || flags & 0xe0 != 0 {
        return None;
    }
    let mut rest = rest;
    if flags & 4 != 0 {
        let [low, high, following @ ..] = rest else {
            return None;
        };
        rest = following.get(usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    // A name and a comment, each up to its zero.
    for flag in [8, 16] {
        if flags & flag != 0 {
            rest = rest.get(rest.iter().position(|byte| *byte == 0)? + 1..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roundtrip(bytes: &[u8]) -> Vec<u8> {
        let compressed = compress(bytes.chunks(4096));
        let mut whole = Vec::new();
        let outcome = decompress(&compressed, |piece| {
            whole.extend_from_slice(piece);
            Some(())
        });
        assert_eq!(outcome, Some(()));
        whole
    }

    #[test]
    fn what_goes_in_comes_out() {
        let noise: Vec<u8> = (0..300_000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        for bytes in [&[][..], b"a", &[0; 100_000], &noise] {
            assert_eq!(roundtrip(bytes), bytes);
        }
    }

    #[test]
    fn damage_is_noticed() {
        let bytes = b"forty-two bytes or fewer, all of them dear";
        let compressed = compress([&bytes[..]].into_iter());
        for end in 0..compressed.len() {
            assert_eq!(decompress(&compressed[..end], |_| Some(())), None, "cut at {end}");
        }
        for index in (0..3).chain(10..compressed.len()) {
            let mut damaged = compressed.clone();
            damaged[index] ^= 0x10;
            let mut whole = Vec::new();
            let outcome = decompress(&damaged, |piece| {
                whole.extend_from_slice(piece);
                Some(())
            });
            // The last bits before the checksum say nothing.
            assert!(outcome.is_none() || whole == bytes, "changed at {index}");
        }
    }
}
