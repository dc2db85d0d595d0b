//! The verbs of HyperBEAM nodes on a scripted platform: which requests their plans send, and how they read the responses.

use aoxide::ErrorKind;
use aoxide::ans104::Tag;
use aoxide::arweave::Id;
use aoxide::client::mainnet::{Delivery, Mainnet, Page, Read, SpawnParams, StateAt, path_of};
use aoxide::client::{Message, Sort};
use aoxide::error::Detail;
use aoxide::platform::Response;
use aoxide::protocol::{Evaluation, Json};
use pollster::block_on;

use crate::PROCESS;
use crate::support::{Script, sent_item, signer};

const ADDRESS: &str = "Do_Uc2Sju_ffp6Ev0AnLVdPtot15rvMjP-a9VVaA5fM";
const NODE: &str = "https://node.test";
const FORM: &str = "require-codec=application/json&accept-bundle=true";

fn node(script: &Script) -> Mainnet<Script> {
    Mainnet::new(script.clone(), NODE)
}

fn message() -> Message<Vec<u8>> {
    Message {
        process: PROCESS.into(),
        data: None,
        tags: vec![Tag::new("Action", "Ping"), Tag::new("To", "a"), Tag::new("To", "b")],
        anchor: None,
    }
}

fn process() -> SpawnParams<Vec<u8>> {
    SpawnParams {
        module: Some("m".into()),
        scheduler: None,
        authority: None,
        data: None,
        tags: vec![],
        anchor: None,
    }
}

fn tags_of(script: &Script, request: usize) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let item = sent_item(script, request);
    let tags = item.head().tags();
    tags.iter()
        .map(|tag| format!("{}={}", text(&tag.name), text(&tag.value)))
        .collect()
}

fn with_header(name: &str, value: &str, body: &str) -> Response {
    Response {
        status: 200,
        headers: vec![(name.into(), value.into())],
        body: body.into(),
        ..Response::default()
    }
}

#[test]
fn message_is_posted_as_a_signed_item_to_push() {
    let script = Script::new(&[Some((200, r#"{"slot":7}"#))]);
    let sent = block_on(node(&script).message(message(), &signer(), Delivery::Push)).unwrap();
    assert_eq!(script.urls(), [format!("POST {NODE}/{PROCESS}~process@1.0/push")]);
    let headers = script.0.requests.borrow()[0].headers.clone();
    assert!(
        headers
            .iter()
            .eq([("Content-Type", "application/ans104"), ("codec-device", "ans104@1.0")])
    );
    let item = sent_item(&script, 0);
    assert!(item.verify(true).valid);
    assert_eq!((sent.id, sent.slot), (item.id().to_string(), Some(7)));
    assert_eq!(item.head().target(), Id::parse(PROCESS, "").unwrap().as_bytes());
    assert_eq!(item.data(), b"1984");
    assert!(item.head().anchor().is_empty());
    assert_eq!(
        tags_of(&script, 0).join(" "),
        "salt=________________________________ Action=Ping To=a To=b signing-format=ans104 accept-bundle=true require-codec=application/json \
         Data-Protocol=ao Type=Message Variant=ao.N.1"
    );

    let given = Message {
        anchor: Some(b"an anchor that is 32 bytes long.".to_vec()),
        data: Some(vec![0, 255, 10]),
        ..message()
    };
    let script = Script::new(&[Some((200, r#"{"slot":"8"}"#))]);
    let sent = block_on(node(&script).message(given, &signer(), Delivery::Schedule)).unwrap();
    assert_eq!(sent.slot, Some(8));
    assert_eq!(script.urls(), [format!("POST {NODE}/{PROCESS}~process@1.0/schedule")]);
    assert_eq!(sent_item(&script, 0).data(), [0, 255, 10]);
    assert_eq!(
        sent_item(&script, 0).head().anchor(),
        b"an anchor that is 32 bytes long."
    );
}

#[test]
fn message_reads_its_slot_from_a_header() {
    let script = Script::default();
    script
        .0
        .responses
        .borrow_mut()
        .push_back(Some(with_header("Slot", "9", "{}")));
    let sent = block_on(node(&script).message(message(), &signer(), Delivery::Push)).unwrap();
    assert_eq!(sent.slot, Some(9));
}

#[test]
fn message_that_fails_has_its_id_among_the_details() {
    for (answer, kind) in [
        (None, ErrorKind::HttpNetwork),
        (Some((400, "no")), ErrorKind::HttpStatus),
        (Some((500, "<html>")), ErrorKind::HttpStatus),
        (Some((200, "<html>")), ErrorKind::BadResponse),
        (Some((200, r#"{"slot":7"#)), ErrorKind::BadResponse),
    ] {
        let script = Script::new(&[answer]);
        let error = block_on(node(&script).message(message(), &signer(), Delivery::Push)).unwrap_err();
        assert_eq!(error.kind(), kind);
        let id = sent_item(&script, 0).id().to_string();
        assert!(error.details().contains(&("id", Detail::Text(id))), "{error}");
    }
}

#[test]
fn invalid_message_or_spawn_is_neither_signed_nor_sent() {
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
            tags: vec![Tag::new("path", "/elsewhere")],
            ..message()
        },
    ] {
        assert!(block_on(node(&script).message(bad, &signer(), Delivery::Push)).is_err());
    }
    let without = SpawnParams {
        module: None,
        ..process()
    };
    let error = block_on(node(&script).spawn(without, &signer())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadArgument);
    assert!(script.urls().is_empty());
}

#[test]
fn spawn_without_a_scheduler_uses_the_address_of_the_node() {
    let named = || Some(with_header("process", "p", "anything"));
    let script = Script::new(&[Some((200, ADDRESS))]);
    script.0.responses.borrow_mut().push_back(named());
    assert_eq!(block_on(node(&script).spawn(process(), &signer())).unwrap(), "p");
    assert_eq!(
        script.urls(),
        [
            format!("GET {NODE}/~meta@1.0/info/address"),
            format!("POST {NODE}/push")
        ]
    );
    let tags = tags_of(&script, 1).join(" ");
    assert!(
        tags.contains(&format!("Authority={ADDRESS} Scheduler={ADDRESS} Module=m")),
        "{tags}"
    );
    assert!(tags.ends_with("accept-codec=httpsig@1.0 Data-Protocol=ao Type=Process Variant=ao.N.1"));

    for (definition, part) in [
        (
            SpawnParams {
                scheduler: Some("s".into()),
                authority: Some("a".into()),
                ..process()
            },
            "Authority=a Scheduler=s Module=m",
        ),
        (
            SpawnParams {
                module: None,
                tags: vec![
                    Tag::new("execution-device", "lua@5.3a"),
                    Tag::new("Scheduler", "t"),
                    Tag::new("module", "code"),
                ],
                ..process()
            },
            "execution-device=lua@5.3a Authority=t Scheduler=t module=code",
        ),
    ] {
        let script = Script::default();
        script.0.responses.borrow_mut().push_back(named());
        block_on(node(&script).spawn(definition, &signer())).unwrap();
        let tags = tags_of(&script, 0).join(" ");
        assert!(tags.contains(part), "{tags}");
    }

    let nameless = Script::new(&[Some((200, ADDRESS)), Some((200, "{}"))]);
    let error = block_on(node(&nameless).spawn(process(), &signer())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    let lost = Script::new(&[Some((200, "<html>"))]);
    let error = block_on(node(&lost).spawn(process(), &signer())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    assert_eq!(lost.urls().len(), 1);
}

#[test]
fn read_is_an_unsigned_get_and_read_signed_posts_an_item() {
    let script = Script::new(&[
        Some((200, "{}")),
        Some((200, "{}")),
        Some((200, " 12\n")),
        Some((200, "1")),
    ]);
    let node = node(&script);
    let tags = vec![Tag::new("Action", "In fo"), Tag::new("a/b", "c&d=e")];
    let state = Read::State {
        path: "cache/balances".into(),
        at: StateAt::Now,
    };
    block_on(node.read(PROCESS, Read::Result(3))).unwrap();
    block_on(node.read(PROCESS, Read::Dryrun(tags.clone()))).unwrap();
    assert_eq!(block_on(node.slot(PROCESS)).unwrap(), 12);
    block_on(node.read(PROCESS, state.clone())).unwrap();
    assert_eq!(
        script.urls(),
        [
            format!("GET {NODE}/{PROCESS}~process@1.0/compute&slot=3/results?{FORM}"),
            format!("GET {NODE}/{PROCESS}~process@1.0/as=execution/compute&Action=In%20fo&a%2Fb=c%26d%3De?{FORM}"),
            format!("GET {NODE}/{PROCESS}/slot/current"),
            format!("GET {NODE}/{PROCESS}~process@1.0/now/cache/balances?{FORM}"),
        ]
    );
    for odd in ["abc", &format!("{PROCESS}=")] {
        for read in [&Read::Slot, &state, &Read::Result(3)] {
            assert_eq!(
                block_on(node.read(odd, read.clone())).unwrap_err().kind(),
                ErrorKind::BadId
            );
        }
        let odd = Message {
            process: odd.into(),
            ..message()
        };
        let sent = block_on(node.message(odd, &signer(), Delivery::Push));
        assert_eq!(sent.unwrap_err().kind(), ErrorKind::BadId);
    }

    let script = Script::new(&[Some((200, "{}")), Some((200, "{}"))]);
    let node = self::node(&script);
    let item = Message {
        data: Some(b"d".to_vec()),
        ..message()
    };
    block_on(node.read_signed(Read::Result(3), item, &signer())).unwrap();
    let item = Message {
        tags: vec![],
        ..message()
    };
    block_on(node.read_signed(Read::Dryrun(tags), item, &signer())).unwrap();
    assert_eq!(
        script.urls(),
        [
            format!("POST {NODE}/{PROCESS}~process@1.0/compute&slot=3/results"),
            format!("POST {NODE}/{PROCESS}~process@1.0/as=execution/compute&Action=In%20fo&a%2Fb=c%26d%3De"),
        ]
    );
    assert_eq!(sent_item(&script, 0).data(), b"d");
    assert_eq!(sent_item(&script, 1).data(), b"1984");
}

#[test]
fn state_is_read_now_or_at_the_last_evaluation_or_at_a_slot() {
    let script = Script::new(&[Some((200, "{}")); 3]);
    let node = node(&script);
    for (path, at) in [
        ("", StateAt::Now),
        ("cache/x", StateAt::Computed),
        ("results/outbox", StateAt::Slot(4)),
    ] {
        let path = path.into();
        block_on(node.read(PROCESS, Read::State { path, at })).unwrap();
    }
    let base = format!("GET {NODE}/{PROCESS}~process@1.0");
    assert_eq!(
        script.urls(),
        [
            format!("{base}/now?{FORM}"),
            format!("{base}/compute/cache/x?{FORM}"),
            format!("{base}/compute&slot=4/results/outbox?{FORM}"),
        ]
    );
    let keys = ["cache".into(), "a/b c".into(), "..".into()];
    assert_eq!(path_of(&keys), "cache/a%2Fb%20c/%252E%252E");
    assert_eq!(path_of(&[]), "");
}

#[test]
fn evaluation_is_found_in_every_form_of_a_response_and_other_json_is_an_error() {
    let good = [
        r#"{"raw":{"Output":{"data":"1"},"Messages":[]}}"#,
        r#"{"json":{"body":"{\"Output\":{\"data\":\"1\"},\"Messages\":[]}"}}"#,
        r#"{"results":{"json":{"body":"{\"Output\":{\"data\":\"1\"}}"}},"slot":5}"#,
        r#"{"results":{"raw":{"Output":{"data":"1"}}}}"#,
        r#"{"raw":"{\"Output\":{\"data\":\"1\"}}"}"#,
    ];
    for text in good {
        let evaluation = Evaluation::within(&Json::new(text.into()).unwrap()).unwrap();
        assert_eq!(evaluation.output["data"], "1", "{text}");
    }
    for text in [
        "{}",
        "[]",
        "5",
        r#"{"json":{"body":"not JSON"}}"#,
        r#"{"json":{"body":5}}"#,
    ] {
        let error = Evaluation::within(&Json::new(text.into()).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadResponse, "{text}");
    }
}

#[test]
fn page_of_results_has_the_slots_that_its_bounds_limit_and_order_name() {
    let asc = Some(Sort::Ascending);
    let desc = Some(Sort::Descending);
    for (from, to, limit, sort, expected) in [
        (None, None, None, None, vec![9]),
        (None, None, Some(3), None, vec![9, 8, 7]),
        (None, None, Some(3), asc, vec![0, 1, 2]),
        (None, None, Some(0), None, vec![]),
        (Some(6), None, None, None, vec![7, 8, 9]),
        (Some(6), None, Some(2), desc, vec![5, 4]),
        (Some(0), None, None, desc, vec![]),
        (Some(9), None, None, None, vec![]),
        (Some(9), None, Some(1), desc, vec![8]),
        (Some(u64::MAX), None, None, None, vec![]),
        (Some(u64::MAX), None, Some(1), desc, vec![9]),
        (None, Some(7), None, None, vec![9, 8]),
        (None, Some(2), None, asc, vec![0, 1]),
        (Some(2), Some(5), None, None, vec![3, 4]),
        (Some(5), Some(2), None, desc, vec![4, 3]),
        (Some(5), Some(2), None, asc, vec![]),
        (None, Some(u64::MAX), None, None, vec![]),
        (None, Some(u64::MAX), Some(2), asc, vec![0, 1]),
    ] {
        let page = Page { from, to, limit, sort };
        assert_eq!(page.slots(9), expected, "{page:?}");
    }
    let many = Page {
        from: Some(9),
        ..Page::default()
    };
    assert_eq!(many.slots(100), (10..35).collect::<Vec<_>>());
}

#[test]
fn results_reads_the_newest_slot_and_then_each_result_of_the_page() {
    let script = Script::new(&[Some((200, "7")), Some((200, "{\"a\":1}")), Some((200, "{\"b\":2}"))]);
    let page = Page {
        limit: Some(2),
        ..Page::default()
    };
    let results = block_on(node(&script).results(PROCESS, page)).unwrap();
    let texts: Vec<_> = results.iter().map(|(slot, json)| (*slot, json.as_str())).collect();
    assert_eq!(texts, [(7, "{\"a\":1}"), (6, "{\"b\":2}")]);
    assert_eq!(
        script.urls(),
        [
            format!("GET {NODE}/{PROCESS}/slot/current"),
            format!("GET {NODE}/{PROCESS}~process@1.0/compute&slot=7/results?{FORM}"),
            format!("GET {NODE}/{PROCESS}~process@1.0/compute&slot=6/results?{FORM}"),
        ]
    );
}

#[test]
fn anchor_for_a_node_of_september_2025_is_refused_before_anything_is_sent() {
    let script = Script::new(&[Some((200, "{\"slot\":1}"))]);
    let old = node(&script).refusing_anchors(true);
    let anchored = || Message {
        anchor: Some(vec![7; 32]),
        ..message()
    };
    let sent = block_on(old.message(anchored(), &signer(), Delivery::Push));
    assert_eq!(sent.unwrap_err().kind(), ErrorKind::Unsupported);
    // Without a scheduler, the first request is for the address of the node.
    let spawned = block_on(old.spawn(
        SpawnParams {
            anchor: Some(vec![7; 32]),
            ..process()
        },
        &signer(),
    ));
    assert_eq!(spawned.unwrap_err().kind(), ErrorKind::Unsupported);
    assert!(script.urls().is_empty());

    let sent = block_on(node(&script).message(anchored(), &signer(), Delivery::Push));
    assert_eq!(sent.unwrap().known_slot().unwrap(), 1);
}

#[test]
fn response_without_a_slot_is_an_error_that_has_the_id_if_the_slot_is_asked_for() {
    let script = Script::new(&[Some((200, "{\"body\":\"x\"}"))]);
    let sent = block_on(node(&script).message(message(), &signer(), Delivery::Schedule)).unwrap();
    let error = sent.known_slot().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    let names: Vec<_> = error.details().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["id", "body"]);
}
