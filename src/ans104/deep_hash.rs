//! Arweave's deep hash: SHA-384 over a tree of byte strings. Every node is hashed with its kind and length.

use sha2::{Digest, Sha384};

/// 48 bytes of SHA-384.
pub type Hash = [u8; 48];

/// A node of the tree that is hashed.
#[derive(Debug, Clone)]
pub enum Chunk<'a> {
    Blob(&'a [u8]),
    /// A blob of which only the length and the hash are known.
    Hashed(DataDigest),
    List(Vec<Chunk<'a>>),
}

/// What the deep hash needs of a blob: its length and its SHA-384.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataDigest {
    pub length: u64,
    pub sha384: Hash,
}

impl DataDigest {
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = DataHasher::default();
        hasher.update(bytes);
        hasher.finish()
    }
}

/// Computes a [`DataDigest`] piece by piece.
#[derive(Default)]
pub struct DataHasher {
    sha384: Sha384,
    length: u64,
}

impl DataHasher {
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha384.update(bytes);
        self.length += bytes.len() as u64;
    }

    pub fn finish(self) -> DataDigest {
        DataDigest {
            length: self.length,
            sha384: self.sha384.finalize().into(),
        }
    }
}

/// The deep hash of a tree.
pub fn deep_hash(chunk: &Chunk) -> Hash {
    match chunk {
        Chunk::Blob(bytes) => deep_hash(&Chunk::Hashed(DataDigest::of(bytes))),
        Chunk::Hashed(DataDigest { length, sha384 }) => pair(&labelled("blob", *length), sha384),
        Chunk::List(chunks) => chunks
            .iter()
            .fold(labelled("list", chunks.len() as u64), |hash, chunk| {
                pair(&hash, &deep_hash(chunk))
            }),
    }
}

fn labelled(label: &str, length: u64) -> Hash {
    Sha384::digest(format!("{label}{length}")).into()
}

fn pair(first: &Hash, second: &Hash) -> Hash {
    Sha384::new().chain_update(first).chain_update(second).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    // Computed with the crypto module of Node.js. arbundles' deepHash returns the same.
    #[test]
    fn deep_hash_agrees_with_known_values() {
        let (a, b) = (Chunk::Blob(&[1, 2, 3]), Chunk::Blob(&[4, 5, 6]));
        let nested = Chunk::List(vec![
            Chunk::Blob(&[1]),
            Chunk::List(vec![Chunk::Blob(&[2]), Chunk::Blob(&[3])]),
            Chunk::List(vec![]),
        ]);
        for (chunk, expected) in [
            (
                a.clone(),
                "41300af79285f856e833164518c7ec4974f5869ec77ca3458113fe6c587680d050f9f6864fd77f9eb62bd4e2faea9ae8",
            ),
            (
                Chunk::Blob(&[]),
                "fbf00cc444f5fea9dc3bedf62a13fba8ae87e7445fc910567a23bec4eb82fadb1143c433069314d8362983dc3c2e4a38",
            ),
            (
                Chunk::List(vec![a, b]),
                "4dacdcc81acd09f38c77a07a2a7ae81f77c61e6b97ee5cc7b92f3a7f258e8d5ba69d14d7d66070797b083873717c9896",
            ),
            (
                Chunk::List(vec![]),
                "a69e7d37fdc7f040a9ec16aae84de24fab4a653dac4de0bd247e36bab9fe45d9289c5a04a893c95285812f5cefc9707a",
            ),
            (
                nested,
                "edfa37a0dea75ad509302a95ad41a3ad83ee4427110f49d97954754ca2bed3418b607662191c16421c13eba4a4803747",
            ),
        ] {
            assert_eq!(hex(&deep_hash(&chunk)), expected);
        }
    }
}
