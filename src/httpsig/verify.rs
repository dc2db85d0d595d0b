//! The signatures of a message that was received (RFC 9421 section 3.2).

use base64ct::{Base64, Encoding};
use sfv::{BareItem, InnerList, ListEntry};

use super::base::{Context, hyperbeam_base, signature_base};
use super::decode::Decoded;
use super::digest::{check_digest, content_digest};
use super::encode::{BODY_KEY, DIGEST, IDS};
use super::escape::name_of;
use super::fields::{Fields, Members, text_of};
use super::id::{commitment_id, keyed_hash};
use super::message::Message;
use super::problem::{Fault, Problem};
use super::sign::Algorithm;
use crate::arweave::{Id, from_base64url};
use crate::error::Result;

/// A message with all that is said of who signed it.
#[derive(Debug)]
pub struct Received {
    pub message: Message,
    pub claims: Vec<Claim>,
    /// What could not be read as it was meant; of signatures, what belongs to none of them.
    pub problems: Vec<Problem>,
}

/// A signature that is still to be verified.
#[derive(Debug)]
pub struct Claim {
    pub label: String,
    /// `alg`, as it was given.
    pub algorithm: String,
    pub key_id: String,
    pub id: Id,
    /// The names in the message whose values are signed.
    pub covered: Vec<String>,
    pub signature: Vec<u8>,
    /// The signer's key: a modulus, or what is known to all.
    pub key: Key,
    /// What may have been signed; one of these must have been.
    pub bases: Vec<Vec<u8>>,
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    Unknown,
    /// RSA-PSS with SHA-512.
    Modulus(Vec<u8>),
    /// HMAC with SHA-256.
    Common(Vec<u8>),
}

impl Received {
    /// Reads a message. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// `BadResponse` for a body that is not what its content type says.
    pub fn new(context: &Context, body: &[u8], now: u64) -> Result<Self> {
        let none = Fields::new();
        let fields = context.fields.unwrap_or(&none);
        let mut problems = Vec::new();
        let signatures = dictionary(fields, "signature", &mut problems);
        let inputs = dictionary(fields, "signature-input", &mut problems);
        let pairs = pair(&signatures, &inputs, &mut problems);
        let covered = |name: &str| pairs.iter().any(|pair| names(pair.input).any(|each| each == name));
        let decoded = Decoded::new(fields, body, covered)?;
        let digest = fields.get(DIGEST).map(|field| check_digest(&field, body));
        // A node signs the digest of an empty body, and does not send it.
        let mut completed = fields.clone();
        if digest.is_none() && body.is_empty() {
            completed.add(DIGEST, content_digest(body));
        }
        let context = Context {
            fields: Some(&completed),
            ..*context
        };
        let claims = pairs
            .iter()
            .map(|pair| pair.claim(&context, &decoded, body, &digest, now))
            .collect();
        if let Some(Err(problem)) = digest {
            problems.push(problem);
        }
        problems.extend(decoded.problems);
        Ok(Self {
            message: decoded.message,
            claims,
            problems,
        })
    }
}

fn dictionary(fields: &Fields, name: &str, problems: &mut Vec<Problem>) -> Members {
    let Some(text) = fields.get(name) else {
        return Members::default();
    };
    let members = Members::parse(text).filter(|members| members.iter().count() <= MAX_SIGNATURES);
    members.unwrap_or_else(|| {
        problems.push(Problem::new(Fault::BadField, name));
        Members::default()
    })
}

/// More signatures than these nobody makes, unless to keep whoever verifies them busy.
const MAX_SIGNATURES: usize = 64;
/// More fields than these they do not cover, all of them together.
const MAX_COVERED: usize = 2048;

/// A signature and its input.
struct Pair<'a> {
    label: &'a str,
    signature: &'a [u8],
    input: &'a InnerList,
}

fn pair<'a>(signatures: &'a Members, inputs: &'a Members, problems: &mut Vec<Problem>) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    let mut covered = 0;
    let mut complain = |fault, label: &str| problems.push(Problem::new(fault, label));
    for (label, value) in signatures.iter() {
        let count = |members: &Members| members.iter().filter(|(each, _)| *each == label).count();
        if count(signatures) > 1 || count(inputs) > 1 {
            complain(Fault::DuplicateLabel, label);
            continue;
        }
        let signature = match value {
            ListEntry::Item(item) => item.bare_item.as_byte_sequence(),
            ListEntry::InnerList(_) => None,
        };
        match (signature, inputs.get(label)) {
            (_, None) => complain(Fault::Unpaired, label),
            (Some(signature), Some(ListEntry::InnerList(input))) if covered + input.items.len() <= MAX_COVERED => {
                covered += input.items.len();
                pairs.push(Pair {
                    label,
                    signature,
                    input,
                });
            }
            _ => complain(Fault::BadField, label),
        }
    }
    for (label, _) in inputs.iter() {
        if signatures.get(label).is_none() {
            complain(Fault::Unpaired, label);
        }
    }
    pairs
}

/// The plain fields that an input covers.
fn names(input: &InnerList) -> impl Iterator<Item = &str> {
    let items = input.items.iter().filter(|item| item.params.is_empty());
    items.filter_map(|item| text_of(&item.bare_item))
}

impl Pair<'_> {
    fn claim(
        &self,
        context: &Context,
        decoded: &Decoded,
        body: &[u8],
        digest: &Option<std::result::Result<(), Problem>>,
        now: u64,
    ) -> Claim {
        let param = |name: &str| self.input.params.get(name);
        let text = |name: &str| param(name).and_then(text_of).unwrap_or_default().to_string();
        let (algorithm, key_id) = (text("alg"), text("keyid"));
        let covers_body = names(self.input).any(|name| name == DIGEST);
        let mut problems = Vec::new();
        let key = key_of(&algorithm, &key_id).unwrap_or_else(|problem| {
            problems.push(problem);
            Key::Unknown
        });
        match (covers_body, digest) {
            (true, Some(Err(problem))) => problems.push(problem.clone()),
            (true, _) if !decoded.is_clear && names(self.input).all(|name| name != "content-type") => {
                problems.push(Problem::new(Fault::AmbiguousBody, self.label));
            }
            (false, _) if !body.is_empty() => problems.push(Problem::new(Fault::UncoveredBody, self.label)),
            _ => {}
        }
        if let Some(BareItem::Integer(expires)) = param("expires")
            && u64::try_from(i64::from(*expires)).is_ok_and(|expires| expires < now)
        {
            problems.push(Problem::new(Fault::Expired, self.label));
        }
        let none = Fields::new();
        let bases = [
            signature_base(self.input, context),
            hyperbeam_base(self.input, context.fields.unwrap_or(&none)),
        ];
        // The RFC's complaint is the one to show, if there is no base at all.
        if let [Err(problem), Err(_)] = &bases {
            problems.push(problem.clone());
        }
        let mut bases: Vec<Vec<u8>> = bases.into_iter().flatten().collect();
        bases.dedup();
        Claim {
            label: self.label.into(),
            algorithm,
            key_id,
            id: commitment_id(self.signature),
            covered: covered(self.input, decoded),
            signature: self.signature.to_vec(),
            key,
            bases,
            problems,
        }
    }
}

/// The names in the message that an input covers.
fn covered(input: &InnerList, decoded: &Decoded) -> Vec<String> {
    let mut covered = Vec::new();
    for name in names(input) {
        let name = name.strip_prefix('@').unwrap_or(name);
        if name == DIGEST {
            covered.extend(decoded.body_keys.iter().cloned());
        } else if name == IDS {
            covered.extend(decoded.id_keys.iter().cloned());
        } else if name != BODY_KEY {
            covered.push(name_of(name));
        }
    }
    covered
}

/// The key that an input names.
fn key_of(algorithm: &str, key_id: &str) -> std::result::Result<Key, Problem> {
    let unknown = || Problem::new(Fault::UnknownKey, key_id);
    let (scheme, rest) = key_id.split_once(':').unwrap_or(("", key_id));
    if algorithm == Algorithm::RsaPssSha512.name() {
        let key = matches!(scheme, "" | "publickey").then(|| decode_key(rest)).flatten();
        // Shorter ones have been broken.
        return key.filter(|key| key.len() >= 256).map(Key::Modulus).ok_or_else(unknown);
    }
    if algorithm == Algorithm::HmacSha256.name() {
        // Not `secret`, whose key nobody tells.
        let is_common = matches!(scheme, "" | "constant") && !key_id.is_empty();
        return if is_common {
            Ok(Key::Common(key_id.into()))
        } else {
            Err(unknown())
        };
    }
    Err(Problem::new(Fault::UnknownAlgorithm, algorithm))
}

/// Base64 in either alphabet, padded or not.
fn decode_key(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text)
        .ok()
        .or_else(|| from_base64url(&text.replace('+', "-").replace('/', "_")))
}

impl Claim {
    /// The address of whoever signed; none where the key is known to all.
    pub fn address(&self) -> Option<Id> {
        match &self.key {
            Key::Modulus(modulus) => Some(Id::of(modulus)),
            _ => None,
        }
    }

    /// Whether nothing but the signature itself is left to be looked at.
    pub fn is_sound(&self) -> bool {
        self.problems.iter().all(|problem| problem.fault.is_forgivable())
    }

    /// Whether a keyed hash fits; `None` for other signatures.
    pub fn fits_common_key(&self) -> Option<bool> {
        match &self.key {
            Key::Common(key) => Some(
                self.bases
                    .iter()
                    .any(|base| keyed_hash(key, base)[..] == self.signature),
            ),
            _ => None,
        }
    }

    /// Takes down what the signature itself came to, and says whether it is valid.
    pub fn conclude(&mut self, matches: bool) -> bool {
        if !matches && self.key != Key::Unknown && !self.bases.is_empty() {
            self.problems.push(Problem::new(Fault::Signature, self.label.clone()));
        }
        matches && self.is_sound()
    }

    /// Verifies the signature.
    #[cfg(feature = "rsa")]
    pub fn verify(&mut self) -> bool {
        let matches = match (&self.key, self.fits_common_key()) {
            (_, Some(fits)) => fits,
            (Key::Modulus(modulus), None) => {
                let mut bases = self.bases.iter();
                bases.any(|base| crate::arweave::pss::verify_sha512(modulus, base, &self.signature))
            }
            _ => false,
        };
        self.conclude(matches)
    }
}
