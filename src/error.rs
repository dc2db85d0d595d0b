//! The error type of this crate.

use std::error::Error as StdError;
use std::fmt;

/// Declares the kinds of errors and their codes. Everything else about them is derived from this list; a test compares it
/// with the codes in the package's TypeScript.
macro_rules! error_kinds {
    ($($(#[$attribute:meta])* $kind:ident = $code:literal,)*) => {
        /// The kind of an error. Match on it in code; the message is for people.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$attribute])* $kind,)*
        }

        impl ErrorKind {
            /// Every kind, in the order of their declaration.
            #[allow(unused_doc_comments, reason = "the attributes of a kind may exclude it")]
            pub const ALL: &'static [Self] = &[$($(#[$attribute])* Self::$kind),*];

            /// The stable code of this kind in JavaScript.
            #[allow(unused_doc_comments, reason = "the attributes of a kind may exclude it")]
            pub fn code(self) -> &'static str {
                match self {
                    $($(#[$attribute])* Self::$kind => $code,)*
                }
            }
        }
    };
}

error_kinds! {
    /// An argument is missing or has the wrong type.
    BadArgument = "BAD_ARGUMENT",
    /// An anchor is not 32 bytes long.
    BadAnchor = "BAD_ANCHOR",
    /// Tags exceed the limits of ANS-104, or are not text.
    BadTags = "BAD_TAGS",
    /// An id or address is not 32 bytes of base64url.
    BadId = "BAD_ID",
    /// A key cannot be read, or its parts do not fit together.
    BadKey = "BAD_KEY",
    /// Bytes are not a data item.
    BadItem = "BAD_ITEM",
    /// A signature does not belong to its item.
    BadSignature = "BAD_SIGNATURE",
    /// The signature type is not supported, or the platform lacks a feature.
    Unsupported = "UNSUPPORTED",
    /// The wallet or the signer refused or failed. Nothing was sent.
    Signer = "SIGNER",
    /// The request did not reach the unit, or the response did not arrive.
    HttpNetwork = "HTTP_NETWORK",
    /// The unit answered with an error status.
    HttpStatus = "HTTP_STATUS",
    /// The response has an unexpected form, or is too large, or a redirect dropped the body of the request.
    BadResponse = "BAD_RESPONSE",
    /// The gateway does not have the transaction, or the transaction lacks a required tag.
    NotFound = "NOT_FOUND",
    /// The time limit of the call, or its caller, ended the call.
    Timeout = "TIMEOUT",
    /// Bytes are not a module that this crate can run, or a module's code is invalid.
    BadModule = "BAD_MODULE",
    /// A snapshot or checkpoint is damaged, or belongs to another module.
    BadSnapshot = "BAD_SNAPSHOT",
    /// The module aborted, or did something that is not allowed.
    EngineTrap = "ENGINE_TRAP",
    /// The evaluation used more gas than the limit allows.
    OutOfGas = "OUT_OF_GAS",
    /// The module needs more memory than the limit allows, or than there is.
    OutOfMemory = "OUT_OF_MEMORY",
    /// The evaluation was stopped from outside.
    Stopped = "STOPPED",
    /// The storage of a local network failed to read or write.
    Storage = "STORAGE",
    /// The signature of an assignment or of a message does not belong to it.
    #[cfg(feature = "verify")]
    VerifySignature = "VERIFY_SIGNATURE",
    /// An assignment is signed by another key than that of the process's scheduler.
    #[cfg(feature = "verify")]
    VerifyScheduler = "VERIFY_SCHEDULER",
    /// An assignment belongs to another process, or the process is not the item with its id.
    #[cfg(feature = "verify")]
    VerifyProcess = "VERIFY_PROCESS",
    /// A message is not the one that its assignment names.
    #[cfg(feature = "verify")]
    VerifyMessage = "VERIFY_MESSAGE",
    /// A slot of a schedule is missing, repeated or out of order.
    #[cfg(feature = "verify")]
    VerifyGap = "VERIFY_GAP",
    /// The hash chain of a schedule is broken.
    #[cfg(feature = "verify")]
    VerifyChain = "VERIFY_CHAIN",
    /// Two sources show different assignments in the same slot.
    #[cfg(feature = "verify")]
    VerifyFork = "VERIFY_FORK",
    /// The scheduler shows a message incompletely, and the gateway has no bytes that belong to it.
    #[cfg(feature = "verify")]
    VerifyData = "VERIFY_DATA",
    /// A checkpoint is not the one that was asked for, or does not fit the schedule.
    #[cfg(feature = "verify")]
    VerifyCheckpoint = "VERIFY_CHECKPOINT",
    /// There is no checkpoint of a trusted signer.
    #[cfg(feature = "verify")]
    NoCheckpoint = "NO_CHECKPOINT",
    /// The checkpoint to start from is older than the caller allows.
    #[cfg(feature = "verify")]
    CheckpointTooOld = "CHECKPOINT_TOO_OLD",
    /// A module is not the item with its id.
    #[cfg(feature = "verify")]
    VerifyModule = "VERIFY_MODULE",
    /// The process runs on a device that this version cannot evaluate.
    #[cfg(feature = "verify")]
    UnsupportedDevice = "UNSUPPORTED_DEVICE",
    /// A unit's result differs from the computed one.
    #[cfg(feature = "verify")]
    Mismatch = "MISMATCH",
    /// The newest assignment is older than the caller allows.
    #[cfg(feature = "verify")]
    HeadTooOld = "HEAD_TOO_OLD",
    /// A kept view is damaged, or of another process or module.
    #[cfg(feature = "verify")]
    ViewDamaged = "VIEW_DAMAGED",
    /// A kept view is older than the one that was stored last.
    #[cfg(feature = "verify")]
    ViewRolledBack = "VIEW_ROLLED_BACK",
}

impl ErrorKind {
    /// The kind that has this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// A fact about an error, for code to read.
#[derive(Debug, Clone, PartialEq)]
pub enum Detail {
    Number(f64),
    Text(String),
}

/// An error: its kind, a message that says what is wrong and what to change, details, and its cause.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    details: Vec<(&'static str, Detail)>,
    source: Option<Box<dyn StdError + 'static>>,
    unopened: bool,
}

/// The result type of this crate.
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

    /// Sets the cause of this error.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds a detail that is text.
    pub fn with_text(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.details.push((name, Detail::Text(value.into())));
        self
    }

    /// Adds a detail that is a number.
    pub fn with_number(mut self, name: &'static str, value: f64) -> Self {
        self.0.details.push((name, Detail::Number(value)));
        self
    }

    /// Puts `context` before the message.
    pub fn context(mut self, context: &str) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// Puts `advice` after the message.
    pub fn advise(mut self, advice: &str) -> Self {
        self.0.message.push_str(". ");
        self.0.message.push_str(advice);
        self
    }

    /// Sets whether it is certain that the connection of a failed request never opened, so that nothing was sent.
    pub fn with_unopened(mut self, unopened: bool) -> Self {
        self.0.unopened = unopened;
        self
    }

    /// Whether it is certain that the connection of a failed request never opened.
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
        // Not derived: every page would load the code that prints the details.
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
    fn error_kind_codes_are_distinct_and_error_is_one_word() {
        let codes: std::collections::HashSet<_> = ErrorKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), ErrorKind::ALL.len());
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
