//! The verbs of HyperBEAM nodes, from and to JavaScript's values. One asynchronous function for all of them, because every
//! page would have to load what each further one costs.

use std::mem;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::arguments::Arguments;
use super::item::read_anchor;
use super::options;
use super::signer::FunctionSigner;
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::client::mainnet::{
    self, Delivered, Delivery, HttpMessage, ItemFields, Mainnet, Payload, Read, SpawnParams, StateAt,
};
use crate::client::{Endpoints, Message, Retry};
use crate::error::{ErrorKind, Result};
use crate::platform::{Earlier, Method, Unit};
use crate::protocol::{MAINNET_VARIANT, protocol_tags};
use crate::web::{JsData, Progress, Unread, WebPlatform, get, set};

/// What `request` takes that is no tag: the call's options, by their exact names …
const NO_FIELDS: [&str; 6] = ["signer", "signal", "timeout", "retry", "onSigned", "signedReads"];
/// … and what aoconnect leaves out in any case.
const NO_TAGS: [&str; 9] = [
    "target",
    "anchor",
    "data",
    "data-protocol",
    "variant",
    "dryrun",
    "type",
    "path",
    "method",
];

/// The verbs of a HyperBEAM node, bound to `connect`'s options.
#[wasm_bindgen]
pub struct MainnetClient {
    platform: WebPlatform,
    node: String,
    endpoints: Rc<[Endpoints]>,
    retry: Retry,
    scheduler: Option<String>,
    signer: JsValue,
    signed_reads: bool,
}

#[wasm_bindgen]
impl MainnetClient {
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> std::result::Result<MainnetClient, JsValue> {
        let mut given = Arguments::new(options, "");
        let nodes = given.addresses("URL");
        let client = Self {
            platform: options::platform(&mut given),
            node: nodes.first().map_or(mainnet::DEFAULT_NODE.into(), String::clone),
            endpoints: [Endpoints::new(Unit::Node, &nodes)].into(),
            retry: options::retry(&mut given, &Retry::default()),
            scheduler: given.optional_text("SCHEDULER"),
            signer: given.get("signer"),
            signed_reads: given.flag("signedReads"),
        };
        given.finish()?;
        Ok(client)
    }

    /// Calls a verb by its name. Everything but the waiting is done by functions that do not wait.
    /// `progress` is an object that is told what the call has done. `encode` is for `request`: a function that makes a message
    /// in HTTP's own form.
    pub async fn call(
        &self,
        verb: String,
        input: JsValue,
        progress: JsValue,
        encode: JsValue,
    ) -> std::result::Result<JsValue, JsValue> {
        let mut platform = self.platform.clone();
        let unread: Rc<Unread> = Rc::default();
        let mut input = Arguments::new(input, "");
        // For what JSON cannot carry: the answer in the form that the node likes, which is decoded elsewhere.
        let is_plain = input.flag("plain");
        if verb == "request" || is_plain {
            platform.unread = Some(Rc::clone(&unread));
        }
        let progress = Progress(progress);
        input.progress = progress.clone();
        let transport = options::transport(&mut input, platform, &self.retry, &self.endpoints);
        let question = self.question(&verb, &mut input);
        input.finish()?;
        let Question { path, form, slot } = question?;
        let item_signer;
        let how = match form {
            Form::Item(fields, signer) => {
                item_signer = signer;
                match &*verb {
                    "result" | "dryrun" | "slot" => Payload::SignedRead(fields, &item_signer),
                    _ => Payload::Item(fields, &item_signer),
                }
            }
            Form::Message(signer) => {
                let message = prepared(&encode, &signer).await?;
                if let Some(id) = message.id {
                    progress.signed(&id.to_string());
                }
                Payload::Http(message)
            }
            Form::Unsigned if is_plain || matches!(&*verb, "slot" | "address") => Payload::Plain,
            Form::Unsigned => Payload::Json,
        };
        let answer = Mainnet::new(transport, &self.node).ask(&path, how).await;
        Ok(match answer {
            // An error status is an answer too, for a caller that wants answers as they are. A signer may fail by one as well.
            Err(error) if error.kind() == ErrorKind::HttpStatus && unread.is_there() => unread.take(),
            Err(error) => return Err(error.into()),
            Ok(_) if is_plain => unread.take(),
            Ok(answer) => {
                if let Some(slot) = slot {
                    answer.check_slot(slot)?;
                }
                match &*verb {
                    "request" => match answer.response.earlier {
                        Earlier::Scheduled(slot) => (slot as f64).into(),
                        _ => unread.take(),
                    },
                    "message" | "schedule" => delivered(answer.delivered()?),
                    "spawn" => answer.process()?.into(),
                    "address" => answer.address()?.into(),
                    "slot" => (answer.slot()? as f64).into(),
                    "state" => answer.state()?.as_str().into(),
                    _ => answer.json()?.as_str().into(),
                }
            }
        })
    }
}

/// What a call asks.
struct Question {
    path: String,
    form: Form,
    /// Which slot the answer must be of.
    slot: Option<u64>,
}

/// In which form.
enum Form {
    /// A data item, and who signs it.
    Item(ItemFields<JsData>, FunctionSigner),
    /// HTTP's own, and who signs it, if anybody does.
    Message(JsValue),
    /// Nothing but the path, for reads that need no signature.
    Unsigned,
}

impl MainnetClient {
    /// Complaints about arguments go to `input`, and come before any error from here.
    fn question(&self, verb: &str, input: &mut Arguments) -> Result<Question> {
        if verb == "request" && is_message(input) {
            return Ok(self.message_question(input));
        }
        let signed = match input.get("signedReads").is_undefined() {
            true => self.signed_reads,
            false => input.flag("signedReads"),
        };
        let signs = match verb {
            "message" | "schedule" | "spawn" | "address" | "request" => true,
            "result" | "dryrun" | "slot" => signed,
            _ => false,
        };
        let signer = signs.then(|| input.signer_or(&self.signer));
        let mut slot = None;
        let (path, fields) = match verb {
            // Any path, as JSON.
            "read" => (Ok(input.text("path", "path")), None),
            "request" => {
                check_format(input);
                (Ok(path_of_request(input)), Some(request(input)))
            }
            // The address is asked for by spawns that want one, and only if nothing else is wrong with them.
            "spawn" | "address" => {
                let process = SpawnParams {
                    module: input.optional_text("module"),
                    scheduler: input.optional_text("scheduler").or_else(|| self.scheduler.clone()),
                    authority: input.optional_text("authority"),
                    data: input.any_data(),
                    tags: input.tags(),
                    anchor: read_anchor(input),
                };
                match verb {
                    "spawn" => (Ok(mainnet::SPAWN.into()), Some(process.fields())),
                    _ => (process.check().map(|()| mainnet::ADDRESS.into()), None),
                }
            }
            _ => {
                let mut message = Message {
                    process: input.text("process", "process"),
                    data: input.any_data(),
                    tags: input.tags(),
                    anchor: read_anchor(input),
                };
                let path = match verb {
                    "message" => Ok(Delivery::Push.path(&message.process)),
                    "schedule" => Ok(Delivery::Schedule.path(&message.process)),
                    _ => {
                        let read = read(verb, input, &mut message, signs);
                        slot = read.slot();
                        read.path(&message.process)
                    }
                };
                let fields = match verb {
                    "slot" => ItemFields::plain(),
                    _ => message.fields(),
                };
                (path, Some(fields))
            }
        };
        let form = match (fields, signer) {
            (Some(fields), Some(signer)) => Form::Item(fields?, signer),
            _ => Form::Unsigned,
        };
        Ok(Question {
            path: path?,
            form,
            slot,
        })
    }

    fn message_question(&self, input: &mut Arguments) -> Question {
        let path = path_of_request(input);
        input.optional_text("method");
        let signer = match input.get("signer") {
            given if given.is_undefined() => self.signer.clone(),
            given => given,
        };
        if !signer.is_null_or_undefined() {
            input.signer_or(&signer);
        }
        Question {
            path,
            form: Form::Message(signer),
            slot: None,
        }
    }
}

/// Has a message made, and signed if there is a signer.
async fn prepared(encode: &JsValue, signer: &JsValue) -> std::result::Result<HttpMessage<Uint8Array>, JsValue> {
    let encode: &Function = encode.unchecked_ref();
    let made = Promise::resolve(&encode.call1(&JsValue::UNDEFINED, signer)?).await?;
    let text = |pair: &JsValue, at| Array::from(pair).get(at).as_string().unwrap_or_default();
    let headers = Object::entries(get(&made, "headers").unchecked_ref());
    let method = get(&made, "method").as_string().unwrap_or_default();
    Ok(HttpMessage {
        method: Method::Other(method.into()),
        headers: headers.iter().map(|pair| (text(&pair, 0), text(&pair, 1))).collect(),
        body: get(&made, "body").dyn_into().ok(),
        id: get(&made, "id").as_string().and_then(|id| Id::parse(&id, "").ok()),
    })
}

fn read(verb: &str, input: &mut Arguments, message: &mut Message<JsData>, signs: bool) -> Read {
    match verb {
        "result" => Read::Result(whole_slot(input)),
        "slot" => Read::Slot,
        "state" => {
            let path = match input.get("path").is_array() {
                true => mainnet::path_of(&input.texts("path").unwrap_or_default()),
                false => input.optional_text("path").unwrap_or_default(),
            };
            let at = match input.optional_text("at").as_deref() {
                _ if !input.get("slot").is_undefined() => StateAt::Slot(whole_slot(input)),
                Some("compute") => StateAt::Computed,
                None | Some("now") => StateAt::Now,
                Some(other) => {
                    input.complain(format!("'at': Expected 'now' | 'compute', received '{other}'."));
                    StateAt::Now
                }
            };
            Read::State { path, at }
        }
        _ => {
            let mut tags = mem::take(&mut message.tags);
            if !signs && let Some(data) = message.data.take() {
                match data.to_bytes() {
                    Some(bytes) => tags.push(Tag::new("data", bytes)),
                    None => input.complain("'data': A Blob needs `signedReads`, or to be read before."),
                }
            }
            Read::Dryrun(tags)
        }
    }
}

fn whole_slot(input: &mut Arguments) -> u64 {
    let slot = input.slot();
    slot.parse().unwrap_or_else(|_| {
        // One that is missing was complained about.
        if !slot.is_empty() {
            input.complain("'slot': Expected a whole number: nodes know messages by their slots.");
        }
        0
    })
}

/// `{ id, slot, answer }`; the answer as text, if there is one.
fn delivered(message: Delivered) -> JsValue {
    let all = Object::new();
    set(&all, "id", message.id);
    set(&all, "slot", message.slot.map(|slot| slot as f64));
    if let Some(answer) = &message.answer {
        set(&all, "answer", answer.as_str());
    }
    all.into()
}

/// Whether a request is a message in HTTP's own form, which is the usual one.
fn is_message(input: &Arguments) -> bool {
    let format = input.get("signing-format");
    format.is_null_or_undefined() || format.as_string().as_deref() == Some("httpsig")
}

fn path_of_request(input: &mut Arguments) -> String {
    let path = input.optional_text("path").unwrap_or_default();
    if path.is_empty() {
        input.complain("Path is required for all requests. Give it as `path`.");
    }
    path
}

fn check_format(input: &mut Arguments) {
    if let Some(format) = input
        .optional_text("signing-format")
        .filter(|format| format != "ans104")
    {
        input.complain(format!("Invalid signing format: {format}. Use httpsig or ans104."));
    }
}

/// The item of any fields: those that are not the item's own become tags.
fn request(input: &mut Arguments) -> Result<ItemFields<JsData>> {
    let target = input.optional_text("target").filter(|target| !target.is_empty());
    let (mut kind, mut variant) = (b"Message".to_vec(), MAINNET_VARIANT.into());
    let mut tags = Vec::new();
    for (name, value) in input.entries() {
        let lower = name.to_ascii_lowercase();
        let known = NO_FIELDS.contains(&&*name) || NO_TAGS.contains(&&*lower);
        let place = match &*name {
            "Type" => Some(&mut kind),
            "Variant" => Some(&mut variant),
            _ if known => continue,
            _ => None,
        };
        match (input.field(&name, &value), place) {
            (Some(value), Some(place)) => *place = value,
            (Some(value), None) => tags.push(Tag::new(name, value)),
            (None, _) => {}
        }
    }
    tags.extend(protocol_tags(kind, variant));
    Ok(ItemFields {
        target: target.map(|target| Id::parse(&target, "Target")).transpose()?,
        anchor: read_anchor(input),
        tags,
        data: input.any_data().unwrap_or_else(|| "".into()),
    })
}
