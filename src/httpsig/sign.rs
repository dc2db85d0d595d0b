//! Signs messages (RFC 9421 section 3.1), in the form that nodes accept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sfv::{InnerList, Item, Key, Parameters};

use super::algorithm::Algorithm;
use super::base::{Context, signature_base};
use super::encode::Encoded;
use super::fields::{Fields, show_bytes, show_inner_list};
use super::id::{COMMON_KEY, commitment_id, keyed_hash};
use super::types::bad;
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};

/// A message with its signature.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedMessage {
    pub headers: Fields,
    pub body: Option<Vec<u8>>,
    /// The id of the signature, which is also that of the message.
    pub id: Id,
}

/// The input of a signature: the covered fields and the parameters.
#[derive(Debug, Clone)]
pub struct SignatureInput(InnerList);

impl SignatureInput {
    /// The signature base: the bytes to sign.
    ///
    /// # Errors
    /// `BadArgument`.
    pub fn base(&self, encoded: &Encoded) -> Result<Vec<u8>> {
        let context = Context {
            fields: Some(&encoded.headers),
            ..Context::default()
        };
        let base = signature_base(&self.0, &context).map_err(|problem| bad(problem.to_string()))?;
        Ok(base.bytes)
    }
}

impl Encoded {
    /// The input of a signature with an RSA key that has this modulus.
    ///
    /// # Errors
    /// As [`check_verifiable`](Self::check_verifiable).
    pub fn signature_input(&self, modulus: &[u8]) -> Result<SignatureInput> {
        self.check_verifiable()?;
        let key_id = format!("publickey:{}", STANDARD.encode(modulus));
        input(self, Algorithm::RsaPssSha512, &key_id, self.nested)
    }

    /// Adds a signature over the base of this input.
    pub fn with_signature(self, input: &SignatureInput, signature: &[u8]) -> SignedMessage {
        let Self { mut headers, body, .. } = self;
        // Nodes read only signatures with a label of this form.
        let label = format!("comm-{}", Id::of(signature)).to_ascii_lowercase();
        if let Some(signature) = show_bytes(&label, signature) {
            headers.add("signature", signature);
        }
        headers.add("signature-input", format!("{label}={}", show_inner_list(&input.0)));
        SignedMessage {
            headers,
            body,
            id: commitment_id(signature),
        }
    }

    /// # Errors
    /// `Unsupported` where no node of the dialect's version could verify a signature; the message says why.
    /// `BadArgument` where there is nothing to sign.
    pub fn check_verifiable(&self) -> Result<()> {
        match &self.unverifiable {
            None if self.components.is_empty() => Err(bad("A message without values cannot be signed. Add a value")),
            None => Ok(()),
            Some(reason) => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "This message cannot be signed so that nodes can verify it: {reason}. Change that, or send it unsigned \
                     or as a data item"
                ),
            )),
        }
    }

    /// Checks that a node accepts a signed message at a path. Where a node schedules messages, it takes a value named
    /// `body` for the whole message.
    ///
    /// # Errors
    /// `Unsupported`.
    pub fn check_path(&self, path: &str) -> Result<()> {
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let key = path.rsplit('/').next().and_then(|key| key.split(['&', '=']).next());
        match key {
            Some(key @ ("schedule" | "push")) if self.has_body_field => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "'body': At /{key}, nodes take it for the whole message, which is then not signed. Name it 'data'"
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// Builds the input of a signature. Parameters are in alphabetical order, as nodes sign them.
pub(super) fn input(encoded: &Encoded, algorithm: Algorithm, key_id: &str, bundle: bool) -> Result<SignatureInput> {
    let text = |text: &str| {
        let text = sfv::String::from_string(text.into());
        text.map_err(|_| Error::new(ErrorKind::BadArgument, "A field's name is not ASCII"))
    };
    let names = encoded.components.iter();
    let items: Vec<Item> = names.map(|name| text(name).map(Item::new)).collect::<Result<_>>()?;
    let bundle = bundle.then_some(("bundle", "true"));
    let params = [Some(("alg", algorithm.name())), bundle, Some(("keyid", key_id))];
    let params = params.into_iter().flatten().filter_map(|(name, value)| {
        let key = Key::from_string(name.into()).ok()?;
        Some((key, text(value).ok()?.into()))
    });
    let params: Parameters = params.collect();
    Ok(SignatureInput(InnerList::with_params(items, params)))
}

/// The id of an unsigned message.
///
/// # Errors
/// `Unsupported` where nodes would encode the message differently, and compute another id.
pub fn unsigned_id(encoded: &Encoded) -> Result<Id> {
    encoded.check_verifiable()?;
    let base = input(encoded, Algorithm::HmacSha256, COMMON_KEY, encoded.nested)?.base(encoded)?;
    Ok(Id::from_bytes(keyed_hash(COMMON_KEY.as_bytes(), &base)))
}
