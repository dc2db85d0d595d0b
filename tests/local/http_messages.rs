//! Signed HTTP requests: the messages that processes get, and requests that are refused.

use aoxide::httpsig::{Dialect, Encoded, Message, SignedMessage, Value as Field};
use aoxide::local::{Options, Request, Response};
use aoxide::platform::Storage;
use aoxide::signer::{KeySigner, MessageSigner};
use pollster::block_on;
use serde_json::{Value, json};

use super::support::{
    AOS, BEGIN, Counter, Store, UNKNOWN, World, added, body_text, count, counting, id, key, me, spawn_from, tag,
};

const USUAL: [(&str, &str); 3] = [("data-protocol", "ao"), ("type", "Message"), ("variant", "ao.N.1")];

fn fields(texts: &[(&str, &str)]) -> Message {
    texts.iter().map(|(name, text)| (*name, Field::from(*text))).collect()
}

fn sign(message: &Message, dialect: Dialect) -> SignedMessage {
    let signer = KeySigner::new(key(), Counter::default());
    block_on(signer.sign_message(Encoded::new(message, dialect).unwrap())).unwrap()
}

fn request(path: &str, signed: &SignedMessage) -> Request {
    Request {
        headers: signed.headers.to_text().collect(),
        ..Request::post(path, signed.body.clone().unwrap_or_default())
    }
}

fn refused(response: &Response, why: &str) {
    assert_eq!(response.status, 400, "{}", body_text(response));
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    assert!(body["reason"].as_str().unwrap().contains(why), "{body}");
}

fn slot(world: &mut World, process: &str) -> String {
    body_text(&world.get(&format!("/{process}/slot/current")))
}

#[test]
fn signed_http_messages_spawn_and_push_in_both_dialects() {
    for dialect in [Dialect::November2025, Dialect::September2025] {
        let mut world = World::new();
        let address = world.network.address().to_string();
        let spawn = [
            ("device", "process@1.0"),
            ("module", AOS),
            ("scheduler", &*address),
            ("data-protocol", "ao"),
            ("type", "Process"),
        ];
        let spawned = sign(&fields(&spawn), dialect);
        let reply = world.fetch(request("/push", &spawned));
        assert_eq!(reply.status, 200, "{}", body_text(&reply));
        let process = reply.header("process").unwrap().to_owned();
        assert_eq!(process, spawned.id.to_string());
        let options = [("require-codec", "application/json"), ("accept-bundle", "true")];
        let eval = [("action", "Eval"), ("target", &*process), ("data", "return 6 * 7")];
        let message = sign(&fields(&added(&added(&eval, &options), &USUAL)), dialect);
        let reply = world.fetch(request(&format!("/{process}~process@1.0/push"), &message));
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((&body["slot"], &body["data"]), (&json!(1), &json!("42")), "{body}");
        // Legacy units find it by its id too.
        assert_eq!(world.result(&process, &message.id.to_string())["Output"]["data"], "42");
        // The same request takes another slot.
        let again = world.fetch(request(&format!("/{process}~process@1.0/schedule"), &message));
        assert_eq!(again.header("slot"), Some("2"));
        assert_eq!(world.results(&process).len(), 3);
    }
}

#[test]
fn the_module_gets_the_fields_as_text_tags_in_title_case() {
    for dialect in [Dialect::November2025, Dialect::September2025] {
        the_module_gets_text_tags(dialect);
    }
}

fn the_module_gets_text_tags(dialect: Dialect) {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    let mut message = fields(&added(
        &[
            ("action", "Set"),
            ("data", "said"),
            ("target", &process),
            ("r-s_t", "x"),
        ],
        &USUAL,
    ));
    message.set("count", Field::Integer(3));
    message.set("half", Field::Float(1.5));
    message.set("yes", Field::flag(true));
    message.set("list", Field::List(vec!["a".into(), Field::Integer(2)]));
    let nest = [("a", "x".into()), ("n", Field::Integer(1)), ("t", Field::flag(false))];
    message.set("nest", Field::Map(nest.into_iter().collect()));
    message.set("long", "x".repeat(5000).as_str().into());
    let signed = sign(&message, dialect);
    let reply = world.fetch(request(&format!("/{process}~process@1.0/schedule"), &signed));
    assert_eq!(reply.status, 200, "{}", body_text(&reply));
    let (input, _) = block_on(world.network.module_input(&id(&process), 1)).unwrap();
    let input: Value = serde_json::from_str(&input).unwrap();
    for (name, value) in [
        ("Id", signed.id.to_string()),
        ("Data", "said".into()),
        ("Owner", me()),
        ("Target", process.clone()),
    ] {
        assert_eq!(input[name], value, "{input}");
    }
    for (name, value) in [
        ("Action", "Set"),
        ("Type", "Message"),
        ("Data-Protocol", "ao"),
        ("R-S_t", "x"),
        ("Count", "3"),
        ("Half", "1.5"),
        ("Yes", "true"),
        ("List", r#"["a",2]"#),
        ("Nest", r#"{"a":"x","n":1,"t":false}"#),
        ("Long", &"x".repeat(5000)),
    ] {
        assert_eq!(tag(&input, name), Some(value), "{input}");
    }
    let names: Vec<&str> = input["Tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    let written = [
        "Ao-Types",
        "Content-Digest",
        "Content-Type",
        "Signature",
        "Signature-Input",
        "Ao-Ids",
        "Target",
    ];
    assert!(written.iter().all(|name| !names.contains(name)), "{names:?}");
}

#[test]
fn fields_that_the_signature_does_not_cover_are_dropped() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    let at = format!("/{process}~process@1.0/schedule");
    let message = fields(&added(
        &[("action", "Set"), ("data", "said"), ("target", &process)],
        &USUAL,
    ));
    let signed = sign(&message, Dialect::September2025);
    let whole = request(&at, &signed);
    let mut more = whole.clone();
    more.headers.push(("x-added".into(), "by a stranger".into()));
    assert_eq!(world.fetch(more).status, 200);
    let (input, _) = block_on(world.network.module_input(&id(&process), 1)).unwrap();
    assert!(!input.contains("stranger") && !input.contains("X-Added"), "{input}");

    let changed = |name: &str, value: &str| {
        let mut changed = whole.clone();
        for header in changed.headers.iter_mut().filter(|(key, _)| key == name) {
            header.1 = value.into();
        }
        changed
    };
    refused(&world.fetch(changed("action", "Get")), "not valid");
    refused(&world.fetch(changed("signature-input", "nonsense")), "not valid");
    refused(&world.fetch(changed("signature", "comm-x=:AAAA:")), "not valid");
    let mut body = whole.clone();
    body.body = b"else".to_vec();
    refused(&world.fetch(body), "not valid");
    let without = |names: &[&str]| {
        let mut without = whole.clone();
        without.headers.retain(|(name, _)| !names.contains(&name.as_str()));
        without
    };
    refused(&world.fetch(without(&["signature"])), "not valid");
    refused(&world.fetch(without(&["signature", "signature-input"])), "");
    // Nodes ignore signatures with this label.
    let mut label = whole.clone();
    for header in &mut label.headers {
        header.1 = header.1.replace("comm-", "sig-");
    }
    refused(&world.fetch(label), "comm-");
    // These fields have another meaning for a node.
    let body = sign(&fields(&[("body", "x"), ("target", &process)]), Dialect::September2025);
    refused(&world.fetch(request(&at, &body)), "body");
    let unknown = sign(&fields(&[("action", "x"), ("target", UNKNOWN)]), Dialect::September2025);
    assert_eq!(world.fetch(request(&at, &unknown)).status, 404);
    assert_eq!(slot(&mut world, &process), "1");
}

/// The network has no such process. The status 404 shows that the signature was accepted before.
#[test]
fn recorded_requests_that_a_node_accepted_are_accepted() {
    let (mut world, _) = counting();
    let mut verified = 0;
    for recorded in super::node_recording::recordings().values() {
        let is_signed = recorded
            .request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("signature-input"));
        if recorded.group != "httpsig"
            || recorded.request.method != "POST"
            || !is_signed
            || recorded.reply.status != 200
        {
            continue;
        }
        let body = recorded.request.bytes();
        let request = Request {
            headers: recorded.request.headers.clone(),
            ..Request::post("/push", body)
        };
        let reply = world.fetch(request.clone());
        assert_eq!(reply.status, 404, "{}: {}", recorded.id, body_text(&reply));
        assert!(
            body_text(&reply).contains("There is no process"),
            "{}: {}",
            recorded.id,
            body_text(&reply)
        );
        let mut changed = request;
        for header in changed
            .headers
            .iter_mut()
            .filter(|(name, _)| name.eq_ignore_ascii_case("action"))
        {
            header.1.push('x');
        }
        refused(&world.fetch(changed), "not valid");
        verified += 1;
    }
    assert!(verified >= 20, "only {verified} recordings");
}

#[test]
fn a_signed_http_message_is_never_served_as_an_item() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    let message = fields(&added(
        &[("action", "Set"), ("data", "said"), ("target", &process)],
        &USUAL,
    ));
    let signed = sign(&message, Dialect::November2025);
    let id = signed.id.to_string();
    let reply = world.fetch(request(&format!("/{process}~process@1.0/schedule"), &signed));
    assert_eq!(reply.status, 200, "{}", body_text(&reply));
    for path in [
        format!("/raw/{id}"),
        format!("/{id}"),
        format!("/tx/{id}"),
        format!("/{id}?require-codec=ans104@1.0"),
    ] {
        assert_eq!(world.get(&path).status, 404, "{path}");
    }
    let query = format!(
        r#"{{ transaction(id: "{id}") {{ id }} transactions(tags: [{{ name: "Action", values: ["Set"] }}]) {{ edges {{ node {{ id }} }} }} }}"#
    );
    let found = world.fetch(Request::post("/graphql", json!({ "query": query }).to_string()));
    let found: Value = serde_json::from_slice(&found.body).unwrap();
    assert_eq!(
        found["data"],
        json!({ "transaction": null, "transactions": { "edges": [] } })
    );
    // Its fields can be read. The response does not mention signatures.
    let read = world.json(&format!("/{id}?require-codec=application/json&accept-bundle=true"));
    let expected = json!({ "action": "Set", "data": "said", "data-protocol": "ao", "status": 200, "target": process,
        "type": "Message", "variant": "ao.N.1" });
    assert_eq!(read, expected);
    let edges = world.schedule(&process);
    assert_eq!(edges[1]["node"]["message"]["id"], id);
    assert_eq!(edges[1]["node"]["message"]["signature"], "");
    let edges = world.json(&format!("/{process}~process@1.0/schedule?accept=application/aos-2"));
    let shown = &edges["edges"][1]["node"]["message"];
    assert_eq!(
        (&shown["Id"], &shown["Signature"], &shown["Owner"]),
        (&json!(id), &json!(""), &json!(me()))
    );
    // It cannot be assigned to another process.
    let other = spawn_from(&mut world, &module, &[("Other", "")]);
    let assigned = world.fetch(Request::post(format!("/su?process-id={other}&assign={id}"), ""));
    assert_eq!(assigned.status, 400, "{}", body_text(&assigned));
}

#[test]
fn a_stored_http_message_survives_a_restart_and_its_record_is_verified() {
    let store = Store::default();
    let mut world = World::open(store.clone(), Options::default());
    let module = super::support::add(&mut world, &super::support::counter(None));
    let process = spawn_from(&mut world, &module, &[]);
    let message = fields(&added(
        &[("action", "Set"), ("data", "said"), ("target", &process)],
        &USUAL,
    ));
    let signed = sign(&message, Dialect::September2025);
    world.fetch(request(&format!("/{process}~process@1.0/schedule"), &signed));
    // The network is closed before it evaluates the message.
    drop(world);
    let mut world = World::open_at(store.clone(), Options::default(), BEGIN + 1);
    let result = world.json(&format!("/cu/result/{}?process-id={process}", signed.id));
    assert_eq!(count(&result), "002");
    let records = block_on(world.network.records()).unwrap();
    let name = format!("http/{}", signed.id);
    assert!(records.contains(&name));
    assert_eq!(block_on(world.network.damaged(&records)).unwrap(), []);
    // The record is changed, and its checksum fits: first the signed body, then the item that is made from it.
    let whole = block_on(store.get(&name)).unwrap().unwrap();
    for place in [b"said".as_slice(), b"Set"] {
        let places = whole
            .windows(place.len())
            .enumerate()
            .filter(|(_, bytes)| *bytes == place);
        for (at, _) in places {
            let mut record = whole.clone();
            record[at] ^= 1;
            let sum = crc32(&record[4..]);
            record[..4].copy_from_slice(&sum.to_le_bytes());
            block_on(store.put(&name, &record)).unwrap();
            let damaged = block_on(world.network.damaged(&records)).unwrap();
            assert_eq!(damaged.len(), 1, "byte {at}");
            assert_eq!(damaged[0].0, name);
        }
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (!(sum & 1)).wrapping_add(1))
        })
    })
}
