//! AO-Core messages as signed HTTP messages: HyperBEAM's `httpsig@1.0`.
//!
//! | file | contents |
//! |---|---|
//! | `message`, `types`, `names` | messages, the types of their values, and names with a meaning |
//! | `encode`, `decode`, `multipart`, `escape`, `unverifiable` | messages to headers and a body, and back |
//! | `fields`, `digest` | structured fields (RFC 8941), content digests (RFC 9530) |
//! | `algorithm`, `base`, `sign`, `verify`, `id` | signatures (RFC 9421), and the ids that are computed from them |
//! | `item` | signatures of data items that a node returns as messages |
//! | `nested`, `linked` | hashes of nested messages, and links to them |
//! | `covered` | the decoded message, and which of its values are signed |
//!
//! A node does not verify the bytes that it received. It decodes the message, encodes it again, and verifies the
//! result. Therefore each message has one correct encoding, down to the last digit of a float, and this module writes
//! that encoding. Where a node does not read back its own encoding, signing is refused.
//!
//! [`Dialect`] is tested against recordings of nodes of September and of November 2025. They differ in nested messages
//! and ids only. The source code of 2026 leaves hashes out of nested messages again; there is no recording of such a
//! node.
//!
//! Maps of more than 32 values have no defined order in a node. They are not signed, and ids that depend on one are
//! unknown.
//!
//! Signatures that are made here cover fields only. Components that RFC 9421 derives from a request, such as its path,
//! are verified but not signed: nodes write these lines of the signature base in a form of their own.

mod algorithm;
mod base;
mod covered;
mod decode;
mod digest;
mod encode;
mod escape;
mod fields;
mod id;
mod item;
mod linked;
mod message;
mod multipart;
mod names;
mod nested;
mod problem;
mod sign;
mod types;
mod unverifiable;
mod verify;

pub use algorithm::Algorithm;
pub use base::{Base, Context};
pub use covered::Decoded;
pub use digest::{check_digest, content_digest};
pub use encode::{Dialect, Encoded};
pub use fields::{Fields, canonical};
pub use id::{COMMON_KEY, combined_id, commitment_id};
pub use message::{MAX_DEPTH, Message, Value};
pub use problem::{Fault, Problem};
pub use sign::{SignatureInput, SignedMessage, unsigned_id};
pub use verify::{Claim, Key, Received};
