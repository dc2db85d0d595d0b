//! WebAssembly modules with code that few pages need. The package's JavaScript fetches them on first use.

use std::cell::RefCell;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::JsValue;

use super::{Thrown, get, message_of};
use crate::error::{Error, ErrorKind, Result};

/// A module beside this one. The package's JavaScript knows it by its name.
#[derive(Clone, Copy)]
pub enum Companion {
    /// RSA where `SubtleCrypto` cannot be used.
    #[cfg(not(feature = "rsa"))]
    Rsa,
    /// Signature types other than Arweave's.
    #[cfg(not(feature = "signatures"))]
    Signatures,
}

impl Companion {
    fn name(self) -> &'static str {
        match self {
            #[cfg(not(feature = "rsa"))]
            Self::Rsa => "rsa",
            #[cfg(not(feature = "signatures"))]
            Self::Signatures => "signatures",
        }
    }
}

thread_local! {
    static CALLER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Sets the function that calls a module. It gets the module's name, the name of an export, and the arguments as an array. It
/// returns a promise of what the export returns.
pub fn set_caller(caller: Function) {
    CALLER.with(|slot| slot.replace(Some(caller)));
}

/// Calls a function of a module.
///
/// # Errors
/// `Unsupported` when the module cannot be loaded, and what the function throws.
pub async fn call(companion: Companion, name: &str, arguments: &[JsValue]) -> Result<JsValue> {
    let caller = CALLER.with_borrow(Clone::clone);
    let caller = caller.ok_or_else(|| unavailable(companion, JsValue::from_str("nothing says where to find it")))?;
    let arguments = arguments.iter().collect::<Array>();
    let calling = caller.call3(&JsValue::UNDEFINED, &companion.name().into(), &name.into(), &arguments);
    let called = match calling {
        Ok(promise) => Promise::resolve(&promise).await,
        Err(thrown) => Err(thrown),
    };
    called.map_err(|thrown| passed_on(companion, thrown))
}

/// Converts an error of the module, which has the same codes.
fn passed_on(companion: Companion, thrown: JsValue) -> Error {
    let code = get(&thrown, "code").as_string().unwrap_or_default();
    match ErrorKind::from_code(&code) {
        // These two say why the module is not there.
        None | Some(ErrorKind::HttpNetwork | ErrorKind::Unsupported) => unavailable(companion, thrown),
        Some(kind) => Error::new(kind, message_of(&thrown)).with_source(Thrown(thrown)),
    }
}

fn unavailable(companion: Companion, thrown: JsValue) -> Error {
    let what = match companion.name() {
        "rsa" => "RSA",
        other => other,
    };
    let message = format!("The module for {what} cannot be loaded: {}", message_of(&thrown));
    Error::new(ErrorKind::Unsupported, message).with_source(Thrown(thrown))
}
