//! Reads the caller's objects. Collects everything that is wrong with them, in aoconnect's words, into one error.

use js_sys::{Array, Function, JsString, Object};
use wasm_bindgen::{JsCast, JsValue};

use super::signer::FunctionSigner;
use super::type_of;
use crate::ans104::Tag;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::TextTag;
use crate::web::{JsData, Progress, get, method};

/// The object that a verb takes, and what is wrong with it.
pub struct Arguments {
    object: JsValue,
    /// The progress of the call.
    pub progress: Progress,
    prefix: &'static str,
    issues: Vec<String>,
    kind: ErrorKind,
}

impl Arguments {
    /// `prefix` precedes every complaint. In aoconnect, some verbs have one.
    pub fn new(object: JsValue, prefix: &'static str) -> Self {
        Self {
            object,
            progress: Progress::default(),
            prefix,
            issues: Vec::new(),
            kind: ErrorKind::BadArgument,
        }
    }

    pub fn get(&self, name: &str) -> JsValue {
        get(&self.object, name)
    }

    /// Text that is required. `label` is its name in the complaints of aoconnect.
    pub fn text(&mut self, name: &str, label: &str) -> String {
        let value = self.get(name);
        value.as_string().unwrap_or_else(|| {
            self.expected(label, "string", &value);
            String::new()
        })
    }

    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        self.optional(name, "string", |value| value.as_string())
    }

    pub fn flag(&mut self, name: &str) -> bool {
        self.optional(name, "boolean", |value| value.as_bool()).unwrap_or(false)
    }

    pub fn number(&mut self, name: &str) -> Option<f64> {
        self.optional(name, "number", |value| value.as_f64().filter(|number| !number.is_nan()))
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let list = self.optional(name, "array", |value| value.dyn_ref::<Array>().cloned())?;
        Some(
            list.iter()
                .map(|entry| {
                    entry.as_string().unwrap_or_else(|| {
                        self.expected(name, "string", &entry);
                        String::new()
                    })
                })
                .collect(),
        )
    }

    /// Addresses of units that can replace each other: a text or a list of texts.
    pub fn addresses(&mut self, name: &str) -> Vec<String> {
        match self.get(name).is_array() {
            true => self.texts(name).unwrap_or_default(),
            false => self.optional_text(name).into_iter().collect(),
        }
    }

    /// A slot, or the id of the message in it.
    pub fn slot(&mut self) -> String {
        let given = self.get("slot");
        let value = if given.is_undefined() {
            self.get("message")
        } else {
            given
        };
        match value.as_f64() {
            Some(_) => as_text(&value),
            None => value.as_string().filter(|text| !text.is_empty()).unwrap_or_else(|| {
                self.expected("slot", "number or string", &value);
                String::new()
            }),
        }
    }

    pub fn signer(&mut self) -> FunctionSigner {
        self.signer_or(&JsValue::UNDEFINED)
    }

    /// The signer of the call, or else the one of `connect`.
    pub fn signer_or(&mut self, usual: &JsValue) -> FunctionSigner {
        let given = self.get("signer");
        let value = if given.is_undefined() { usual.clone() } else { given };
        let function = value.dyn_into().unwrap_or_else(|value: JsValue| {
            let advice = "Make one with createSigner(key or wallet)";
            let complaint = if value.is_falsy() {
                format!("'signer': Required. {advice}.")
            } else {
                format!("'signer': Expected function, received {}. {advice}.", type_of(&value))
            };
            self.issues.push(complaint);
            // It is never called. `Function::new_no_args` would compile text, which a page can forbid.
            value.unchecked_into::<Function>()
        });
        FunctionSigner::new(function).telling(method(&self.object, "onSigned"), self.progress.clone())
    }

    /// Tags. Their names and values must be text.
    pub fn tags(&mut self) -> Vec<Tag> {
        self.text_tags()
            .into_iter()
            .map(|tag| Tag::new(tag.name, tag.value))
            .collect()
    }

    pub fn text_tags(&mut self) -> Vec<TextTag> {
        let value = self.get("tags");
        if value.is_undefined() || value.is_null() {
            return Vec::new();
        }
        let Some(list) = value.dyn_ref::<Array>() else {
            self.expected("tags", "array", &value);
            return Vec::new();
        };
        list.iter()
            .map(|entry| {
                if !entry.is_object() {
                    self.expected("tags", "object", &entry);
                    return TextTag {
                        name: String::new(),
                        value: String::new(),
                    };
                }
                TextTag {
                    name: self.tag_part(&entry, "name"),
                    value: self.tag_part(&entry, "value"),
                }
            })
            .collect()
    }

    fn tag_part(&mut self, tag: &JsValue, part: &str) -> String {
        let value = get(tag, part);
        let Some(text) = value.dyn_ref::<JsString>() else {
            self.expected(part, "string", &value);
            return String::new();
        };
        if !text.is_valid_utf16() {
            self.kind = ErrorKind::BadTags;
            self.issues.push(format!(
                "'{part}': A tag has half a surrogate pair, which no encoding can hold."
            ));
        }
        text.into()
    }

    /// Data. A falsy value means none.
    pub fn data(&mut self) -> Option<JsData> {
        match self.get("data") {
            value if value.is_falsy() => None,
            value => self.data_of(value),
        }
    }

    /// Data, which may be empty.
    pub fn any_data(&mut self) -> Option<JsData> {
        match self.get("data") {
            value if value.is_null_or_undefined() => None,
            value => self.data_of(value),
        }
    }

    fn data_of(&mut self, value: JsValue) -> Option<JsData> {
        match JsData::from_js(value) {
            Ok(data) => Some(data),
            Err(value) => {
                self.issues.push(format!(
                    "'data': Expected string, Uint8Array, ArrayBuffer or Blob, received {}.",
                    type_of(&value)
                ));
                None
            }
        }
    }

    /// The members of the object, in their order.
    pub fn entries(&self) -> Vec<(String, JsValue)> {
        let entries = Object::entries(self.object.unchecked_ref());
        let pairs = entries.iter().map(|pair| Array::from(&pair));
        pairs
            .map(|pair| (pair.get(0).as_string().unwrap_or_default(), pair.get(1)))
            .collect()
    }

    /// A field of a request as the value of a tag. `None` for `undefined` and `null`.
    pub fn field(&mut self, name: &str, value: &JsValue) -> Option<Vec<u8>> {
        if value.is_null_or_undefined() {
            return None;
        }
        match JsData::from_js(value.clone()) {
            Ok(JsData::Text(text)) => Some(String::from(text).into_bytes()),
            Ok(JsData::Bytes(bytes)) => bytes.to_vec().ok(),
            _ if value.as_f64().is_some() || value.as_bool().is_some() || value.is_bigint() => {
                Some(as_text(value).into_bytes())
            }
            _ => {
                self.expected(name, "string, number, boolean or Uint8Array", value);
                None
            }
        }
    }

    /// Adds a complaint.
    pub fn complain(&mut self, complaint: impl Into<String>) {
        self.issues.push(complaint.into());
    }

    /// # Errors
    /// `BadArgument` with all complaints; `BadTags` if a tag is not text.
    pub fn finish(self) -> Result<()> {
        if self.issues.is_empty() {
            return Ok(());
        }
        // `join` would add half a kilobyte to every page.
        let mut message = String::new();
        for issue in &self.issues {
            if !message.is_empty() {
                message.push_str(" | ");
            }
            message.push_str(self.prefix);
            message.push_str(issue);
        }
        Err(Error::new(self.kind, message))
    }

    fn optional<T>(&mut self, name: &str, expected: &str, read: impl Fn(&JsValue) -> Option<T>) -> Option<T> {
        let value = self.get(name);
        if value.is_undefined() {
            return None;
        }
        let read = read(&value);
        if read.is_none() {
            self.expected(name, expected, &value);
        }
        read
    }

    fn expected(&mut self, label: &str, expected: &str, value: &JsValue) {
        self.issues.push(if value.is_undefined() {
            format!("'{label}': Required.")
        } else {
            format!("'{label}': Expected {expected}, received {}.", type_of(value))
        });
    }
}

/// A number, a boolean or a bigint as JavaScript writes it.
fn as_text(value: &JsValue) -> String {
    (value + &JsValue::from_str("")).as_string().unwrap_or_default()
}
