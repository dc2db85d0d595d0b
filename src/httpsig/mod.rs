//! AO-Core messages on HTTP, signed: HyperBEAM's `httpsig@1.0`.
//!
//! | file | what is there |
//! |---|---|
//! | `message`, `types` | messages and their values, and what is left of these on the wire |
//! | `encode`, `decode`, `multipart`, `escape`, `unverifiable` | messages to headers and a body, and back |
//! | `fields`, `digest` | structured fields (RFC 8941), content digests (RFC 9530) |
//! | `base`, `sign`, `verify`, `id` | signatures (RFC 9421), and the ids that follow from them |
//! | `item` | signatures of data items that a node shows as messages |
//! | `nested`, `linked` | nested messages as nodes know them: hashes, and links |
//! | `covered` | the message that follows from all of these, and what is signed of it |
//!
//! A node does not verify the bytes that it was sent. It reads the message, encodes it anew, and verifies that. So there is
//! one right form for each message, down to the last digit of a float, and what is written here is in that form. Where a
//! node's own form is not one that it reads back, signing is refused.
//!
//! What nodes of September and of November 2025 compute for a message was recorded, and is the judge of [`Dialect`]. They
//! agree but for nested messages and ids. The source of 2026 leaves hashes out of nested messages again; no node of it was
//! recorded.
//!
//! Maps of more than 32 values have no order in a node. They are not signed, and an id that would follow from one is not
//! known.
//!
//! Signatures cover fields only. What RFC 9421 derives from a request, such as its path, is read and verified here, but
//! not signed: nodes write these lines of the base in a way of their own.

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
pub use sign::{SignatureInput, Signed, unsigned_id};
pub use verify::{Claim, Key, Received};
