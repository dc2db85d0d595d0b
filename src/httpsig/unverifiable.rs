//! Finds messages whose signatures no node could verify, because nodes would encode them differently.

use super::fields::glued;
use super::message::{Message, Value, Values};
use super::multipart::{self, MAX_HEADER_LENGTH};
use super::names::{CONTENT_TYPE, LINK, MAX_ORDERED};

/// The largest integer of RFC 8941.
const LARGEST: u128 = 999_999_999_999_999;

/// The first reason why a node would encode a message differently.
#[derive(Default)]
pub(super) struct Unverifiable(pub Option<String>);

impl Unverifiable {
    pub fn set(&mut self, reason: impl Into<String>) {
        self.0.get_or_insert_with(|| reason.into());
    }

    /// Checks the values of a message. `path` is where it is nested, with a slash at the end.
    pub fn check_values(&mut self, message: &Message, path: &str) {
        for (name, value) in message.iter() {
            let path = glued(&[path, name]);
            if name.ends_with(LINK) {
                self.set(format!(
                    "'{path}' ends in {LINK}, and nodes look elsewhere for its value"
                ));
            }
            if name == CONTENT_TYPE && path != name {
                self.set(format!("'{path}' is lost, since nodes read it as the type of a part"));
            }
            self.check_value(value, &path);
        }
    }

    fn check_value(&mut self, value: &Value, path: &str) {
        match value {
            Value::Integer(number) if number.unsigned_abs() > LARGEST => {
                self.set(format!("'{path}' is an integer of more than 15 digits"));
            }
            Value::List(values) => {
                for (at, value) in values.iter().enumerate() {
                    if *value == Value::Atom("undefined".into()) {
                        self.set(format!(
                            "'{path}' is a list with the atom undefined, which nodes leave out"
                        ));
                    }
                    self.check_value(value, &format!("{path}/{}", at + 1));
                }
            }
            Value::Map(message) => self.check_values(message, &glued(&[path, "/"])),
            _ => {}
        }
    }

    pub fn check_parts(&mut self, parts: &Values) {
        for (path, part) in parts {
            match part {
                Value::Bytes(bytes) if bytes.is_empty() => self.set(format!("'{path}' is empty, beside nested values")),
                Value::Bytes(bytes) => {
                    let lifted = path.contains('/') && bytes.len() <= MAX_HEADER_LENGTH;
                    if lifted && multipart::has_line_end(bytes) {
                        self.set(format!("'{path}' has several lines"));
                    }
                }
                Value::Map(Message(fields)) => {
                    let body = fields.get("body").and_then(Value::bytes);
                    if body.is_some_and(<[u8]>::is_empty) {
                        self.set(format!("'{path}/body' is empty"));
                    }
                    if body.is_some() && fields.contains_key("data") {
                        self.set(format!("'{path}' has both data and a body"));
                    }
                    // The part has a content-disposition as well.
                    if fields.len() - usize::from(body.is_some()) + 1 > MAX_ORDERED {
                        self.set(format!("'{path}' has more than 31 values"));
                    }
                }
                _ => {}
            }
        }
    }
}
