//! Other endpoints after a failure: in which order, and with the same request.

use std::cell::Cell;
use std::future;

use aoxide::ErrorKind;
use aoxide::ans104::Tag;
use aoxide::client::mainnet::{Delivery, HttpMessage, Mainnet, Read};
use aoxide::client::{Client, Endpoints, Message, MessageRange, Retry, RetryTransport, Units};
use aoxide::httpsig::{self, Dialect, Encoded, Value};
use aoxide::platform::{Clock, Http, Random, Request, Response, Timers, Unit};
use aoxide::signer::MessageSigner;
use pollster::block_on;

use crate::support::{Script, sent_item, signer};
use crate::{OTHER, PROCESS};

const FORM: &str = "require-codec=application/json&accept-bundle=true";

fn message() -> Message<Vec<u8>> {
    Message {
        process: PROCESS.into(),
        data: None,
        tags: vec![Tag::new("Action", "Ping")],
        anchor: None,
    }
}

fn signed_http_message() -> HttpMessage<Vec<u8>> {
    let message = httpsig::Message::from_iter([("action", Value::text("é")), ("data", "hello".into())]);
    let encoded = Encoded::new(&message, Dialect::default()).unwrap();
    block_on(signer().sign_message(encoded)).unwrap().into()
}

#[test]
fn item_that_a_node_refuses_is_sent_to_the_next_node_unchanged() {
    let places = ["https://a.test/", "https://b.test", "https://c.test/x?k=v"].map(String::from);
    let node_with = |script: &Script, attempts| {
        let retry = Retry {
            attempts,
            backoff: 100,
            ..Retry::default()
        };
        Mainnet::new(
            RetryTransport::with(script.clone(), retry, [Endpoints::new(Unit::Node, &places)].into()),
            &places[0],
        )
    };
    let script = Script::new(&[
        Some((425, "")),
        Some((429, "")),
        Some((200, r#"{"slot":1}"#)),
        Some((200, "{}")),
    ]);
    let node = node_with(&script, 1);
    block_on(node.message(message(), &signer(), Delivery::Push)).unwrap();
    block_on(node.read(PROCESS, Read::Result(1))).unwrap();
    let path = format!("{PROCESS}~process@1.0");
    assert_eq!(
        script.urls(),
        [
            format!("POST https://a.test/{path}/push"),
            format!("POST https://b.test/{path}/push"),
            format!("POST https://c.test/x/{path}/push"),
            // The node that responded is used first from then on.
            format!("GET https://c.test/x/{path}/compute&slot=1/results?{FORM}"),
        ]
    );
    let ids: Vec<_> = (0..3).map(|request| sent_item(&script, request).id()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert!(script.0.slept.borrow().is_empty());

    // Status 400 is not retried. After all nodes have failed, there is a wait.
    let script = Script::new(&[Some((400, ""))]);
    assert!(block_on(node_with(&script, 3).read(PROCESS, Read::Result(1))).is_err());
    assert_eq!(script.urls().len(), 1);
    let script = Script::new(&[None, None, None, None, Some((200, "{}"))]);
    block_on(node_with(&script, 2).read(PROCESS, Read::Result(1))).unwrap();
    assert_eq!(*script.0.slept.borrow(), [100]);
}

/// A platform whose first requests get no response.
struct Silent {
    script: Script,
    silent: Cell<usize>,
}

impl Http for Silent {
    type Item = Vec<u8>;

    async fn send(&self, request: Request<Vec<u8>>) -> aoxide::Result<Response> {
        if self.silent.get() > 0 {
            self.silent.set(self.silent.get() - 1);
            self.script.0.requests.borrow_mut().push(request);
            return future::pending().await;
        }
        self.script.send(request).await
    }
}

impl Timers for Silent {
    async fn sleep(&self, milliseconds: u32) {
        self.script.sleep(milliseconds).await;
    }
}

impl Clock for Silent {
    fn now(&self) -> u64 {
        self.script.now()
    }
}

impl Random for Silent {
    fn fill(&self, bytes: &mut [u8]) -> aoxide::Result<()> {
        self.script.fill(bytes)
    }
}

#[test]
fn node_without_a_response_in_try_timeout_counts_as_failed() {
    let script = Script::new(&[Some((200, "12"))]);
    let platform = Silent {
        script: script.clone(),
        silent: Cell::new(2),
    };
    let retry = Retry {
        attempts: 2,
        try_timeout: Some(70),
        backoff: 100,
        ..Retry::default()
    };
    let places = ["https://a.test", "https://b.test"].map(String::from);
    let transport = RetryTransport::with(platform, retry, [Endpoints::new(Unit::Node, &places)].into());
    let node = Mainnet::new(transport, &places[0]);
    block_on(node.read(PROCESS, Read::Slot)).unwrap();
    let hosts: Vec<_> = script.urls().iter().map(|url| url[4..18].to_string()).collect();
    assert_eq!(hosts, ["https://a.test", "https://b.test", "https://a.test"]);
    assert_eq!(*script.0.slept.borrow(), [70, 70, 100]);
}

#[test]
fn http_message_is_the_same_at_every_attempt_and_every_node() {
    let places = ["https://a.test/base/", "https://b.test"].map(String::from);
    let refusals = [Some((425, "")), Some((429, "")), Some((429, ""))];
    let script = Script::new(&[&refusals[..], &[Some((200, "good"))]].concat());
    let retry = Retry {
        attempts: 2,
        backoff: 100,
        ..Retry::default()
    };
    let transport = RetryTransport::with(script.clone(), retry, [Endpoints::new(Unit::Node, &places)].into());
    let answer = block_on(Mainnet::new(transport, &places[0]).request("push", signed_http_message())).unwrap();
    assert_eq!(answer.response.body, "good");
    let urls = ["https://a.test/base/push", "https://b.test/push"].map(|url| format!("POST {url}"));
    assert_eq!(script.urls(), [urls.clone(), urls].concat());
    let requests = script.0.requests.borrow();
    for request in &requests[1..] {
        let (first, again) = (&requests[0], request);
        assert_eq!((&again.headers, &again.body), (&first.headers, &first.body));
    }
}

/// A client of units at these addresses. The first address of each kind is used first.
fn client_of(script: &Script, messengers: &[&str], computers: &[&str]) -> Client<RetryTransport<Script>> {
    let units = Units {
        messenger: messengers[0].into(),
        compute: computers[0].into(),
        ..Units::default()
    };
    let group = |unit, addresses: &[&str]| {
        let addresses: Vec<String> = addresses.iter().map(|address| (*address).into()).collect();
        Endpoints::new(unit, &addresses)
    };
    let groups = [group(Unit::Messenger, messengers), group(Unit::Compute, computers)];
    let transport = RetryTransport::with(script.clone(), Retry::default(), groups.into());
    Client::new(script.clone(), units).over(transport)
}

#[test]
fn read_goes_to_the_next_compute_unit_even_if_a_messenger_has_the_same_address() {
    let script = Script::new(&[Some((502, "")), Some((200, "{}"))]);
    let client = client_of(&script, &["https://all.test"], &["https://all.test", "https://cu.test"]);
    block_on(client.result(PROCESS, OTHER)).unwrap();
    let hosts: Vec<_> = script.urls().iter().map(|url| url[..20].to_string()).collect();
    assert_eq!(hosts, ["GET https://all.test", "GET https://cu.test/"]);
}

#[test]
fn read_does_not_go_to_a_unit_of_another_kind() {
    let script = Script::new(&[Some((502, ""))]);
    let messengers = ["https://all.test", "https://mu.test"];
    let client = client_of(&script, &messengers, &["https://all.test/cu"]);
    let error = block_on(client.result(PROCESS, OTHER)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus);
    assert_eq!(script.urls().len(), 1);
    assert!(script.urls()[0].starts_with("GET https://all.test/cu/result/"));

    // A scheduler that was looked up has no alternatives, even if a messenger has the same address.
    let script = Script::new(&[Some((200, r#"{"address":"w"}"#)), Some((502, ""))]);
    let messengers = ["https://su-router.ao-testnet.xyz", "https://mu.test"];
    let client = client_of(&script, &messengers, &["https://cu.test"]);
    block_on(client.messages(PROCESS, MessageRange::default())).unwrap_err();
    assert_eq!(script.urls().len(), 2);
}
