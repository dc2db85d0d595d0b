//! Durability: earlier states can be restored, and acknowledged messages survive failures of the store.

use aoxide::ans104::DataItem;
use aoxide::arweave::Id;
use aoxide::local::{DirectoryStorage, Options, Request};
use pollster::block_on;
use serde_json::{Value, json};

use super::support::{
    BEGIN, Counter, Store, UNKNOWN, World, add, body_text, count, counter, counting, me, module, spawn_from,
};

#[test]
fn dryruns_and_forks_start_from_any_earlier_slot() {
    let options = Options {
        snapshot_every: 5,
        snapshots: 3,
        live: 1,
        ..Options::default()
    };
    let mut world = World::open(Store::default(), options);
    let module = add(&mut world, &counter(None));
    let process = spawn_from(&mut world, &module, &[]);
    let other = spawn_from(&mut world, &module, &[("Other", "")]);
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
    // A fork continues from that slot, and the process is not affected.
    let response = world.fetch(Request::post(format!("/cu/fork/{process}?slot=9"), ""));
    assert_eq!(response.status, 201, "{}", body_text(&response));
    let fork: Value = serde_json::from_slice(&response.body).unwrap();
    let fork = fork["id"].as_str().unwrap().to_owned();
    assert_eq!(count(&world.evaluate(&fork, &[], "")), "011");
    assert_eq!(count(&world.evaluate(&process, &[("A", "")], "")), "025");
    assert_eq!(count(&world.evaluate(&fork, &[("B", "")], "")), "012");
    // Compute units take a time there, in milliseconds.
    let now = world.get(&format!("/cu/state/{process}"));
    let newest = now.header("last-timestamp").unwrap().to_owned();
    assert_eq!(now.header("last-ordinate"), Some("24"));
    let state = world.get(&format!("/cu/state/{process}?to={newest}"));
    assert_eq!(state.header("content-encoding"), Some("gzip"));
    assert_eq!(state.header("last-ordinate"), Some("24"));
    let before = newest.parse::<u64>().unwrap() - 1;
    let state = world.get(&format!("/cu/state/{process}?to={before}"));
    assert_ne!(state.header("last-ordinate"), Some("24"));
    let state = world.get(&format!("/cu/state/{process}?to=3"));
    assert_eq!(state.status, 404, "{}", body_text(&state));
}

/// Acknowledged messages are there once and in order, and nothing is delivered twice.
#[test]
fn a_store_that_fails_at_any_write_loses_no_acknowledged_message() {
    let (first, quiet) = counting();
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
                // The store works again, with or without a restart of the network. The client got no success, so it sends again.
                store.writes.set(None);
                if breaks % 2 == 0 {
                    world = open().unwrap();
                }
                let again = world.fetch(Request::post("/mu", item.clone()));
                let arrived = body_text(&again).contains("Message already exists");
                assert!(again.status == 202 || arrived, "{}", body_text(&again));
            }
        }
        if let Err(error) = block_on(world.network.settle()) {
            broke = true;
            assert!(error.message().contains("write failed"));
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

/// The child is spawned once, and its parent gets one message about it.
#[test]
fn a_store_that_fails_at_any_write_makes_no_second_child() {
    let (first, quiet) = counting();
    let spawns = format!(r#""Spawns":[{{"Tags":[{{"name":"Module","value":"{quiet}"}}],"Data":"1984"}}]"#);
    let parent = module(&format!(
        r#"{{"ok":true,"response":{{"Output":{{"data":"000"}},{spawns}}}}}"#
    ));
    let item = first.sign(None, &process_tags(&Id::of(&parent).to_string()), b"parent");
    let process = item.id().to_string();
    // The parent spawns again on the message about its child. The limit of the cascade stops that.
    let options = Options {
        cascade: 1,
        ..Options::default()
    };
    let random = Counter::default();
    for breaks in 0.. {
        let store = Store::default();
        let open = || World::try_open(store.clone(), options.clone(), BEGIN, random.clone());
        let mut world = open().unwrap();
        for module in [counter(None), parent.clone()] {
            add(&mut world, &module);
        }
        let sent = world.fetch(Request::post("/mu", item.as_bytes()));
        assert_eq!(sent.status, 202, "{}", body_text(&sent));
        store.writes.set(Some(breaks));
        let broke = block_on(world.network.settle()).is_err();
        store.writes.set(None);
        world = open().unwrap();
        let edges = world.schedule(&process).len();
        assert_eq!(edges, 2, "after {breaks} writes");
        let processes = world.json("/~scheduler@1.0/status")["processes"]
            .as_array()
            .unwrap()
            .len();
        assert_eq!(processes, 2, "after {breaks} writes");
        if !broke {
            assert!(breaks > 10, "{breaks}");
            break;
        }
    }
}

fn process_tags(module: &str) -> [(&str, &str); 5] {
    [
        ("Data-Protocol", "ao"),
        ("Variant", "ao.TN.1"),
        ("Type", "Process"),
        ("Module", module),
        ("Scheduler", UNKNOWN),
    ]
}

#[test]
fn a_folder_can_be_opened_again_and_by_two_networks_at_once() {
    let folder = std::env::temp_dir().join(format!("aoxide-local-{}", std::process::id()));
    let open = || World::open(DirectoryStorage::open(&folder).unwrap().into(), Options::default());
    let mut world = open();
    let module = add(&mut world, &counter(None));
    let process = spawn_from(&mut world, &module, &[]);
    let message = world.send(&process, &[], "kept");
    block_on(world.network.settle()).unwrap();
    block_on(world.network.flush_snapshots()).unwrap();
    assert!(folder.join(format!("kept/snapshot/{process}/0000000002")).exists());
    // A crash of the machine may damage records that can be computed again.
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
    // Two networks on one store: each reads the entries of the other, and neither takes the other's slot.
    for n in 0..3 {
        world.send(&process, &[("One", &n.to_string())], "");
        again.send(&process, &[("Other", &n.to_string())], "");
    }
    let counts = |world: &mut World| -> Vec<String> {
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
