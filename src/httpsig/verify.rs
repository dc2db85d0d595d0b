//! Verifies the signatures of a received message (RFC 9421 section 3.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, InnerList, ListEntry};

use super::algorithm::Algorithm;
use super::base::{Base, Context, plain_names, possible_bases};
use super::decode::Body;
use super::digest::{check_digest, content_digest};
use super::fields::{Dictionary, Fields, text_of};
use super::id::{commitment_id, keyed_hash};
use super::item::{ITEM, item_bases};
use super::linked::{Links, Rest};
use super::names::{CONTENT_TYPE, DIGEST, bare};
use super::problem::{Fault, Problem};
use crate::arweave::{Id, from_base64url};
use crate::error::Result;

/// A received message whose signatures are not verified yet. First [`conclude`](Claim::conclude) each of the `claims`,
/// then [`decode`](Self::decode) the message: its values depend on which signatures are valid.
#[derive(Debug)]
pub struct Received {
    pub claims: Vec<Claim>,
    /// Problems of signatures that belong to no claim.
    pub problems: Vec<Problem>,
    pub(super) fields: Fields,
    pub(super) body: Body,
    /// Whether `content-digest` is that of the body.
    pub(super) has_digest: bool,
    /// The nested values of the body that signatures cover by their ids.
    pub(super) links: Links,
}

/// A signature, and the components that it covers.
#[derive(Debug)]
pub struct Claim {
    pub label: String,
    /// The parameter `alg`.
    pub algorithm: String,
    pub key_id: String,
    pub id: Id,
    /// The names in the message whose values are signed, including everything nested in them. Empty until the message
    /// is decoded, and for a signature that is not valid.
    pub covered: Vec<String>,
    pub signature: Vec<u8>,
    /// The signer's key: a modulus, or a public secret.
    pub key: Key,
    /// The possible signature bases. A valid signature is over one of them.
    pub bases: Vec<Base>,
    pub problems: Vec<Problem>,
    /// Whether the covered digest is that of the body without the values that are covered by their ids.
    pub(super) has_rest: bool,
    /// The index of the base that was signed.
    signed: Option<usize>,
}

/// The key of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// The signature does not name a key of a known form.
    Unknown,
    /// RSA-PSS with SHA-512; with SHA-256 if the signature is that of a data item.
    Modulus(Vec<u8>),
    /// HMAC with SHA-256.
    Common(Vec<u8>),
}

impl Received {
    /// Reads the signatures of a message. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// `BadResponse` for a body that does not have the format of its content type.
    pub fn new(context: &Context, body: &[u8], now: u64) -> Result<Self> {
        let fields = context.fields.cloned().unwrap_or_default();
        let mut problems = Vec::new();
        let signatures = dictionary(&fields, "signature", &mut problems);
        let inputs = dictionary(&fields, "signature-input", &mut problems);
        let pairs = pair(&signatures, &inputs, &mut problems);
        let digest = fields.get(DIGEST).map(|field| check_digest(&field, body));
        // A node signs the digest of an empty body, but does not send it.
        let mut completed = fields.clone();
        if digest.is_none() && body.is_empty() {
            completed.add(DIGEST, content_digest(body));
        }
        let bytes = body;
        let body = Body::read(&fields, bytes)?;
        let names = pairs.iter().flat_map(|pair| plain_names(pair.input));
        let links = Links::find(names, &fields, &body);
        links.complete(&mut completed);
        let arrived = Arrived {
            body: &body,
            bytes,
            digest: &digest,
            now,
        };
        let mut claims = Vec::new();
        for pair in &pairs {
            let covers = |name: &str| pair.covers(name);
            let covers_body = bytes.is_empty() || links.cover_body(covers);
            let rest = links.rest(covers);
            let mut fields = None;
            if let Some(rest) = rest {
                let fields = fields.insert(completed.clone());
                fields.replace(DIGEST, rest.digest.as_str());
                if let Some(kind) = &rest.content_type {
                    fields.replace(CONTENT_TYPE, kind.as_str());
                }
            }
            let context = Context {
                fields: Some(fields.as_ref().unwrap_or(&completed)),
                ..*context
            };
            claims.push(pair.claim(&context, &arrived, covers_body, rest));
        }
        let has_digest = matches!(digest, Some(Ok(())));
        if let Some(Err(problem)) = digest {
            problems.push(problem);
        }
        Ok(Self {
            claims,
            problems,
            fields,
            body,
            has_digest,
            links,
        })
    }
}

fn dictionary(fields: &Fields, name: &str, problems: &mut Vec<Problem>) -> Dictionary {
    let Some(text) = fields.get(name) else {
        return Dictionary::default();
    };
    let members = Dictionary::parse(text).filter(|members| members.iter().count() <= MAX_SIGNATURES);
    members.unwrap_or_else(|| {
        problems.push(Problem::new(Fault::BadField, name));
        Dictionary::default()
    })
}

/// The most signatures that are verified. Real messages have far fewer; more would be an attack on the verifier's time.
const MAX_SIGNATURES: usize = 64;
/// The most components that all signatures together may cover.
const MAX_COVERED: usize = 2048;

/// The parts of a message that all claims need.
struct Arrived<'a> {
    body: &'a Body,
    bytes: &'a [u8],
    digest: &'a Option<std::result::Result<(), Problem>>,
    now: u64,
}

/// A signature and its input.
struct Pair<'a> {
    label: &'a str,
    signature: &'a [u8],
    input: &'a InnerList,
}

fn pair<'a>(signatures: &'a Dictionary, inputs: &'a Dictionary, problems: &mut Vec<Problem>) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    let mut covered = 0;
    let mut complain = |fault, label: &str| problems.push(Problem::new(fault, label));
    for (label, value) in signatures.iter() {
        let count = |members: &Dictionary| members.iter().filter(|(each, _)| *each == label).count();
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

impl Pair<'_> {
    fn claim(&self, context: &Context, arrived: &Arrived, covers_body: bool, rest: Option<&Rest>) -> Claim {
        let Arrived {
            body,
            bytes,
            digest,
            now,
        } = *arrived;
        let param = |name: &str| self.input.params.get(name);
        let text = |name: &str| param(name).and_then(text_of).unwrap_or_default().to_string();
        let (algorithm, key_id) = (text("alg"), text("keyid"));
        let mut problems = Vec::new();
        let key = key_of(&algorithm, &key_id).unwrap_or_else(|problem| {
            problems.push(problem);
            Key::Unknown
        });
        match (self.covers(DIGEST), digest) {
            (true, Some(Err(problem))) => problems.push(problem.clone()),
            (true, _) if !self.says_how_to_read(body, rest, algorithm == ITEM) => {
                problems.push(Problem::new(Fault::AmbiguousBody, self.label));
            }
            (false, _) if !covers_body => problems.push(Problem::new(Fault::UncoveredBody, self.label)),
            _ => {}
        }
        let is_alive = |expires: &BareItem| match expires {
            BareItem::Integer(expires) => u64::try_from(i64::from(*expires)).is_ok_and(|expires| expires >= now),
            _ => false,
        };
        if param("expires").is_some_and(|expires| !is_alive(expires)) {
            problems.push(Problem::new(Fault::Expired, self.label));
        }
        let bases = match &key {
            Key::Modulus(modulus) if algorithm == ITEM => {
                let data = self.covers(DIGEST).then_some(bytes);
                item_bases(self.input, modulus, data)
            }
            _ => possible_bases(self.input, context),
        };
        let bases = bases.unwrap_or_else(|problem| {
            problems.push(problem);
            Vec::new()
        });
        Claim {
            label: self.label.into(),
            algorithm,
            key_id,
            id: commitment_id(self.signature),
            covered: Vec::new(),
            signature: self.signature.to_vec(),
            key,
            bases,
            problems,
            has_rest: rest.is_some(),
            signed: None,
        }
    }

    /// Whether a field is covered. Nodes also write an `@` before the names of some fields.
    fn covers(&self, name: &str) -> bool {
        plain_names(self.input).any(|each| bare(each) == name)
    }

    /// Whether the signed components decide how to read the body. They do if they include its content type, or say that
    /// there are nested values, which are parts. Otherwise the body must not have the form of parts.
    fn says_how_to_read(&self, body: &Body, rest: Option<&Rest>, is_item: bool) -> bool {
        // The data of an item is one value. Its signature does not cover components.
        if is_item {
            return !body.has_parts;
        }
        if let Some(rest) = rest {
            return rest.is_clear || (rest.content_type.is_some() && self.covers(CONTENT_TYPE));
        }
        let bundle = self.input.params.get("bundle").and_then(text_of) == Some("true");
        self.covers(CONTENT_TYPE) || (body.is_clear && (bundle || !body.has_parts))
    }
}

/// The key in a signature's input.
fn key_of(algorithm: &str, key_id: &str) -> std::result::Result<Key, Problem> {
    let unknown = || Problem::new(Fault::UnknownKey, key_id);
    let (scheme, rest) = key_id.split_once(':').unwrap_or(("", key_id));
    if algorithm == Algorithm::RsaPssSha512.name() || algorithm == ITEM {
        let key = matches!(scheme, "" | "publickey").then(|| decode_key(rest)).flatten();
        // Shorter RSA keys have been broken.
        return key.filter(|key| key.len() >= 256).map(Key::Modulus).ok_or_else(unknown);
    }
    if algorithm == Algorithm::HmacSha256.name() {
        // Keys with the scheme `secret` are not in the message.
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
    STANDARD
        .decode(text)
        .ok()
        .or_else(|| from_base64url(&text.replace('+', "-").replace('/', "_")))
}

impl Claim {
    /// The signer's address; `None` for a keyed hash.
    pub fn address(&self) -> Option<Id> {
        match &self.key {
            Key::Modulus(modulus) => Some(Id::of(modulus)),
            _ => None,
        }
    }

    /// Whether the claim has no fault so far, so that only the signature itself has to be verified.
    pub fn is_sound(&self) -> bool {
        self.problems.iter().all(|problem| problem.fault.is_forgivable())
    }

    /// Whether the signature is that of a data item.
    pub fn is_item(&self) -> bool {
        self.algorithm == ITEM
    }

    /// The index of the base that a keyed hash matches; `None` for other signatures.
    pub fn fitting_base(&self) -> Option<usize> {
        let Key::Common(key) = &self.key else { return None };
        let fits = |base: &Base| keyed_hash(key, &base.bytes)[..] == self.signature;
        self.bases.iter().position(fits)
    }

    /// Stores the index of the base that the signature matches, if any. Returns whether the signature is valid.
    pub fn conclude(&mut self, base: Option<usize>) -> bool {
        self.signed = base.filter(|at| *at < self.bases.len() && self.is_sound());
        // A claim with another fault was not verified, so that it is not reported as forged as well.
        if self.signed.is_none() && self.is_sound() {
            self.problems.push(Problem::new(Fault::Signature, self.label.clone()));
        }
        self.is_valid()
    }

    /// Whether the signature matches, and the claim has no other fault.
    pub fn is_valid(&self) -> bool {
        self.signed.is_some()
    }

    /// The signed fields; `None` for a signature that is not valid.
    pub(super) fn signed_fields(&self) -> Option<&Fields> {
        Some(&self.bases.get(self.signed?)?.fields)
    }

    /// Verifies the signature in Rust. Returns whether it is valid.
    #[cfg(feature = "rsa")]
    pub fn verify(&mut self) -> bool {
        let base = match &self.key {
            Key::Modulus(modulus) if self.is_sound() => {
                let verify = match self.is_item() {
                    true => crate::arweave::pss::verify,
                    false => crate::arweave::pss::verify_sha512,
                };
                let matches = |base: &Base| verify(modulus, &base.bytes, &self.signature);
                self.bases.iter().position(matches)
            }
            _ => self.fitting_base(),
        };
        self.conclude(base)
    }
}
