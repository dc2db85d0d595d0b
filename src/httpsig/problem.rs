//! Problems of messages that could be read.

use std::fmt;

/// A fault of a signature, or of a message's encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub fault: Fault,
    /// What the fault concerns: a label, a name, or a value.
    pub subject: String,
}

impl Problem {
    pub(super) fn new(fault: Fault, subject: impl Into<String>) -> Self {
        let subject = subject.into();
        Self { fault, subject }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fault.text(), self.subject)
    }
}

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The signature was not made with the key that it names, over the components that it covers.
    Signature,
    /// The body is not the one that was signed.
    Digest,
    /// The digest's algorithm is unknown.
    UnknownDigest,
    /// `keyid` contains no key.
    UnknownKey,
    /// `alg` is unknown.
    UnknownAlgorithm,
    /// A covered component is not in the message, or is not accessible here.
    MissingComponent,
    /// A component is covered twice.
    DuplicateComponent,
    /// Two signatures have one label.
    DuplicateLabel,
    /// A signature without an input, or an input without a signature.
    Unpaired,
    /// There is a body, and the signature does not cover it.
    UncoveredBody,
    /// The body could be read in two ways, and nothing that is signed decides between them.
    AmbiguousBody,
    /// The time `expires` has passed, or is not a time.
    Expired,
    /// A field does not have the required form.
    BadField,
    /// A value is not of its type in `ao-types`.
    BadType,
    /// Two values have the same name. The signed one is kept, else the one in the body.
    Conflict,
}

impl Fault {
    /// The fault's stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Signature => "SIGNATURE",
            Self::Digest => "DIGEST",
            Self::UnknownDigest => "UNKNOWN_DIGEST",
            Self::UnknownKey => "UNKNOWN_KEY",
            Self::UnknownAlgorithm => "UNKNOWN_ALGORITHM",
            Self::MissingComponent => "MISSING_COMPONENT",
            Self::DuplicateComponent => "DUPLICATE_COMPONENT",
            Self::DuplicateLabel => "DUPLICATE_LABEL",
            Self::Unpaired => "UNPAIRED",
            Self::UncoveredBody => "UNCOVERED_BODY",
            Self::AmbiguousBody => "AMBIGUOUS_BODY",
            Self::Expired => "EXPIRED",
            Self::BadField => "BAD_FIELD",
            Self::BadType => "BAD_TYPE",
            Self::Conflict => "CONFLICT",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Signature => "The signature does not belong to this message",
            Self::Digest => "The body does not have the digest that the message says",
            Self::UnknownDigest => "The digest is by an unknown algorithm",
            Self::UnknownKey => "The signature does not name its key",
            Self::UnknownAlgorithm => "The signature is by an unknown algorithm",
            Self::MissingComponent => "The signature covers what is not there",
            Self::DuplicateComponent => "The signature covers something twice",
            Self::DuplicateLabel => "Several signatures have the same label",
            Self::Unpaired => "A signature and its input do not come together",
            Self::UncoveredBody => "The signature does not cover the body",
            Self::AmbiguousBody => "The signature does not say how to read the body",
            Self::Expired => "The signature has expired",
            Self::BadField => "A field cannot be read",
            Self::BadType => "A value is not of its type",
            Self::Conflict => "A value is there twice",
        }
    }

    /// Whether a signature with this fault can still be valid.
    pub(super) fn is_forgivable(self) -> bool {
        matches!(self, Self::UncoveredBody)
    }
}
