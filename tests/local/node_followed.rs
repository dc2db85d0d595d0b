//! The light client follows processes of the local network's HyperBEAM node: it verifies the node's schedule, computes what the
//! node answers, and refuses what an adversary makes of the schedule.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use aoxide::arweave::to_base64url;
use aoxide::client::{Client, Units};
use aoxide::compute::Wasmi;
use aoxide::local::{Options, Request};
use aoxide::platform::{self, Body, Clock, Download, Http, Timers};
use aoxide::protocol::Dryrun;
use aoxide::verify::{
    FollowOptions, LightClient, Proof, ScheduleSource, Source, StartAt, Subject, Trusted, UnitAnswer, Unwatched,
};
use aoxide::{Error, ErrorKind, Result};
use pollster::block_on;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::{Store, World, aos, body_text, counter, id};
use super::verified::upload;

const ADDRESS: &str = "http://local";

type Change = Box<dyn Fn(&mut Value)>;

/// The node, and an adversary between it and the client.
struct Between {
    world: RefCell<World>,
    /// Changes the assignments of each page of a schedule.
    change: RefCell<Option<Change>>,
    /// Changes results.
    lie: Cell<bool>,
    requests: RefCell<Vec<String>>,
}

impl Between {
    fn answer(&self, request: Request) -> (u16, Vec<u8>) {
        let path = request.path.clone();
        self.requests.borrow_mut().push(path.clone());
        let response = self.world.borrow_mut().fetch(request);
        let mut body = response.body;
        if path.contains("/schedule?")
            && let Some(change) = &*self.change.borrow()
        {
            let mut page: Value = serde_json::from_slice(&body).unwrap();
            let assignments = match page.get("assignments") {
                Some(_) => &mut page["assignments"],
                None => &mut page["body"]["assignments"],
            };
            change(assignments);
            body = page.to_string().into_bytes();
        }
        if self.lie.get() && path.contains("/results") {
            body = String::from_utf8(body).unwrap().replace("total 20", "total 21").into();
        }
        (response.status, body)
    }
}

impl Http for &Between {
    type Item = Vec<u8>;

    async fn send(&self, request: platform::Request<Vec<u8>>) -> Result<platform::Response> {
        let path = request.url.strip_prefix(ADDRESS).unwrap();
        let request = match request.body {
            Body::Text(text) => Request::post(path, text),
            Body::Item(item) => Request::post(path, item),
            Body::None => Request::get(path),
        };
        let (status, body) = self.answer(request);
        Ok(platform::Response {
            status,
            body: String::from_utf8(body).unwrap(),
            ..platform::Response::default()
        })
    }
}

impl Clock for &Between {
    fn now(&self) -> u64 {
        self.world.borrow().clock.now()
    }
}

impl Timers for &Between {
    async fn sleep(&self, _: u32) {}
}

impl Download for &Between {
    async fn download(&self, url: &str) -> Result<Vec<u8>> {
        match self.answer(Request::get(url.strip_prefix(ADDRESS).unwrap())) {
            (200, body) => Ok(body),
            (status, _) => Err(Error::new(ErrorKind::HttpStatus, format!("{url}: {status}"))),
        }
    }
}

fn units() -> Units {
    Units {
        graphql: format!("{ADDRESS}/graphql"),
        scheduler: Some(format!("{ADDRESS}/su")),
        ..Units::default()
    }
}

type Following<'a> = LightClient<&'a Between, &'a Between, Store>;

fn open<'a>(node: &'a Between, store: Option<&Store>, options: FollowOptions) -> Result<Following<'a>> {
    let source = Source {
        client: Client::new(node, units()),
        downloads: node,
        schedule: ScheduleSource::Node(ADDRESS.into()),
        gateway: "http://local/nothing".into(),
    };
    block_on(LightClient::open(
        &Wasmi::new(),
        Rc::new(source),
        store.cloned(),
        options,
    ))
}

fn options(process: &str) -> FollowOptions {
    FollowOptions {
        has_unit: true,
        page: 6,
        ..FollowOptions::new(id(process))
    }
}

fn advance(client: &mut Following<'_>) -> Result<Proof> {
    block_on(client.advance(None, true, &Unwatched))
}

fn spawn(world: &mut World, tags: &[(&str, &str)]) -> String {
    let address = world.network.address().to_string();
    let own = [
        ("device", "process@1.0"),
        ("scheduler-device", "scheduler@1.0"),
        ("push-device", "push@1.0"),
        ("Authority", &*address),
        ("Scheduler", &*address),
    ];
    let tags = [
        &own[..],
        tags,
        &[("Data-Protocol", "ao"), ("Type", "Process"), ("Variant", "ao.N.1")],
    ]
    .concat();
    let item = world.sign(None, &tags, b"1984").into_bytes();
    let response = world.fetch(Request::post("/push", item));
    assert_eq!(response.status, 200, "{}", body_text(&response));
    response.header("process").unwrap().to_owned()
}

fn send(world: &mut World, process: &str, way: &str, tags: &[(&str, &str)], data: &str) {
    let tags = [
        tags,
        &[("Data-Protocol", "ao"), ("Type", "Message"), ("Variant", "ao.N.1")],
    ]
    .concat();
    let item = world.sign(Some(process), &tags, data.as_bytes()).into_bytes();
    world.wait(250);
    let response = world.fetch(Request::post(format!("/{process}~process@1.0/{way}"), item));
    assert_eq!(response.status, 200, "{}", body_text(&response));
}

/// A process of aos that adds, and publishes its total. It has 21 slots.
fn counting() -> (Between, String) {
    let mut world = World::new();
    let module = upload(&mut world, &aos(), "wasm64-unknown-emscripten-draft_2024_02_15");
    let process = spawn(
        &mut world,
        &[("execution-device", "genesis-wasm@1.0"), ("Module", &module)],
    );
    let code = "total = 0
        Handlers.add('Add', 'Add', function (msg)
          total = total + 1
          ao.send({ device = 'patch@1.0', cache = { total = total, by = msg.From } })
          print('total ' .. total)
        end)
        Handlers.add('Total', 'Total', function (msg) msg.reply({ Data = 'total ' .. total }) end)";
    send(&mut world, &process, "push", &[("Action", "Eval")], code);
    for number in 0..18 {
        let way = if number % 2 == 0 { "push" } else { "schedule" };
        send(&mut world, &process, way, &[("Action", "Add")], "");
    }
    send(
        &mut world,
        &process,
        "push",
        &[("Action", "Eval")],
        "total = total + 2 return 'total ' .. total",
    );
    (between(world), process)
}

fn between(world: World) -> Between {
    Between {
        world: RefCell::new(world),
        change: RefCell::default(),
        lie: Cell::new(false),
        requests: RefCell::default(),
    }
}

#[test]
fn process_of_a_node_is_followed_verified_compared_and_kept() {
    let (node, process) = counting();
    let store = Store::default();
    let mut client = open(&node, Some(&store), options(&process)).unwrap();
    let proof = advance(&mut client).unwrap();
    assert!(proof.verified, "{proof:?}");
    assert_eq!(
        (proof.slot, proof.unit, proof.other_order),
        (20, UnitAnswer::Agrees, false)
    );
    let address = node.world.borrow().network.address().to_string();
    assert_eq!(proof.trusted, [Trusted::Scheduler(address)]);
    let schedule = node.world.borrow_mut().json(&format!(
        "/{process}~process@1.0/schedule?require-codec=application/json&accept-bundle=true"
    ));
    let commitments = schedule["assignments"]["20"]["commitments"].as_object().unwrap();
    assert!(commitments.contains_key(&proof.assignment.to_string()));
    // Every result is the node's.
    for slot in 0..=20 {
        let (result, proof) = block_on(client.result(&slot.to_string(), true)).unwrap();
        assert_eq!(
            (result.slot, proof.unit),
            (Some(slot), UnitAnswer::Agrees),
            "slot {slot}"
        );
    }
    assert_eq!(client.read("cache.total").unwrap().0, 18);
    let mut message = Dryrun::new(process.clone());
    message.tags = serde_json::from_value(json!([{ "name": "Action", "value": "Total" }])).unwrap();
    let preview = block_on(client.dryrun(&message, true)).unwrap();
    assert!(preview.result.contains("total 20"), "{}", preview.result);
    // A node makes another message of a dryrun.
    assert_eq!(preview.proof.unit, UnitAnswer::NotAsked);
    // Nothing is new: a page, and the node's result.
    let before = node.requests.borrow().len();
    advance(&mut client).unwrap();
    assert_eq!(node.requests.borrow().len() - before, 2);
    node.lie.set(true);
    assert_eq!(advance(&mut client).unwrap_err().kind(), ErrorKind::Mismatch);
    node.lie.set(false);
    // It goes on after a reload, from the store and from an exported view.
    send(&mut node.world.borrow_mut(), &process, "push", &[("Action", "Add")], "");
    let exported = client.export().unwrap();
    let elsewhere = FollowOptions {
        start: StartAt::View(exported),
        ..options(&process)
    };
    for mut again in [
        open(&node, Some(&store), options(&process)).unwrap(),
        open(&node, None, elsewhere).unwrap(),
    ] {
        assert_eq!(again.slot(), Some(20));
        let before = node.requests.borrow().len();
        let proof = advance(&mut again).unwrap();
        assert_eq!(node.requests.borrow().len() - before, 2);
        assert_eq!((proof.verified, proof.slot, proof.unit), (true, 21, UnitAnswer::Agrees));
        assert!(proof.trusted.contains(&Trusted::KeptView(20)));
        assert_eq!(again.read("cache.total").unwrap().0, 21);
    }
}

/// A process of a small module that counts its messages, and the options to follow it. It has 13 slots.
fn small() -> (Between, FollowOptions) {
    let mut world = World::open(Store::default(), Options::default());
    let module = upload(&mut world, &counter(None), "wasm-unknown-unknown");
    let process = spawn(&mut world, &[("Module", &module)]);
    for number in 0..12 {
        send(
            &mut world,
            &process,
            "schedule",
            &[("Action", "Add")],
            &number.to_string(),
        );
    }
    let options = options(&process);
    (between(world), options)
}

/// The chain of a node up to a message.
fn chained(before: &Value, entry: &Value) -> Value {
    let commitments = entry["body"]["commitments"].as_object().unwrap();
    let hash = Sha256::new()
        .chain_update(id(before["hash-chain"].as_str().unwrap()).as_bytes())
        .chain_update(commitments.keys().next().unwrap());
    to_base64url(&hash.finalize()).into()
}

#[test]
fn every_lie_about_a_nodes_schedule_ends_in_its_code_and_the_view_stays_before_it() {
    let (node, options) = small();
    let other = "A".repeat(43);
    let at = |pointer: &'static str, value: Value| -> Change {
        Box::new(move |all| {
            if let Some(place) = all.pointer_mut(pointer) {
                assert_ne!(*place, value);
                *place = value.clone();
            }
        })
    };
    let lies: Vec<(&str, ErrorKind, Change)> = vec![
        ("reorders", ErrorKind::VerifyChain, Box::new(swap)),
        (
            "drops",
            ErrorKind::VerifyGap,
            Box::new(|all| drop(all.as_object_mut().unwrap().remove("7"))),
        ),
        (
            "repeats",
            ErrorKind::VerifyChain,
            Box::new(|all| {
                all["7"] = all["8"].clone();
                all["7"]["slot"] = 7.into();
            }),
        ),
        (
            "reorders and rewrites the chain",
            ErrorKind::VerifySignature,
            Box::new(|all| {
                swap(all);
                for slot in 7..12 {
                    let chain = chained(&all[(slot - 1).to_string()], &all[slot.to_string()]);
                    all[slot.to_string()]["hash-chain"] = chain;
                }
            }),
        ),
        (
            "changes data",
            ErrorKind::VerifySignature,
            at("/7/body/data", "x".into()),
        ),
        (
            "changes a field",
            ErrorKind::VerifySignature,
            at("/7/body/action", "x".into()),
        ),
        (
            "changes the time",
            ErrorKind::VerifySignature,
            at("/7/timestamp", 5.into()),
        ),
        (
            "changes the height",
            ErrorKind::VerifySignature,
            at("/7/block-height", 5.into()),
        ),
        (
            "changes the chain",
            ErrorKind::VerifyChain,
            at("/7/hash-chain", other.clone().into()),
        ),
        (
            "changes the process",
            ErrorKind::VerifyProcess,
            at("/7/process", other.clone().into()),
        ),
        (
            "hides the message's signature",
            ErrorKind::VerifySignature,
            at("/7/body/commitments", json!({})),
        ),
        (
            "hides all of the assignment's commitments",
            ErrorKind::VerifySignature,
            at("/7/commitments", json!({})),
        ),
    ];
    for (what, kind, change) in lies {
        let store = Store::default();
        let mut client = open(&node, Some(&store), options.clone()).unwrap();
        *node.change.borrow_mut() = Some(Box::new(move |all| {
            // Pages of six: this one is read by the client, and again after a reload.
            if all.get("7").is_some() && all.get("6").is_some() {
                change(all);
            }
        }));
        let refused = advance(&mut client).unwrap_err();
        assert_eq!(refused.kind(), kind, "{what}: {}", refused.message());
        assert_eq!(client.slot(), Some(6), "{what}");
        *node.change.borrow_mut() = None;
        let mut again = open(&node, Some(&store), options.clone()).unwrap();
        let proof = advance(&mut again).unwrap();
        assert_eq!((proof.verified, proof.slot), (true, 12), "{what}");
        assert_eq!(advance(&mut client).unwrap().assignment, proof.assignment);
    }
    let other = FollowOptions {
        scheduler: Some(id(&other)),
        ..options
    };
    let refused = open(&node, None, other).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::VerifyScheduler);
}

#[test]
fn assignments_whose_signature_is_hidden_are_evaluated_and_never_called_verified() {
    let (node, options) = small();
    *node.change.borrow_mut() = Some(Box::new(|all| {
        for assignment in all.as_object_mut().unwrap().values_mut() {
            let hash = json!({ "type": "hmac-sha256", "keyid": "constant:ao", "commitment-device": "httpsig@1.0" });
            assignment["commitments"] = json!({ "A".repeat(43): hash });
        }
    }));
    let store = Store::default();
    for unit in [UnitAnswer::Agrees, UnitAnswer::NotAsked] {
        let mut client = open(&node, Some(&store), options.clone()).unwrap();
        let proof = advance(&mut client).unwrap();
        // After the reload, nothing is new.
        assert_eq!((proof.verified, proof.slot, proof.unit), (false, 12, unit));
        let [part] = &proof.unverifiable[..] else {
            panic!("{:?}", proof.unverifiable)
        };
        assert_eq!((part.subject, part.slot, part.count), (Subject::Assignment, 0, 13));
        assert!(
            proof.trusted.contains(&Trusted::Node(ADDRESS.into())),
            "{:?}",
            proof.trusted
        );
    }
}

#[test]
fn message_that_is_posted_again_is_evaluated_again_and_listed() {
    let (node, options) = small();
    let process = options.process.to_string();
    let tags = [("Action", "Add"), ("Data-Protocol", "ao"), ("Type", "Message")];
    let item = node.world.borrow().sign(Some(&process), &tags, b"").into_bytes();
    for _ in 0..2 {
        let request = Request::post(format!("/{process}~process@1.0/push"), item.clone());
        assert_eq!(node.answer(request).0, 200);
    }
    let mut client = open(&node, None, options).unwrap();
    let proof = advance(&mut client).unwrap();
    assert_eq!(
        (proof.verified, proof.slot, proof.unit),
        (false, 14, UnitAnswer::Agrees)
    );
    let [part] = &proof.unverifiable[..] else {
        panic!("{:?}", proof.unverifiable)
    };
    assert_eq!((part.subject, part.slot), (Subject::Repeated, 14));
}

#[test]
fn kept_view_of_a_scheduler_unit_is_not_continued_with_a_node() {
    let (node, options) = small();
    let store = Store::default();
    let source = |schedule| Source {
        client: Client::new(&node, units()),
        downloads: &node,
        schedule,
        gateway: ADDRESS.into(),
    };
    let open = |schedule| {
        block_on(LightClient::open(
            &Wasmi::new(),
            Rc::new(source(schedule)),
            Some(store.clone()),
            options.clone(),
        ))
    };
    let mut client = open(ScheduleSource::Unit).unwrap();
    let proof = block_on(client.advance(None, false, &Unwatched)).unwrap();
    assert_eq!((proof.verified, proof.slot), (true, 12));
    let refused = open(ScheduleSource::Node(ADDRESS.into())).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::ViewDamaged);
}

/// Exchanges the messages of two slots.
fn swap(all: &mut Value) {
    let (mut seven, mut eight) = (all["7"].take(), all["8"].take());
    std::mem::swap(&mut seven, &mut eight);
    (seven["slot"], eight["slot"]) = (7.into(), 8.into());
    (all["7"], all["8"]) = (seven, eight);
}
