//! The verbs of the legacy network on a scripted platform: which requests they send, and how they read the responses.

use aoxide::ErrorKind;
use aoxide::ans104::Tag;
use aoxide::arweave::Id;
use aoxide::client::{Assign, Client, Message, MessageRange, ResultsRange, Sort, Spawn, Units};
use aoxide::protocol::{Dryrun, Evaluation};
use pollster::block_on;

use crate::support::{Script, sent_item, signer};
use crate::{OTHER, PROCESS};

const MODULE: &str = r#"{"data":{"transactions":{"edges":[{"node":{"tags":[
    {"name":"Data-Protocol","value":"ao"},{"name":"Type","value":"Module"},{"name":"Module-Format","value":"f"},
    {"name":"Input-Encoding","value":"i"},{"name":"Output-Encoding","value":"o"}]}}]}}}"#;

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
fn message_is_signed_and_sent_once() {
    let script = Script::new(&[Some((200, "{}"))]);
    let receipt = block_on(client(&script).message(message(), &signer(), false)).unwrap();
    let item = sent_item(&script, 0);
    assert_eq!(script.urls(), ["POST https://mu.ao-testnet.xyz"]);
    assert!(item.verify(true).valid);
    assert_eq!(item.id().to_string(), receipt.id);
    assert_eq!(item.data(), b"data");
    assert_eq!(item.head().target(), Id::parse(PROCESS, "").unwrap().as_bytes());
    let names: Vec<_> = item
        .head()
        .tags()
        .iter()
        .map(|tag| String::from_utf8_lossy(&tag.name))
        .collect();
    assert_eq!(names, ["Action", "SDK", "Data-Protocol", "Variant", "Type"]);
}

#[test]
fn ids_in_a_non_canonical_spelling_are_refused_before_any_request() {
    let script = Script::new(&[]);
    let client = client(&script);
    for odd in [
        format!("{PROCESS}="),
        PROCESS.replace('-', "+"),
        PROCESS.replace("rBA", "rBB"),
    ] {
        let range = MessageRange::default();
        let sent = Message {
            process: odd.clone(),
            ..message()
        };
        let assigns = [(PROCESS, &*odd), (&*odd, PROCESS)].map(|(process, message)| Assign {
            process: process.into(),
            message: message.into(),
            ..Assign::default()
        });
        let [of_message, of_process] = assigns;
        let spawn = Spawn {
            module: odd.clone(),
            scheduler: OTHER.into(),
            data: None,
            tags: Vec::new(),
            timestamp: None,
        };
        for error in [
            block_on(client.message(sent, &signer(), false)).unwrap_err(),
            block_on(client.monitor(&odd, &signer(), true)).unwrap_err(),
            block_on(client.spawn(spawn, &signer())).unwrap_err(),
            block_on(client.assign(&of_message)).unwrap_err(),
            block_on(client.assign(&of_process)).unwrap_err(),
            block_on(client.result(&odd, OTHER)).unwrap_err(),
            block_on(client.result(OTHER, &odd)).unwrap_err(),
            block_on(client.results(&odd, ResultsRange::default())).unwrap_err(),
            block_on(client.dryrun(&Dryrun::new(odd.clone()))).unwrap_err(),
            block_on(client.messages(&odd, range)).unwrap_err(),
            block_on(client.message_by_id(&odd, OTHER)).unwrap_err(),
            block_on(client.message_by_id(OTHER, &odd)).unwrap_err(),
            block_on(client.last_slot(&odd, 1)).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::BadId, "{odd}: {error}");
        }
    }
    assert!(script.urls().is_empty());
}

#[test]
fn message_that_fails_has_its_id_among_the_details() {
    for (answer, kind) in [
        (None, ErrorKind::HttpNetwork),
        (Some((429, "slow down")), ErrorKind::HttpStatus),
        (Some((502, "<html>")), ErrorKind::HttpStatus),
        (Some((200, "<html>")), ErrorKind::BadResponse),
    ] {
        let script = Script::new(&[answer]);
        let error = block_on(client(&script).message(message(), &signer(), false)).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(
            error.message().starts_with("Error while communicating with MU: "),
            "{error}"
        );
        let id = sent_item(&script, 0).id().to_string();
        assert!(error.details().contains(&("id", aoxide::error::Detail::Text(id))));
    }
}

#[test]
fn invalid_message_is_neither_signed_nor_sent() {
    let script = Script::default();
    for bad in [
        Message {
            process: "abc".into(),
            ..message()
        },
        Message {
            anchor: Some(vec![0; 31]),
            ..message()
        },
        Message {
            tags: vec![Tag::new("", "x")],
            ..message()
        },
        Message {
            tags: vec![Tag::new("a", "b"); 200],
            ..message()
        },
    ] {
        assert!(block_on(client(&script).message(bad, &signer(), false)).is_err());
    }
    assert!(script.urls().is_empty());
}

#[test]
fn spawn_checks_its_module_at_the_gateway_first() {
    let spawn = || Spawn {
        module: OTHER.into(),
        scheduler: PROCESS.into(),
        data: None,
        tags: vec![],
        timestamp: Some(5),
    };
    let script = Script::new(&[Some((200, MODULE)), Some((200, "{}"))]);
    let id = block_on(client(&script).spawn(spawn(), &signer())).unwrap();
    assert_eq!(
        script.urls(),
        ["POST https://arweave.net/graphql", "POST https://mu.ao-testnet.xyz"]
    );
    let item = sent_item(&script, 1);
    assert_eq!(item.id().to_string(), id);
    assert!(item.head().target().is_empty());
    assert!(item.head().tags().contains(&Tag::new("Timestamp", "5")));

    let named = Script::new(&[Some((200, MODULE)), Some((200, r#"{"processId":"p"}"#))]);
    assert_eq!(block_on(client(&named).spawn(spawn(), &signer())).unwrap(), "p");

    let unknown = Script::new(&[Some((200, r#"{"data":{"transactions":{"edges":[]}}}"#))]);
    let error = block_on(client(&unknown).spawn(spawn(), &signer())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(unknown.urls().len(), 1);
}

#[test]
fn read_with_an_error_status_is_an_error() {
    for status in [400, 404, 429, 500, 503] {
        let answer = [Some((status, r#"{"Output":"looks fine"}"#))];
        let (result, dryrun) = (Script::new(&answer), Script::new(&answer));
        let error = block_on(client(&result).result(PROCESS, OTHER)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpStatus);
        assert!(
            error
                .details()
                .contains(&("status", aoxide::error::Detail::Number(status.into())))
        );
        let error = block_on(client(&dryrun).dryrun(&Dryrun::new(PROCESS))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpStatus);
    }
}

#[test]
fn result_is_returned_as_written_and_parses_as_an_evaluation() {
    let body = r#"{"Output":{"data":"42"},"Messages":[{"Target":"t","Tags":[{"name":"a","value":"b"}],"Data":"d"}],"Spawns":[],"GasUsed":7}"#;
    let script = Script::new(&[Some((200, body))]);
    let answer = block_on(client(&script).result(PROCESS, OTHER)).unwrap();
    assert_eq!(answer.as_str(), body);
    let evaluation: Evaluation = answer.parse().unwrap();
    assert_eq!(evaluation.output["data"], "42");
    assert_eq!(evaluation.messages[0].tags[0].value, "b");
    assert_eq!(evaluation.gas_used, Some(7));
    assert_eq!(
        script.urls(),
        [format!(
            "GET https://cu.ao-testnet.xyz/result/{OTHER}?process-id={PROCESS}"
        )]
    );
}

#[test]
fn results_sends_its_range_in_the_query() {
    let script = Script::new(&[Some((200, r#"{"edges":[]}"#))]);
    let page = ResultsRange {
        from: Some("a=+/".into()),
        sort: Sort::Descending,
        limit: Some("5".into()),
        ..ResultsRange::default()
    };
    block_on(client(&script).results(PROCESS, page)).unwrap();
    let expected = format!("GET https://cu.ao-testnet.xyz/results/{PROCESS}?from=a%3D%2B%2F&sort=DESC&limit=5");
    assert_eq!(script.urls(), [expected]);
}

#[test]
fn assign_sends_process_and_message_in_the_query() {
    let script = Script::new(&[Some((200, r#"{"id":"i"}"#)), Some((200, "{}"))]);
    let assign = Assign {
        process: PROCESS.into(),
        message: OTHER.into(),
        base_layer: true,
        exclude: Some(vec!["Data".into(), "Tags".into()]),
    };
    assert_eq!(block_on(client(&script).assign(&assign)).unwrap(), "i");
    let expected =
        format!("POST https://mu.ao-testnet.xyz?process-id={PROCESS}&assign={OTHER}&base-layer&exclude=Data,Tags");
    assert_eq!(script.urls(), [expected]);
    let error = block_on(client(&script).assign(&Assign::default())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
}

#[test]
fn scheduler_is_found_by_the_router_and_cached_for_two_days() {
    let page = r#"{"edges":[{"node":{"assignment":{"tags":[{"name":"Nonce","value":"1"}]}}},
        {"node":{"assignment":{"tags":[{"name":"Nonce","value":"2"}]}}}]}"#;
    let script = Script::new(&[Some((200, r#"{"address":"w"}"#)), Some((200, page)), Some((200, page))]);
    let client = client(&script);
    script.0.now.set(1_000_000);
    assert_eq!(
        block_on(client.last_slot(PROCESS, 600_000)).unwrap().as_deref(),
        Some("2")
    );
    block_on(client.messages(PROCESS, MessageRange::default())).unwrap();
    let router = "https://su-router.ao-testnet.xyz";
    assert_eq!(
        script.urls(),
        [
            format!("GET {router}?process-id={PROCESS}"),
            format!("GET {router}/{PROCESS}?process-id={PROCESS}&limit=100&from=400000"),
            format!("GET {router}/{PROCESS}?process-id={PROCESS}"),
        ]
    );
    // After two days the cache entry has expired.
    script.0.now.set(1_000_000 + 48 * 60 * 60 * 1000);
    script.add_responses(&[Some((200, "{}")), Some((200, page))]);
    block_on(client.last_slot(PROCESS, 0)).unwrap();
    assert_eq!(script.urls().len(), 5);
}

#[test]
fn scheduler_is_found_by_the_gateway_if_the_router_fails() {
    let process = r#"{"data":{"transactions":{"edges":[{"node":{"tags":[{"name":"Scheduler","value":"s"}]}}]}}}"#;
    let location = r#"{"data":{"transactions":{"edges":[{"node":{"tags":[{"name":"url","value":"https://su"},{"name":"Time-To-Live","value":"1000"}]}}]}}}"#;
    let scheduled = r#"{"assignment":{"tags":[{"name":"Nonce","value":3}]}}"#;
    // The router fails, and the gateway fails twice before it responds.
    let script = Script::new(&[
        None,
        Some((503, "")),
        None,
        Some((200, process)),
        Some((200, location)),
        Some((200, scheduled)),
    ]);
    let units = Units {
        graphql_retries: 2,
        graphql_backoff: 10,
        ..Units::default()
    };
    let client = Client::new(script.clone(), units);
    assert_eq!(block_on(client.slot(PROCESS, OTHER)).unwrap(), "3");
    assert_eq!(*script.0.slept.borrow(), [10, 20]);
    assert_eq!(script.urls()[5], format!("GET https://su/{OTHER}?process-id={PROCESS}"));

    let unknown = Script::new(&[None, Some((200, r#"{"data":{"transactions":{"edges":[]}}}"#))]);
    let error = block_on(self::client(&unknown).slot(PROCESS, OTHER)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn message_whose_slot_cannot_be_read_has_its_id_among_the_details() {
    let script = Script::new(&[Some((200, "{}")), Some((500, "no"))]);
    let units = Units {
        scheduler: Some("https://su".into()),
        ..Units::default()
    };
    let client = Client::new(script.clone(), units);
    let error = block_on(client.message(message(), &signer(), true)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus);
    let id = sent_item(&script, 0).id().to_string();
    assert!(error.details().contains(&("id", aoxide::error::Detail::Text(id))));
}
