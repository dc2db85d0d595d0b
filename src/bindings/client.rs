//! The verbs, from and to JavaScript's values.

use js_sys::{JSON, Object, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::Arguments;
use super::item::verified;
use super::options;
use super::signer::FunctionSigner;
use super::type_of;
use crate::client::{Assign, Client, Message, MessageRange, Page, Patient, Retry, Sort, Spawn};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Dryrun, Json};
use crate::web::{JsData, WebHost, method, set};

/// What aoconnect puts before the complaints of some verbs.
const INVALID: &str = "Invalid Arguments ";

type Answer = std::result::Result<JsValue, JsValue>;

/// The verbs of the legacy network, bound to the units of `connect`'s options.
#[wasm_bindgen]
pub struct LegacyClient {
    client: Client<WebHost>,
    host: WebHost,
    retry: Retry,
}

#[wasm_bindgen]
impl LegacyClient {
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> std::result::Result<LegacyClient, JsValue> {
        let host = WebHost {
            fetch: method(&options, "fetch"),
            signal: None,
            on_request: method(&options, "onRequest"),
            on_response: method(&options, "onResponse"),
        };
        let mut given = Arguments::new(options, "");
        let units = options::units(&mut given);
        let retry = options::retry(&mut given, &Retry::default());
        given.finish()?;
        Ok(Self {
            client: Client::new(host.clone(), units),
            host,
            retry,
        })
    }

    pub async fn message(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, INVALID);
        let (message, signer) = read_message(&mut input);
        let slot = input.flag("returnAssignmentSlot");
        let id = input.flag("returnMessageId");
        let client = self.call(&mut input);
        input.finish()?;
        let receipt = client.message(message, &signer, slot).await?;
        Ok(match receipt.slot {
            None => receipt.id.into(),
            Some(slot) if !id => slot.into(),
            Some(slot) => {
                let both = Object::new();
                set(&both, "slot", slot);
                set(&both, "id", receipt.id);
                both.into()
            }
        })
    }

    #[wasm_bindgen(js_name = signMessage)]
    pub async fn sign_message(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, INVALID);
        let (message, signer) = read_message(&mut input);
        let client = self.call(&mut input);
        input.finish()?;
        let signed = client.sign_message(message, &signer).await?;
        let both = Object::new();
        set(&both, "id", signed.id.to_string());
        set(&both, "raw", JsValue::from(signed.raw));
        Ok(both.into())
    }

    #[wasm_bindgen(js_name = sendSignedMessage)]
    pub async fn send_signed_message(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, INVALID);
        let id = input.text("id", "id");
        let raw = read_bytes(&mut input, "raw");
        let client = self.call(&mut input);
        input.finish()?;
        let (signed, _) = verified(raw).await?;
        if signed.id.to_string() != id {
            return Err(Error::new(
                ErrorKind::BadArgument,
                format!(
                    "The id {id} is not that of the item, which is {}. Nothing was sent",
                    signed.id
                ),
            )
            .into());
        }
        Ok(client.send_signed(signed).await?.into())
    }

    pub async fn spawn(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, INVALID);
        let signer = FunctionSigner::new(input.signer());
        let spawn = Spawn {
            module: input.text("module", "module"),
            scheduler: input.text("scheduler", "scheduler"),
            data: input.data(),
            tags: input.tags(),
            timestamp: input.number("timestamp").map(|number| number as u64),
        };
        let client = self.call(&mut input);
        input.finish()?;
        Ok(client.spawn(spawn, &signer).await?.into())
    }

    pub async fn result(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, "");
        let message = read_id(&mut input, "message", "id", "message is required to be a message id.");
        let process = read_id(
            &mut input,
            "process",
            "processId",
            "process is required to be a process id.",
        );
        let client = self.call(&mut input);
        input.finish()?;
        parse(client.result(&process, &message).await?)
    }

    pub async fn results(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, "");
        let process = read_id(&mut input, "process", "process", "process identifier is required.");
        let from = input.optional_text("from").filter(|text| !text.is_empty());
        let to = input.optional_text("to").filter(|text| !text.is_empty());
        let sort = read_sort(&mut input);
        let limit = input.number("limit").filter(|number| *number != 0.0);
        let client = self.call(&mut input);
        input.finish()?;
        let limit = limit.map(|number| String::from(js_sys::Number::from(number).to_js_string()));
        parse(client.results(&process, &Page { from, to, limit, sort }).await?)
    }

    pub async fn dryrun(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, "");
        let mut message = Dryrun::new(input.text("process", "process"));
        message.tags = input.text_tags();
        if !input.get("anchor").is_falsy()
            && let Some(anchor) = input.optional_text("anchor")
        {
            message.anchor = anchor;
        }
        if let Some(id) = input.optional_text("Id") {
            message.id = id;
        }
        if let Some(owner) = input.optional_text("Owner") {
            message.owner = owner;
        }
        let data = input.get("data");
        let client = self.call(&mut input);
        input.finish()?;
        if !data.is_falsy() {
            message.data = dryrun_data(data).await?;
        }
        parse(client.dryrun(&message).await?)
    }

    pub async fn monitor(&self, input: JsValue) -> Answer {
        self.set_monitor(input, true).await
    }

    pub async fn unmonitor(&self, input: JsValue) -> Answer {
        self.set_monitor(input, false).await
    }

    pub async fn assign(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, INVALID);
        let assign = Assign {
            process: input.text("process", "process"),
            message: input.text("message", "message"),
            base_layer: input.flag("baseLayer"),
            exclude: input.texts("exclude"),
        };
        let client = self.call(&mut input);
        input.finish()?;
        Ok(client.assign(&assign).await?.into())
    }

    #[wasm_bindgen(js_name = getMessages)]
    pub async fn get_messages(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, "");
        let process = input.text("processId", "processId");
        let range = MessageRange {
            from: Some(input.text("from", "from")),
            to: Some(input.text("to", "to")),
            limit: input.optional_text("limit"),
        };
        let client = self.call(&mut input);
        input.finish()?;
        parse(client.messages(&process, &range).await?)
    }

    #[wasm_bindgen(js_name = getMessageById)]
    pub async fn get_message_by_id(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, "");
        let process = input.text("processId", "processId");
        let message = input.text("messageId", "messageId");
        let client = self.call(&mut input);
        input.finish()?;
        parse(client.message_by_id(&process, &message).await?)
    }

    #[wasm_bindgen(js_name = getLastSlot)]
    pub async fn get_last_slot(&self, input: JsValue) -> Answer {
        /// Ten minutes, as aoconnect has it.
        const SINCE: f64 = 600_000.0;
        let mut input = Arguments::new(input, "");
        let process = input.text("processId", "processId");
        let since = input.number("since").filter(|number| *number != 0.0).unwrap_or(SINCE);
        let client = self.call(&mut input);
        input.finish()?;
        let slot = client.last_slot(&process, since as u64).await?;
        Ok(slot.map_or(JsValue::UNDEFINED, JsValue::from))
    }
}

impl LegacyClient {
    /// The client for one call: with its own patience, and ended by its own signal.
    fn call(&self, input: &mut Arguments) -> Client<Patient<WebHost>> {
        let retry = options::retry(input, &self.retry);
        let signal = Some(input.get("signal")).filter(|signal| signal.is_object());
        let host = WebHost {
            signal,
            ..self.host.clone()
        };
        self.client.over(Patient::new(host, retry))
    }

    async fn set_monitor(&self, input: JsValue, on: bool) -> Answer {
        let mut input = Arguments::new(input, INVALID);
        let signer = FunctionSigner::new(input.signer());
        let process = input.text("process", "processId");
        let client = self.call(&mut input);
        input.finish()?;
        Ok(client.monitor(&process, &signer, on).await?.into())
    }
}

fn read_message(input: &mut Arguments) -> (Message<JsData>, FunctionSigner) {
    let signer = FunctionSigner::new(input.signer());
    let message = Message {
        process: input.text("process", "processId"),
        data: input.data(),
        tags: input.tags(),
        anchor: input
            .optional_text("anchor")
            .filter(|anchor| !anchor.is_empty())
            .map(String::into_bytes),
    };
    (message, signer)
}

fn read_id(input: &mut Arguments, name: &str, label: &str, advice: &str) -> String {
    let value = input.get(name);
    let id = input.text(name, label);
    if value.is_string() && id.is_empty() {
        input.complain(format!("'{label}': {advice}"));
    }
    id
}

fn read_sort(input: &mut Arguments) -> Sort {
    let value = input.get("sort");
    match value.as_string().as_deref() {
        None if value.is_undefined() => Sort::Ascending,
        None => {
            input.complain(format!(
                "'sort': Expected 'ASC' | 'DESC', received {}.",
                type_of(&value)
            ));
            Sort::Ascending
        }
        Some("ASC") => Sort::Ascending,
        Some("DESC") => Sort::Descending,
        Some(other) => {
            input.complain(format!(
                "'sort': Invalid enum value. Expected 'ASC' | 'DESC', received '{other}'."
            ));
            Sort::Ascending
        }
    }
}

fn read_bytes(input: &mut Arguments, name: &str) -> Uint8Array {
    let value = input.get(name);
    match JsData::from_js(value) {
        Ok(JsData::Bytes(bytes)) => bytes,
        Ok(_) | Err(_) => {
            let value = input.get(name);
            input.complain(if value.is_undefined() {
                format!("'{name}': Required.")
            } else {
                format!(
                    "'{name}': Expected Uint8Array or ArrayBuffer, received {}.",
                    type_of(&value)
                )
            });
            Uint8Array::new_with_length(0)
        }
    }
}

/// Data of a dryrun travels as JSON: bytes must be text there, other values go as they are.
async fn dryrun_data(data: JsValue) -> Result<Json> {
    let unfit = |what: &str| Error::new(ErrorKind::BadArgument, format!("'data': {what}."));
    match JsData::from_js(data) {
        Err(value) => {
            let json = JSON::stringify(&value).ok().and_then(|text| text.as_string());
            json.and_then(|json| Json::new(json).ok())
                .ok_or_else(|| unfit(&format!("Expected string, received {}", type_of(&value))))
        }
        Ok(data) => {
            let plain = data.to_plain().await?;
            if let Some(text) = plain.as_string() {
                return Ok(Json::text(&text));
            }
            let bytes = Uint8Array::from(plain).to_vec();
            String::from_utf8(bytes).map(|text| Json::text(&text)).map_err(|_| {
                unfit("A dryrun carries text only, and these bytes are not UTF-8. Encode them, for instance as base64")
            })
        }
    }
}

/// The units' own JSON, as JavaScript reads it.
fn parse(json: Json) -> Answer {
    JSON::parse(json.as_str())
}
