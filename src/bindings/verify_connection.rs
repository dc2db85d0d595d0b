//! What the requests of a view go through: the client's retries and other addresses, for JSON and for bytes.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::AbortSignal;

use crate::client::{Client, Endpoints, Retry, RetryTransport, Units};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Body, Clock, Download, Headers, Http, Method, Random, Repeat, Request, Response, Timers, Unit};
use crate::verify::{ScheduleSource, Source};
use crate::web::{JsBytes, Thrown, WebPlatform, get, message_of};

pub type Transport = RetryTransport<WebPlatform>;

/// Requests are sent again after failures that may pass.
const ATTEMPTS: u32 = 3;

/// The addresses of units. Of several, one takes the place of another.
#[derive(Default)]
pub struct Addresses {
    pub schedulers: Vec<String>,
    pub computers: Vec<String>,
    pub gateways: Vec<String>,
    pub graphql: Vec<String>,
    pub node: Option<String>,
}

/// The option `retry`. What is missing keeps its default.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GivenRetry {
    attempts: Option<f64>,
    backoff: Option<f64>,
    longest_wait: Option<f64>,
    statuses: Option<Vec<u16>>,
    try_timeout: Option<f64>,
}

impl From<GivenRetry> for Retry {
    fn from(given: GivenRetry) -> Self {
        let usual = Self::default();
        let number = |given: Option<f64>, usual: u32| given.map_or(usual, |given| given as u32);
        Self {
            attempts: number(given.attempts, ATTEMPTS),
            backoff: number(given.backoff, usual.backoff),
            longest_wait: number(given.longest_wait, usual.longest_wait),
            statuses: given.statuses.unwrap_or(usual.statuses),
            try_timeout: Some(number(given.try_timeout, 0)).filter(|limit| *limit > 0),
        }
    }
}

/// What requests go through.
pub struct Connection {
    platform: WebPlatform,
    download: Function,
    retry: Retry,
    endpoints: Rc<[Endpoints]>,
    units: Units,
    schedule: ScheduleSource,
    gateway: String,
}

impl Connection {
    pub fn new(addresses: Addresses, retry: Retry, platform: WebPlatform, download: Function) -> Self {
        let Addresses {
            schedulers,
            computers,
            gateways,
            mut graphql,
            node,
        } = addresses;
        if graphql.is_empty() {
            graphql = gateways.iter().map(|gateway| Units::graphql_of(gateway)).collect();
        }
        let first = |addresses: &[String]| addresses.first().cloned().unwrap_or_default();
        Self {
            units: Units {
                graphql: first(&graphql),
                scheduler: schedulers.first().cloned(),
                compute: first(&computers),
                ..Units::default()
            },
            // Of an address, endpoints do not have the slashes at its end.
            gateway: first(&gateways).trim_end_matches('/').into(),
            endpoints: [
                Endpoints::new(Unit::Graphql, &graphql),
                Endpoints::new(Unit::Compute, &computers),
                Endpoints::new(Unit::Scheduler, &schedulers),
                Endpoints::new(Unit::Gateway, &gateways),
            ]
            .into(),
            schedule: node.map_or(ScheduleSource::Unit, ScheduleSource::Node),
            platform,
            download,
            retry,
        }
    }

    /// The source of a call, whose requests end with the signal.
    pub fn source(&self, signal: Option<AbortSignal>) -> Rc<Source<Transport, JsDownload>> {
        let platform = || WebPlatform {
            signal: signal.clone(),
            may_be_abandoned: self.retry.try_timeout.is_some(),
            ..self.platform.clone()
        };
        let transport = RetryTransport::with(platform(), self.retry.clone(), Rc::clone(&self.endpoints));
        Rc::new(Source {
            client: Client::new(transport, self.units.clone()),
            downloads: JsDownload {
                platform: platform(),
                function: self.download.clone(),
                retry: self.retry.clone(),
                endpoints: Rc::clone(&self.endpoints),
            },
            schedule: self.schedule.clone(),
            gateway: self.gateway.clone(),
        })
    }
}

/// Downloads with a function of JavaScript's. Retries and other gateways are those of the client.
pub struct JsDownload {
    platform: WebPlatform,
    function: Function,
    retry: Retry,
    endpoints: Rc<[Endpoints]>,
}

impl Download for JsDownload {
    async fn download(&self, url: &str) -> Result<Vec<u8>> {
        let bytes = Rc::new(RefCell::new(Vec::new()));
        let platform = Bytes {
            platform: self.platform.clone(),
            function: self.function.clone(),
            bytes: Rc::clone(&bytes),
            failure: Rc::default(),
        };
        let failure = Rc::clone(&platform.failure);
        let transport = RetryTransport::with(platform, self.retry.clone(), Rc::clone(&self.endpoints));
        let request = Request {
            method: Method::Get,
            url: url.into(),
            headers: Headers::Usual(&[]),
            body: Body::None,
            follow_redirects: true,
            unit: Some(Unit::Gateway),
            no_store: false,
            repeat: Repeat::Freely,
            unread: false,
        };
        let response = transport.send(request).await?;
        match failure.take().filter(|_| response.status != 200) {
            Some(error) => Err(error),
            None => Ok(bytes.take()),
        }
    }
}

/// A platform whose responses have their bytes beside them.
struct Bytes {
    platform: WebPlatform,
    function: Function,
    bytes: Rc<RefCell<Vec<u8>>>,
    /// The error of the last response that is none of success.
    failure: Rc<RefCell<Option<Error>>>,
}

impl Http for Bytes {
    type Item = <WebPlatform as Http>::Item;

    async fn send(&self, request: Request<Self::Item>) -> Result<Response> {
        let signal = self.platform.signal.clone();
        let argument = signal.clone().map_or(JsValue::UNDEFINED, JsValue::from);
        let url = request.url;
        let returned = self
            .function
            .call2(&JsValue::UNDEFINED, &url.as_str().into(), &argument);
        let bytes = match returned {
            Ok(promise) => Promise::resolve(&promise).await,
            Err(thrown) => Err(thrown),
        };
        let is_ended = signal.as_ref().is_some_and(AbortSignal::aborted);
        let status = |status: f64| Response {
            status: status as u16,
            ..Response::default()
        };
        match bytes {
            Ok(bytes) => {
                let bytes: Option<Uint8Array> = bytes.dyn_into().ok();
                let bytes = bytes.and_then(|bytes| JsBytes::from_js(&bytes)?.to_vec().ok());
                *self.bytes.borrow_mut() =
                    bytes.ok_or_else(|| Error::new(ErrorKind::BadResponse, format!("{url} answered with no bytes")))?;
                Ok(status(200.0))
            }
            Err(thrown) => {
                let kind = get(&thrown, "code").as_string();
                let kind = kind.and_then(|code| ErrorKind::from_code(&code));
                let kind = if is_ended { Some(ErrorKind::Timeout) } else { kind };
                let kind = kind.unwrap_or(ErrorKind::HttpNetwork);
                let answered = get(&get(&thrown, "details"), "status").as_f64();
                let error = Error::new(kind, message_of(&thrown)).with_source(Thrown(thrown));
                match answered.filter(|_| kind == ErrorKind::HttpStatus) {
                    Some(answered) => {
                        *self.failure.borrow_mut() = Some(error);
                        Ok(status(answered))
                    }
                    None => Err(error),
                }
            }
        }
    }
}

impl Clock for Bytes {
    fn now(&self) -> u64 {
        self.platform.now()
    }
}

impl Random for Bytes {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        self.platform.fill(bytes)
    }
}

impl Timers for Bytes {
    async fn sleep(&self, milliseconds: u32) {
        self.platform.sleep(milliseconds).await;
    }
}
