//! Signature types other than Arweave's, for the other modules and for the package's signers.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::ans104::{Hash, SignatureType};
use crate::arweave::from_base64url;
use crate::error::{Error, ErrorKind, Result};
use crate::signer::{
    AptosKey, Ed25519Key, EthereumKey, ItemKey, ItemSignature, SolanaKey, TypedEthereumKey, address, aptos, ethereum,
    solana, typed_ethereum, verify,
};
use crate::web::WebRandom;

type JsResult<T> = std::result::Result<T, JsValue>;

/// Checks a signature over the deep hash of an item. Returns the bits of [`crate::signer::SignatureCheck`].
#[wasm_bindgen(js_name = checkSignature)]
pub fn check_signature(signature_type: u16, owner: &[u8], hash: &[u8], signature: &[u8]) -> JsResult<u32> {
    let signature_type = SignatureType::from_number(signature_type)?;
    let item = ItemSignature {
        signature_type,
        owner,
        hash: &deep_hash(hash)?,
        signature,
    };
    Ok(verify::check(item).to_bits())
}

/// The owner of the items of a private key.
#[wasm_bindgen(js_name = ownerOf)]
pub fn owner_of(signature_type: u16, key: &[u8]) -> JsResult<Vec<u8>> {
    Ok(with_key(signature_type, key, Owner)?)
}

/// Signs the deep hash of an item with a private key.
#[wasm_bindgen(js_name = signHash)]
pub fn sign_hash(signature_type: u16, key: &[u8], hash: &[u8]) -> JsResult<Vec<u8>> {
    Ok(with_key(signature_type, key, Sign(deep_hash(hash)?))?)
}

/// What a wallet has to sign for an item: text for types 4 and 5, JSON of typed data for type 7.
#[wasm_bindgen(js_name = walletMessage)]
pub fn wallet_message(signature_type: u16, owner: &[u8], hash: &[u8]) -> JsResult<String> {
    let hash = deep_hash(hash)?;
    match SignatureType::from_number(signature_type)? {
        SignatureType::Solana => Ok(solana::message(&hash)),
        SignatureType::InjectedAptos => Ok(aptos::message(&hash)),
        SignatureType::TypedEthereum => Ok(typed_ethereum::typed_data(&hash, &String::from_utf8_lossy(owner))),
        other => Err(no_key(other).into()),
    }
}

/// The public key that has signed a message with `personal_sign`.
#[wasm_bindgen(js_name = recoverPublicKey)]
pub fn recover_public_key(message: &[u8], signature: &[u8]) -> JsResult<Vec<u8>> {
    Ok(ethereum::recover_public_key(message, signature)?)
}

/// The address of an Ethereum public key, with the checksum of EIP-55.
#[wasm_bindgen(js_name = ethereumAddress)]
pub fn ethereum_address(public_key: &[u8]) -> JsResult<String> {
    Ok(address::node(SignatureType::Ethereum, public_key)?)
}

/// The address of an owner in base64url, as a HyperBEAM node writes it, or else as a compute unit does.
#[wasm_bindgen(js_name = ownerAddress)]
pub fn owner_address(signature_type: u16, owner: &str, by_node: bool) -> JsResult<String> {
    let owner = from_base64url(owner).ok_or_else(|| Error::new(ErrorKind::BadKey, "The owner is not base64url"))?;
    if by_node {
        return Ok(address::node(SignatureType::from_number(signature_type)?, &owner)?);
    }
    Ok(address::compute_unit(&owner))
}

fn deep_hash(bytes: &[u8]) -> Result<Hash> {
    Hash::try_from(bytes).map_err(|_| {
        let message = format!(
            "The deep hash of an item has 48 bytes, and this one has {}",
            bytes.len()
        );
        Error::new(ErrorKind::BadArgument, message)
    })
}

/// What is done with a key, whatever its type.
trait Task {
    fn run(self, key: &impl ItemKey) -> Result<Vec<u8>>;
}

struct Owner;

impl Task for Owner {
    fn run(self, key: &impl ItemKey) -> Result<Vec<u8>> {
        key.owner()
    }
}

struct Sign(Hash);

impl Task for Sign {
    fn run(self, key: &impl ItemKey) -> Result<Vec<u8>> {
        key.sign_hash(&self.0, &WebRandom)
    }
}

fn with_key(signature_type: u16, key: &[u8], task: impl Task) -> Result<Vec<u8>> {
    match SignatureType::from_number(signature_type)? {
        SignatureType::Ed25519 => task.run(&Ed25519Key::new(key)?),
        SignatureType::Ethereum => task.run(&EthereumKey::new(key)?),
        SignatureType::Solana => task.run(&SolanaKey(Ed25519Key::new(key)?)),
        SignatureType::InjectedAptos => task.run(&AptosKey(Ed25519Key::new(key)?)),
        SignatureType::TypedEthereum => task.run(&TypedEthereumKey(EthereumKey::new(key)?)),
        other => Err(no_key(other)),
    }
}

fn no_key(signature_type: SignatureType) -> Error {
    let message = format!(
        "Signature type {} has no single key that could sign here",
        signature_type.number()
    );
    Error::new(ErrorKind::Unsupported, message)
}
