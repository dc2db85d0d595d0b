//! Old processes: a schedule that does not begin with the process's own item, and hash chains that schedulers wrote wrong.

use std::cell::RefCell;
use std::rc::Rc;

use aoxide::ans104::DataItem;
use aoxide::arweave::{Id, to_base64url};
use aoxide::compute::Wasmi;
use aoxide::protocol::hash_chain::{first_chain, next_chain};
use aoxide::verify::{
    FollowOptions, LightClient, Proof, ScheduleSource, SlotReport, Source, Subject, Unverifiable, Unwatched, Watch,
};
use aoxide::{ErrorKind, Result};
use pollster::block_on;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::memory_store::Memory;
use crate::random::Rng;
use crate::recorded;
use crate::scheduled::{SCHEDULER, Slot, USER, address, assign, key, shown, sign, tags};
use crate::sources::Sources;

const MODULE: &[u8] = b"a module that is pinned";
const BORN: u64 = 1_690_000_000_123;

/// A process with a schedule of Evals.
struct Example {
    process: DataItem,
    sources: Sources,
}

/// What the schedule of an example is like.
struct Form<'a> {
    /// Whether it begins with the process's own item.
    has_process: bool,
    block_height: u64,
    /// The slots whose hash chain is wrong.
    broken: &'a [usize],
    more_tags: &'a [(&'a str, &'a str)],
}

impl Form<'_> {
    /// Signs the process and its messages: Lua code for each.
    fn signed(&self, code: &[&str]) -> Example {
        let rng = Rng::new(7);
        let (module, scheduler) = (Id::of(MODULE).to_string(), address(SCHEDULER).to_string());
        let pairs = [
            ("Data-Protocol", "ao"),
            ("Type", "Process"),
            ("Module", &*module),
            ("Scheduler", &*scheduler),
            ("On-Boot", "Data"),
        ];
        let pairs = [&pairs, self.more_tags].concat();
        let data = b"Booted = os.time() Count = 0";
        let process = sign(&key(USER), None, b"", tags(&pairs), data, &rng);
        let eval = [("Data-Protocol", "ao"), ("Type", "Message"), ("Action", "Eval")];
        let messages = code.iter().enumerate().map(|(number, code)| {
            let number = number.to_string();
            let tags = tags(&[&eval[..], &[("Number", &*number)]].concat());
            sign(&key(USER), Some(process.id()), b"", tags, code.as_bytes(), &rng)
        });
        let first = self.has_process.then(|| process.clone());
        let sources = Sources::default();
        sources
            .items
            .borrow_mut()
            .insert(process.id().to_string(), process.as_bytes().to_vec());
        *sources.shown_process.borrow_mut() = json!({
            "process_id": process.id().to_string(),
            "block": format!("{:012}", self.block_height),
            "timestamp": BORN,
            "anchor": null,
        });
        let (mut edges, mut chain) = (Vec::new(), first_chain(&process.id()));
        for (number, item) in first.into_iter().chain(messages).enumerate() {
            let message = item.id().to_string();
            if self.broken.contains(&number) {
                chain = Id::of(b"another chain");
            }
            let slot = Slot {
                number,
                chain,
                timestamp: BORN + 60_000 + number as u64 * 1000,
                key: SCHEDULER,
                block_height: self.block_height,
            };
            let is_process = item.id() == process.id();
            let assignment = assign(process.id(), (!is_process).then_some(&*message), &slot, &rng);
            chain = next_chain(&Id::parse(assignment["id"].as_str().unwrap(), "id").unwrap(), &chain);
            edges.push(json!({ "node": { "message": shown(&item), "assignment": assignment } }));
        }
        *sources.edges.borrow_mut() = edges;
        Example { process, sources }
    }
}

impl Example {
    fn open<'a>(&'a self, storage: Option<&'a Memory>) -> Result<LightClient<&'a Sources, Sources, &'a Memory>> {
        let module = recorded::module_bytes();
        let options = FollowOptions {
            module_sha256: Some(Sha256::digest(&module).into()),
            module: Some(module),
            ..FollowOptions::new(self.process.id())
        };
        let source = Rc::new(Source {
            client: self.sources.client(),
            downloads: self.sources.clone(),
            schedule: ScheduleSource::Unit,
            gateway: "https://gateway".into(),
        });
        block_on(LightClient::open(&Wasmi::new(), source, storage, options))
    }

    /// Follows the process up to a slot. Returns the proof, and what each message returned.
    fn advance(&self, storage: Option<&Memory>, to: Option<u64>) -> Result<(Proof, Vec<String>)> {
        let mut client = self.open(storage)?;
        let outputs = Outputs::default();
        let proof = block_on(client.advance(to, false, &outputs))?;
        Ok((proof, outputs.0.into_inner()))
    }
}

/// The outputs of the messages that were evaluated.
#[derive(Default)]
struct Outputs(RefCell<Vec<String>>);

impl Watch for Outputs {
    async fn evaluated(&self, report: SlotReport) -> Result<()> {
        let result: Value = serde_json::from_str(&report.result.result).unwrap();
        let data = result["Output"]["data"].as_str().unwrap_or_default();
        self.0.borrow_mut().push(data.to_owned());
        Ok(())
    }
}

const OLD: Form<'_> = Form {
    has_process: false,
    block_height: 1_300_000,
    broken: &[],
    more_tags: &[],
};

fn unverifiable(subject: Subject, slot: u64, count: u64) -> Unverifiable {
    Unverifiable { subject, slot, count }
}

#[test]
fn old_process_is_evaluated_after_its_own_item_as_a_unit_hands_it_over() {
    let example = OLD.signed(&["Count = Count + 1 return Booted", "return Count", "return Owner"]);
    let (proof, outputs) = example.advance(None, None).unwrap();
    // The item was evaluated before slot 0: what it defined is there, at the scheduler's time of it.
    assert_eq!(outputs, [BORN.to_string(), "1".into(), address(USER).to_string()]);
    assert_eq!((proof.slot, proof.verified), (2, false));
    assert_eq!(proof.unverifiable, [unverifiable(Subject::Assignment, 0, 1)]);

    // The module itself, which gets the texts of the reference.
    let head = example.process.head();
    let shown_tags: Vec<Value> = head
        .tags()
        .iter()
        .map(|tag| {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            json!({ "name": text(&tag.name), "value": text(&tag.value) })
        })
        .collect();
    let (id, owner) = (example.process.id().to_string(), address(USER).to_string());
    let tags_text = serde_json::to_string(&shown_tags).unwrap();
    let signature = to_base64url(head.signature());
    let handed = format!(
        r#"{{"Id":"{id}","Signature":"{signature}","Data":"Booted = os.time() Count = 0","Owner":"{owner}","Target":"{id}","Anchor":null,"From":"{owner}","Tags":{tags_text},"Timestamp":{BORN},"Block-Height":1300000,"Cron":false}}"#
    );
    let environment = json!({
        "Process": { "Id": id, "Owner": owner, "Tags": shown_tags },
        "Module": { "Id": Id::of(MODULE).to_string(), "Tags": [] },
    });
    let mut process = recorded::module().instantiate(&environment.to_string()).unwrap();
    process.handle(&handed).unwrap();
    let dryrun = r#"{"Id":"1","Owner":"OWNER","From":"OWNER","Target":"ID","Data":"return Booted","Tags":[{"name":"Action","value":"Eval"}],"Timestamp":1,"Block-Height":1,"Cron":false}"#;
    let evaluated = process
        .dryrun(&dryrun.replace("OWNER", &owner).replace("ID", &id))
        .unwrap();
    let result: Value = serde_json::from_str(&aoxide::compute::unit_result(&evaluated)).unwrap();
    assert_eq!(result["Output"]["data"], BORN.to_string());
}

#[test]
fn old_process_continues_from_a_store_without_a_second_evaluation_of_its_item() {
    let example = OLD.signed(&["Count = Count + 1", "Count = Count + 1", "return Count"]);
    let store = Memory::default();
    let (first, _) = example.advance(Some(&store), Some(1)).unwrap();
    let (rest, outputs) = example.advance(Some(&store), None).unwrap();
    assert_eq!(outputs, ["2"]);
    assert_eq!(first.unverifiable, rest.unverifiable);
    assert!(!rest.verified);
}

#[test]
fn process_without_messages_is_decided_when_the_first_one_comes() {
    let example = OLD.signed(&["return Booted"]);
    let edges = example.sources.edges.take();
    let mut client = example.open(None).unwrap();
    assert_eq!(
        block_on(client.advance(None, false, &Unwatched)).unwrap_err().kind(),
        ErrorKind::BadArgument
    );
    *example.sources.edges.borrow_mut() = edges;
    let outputs = Outputs::default();
    let proof = block_on(client.advance(None, false, &outputs)).unwrap();
    assert_eq!(outputs.0.into_inner(), [BORN.to_string()]);
    assert_eq!(proof.unverifiable, [unverifiable(Subject::Assignment, 0, 1)]);

    let newer = Form {
        has_process: true,
        block_height: 1_600_000,
        ..OLD
    };
    let (proof, outputs) = newer.signed(&["return Booted"]).advance(None, None).unwrap();
    // The time of the process is that of its assignment, which is signed.
    assert_eq!(outputs[1], (BORN + 60_000).to_string());
    assert!(proof.verified, "{proof:?}");
}

#[test]
fn crons_of_an_old_process_are_due_from_its_own_item_on() {
    let form = Form {
        more_tags: &[("Cron-Interval", "10-seconds"), ("Cron-Tag-Action", "Cron")],
        ..OLD
    };
    let example = form.signed(&["return 1", "return 2"]);
    // A minute passes between the item and slot 0.
    let (proof, outputs) = example.advance(None, None).unwrap();
    assert_eq!(outputs.len(), 5 + 2, "{outputs:?}");
    assert_eq!(outputs[5..], ["1", "2"]);
    assert_eq!(
        proof.unverifiable,
        [
            unverifiable(Subject::Cron, 0, 5),
            unverifiable(Subject::Assignment, 0, 1)
        ]
    );
}

#[test]
fn scheduler_that_shows_another_anchor_or_no_time_of_an_old_process_is_refused() {
    let example = OLD.signed(&["return 1"]);
    let honest = example.sources.shown_process.borrow().clone();
    for (member, value, kind) in [
        (
            "anchor",
            json!("0123456789abcdef0123456789abcdef"),
            ErrorKind::VerifyProcess,
        ),
        ("timestamp", json!("soon"), ErrorKind::BadResponse),
        ("block", json!(null), ErrorKind::BadResponse),
    ] {
        let mut lie = honest.clone();
        lie[member] = value;
        *example.sources.shown_process.borrow_mut() = lie;
        let error = example.advance(None, None).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), kind, "{member}: {error}");
    }
    *example.sources.shown_process.borrow_mut() = honest;
    assert!(example.advance(None, None).is_ok());
}

#[test]
fn broken_chain_of_an_old_process_is_listed_also_after_a_reload() {
    let form = Form {
        has_process: true,
        broken: &[2, 4, 5],
        ..OLD
    };
    let code = ["Count = Count + 1"; 6];
    let (whole, _) = form.signed(&code).advance(None, None).unwrap();
    assert_eq!(whole.unverifiable, [unverifiable(Subject::Chain, 2, 3)]);
    let example = form.signed(&code);
    let store = Memory::default();
    let (first, _) = example.advance(Some(&store), Some(3)).unwrap();
    assert_eq!(first.unverifiable, [unverifiable(Subject::Chain, 2, 1)]);
    let (rest, _) = example.advance(Some(&store), None).unwrap();
    assert_eq!(rest.unverifiable, whole.unverifiable);
    assert!(!rest.verified);
}

#[test]
fn broken_chain_of_a_newer_process_is_refused_also_after_a_reload() {
    let form = Form {
        has_process: true,
        block_height: 1_440_000,
        broken: &[4],
        ..OLD
    };
    let example = form.signed(&["Count = Count + 1"; 6]);
    let store = Memory::default();
    assert!(example.advance(Some(&store), Some(3)).unwrap().0.verified);
    for storage in [None, Some(&store)] {
        let error = example.advance(storage, None).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerifyChain, "{error}");
    }
}
