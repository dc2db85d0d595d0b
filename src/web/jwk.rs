//! JSON Web Keys from and to JavaScript, without serde: its error messages, and the formatting of numbers for them, are larger
//! than this file.

use js_sys::Object;
use wasm_bindgen::JsValue;

use super::{get, set};
use crate::arweave::Jwk;
use crate::error::{Error, ErrorKind, Result};

/// # Errors
/// `BadKey` when `kty`, `n` or `e` is missing, or a member is not text.
pub fn jwk_from_js(value: &JsValue) -> Result<Jwk> {
    let unfit = |name: &str, what: &str| {
        let advice = "Give the wallet's key file, parsed";
        Error::new(
            ErrorKind::BadKey,
            format!("The key is not a JSON Web Key: {name} {what}. {advice}"),
        )
    };
    let optional = |name: &str| -> Result<Option<String>> {
        let member = get(value, name);
        if member.is_undefined() || member.is_null() {
            return Ok(None);
        }
        member.as_string().map(Some).ok_or_else(|| unfit(name, "is not text"))
    };
    let required = |name: &str| optional(name)?.ok_or_else(|| unfit(name, "is missing"));
    Ok(Jwk {
        kty: required("kty")?,
        n: required("n")?,
        e: required("e")?,
        d: optional("d")?,
        p: optional("p")?,
        q: optional("q")?,
        dp: optional("dp")?,
        dq: optional("dq")?,
        qi: optional("qi")?,
    })
}

pub fn jwk_to_js(jwk: &Jwk) -> Object {
    let object = Object::new();
    for (name, member) in [("kty", &jwk.kty), ("n", &jwk.n), ("e", &jwk.e)] {
        set(&object, name, member.as_str());
    }
    let optional = [
        ("d", &jwk.d),
        ("p", &jwk.p),
        ("q", &jwk.q),
        ("dp", &jwk.dp),
        ("dq", &jwk.dq),
        ("qi", &jwk.qi),
    ];
    for (name, member) in optional {
        if let Some(member) = member {
            set(&object, name, member.as_str());
        }
    }
    object
}
