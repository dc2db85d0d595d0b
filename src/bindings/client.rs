//! The verbs, from and to JavaScript's values.

use js_sys::{JSON, Object, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Arguments, type_of};
use super::item::verified;
use super::signer::FunctionSigner;
use crate::client::{Assign, Client, Message, MessageRange, Page, Sort, Spawn, Units};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Dryrun, Json};
use crate::web::{JsData, WebHost, method, set};

/// What aoconnect puts before the complaints of some verbs.
const INVALID: &str = "Invalid Arguments ";

type Answer = std::result::Result<JsValue, JsValue>;

/// The verbs of the legacy network, bound to the units of `connect`'s options.
#[wasm_bindgen]
pub struct LegacyClient(Client<WebHost>);

#[wasm_bindgen]
impl LegacyClient {
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> std::result::Result<LegacyClient, JsValue> {
        let fetch = method(&options, "fetch");
        Ok(Self(Client::new(WebHost::new(fetch), units(options)?)))
    }

    pub async fn message(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, INVALID);
        let (message, signer) = read_message(&mut input);
        let slot = input.flag("returnAssignmentSlot");
        let id = input.flag("returnMessageId");
        input.finish()?;
        let receipt = self.0.message(message, &signer, slot).await?;
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
        input.finish()?;
        let signed = self.0.sign_message(message, &signer).await?;
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
        Ok(self.0.send_signed(signed).await?.into())
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
        input.finish()?;
        Ok(self.0.spawn(spawn, &signer).await?.into())
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
        input.finish()?;
        parse(self.0.result(&process, &message).await?)
    }

    pub async fn results(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, "");
        let process = read_id(&mut input, "process", "process", "process identifier is required.");
        let from = input.optional_text("from").filter(|text| !text.is_empty());
        let to = input.optional_text("to").filter(|text| !text.is_empty());
        let sort = read_sort(&mut input);
        let limit = input.number("limit").filter(|number| *number != 0.0);
        input.finish()?;
        let limit = limit.map(|number| String::from(js_sys::Number::from(number).to_js_string()));
        parse(self.0.results(&process, &Page { from, to, limit, sort }).await?)
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
        input.finish()?;
        if !data.is_falsy() {
            message.data = dryrun_data(data).await?;
        }
        parse(self.0.dryrun(&message).await?)
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
        input.finish()?;
        Ok(self.0.assign(&assign).await?.into())
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
        input.finish()?;
        parse(self.0.messages(&process, &range).await?)
    }

    #[wasm_bindgen(js_name = getMessageById)]
    pub async fn get_message_by_id(&self, input: JsValue) -> Answer {
        let mut input = Arguments::new(input, "");
        let process = input.text("processId", "processId");
        let message = input.text("messageId", "messageId");
        input.finish()?;
        parse(self.0.message_by_id(&process, &message).await?)
    }

    #[wasm_bindgen(js_name = getLastSlot)]
    pub async fn get_last_slot(&self, input: JsValue) -> Answer {
        /// Ten minutes, as aoconnect has it.
        const SINCE: f64 = 600_000.0;
        let mut input = Arguments::new(input, "");
        let process = input.text("processId", "processId");
        let since = input.number("since").filter(|number| *number != 0.0).unwrap_or(SINCE);
        input.finish()?;
        let slot = self.0.last_slot(&process, since as u64).await?;
        Ok(slot.map_or(JsValue::UNDEFINED, JsValue::from))
    }
}

impl LegacyClient {
    async fn set_monitor(&self, input: JsValue, on: bool) -> Answer {
        let mut input = Arguments::new(input, INVALID);
        let signer = FunctionSigner::new(input.signer());
        let process = input.text("process", "processId");
        input.finish()?;
        Ok(self.0.monitor(&process, &signer, on).await?.into())
    }
}

fn units(options: JsValue) -> Result<Units> {
    let mut options = Arguments::new(options, "");
    let mut units = Units::default();
    if let Some(gateway) = options.optional_text("GATEWAY_URL") {
        units.graphql = Units::graphql_of(&gateway);
    }
    for (name, unit) in [
        ("GRAPHQL_URL", &mut units.graphql),
        ("MU_URL", &mut units.messenger),
        ("CU_URL", &mut units.compute),
    ] {
        if let Some(url) = options.optional_text(name) {
            *unit = url;
        }
    }
    units.scheduler = options.optional_text("SU_URL");
    if let Some(retries) = options.number("GRAPHQL_MAX_RETRIES") {
        units.graphql_retries = retries as u32;
    }
    if let Some(backoff) = options.number("GRAPHQL_RETRY_BACKOFF") {
        units.graphql_backoff = backoff as u32;
    }
    let fetch = options.get("fetch");
    if !fetch.is_undefined() && !fetch.is_function() {
        options.complain(format!("'fetch': Expected function, received {}.", type_of(&fetch)));
    }
    options.finish()?;
    Ok(units)
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
