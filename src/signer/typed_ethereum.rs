//! Signature type 7: Ethereum's typed data (EIP-712, `eth_signTypedData_v4`).
//!
//! The owner is the address as text, so a wallet need not tell its public key first.

use serde_json::json;

use super::address::{self, keccak};
use super::ethereum::{self, EthereumKey};
use super::signature_check::SignatureCheck;
use super::{ItemKey, hexadecimal};
use crate::ans104::{Hash, Problem, SignatureType};
use crate::error::Result;
use crate::platform::Random;

pub(super) fn check(owner: &[u8], hash: &Hash, signature: &[u8]) -> SignatureCheck {
    let Some((signature, v)) = ethereum::parse(signature) else {
        return SignatureCheck::failed();
    };
    let Some(address) = address::read_ethereum(owner) else {
        return SignatureCheck::failed();
    };
    if ethereum::is_high(&signature) {
        return SignatureCheck::failed_with(Problem::HighS);
    }
    let recovered = ethereum::recover(&digest(hash, &address), &signature, v);
    if recovered.is_none_or(|key| address::ethereum(&ethereum::uncompressed(&key)) != address) {
        return SignatureCheck::failed();
    }
    let mut check = SignatureCheck::passed();
    if !ethereum::is_canonical_v(v) {
        check.note(Problem::RecoveryId);
    }
    if owner != format!("0x{}", hexadecimal(&address)).as_bytes() {
        check.note(Problem::OwnerText);
    }
    check
}

/// The typed data that a wallet signs, as JSON for `eth_signTypedData_v4`.
pub fn typed_data(hash: &Hash, address: &str) -> String {
    let field = |name: &str, kind: &str| json!({ "name": name, "type": kind });
    json!({
        "domain": { "name": "Bundlr", "version": "1" },
        "types": {
            "EIP712Domain": [field("name", "string"), field("version", "string")],
            "Bundlr": [field("Transaction hash", "bytes"), field("address", "address")],
        },
        "primaryType": "Bundlr",
        "message": { "Transaction hash": format!("0x{}", hexadecimal(hash)), "address": address },
    })
    .to_string()
}

/// The hash that a wallet signs. Domain and type are those that every uploader of data items uses.
fn digest(hash: &Hash, address: &[u8; 20]) -> [u8; 32] {
    let domain = [
        keccak(b"EIP712Domain(string name,string version)"),
        keccak(b"Bundlr"),
        keccak(b"1"),
    ];
    let mut padded = [0; 32];
    padded[12..].copy_from_slice(address);
    let value = [
        keccak(b"Bundlr(bytes Transaction hash,address address)"),
        keccak(hash),
        padded,
    ];
    let mut signed = vec![0x19, 0x01];
    signed.extend_from_slice(&keccak(&domain.concat()));
    signed.extend_from_slice(&keccak(&value.concat()));
    keccak(&signed)
}

/// An Ethereum key that makes items of type 7.
pub struct TypedEthereumKey(pub EthereumKey);

impl ItemKey for TypedEthereumKey {
    fn signature_type(&self) -> SignatureType {
        SignatureType::TypedEthereum
    }

    fn owner(&self) -> Result<Vec<u8>> {
        Ok(ethereum::lower_case_address(&self.0.public_key()).into_bytes())
    }

    fn sign_hash(&self, hash: &Hash, _: &impl Random) -> Result<Vec<u8>> {
        let address = address::ethereum(&self.0.public_key());
        Ok(self.0.sign_digest(&digest(hash, &address)))
    }
}
