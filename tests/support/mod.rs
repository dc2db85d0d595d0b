//! A scripted platform and a signer.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use aoxide::ans104::DataItem;
use aoxide::arweave::{Jwk, PrivateKey};
use aoxide::platform::{Body, Clock, Http, Random, Request, Response, Timers};
use aoxide::signer::KeySigner;
use aoxide::{Error, ErrorKind, Result};

/// A platform that returns scripted responses and records the requests.
#[derive(Clone, Default)]
pub struct Script(pub Rc<Inner>);

#[derive(Default)]
pub struct Inner {
    pub responses: RefCell<VecDeque<Option<Response>>>,
    pub requests: RefCell<Vec<Request<Vec<u8>>>>,
    pub slept: RefCell<Vec<u32>>,
    pub now: Cell<u64>,
}

impl Script {
    /// `None` is a connection that fails.
    pub fn new(responses: &[Option<(u16, &str)>]) -> Self {
        let script = Self::default();
        script.add_responses(responses);
        script
    }

    pub fn add_responses(&self, responses: &[Option<(u16, &str)>]) {
        let responses = responses.iter().map(|response| {
            response.map(|(status, body)| Response {
                status,
                body: body.into(),
                ..Response::default()
            })
        });
        self.0.responses.borrow_mut().extend(responses);
    }

    pub fn urls(&self) -> Vec<String> {
        self.0
            .requests
            .borrow()
            .iter()
            .map(|request| format!("{} {}", request.method.as_str(), request.url))
            .collect()
    }
}

impl Http for Script {
    type Item = Vec<u8>;

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response> {
        self.0.requests.borrow_mut().push(request);
        let response = self.0.responses.borrow_mut().pop_front();
        response
            .expect("more requests than scripted responses")
            .ok_or_else(|| Error::new(ErrorKind::HttpNetwork, "broken"))
    }
}

impl Clock for Script {
    fn now(&self) -> u64 {
        self.0.now.get()
    }
}

impl Timers for Script {
    async fn sleep(&self, milliseconds: u32) {
        self.0.slept.borrow_mut().push(milliseconds);
    }
}

impl Random for Script {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill(255);
        Ok(())
    }
}

/// A random generator that returns zeros, so that signatures are deterministic.
pub struct Zeros;

impl Random for Zeros {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill(1);
        Ok(())
    }
}

pub fn signer() -> KeySigner<PrivateKey, Zeros> {
    let jwk = Jwk::from_json(include_str!("../vectors/key.json")).unwrap();
    KeySigner::new(PrivateKey::new(&jwk).unwrap(), Zeros)
}

#[allow(dead_code, reason = "not every program sends items")]
pub fn sent_item(script: &Script, request: usize) -> DataItem {
    let requests = script.0.requests.borrow();
    let Body::Item(item) = &requests[request].body else {
        panic!("no item was sent")
    };
    DataItem::parse(item.clone()).unwrap()
}
