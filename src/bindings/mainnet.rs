//! The verbs of HyperBEAM nodes for JavaScript: reads the arguments, chooses the verb's plan and converts the reply.

use std::mem;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::arguments::Arguments;
use super::client::read_sort;
use super::options;
use super::parsed_head::read_anchor;
use super::signer::FunctionSigner;
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::client::mainnet::{
    self, Delivered, Delivery, HttpMessage, ItemFields, Mainnet, Page, Plan, Read, Reply, SpawnParams, StateAt,
};
use crate::client::{Endpoints, Message, Retry};
use crate::error::{ErrorKind, Result};
use crate::platform::{Earlier, Method, Unit};
use crate::protocol::{MAINNET_VARIANT, protocol_tags};
use crate::web::{JsData, Progress, Unread, WebPlatform, get, set};

/// Members of `request` that are options of the call and no tags. Their names are compared exactly.
const CALL_OPTIONS: [&str; 6] = ["signer", "signal", "timeout", "retry", "onSigned", "signedReads"];
/// Members of `request` that aoconnect does not send as tags, in any spelling of upper and lower case.
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
    refuses_anchors: bool,
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
            refuses_anchors: given.get("dialect").as_string().as_deref() == Some("2025-09"),
        };
        given.finish()?;
        Ok(client)
    }

    /// Calls a verb by its name. `progress` is an object that receives what the call has done. `encode` is for `request`: a
    /// function that returns a promise of a message in HTTP's own form.
    ///
    /// All verbs share this asynchronous function, because every page would have to load the code of each further one.
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
        // JSON cannot carry bytes. The raw response can, and is decoded by the part for HTTP signatures.
        let is_plain = input.flag("plain");
        if verb == "request" || is_plain {
            platform.unread = Some(Rc::clone(&unread));
        }
        let progress = Progress(progress);
        input.progress = progress.clone();
        let transport = options::transport(&mut input, platform, &self.retry, &self.endpoints);
        let form = Form::of(&verb, &input);
        let signer;
        let plan = if verb == "request" && is_http_message(&input) {
            let path = path_of_request(&mut input);
            let signer = self.optional_signer(&mut input);
            input.finish()?;
            let message = encoded(&encode, &signer).await?;
            if let Some(id) = message.id {
                progress.signed(&id.to_string());
            }
            Plan::http(path, message)
        } else {
            signer = self.signs(&verb, &mut input).then(|| input.signer_or(&self.signer));
            let plan = self.plan(&verb, &mut input, signer.as_ref());
            // What is wrong with the arguments comes before what is wrong with the message.
            input.finish()?;
            match is_plain {
                true => plan?.raw(),
                false => plan?,
            }
        };
        let node = Mainnet::new(transport, &self.node).refusing_anchors(self.refuses_anchors);
        Ok(match node.run(plan).await {
            // A caller that takes raw responses takes an error status, too. A signer can fail with an error status as well.
            Err(error) if error.kind() == ErrorKind::HttpStatus && unread.is_there() => unread.take(),
            Err(error) => return Err(error.into()),
            Ok(Reply::Raw(raw)) => match raw.response.earlier {
                Earlier::Scheduled(slot) => (slot as f64).into(),
                _ => unread.take(),
            },
            Ok(Reply::Json(json)) => json.as_str().into(),
            Ok(Reply::Slot(slot)) => (slot as f64).into(),
            Ok(Reply::Page(slots)) => slots
                .into_iter()
                .map(|slot| JsValue::from(slot as f64))
                .collect::<Array>()
                .into(),
            Ok(Reply::Delivered(message)) => form.write(message)?,
            Ok(Reply::Process(process)) => process.into(),
        })
    }
}

impl MainnetClient {
    /// Whether the request of a verb is signed.
    fn signs(&self, verb: &str, input: &mut Arguments) -> bool {
        let signed_reads = match input.get("signedReads").is_undefined() {
            true => self.signed_reads,
            false => input.flag("signedReads"),
        };
        match verb {
            "message" | "schedule" | "spawn" | "request" => true,
            "result" | "dryrun" | "slot" | "results" => signed_reads,
            _ => false,
        }
    }

    /// The plan of a verb. Reads all of its arguments; what is wrong with them goes to `input`.
    fn plan<'a>(
        &self,
        verb: &str,
        input: &mut Arguments,
        signer: Option<&'a FunctionSigner>,
    ) -> Result<Plan<'a, FunctionSigner>> {
        match (verb, signer) {
            // The JSON of any path.
            ("read", _) => Ok(Plan::json(input.text("path", "path"))),
            ("request", Some(signer)) => {
                check_format(input);
                let path = path_of_request(input);
                Ok(Plan::item(path, request(input)?, signer))
            }
            ("spawn", Some(signer)) => {
                let params = SpawnParams {
                    module: input.optional_text("module"),
                    scheduler: input.optional_text("scheduler").or_else(|| self.scheduler.clone()),
                    authority: input.optional_text("authority"),
                    data: input.any_data(),
                    tags: input.tags(),
                    anchor: read_anchor(input),
                };
                Plan::spawn(params, signer)
            }
            _ => {
                let mut message = Message {
                    process: input.text("process", "process"),
                    data: input.any_data(),
                    tags: input.tags(),
                    anchor: read_anchor(input),
                };
                match (verb, signer) {
                    ("message", Some(signer)) => Plan::message(message, Delivery::Push, signer),
                    ("schedule", Some(signer)) => Plan::message(message, Delivery::Schedule, signer),
                    _ => {
                        let read = read(verb, input, &mut message, signer.is_some());
                        let page = (verb == "results").then(|| read_page(input));
                        let plan = match signer {
                            Some(signer) => Plan::signed_read(message, read, signer)?,
                            None => Plan::read(&message.process, read)?,
                        };
                        Ok(match page {
                            Some(page) => plan.page(page),
                            None => plan,
                        })
                    }
                }
            }
        }
    }

    /// The signer of a message in HTTP's own form, which may be sent unsigned.
    fn optional_signer(&self, input: &mut Arguments) -> JsValue {
        input.optional_text("method");
        let signer = match input.get("signer") {
            given if given.is_undefined() => self.signer.clone(),
            given => given,
        };
        if !signer.is_null_or_undefined() {
            input.signer_or(&signer);
        }
        signer
    }
}

/// Encodes a message, and signs it if there is a signer.
async fn encoded(encode: &JsValue, signer: &JsValue) -> std::result::Result<HttpMessage<Uint8Array>, JsValue> {
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
        "slot" | "results" => Read::Slot,
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
        // A missing slot is in the list of complaints already.
        if !slot.is_empty() {
            input.complain("'slot': Expected a whole number. Nodes identify messages by their slots.");
        }
        0
    })
}

fn read_page(input: &mut Arguments) -> Page {
    Page {
        from: read_cursor(input, "from"),
        to: read_cursor(input, "to"),
        // As in aoconnect, 0 is no limit.
        limit: input
            .number("limit")
            .filter(|limit| *limit != 0.0)
            .map(|limit| limit.ceil() as usize),
        sort: match input.get("sort").is_undefined() {
            true => None,
            false => Some(read_sort(input)),
        },
    }
}

/// A cursor, which is a slot. Empty text means none.
fn read_cursor(input: &mut Arguments, name: &str) -> Option<u64> {
    let value = input.get(name);
    let text = value.as_string();
    if value.is_undefined() || text.as_deref() == Some("") {
        return None;
    }
    let number = value.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0);
    let slot = number.map(|number| number as u64).or_else(|| text?.trim().parse().ok());
    if slot.is_none() {
        input.complain(format!("'{name}': Expected the cursor of a result, which is its slot."));
    }
    slot
}

/// What a verb that sends a message returns.
enum Form {
    /// `{ id, slot, body }`: what is known, with the body as text.
    Whole,
    Id,
    Slot,
    /// `{ id, slot }`.
    Both,
}

impl Form {
    fn of(verb: &str, input: &Arguments) -> Self {
        let has_id = input.get("returnMessageId").is_truthy();
        match input.get("returnAssignmentSlot").is_truthy() {
            _ if verb == "schedule" => Self::Both,
            _ if get(&input.get("opts"), "fullResponse").is_truthy() => Self::Whole,
            false if has_id => Self::Id,
            true if has_id => Self::Both,
            _ => Self::Slot,
        }
    }

    /// # Errors
    /// `BadResponse` without a slot that is to be returned.
    fn write(self, message: Delivered) -> Result<JsValue> {
        let slot = match self {
            Self::Whole => message.slot,
            Self::Id => return Ok(message.id.into()),
            Self::Slot => return Ok((message.known_slot()? as f64).into()),
            Self::Both => Some(message.known_slot()?),
        };
        let all = Object::new();
        set(&all, "id", message.id);
        set(&all, "slot", slot.map(|slot| slot as f64));
        if let (Self::Whole, Some(body)) = (self, &message.body) {
            set(&all, "body", body.as_str());
        }
        Ok(all.into())
    }
}

/// Whether a request is a message in HTTP's own form, which is the default.
fn is_http_message(input: &Arguments) -> bool {
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

/// The item of a `request`. Members that an item has no field for become tags.
fn request(input: &mut Arguments) -> Result<ItemFields<JsData>> {
    let target = input.optional_text("target").filter(|target| !target.is_empty());
    let (mut kind, mut variant) = (b"Message".to_vec(), MAINNET_VARIANT.into());
    let mut tags = Vec::new();
    for (name, value) in input.entries() {
        let lower = name.to_ascii_lowercase();
        let known = CALL_OPTIONS.contains(&&*name) || NO_TAGS.contains(&&*lower);
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
