//! Messenger, scheduler and compute unit of a local network.

use aoxide::arweave::Id;
use aoxide::local::{Options, Request};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::{
    BEGIN, Store, UNKNOWN, World, add, body_text, count, counter, counting, id, me, module, spawn_from, tag,
};

#[test]
fn messages_get_slots_and_a_hash_chain() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    let mut sent = vec![process.clone()];
    for number in ["1", "2", "3"] {
        sent.push(world.send(&process, &[("Number", number)], "data"));
        world.wait(10);
    }
    let edges = world.schedule(&process);
    assert_eq!(edges.len(), 4);
    let (mut last, mut chain) = (0, Sha256::digest(id(&process).as_bytes()).to_vec());
    for (nonce, edge) in edges.iter().enumerate() {
        let [message, assignment] = ["message", "assignment"].map(|name| &edge["node"][name]);
        assert_eq!(message["id"], *sent[nonce]);
        assert_eq!(message["owner"]["address"], me());
        assert_eq!(tag(assignment, "Nonce"), Some(&*nonce.to_string()));
        // The assignment of the process's own item has no tag Message.
        assert_eq!(tag(assignment, "Message"), Some(&*sent[nonce]).filter(|_| nonce > 0));
        assert_eq!(tag(assignment, "Process"), Some(&*process));
        assert_eq!(tag(assignment, "Epoch"), Some("0"));
        assert_eq!(tag(assignment, "Type"), Some("Assignment"));
        let timestamp: u64 = tag(assignment, "Timestamp").unwrap().parse().unwrap();
        assert!(timestamp > last && timestamp >= BEGIN, "{timestamp}");
        last = timestamp;
        let hash = Id::from_bytes(chain.clone().try_into().unwrap()).to_string();
        assert_eq!(tag(assignment, "Hash-Chain"), Some(&*hash));
        chain = Sha256::new()
            .chain_update(id(assignment["id"].as_str().unwrap()).as_bytes())
            .chain_update(&chain)
            .finalize()
            .to_vec();
        // aoconnect reads the slot of a sent message from this path.
        if nonce > 0 {
            let one = world.json(&format!("/su/{}?process-id={process}", sent[nonce]));
            assert_eq!(one["assignment"], *assignment);
        }
        let result = world.result(&process, &sent[nonce]);
        assert_eq!(count(&result), format!("{:03}", nonce + 1));
        assert_eq!(world.result(&process, &nonce.to_string()), result);
    }
    let latest = world.json(&format!("/su/{process}/latest"));
    assert_eq!(latest["message"]["id"], *sent[3]);
    let shown = world.json(&format!("/su/processes/{process}"));
    assert_eq!(shown["process_id"], *process);
    assert_eq!(tag(&shown, "Module"), Some(&*module));
    assert_eq!(world.json("/su/timestamp")["block_height"], "000001429160");
    let root = world.json(&format!("/su?process-id={process}"));
    assert_eq!(root["address"], world.network.address().to_string());
}

#[test]
fn schedules_are_read_page_by_page() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    let sent: Vec<String> = (0..7)
        .map(|n| world.send(&process, &[("N", &n.to_string())], ""))
        .collect();
    // Without `from`, the process's own item comes first.
    let (mut seen, mut from) = (Vec::new(), String::new());
    loop {
        let page = world.json(&format!(
            "/su/{process}?process-id={process}{from}&to=undefined&limit=3"
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
        from = format!("&from={}", edges.last().unwrap()["cursor"].as_str().unwrap());
    }
    assert_eq!(seen[0], process);
    assert_eq!(seen[1..], sent);
    let none = world.json(&format!("/su/{process}?process-id={process}&from={}", u64::MAX));
    assert!(none["edges"].as_array().unwrap().is_empty());
}

#[test]
fn results_are_read_page_by_page_in_both_directions() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
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
fn a_message_that_is_sent_twice_is_refused_and_evaluated_once() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    let item = world.message(&process, &[], "once").into_bytes();
    assert_eq!(world.fetch(Request::post("/mu", item.clone())).status, 202);
    for (path, status) in [("/mu", 500), ("/su", 400)] {
        let again = world.fetch(Request::post(path, item.clone()));
        assert_eq!(again.status, status);
        assert!(
            body_text(&again).contains("Message already exists"),
            "{}",
            body_text(&again)
        );
    }
    assert_eq!(world.results(&process).len(), 2);
}

#[test]
fn messages_of_a_process_are_signed_and_delivered() {
    let (mut world, module) = counting();
    let target = spawn_from(&mut world, &module, &[]);
    let sender_module = add(&mut world, &counter(Some(&target)));
    let sender = spawn_from(&mut world, &sender_module, &[]);
    let root = world.send(&sender, &[], "");
    let edges = world.schedule(&target);
    assert_eq!(edges.len(), 3);
    let pushed = &edges[2]["node"]["message"];
    let expected = [
        ("Action", "Ping"),
        ("N", "7"),
        ("Data-Protocol", "ao"),
        ("Type", "Message"),
        ("From-Process", &sender),
        ("From-Module", &sender_module),
        ("Pushed-For", &root),
    ]
    .map(|(name, value)| json!({ "name": name, "value": value }));
    assert_eq!(pushed["tags"], json!(expected));
    assert_eq!(pushed["owner"]["address"], world.network.address().to_string());
    let raw = world.get(&format!("/raw/{}", pushed["id"].as_str().unwrap()));
    assert_eq!(raw.body, b"x");
    // A message to a wallet is found at the gateway.
    let wallet = add(&mut world, &counter(Some(UNKNOWN)));
    let process = spawn_from(&mut world, &wallet, &[]);
    let report = world.json(&format!("/mu/pushed/{process}?process-id={process}"));
    let sent = report["pushed"][0]["id"].as_str().unwrap().to_owned();
    let query = json!({ "query": "query($to: [String!]) { transactions(recipients: $to, first: 5) { edges { node { id tags { name value } } } } }",
                        "variables": { "to": [UNKNOWN] } });
    let found = world.fetch(Request::post("/graphql", query.to_string()));
    let found: Value = serde_json::from_slice(&found.body).unwrap();
    assert_eq!(found["data"]["transactions"]["edges"][0]["node"]["id"], sent, "{found}");
}

#[test]
fn an_endless_cascade_is_stopped_and_reported() {
    let options = Options {
        cascade: 20,
        ..Options::default()
    };
    let mut world = World::open(Store::default(), options);
    let nowhere = add(&mut world, &counter(None));
    let first = spawn_from(&mut world, &nowhere, &[]);
    let doubling = format!(r#"{{"Target":"{first}","Tags":[],"Data":""}}"#);
    let sent = vec![doubling; 30].join(",");
    let flood = module(&format!(
        r#"{{"ok":true,"response":{{"Output":{{"data":"000"}},"Messages":[{sent}]}}}}"#
    ));
    let flood = add(&mut world, &flood);
    let flood = spawn_from(&mut world, &flood, &[]);
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
    // The limit applies to each cascade separately.
    world.send(&first, &[], "");
    assert_eq!(world.results(&first).len(), 22);
}

/// An assignment belongs to the cascade of the message that caused it, and not to the cascade of the assigned message.
#[test]
fn an_endless_cascade_of_assignments_is_stopped() {
    let options = Options {
        cascade: 10,
        ..Options::default()
    };
    let mut world = World::with(options);
    let sender = world.spawn(&[]);
    let lua = format!(
        r#"Handlers.add("All", function (msg) return msg.Action == "Again" end,
             function (msg) Assign({{ Processes = {{ "{sender}" }}, Message = msg.Id }}) end)"#
    );
    let assigner = world.run(&lua);
    let lua = format!(
        r#"Count = 0
           ao.addAssignable("all", function () return true end)
           Handlers.add("All", function (msg) return msg.Action == "Again" end, function ()
             Count = Count + 1
             if Count < 30 then Send({{ Target = "{assigner}", Action = "Again", Number = tostring(Count) }}) end
           end)"#
    );
    world.eval(&sender, &lua);
    let first = world.send(&sender, &[("Action", "Again")], "");
    let received = world.results(&sender).len();
    assert!((5..20).contains(&received), "{received}");
    // All messages of the cascade carry the id of the first one.
    let edges = world.schedule(&assigner);
    let last = edges.last().unwrap();
    assert_eq!(tag(&last["node"]["message"], "Pushed-For"), Some(&*first));
}

#[test]
fn an_assignment_adds_a_message_to_another_process() {
    let (mut world, module) = counting();
    let [one, other] = [(); 2].map(|()| spawn_from(&mut world, &module, &[("X", "y")]));
    let message = world.send(&one, &[], "shared");
    let mut assign = |unit: &str, more: &str| {
        let path = format!("/{unit}?process-id={other}&assign={message}{more}");
        let response = world.fetch(Request::post(&*path, ""));
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        (response.status, body["id"].as_str().unwrap_or_default().to_owned())
    };
    let (status, assignment) = assign("su", "&exclude=Data,Anchor");
    assert_eq!(status, 200);
    // The messenger refuses `exclude`, which the scheduler accepts. The process has the message already, so a repeated
    // assignment is skipped.
    assert_eq!(assign("mu", "&exclude=Data").0, 500);
    let (status, again) = assign("mu", "");
    assert!(status == 202 && again != assignment);
    assert_eq!(count(&world.result(&other, &assignment)), "002");
    assert_eq!(count(&world.result(&other, &message)), "002");
    assert_eq!(world.result(&other, &again)["Output"], "");
    let one = world.json(&format!("/su/{assignment}?process-id={other}"));
    let tags = one["assignment"]["tags"].as_array().unwrap();
    let excluded: Vec<&Value> = tags.iter().filter(|tag| tag["name"] == "Exclude").collect();
    assert_eq!(
        excluded,
        [
            &json!({ "name": "Exclude", "value": "Data" }),
            &json!({ "name": "Exclude", "value": "Anchor" })
        ]
    );
    assert_eq!(one["message"], Value::Null);
}

#[test]
fn crons_tick_while_the_process_is_monitored() {
    let (mut world, module) = counting();
    let tags = [("Cron-Interval", "10-seconds"), ("Cron-Tag-Action", "Tick")];
    let process = spawn_from(&mut world, &module, &tags);
    world.wait(60_000);
    assert_eq!(world.results(&process).len(), 1);
    let monitor = world.sign(Some(&process), &[], b" ").into_bytes();
    let path = format!("/mu/monitor/{process}");
    assert_eq!(world.fetch(Request::post(&*path, monitor.clone())).status, 200);
    assert_eq!(world.results(&process).len(), 1);
    world.wait(25_000);
    assert_eq!(world.results(&process).len(), 3);
    // Ticks have no slots, so the schedule does not show them.
    let message = world.send(&process, &[], "");
    assert_eq!(world.schedule(&process).len(), 2);
    assert_eq!(count(&world.result(&process, &message)), "004");
    assert_eq!(count(&world.result(&process, "1")), "004");
    // After a year, only some of the missed ticks are caught up on.
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
