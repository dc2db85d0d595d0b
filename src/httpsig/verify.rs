//! The signatures of a message that was received (RFC 9421 section 3.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, InnerList, ListEntry};

use super::algorithm::Algorithm;
use super::base::{Base, Context, plain_names, possible_bases};
use super::decode::Body;
use super::digest::{check_digest, content_digest};
use super::fields::{Fields, Members, text_of};
use super::id::{commitment_id, keyed_hash};
use super::item::{ITEM, item_bases};
use super::linked::{Links, Rest};
use super::names::{CONTENT_TYPE, DIGEST, bare};
use super::problem::{Fault, Problem};
use crate::arweave::{Id, from_base64url};
use crate::error::Result;

/// A message whose signatures are still to be verified. First [`conclude`](Claim::conclude) each of the `claims`, then
/// [`decode`](Self::decode) the message: what it says depends on which signatures are valid.
#[derive(Debug)]
pub struct Received {
    pub claims: Vec<Claim>,
    /// What is wrong with signatures, and belongs to none of the claims.
    pub problems: Vec<Problem>,
    pub(super) fields: Fields,
    pub(super) body: Body,
    /// Whether `content-digest` is that of the body.
    pub(super) has_digest: bool,
    /// Nested values of the body that signatures cover by their ids.
    pub(super) links: Links,
}

/// A signature, and what it covers.
#[derive(Debug)]
pub struct Claim {
    pub label: String,
    /// `alg`, as it was given.
    pub algorithm: String,
    pub key_id: String,
    pub id: Id,
    /// The names in the message whose values are signed, all that is nested in them included. None before the message
    /// is decoded, and none of a signature that is not valid.
    pub covered: Vec<String>,
    pub signature: Vec<u8>,
    /// The signer's key: a modulus, or what is known to all.
    pub key: Key,
    /// What may have been signed; one of these must have been.
    pub bases: Vec<Base>,
    pub problems: Vec<Problem>,
    /// Whether the digest that is covered is that of the body without what is covered by its id.
    pub(super) has_rest: bool,
    /// Which of the bases was signed.
    signed: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
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
    /// `BadResponse` for a body that is not what its content type says.
    pub fn new(context: &Context, body: &[u8], now: u64) -> Result<Self> {
        let fields = context.fields.cloned().unwrap_or_default();
        let mut problems = Vec::new();
        let signatures = dictionary(&fields, "signature", &mut problems);
        let inputs = dictionary(&fields, "signature-input", &mut problems);
        let pairs = pair(&signatures, &inputs, &mut problems);
        let digest = fields.get(DIGEST).map(|field| check_digest(&field, body));
        // A node signs the digest of an empty body, and does not send it.
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

/// What all claims look at.
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

    /// Whether a field of the message is covered. If it is named with an `@`, only nodes can have meant the field.
    fn covers(&self, name: &str) -> bool {
        plain_names(self.input).any(|each| bare(each) == name)
    }

    /// Whether what is signed decides how the body is read: its type, or that there are nested values, which are parts;
    /// else only what is not in the form of parts can be meant as it is.
    fn says_how_to_read(&self, body: &Body, rest: Option<&Rest>, is_item: bool) -> bool {
        // The data of an item is one value. Its signature is over no list of components.
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

/// The key that an input names.
fn key_of(algorithm: &str, key_id: &str) -> std::result::Result<Key, Problem> {
    let unknown = || Problem::new(Fault::UnknownKey, key_id);
    let (scheme, rest) = key_id.split_once(':').unwrap_or(("", key_id));
    if algorithm == Algorithm::RsaPssSha512.name() || algorithm == ITEM {
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
    STANDARD
        .decode(text)
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

    /// Whether the signature is that of a data item, which the message shows.
    pub fn is_item(&self) -> bool {
        self.algorithm == ITEM
    }

    /// Which of the bases a keyed hash fits; `None` for other signatures.
    pub fn fitting_base(&self) -> Option<usize> {
        let Key::Common(key) = &self.key else { return None };
        let fits = |base: &Base| keyed_hash(key, &base.bytes)[..] == self.signature;
        self.bases.iter().position(fits)
    }

    /// Records which of the bases the signature matches, if any. Returns whether the signature is valid.
    pub fn conclude(&mut self, base: Option<usize>) -> bool {
        self.signed = base.filter(|at| *at < self.bases.len() && self.is_sound());
        // What has another fault is not called a forgery as well.
        if self.signed.is_none() && self.is_sound() {
            self.problems.push(Problem::new(Fault::Signature, self.label.clone()));
        }
        self.is_valid()
    }

    /// Whether the signature was verified, and the claim has no other fault.
    pub fn is_valid(&self) -> bool {
        self.signed.is_some()
    }

    /// The fields that are signed; none if the signature is not valid.
    pub(super) fn signed_fields(&self) -> Option<&Fields> {
        Some(&self.bases.get(self.signed?)?.fields)
    }

    /// Verifies the signature.
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
