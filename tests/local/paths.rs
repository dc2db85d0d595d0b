//! The paths of gateways and HyperBEAM nodes.

use aoxide::ans104::DataItem;
use aoxide::local::{Options, Request};
use serde_json::{Value, json};

use super::support::{Store, UNKNOWN, World, body_text, count, counter, counting, me, spawn_from, tag};

#[test]
fn modules_are_uploaded_as_items_and_found_by_searches() {
    let mut world = World::open(Store::default(), Options::default());
    let tags = [
        ("Data-Protocol", "ao"),
        ("Type", "Module"),
        ("Module-Format", "wasm32-unknown-unknown"),
        ("Input-Encoding", "JSON-V1"),
        ("Output-Encoding", "JSON-V1"),
        ("Content-Type", "application/wasm"),
    ];
    let item = world.sign(None, &tags, &counter(None));
    let module = item.id().to_string();
    assert_eq!(world.fetch(Request::post("/tx", item.into_bytes())).status, 200);
    let process = spawn_from(&mut world, &module, &[]);
    assert_eq!(count(&world.result(&process, "0")), "001");
    let raw = world.get(&format!("/{module}"));
    assert_eq!(
        (raw.status, raw.header("content-type")),
        (200, Some("application/wasm"))
    );
    assert_eq!(raw.body, counter(None));
    // aoconnect sends this query before a spawn.
    let query = json!({ "query": "query GetTransactions($transactionIds: [ID!]!) { transactions(ids: $transactionIds) { edges { node { owner { address } tags { name value } block { id height timestamp } } } } }",
                        "variables": { "transactionIds": [module] } });
    let answer = world.fetch(Request::post("/graphql", query.to_string()));
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let node = &answer["data"]["transactions"]["edges"][0]["node"];
    assert_eq!(tag(node, "Type"), Some("Module"), "{answer}");
    assert_eq!(node["owner"], json!({ "address": me() }));
    assert!(node["block"]["height"].is_u64());
    // aoconnect finds the scheduler of a process with this query.
    let query = json!({ "query": "query($owner: String!) { transactions(owners: [$owner], first: 1, sort: HEIGHT_DESC, tags: [{ name: \"Data-Protocol\", values: [\"ao\"] }, { name: \"Type\", values: [\"Scheduler-Location\"] }]) { edges { node { tags { name value } } } } }",
                        "variables": { "owner": UNKNOWN } });
    let answer = world.fetch(Request::post("/graphql", query.to_string()));
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let node = &answer["data"]["transactions"]["edges"][0]["node"];
    assert_eq!(tag(node, "Url"), Some("http://localhost/su"), "{answer}");
    // The tag Module names a process.
    let refused = world.try_spawn(&process, &[], b"");
    assert_eq!(refused.status, 404);
    assert!(
        body_text(&refused).contains("was not found on module"),
        "{}",
        body_text(&refused)
    );
}

#[test]
fn node_paths_spawn_push_schedule_and_read() {
    let (mut world, module) = counting();
    let address = world.network.address().to_string();
    assert_eq!(body_text(&world.get("/~meta@1.0/info/address")), address);
    let tags = [
        ("device", "process@1.0"),
        ("Scheduler", &*address),
        ("Module", &*module),
        ("Data-Protocol", "ao"),
        ("Type", "Process"),
        ("Variant", "ao.N.1"),
    ];
    let item = world.sign(None, &tags, b"1984").into_bytes();
    let spawned = world.fetch(Request::post("/push", item));
    assert_eq!(spawned.status, 200, "{}", body_text(&spawned));
    let process = spawned.header("process").unwrap().to_owned();
    let item = world.message(&process, &[], "1984").into_bytes();
    let pushed = world.fetch(Request::post(format!("/{process}~process@1.0/push"), item));
    assert_eq!(pushed.header("slot"), Some("1"));
    let body: Value = serde_json::from_slice(&pushed.body).unwrap();
    assert_eq!((&body["slot"], &body["data"]), (&json!(1), &json!("002")));
    let inner: Value = serde_json::from_str(body["json"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(count(&inner), "002");
    let item = world.message(&process, &[], "scheduled only").into_bytes();
    let scheduled = world.fetch(Request::post(format!("/{process}~process@1.0/schedule"), item));
    assert_eq!(scheduled.header("slot"), Some("2"));
    assert_eq!(body_text(&world.get(&format!("/{process}/slot/current"))), "2");
    for (path, place, expected) in [
        (
            "compute/results=1?require-codec=application/json&accept-bundle=true",
            "/body/data",
            "003",
        ),
        (
            "compute&slot=1/results?require-codec=application/json",
            "/body/data",
            "002",
        ),
        (
            "compute/results?slot=1&require-codec=application/json",
            "/body/data",
            "002",
        ),
        ("compute=1/results?require-codec=application/json", "/body/data", "002"),
        ("compute&slot=0/results/~json@1.0/serialize", "/data", "001"),
        ("compute&slot=0/results/serialize~json@1.0", "/data", "001"),
        ("compute?slot=2", "/results/data", "003"),
        ("now", "/results/data", "003"),
    ] {
        let body = world.json(&format!("/{process}~process@1.0/{path}"));
        assert_eq!(body.pointer(place), Some(&json!(expected)), "{path}: {body}");
    }
    let slot = world.json(&format!("/{process}~process@1.0/slot"));
    assert_eq!(slot["current"], 2);
    let schedule = world.json(&format!("/{process}~process@1.0/schedule?from=1&to=2"));
    assert_eq!(schedule["assignments"].as_object().unwrap().len(), 2);
    assert_eq!(schedule["assignments"]["2"]["body"]["data"], "scheduled only");
    let edges = world.json(&format!(
        "/~scheduler@1.0/schedule?target={process}&accept=application/aos-2"
    ));
    assert_eq!(edges["edges"].as_array().unwrap().len(), 3);
    let preview = Request::post(format!("/{process}~process@1.0/as=execution/compute&Action=Get"), "");
    let preview: Value = serde_json::from_slice(&world.fetch(preview).body).unwrap();
    assert_eq!(preview["results"]["data"], "004", "{preview}");
    assert_eq!(
        body_text(&world.get(&format!("/{process}~process@1.0/now/at-slot"))),
        "2"
    );
}

#[test]
fn a_message_is_pushed_without_its_process_in_the_path() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    for (slot, path) in [(1, "/push"), (2, "/~process@1.0/push"), (3, "/push")] {
        let item = world.message(&process, &[("N", path)], &slot.to_string()).into_bytes();
        let pushed = world.fetch(Request::post(path, item));
        assert_eq!(
            pushed.header("slot"),
            Some(&*slot.to_string()),
            "{}",
            body_text(&pushed)
        );
        assert_eq!(pushed.header("process"), Some(&*process));
        let body: Value = serde_json::from_slice(&pushed.body).unwrap();
        assert_eq!(body["data"], format!("{:03}", slot + 1));
    }
}

#[test]
fn the_gateway_finds_assignments_and_serves_items_as_signed() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    let message = world.send(&process, &[], "data");
    let edges = world.schedule(&process);
    let id = edges[1]["node"]["assignment"]["id"].as_str().unwrap().to_owned();
    // Clients search for an assignment by process and nonce.
    let query = format!(
        r#"{{ transactions(tags: [{{ name: "Type", values: ["Assignment"] }}, {{ name: "Process", values: ["{process}"] }},
            {{ name: "Nonce", values: ["1"] }}]) {{ edges {{ node {{ id anchor owner {{ address }} }} }} }} }}"#
    );
    let found = world.fetch(Request::post("/graphql", json!({ "query": query }).to_string()));
    let found: Value = serde_json::from_slice(&found.body).unwrap();
    let found = found["data"]["transactions"]["edges"].as_array().unwrap().clone();
    assert_eq!(found.len(), 1, "{found:?}");
    let node = &found[0]["node"];
    assert_eq!(node["id"], *id);
    assert_eq!(node["owner"]["address"], world.network.address().to_string());
    for id in [&id, &message, &process] {
        let raw = world.get(&format!("/{id}?require-codec=ans104@1.0"));
        assert_eq!(
            (raw.status, raw.header("content-type")),
            (200, Some("application/ans104"))
        );
        let item = DataItem::parse(raw.body).unwrap();
        assert!(item.verify(true).valid);
        assert_eq!(item.id().to_string(), *id);
    }
    let anchor = DataItem::parse(world.get(&format!("/{id}?require-codec=ans104@1.0")).body).unwrap();
    assert_eq!(anchor.head().anchor().len(), 32);
}
