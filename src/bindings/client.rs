//! The verbs of the legacy network for JavaScript: reads the arguments, calls the client and converts the result.

use std::mem;
use std::rc::Rc;

use js_sys::{JSON, Object, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::Arguments;
use super::options;
use super::signer::FunctionSigner;
use super::type_of;
use super::verified_item::verified;
use crate::client::{
    Assign, Client, Endpoints, Message, MessageRange, ResultsRange, Retry, RetryTransport, Sort, Spawn, UnitRead,
};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Dryrun, Json};
use crate::web::{JsBytes, JsData, Progress, WebPlatform, set, unreadable};

/// The prefix of aoconnect for the complaints of some verbs.
const INVALID: &str = "Invalid Arguments ";

type JsResult = std::result::Result<JsValue, JsValue>;

/// The verbs of the legacy network, bound to the units of `connect`'s options.
#[wasm_bindgen]
pub struct LegacyClient {
    client: Client<WebPlatform>,
    platform: WebPlatform,
    endpoints: Rc<[Endpoints]>,
    retry: Retry,
}

#[wasm_bindgen]
impl LegacyClient {
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> std::result::Result<LegacyClient, JsValue> {
        let mut given = Arguments::new(options, "");
        let platform = options::platform(&mut given);
        let (units, endpoints) = options::units(&mut given);
        let retry = options::retry(&mut given, &Retry::default());
        given.finish()?;
        Ok(Self {
            client: Client::new(platform.clone(), units),
            platform,
            endpoints,
            retry,
        })
    }

    /// Calls a verb by its name. `progress` is an object that receives what the call has done.
    ///
    /// All verbs share this asynchronous function, because every page would have to load the code of each further one.
    pub async fn call(&self, verb: String, input: JsValue, progress: JsValue) -> JsResult {
        let prefix = match &*verb {
            "message" | "signMessage" | "sendSignedMessage" | "spawn" | "monitor" | "unmonitor" | "assign" => INVALID,
            _ => "",
        };
        let mut input = Arguments::new(input, prefix);
        input.progress = Progress(progress);
        let transport = options::transport(&mut input, self.platform.clone(), &self.retry, &self.endpoints);
        let call = Call {
            client: self.client.over(transport),
            input,
        };
        match &*verb {
            "message" => call.message().await,
            "signMessage" => call.sign_message().await,
            "sendSignedMessage" => call.send_signed_message().await,
            "spawn" => call.spawn().await,
            "monitor" | "unmonitor" => call.set_monitor(verb == "monitor").await,
            "assign" => call.assign().await,
            "getLastSlot" => call.get_last_slot().await,
            _ => call.read(&verb).await,
        }
    }
}

/// One call, with its own retries and its own signal.
struct Call {
    client: Client<RetryTransport<WebPlatform>>,
    input: Arguments,
}

impl Call {
    async fn message(mut self) -> JsResult {
        let input = &mut self.input;
        let (message, signer) = read_message(input);
        let slot = input.flag("returnAssignmentSlot");
        let id = input.flag("returnMessageId");
        self.input.finish()?;
        let receipt = self.client.message(message, &signer, slot).await?;
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

    async fn sign_message(mut self) -> JsResult {
        let input = &mut self.input;
        let (message, signer) = read_message(input);
        self.input.finish()?;
        let signed = self.client.sign_message(message, &signer).await?;
        let both = Object::new();
        set(&both, "id", signed.id.to_string());
        set(&both, "raw", JsValue::from(signed.raw));
        Ok(both.into())
    }

    async fn send_signed_message(mut self) -> JsResult {
        let input = &mut self.input;
        let id = input.text("id", "id");
        let raw = read_bytes(input, "raw");
        let progress = input.progress.clone();
        self.input.finish()?;
        let (signed, ..) = verified(&raw).await?;
        if signed.id.to_string() != id {
            return Err(Error::new(
                ErrorKind::BadArgument,
                format!(
                    "The id {id} does not belong to the item, whose id is {}. Nothing was sent",
                    signed.id
                ),
            )
            .into());
        }
        progress.signed(&id);
        Ok(self.client.send_signed(signed).await?.into())
    }

    async fn spawn(mut self) -> JsResult {
        let input = &mut self.input;
        let signer = input.signer();
        let spawn = Spawn {
            module: input.text("module", "module"),
            scheduler: input.text("scheduler", "scheduler"),
            data: input.data(),
            tags: input.tags(),
            timestamp: input.number("timestamp").map(|number| number as u64),
        };
        self.input.finish()?;
        Ok(self.client.spawn(spawn, &signer).await?.into())
    }

    /// Runs a read of one request.
    async fn read(mut self, verb: &str) -> JsResult {
        let input = &mut self.input;
        let read = match verb {
            "result" => {
                let message = read_id(input, "message", "id", "message is required to be a message id.");
                let process = read_id(input, "process", "processId", "process is required to be a process id.");
                UnitRead::result(&process, &message)
            }
            "results" => {
                let process = read_id(input, "process", "process", "process identifier is required.");
                UnitRead::results(&process, read_range(input))
            }
            "getMessages" => {
                let process = input.text("processId", "processId");
                let range = MessageRange {
                    from: input.optional_text("from"),
                    to: input.optional_text("to"),
                    from_nonce: input.optional_text("fromNonce"),
                    to_nonce: input.optional_text("toNonce"),
                    limit: input.optional_text("limit"),
                };
                Ok(UnitRead::messages(process, range))
            }
            "getMessageById" => {
                let process = input.text("processId", "processId");
                UnitRead::message_by_id(process, input.text("messageId", "messageId"))
            }
            _ => {
                let mut message = read_dryrun(input);
                let data = input.get("data");
                mem::replace(input, Arguments::new(JsValue::UNDEFINED, "")).finish()?;
                if !data.is_falsy() {
                    message.data = dryrun_data(data).await?;
                }
                UnitRead::dryrun(&message)
            }
        };
        self.input.finish()?;
        Ok(self.client.read(read?).await?.as_str().into())
    }

    async fn assign(mut self) -> JsResult {
        let input = &mut self.input;
        let assign = Assign {
            process: input.text("process", "process"),
            message: input.text("message", "message"),
            base_layer: input.flag("baseLayer"),
            exclude: input.texts("exclude"),
        };
        self.input.finish()?;
        Ok(self.client.assign(&assign).await?.into())
    }

    async fn get_last_slot(mut self) -> JsResult {
        /// Ten minutes, the same as in aoconnect.
        const SINCE: f64 = 600_000.0;
        let input = &mut self.input;
        let process = input.text("processId", "processId");
        let since = input.number("since").filter(|number| *number != 0.0).unwrap_or(SINCE);
        self.input.finish()?;
        let slot = self.client.last_slot(&process, since as u64).await?;
        Ok(slot.map_or(JsValue::UNDEFINED, JsValue::from))
    }

    async fn set_monitor(mut self, on: bool) -> JsResult {
        let input = &mut self.input;
        let signer = input.signer();
        let process = input.text("process", "processId");
        self.input.finish()?;
        Ok(self.client.monitor(&process, &signer, on).await?.into())
    }
}

fn read_message(input: &mut Arguments) -> (Message<JsData>, FunctionSigner) {
    let signer = input.signer();
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

fn read_range(input: &mut Arguments) -> ResultsRange {
    let from = input.optional_text("from").filter(|text| !text.is_empty());
    let to = input.optional_text("to").filter(|text| !text.is_empty());
    let sort = read_sort(input);
    let limit = input.number("limit").filter(|number| *number != 0.0);
    let limit = limit.map(|number| String::from(js_sys::Number::from(number).to_js_string()));
    ResultsRange { from, to, limit, sort }
}

/// A dryrun's message without its data.
fn read_dryrun(input: &mut Arguments) -> Dryrun {
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
    message
}

fn read_id(input: &mut Arguments, name: &str, label: &str, advice: &str) -> String {
    let value = input.get(name);
    let id = input.text(name, label);
    if value.is_string() && id.is_empty() {
        input.complain(format!("'{label}': {advice}"));
    }
    id
}

pub fn read_sort(input: &mut Arguments) -> Sort {
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

fn read_bytes(input: &mut Arguments, name: &str) -> JsBytes {
    let value = input.get(name);
    match JsBytes::from_js(&value) {
        Some(bytes) => bytes,
        None => {
            input.complain(if value.is_undefined() {
                format!("'{name}': Required.")
            } else {
                format!(
                    "'{name}': Expected Uint8Array or ArrayBuffer, received {}.",
                    type_of(&value)
                )
            });
            JsBytes::own(Uint8Array::new_with_length(0))
        }
    }
}

/// The data of a dryrun as JSON. Bytes must be UTF-8; other values are sent as they are.
async fn dryrun_data(data: JsValue) -> Result<Json> {
    let unfit = |what: &str| Error::new(ErrorKind::BadArgument, format!("'data': {what}."));
    match JsData::from_js(data) {
        Err(value) => {
            let json = match unreadable(&value) {
                None => JSON::stringify(&value).ok().and_then(|text| text.as_string()),
                Some(_) => None,
            };
            json.and_then(|json| Json::new(json).ok())
                .ok_or_else(|| unfit(&format!("Expected string, received {}", type_of(&value))))
        }
        Ok(data) => {
            let bytes = data.to_plain().await?.to_bytes();
            let bytes = bytes.ok_or_else(|| unfit("These bytes cannot be read"))?;
            String::from_utf8(bytes).map(|text| Json::text(&text)).map_err(|_| {
                unfit("A dryrun carries text only, and these bytes are not UTF-8. Encode them, for instance as base64")
            })
        }
    }
}
