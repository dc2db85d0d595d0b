//! Merkle trees over the data of transactions: a transaction signs the root, and each uploaded chunk has a path to it.
//!
//! Arweave's rules: data is split into chunks of at most 256 KiB. A leaf is the hash of a chunk's hash and its end. A branch is
//! the hash of its two children and the end of the left one.

use sha2::{Digest, Sha256};

type Hash = [u8; 32];

const MAX_CHUNK: usize = 256 << 10;
/// The last two chunks share their bytes when the last one would be smaller.
const MIN_CHUNK: usize = 32 << 10;

/// A part of the data, and the path that proves its place.
pub(crate) struct Chunk {
    pub start: usize,
    pub end: usize,
    pub path: Vec<u8>,
}

/// What a path proves: the place of a chunk, and its SHA-256.
#[derive(Debug, PartialEq)]
pub(crate) struct Proven {
    pub start: u64,
    pub end: u64,
    pub hash: Hash,
}

/// Splits data into chunks whose tree has this root. Returns `None` when there are none.
///
/// arweave-js adds an empty leaf to data whose last chunk is full. Other libraries do not.
pub(crate) fn chunks(data: &[u8], root: &[u8]) -> Option<Vec<Chunk>> {
    [true, false].into_iter().find_map(|with_empty_leaf| {
        let (found, chunks) = tree(data, with_empty_leaf);
        (found[..] == *root).then_some(chunks)
    })
}

/// The root that arweave-js computes for data.
pub(crate) fn data_root(data: &[u8]) -> Hash {
    tree(data, true).0
}

fn tree(data: &[u8], with_empty_leaf: bool) -> (Hash, Vec<Chunk>) {
    let mut ends = Vec::new();
    let mut start = 0;
    while data.len() - start >= MAX_CHUNK {
        let after = data.len() - start - MAX_CHUNK;
        start += match after {
            1..MIN_CHUNK => (data.len() - start).div_ceil(2),
            _ => MAX_CHUNK,
        };
        ends.push(start);
    }
    if start < data.len() || with_empty_leaf || ends.is_empty() {
        ends.push(data.len());
    }
    let mut chunks = Vec::new();
    // A node's hash and end, and the range of its chunks.
    let mut layer = Vec::new();
    let mut start = 0;
    for end in ends {
        let hash: Hash = Sha256::digest(&data[start..end]).into();
        let index = chunks.len();
        layer.push((combined(&[&hash, &note(end)]), end, index..index + 1));
        // Paths are collected from the leaf to the root, each part reversed.
        let path = [hash, note(end)].concat();
        chunks.push(Chunk { start, end, path });
        start = end;
    }
    while layer.len() > 1 {
        let mut above = Vec::with_capacity(layer.len().div_ceil(2));
        for pair in layer.chunks(2) {
            let [(left, middle, first), (right, end, second)] = pair else {
                above.extend_from_slice(pair);
                continue;
            };
            let branch = [*left, *right, note(*middle)].concat();
            for chunk in &mut chunks[first.start..second.end] {
                chunk.path.splice(0..0, branch.iter().copied());
            }
            above.push((combined(&[left, right, &note(*middle)]), *end, first.start..second.end));
        }
        layer = above;
    }
    // The empty leaf is never uploaded.
    chunks.retain(|chunk| chunk.start < chunk.end);
    let root = layer.first().map_or_else(Hash::default, |(root, ..)| *root);
    (root, chunks)
}

/// Verifies the path of the chunk at an offset within data of this size. Returns `None` for a path that does not lead there.
pub(crate) fn verify(root: &Hash, offset: u64, size: u64, path: &[u8]) -> Option<Proven> {
    let (mut id, mut start, mut end, mut rest) = (*root, 0, size, path);
    if offset >= size {
        return None;
    }
    loop {
        let (first, after) = rest.split_first_chunk::<32>()?;
        let (second, after) = after.split_first_chunk::<32>()?;
        if after.is_empty() {
            let is_leaf = combined(&[first, second]) == id && *second == note(usize::try_from(end).ok()?);
            return is_leaf.then_some(Proven {
                start,
                end,
                hash: *first,
            });
        }
        let (middle, after) = after.split_first_chunk::<32>()?;
        if combined(&[first, second, middle]) != id {
            return None;
        }
        let (zeros, number) = middle.split_last_chunk::<8>()?;
        let middle = u64::from_be_bytes(*number);
        if zeros.iter().any(|byte| *byte != 0) {
            return None;
        }
        (id, rest) = match offset < middle {
            true => {
                end = end.min(middle);
                (*first, after)
            }
            false => {
                start = start.max(middle);
                (*second, after)
            }
        };
    }
}

fn combined(parts: &[&Hash]) -> Hash {
    let hasher = parts
        .iter()
        .fold(Sha256::new(), |hasher, part| hasher.chain_update(Sha256::digest(part)));
    hasher.finalize().into()
}

fn note(number: usize) -> Hash {
    let mut note = [0; 32];
    note[24..].copy_from_slice(&(number as u64).to_be_bytes());
    note
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arweave::to_base64url;

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    // Computed with `generateTransactionChunks` of arweave-js 1.15.7.
    #[test]
    fn data_root_agrees_with_arweave_js() {
        for (length, root) in ROOTS {
            let data = bytes(*length);
            assert_eq!(to_base64url(&data_root(&data)), *root, "{length}");
        }
    }

    #[test]
    fn paths_prove_the_place_and_the_hash_of_each_chunk() {
        for length in [
            1,
            MAX_CHUNK - 1,
            MAX_CHUNK,
            MAX_CHUNK + 1,
            3 * MAX_CHUNK + 5,
            7 * MAX_CHUNK,
        ] {
            let data = bytes(length);
            let (root, size) = (data_root(&data), length as u64);
            let chunks = chunks(&data, &root).unwrap();
            assert_eq!(chunks.last().unwrap().end, length);
            for chunk in &chunks {
                let proven = Proven {
                    start: chunk.start as u64,
                    end: chunk.end as u64,
                    hash: Sha256::digest(&data[chunk.start..chunk.end]).into(),
                };
                for offset in [chunk.start, chunk.end - 1] {
                    let found = verify(&root, offset as u64, size, &chunk.path);
                    assert_eq!(found.as_ref(), Some(&proven));
                }
                let mut path = chunk.path.clone();
                path[40] ^= 1;
                assert_eq!(verify(&root, chunk.start as u64, size, &path), None);
                assert_eq!(verify(&root, chunk.start as u64, size, &chunk.path[..40]), None);
                assert_eq!(verify(&root, size, size, &chunk.path), None);
                assert_eq!(verify(&[7; 32], chunk.start as u64, size, &chunk.path), None);
            }
        }
    }

    #[test]
    fn chunks_accept_full_chunks_without_an_empty_leaf() {
        let data = bytes(MAX_CHUNK);
        let (root, _) = tree(&data, false);
        assert_ne!(root, data_root(&data));
        assert_eq!(chunks(&data, &root).unwrap().len(), 1);
        assert!(chunks(&data, &[0; 32]).is_none());
    }

    const ROOTS: &[(usize, &str)] = &[
        (1, "Ht_yZhXGBDUZfLv4OD6we7FkrjcpDpGPwQZEZgEJVfk"),
        (1000, "OBN0lHZnrFrskv9s1HKU7VRRDXrzQ3sOgMniX5cGavM"),
        (262143, "uzNiZl92JD1TtVRJpE6nQtvmpLBu8PJ_CL5UsfjR2Jg"),
        (262144, "gty7KB2baLFp7OGxuV2wBeX3NippS1tNVlMOZryIq5o"),
        (262145, "kJKkN6QWAcUM_WQUxeNXnnwKy0fp7myUNNob6XNlOPA"),
        (564288, "BGo5VtmLanS_4xBVXmH21J2Hc1ztWwe3rHFF8UoVr50"),
        (1310720, "MhuT6KE2a79Y9oOXe_tU1-GuHHjg4XpJj2mnbSUEtQQ"),
    ];
}
