//! WebAssembly modules with code that few pages need. The package's JavaScript fetches them on first use.

use std::cell::RefCell;

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::JsValue;

use super::{Thrown, get, message_of, method};
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
    static LOADER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Sets the function that loads a module. It gets a name, and returns a promise of the module's exports.
pub fn set_loader(loader: Function) {
    LOADER.with(|slot| slot.replace(Some(loader)));
}

/// Calls a function of a module.
///
/// # Errors
/// `Unsupported` when the module cannot be loaded, and what the function throws.
pub async fn call(companion: Companion, name: &str, arguments: &[JsValue]) -> Result<JsValue> {
    let unavailable = |thrown| unavailable(companion, thrown);
    let loader = LOADER.with_borrow(Clone::clone);
    let loader = loader.ok_or_else(|| unavailable(JsValue::from_str("nothing says where to find it")))?;
    let loading = loader
        .call1(&JsValue::UNDEFINED, &companion.name().into())
        .map_err(unavailable)?;
    let module = Promise::resolve(&loading).await.map_err(unavailable)?;
    let function = method(&module, name).ok_or_else(|| unavailable(JsValue::from_str("it is incomplete")))?;
    Reflect::apply(&function, &module, &arguments.iter().collect::<Array>())
        .map_err(|thrown| passed_on(companion, thrown))
}

/// Converts an error of the module, which has the same codes.
fn passed_on(companion: Companion, thrown: JsValue) -> Error {
    let code = get(&thrown, "code").as_string().unwrap_or_default();
    match ErrorKind::from_code(&code) {
        Some(kind) => Error::new(kind, message_of(&thrown)).with_source(Thrown(thrown)),
        None => unavailable(companion, thrown),
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
