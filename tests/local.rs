//! The units of a local network: what they answer, and what becomes of it when something breaks.
#![cfg(not(target_family = "wasm"))]

#[path = "local/support.rs"]
mod support;

use aoxide::ans104::DataItem;
use aoxide::arweave::Id;
use aoxide::local::{DirectoryStorage, Options, Request};
use pollster::block_on;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{BEGIN, Counter, NOBODY, Store, World, add, born, counter, id, me, module, said, tag};

fn world() -> (World, String) {
    let mut world = World::open(Store::default(), Options::default());
    let module = add(&mut world, &counter(None));
    (world, module)
}

fn count(result: &Value) -> &str {
    result["Output"]["data"].as_str().unwrap_or_else(|| panic!("{result}"))
}

#[test]
fn messages_get_slots_and_a_chain_of_hashes() {
    let (mut world, module) = world();
    let process = born(&mut world, &module, &[]);
    let mut sent = vec![process.clone()];
    for number in ["1", "2", "3"] {
        sent.push(world.send(&process, &[("Number", number)], "data"));
        world.wait(10);
    }
    let page = world.json(&format!("/su/{process}"));
    assert_eq!(page["page_info"]["has_next_page"], false);
    let edges = page["edges"].as_array().unwrap();
    assert_eq!(edges.len(), 4);
    let (mut last, mut chain) = (0, Sha256::digest(id(&process).as_bytes()).to_vec());
    for (nonce, edge) in edges.iter().enumerate() {
        let [message, assignment] = ["message", "assignment"].map(|name| &edge["node"][name]);
        assert_eq!(message["id"], *sent[nonce]);
        assert_eq!(message["owner"]["address"], me());
        assert_eq!(tag(assignment, "Nonce"), Some(&*nonce.to_string()));
        assert_eq!(tag(assignment, "Message"), Some(&*sent[nonce]));
        assert_eq!(tag(assignment, "Process"), Some(&*process));
        assert_eq!(tag(assignment, "Epoch"), Some("0"));
        assert_eq!(tag(assignment, "Type"), Some("Assignment"));
        let timestamp: u64 = tag(assignment, "Timestamp").unwrap().parse().unwrap();
        assert!(timestamp > last && timestamp >= BEGIN, "{timestamp}");
        last = timestamp;
        let hash = Id::from_bytes(chain.clone().try_into().unwrap()).to_string();
        assert_eq!(tag(assignment, "Hash-Chain"), Some(&*hash));
        chain = Sha256::new()
            .chain_update(&chain)
            .chain_update(id(&sent[nonce]).as_bytes())
            .finalize()
            .to_vec();
        // Where aoconnect looks for the slot of what it has sent.
        let one = world.json(&format!("/su/{}?process-id={process}", sent[nonce]));
        assert_eq!(one["assignment"], *assignment);
        let result = world.result(&process, &sent[nonce]);
        assert_eq!(count(&result), format!("{:03}", nonce + 1));
        assert_eq!(world.result(&process, &nonce.to_string()), result);
    }
    let latest = world.json(&format!("/su/{process}/latest"));
    assert_eq!(latest["message"]["id"], *sent[3]);
    let shown = world.json(&format!("/su/processes/{process}"));
    assert_eq!(shown["process_id"], *process);
    assert_eq!(tag(&shown, "Module"), Some(&*module));
    assert!(world.json("/su/timestamp")["block_height"].as_u64().unwrap() > 1_400_000);
    let root = world.json(&format!("/su?process-id={process}"));
    assert_eq!(root["address"], world.network.address().to_string());
}

#[test]
fn schedules_are_read_page_by_page() {
    let (mut world, module) = world();
    let process = born(&mut world, &module, &[]);
    let sent: Vec<String> = (0..7)
        .map(|n| world.send(&process, &[("N", &n.to_string())], ""))
        .collect();
    let (mut seen, mut from) = (Vec::new(), "0".to_owned());
    loop {
        let page = world.json(&format!(
            "/su/{process}?process-id={process}&from={from}&to=undefined&limit=3"
        ));
        let edges = page["edges"].as_array().unwrap();
        assert!(edges.len() <= 3);
        seen.extend(
            edges
                .iter()
                .map(|edge| edge["node"]["message"]["id"].as_str().unwrap().to_owned()),
        );
        if page["page_info"]["has_next_page"] == false {
            break;
        }
        from = edges.last().unwrap()["cursor"].as_str().unwrap().into();
    }
    assert_eq!(seen[0], process);
    assert_eq!(seen[1..], sent);
    let none = world.json(&format!("/su/{process}?from={}", u64::MAX));
    assert!(none["edges"].as_array().unwrap().is_empty());
}

#[test]
fn results_are_read_page_by_page_in_both_directions() {
    let (mut world, module) = world();
    let process = born(&mut world, &module, &[]);
    let sent: Vec<String> = (0..6)
        .map(|n| world.send(&process, &[("N", &n.to_string())], ""))
        .collect();
    let page = |world: &mut World, query: &str| {
        let page = world.json(&format!("/cu/results/{process}?{query}"));
        let edges = page["edges"].as_array().unwrap().clone();
        let counts: Vec<String> = edges.iter().map(|edge| count(&edge["node"]).to_owned()).collect();
        let last = edges.last().map(|edge| edge["cursor"].as_str().unwrap().to_owned());
        (
            counts.join(" "),
            last.unwrap_or_default(),
            page["pageInfo"]["hasNextPage"].as_bool().unwrap(),
        )
    };
    let (first, cursor, more) = page(&mut world, "sort=ASC&limit=4");
    assert_eq!((&*first, more), ("001 002 003 004", true));
    let (second, last, more) = page(&mut world, &format!("sort=ASC&limit=4&from={cursor}"));
    assert_eq!((&*second, more), ("005 006 007", false));
    let (back, ..) = page(&mut world, &format!("sort=DESC&limit=2&from={last}"));
    assert_eq!(back, "006 005");
    let (between, ..) = page(&mut world, &format!("from={}&to={}", sent[0], sent[2]));
    assert_eq!(between, "003 004");
    assert_eq!(page(&mut world, "").0, "001 002 003 004 005 006 007");
}

#[test]
fn the_same_message_is_one_message() {
    let (mut world, module) = world();
    let process = born(&mut world, &module, &[]);
    let item = world.message(&process, &[], "once").into_bytes();
    for _ in 0..3 {
        assert_eq!(world.fetch(Request::post("/mu", item.clone())).status, 202);
    }
    assert_eq!(world.results(&process).len(), 2);
}

#[test]
fn what_a_process_sends_is_delivered_and_signed() {
    let (mut world, module) = world();
    let target = born(&mut world, &module, &[]);
    let sender_module = add(&mut world, &counter(Some(&target)));
    let sender = born(&mut world, &sender_module, &[]);
    let root = world.send(&sender, &[], "");
    let page = world.json(&format!("/su/{target}"));
    let edges = page["edges"].as_array().unwrap();
    assert_eq!(edges.len(), 3);
    let pushed = &edges[2]["node"]["message"];
    let expected = [
        ("Action", "Ping"),
        ("N", "7"),
        ("Data-Protocol", "ao"),
        ("Type", "Message"),
        ("Variant", "ao.TN.1"),
        ("From-Process", &sender),
        ("From-Module", &sender_module),
        ("Pushed-For", &root),
    ]
    .map(|(name, value)| json!({ "name": name, "value": value }));
    assert_eq!(pushed["tags"], json!(expected));
    assert_eq!(pushed["owner"]["address"], world.network.address().to_string());
    let raw = world.get(&format!("/raw/{}", pushed["id"].as_str().unwrap()));
    assert_eq!(raw.body, b"x");
    // To a wallet: it is found at the gateway.
    let wallet = add(&mut world, &counter(Some(NOBODY)));
    let process = born(&mut world, &wallet, &[]);
    let report = world.json(&format!("/mu/pushed/{process}?process-id={process}"));
    let sent = report["pushed"][0]["id"].as_str().unwrap().to_owned();
    let query = json!({ "query": "query($to: [String!]) { transactions(recipients: $to, first: 5) { edges { node { id tags { name value } } } } }",
                        "variables": { "to": [NOBODY] } });
    let found = world.fetch(Request::post("/graphql", query.to_string()));
    let found: Value = serde_json::from_slice(&found.body).unwrap();
    assert_eq!(found["data"]["transactions"]["edges"][0]["node"]["id"], sent, "{found}");
}

#[test]
fn endless_cascades_end_and_are_reported() {
    let options = Options {
        cascade: 20,
        ..Options::default()
    };
    let mut world = World::open(Store::default(), options);
    // Two processes can name each other only when both are there: the second is told whom to answer by an assignment.
    let nowhere = add(&mut world, &counter(None));
    let first = born(&mut world, &nowhere, &[]);
    let doubling = format!(r#"{{"Target":"{first}","Tags":[],"Data":""}}"#);
    let sent = vec![doubling; 30].join(",");
    let flood = module(&format!(
        r#"{{"ok":true,"response":{{"Output":{{"data":"000"}},"Messages":[{sent}]}}}}"#
    ));
    let flood = add(&mut world, &flood);
    let flood = born(&mut world, &flood, &[]);
    assert_eq!(world.results(&first).len(), 1 + 20);
    let events = world.network.take_events();
    assert_eq!(events.iter().filter(|event| event.what == "cascade stopped").count(), 1);
    let report = world.json(&format!("/mu/pushed/{flood}?process-id={flood}"));
    let refused = report["pushed"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line.get("error").is_some());
    assert_eq!(refused.count(), 10);
    // The next message has room again.
    world.send(&first, &[], "");
    assert_eq!(world.results(&first).len(), 22);
}

#[test]
fn assignments_bring_a_message_to_another_process() {
    let (mut world, module) = world();
    let [one, other] = [(); 2].map(|()| born(&mut world, &module, &[("X", "y")]));
    let message = world.send(&one, &[], "shared");
    let path = format!("/mu?process-id={other}&assign={message}&exclude=Data,Anchor");
    let response = world.fetch(Request::post(&*path, ""));
    assert_eq!(response.status, 202, "{}", said(&response));
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    let assignment = body["id"].as_str().unwrap().to_owned();
    assert_eq!(count(&world.result(&other, &assignment)), "002");
    assert_eq!(count(&world.result(&other, &message)), "002");
    let one = world.json(&format!("/su/{message}?process-id={other}"));
    assert_eq!(tag(&one["assignment"], "Exclude"), Some("Data,Anchor"));
}

#[test]
fn clocks_tick_while_somebody_monitors() {
    let (mut world, module) = world();
    let tags = [("Cron-Interval", "10-seconds"), ("Cron-Tag-Action", "Tick")];
    let process = born(&mut world, &module, &tags);
    world.wait(60_000);
    assert_eq!(world.results(&process).len(), 1);
    let monitor = world.sign(Some(&process), &[], b" ").into_bytes();
    let path = format!("/mu/monitor/{process}");
    assert_eq!(world.fetch(Request::post(&*path, monitor.clone())).status, 200);
    assert_eq!(world.results(&process).len(), 1);
    world.wait(25_000);
    assert_eq!(world.results(&process).len(), 3);
    // Ticks take no slots: a scheduler knows nothing of them.
    let message = world.send(&process, &[], "");
    assert_eq!(
        world.json(&format!("/su/{process}"))["edges"].as_array().unwrap().len(),
        2
    );
    assert_eq!(count(&world.result(&process, &message)), "004");
    assert_eq!(count(&world.result(&process, "1")), "004");
    // Who sleeps for a year makes up for some.
    world.wait(365 * 24 * 3_600_000);
    assert_eq!(world.results(&process).len(), 4 + Options::default().ticks);
    assert!(
        world
            .network
            .take_events()
            .iter()
            .any(|event| event.what == "ticks left out")
    );
    assert_eq!(world.fetch(Request::new("DELETE", &*path, monitor)).status, 200);
    world.wait(100_000);
    assert_eq!(world.results(&process).len(), 4 + Options::default().ticks);
}

#[test]
fn any_earlier_state_can_be_had() {
    let options = Options {
        snapshot_every: 5,
        snapshots: 3,
        live: 1,
        ..Options::default()
    };
    let mut world = World::open(Store::default(), options);
    let module = add(&mut world, &counter(None));
    let process = born(&mut world, &module, &[]);
    let other = born(&mut world, &module, &[("Other", "")]);
    for n in 0..23 {
        world.send(&process, &[("N", &n.to_string())], "");
        if n % 4 == 0 {
            world.send(&other, &[("N", &n.to_string())], "");
        }
    }
    let body = json!({ "Owner": me(), "Tags": [] }).to_string();
    for slot in [0, 4, 5, 6, 13, 23] {
        let path = format!("/cu/dry-run?process-id={process}&to={slot}");
        let response = world.fetch(Request::post(path, body.clone()));
        let preview: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(count(&preview), format!("{:03}", slot + 2));
    }
    assert_eq!(count(&world.results(&other).pop().unwrap()), "007");
    // A fork goes on from there, and the process does not notice.
    let response = world.fetch(Request::post(format!("/cu/fork/{process}?slot=9"), ""));
    assert_eq!(response.status, 201, "{}", said(&response));
    let fork: Value = serde_json::from_slice(&response.body).unwrap();
    let fork = fork["id"].as_str().unwrap().to_owned();
    assert_eq!(count(&world.ask(&fork, &[], "")), "011");
    assert_eq!(count(&world.ask(&process, &[("A", "")], "")), "025");
    assert_eq!(count(&world.ask(&fork, &[("B", "")], "")), "012");
    let state = world.get(&format!("/cu/state/{process}?to=3"));
    assert_eq!(state.header("content-encoding"), Some("gzip"));
    assert_eq!(state.header("last-ordinate"), Some("3"));
}

#[test]
fn modules_and_data_come_as_items() {
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
    let process = born(&mut world, &module, &[]);
    assert_eq!(count(&world.result(&process, "0")), "001");
    let raw = world.get(&format!("/{module}"));
    assert_eq!(
        (raw.status, raw.header("content-type")),
        (200, Some("application/wasm"))
    );
    assert_eq!(raw.body, counter(None));
    // What aoconnect asks before it spawns.
    let query = json!({ "query": "query GetTransactions($transactionIds: [ID!]!) { transactions(ids: $transactionIds) { edges { node { owner { address } tags { name value } block { id height timestamp } } } } }",
                        "variables": { "transactionIds": [module] } });
    let answer = world.fetch(Request::post("/graphql", query.to_string()));
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let node = &answer["data"]["transactions"]["edges"][0]["node"];
    assert_eq!(tag(node, "Type"), Some("Module"), "{answer}");
    assert_eq!(node["owner"], json!({ "address": me() }));
    assert!(node["block"]["height"].is_u64());
    // And where it finds the scheduler of a process.
    let query = json!({ "query": "query($owner: String!) { transactions(owners: [$owner], first: 1, sort: HEIGHT_DESC, tags: [{ name: \"Data-Protocol\", values: [\"ao\"] }, { name: \"Type\", values: [\"Scheduler-Location\"] }]) { edges { node { tags { name value } } } } }",
                        "variables": { "owner": NOBODY } });
    let answer = world.fetch(Request::post("/graphql", query.to_string()));
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let node = &answer["data"]["transactions"]["edges"][0]["node"];
    assert_eq!(tag(node, "Url"), Some("http://localhost/su"), "{answer}");
    // Not a module: a process.
    let refused = world.try_spawn(&process, &[], b"");
    assert_eq!(refused.status, 404);
    assert!(said(&refused).contains("was not found on module"), "{}", said(&refused));
}

#[test]
fn the_paths_of_a_hyperbeam_node() {
    let (mut world, module) = world();
    let address = world.network.address().to_string();
    assert_eq!(said(&world.get("/~meta@1.0/info/address")), address);
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
    assert_eq!(spawned.status, 200, "{}", said(&spawned));
    let process = spawned.header("process").unwrap().to_owned();
    let item = world.message(&process, &[], "1984").into_bytes();
    let pushed = world.fetch(Request::post(format!("/{process}~process@1.0/push"), item));
    assert_eq!(pushed.header("slot"), Some("1"));
    let body: Value = serde_json::from_slice(&pushed.body).unwrap();
    assert_eq!((&body["slot"], count(&body["raw"])), (&json!(1), "002"));
    let inner: Value = serde_json::from_str(body["json"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(inner, body["raw"]);
    let item = world.message(&process, &[], "scheduled only").into_bytes();
    let scheduled = world.fetch(Request::post(format!("/{process}~process@1.0/schedule"), item));
    assert_eq!(scheduled.header("slot"), Some("2"));
    assert_eq!(said(&world.get(&format!("/{process}/slot/current"))), "2");
    for (path, expected) in [
        (
            "compute/results=1?require-codec=application/json&accept-bundle=true",
            "002",
        ),
        ("compute&slot=0/results/~json@1.0/serialize", "001"),
        ("compute?slot=2", "003"),
        ("now", "003"),
    ] {
        let body = world.json(&format!("/{process}~process@1.0/{path}"));
        assert_eq!(count(&body["raw"]), expected, "{path}");
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
    assert_eq!(count(&preview["raw"]), "004");
    assert_eq!(said(&world.get(&format!("/{process}~process@1.0/now/at-slot"))), "2");
}

/// Whatever breaks, and whenever: what was acknowledged is there, once and in order, and nothing is delivered twice.
#[test]
fn a_broken_store_loses_nothing() {
    let (first, quiet) = world();
    let target = first.sign(None, &process_tags(&quiet), b"target");
    let loud = counter(Some(&target.id().to_string()));
    let loud_id = Id::of(&loud).to_string();
    let sender = first.sign(None, &process_tags(&loud_id), b"sender");
    let process = sender.id().to_string();
    let messages: Vec<DataItem> = (0..2)
        .map(|n| first.message(&process, &[("N", &n.to_string())], ""))
        .collect();
    let items: Vec<Vec<u8>> = [target.clone(), sender]
        .into_iter()
        .chain(messages)
        .map(DataItem::into_bytes)
        .collect();

    let random = Counter::default();
    let mut breaks = 0;
    loop {
        let store = Store::default();
        let open = || World::try_open(store.clone(), Options::default(), BEGIN, random.clone());
        let mut world = open().unwrap();
        for module in [counter(None), loud.clone()] {
            add(&mut world, &module);
        }
        store.writes.set(Some(breaks));
        let mut broke = false;
        for item in &items {
            if world.fetch(Request::post("/mu", item.clone())).status != 202 {
                broke = true;
                // The machine comes back, or only its disk does; and so does the client, who was not answered.
                store.writes.set(None);
                if breaks % 2 == 0 {
                    world = open().unwrap();
                }
                assert_eq!(world.fetch(Request::post("/mu", item.clone())).status, 202);
            }
        }
        if let Err(error) = block_on(world.network.settle()) {
            broke = true;
            assert!(error.message().contains("pulled out"));
            store.writes.set(None);
            if breaks % 2 == 0 {
                world = open().unwrap();
            }
        }
        let counts = |world: &mut World, process: &str| -> Vec<String> {
            world
                .results(process)
                .iter()
                .map(|result| count(result).to_owned())
                .collect()
        };
        assert_eq!(
            counts(&mut world, &process),
            ["001", "002", "003"],
            "after {breaks} writes"
        );
        assert_eq!(
            counts(&mut world, &target.id().to_string()),
            ["001", "002", "003", "004"],
            "after {breaks} writes"
        );
        if !broke {
            break;
        }
        breaks += 3;
    }
    assert!(breaks > 20, "{breaks}");
}

fn process_tags(module: &str) -> [(&str, &str); 5] {
    [
        ("Data-Protocol", "ao"),
        ("Variant", "ao.TN.1"),
        ("Type", "Process"),
        ("Module", module),
        ("Scheduler", NOBODY),
    ]
}

#[test]
fn a_folder_holds_a_network() {
    let folder = std::env::temp_dir().join(format!("aoxide-local-{}", std::process::id()));
    let open = || World::open(DirectoryStorage::open(&folder).unwrap(), Options::default());
    let mut world = open();
    let module = add(&mut world, &counter(None));
    let process = born(&mut world, &module, &[]);
    let message = world.send(&process, &[], "kept");
    block_on(world.network.settle()).unwrap();
    block_on(world.network.rest()).unwrap();
    assert!(folder.join(format!("kept/snapshot/{process}/0000000002")).exists());
    // What the crash of a machine may leave of what can be made again.
    for name in [
        "result/PROCESS/0000000001",
        "snapshot/PROCESS/0000000002",
        "pending/PROCESS",
    ] {
        std::fs::create_dir_all(folder.join("kept/pending")).unwrap();
        std::fs::write(folder.join("kept").join(name.replace("PROCESS", &process)), b"\0\0").unwrap();
    }
    let mut again = open();
    assert_eq!(count(&again.result(&process, &message)), "002");
    assert_eq!(again.get(&format!("/raw/{message}")).body, b"kept");
    // Two at once: each sees what came by way of the other, and neither takes the other's slot.
    for n in 0..3 {
        world.send(&process, &[("One", &n.to_string())], "");
        again.send(&process, &[("Other", &n.to_string())], "");
    }
    let counts = |world: &mut World<DirectoryStorage>| -> Vec<String> {
        world
            .results(&process)
            .iter()
            .map(|result| count(result).to_owned())
            .collect()
    };
    let expected: Vec<String> = (1..=8).map(|n| format!("{n:03}")).collect();
    assert_eq!(counts(&mut world), expected);
    assert_eq!(counts(&mut again), expected);
    std::fs::remove_dir_all(&folder).unwrap();
}
