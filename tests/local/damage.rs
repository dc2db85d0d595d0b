//! Damaged records: requests that need them fail, and everything else continues.

use aoxide::local::{Options, Request};
use aoxide::platform::Storage;
use pollster::block_on;

use super::support::{BEGIN, Counter, Store, World, add, body_text, count, counter, spawn_from};

/// A network with two processes, after records of one were damaged.
struct Damaged {
    world: World,
    broken: String,
    intact: String,
}

fn records(store: &Store, prefix: &str) -> Vec<String> {
    block_on(store.names(prefix)).unwrap()
}

/// Flips one bit in the middle of a record.
fn damage(store: &Store, name: &str) {
    let mut bytes = block_on(store.get(name))
        .unwrap()
        .unwrap_or_else(|| panic!("no {name}"));
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    block_on(store.put(name, &bytes)).unwrap();
}

/// Closes a network with a pending message, damages the records that `choose` names, and opens it again.
fn damaged(choose: impl Fn(&Store, &str, &str) -> Vec<String>) -> Damaged {
    let store = Store::default();
    let random = Counter::default();
    let mut world = World::try_open(store.clone(), Options::default(), BEGIN, random.clone()).unwrap();
    let module = add(&mut world, &counter(None));
    let other = add(&mut world, &counter(Some(super::support::UNKNOWN)));
    let broken = spawn_from(&mut world, &module, &[("Cron-Interval", "1-hour")]);
    let intact = spawn_from(&mut world, &other, &[]);
    let monitor = world.sign(Some(&broken), &[], b" ").into_bytes();
    world.fetch(Request::post(format!("/mu/monitor/{broken}"), monitor));
    block_on(world.network.settle()).unwrap();
    for process in [&intact, &broken] {
        world.send(process, &[], "one");
    }
    // The last message is stored, and not evaluated yet.
    drop(world);
    for name in choose(&store, &broken, &module) {
        damage(&store, &name);
    }
    Damaged {
        world: World::try_open(store, Options::default(), BEGIN, random).unwrap(),
        broken,
        intact,
    }
}

impl Damaged {
    /// Checks that requests to the damaged process fail with `STORAGE` and its id, and that the other process works.
    fn check_isolation(mut self, record: &str) {
        for _ in 0..2 {
            for path in [
                format!("/cu/result/0?process-id={}", self.broken),
                format!("/{}~process@1.0/slot/current", self.broken),
            ] {
                let answer = self.world.get(&path);
                assert_eq!(answer.status, 500, "{record}: {path}: {}", body_text(&answer));
                let text = body_text(&answer);
                assert!(
                    text.contains("STORAGE") && text.contains(&self.broken),
                    "{record}: {text}"
                );
            }
            self.check_intact(record);
        }
        let item = self.world.message(&self.broken, &[], "two").into_bytes();
        let refused = self.world.fetch(Request::post("/mu", item));
        assert_eq!(refused.status, 500, "{record}: {}", body_text(&refused));
        let events = self.world.network.take_events();
        assert!(
            events
                .iter()
                .any(|event| event.what == "failed" && event.detail.contains(&self.broken))
        );
        assert!(block_on(self.world.network.settle()).is_err(), "{record}");
    }

    fn check_intact(&mut self, record: &str) {
        let sent = self
            .world
            .send(&self.intact.clone(), &[("N", record)], &format!("more {record}"));
        assert_eq!(
            self.world.results(&self.intact.clone()).len(),
            self.world.schedule(&self.intact.clone()).len()
        );
        let raw = self.world.get(&format!("/raw/{sent}"));
        assert_eq!(raw.status, 200);
        let query =
            r#"{"query":"query { transactions(tags: [{ name: \"N\", values: [\"x\"] }]) { edges { node { id } } } }"}"#;
        let search = self.world.fetch(Request::post("/graphql", query));
        assert_eq!(search.status, 200, "{record}: {}", body_text(&search));
        self.world.clock.0.set(self.world.clock.0.get() + 1);
    }
}

#[test]
fn a_damaged_process_item_stops_only_its_process() {
    damaged(|_, process, _| vec![format!("item/{process}")]).check_isolation("item of the process");
}

#[test]
fn a_damaged_message_stops_only_its_process() {
    let last = |store: &Store, process: &str, _: &str| {
        let entry = block_on(store.get(&format!("entry/{process}/0000000001")))
            .unwrap()
            .unwrap();
        let entry = String::from_utf8_lossy(&entry[4..]).into_owned();
        let id = entry.split(r#""id":""#).nth(1).unwrap()[..43].to_owned();
        vec![format!("item/{id}")]
    };
    damaged(last).check_isolation("item of a message");
}

#[test]
fn a_damaged_entry_stops_only_its_process() {
    for index in 0..2 {
        damaged(|_, process, _| vec![format!("entry/{process}/{index:010}")]).check_isolation("entry");
    }
}

#[test]
fn a_damaged_module_stops_only_its_processes() {
    damaged(|_, _, module| vec![format!("module/{module}")]).check_isolation("module");
}

#[test]
fn a_damaged_assignment_stops_reads_of_its_schedule_only() {
    let mut world = damaged(|_, process, _| vec![format!("assignment/{process}/0000000000")]);
    // Evaluation does not need the assignment. The schedule and the next message do.
    let broken = world.broken.clone();
    let page = world.world.get(&format!("/su/{broken}?process-id={broken}"));
    assert_eq!(page.status, 500, "{}", body_text(&page));
    assert!(body_text(&page).contains("assignment/"), "{}", body_text(&page));
    world.check_intact("assignment");
}

/// A process, and a second one that sends it a message for each message that it gets.
fn receiver_and_sender(world: &mut World) -> [String; 2] {
    let module = add(world, &counter(None));
    let quiet = spawn_from(world, &module, &[]);
    let loud_module = add(world, &counter(Some(&quiet)));
    let loud = spawn_from(world, &loud_module, &[]);
    [quiet, loud]
}

#[test]
fn a_damaged_undelivered_message_stops_only_its_sender() {
    let store = Store::default();
    let random = Counter::default();
    let open = || World::try_open(store.clone(), Options::default(), BEGIN, random.clone()).unwrap();
    let mut world = open();
    let [quiet, loud] = receiver_and_sender(&mut world);
    // The store fails after the message is signed, and before it is delivered.
    for writes in 0.. {
        store.writes.set(Some(writes));
        let broke = block_on(world.network.settle()).is_err();
        store.writes.set(None);
        if !records(&store, &format!("push/{loud}/0000000000/")).is_empty() {
            break;
        }
        assert!(broke, "nothing was ever signed");
    }
    for name in records(&store, &format!("push/{loud}/0000000000/")) {
        damage(&store, &name);
    }
    drop(world);
    let mut world = open();
    let answer = world.get(&format!("/cu/result/0?process-id={loud}"));
    assert_eq!(answer.status, 500, "{}", body_text(&answer));
    assert!(body_text(&answer).contains("push/"), "{}", body_text(&answer));
    assert_eq!(count(&world.result(&quiet, "0")), "001");
}

#[test]
fn damaged_results_snapshots_and_monitors_are_computed_again() {
    let choose = |store: &Store, process: &str, _: &str| {
        let mut names = records(store, &format!("result/{process}/"));
        names.extend(records(store, &format!("snapshot/{process}/")));
        names.push(format!("monitor/{process}"));
        names
    };
    let mut damaged = damaged(choose);
    let broken = damaged.broken.clone();
    let results = damaged.world.results(&broken);
    let counts: Vec<&str> = results.iter().map(count).collect();
    assert_eq!(counts, ["001", "002"]);
    // The cron continues, and an event tells that ticks were left out.
    let events = damaged.world.network.take_events();
    assert!(events.iter().any(|event| event.what == "ticks left out"), "{events:?}");
    damaged.world.wait(2 * 3_600_000);
    assert_eq!(damaged.world.results(&broken).len(), 4);
    damaged.check_intact("result");
}

#[test]
fn a_damaged_receiver_does_not_stop_the_sender() {
    let store = Store::default();
    let random = Counter::default();
    let open = || World::try_open(store.clone(), Options::default(), BEGIN, random.clone()).unwrap();
    let mut world = open();
    let [quiet, loud] = receiver_and_sender(&mut world);
    block_on(world.network.settle()).unwrap();
    drop(world);
    damage(&store, &format!("item/{quiet}"));
    let mut world = open();
    let sent = world.send(&loud, &[], "");
    assert_eq!(count(&world.result(&loud, &sent)), "002");
    let pushed = world.json(&format!("/mu/pushed/{sent}?process-id={loud}"));
    assert!(
        pushed["pushed"][0]["error"].as_str().unwrap().contains(&quiet),
        "{pushed}"
    );
    let events = world.network.take_events();
    assert!(events.iter().any(|event| event.what == "not delivered"), "{events:?}");
}

#[test]
fn a_store_of_another_version_is_refused_and_not_changed() {
    let store = Store::default();
    let random = Counter::default();
    block_on(store.insert("process/x", &[])).unwrap();
    let refused = World::try_open(store.clone(), Options::default(), BEGIN, random.clone())
        .err()
        .unwrap();
    assert_eq!(refused.kind().code(), "STORAGE");
    assert!(refused.message().contains("an earlier version"), "{refused}");
    assert_eq!(block_on(store.get("form")).unwrap(), None);
    block_on(store.insert("form", b"3")).unwrap();
    let refused = World::try_open(store, Options::default(), BEGIN, random).err().unwrap();
    assert!(refused.message().contains("a newer version"), "{refused}");
}
