//! Waits between attempts, and when a call gives up.

use aoxide::ErrorKind;
use aoxide::ans104::Tag;
use aoxide::client::{Client, Message, Retry, RetryTransport, Units};
use aoxide::platform::Response;
use pollster::block_on;

use crate::support::{Script, signer};
use crate::{OTHER, PROCESS};

fn client(script: &Script) -> Client<Script> {
    Client::new(script.clone(), Units::default())
}

fn message() -> Message<Vec<u8>> {
    Message {
        process: PROCESS.into(),
        data: Some(b"data".to_vec()),
        tags: vec![Tag::new("Action", "Ping")],
        anchor: None,
    }
}

#[test]
fn message_after_failures_waits_longer_each_time_and_sends_the_same_item() {
    let script = Script::new(&[Some((503, "")), None, Some((429, "")), Some((200, "{}"))]);
    let retry = Retry {
        attempts: 4,
        backoff: 100,
        longest_wait: 250,
        ..Retry::default()
    };
    let client = client(&script).over(RetryTransport::new(script.clone(), retry));
    block_on(client.message(message(), &signer(), false)).unwrap();
    assert_eq!(*script.0.slept.borrow(), [100, 200, 250]);
    let requests = script.0.requests.borrow();
    assert_eq!(requests.len(), 4);
    assert!(requests.iter().all(|request| *request == requests[0]));
}

#[test]
fn retry_after_zero_waits_a_second_from_the_second_retry_on() {
    let script = Script::default();
    for (status, retry_after) in [
        (503, Some(0)),
        (429, Some(0)),
        (429, Some(5000)),
        (429, Some(0)),
        (200, None),
    ] {
        script.0.responses.borrow_mut().push_back(Some(Response {
            status,
            body: "{}".into(),
            retry_after,
            ..Response::default()
        }));
    }
    let retry = Retry {
        attempts: 9,
        ..Retry::default()
    };
    let client = client(&script).over(RetryTransport::new(script.clone(), retry));
    block_on(client.result(PROCESS, OTHER)).unwrap();
    // The first retry follows at once, as `Retry-After: 0` says. Later retries wait for the backoff, or for `Retry-After` if
    // that is longer.
    assert_eq!(*script.0.slept.borrow(), [0, 1000, 5000, 1000]);
}

#[test]
fn read_that_keeps_failing_ends_after_its_attempts() {
    for (attempts, answer) in [(1, 503), (3, 503), (3, 404)] {
        let tries = if answer == 404 { 1 } else { attempts };
        let script = Script::new(&vec![Some((answer, "")); tries as usize]);
        let retry = Retry {
            attempts,
            ..Retry::default()
        };
        let client = client(&script).over(RetryTransport::new(script.clone(), retry));
        let error = block_on(client.result(PROCESS, OTHER)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpStatus);
        assert_eq!(script.urls().len(), tries as usize);
    }
}
