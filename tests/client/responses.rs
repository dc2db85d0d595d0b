//! Responses that the client does not trust: to redirected posts, with invalid addresses, and after an abort.

use aoxide::ErrorKind;
use aoxide::arweave::Id;
use aoxide::client::mainnet::{Delivery, HttpMessage, Mainnet, Read, SpawnParams};
use aoxide::client::{Assign, Client, Message, Units};
use aoxide::error::Detail;
use aoxide::platform::{Clock, Headers, Http, Method, Request, Response, Timers};
use aoxide::protocol::Dryrun;
use pollster::block_on;

use crate::support::{Script, sent_item, signer};
use crate::{OTHER, PROCESS};

const NODE: &str = "https://node.test";
const PLACE: &str = "https://elsewhere.test/";

fn message() -> Message<Vec<u8>> {
    Message {
        process: PROCESS.into(),
        data: None,
        tags: vec![],
        anchor: None,
    }
}

/// A platform whose only response was redirected to another address.
fn redirecting(body: &str, header: Option<(&str, &str)>) -> Script {
    let script = Script::default();
    let headers = header.map(|(name, value)| (name.into(), value.into()));
    script.0.responses.borrow_mut().push_back(Some(Response {
        status: 200,
        headers: headers.into_iter().collect(),
        body: body.into(),
        redirected: Some(PLACE.into()),
        ..Response::default()
    }));
    script
}

/// A platform that writes the message's id into the response, as a messenger unit does.
#[derive(Clone)]
struct Echo(Script);

impl Http for Echo {
    type Item = Vec<u8>;

    async fn send(&self, request: Request<Vec<u8>>) -> aoxide::Result<Response> {
        let response = self.0.send(request).await?;
        let id = sent_item(&self.0, 0).id().to_string();
        let body = response.body.replace("<id>", &id);
        Ok(Response { body, ..response })
    }
}

impl Clock for Echo {
    fn now(&self) -> u64 {
        self.0.now()
    }
}

impl Timers for Echo {
    async fn sleep(&self, milliseconds: u32) {
        self.0.sleep(milliseconds).await;
    }
}

#[test]
fn redirected_message_is_an_error_unless_the_response_has_its_id() {
    for (body, arrived) in [
        (r#"{"message":"Processing DataItem","id":"<id>"}"#, true),
        (r#"{"message":"Processing DataItem","id":"another"}"#, false),
        ("{}", false),
        ("<html>the unit's page</html>", false),
        ("", false),
    ] {
        let host = Echo(redirecting(body, None));
        let client = Client::new(host.clone(), Units::default());
        let sent = block_on(client.message(message(), &signer(), false));
        let id = sent_item(&host.0, 0).id().to_string();
        match sent {
            Ok(receipt) => assert!(arrived && receipt.id == id, "{body}"),
            Err(error) => {
                assert!(!arrived, "{body}: {error}");
                assert_eq!(error.kind(), ErrorKind::BadResponse);
                assert!(error.message().contains(PLACE), "{error}");
                for (name, value) in [("id", &*id), ("redirected", PLACE)] {
                    assert!(error.details().contains(&(name, Detail::Text(value.into()))), "{name}");
                }
            }
        }
    }
}

#[test]
fn redirected_monitor_is_an_error_unless_the_response_has_its_id() {
    for (body, on, arrived) in [("<id>", true, true), ("ok", true, false), ("ok", false, false)] {
        let client = Client::new(Echo(redirecting(body, None)), Units::default());
        let outcome = block_on(client.monitor(PROCESS, &signer(), on));
        assert_eq!(
            outcome.map_err(|error| error.kind()).err(),
            (!arrived).then_some(ErrorKind::BadResponse)
        );
    }
}

#[test]
fn redirected_dryrun_or_assign_is_an_error_unless_the_response_has_its_form() {
    for (body, good) in [
        (r#"{"Output":"x","Messages":[]}"#, true),
        (r#"{"Error":"x"}"#, true),
        (r#"{"name":"a unit","timestamp":1}"#, false),
    ] {
        let client = Client::new(redirecting(body, None), Units::default());
        let outcome = block_on(client.dryrun(&Dryrun::new(PROCESS)));
        assert_eq!(outcome.is_ok(), good, "{body}");
    }
    let assign = Assign {
        process: PROCESS.into(),
        message: OTHER.into(),
        ..Assign::default()
    };
    let client = Client::new(redirecting(r#"{"id":"x"}"#, None), Units::default());
    assert_eq!(block_on(client.assign(&assign)).unwrap(), "x");
    let client = Client::new(redirecting("{}", None), Units::default());
    assert_eq!(
        block_on(client.assign(&assign)).unwrap_err().kind(),
        ErrorKind::BadResponse
    );
}

#[test]
fn redirected_get_is_read() {
    let client = Client::new(redirecting("{}", None), Units::default());
    assert!(block_on(client.result(PROCESS, OTHER)).is_ok());
    let node = Mainnet::new(redirecting("12", None), NODE);
    assert_eq!(block_on(node.slot(PROCESS)).unwrap(), 12);
}

#[test]
fn redirected_post_to_a_node_is_an_error_unless_the_response_has_slot_process_or_id() {
    let id = Id::parse(OTHER, "").unwrap();
    for (body, header, arrived) in [
        (r#"{"slot":7}"#, None, true),
        (r#"{"ok":1}"#, Some(("slot", "7")), true),
        (r#"{"edges":[{"slot":7}]}"#, None, false),
        (r#"{"ok":1}"#, None, false),
        ("<html>", None, false),
    ] {
        let node = Mainnet::new(redirecting(body, header), NODE);
        let outcome = block_on(node.message(message(), &signer(), Delivery::Schedule));
        assert_eq!(outcome.is_ok(), arrived, "{body}");
        // The same responses to HTTP messages.
        let body = body.replace("\"ok\":1", &format!("\"id\":\"{OTHER}\""));
        for (method, id, arrived) in [
            (Method::Post, None, arrived),
            (Method::Post, Some(id), arrived || body.contains(OTHER)),
            (Method::Get, Some(id), true),
        ] {
            let prepared = HttpMessage {
                method,
                headers: Headers::Usual(&[]),
                body: None,
                id,
            };
            let node = Mainnet::new(redirecting(&body, header), NODE);
            assert_eq!(block_on(node.request("x", prepared)).is_ok(), arrived, "{body}");
        }
    }
    let process = SpawnParams {
        module: Some("m".into()),
        scheduler: Some(OTHER.into()),
        authority: None,
        data: None,
        tags: vec![],
        anchor: None,
    };
    let node = Mainnet::new(redirecting("", Some(("process", PROCESS))), NODE);
    assert_eq!(block_on(node.spawn(process, &signer())).unwrap(), PROCESS);
}

#[test]
fn reads_of_nodes_bypass_the_cache_of_the_browser() {
    let script = Script::new(&[
        Some((200, "{}")),
        Some((200, "7")),
        Some((200, r#"{"slot":7}"#)),
        Some((200, "{}")),
    ]);
    let node = Mainnet::new(script.clone(), NODE);
    block_on(node.read(PROCESS, Read::Result(1))).unwrap();
    block_on(node.slot(PROCESS)).unwrap();
    block_on(node.message(message(), &signer(), Delivery::Push)).unwrap();
    block_on(Client::new(script.clone(), Units::default()).result(PROCESS, OTHER)).unwrap();
    let requests = script.0.requests.borrow();
    let flags: Vec<_> = requests.iter().map(|request| request.no_store).collect();
    assert_eq!(flags, [true, true, false, false]);
}

#[test]
fn scheduler_whose_address_is_not_an_absolute_url_is_an_error() {
    let transaction =
        |tags: &str| format!(r#"{{"data":{{"transactions":{{"edges":[{{"node":{{"tags":[{tags}]}}}}]}}}}}}"#);
    let process = transaction(r#"{"name":"Scheduler","value":"s"}"#);
    for (url, good) in [
        ("https://su.test", true),
        ("http://su.test:9000/base", true),
        ("/su", false),
        ("su.test", false),
        ("//su.test", false),
        ("ftp://su.test", false),
        ("javascript:alert(1)", false),
        ("https://", false),
        ("", false),
    ] {
        let location = transaction(&format!(r#"{{"name":"Url","value":"{url}"}}"#));
        let scheduled = r#"{"assignment":{"tags":[{"name":"Nonce","value":"3"}]}}"#;
        let script = Script::new(&[
            None,
            Some((200, &process)),
            Some((200, &location)),
            Some((200, scheduled)),
        ]);
        let slot = block_on(Client::new(script.clone(), Units::default()).slot(PROCESS, OTHER));
        match slot {
            Ok(slot) => assert!(good && slot == "3", "{url}"),
            Err(error) => {
                assert!(!good, "{url}: {error}");
                assert_eq!(error.kind(), ErrorKind::BadResponse);
                assert!(error.message().contains(&format!("\"{url}\"")), "{error}");
                assert_eq!(script.urls().len(), 3, "a request was sent to {url}");
            }
        }
    }
}

/// A platform whose call was aborted: requests fail, and waits end at once.
struct Ended(Script);

impl Http for Ended {
    type Item = Vec<u8>;

    async fn send(&self, request: Request<Vec<u8>>) -> aoxide::Result<Response> {
        self.0.0.requests.borrow_mut().push(request);
        Err(aoxide::Error::new(ErrorKind::Timeout, "ended"))
    }
}

impl Clock for Ended {
    fn now(&self) -> u64 {
        0
    }
}

impl Timers for Ended {
    async fn sleep(&self, milliseconds: u32) {
        self.0.sleep(milliseconds).await;
    }
}

#[test]
fn gateway_query_that_was_aborted_is_not_retried() {
    let units = Units {
        graphql_retries: u32::MAX,
        ..Units::default()
    };
    let script = Script::default();
    let error = block_on(Client::new(Ended(script.clone()), units).slot(PROCESS, OTHER)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!((script.urls().len(), script.0.slept.borrow().len()), (2, 0));
}
