//! The browser as a platform: `fetch`, the clock, timers, and `SubtleCrypto` where the page has it. Workers, Node.js, Deno and
//! Bun offer the same interfaces.

mod abort;
#[cfg(not(all(feature = "rsa", feature = "signatures")))]
mod companion;
mod crypto;
mod data;
mod global;
mod hash;
mod jwk;
#[cfg(feature = "compute")]
mod native;
mod platform;
mod random;
mod redirect;
mod response;
mod rsa;
#[cfg(feature = "verify")]
mod rsa_batch;
mod signatures;

#[cfg(not(all(feature = "rsa", feature = "signatures")))]
pub use companion::set_caller;
pub use crypto::{KeyHandle, SigningKey, generate_jwk, verify_pss, verify_pss_with};
pub use data::{JsBytes, JsData, copy_behind, hash_bytes, unreadable};
pub use hash::Hash;
pub use jwk::{jwk_from_js, jwk_to_js};
#[cfg(feature = "compute")]
pub use native::Native;
pub use platform::WebPlatform;
pub use random::WebRandom;
pub use response::Unread;
#[cfg(feature = "verify")]
pub use rsa_batch::WebCrypto;
pub use signatures::{check_head, check_signature};

use std::fmt;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The progress of a call: the `id` of the message that it signed, and whether it was `sent`. JavaScript owns the object, so
/// that it outlives a crash of this module.
#[derive(Clone, Default)]
pub struct Progress(pub JsValue);

impl Progress {
    pub fn signed(&self, id: &str) {
        set(&self.0, "id", id);
        set(&self.0, "sent", false);
    }

    /// Records that a request goes out. Requests before the signature do not count.
    fn sending(&self) {
        if get(&self.0, "id").is_string() {
            set(&self.0, "sent", true);
        }
    }
}

/// A value that JavaScript threw, as the source of an [`Error`](crate::Error).
pub struct Thrown(pub JsValue);

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&message_of(&self.0))
    }
}

impl fmt::Debug for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thrown({self})")
    }
}

impl std::error::Error for Thrown {}

/// The message of a thrown value, which need not be an `Error`.
pub fn message_of(thrown: &JsValue) -> String {
    if let Some(text) = thrown.as_string() {
        return text;
    }
    get(thrown, "message")
        .as_string()
        .filter(|text| !text.is_empty())
        .or_else(|| get(thrown, "name").as_string())
        .unwrap_or_else(|| "an unknown error".into())
}

/// Reads a property of any value. Returns `undefined` where there is none, or the getter throws. Use this for what callers
/// pass or throw, and a typed import for what the platform returns.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Reads a property that is a function. `None` where it is anything else.
pub fn method(object: &JsValue, name: &str) -> Option<Function> {
    get(object, name).dyn_into().ok()
}

/// Sets a property of an object that this crate made, which cannot fail.
pub fn set(object: &JsValue, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &name.into(), &value.into());
}
