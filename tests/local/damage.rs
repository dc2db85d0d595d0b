//! Records of the store that are damaged: what needs them says so, and everything else goes on.

use aoxide::local::{Options, Request};
use aoxide::platform::Storage;
use pollster::block_on;

use super::support::{BEGIN, Counter, Store, World, add, born, count, counter, said};

/// Two processes with a message each, and a store in which `name` is damaged.
struct Damaged {
    world: World,
    hurt: String,
    whole: String,
}

fn records(store: &Store, prefix: &str) -> Vec<String> {
    block_on(store.names(prefix)).unwrap()
}

/// Changes one bit in the middle of a record.
fn damage(store: &Store, name: &str) {
    let mut bytes = block_on(store.get(name))
        .unwrap()
        .unwrap_or_else(|| panic!("no {name}"));
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    block_on(store.put(name, &bytes)).unwrap();
}

/// Damages the records that `choose` names, of a network that is closed with something still to do.
fn damaged(choose: impl Fn(&Store, &str, &str) -> Vec<String>) -> Damaged {
    let store = Store::default();
    let random = Counter::default();
    let mut world = World::try_open(store.clone(), Options::default(), BEGIN, random.clone()).unwrap();
    let module = add(&mut world, &counter(None));
    let other = add(&mut world, &counter(Some(super::support::NOBODY)));
    let hurt = born(&mut world, &module, &[("Cron-Interval", "1-hour")]);
    let whole = born(&mut world, &other, &[]);
    let monitor = world.sign(Some(&hurt), &[], b" ").into_bytes();
    world.fetch(Request::post(format!("/mu/monitor/{hurt}"), monitor));
    block_on(world.network.settle()).unwrap();
    for process in [&whole, &hurt] {
        world.send(process, &[], "one");
    }
    // The last message is kept and not evaluated yet.
    drop(world);
    for name in choose(&store, &hurt, &module) {
        damage(&store, &name);
    }
    Damaged {
        world: World::try_open(store, Options::default(), BEGIN, random).unwrap(),
        hurt,
        whole,
    }
}

impl Damaged {
    /// The process whose record is damaged answers with `STORAGE` and its name; the other one works.
    fn only_one_is_hurt(mut self, record: &str) {
        for _ in 0..2 {
            for path in [
                format!("/cu/result/0?process-id={}", self.hurt),
                format!("/{}~process@1.0/slot/current", self.hurt),
            ] {
                let answer = self.world.get(&path);
                assert_eq!(answer.status, 500, "{record}: {path}: {}", said(&answer));
                let said = said(&answer);
                assert!(
                    said.contains("STORAGE") && said.contains(&self.hurt),
                    "{record}: {said}"
                );
            }
            self.goes_on(record);
        }
        let item = self.world.message(&self.hurt, &[], "two").into_bytes();
        let refused = self.world.fetch(Request::post("/mu", item));
        assert_eq!(refused.status, 500, "{record}: {}", said(&refused));
        let events = self.world.network.take_events();
        assert!(
            events
                .iter()
                .any(|event| event.what == "failed" && event.detail.contains(&self.hurt))
        );
        assert!(block_on(self.world.network.settle()).is_err(), "{record}");
    }

    fn goes_on(&mut self, record: &str) {
        let sent = self
            .world
            .send(&self.whole.clone(), &[("N", record)], &format!("more {record}"));
        assert_eq!(
            self.world.results(&self.whole.clone()).len(),
            self.world.schedule(&self.whole.clone()).len()
        );
        let raw = self.world.get(&format!("/raw/{sent}"));
        assert_eq!(raw.status, 200);
        let query =
            r#"{"query":"query { transactions(tags: [{ name: \"N\", values: [\"x\"] }]) { edges { node { id } } } }"}"#;
        let search = self.world.fetch(Request::post("/graphql", query));
        assert_eq!(search.status, 200, "{record}: {}", said(&search));
        self.world.clock.0.set(self.world.clock.0.get() + 1);
    }
}

#[test]
fn an_item_of_a_process_that_is_damaged() {
    damaged(|_, process, _| vec![format!("item/{process}")]).only_one_is_hurt("item of the process");
}

#[test]
fn a_message_that_is_damaged() {
    let last = |store: &Store, process: &str, _: &str| {
        let entry = block_on(store.get(&format!("entry/{process}/0000000001")))
            .unwrap()
            .unwrap();
        let entry = String::from_utf8_lossy(&entry[4..]).into_owned();
        let id = entry.split(r#""id":""#).nth(1).unwrap()[..43].to_owned();
        vec![format!("item/{id}")]
    };
    damaged(last).only_one_is_hurt("item of a message");
}

#[test]
fn an_entry_that_is_damaged() {
    for index in 0..2 {
        damaged(|_, process, _| vec![format!("entry/{process}/{index:010}")]).only_one_is_hurt("entry");
    }
}

#[test]
fn a_module_that_is_damaged() {
    damaged(|_, _, module| vec![format!("module/{module}")]).only_one_is_hurt("module");
}

#[test]
fn an_assignment_that_is_damaged() {
    let mut world = damaged(|_, process, _| vec![format!("assignment/{process}/0000000000")]);
    // What is evaluated does not need it; the schedule does, and so does the next message.
    let hurt = world.hurt.clone();
    let page = world.world.get(&format!("/su/{hurt}?process-id={hurt}"));
    assert_eq!(page.status, 500, "{}", said(&page));
    assert!(said(&page).contains("assignment/"), "{}", said(&page));
    world.goes_on("assignment");
}

/// A process, and another that sends it a message for each that it gets.
fn receiver_and_sender(world: &mut World) -> [String; 2] {
    let module = add(world, &counter(None));
    let quiet = born(world, &module, &[]);
    let loud_module = add(world, &counter(Some(&quiet)));
    let loud = born(world, &loud_module, &[]);
    [quiet, loud]
}

#[test]
fn a_message_that_is_signed_and_not_delivered_and_is_damaged() {
    let store = Store::default();
    let random = Counter::default();
    let open = || World::try_open(store.clone(), Options::default(), BEGIN, random.clone()).unwrap();
    let mut world = open();
    let [quiet, loud] = receiver_and_sender(&mut world);
    // It breaks after the message is signed, and before it is delivered.
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
    assert_eq!(answer.status, 500, "{}", said(&answer));
    assert!(said(&answer).contains("push/"), "{}", said(&answer));
    assert_eq!(count(&world.result(&quiet, "0")), "001");
}

#[test]
fn results_snapshots_and_clocks_that_are_damaged_are_made_anew() {
    let choose = |store: &Store, process: &str, _: &str| {
        let mut names = records(store, &format!("result/{process}/"));
        names.extend(records(store, &format!("snapshot/{process}/")));
        names.push(format!("monitor/{process}"));
        names
    };
    let mut damaged = damaged(choose);
    let hurt = damaged.hurt.clone();
    let results = damaged.world.results(&hurt);
    let counts: Vec<&str> = results.iter().map(count).collect();
    assert_eq!(counts, ["001", "002"]);
    // The clock goes on, and an event says that something was left out.
    let events = damaged.world.network.take_events();
    assert!(events.iter().any(|event| event.what == "ticks left out"), "{events:?}");
    damaged.world.wait(2 * 3_600_000);
    assert_eq!(damaged.world.results(&hurt).len(), 4);
    damaged.goes_on("result");
}

#[test]
fn a_receiver_that_is_damaged_does_not_stop_the_sender() {
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
fn the_store_of_an_earlier_version_is_refused_and_left_as_it_is() {
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
