//! Retries of writes: a message gets at most one slot, whatever way the node or the messenger unit fails.

use aoxide::ans104::Tag;
use aoxide::arweave::Id;
use aoxide::client::mainnet::{Delivered, Delivery, HttpMessage, Mainnet, Read, SpawnParams};
use aoxide::client::{Client, Endpoints, Message, Retry, RetryTransport, Spawn, Units};
use aoxide::error::Detail;
use aoxide::platform::{Headers, Method, Unit};
use aoxide::signer::Signer;
use aoxide::{Error, ErrorKind, Result};
use pollster::block_on;

use super::network::{End, Network};
use crate::support::signer;
use crate::{OTHER, PROCESS};

fn retrying(network: &Network, attempts: u32, unit: Unit, addresses: &[&str]) -> RetryTransport<Network> {
    let retry = Retry {
        attempts,
        backoff: 100,
        try_timeout: Some(5000),
        ..Retry::default()
    };
    let addresses: Vec<String> = addresses.iter().map(|address| (*address).into()).collect();
    RetryTransport::with(network.clone(), retry, [Endpoints::new(unit, &addresses)].into())
}

fn node(network: &Network, attempts: u32, nodes: &[&str]) -> Mainnet<RetryTransport<Network>> {
    Mainnet::new(retrying(network, attempts, Unit::Node, nodes), nodes[0])
}

const ONE: [&str; 1] = ["https://a.test"];
const TWO: [&str; 2] = ["https://a.test", "https://b.test/base/"];

fn message() -> Message<Vec<u8>> {
    Message {
        process: PROCESS.into(),
        data: Some(b"data".to_vec()),
        tags: vec![Tag::new("Action", "Transfer")],
        anchor: None,
    }
}

fn send(network: &Network, attempts: u32, nodes: &[&str]) -> Result<Delivered> {
    block_on(node(network, attempts, nodes).message(message(), &signer(), Delivery::Push))
}

fn id_of(error: &Error) -> String {
    let mut details = error.details().iter();
    match details.find(|(name, _)| *name == "id") {
        Some((_, Detail::Text(id))) => id.clone(),
        _ => panic!("{error:?} has no id"),
    }
}

/// Ends after which the client does not know whether the message was accepted.
const UNDECIDED: [End; 8] = [
    End::Status(408),
    End::Status(500),
    End::Status(502),
    End::Status(503),
    End::Status(504),
    End::Moved(429),
    End::Lost,
    End::Silent,
];
/// Ends that prove that the message was not accepted.
const REFUSED: [End; 3] = [End::Status(425), End::Status(429), End::Unopened];

#[test]
fn refused_message_is_sent_again_without_a_check() {
    for end in REFUSED {
        let network = Network::new(&[(false, end), (false, end)]);
        let sent = send(&network, 4, &ONE).unwrap();
        assert_eq!(network.seen(), "a post, a post, a post", "{end:?}");
        assert_eq!((sent.slot, network.times(&sent.id)), (Some(3), 1), "{end:?}");
        assert_eq!(*network.0.slept.borrow(), [100, 200], "{end:?}");
    }
}

#[test]
fn message_that_the_schedule_shows_is_not_sent_again() {
    for end in UNDECIDED {
        let network = Network::new(&[(true, end)]);
        let sent = send(&network, 4, &ONE).unwrap();
        assert_eq!(network.seen(), "a post, a check, a check", "{end:?}");
        assert_eq!((sent.slot, network.times(&sent.id)), (Some(3), 1), "{end:?}");
        assert_eq!(sent.body, None);
    }
}

#[test]
fn message_that_the_schedule_does_not_show_is_sent_again() {
    for end in UNDECIDED {
        let network = Network::new(&[(false, end), (false, end), (true, end)]);
        let sent = send(&network, 4, &ONE).unwrap();
        let checks = "a check, a check";
        let seen = format!("a post, {checks}, a post, {checks}, a post, {checks}");
        assert_eq!(network.seen(), seen, "{end:?}");
        assert_eq!((sent.slot, network.times(&sent.id)), (Some(3), 1), "{end:?}");
    }
}

#[test]
fn each_check_of_the_schedule_comes_after_a_wait() {
    let network = Network::new(&[(false, End::Lost), (true, End::Lost)]);
    send(&network, 4, &ONE).unwrap();
    assert_eq!(*network.0.slept.borrow(), [100, 200]);
}

#[test]
fn schedule_is_checked_after_the_last_attempt_too() {
    let network = Network::new(&[(false, End::Lost), (true, End::Lost)]);
    let sent = send(&network, 2, &ONE).unwrap();
    assert_eq!((network.posts(), network.times(&sent.id)), (2, 1));

    let network = Network::new(&[(false, End::Lost), (false, End::Status(502))]);
    let error = send(&network, 2, &ONE).unwrap_err();
    assert_eq!((error.kind(), network.posts()), (ErrorKind::HttpStatus, 2));
    assert_eq!(network.times(&id_of(&error)), 0);
}

#[test]
fn single_attempt_is_one_request_and_its_error_says_may_have_arrived() {
    for end in UNDECIDED {
        for accepted in [true, false] {
            let network = Network::new(&[(accepted, end)]);
            let error = send(&network, 1, &ONE).unwrap_err();
            assert_eq!(network.seen(), "a post", "{end:?}");
            assert!(error.message().contains("may have arrived"), "{error}");
            assert_eq!(network.times(&id_of(&error)), usize::from(accepted));
        }
    }
    for end in REFUSED {
        let network = Network::new(&[(false, end)]);
        let error = send(&network, 1, &ONE).unwrap_err();
        assert!(!error.message().contains("may have arrived"), "{error}");
        id_of(&error);
    }
}

#[test]
fn message_is_not_sent_again_while_the_schedule_cannot_be_read() {
    for end in UNDECIDED {
        for check in [
            End::Lost,
            End::Unopened,
            End::Silent,
            End::Status(500),
            End::Status(404),
            End::Status(429),
        ] {
            let network = Network::new(&[(true, end)]).checks(&[check; 9]);
            let error = send(&network, 4, &ONE).unwrap_err();
            assert_eq!(network.posts(), 1, "{end:?}, {check:?}");
            assert_eq!(network.times(&id_of(&error)), 1);
            assert!(error.message().contains("may have arrived"), "{error}");
        }
    }
}

#[test]
fn failed_check_is_repeated_at_most_as_often_as_there_are_attempts() {
    let network = Network::new(&[(true, End::Lost)]).checks(&[End::Lost, End::Status(500), End::Good, End::Lost]);
    let error = send(&network, 4, &ONE).unwrap_err();
    assert_eq!((network.posts(), network.seen().matches("check").count()), (1, 4));
    assert!(error.message().contains("may have arrived"), "{error}");
    let network = Network::new(&[(true, End::Lost)]).checks(&[End::Lost, End::Status(500)]);
    let sent = send(&network, 4, &ONE).unwrap();
    assert_eq!((network.posts(), network.times(&sent.id)), (1, 1));
    assert_eq!(*network.0.slept.borrow(), [100, 200, 400]);
}

#[test]
fn message_goes_to_another_node_only_if_the_first_node_did_not_accept_it() {
    for attempts in [1, 4] {
        for end in REFUSED {
            let network = Network::new(&[(false, end)]);
            let sent = send(&network, attempts, &TWO).unwrap();
            assert_eq!(network.seen(), "a post, b post", "{end:?}");
            assert_eq!(network.times(&sent.id), 1);
            assert!(network.0.slept.borrow().is_empty());
        }
        for end in UNDECIDED {
            let network = Network::new(&[(true, end)]);
            let sent = send(&network, attempts, &TWO).unwrap();
            assert_eq!(network.seen(), "a post, a check, a check", "{end:?}");
            assert_eq!((sent.slot, network.times(&sent.id)), (Some(3), 1));

            let network = Network::new(&[(false, end)]);
            let sent = send(&network, attempts, &TWO).unwrap();
            assert_eq!(network.seen(), "a post, a check, a check, b post", "{end:?}");
            assert_eq!((sent.slot, network.times(&sent.id)), (Some(3), 1));

            let network = Network::new(&[(true, end)]).checks(&[End::Unopened; 9]);
            let error = send(&network, attempts, &TWO).unwrap_err();
            assert_eq!(network.posts(), 1, "{end:?}");
            assert_eq!(network.times(&id_of(&error)), 1);
        }
    }
    // The client reads the schedule at the node that received the last copy.
    let network = Network::new(&[(false, End::Unopened), (true, End::Lost)]);
    let sent = send(&network, 2, &TWO).unwrap();
    assert_eq!(network.seen(), "a post, b post, b check, b check");
    assert_eq!(network.times(&sent.id), 1);
    let network = Network::new(&[(false, End::Unopened), (true, End::Lost)]);
    let error = send(&network, 1, &TWO).unwrap_err();
    assert_eq!(
        (network.seen(), network.times(&id_of(&error))),
        ("a post, b post".into(), 1)
    );
}

#[test]
fn scheduled_message_is_checked_like_a_pushed_one() {
    let network = Network::new(&[(true, End::Lost)]);
    let node = node(&network, 2, &ONE);
    let sent = block_on(node.message(message(), &signer(), Delivery::Schedule)).unwrap();
    assert_eq!((sent.slot, network.posts(), network.times(&sent.id)), (Some(3), 1, 1));
}

fn spawn(network: &Network, attempts: u32) -> Result<String> {
    let process = SpawnParams {
        module: Some(OTHER.into()),
        scheduler: Some(OTHER.into()),
        authority: None,
        data: None,
        tags: vec![],
        anchor: None,
    };
    block_on(node(network, attempts, &ONE).spawn(process, &signer()))
}

#[test]
fn spawn_is_found_in_the_schedule_of_its_own_process() {
    for end in UNDECIDED {
        let network = Network::new(&[(true, end)]);
        let id = spawn(&network, 4).unwrap();
        assert_eq!(
            (network.seen(), network.times(&id)),
            ("a post, a check".into(), 1),
            "{end:?}"
        );

        let network = Network::new(&[(false, end)]);
        let id = spawn(&network, 4).unwrap();
        assert_eq!(network.seen(), "a post, a check, a post", "{end:?}");
        assert_eq!(network.times(&id), 1);

        let network = Network::new(&[(true, end)]).checks(&[End::Status(404); 9]);
        let error = spawn(&network, 4).unwrap_err();
        assert_eq!((network.posts(), network.times(&id_of(&error))), (1, 1), "{end:?}");
    }
}

/// An HTTP message with its id in a header, which the scripted node reads.
fn prepared(method: &str, id: Option<&str>, headers: &[(&str, &str)]) -> HttpMessage<Vec<u8>> {
    let all = id.map(|id| ("id", id)).into_iter().chain(headers.iter().copied());
    HttpMessage {
        method: Method::parse(method).unwrap(),
        headers: all
            .map(|(name, value)| (name.into(), value.into()))
            .collect::<Headers>(),
        body: Some(b"body".to_vec()),
        id: id.map(|id| Id::parse(id, "").unwrap()),
    }
}

#[test]
fn request_that_schedules_a_message_is_checked_like_a_message() {
    let target = [("target", PROCESS)];
    for (path, headers) in [
        (format!("/{PROCESS}~process@1.0/schedule"), &[][..]),
        (format!("{PROCESS}/push&async=true?a=b"), &[]),
        ("/~scheduler@1.0/schedule".into(), &target),
        // Nodes schedule a message for its target and ignore the process in the path (recorded).
        (format!("/{OTHER}~process@1.0/schedule"), &target),
    ] {
        for accepted in [true, false] {
            let network = Network::new(&[(accepted, End::Status(500))]);
            let node = node(&network, 2, &ONE);
            block_on(node.request(&path, prepared("POST", Some(OTHER), headers))).unwrap();
            assert_eq!(
                (network.posts(), network.times(OTHER)),
                (2 - usize::from(accepted), 1),
                "{path}"
            );
        }
    }
}

#[test]
fn request_without_a_schedule_is_sent_again_after_a_refusal_only() {
    for (path, id, method) in [
        ("/~relay@1.0/call", Some(OTHER), "POST"),
        ("/push", Some(OTHER), "POST"),
        ("/~scheduler@1.0/schedule", Some(OTHER), "POST"),
        ("/~x@1.0/y", None, "POST"),
        // Nodes schedule a signed message that is pushed with any method.
        ("/push", Some(OTHER), "GET"),
    ] {
        let network = Network::new(&[(false, End::Status(429)), (true, End::Lost)]);
        let node = node(&network, 4, &ONE);
        let error = block_on(node.request(path, prepared(method, id, &[]))).unwrap_err();
        assert_eq!(network.0.seen.borrow().len(), 2, "{path}");
        assert!(error.message().contains("may have arrived"), "{error}");
        assert_eq!(id.map(|_| id_of(&error)).as_deref(), id);
    }
}

#[test]
fn read_is_retried_after_every_failure() {
    let path = format!("{PROCESS}~process@1.0/now");
    for end in UNDECIDED.into_iter().chain(REFUSED) {
        let network = Network::new(&[(false, end), (false, end)]);
        let node = node(&network, 3, &ONE);
        block_on(node.request(&path, prepared("GET", Some(OTHER), &[]))).unwrap();
        assert_eq!(network.seen(), "a get, a get, a get", "{end:?}");

        let network = Network::new(&[(false, end), (false, end)]);
        let node = self::node(&network, 3, &ONE);
        let read = Read::Dryrun(Vec::new());
        let item = message();
        block_on(node.read_signed(read, item, &signer())).unwrap();
        assert_eq!(network.seen(), "a post, a post, a post", "{end:?}");
    }
}

fn legacy(network: &Network, attempts: u32) -> Client<RetryTransport<Network>> {
    let units = Units {
        messenger: "https://a.test".into(),
        ..Units::default()
    };
    network.0.refuses.set(true);
    Client::new(network.clone(), units).over(retrying(network, attempts, Unit::Messenger, &ONE))
}

fn legacy_spawn() -> Spawn<Vec<u8>> {
    Spawn {
        module: OTHER.into(),
        scheduler: OTHER.into(),
        data: None,
        tags: vec![],
        timestamp: None,
    }
}

#[test]
fn message_that_the_scheduler_already_has_from_an_earlier_attempt_is_a_success() {
    for end in UNDECIDED {
        for accepted in [true, false] {
            let network = Network::new(&[(accepted, end)]);
            let receipt = block_on(legacy(&network, 4).message(message(), &signer(), false)).unwrap();
            assert_eq!((network.posts(), network.times(&receipt.id)), (2, 1), "{end:?}");

            let network = Network::new(&[(accepted, end)]);
            let id = block_on(legacy(&network, 4).spawn(legacy_spawn(), &signer())).unwrap();
            assert_eq!((network.posts(), network.times(&id)), (2, 1), "{end:?}");
        }
        let network = Network::new(&[(true, end)]);
        let error = block_on(legacy(&network, 1).message(message(), &signer(), false)).unwrap_err();
        assert_eq!((network.posts(), network.times(&id_of(&error))), (1, 1), "{end:?}");
        assert!(
            error.message().starts_with("Error while communicating with MU: "),
            "{error}"
        );
        assert!(error.message().contains("may have arrived"), "{error}");
    }
}

#[test]
fn message_that_exists_before_the_first_attempt_is_an_error_and_a_resent_signed_item_is_not() {
    let network = Network::new(&[]);
    let client = legacy(&network, 4);
    let signed = block_on(client.sign_message(message(), &signer())).unwrap();
    let id = signed.id.to_string();
    for _ in 0..2 {
        assert_eq!(block_on(client.send_signed(signed.clone())).unwrap(), id);
    }
    assert_eq!((network.posts(), network.times(&id)), (2, 1));

    // This signer always returns the same item, so the second message has the id of the first.
    struct Same(aoxide::signer::SignedItem<Vec<u8>>);
    impl Signer for Same {
        type Data = Vec<u8>;
        type Item = Vec<u8>;
        async fn sign(&self, _: aoxide::ans104::Draft, _: Vec<u8>) -> Result<aoxide::signer::SignedItem<Vec<u8>>> {
            Ok(self.0.clone())
        }
    }
    let error = block_on(client.message(message(), &Same(signed), false)).unwrap_err();
    assert_eq!((error.kind(), id_of(&error)), (ErrorKind::HttpStatus, id));
    assert_eq!(network.posts(), 3);
}

#[test]
fn error_after_a_refusal_still_says_that_an_earlier_attempt_may_have_arrived() {
    for end in REFUSED {
        let network = Network::new(&[(true, End::Lost), (false, end)]);
        let error = block_on(legacy(&network, 2).message(message(), &signer(), false)).unwrap_err();
        assert!(error.message().contains("may have arrived"), "{error}");
        let network = Network::new(&[(false, end), (false, end)]);
        let error = block_on(legacy(&network, 2).message(message(), &signer(), false)).unwrap_err();
        assert!(!error.message().contains("may have arrived"), "{error}");
    }
}
