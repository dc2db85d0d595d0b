//! Bindings of the light client. Options, answers and reports are JSON.

use std::mem;
use std::rc::Rc;

use js_sys::{Function, Promise};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::AbortSignal;

use super::stop::stop;
use super::storage::JsStorage;
use super::verify_connection::{Addresses, Connection, GivenRetry, JsDownload, Transport};
use crate::arweave::Id;
#[cfg(feature = "wasmi")]
use crate::compute::Wasmi as Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Dryrun, Json, TextTag};
use crate::verify::{
    AgeLimits, CheckpointTrust, FollowOptions, LightClient, Outcome, Progress, SlotReport, StartAt, Watch,
};
#[cfg(not(feature = "wasmi"))]
use crate::web::Native as Engine;
use crate::web::{Thrown, WebCrypto, WebPlatform};

type JsResult<T> = std::result::Result<T, JsValue>;

/// A view of a process. Its calls must not overlap: the package's JavaScript queues them.
#[wasm_bindgen]
pub struct ProcessView {
    client: LightClient<Transport, JsDownload, JsStorage>,
    connection: Connection,
}

/// Options of [`ProcessView::open`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    process: String,
    /// The addresses of the scheduler units. Either these, or the node.
    #[serde(default)]
    scheduler_unit: Vec<String>,
    /// The address of the HyperBEAM node.
    node: Option<String>,
    gateway: Vec<String>,
    #[serde(default)]
    graphql: Vec<String>,
    /// The addresses of the compute units.
    #[serde(default)]
    unit: Vec<String>,
    #[serde(default)]
    retry: GivenRetry,
    response_limit: Option<f64>,
    /// Addresses, ids and hashes that are trusted.
    scheduler: Option<String>,
    #[serde(default)]
    checkpoints: Vec<String>,
    checkpoint: Option<Pinned>,
    module_sha256: Option<String>,
    checkpoint_age: Option<f64>,
    /// Whether the compute unit's state is the start.
    #[serde(default)]
    state: bool,
    #[serde(default)]
    restart: bool,
    warn: Option<f64>,
    refuse: Option<f64>,
    compute_limit: Option<f64>,
    memory_limit: Option<f64>,
}

#[derive(Deserialize)]
struct Pinned {
    id: String,
    sha256: String,
}

#[wasm_bindgen]
impl ProcessView {
    /// Finds the process and the state to begin with. `download` takes an address and an `AbortSignal`, and returns a promise
    /// of bytes.
    #[allow(clippy::too_many_arguments, reason = "JavaScript passes them by place")]
    pub async fn open(
        options: String,
        module: Option<Vec<u8>>,
        view: Option<Vec<u8>>,
        storage: Option<JsStorage>,
        fetch: Option<Function>,
        download: Function,
        signal: Option<AbortSignal>,
    ) -> JsResult<ProcessView> {
        let mut options: Options = serde_json::from_str(&options)
            .map_err(|error| Error::new(ErrorKind::BadArgument, format!("The options cannot be read: {error}")))?;
        let connection = options.connection(fetch, download);
        let source = connection.source(signal);
        let follow = options.follow(module, view)?;
        let client = LightClient::open(&engine(), source, storage, follow).await?;
        Ok(Self { client, connection })
    }

    /// The last slot that was evaluated; -1 before the first.
    pub fn slot(&self) -> f64 {
        slot_number(self.client.slot())
    }

    /// Reads, verifies and evaluates what is new. `progress` takes a slot, the newest slot and a phase. `evaluated` is called
    /// after each message, and with its report if `reports`. The work goes on when the promise that it returns is settled. It
    /// ends where it throws. `asks`: whether the unit is asked. Returns the proof.
    pub async fn advance(
        &mut self,
        to: Option<f64>,
        asks: bool,
        signal: Option<AbortSignal>,
        progress: Function,
        evaluated: Function,
        reports: bool,
    ) -> JsResult<String> {
        self.connect(signal);
        let watch = JsWatch {
            progress,
            evaluated,
            reports,
        };
        let proof = self.client.advance(to.map(|to| to as u64), asks, &watch).await?;
        Ok(json(&proof))
    }

    /// Evaluates a message without effects. `tags` is JSON. With `progress` and `evaluated`, which [`advance`](Self::advance)
    /// explains, it is evaluated after what is new. Returns the result and the proof.
    #[allow(clippy::too_many_arguments, reason = "JavaScript passes them by place")]
    pub async fn dryrun(
        &mut self,
        process: String,
        id: Option<String>,
        owner: Option<String>,
        anchor: Option<String>,
        data: Option<String>,
        tags: String,
        asks: bool,
        signal: Option<AbortSignal>,
        progress: Option<Function>,
        evaluated: Option<Function>,
    ) -> JsResult<Vec<String>> {
        self.connect(signal);
        let mut message = Dryrun::new(process);
        for (given, place) in [
            (id, &mut message.id),
            (owner, &mut message.owner),
            (anchor, &mut message.anchor),
        ] {
            if let Some(given) = given {
                *place = given;
            }
        }
        if let Some(data) = data {
            message.data = Json::text(&data);
        }
        message.tags = serde_json::from_str::<Vec<TextTag>>(&tags)
            .map_err(|error| Error::new(ErrorKind::BadArgument, format!("'tags' cannot be read: {error}")))?;
        let preview = match (progress, evaluated) {
            (Some(progress), Some(evaluated)) => {
                let watch = JsWatch {
                    progress,
                    evaluated,
                    reports: false,
                };
                self.client.dryrun_newest(&message, asks, &watch).await?
            }
            _ => self.client.dryrun(&message, asks).await?,
        };
        Ok(vec![preview.result, json(&preview.proof)])
    }

    /// The result of a message, by its slot or its id. Returns the result and the proof.
    pub async fn result(&mut self, message: String, asks: bool, signal: Option<AbortSignal>) -> JsResult<Vec<String>> {
        self.connect(signal);
        let (result, proof) = self.client.result(&message, asks).await?;
        Ok(vec![result.result, json(&proof)])
    }

    /// What the process has published at a path. Returns the value and the proof.
    pub fn read(&self, path: &str) -> JsResult<Vec<String>> {
        let (value, proof) = self.client.read(path)?;
        Ok(vec![json(&value), json(&proof)])
    }

    pub fn proof(&self) -> JsResult<String> {
        Ok(json(&self.client.proof()?))
    }

    pub fn export(&mut self) -> JsResult<Vec<u8>> {
        Ok(self.client.export()?)
    }

    /// Stores the view, if it has advanced.
    pub async fn keep(&mut self) -> JsResult<()> {
        Ok(self.client.keep().await?)
    }

    /// Requests end with this signal from now on.
    fn connect(&mut self, signal: Option<AbortSignal>) {
        let source = self.connection.source(signal);
        self.client.set_source(source);
    }
}

fn engine() -> Engine {
    #[cfg(feature = "wasmi")]
    return Engine::new();
    #[cfg(not(feature = "wasmi"))]
    Engine
}

impl Options {
    /// Takes the addresses, and what else is about requests.
    fn connection(&mut self, fetch: Option<Function>, download: Function) -> Connection {
        let usual = WebPlatform::new(fetch);
        let platform = WebPlatform {
            response_limit: self.response_limit.map_or(usual.response_limit, |limit| limit as u32),
            ..usual
        };
        let addresses = Addresses {
            schedulers: mem::take(&mut self.scheduler_unit),
            computers: self.unit.clone(),
            gateways: mem::take(&mut self.gateway),
            graphql: mem::take(&mut self.graphql),
            node: self.node.clone(),
        };
        Connection::new(addresses, mem::take(&mut self.retry).into(), platform, download)
    }

    fn follow(self, module: Option<Vec<u8>>, view: Option<Vec<u8>>) -> Result<FollowOptions> {
        let mut follow = FollowOptions::new(Id::parse(&self.process, "'process'")?);
        let address = |text: &String| Id::parse(text, "'trust'");
        follow.scheduler = self.scheduler.as_ref().map(address).transpose()?;
        follow.module = module;
        follow.restarts = self.restart;
        follow.module_sha256 = self.module_sha256.as_deref().map(sha256).transpose()?;
        follow.start = match (view, self.checkpoint) {
            (Some(view), _) => StartAt::View(view),
            (None, Some(pinned)) => StartAt::Checkpoint(CheckpointTrust::Pinned {
                id: address(&pinned.id)?,
                sha256: sha256(&pinned.sha256)?,
            }),
            (None, None) if self.state => StartAt::State,
            (None, None) if self.checkpoints.is_empty() => StartAt::Genesis,
            (None, None) => {
                let owners = self.checkpoints.iter().map(address);
                StartAt::Checkpoint(CheckpointTrust::Owners(owners.collect::<Result<_>>()?))
            }
        };
        // `as` takes a number that is too large for the nearest that fits.
        let number = |number: Option<f64>| number.map(|number| number as u64);
        follow.age = AgeLimits {
            warn: number(self.warn),
            refuse: number(self.refuse),
        };
        follow.checkpoint_age = number(self.checkpoint_age);
        // A node is its own compute unit.
        follow.has_unit = !self.unit.is_empty() || self.node.is_some();
        follow.crypto = Some(Rc::new(WebCrypto));
        follow.limits.compute = number(self.compute_limit).unwrap_or(follow.limits.compute);
        follow.limits.memory = number(self.memory_limit).unwrap_or(follow.limits.memory);
        follow.limits.stop = stop();
        Ok(follow)
    }
}

/// Reads a hash in hexadecimal.
fn sha256(text: &str) -> Result<[u8; 32]> {
    let digits = text.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    let bytes = bytes.filter(|_| digits.iter().all(u8::is_ascii_hexdigit));
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        let message = format!("\"{text}\" is no SHA-256 in hexadecimal: that has 64 digits");
        Error::new(ErrorKind::BadArgument, message)
    })
}

fn slot_number(slot: Option<u64>) -> f64 {
    slot.map_or(-1.0, |slot| slot as f64)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Functions of JavaScript's that watch.
struct JsWatch {
    progress: Function,
    evaluated: Function,
    reports: bool,
}

#[derive(Serialize)]
struct PlainReport<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignment: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: &'a Option<String>,
    timestamp: u64,
    checks: &'a [&'static str],
    outcome: &'static str,
    result: Option<Box<RawValue>>,
}

impl Watch for JsWatch {
    fn progress(&self, progress: Progress) {
        let slot = slot_number(progress.slot);
        // What it throws must not end the work.
        let _ = self.progress.call3(
            &JsValue::UNDEFINED,
            &slot.into(),
            &(progress.of as f64).into(),
            &progress.phase.name().into(),
        );
    }

    async fn evaluated(&self, report: SlotReport) -> Result<()> {
        let text = match self.reports {
            true => JsValue::from(report_text(report)),
            false => JsValue::UNDEFINED,
        };
        let ended = |thrown: JsValue| {
            Error::new(ErrorKind::Stopped, "The work was ended from outside").with_source(Thrown(thrown))
        };
        let returned = self.evaluated.call1(&JsValue::UNDEFINED, &text).map_err(ended)?;
        if let Ok(promise) = returned.dyn_into::<Promise>() {
            promise.await.map_err(ended)?;
        }
        Ok(())
    }
}

fn report_text(report: SlotReport) -> String {
    let outcome = match report.result.outcome {
        Outcome::Skipped => "skipped",
        _ if report.is_error => "error",
        Outcome::Trapped => "error",
        Outcome::Cron => "cron",
        Outcome::Evaluated => "ok",
    };
    json(&PlainReport {
        slot: report.result.slot,
        message: &report.result.message,
        assignment: &report.result.assignment,
        action: &report.action,
        from: &report.from,
        timestamp: report.result.moment.timestamp,
        checks: report.checks(),
        outcome,
        result: RawValue::from_string(report.result.result.clone()).ok(),
    })
}
