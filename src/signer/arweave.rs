//! Signature type 1: RSA keys of Arweave. How they sign and verify is in [`crate::arweave::pss`].

use super::ItemKey;
use crate::ans104::{Hash, SignatureType};
use crate::arweave::{PrivateKey, pss};
use crate::error::Result;
use crate::platform::Random;

impl ItemKey for PrivateKey {
    fn signature_type(&self) -> SignatureType {
        SignatureType::Arweave
    }

    fn owner(&self) -> Result<Vec<u8>> {
        self.to_jwk()?.modulus()
    }

    fn sign_hash(&self, hash: &Hash, random: &impl Random) -> Result<Vec<u8>> {
        pss::sign(self, hash, random)
    }
}
