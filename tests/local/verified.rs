//! The light client against the local network: it verifies what the network's scheduler and gateway say, and computes what
//! its compute unit answers.

use std::cell::RefCell;

use aoxide::ans104::{DataItem, Draft, Tag};
use aoxide::arweave::Id;
use aoxide::client::{Client, Units};
use aoxide::compute::{Module, Wasmi};
use aoxide::local::{Options, Request};
use aoxide::platform::{self, Body, Clock, Download, Http, Timers};
use aoxide::protocol::{EnvironmentPart, environment};
use aoxide::signer::{EthereumKey, address};
use aoxide::verify::{
    Agreement, AssignedItem, Checkpoint, CheckpointTrust, Entry, Gateway, Moment, Outcome, ProcessFacts, Replay,
    Schedule, SlotResult, VerifiedEntry, compare, replay_entry,
};
use aoxide::{Error, ErrorKind, Result};
use pollster::block_on;
use serde_json::{Value, json};

use super::support::{Counter, Store, World, add, aos, body_text, counter, id, me};

const ADDRESS: &str = "http://local";
const EMSCRIPTEN: &str = "wasm64-unknown-emscripten-draft_2024_02_15";

/// The network as a platform of a client.
struct Served(RefCell<World>);

impl Served {
    fn path(url: &str) -> &str {
        url.strip_prefix(ADDRESS).unwrap()
    }

    fn client(&self) -> Client<&Self> {
        let units = Units {
            graphql: format!("{ADDRESS}/graphql"),
            scheduler: Some(format!("{ADDRESS}/su")),
            ..Units::default()
        };
        Client::new(self, units)
    }

    fn json(&self, path: &str) -> Value {
        self.0.borrow_mut().json(path)
    }
}

impl Http for &Served {
    type Item = Vec<u8>;

    async fn send(&self, request: platform::Request<Vec<u8>>) -> Result<platform::Response> {
        let path = Served::path(&request.url);
        let request = match request.body {
            Body::Text(text) => Request::post(path, text),
            Body::Item(item) => Request::post(path, item),
            Body::None => Request::get(path),
        };
        let response = self.0.borrow_mut().fetch(request);
        Ok(platform::Response {
            status: response.status,
            body: body_text(&response),
            ..platform::Response::default()
        })
    }
}

impl Clock for &Served {
    fn now(&self) -> u64 {
        self.0.borrow().clock.now()
    }
}

impl Timers for &Served {
    async fn sleep(&self, _: u32) {}
}

impl Download for Served {
    async fn download(&self, url: &str) -> Result<Vec<u8>> {
        let response = self.0.borrow_mut().get(Served::path(url));
        match response.status {
            200 => Ok(response.body),
            status => Err(Error::new(ErrorKind::HttpStatus, format!("{url}: {status}"))),
        }
    }
}

/// Uploads a module as an item, whose signature can be verified.
pub(crate) fn upload(world: &mut World, module: &[u8], format: &str) -> String {
    let tags = [
        ("Data-Protocol", "ao"),
        ("Type", "Module"),
        ("Module-Format", format),
        ("Input-Encoding", "JSON-1"),
        ("Output-Encoding", "JSON-1"),
    ];
    let item = world.sign(None, &tags, module);
    let id = item.id().to_string();
    let answer = world.fetch(Request::post("/tx", item.into_bytes()));
    assert_eq!(answer.status, 200, "{}", body_text(&answer));
    id
}

/// Spawns a process that names the network as its scheduler.
fn spawn(world: &mut World, module: &str, more: &[(&str, &str)]) -> String {
    let address = world.network.address().to_string();
    let mut tags = vec![
        ("Data-Protocol", "ao"),
        ("Variant", "ao.TN.1"),
        ("Type", "Process"),
        ("Module", module),
        ("Scheduler", &*address),
        ("Authority", &*address),
    ];
    tags.extend(more);
    // Data that is not UTF-8: the scheduler does not show it.
    let item = world.sign(None, &tags, b"\xff\x00");
    let id = item.id().to_string();
    let answer = world.fetch(Request::post("/mu", item.into_bytes()));
    assert_eq!(answer.status, 202, "{}", body_text(&answer));
    id
}

/// A message with an anchor that is not UTF-8, signed with an Ethereum key.
fn ethereum_message(process: &str, data: &str) -> DataItem {
    let tags = [("Data-Protocol", "ao"), ("Type", "Message"), ("Action", "Eval")];
    let draft = Draft {
        target: Some(id(process)),
        anchor: Some(vec![0xf0; 32]),
        tags: tags.map(|(name, value)| Tag::new(name, value)).into(),
    };
    let key = EthereumKey::new(&[7; 32]).unwrap();
    DataItem::sign(&draft, data.as_bytes(), &key, &Counter::default()).unwrap()
}

/// What a verifier reads of a process.
struct Followed {
    facts: ProcessFacts,
    module: Module,
    module_id: Id,
    environment: String,
    entries: Vec<VerifiedEntry>,
}

fn follow(served: &Served, process: &str) -> Followed {
    let client = served.client();
    let gateway = || Gateway::new(&client, served, ADDRESS);
    let item = block_on(gateway().item(&id(process))).unwrap();
    let facts = ProcessFacts {
        id: id(process),
        owner: address::compute_unit(&item.owner),
        tags: item.text_tags(),
    };
    let module_id = id(item.tag("Module").unwrap());
    let bytes = block_on(gateway().data(&module_id)).unwrap();
    // The counting module was added under the hash of its bytes, and has no item.
    let (owner, tags, format) = match Id::of(&bytes) == module_id {
        true => (None, Vec::new(), None),
        false => {
            let item = block_on(gateway().module(&module_id)).unwrap();
            (
                Some(address::compute_unit(&item.owner)),
                item.text_tags(),
                Some(EMSCRIPTEN),
            )
        }
    };
    let part = |id: &Id, owner, tags| EnvironmentPart {
        id: id.to_string(),
        owner,
        tags,
    };
    let environment = environment(
        &part(&facts.id, Some(facts.owner.clone()), facts.tags.clone()),
        &part(&module_id, owner, tags),
    );
    let entries = block_on(async {
        let schedule = Schedule::from_genesis(gateway(), facts.id).await.unwrap();
        let mut schedule = schedule.with_limit(5);
        let mut all = Vec::new();
        loop {
            let page = schedule.next_page().await.unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    });
    Followed {
        module: Module::load(&Wasmi::new(), &bytes, format).unwrap(),
        facts,
        module_id,
        environment,
        entries,
    }
}

impl Followed {
    fn start(&self) -> Replay {
        let process = self.module.instantiate(&self.environment).unwrap();
        Replay::start(process, self.facts.clone()).unwrap()
    }

    /// Continues behind a checkpoint. Returns the slot that comes next, too.
    fn resume(&self, checkpoint: &Checkpoint, scheduler: Id) -> (Replay, usize) {
        let shown = self.entries.iter().skip(checkpoint.slot as usize);
        let shown: Vec<Entry> = shown.map(|verified| verified.entry.clone()).collect();
        let last = checkpoint.last_entry(&scheduler, &shown).unwrap();
        let first = &self.entries[0].entry.assignment;
        let origin = Moment {
            timestamp: first.timestamp,
            block_height: first.block_height,
        };
        let process = self
            .module
            .resume_checkpoint(&self.environment, &checkpoint.memory)
            .unwrap();
        let replay = Replay::resume(process, self.facts.clone(), checkpoint.state(last, origin)).unwrap();
        let next = replay.next_slot() as usize;
        (replay, next)
    }

    /// Evaluates the entries from a slot on.
    fn advance(&self, replay: &mut Replay, from: usize) -> Vec<SlotResult> {
        let mut results = Vec::new();
        for VerifiedEntry { entry, item } in &self.entries[from..] {
            let assigned = item.as_ref().filter(|_| entry.message.is_none());
            let assigned = assigned.map(|item| AssignedItem { item, anchor: "" });
            let entry = replay_entry(entry, assigned).unwrap();
            results.extend(replay.advance(&entry, &[]).unwrap());
        }
        results
    }
}

/// Asserts that the network's compute unit has the same results.
fn assert_agrees(served: &Served, process: &str, results: &[SlotResult]) {
    for result in results {
        let slot = result.slot.unwrap();
        let unit = served.json(&format!("/cu/result/{slot}?process-id={process}"));
        let agreement = compare(&result.result, result.outcome, &unit.to_string()).unwrap();
        assert_eq!(agreement, Agreement::Same, "slot {slot}: {} {unit}", result.result);
    }
}

/// Asks the network for a checkpoint, and verifies it.
fn checkpoint(served: &Served, followed: &Followed, to: &str) -> Checkpoint {
    let path = format!("/cu/checkpoint/{}{to}", followed.facts.id);
    let answer = served.0.borrow_mut().fetch(Request::post(path, ""));
    assert_eq!(answer.status, 201, "{}", body_text(&answer));
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let trust = CheckpointTrust::Owners(vec![served.0.borrow().network.address()]);
    let client = served.client();
    let gateway = Gateway::new(&client, served, ADDRESS);
    let found = gateway.checkpoint(&followed.facts.id, &followed.module_id, &trust, 1 << 30);
    let found = block_on(found).unwrap();
    assert_eq!(answer["id"], found.id.to_string());
    assert_eq!(answer["slot"], found.slot);
    assert_eq!(answer["process"], followed.facts.id.to_string());
    found
}

#[test]
fn an_aos_process_replays_from_its_schedule_and_from_its_checkpoint_to_the_units_results() {
    let mut world = World::open(Store::default(), Options::default());
    let module = upload(&mut world, &aos(), EMSCRIPTEN);
    let (bob, alice) = (spawn(&mut world, &module, &[]), spawn(&mut world, &module, &[]));
    world.eval(
        &alice,
        "Count = 0; Handlers.add('Note', 'Note', function(m) Count = Count + 1; print(m.From .. m.Data) end)",
    );
    let note = world.send(&alice, &[("Action", "Note")], "first");
    world.wait(1234);
    let tags = [("Data-Protocol", "ao"), ("Type", "Message"), ("Action", "Note")];
    let binary = world.sign(Some(&alice), &tags, b"\xff\xfe");
    let from_ethereum = ethereum_message(&alice, "Owner = Owner");
    for item in [&binary, &from_ethereum] {
        let answer = world.fetch(Request::post("/mu", item.as_bytes()));
        assert_eq!(answer.status, 202, "{}", body_text(&answer));
    }
    // Two messages between the processes, an assignment of another's message, and one that units skip.
    world.eval(
        &bob,
        &format!("Send({{ Target = '{alice}', Action = 'Note', Data = 'from bob' }})"),
    );
    for message in [&*world.send(&bob, &[("Action", "Note")], "to bob"), &note] {
        let answer = world.fetch(Request::post(format!("/su?process-id={alice}&assign={message}"), ""));
        assert_eq!(answer.status, 200, "{}", body_text(&answer));
    }
    for lua in [
        "Send({ device = 'patch@1.0', balances = { a = '1', b = '2' } })",
        "Send({ device = 'patch@1.0', balances = { b = '5' }, note = 'text' })",
    ] {
        world.eval(&bob, lua);
    }
    let served = Served(RefCell::new(world));

    assert_publishes(&served, &bob);
    let followed = follow(&served, &alice);
    let mut replay = followed.start();
    let results = followed.advance(&mut replay, 0);
    assert_agrees(&served, &alice, &results);
    assert_eq!(results.last().unwrap().outcome, Outcome::Skipped);
    let (handed, _) = block_on(served.0.borrow_mut().network.module_input(&id(&alice), 4)).unwrap();
    let handed: Value = serde_json::from_str(&handed).unwrap();
    assert_eq!(handed["From"], address::compute_unit(from_ethereum.head().owner()));
    assert!(handed["From"].as_str().unwrap().starts_with("0x"));

    // The last slot was skipped: the checkpoint is of the one before, and names the last assignment.
    let newest = checkpoint(&served, &followed, "");
    assert_eq!(newest.slot as usize, results.len() - 2);
    assert_eq!(newest.memory.len() as u64, replay.process_mut().memory_size().unwrap());
    let last = &followed.entries.last().unwrap().entry.assignment;
    assert_eq!(newest.link, Some((last.id, last.hash_chain)));

    // A process that goes on behind the checkpoint.
    let body = json!({ "Owner": me(), "Target": alice, "Data": "return Count", "Tags": [{ "name": "Action", "value": "Eval" }] });
    let followed_later = {
        served.0.borrow_mut().eval(&alice, "Count = Count * 2 return Count");
        follow(&served, &alice)
    };
    let scheduler = served.0.borrow().network.address();
    let (mut resumed, next) = followed_later.resume(&newest, scheduler);
    let results = followed_later.advance(&mut resumed, next);
    assert_eq!(results.len(), 1);
    assert_agrees(&served, &alice, &results);
    let answer = resumed.dryrun(body.as_object().unwrap().clone()).unwrap();
    let path = format!("/cu/dry-run?process-id={alice}");
    let unit = served.0.borrow_mut().fetch(Request::post(path, body.to_string()));
    assert_eq!(
        serde_json::from_str::<Value>(&answer).unwrap(),
        serde_json::from_slice::<Value>(&unit.body).unwrap()
    );
    assert!(answer.contains("\"6\""), "{answer}");
}

/// Asserts that what a process has published is what a node shows under `/now`.
fn assert_publishes(served: &Served, process: &str) {
    let followed = follow(served, process);
    let mut replay = followed.start();
    followed.advance(&mut replay, 0);
    let published = &replay.state().published;
    let path =
        |path: &str| format!("/{process}~process@1.0/now/{path}?require-codec=application/json&accept-bundle=true");
    let shown = served.json(&path("balances"));
    let balances = published.read("balances").unwrap();
    assert_eq!(balances, json!({ "a": "1", "b": "5" }));
    for (name, value) in balances.as_object().unwrap() {
        assert_eq!(&shown["body"][name], value, "{shown}");
    }
    assert_eq!(published.read("note").unwrap(), served.json(&path("note"))["body"]);
}

#[test]
fn a_checkpoint_is_of_the_slot_that_was_asked_for_and_search_finds_the_newest() {
    let mut world = World::open(Store::default(), Options::default());
    let module = add(&mut world, &counter(None));
    let process = spawn(&mut world, &module, &[("Cron-Interval", "10-seconds")]);
    let sent: Vec<String> = (0..4)
        .map(|number| world.send(&process, &[("N", &number.to_string())], ""))
        .collect();
    let served = Served(RefCell::new(world));
    let followed = follow(&served, &process);
    for (to, slot) in [("?to=2", 2), (&*format!("?to={}", sent[2]), 3), ("", 4)] {
        let found = checkpoint(&served, &followed, to);
        assert_eq!(found.slot, slot);
        let (mut replay, next) = followed.resume(&found, served.0.borrow().network.address());
        assert_eq!(next as u64, slot + 1);
        let results = followed.advance(&mut replay, next);
        assert_agrees(&served, &process, &results);
    }
    let fetch = |request| served.0.borrow_mut().fetch(request).status;
    assert_eq!(fetch(Request::post(format!("/cu/checkpoint/{module}"), "")), 404);
    assert_eq!(fetch(Request::post(format!("/cu/checkpoint/{process}?to=9"), "")), 404);
    assert_eq!(fetch(Request::get(format!("/cu/checkpoint/{process}"))), 405);
}

#[test]
fn ticks_of_a_cron_are_computed_as_the_unit_does() {
    let mut world = World::open(Store::default(), Options::default());
    let module = add(&mut world, &counter(None));
    let process = spawn(&mut world, &module, &[("Cron-Interval", "10-seconds")]);
    let monitor = world.sign(Some(&process), &[], b" ").into_bytes();
    assert_eq!(
        world
            .fetch(Request::post(format!("/mu/monitor/{process}"), monitor))
            .status,
        200
    );
    world.send(&process, &[("N", "1")], "");
    world.wait(35_500);
    world.send(&process, &[("N", "2")], "");
    let served = Served(RefCell::new(world));
    let followed = follow(&served, &process);
    let results = followed.advance(&mut followed.start(), 0);
    let unit = served.0.borrow_mut().results(&process);
    assert_eq!(results.len(), unit.len());
    assert_eq!(
        results.iter().filter(|result| result.outcome == Outcome::Cron).count(),
        3
    );
    for (result, unit) in results.iter().zip(unit) {
        assert_eq!(
            compare(&result.result, result.outcome, &unit.to_string()).unwrap(),
            Agreement::Same
        );
    }
}
