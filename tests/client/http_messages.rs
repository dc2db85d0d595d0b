//! HTTP messages that are sent to a scripted node.

use aoxide::ErrorKind;
use aoxide::client::mainnet::{HttpMessage, Mainnet};
use aoxide::error::Detail;
use aoxide::httpsig::{Context, Decoded, Dialect, Encoded, Fields, Message, Received, Value};
use aoxide::platform::{Body, Headers, Method};
use aoxide::signer::MessageSigner;
use pollster::block_on;

use crate::support::{Script, signer};

const NODE: &str = "https://node.test";

fn message() -> Message {
    let map = Message::from_iter([("a", Value::text("x"))]);
    Message::from_iter([
        ("action", Value::text("é")),
        ("map", Value::Map(map)),
        ("data", "hello".into()),
    ])
}

fn encoded(message: &Message) -> Encoded {
    Encoded::new(message, Dialect::default()).unwrap()
}

fn signed() -> HttpMessage<Vec<u8>> {
    block_on(signer().sign_message(encoded(&message()))).unwrap().into()
}

/// Decodes a sent request as a node does. Each character of a header is one byte.
fn received(script: &Script, request: usize) -> Decoded {
    let requests = script.0.requests.borrow();
    let headers = requests[request].headers.iter();
    let bytes = |value: &str| value.chars().map(|each| each as u8).collect::<Vec<u8>>();
    let fields: Fields = headers.map(|(name, value)| (name, bytes(value))).collect();
    let context = Context {
        fields: Some(&fields),
        ..Context::default()
    };
    let body = match &requests[request].body {
        Body::Item(body) => body.clone(),
        Body::None => Vec::new(),
        Body::Text(_) => panic!("a text was sent"),
    };
    let mut received = Received::new(&context, &body, 0).unwrap();
    for claim in &mut received.claims {
        claim.verify();
    }
    received.decode()
}

#[test]
fn signed_message_is_sent_unchanged() {
    let script = Script::new(&[Some((200, "done"))]);
    let prepared = signed();
    let id = prepared.id;
    let answer = block_on(Mainnet::new(script.clone(), NODE).request("/~x@1.0/y?a=b", prepared)).unwrap();
    assert_eq!((answer.response.body.as_str(), answer.id), ("done", id));
    assert_eq!(script.urls(), [format!("POST {NODE}/~x@1.0/y?a=b")]);
    assert!(script.0.requests.borrow()[0].follow_redirects);
    let received = received(&script, 0);
    assert_eq!((received.message, received.problems.len()), (message(), 0));
    assert!(received.claims[0].is_valid());
    assert_eq!(Some(received.claims[0].id), id);
}

#[test]
fn message_without_a_body_is_a_get_and_unsigned_message_has_no_id() {
    let script = Script::new(&[Some((200, "")), Some((200, "")), Some((200, ""))]);
    let node = Mainnet::new(script.clone(), NODE);
    let plain = Message::from_iter([("action", Value::text("Info"))]);
    let empty = Message::from_iter([("data", Value::text(""))]);
    for message in [&plain, &empty, &message()] {
        let answer = block_on(node.request("x", encoded(message).into())).unwrap();
        assert_eq!(answer.id, None);
    }
    let methods: Vec<_> = script.urls().iter().map(|url| url[..4].to_string()).collect();
    assert_eq!(methods, ["GET ", "GET ", "POST"]);
    assert!(received(&script, 2).claims.is_empty());
}

#[test]
fn message_that_fails_has_its_id_among_the_details() {
    for (answer, kind) in [
        (None, ErrorKind::HttpNetwork),
        (Some((404, "no")), ErrorKind::HttpStatus),
        (Some((500, "<html>")), ErrorKind::HttpStatus),
    ] {
        let script = Script::new(&[answer]);
        let prepared = signed();
        let id = prepared.id.unwrap().to_string();
        let error = block_on(Mainnet::new(script, NODE).request("x", prepared)).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.details().contains(&("id", Detail::Text(id))), "{error}");
    }
}

#[test]
fn method_that_browsers_forbid_is_refused() {
    for (given, name, has_body) in [
        ("get", "GET", false),
        ("Post", "POST", true),
        ("delete", "DELETE", true),
        ("head", "HEAD", false),
        ("PUT", "PUT", true),
        ("patch", "patch", true),
    ] {
        let method = Method::parse(given).unwrap();
        assert_eq!((method.as_str(), method.has_body()), (name, has_body));
    }
    for bad in ["", " ", "TRACE", "connect", "A B", "é", "GET\r\n"] {
        assert_eq!(Method::parse(bad).unwrap_err().kind(), ErrorKind::BadArgument, "{bad}");
    }
    assert!(Headers::Usual(&[]).is_empty());
    assert!(!Headers::from_iter([("a".into(), "b".into())]).is_empty());
}
