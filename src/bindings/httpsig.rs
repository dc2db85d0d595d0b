//! `aoxide/httpsig`: HTTP message signatures.

use js_sys::{Array, Function, Object, Uint8Array};
use serde::Serialize;
use serde_wasm_bindgen::{preserve, to_value};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::signer::{FunctionSigner, sign_for, to_bytes};
use super::values::{message_from_js, message_to_js};
use crate::error::{Error, ErrorKind, Result};
use crate::httpsig::{Claim, Context, Dialect, Encoded, Fields, Key, MAX_DEPTH, Problem, Received};
use crate::platform::Method;
use crate::signer::MessageSigner;
use crate::web::{Hash, get, set, verify_pss_with};

type JsResult<T> = std::result::Result<T, JsValue>;

/// Signs a message for a `create` of any library. Returns `{ signature, address }`.
#[wasm_bindgen(js_name = signWith)]
pub async fn sign_with(jwk: JsValue, create: Function) -> JsResult<JsValue> {
    sign_for(jwk, create, Hash::Sha512, "rsa-pss-sha512").await
}

/// Encodes a message as `{ method, headers, body, id }`, signed if there is a signer. `method` and `path` must fit the message.
#[wasm_bindgen(js_name = encodeMessage)]
pub async fn encode_message(
    fields: JsValue,
    signer: JsValue,
    dialect: JsValue,
    method: Option<String>,
    path: Option<String>,
) -> JsResult<JsValue> {
    let method = method.map(|method| Method::parse(&method)).transpose()?;
    let message = message_from_js(&fields, "fields", MAX_DEPTH + 1)?;
    let encoded = Encoded::new(&message, dialect_of(&dialect)?)?;
    // Checked before a wallet asks its user to sign.
    let has_body = encoded.body.as_ref().is_some_and(|body| !body.is_empty());
    let method = method.unwrap_or(if has_body { Method::Post } else { Method::Get });
    if has_body && !method.has_body() {
        let method = method.as_str();
        let message = format!("'method': {method} requests have no body, and this message needs one. Use POST.");
        return Err(Error::new(ErrorKind::BadArgument, message).into());
    }
    let request = Object::new();
    set(&request, "method", method.as_str());
    let (headers, body) = if signer.is_undefined() || signer.is_null() {
        (encoded.headers, encoded.body)
    } else {
        let signer = signer.dyn_into::<Function>().map_err(|_| {
            let message = "'signer': Expected function. Make one with createSigner(key or wallet).";
            Error::new(ErrorKind::BadArgument, message)
        })?;
        encoded.check_path(&path.unwrap_or_default())?;
        let signed = FunctionSigner::new(signer).sign_message(encoded).await?;
        set(&request, "id", signed.id.to_string());
        (signed.headers, signed.body)
    };
    let entries = headers
        .to_text()
        .map(|(name, value)| Array::of2(&name.into(), &value.into()));
    set(&request, "headers", Object::from_entries(&entries.collect::<Array>())?);
    // An empty body is left out: the digest covers it.
    if let Some(body) = body.filter(|body| !body.is_empty()) {
        set(&request, "body", Uint8Array::from(&body[..]));
    }
    Ok(request.into())
}

fn dialect_of(value: &JsValue) -> Result<Dialect> {
    match value.as_string().as_deref() {
        None if value.is_undefined() => Ok(Dialect::default()),
        Some("current" | "2025-11") => Ok(Dialect::November2025),
        Some("2025-09") => Ok(Dialect::September2025),
        _ => Err(Error::new(
            ErrorKind::BadArgument,
            "'dialect': Expected 'current', '2025-11' or '2025-09', the age of the node.",
        )),
    }
}

/// Decodes a reply: `{ message, signatures, problems }`. `now` is in seconds; `request` is the request of this reply.
#[wasm_bindgen(js_name = decodeMessage)]
pub async fn decode_message(
    headers: Array,
    body: JsValue,
    now: f64,
    status: Option<u16>,
    request: JsValue,
) -> JsResult<JsValue> {
    let fields = fields_of(&headers)?;
    let (method, url) = (get(&request, "method").as_string(), get(&request, "url").as_string());
    let request_fields = match get(&request, "headers").dyn_ref::<Array>() {
        Some(headers) => fields_of(headers)?,
        None => Fields::new(),
    };
    let request = Context {
        fields: Some(&request_fields),
        method: method.as_deref(),
        url: url.as_deref(),
        ..Context::default()
    };
    let context = Context {
        fields: Some(&fields),
        status,
        request: Some(&request),
        ..Context::default()
    };
    let mut received = Received::new(&context, &bytes_of(body)?, now as u64)?;
    for claim in &mut received.claims {
        let base = fitting_base(claim).await?;
        claim.conclude(base);
    }
    let decoded = received.decode();
    Ok(to_value(&PlainReply {
        message: message_to_js(&decoded.message),
        signatures: decoded.claims.iter().map(PlainSignature::of).collect(),
        problems: decoded.problems.iter().map(PlainProblem::of).collect(),
    })?)
}

/// The index of the signature base that the signature belongs to.
async fn fitting_base(claim: &Claim) -> Result<Option<usize>> {
    // A claim with other problems is invalid anyway.
    if let (Key::Modulus(modulus), true) = (&claim.key, claim.is_sound()) {
        let hash = if claim.is_item() { Hash::Sha256 } else { Hash::Sha512 };
        for (at, base) in claim.bases.iter().enumerate() {
            if verify_pss_with(hash, modulus, &base.bytes, &claim.signature).await? {
                return Ok(Some(at));
            }
        }
    }
    Ok(claim.fitting_base())
}

/// A decoded reply, for the package's JavaScript.
#[derive(Serialize)]
struct PlainReply<'a> {
    #[serde(with = "preserve")]
    message: JsValue,
    signatures: Vec<PlainSignature<'a>>,
    problems: Vec<PlainProblem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlainSignature<'a> {
    valid: bool,
    label: &'a str,
    algorithm: &'a str,
    key_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    id: String,
    covered: &'a [String],
    problems: Vec<PlainProblem>,
}

impl<'a> PlainSignature<'a> {
    fn of(claim: &'a Claim) -> Self {
        Self {
            valid: claim.is_valid(),
            label: &claim.label,
            algorithm: claim.algorithm.as_str(),
            key_id: &claim.key_id,
            address: claim.address().map(|address| address.to_string()),
            id: claim.id.to_string(),
            covered: &claim.covered,
            problems: claim.problems.iter().map(PlainProblem::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct PlainProblem {
    code: &'static str,
    message: String,
}

impl PlainProblem {
    fn of(problem: &Problem) -> Self {
        Self {
            code: problem.fault.code(),
            message: problem.to_string(),
        }
    }
}

/// Headers as fetch has them: a character for each byte.
fn fields_of(lines: &Array) -> Result<Fields> {
    let unfit = || {
        Error::new(
            ErrorKind::BadArgument,
            "'headers': Expected names and values that are text.",
        )
    };
    let mut fields = Fields::new();
    for line in lines.iter() {
        let line = line.dyn_into::<Array>().map_err(|_| unfit())?;
        let (Some(name), Some(value)) = (line.get(0).as_string(), line.get(1).as_string()) else {
            return Err(unfit());
        };
        let bytes: Option<Vec<u8>> = value
            .chars()
            .map(|character| u8::try_from(u32::from(character)).ok())
            .collect();
        fields.add(&name, bytes.unwrap_or_else(|| value.into_bytes()));
    }
    Ok(fields)
}

fn bytes_of(body: JsValue) -> Result<Vec<u8>> {
    if let Some(text) = body.as_string() {
        return Ok(text.into_bytes());
    }
    match to_bytes(&body)? {
        Some(bytes) => bytes.to_vec(),
        None => Err(Error::new(
            ErrorKind::BadArgument,
            "'bytes': Expected Uint8Array, ArrayBuffer, Blob or string.",
        )),
    }
}
