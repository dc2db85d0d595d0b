//! The one error of this crate.

use std::error::Error as StdError;
use std::fmt;

/// What went wrong, as a kind that code can match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument is missing or of the wrong type.
    BadArgument,
    /// An anchor that is not 32 bytes.
    BadAnchor,
    /// Tags over ANS-104's limits, or not text.
    BadTags,
    /// An id or address that is not 32 bytes of base64url.
    BadId,
    /// A key that cannot be read or does not fit together.
    BadKey,
    /// Bytes that are not a data item.
    BadItem,
    /// A signature that does not belong to its item.
    BadSignature,
    /// A signature type, or a feature of the surroundings, that is not there.
    Unsupported,
    /// The wallet or the signer refused or failed; nothing was sent.
    Signer,
    /// The request did not reach the unit, or its answer did not arrive.
    HttpNetwork,
    /// The unit answered with an error status.
    HttpStatus,
    /// The unit's answer is not what it should be, or too large, or a redirect dropped what was posted.
    BadResponse,
    /// The gateway does not know the transaction, or it lacks what it needs.
    NotFound,
    /// The call was ended before its end, by its time limit or by its caller.
    Timeout,
    /// Bytes that are not a module that this crate can run, or code in one that is not valid.
    BadModule,
    /// A snapshot or checkpoint that is damaged, or another module's.
    BadSnapshot,
    /// The module gave up, or did what it must not.
    EngineTrap,
    /// The module ran for longer than the limit allows.
    OutOfGas,
    /// The module wants more memory than the limit allows, or than there is.
    OutOfMemory,
    /// The evaluation was stopped from outside.
    Stopped,
    /// What a local network keeps cannot be read or written.
    Storage,
}

impl ErrorKind {
    /// Every kind, in the order of their declaration.
    pub const ALL: [Self; 21] = [
        Self::BadArgument,
        Self::BadAnchor,
        Self::BadTags,
        Self::BadId,
        Self::BadKey,
        Self::BadItem,
        Self::BadSignature,
        Self::Unsupported,
        Self::Signer,
        Self::HttpNetwork,
        Self::HttpStatus,
        Self::BadResponse,
        Self::NotFound,
        Self::Timeout,
        Self::BadModule,
        Self::BadSnapshot,
        Self::EngineTrap,
        Self::OutOfGas,
        Self::OutOfMemory,
        Self::Stopped,
        Self::Storage,
    ];

    /// The kind that has this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The stable code under which JavaScript sees this kind.
    pub fn code(self) -> &'static str {
        match self {
            Self::BadArgument => "BAD_ARGUMENT",
            Self::BadAnchor => "BAD_ANCHOR",
            Self::BadTags => "BAD_TAGS",
            Self::BadId => "BAD_ID",
            Self::BadKey => "BAD_KEY",
            Self::BadItem => "BAD_ITEM",
            Self::BadSignature => "BAD_SIGNATURE",
            Self::Unsupported => "UNSUPPORTED",
            Self::Signer => "SIGNER",
            Self::HttpNetwork => "HTTP_NETWORK",
            Self::HttpStatus => "HTTP_STATUS",
            Self::BadResponse => "BAD_RESPONSE",
            Self::NotFound => "NOT_FOUND",
            Self::Timeout => "TIMEOUT",
            Self::BadModule => "BAD_MODULE",
            Self::BadSnapshot => "BAD_SNAPSHOT",
            Self::EngineTrap => "ENGINE_TRAP",
            Self::OutOfGas => "OUT_OF_GAS",
            Self::OutOfMemory => "OUT_OF_MEMORY",
            Self::Stopped => "STOPPED",
            Self::Storage => "STORAGE",
        }
    }
}

/// A fact about a failure, for programs rather than people.
#[derive(Debug, Clone, PartialEq)]
pub enum Detail {
    Number(f64),
    Text(String),
}

/// A failure: its kind, what happened and what to do about it, facts, and what caused it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    details: Vec<(&'static str, Detail)>,
    source: Option<Box<dyn StdError + 'static>>,
    unopened: bool,
}

/// Shorthand for this crate's results.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            details: Vec::new(),
            source: None,
            unopened: false,
        }))
    }

    /// Adds what caused this error.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds a fact in words.
    pub fn with_text(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.details.push((name, Detail::Text(value.into())));
        self
    }

    /// Adds a fact in figures.
    pub fn with_number(mut self, name: &'static str, value: f64) -> Self {
        self.0.details.push((name, Detail::Number(value)));
        self
    }

    /// The same error, with `context` in front of its message.
    pub fn context(mut self, context: &str) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// The same error, with `advice` behind its message.
    pub fn advise(mut self, advice: &str) -> Self {
        self.0.message.push_str(". ");
        self.0.message.push_str(advice);
        self
    }

    /// Sets whether the connection of a failed request provably never opened, so that nothing of the request was sent.
    pub fn with_unopened(mut self, unopened: bool) -> Self {
        self.0.unopened = unopened;
        self
    }

    /// Whether the connection of a failed request provably never opened.
    pub fn is_unopened(&self) -> bool {
        self.0.unopened
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn details(&self) -> &[(&'static str, Detail)] {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not derived: a page pays for the code that shows what nobody looks at.
        write!(f, "{}: {}", self.0.kind.code(), self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_error_is_one_word() {
        let codes: std::collections::HashSet<_> = ErrorKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), ErrorKind::ALL.len());
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
