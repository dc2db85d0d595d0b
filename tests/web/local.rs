//! A local network in the page, and the ordinary client that sends requests to it.

use std::cell::RefCell;
use std::rc::Rc;

use aoxide::ErrorKind;
use aoxide::Result;
use aoxide::ans104::Tag;
use aoxide::arweave::Id;
use aoxide::client::{Client, Message, ResultsRange, Spawn, Units};
use aoxide::local::{self, MemoryStorage, Network, Options, PlatformParts};
use aoxide::platform::{Body, Clock, Http, Request, Response, Timers};
use aoxide::web::{Native, WebPlatform};
use js_sys::Uint8Array;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::compute::counter;
use crate::support::{NetworkKey, PageSigner};

const MODULE: &str = "Pq2Zftrqut0hdisH_MC2pDOT6S4eQFoxGsFUzR6r350";

type InPage = Network<PlatformParts<MemoryStorage, WebPlatform, NetworkKey>>;

/// Passes the client's requests to the network. A real front end needs a queue. These tests send one request at a time.
#[derive(Clone)]
struct Wire(Rc<RefCell<InPage>>);

impl Http for Wire {
    type Item = Uint8Array;

    #[allow(clippy::await_holding_refcell_ref, reason = "one request at a time")]
    async fn send(&self, request: Request<Uint8Array>) -> Result<Response> {
        let path = request.url.strip_prefix("http://localhost").unwrap().to_owned();
        let body = match request.body {
            Body::None => Vec::new(),
            Body::Text(text) => text.into_bytes(),
            Body::Item(item) => item.to_vec(),
        };
        let mut asked = local::Request::new(request.method.as_str(), path, body);
        let headers = request.headers.iter();
        asked.headers = headers.map(|(name, value)| (name.into(), value.into())).collect();
        let response = self.0.borrow_mut().fetch(asked).await;
        Ok(Response {
            status: response.status,
            headers: response.headers,
            body: String::from_utf8_lossy(&response.body).into_owned(),
            ..Response::default()
        })
    }
}

impl Clock for Wire {
    fn now(&self) -> u64 {
        WebPlatform::default().now()
    }
}

impl Timers for Wire {
    async fn sleep(&self, milliseconds: u32) {
        WebPlatform::default().sleep(milliseconds).await;
    }
}

struct Page {
    wire: Wire,
    client: Client<Wire>,
    signer: PageSigner,
}

impl Page {
    async fn new() -> Self {
        let platform = PlatformParts {
            storage: MemoryStorage::default(),
            clock: WebPlatform::default(),
            key: NetworkKey(PageSigner::new().await),
        };
        let mut network = Network::open(platform, Options::default()).await.unwrap();
        network.set_engines(vec![Rc::new(Native)]);
        let id = Id::parse(MODULE, "The module").unwrap();
        network.add_module(id, &counter(), None).await.unwrap();
        let wire = Wire(Rc::new(RefCell::new(network)));
        let units = Units {
            graphql: "http://localhost/graphql".into(),
            messenger: "http://localhost/mu".into(),
            compute: "http://localhost/cu".into(),
            scheduler: Some("http://localhost/su".into()),
            ..Units::default()
        };
        Self {
            client: Client::new(wire.clone(), units),
            wire,
            signer: PageSigner::new().await,
        }
    }

    async fn spawn(&self) -> String {
        let scheduler = self.wire.0.borrow().address().to_string();
        let spawn = Spawn {
            module: MODULE.into(),
            tags: vec![Tag::new("Authority", scheduler.as_str())],
            scheduler,
            data: None,
            timestamp: None,
        };
        self.client.spawn(spawn, &self.signer).await.unwrap()
    }

    async fn send(&self, process: &str) -> String {
        let message = Message {
            process: process.into(),
            data: Some("hello".into()),
            tags: vec![],
            anchor: None,
        };
        self.client.message(message, &self.signer, true).await.unwrap().id
    }
}

#[wasm_bindgen_test]
async fn a_process_in_the_page_evaluates_the_messages_of_the_ordinary_client() {
    let page = Page::new().await;
    let process = page.spawn().await;
    let mut outputs = Vec::new();
    for _ in 0..2 {
        let message = page.send(&process).await;
        let result = page.client.result(&process, &message).await.unwrap();
        outputs.push(result.tree().unwrap().get("Output").unwrap().text().unwrap().to_owned());
    }
    // The message that creates the process is its first.
    assert_eq!(outputs, ["2", "3"]);
}

#[wasm_bindgen_test]
async fn the_schedule_and_the_results_hold_each_message() {
    let page = Page::new().await;
    let process = page.spawn().await;
    let message = page.send(&process).await;
    assert_eq!(page.client.slot(&process, &message).await.unwrap(), "1");
    let results = page.client.results(&process, ResultsRange::default()).await.unwrap();
    assert!(results.as_str().contains("\"edges\""), "{results:?}");
}

#[wasm_bindgen_test]
async fn a_spawn_of_an_unknown_module_is_refused() {
    let page = Page::new().await;
    let spawn = Spawn {
        module: crate::support::PROCESS.into(),
        scheduler: page.wire.0.borrow().address().to_string(),
        data: None,
        tags: vec![],
        timestamp: None,
    };
    let error = page.client.spawn(spawn, &page.signer).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[wasm_bindgen_test]
#[expect(clippy::await_holding_refcell_ref, reason = "the test makes one request at a time")]
async fn a_message_that_was_changed_after_signing_is_refused() {
    let page = Page::new().await;
    let process = page.spawn().await;
    let message = Message {
        process,
        data: Some("hello".into()),
        tags: vec![],
        anchor: None,
    };
    let signed = page.client.sign_message(message, &page.signer).await.unwrap();
    let mut forged = signed.raw.to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let response = page
        .wire
        .0
        .borrow_mut()
        .fetch(local::Request::post("/mu", forged))
        .await;
    assert_eq!(response.status, 400, "{}", String::from_utf8_lossy(&response.body));
}
