//! The light client follows the recorded processes: it reads the schedule, verifies, evaluates, keeps its view, and compares
//! its results with those of the recorded compute unit.

use std::cell::RefCell;
use std::rc::Rc;

use aoxide::arweave::Id;
use aoxide::compute::Wasmi;
use aoxide::protocol::Dryrun;
use aoxide::verify::{
    Agreement, Anchor, CheckpointTrust, FollowOptions, LightClient, Outcome, Proof, ScheduleSource, SlotReport, Source,
    StartAt, Trusted, UnitAnswer, Unwatched, Watch, compare,
};
use aoxide::{Error, ErrorKind, Result};
use pollster::block_on;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::memory_store::Memory;
use crate::recorded;
use crate::recording::{self, Recording};
use crate::sources::{Sources, own_address, own_item};

type Client<'a> = LightClient<&'a Sources, Sources, &'a Memory>;

/// The recorded units of a process.
fn units(recording: &Recording, name: &str) -> Sources {
    let sources = Sources::of(recording, name);
    let recorded: Value = serde_json::from_str(&recording.handed[name].environment[0]).unwrap();
    let module = &recorded["Module"];
    let node =
        json!({ "id": module["Id"], "owner": { "key": "", "address": module["Owner"] }, "tags": module["Tags"] });
    sources.nodes.borrow_mut().insert(recording.index.module.clone(), node);
    for reply in recording.replies.iter().filter(|reply| reply.unit == "cu") {
        let answer = (reply.status, reply.body.clone());
        sources.answers.borrow_mut().insert(reply.request.path.clone(), answer);
    }
    sources
}

fn options(recording: &Recording, name: &str) -> FollowOptions {
    let module = recorded::module_bytes();
    FollowOptions {
        module_sha256: Some(Sha256::digest(&module).into()),
        module: Some(module),
        has_unit: true,
        page: 20,
        ..FollowOptions::new(Id::parse(&recording.index.processes[name], "process").unwrap())
    }
}

fn source(units: &Sources) -> Rc<Source<&Sources, Sources>> {
    Rc::new(Source {
        client: units.client(),
        downloads: units.clone(),
        gateway: "https://gateway".into(),
        schedule: ScheduleSource::Unit,
    })
}

fn open<'a>(units: &'a Sources, storage: Option<&'a Memory>, options: FollowOptions) -> Result<Client<'a>> {
    block_on(LightClient::open(&Wasmi::new(), source(units), storage, options))
}

/// Takes reports, and ends the work after some of them.
#[derive(Default)]
struct Reports {
    taken: RefCell<Vec<SlotReport>>,
    stop_after: Option<usize>,
}

impl Watch for Reports {
    async fn evaluated(&self, report: SlotReport) -> Result<()> {
        self.taken.borrow_mut().push(report);
        match self.stop_after == Some(self.taken.borrow().len()) {
            true => Err(Error::new(ErrorKind::Stopped, "enough")),
            false => Ok(()),
        }
    }
}

fn advance(client: &mut Client<'_>, to: Option<u64>) -> Result<Proof> {
    block_on(client.advance(to, true, &Unwatched))
}

#[test]
fn followed_process_has_the_recorded_results_and_a_proof_that_names_whom_it_trusts() {
    let recording = Recording::read();
    let units = units(&recording, "alice");
    let mut client = open(&units, None, options(&recording, "alice")).unwrap();
    let reports = Reports::default();
    let proof = block_on(client.advance(None, true, &reports)).unwrap();
    let reports = reports.taken.into_inner();
    assert_eq!(reports.len(), 57);
    let mut same = 0;
    for report in &reports {
        let slot = report.result.slot.unwrap();
        let reply = recording.reply(&format!("cu-alice-result-{slot:02}"));
        if reply.status == 200 {
            let agreement = compare(&report.result.result, report.result.outcome, &reply.body).unwrap();
            assert!(!matches!(agreement, Agreement::Differs(_)), "{slot}: {agreement:?}");
            same += 1;
        }
        assert_eq!(
            report.by_gateway,
            report.checks().contains(&"gateway"),
            "{:?}",
            report.checks()
        );
    }
    assert!(same > 50, "{same}");
    assert!(reports.iter().any(|report| report.by_gateway));
    assert!(reports.iter().any(|report| report.is_error));
    assert!(reports.iter().any(|report| report.result.outcome == Outcome::Skipped));
    assert!(reports.iter().any(|report| report.action.as_deref() == Some("Eval")));
    assert!(proof.verified);
    assert_eq!((proof.slot, proof.unit), (56, UnitAnswer::Agrees));
    let scheduler = Trusted::Scheduler(recording.index.scheduler.clone());
    assert!(proof.trusted.contains(&scheduler), "{:?}", proof.trusted);
    assert!(proof.trusted.contains(&Trusted::Gateway("https://gateway".into())));
    // Nothing is new.
    let requests = units.requests.borrow().len();
    assert_eq!(advance(&mut client, None).unwrap().slot, 56);
    assert_eq!(
        units.requests.borrow().len() - requests,
        2,
        "one page, and the unit's result"
    );
}

#[test]
fn next_page_is_requested_before_the_page_before_it_is_evaluated() {
    let recording = Recording::read();
    let units = units(&recording, "alice");
    let mut client = open(&units, None, options(&recording, "alice")).unwrap();
    let stopped = Reports {
        stop_after: Some(1),
        ..Reports::default()
    };
    assert_eq!(
        block_on(client.advance(None, true, &stopped)).unwrap_err().kind(),
        ErrorKind::Stopped
    );
    assert_eq!(client.slot(), Some(0));
    let requests = units.requests.borrow();
    assert!(requests.iter().any(|url| url.contains("from-nonce=19")), "{requests:?}");
}

#[test]
fn stopped_follow_continues_where_it_was_in_place_and_from_its_store() {
    let recording = Recording::read();
    let units = units(&recording, "alice");
    let store = Memory::default();
    let mut client = open(&units, Some(&store), options(&recording, "alice")).unwrap();
    let stopped = Reports {
        stop_after: Some(28),
        ..Reports::default()
    };
    assert_eq!(
        block_on(client.advance(None, true, &stopped)).unwrap_err().kind(),
        ErrorKind::Stopped
    );
    assert_eq!(client.slot(), Some(27));
    let expected = advance(&mut open(&units, None, options(&recording, "alice")).unwrap(), None).unwrap();
    let mut reloaded = open(&units, Some(&store), options(&recording, "alice")).unwrap();
    assert_eq!(reloaded.slot(), Some(27));
    for client in [&mut client, &mut reloaded] {
        let rest = Reports::default();
        let proof = block_on(client.advance(None, true, &rest)).unwrap();
        assert_eq!(rest.taken.borrow().len(), 29);
        assert_eq!((proof.slot, proof.assignment), (expected.slot, expected.assignment));
        assert!(proof.verified);
    }
    let kept = Trusted::KeptView(27);
    assert!(reloaded.proof().unwrap().trusted.contains(&kept));
    assert!(!client.proof().unwrap().trusted.contains(&kept));
    // Until a slot, and no further.
    let mut short = open(&units, None, options(&recording, "alice")).unwrap();
    assert_eq!(advance(&mut short, Some(30)).unwrap().slot, 30);
    assert_eq!(advance(&mut short, Some(30)).unwrap().slot, 30);
}

#[test]
fn exported_view_answers_elsewhere_as_it_did_here() {
    let recording = Recording::read();
    let units = units(&recording, "child");
    let mut client = open(&units, None, options(&recording, "child")).unwrap();
    advance(&mut client, None).unwrap();
    let start = StartAt::View(client.export().unwrap());
    let elsewhere = FollowOptions {
        start,
        ..options(&recording, "child")
    };
    let mut other = open(&units, None, elsewhere).unwrap();
    let message = eval(&recording, "child", "return 6 * 7");
    let (one, two) = (
        block_on(client.dryrun(&message, false)).unwrap(),
        block_on(other.dryrun(&message, false)).unwrap(),
    );
    assert_eq!(one.result, two.result);
    assert_eq!(one.proof.unit, UnitAnswer::NotAsked);
}

/// A dryrun of the user's.
fn eval(recording: &Recording, name: &str, code: &str) -> Dryrun {
    let mut message = Dryrun::new(recording.index.processes[name].clone());
    message.data = aoxide::protocol::Json::text(code);
    message.tags = serde_json::from_value(json!([{ "name": "Action", "value": "Eval" }])).unwrap();
    message.owner.clone_from(&recording.index.user);
    message
}

#[test]
fn dryrun_at_the_newest_slot_answers_from_what_was_new() {
    let recording = Recording::read();
    let units = units(&recording, "alice");
    let mut client = open(&units, None, options(&recording, "alice")).unwrap();
    let message = eval(&recording, "alice", "return ao.reference");
    // A view that has evaluated nothing, one that is behind, and one for which nothing is new.
    let newest = block_on(client.dryrun_newest(&message, false, &Unwatched)).unwrap();
    let mut behind = open(&units, None, options(&recording, "alice")).unwrap();
    advance(&mut behind, Some(30)).unwrap();
    let old = block_on(behind.dryrun(&message, false)).unwrap();
    assert_eq!(old.proof.slot, 30);
    assert_ne!(old.result, newest.result);
    for client in [&mut behind, &mut client] {
        let again = block_on(client.dryrun_newest(&message, false, &Unwatched)).unwrap();
        assert_eq!((again.proof.slot, again.proof.verified), (56, true));
        assert_eq!(again.result, newest.result);
    }
    // A schedule that is wrong from here on gives no answer.
    let mut behind = open(&units, None, options(&recording, "alice")).unwrap();
    advance(&mut behind, Some(8)).unwrap();
    units.change(9, |node| node["message"]["tags"][0]["value"] = "x".into());
    let error = block_on(behind.dryrun_newest(&message, false, &Unwatched)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VerifySignature, "{error}");
}

#[test]
fn lie_of_the_unit_is_a_mismatch_and_a_unit_without_an_answer_takes_nothing_away() {
    let recording = Recording::read();
    let units = units(&recording, "alice");
    let mut client = open(&units, None, options(&recording, "alice")).unwrap();
    advance(&mut client, Some(5)).unwrap();
    let reply = recording.reply("cu-alice-result-05");
    let lie = reply
        .body
        .replacen("\"Messages\":[", "\"Messages\":[{\"Target\":\"x\"}", 1);
    assert_ne!(lie, reply.body);
    let lie = lie.replacen("{\"Target\":\"x\"}{", "{\"Target\":\"x\"},{", 1);
    units
        .answers
        .borrow_mut()
        .insert(reply.request.path.clone(), (200, lie));
    let error = block_on(client.result("5", true)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
    let (result, proof) = block_on(client.result("5", false)).unwrap();
    assert_eq!((result.slot, proof.unit), (Some(5), UnitAnswer::NotAsked));
    units.answers.borrow_mut().clear();
    let message = result.message.unwrap();
    assert_eq!(
        block_on(client.result(&message, true)).unwrap().1.unit,
        UnitAnswer::NoAnswer
    );
    assert_eq!(
        block_on(client.result("6", true)).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn result_of_an_assigned_message_is_compared_with_what_the_unit_returns_for_its_assignment() {
    let recording = Recording::read();
    let units = units(&recording, "alice");
    let mut client = open(&units, None, options(&recording, "alice")).unwrap();
    advance(&mut client, Some(50)).unwrap();
    let node = &recording.schedule("alice")[50]["node"];
    assert!(
        node["message"].is_null(),
        "slot 50 assigns a message that exists elsewhere"
    );
    let process = &recording.index.processes["alice"];
    let path = |id: &str| format!("/result/{id}?process-id={process}");
    let message = path(recording::tag(&node["assignment"], "Message").unwrap());
    let assignment = path(node["assignment"]["id"].as_str().unwrap());
    let other = recording.reply("cu-alice-result-05").body.clone();
    // By the message's id, a unit may return the result that another process has of it.
    units.answers.borrow_mut().insert(message, (200, other.clone()));
    assert_eq!(block_on(client.result("50", true)).unwrap().1.unit, UnitAnswer::Agrees);
    units.answers.borrow_mut().insert(assignment, (200, other));
    let error = block_on(client.result("50", true)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
}

#[test]
fn follow_from_a_checkpoint_of_a_trusted_signer_has_the_results_of_a_follow_from_slot_0() {
    let recording = Recording::read();
    let units = units(&recording, "alice");
    // Slots from 27 on assign messages that came before: a unit that starts at a checkpoint does not know them.
    let slot = 28;
    let id = add_checkpoint(&units, &recording, slot);
    let all = Reports::default();
    let mut whole = open(&units, None, options(&recording, "alice")).unwrap();
    block_on(whole.advance(Some(45), true, &all)).unwrap();
    let from = |trust| {
        let start = StartAt::Checkpoint(trust);
        open(
            &units,
            None,
            FollowOptions {
                start,
                ..options(&recording, "alice")
            },
        )
    };
    let mut client = from(CheckpointTrust::Owners(vec![own_address()])).unwrap();
    assert_eq!(client.slot(), Some(slot));
    let rest = Reports::default();
    let proof = block_on(client.advance(Some(45), true, &rest)).unwrap();
    let results = |reports: &Reports| -> Vec<String> {
        let taken = reports.taken.borrow();
        let behind = taken.iter().filter(|report| report.result.slot > Some(slot));
        behind.map(|report| report.result.result.clone()).collect()
    };
    assert_eq!(results(&rest).len(), 17);
    assert_eq!(results(&rest), results(&all));
    assert!(proof.verified);
    let Anchor::Checkpoint(anchor) = &proof.anchor else {
        panic!("{:?}", proof.anchor)
    };
    assert_eq!((anchor.id.to_string(), anchor.slot), (id, slot));
    let signer = Trusted::CheckpointSigner(own_address().to_string());
    assert!(proof.trusted.contains(&signer), "{:?}", proof.trusted);
    // Nobody whom the caller trusts has signed one.
    let stranger = CheckpointTrust::Owners(vec![Id::parse(&recording.index.scheduler, "id").unwrap()]);
    let error = from(stranger).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VerifyCheckpoint, "{error}");
}

/// Signs a checkpoint of alice with the tests' own key, and lets the gateway list it.
fn add_checkpoint(units: &Sources, recording: &Recording, slot: u64) -> String {
    let module = recorded::module();
    let mut replay = recorded::replay(recording, &module, "alice");
    let entries = recorded::entries(recording, "alice");
    for entry in &entries[..=slot as usize] {
        replay.advance(entry, &[]).unwrap();
    }
    let hash = replay.process_mut().memory_hash().unwrap();
    let (assignment, input) = (&entries[slot as usize].assignment, &entries[slot as usize].input);
    let tags = [
        ("Data-Protocol", "ao".to_string()),
        ("Type", "Checkpoint".into()),
        ("Module", recording.index.module.clone()),
        ("Process", recording.index.processes["alice"].clone()),
        ("Nonce", slot.to_string()),
        ("Timestamp", input.timestamp.to_string()),
        ("Block-Height", input.block_height.to_string()),
        ("SHA-256", hash.iter().map(|byte| format!("{byte:02x}")).collect()),
        ("Assignment", assignment.to_string()),
        ("Hash-Chain", input.hash_chain.clone()),
    ];
    let (id, raw) = own_item(&tags, replay.process_mut().checkpoint().unwrap());
    units.items.borrow_mut().insert(id.clone(), raw);
    units.listed.borrow_mut().push(id.clone());
    id
}

#[test]
fn pinned_module_with_another_hash_is_refused() {
    let recording = Recording::read();
    let units = units(&recording, "child");
    let other = FollowOptions {
        module_sha256: Some([7; 32]),
        ..options(&recording, "child")
    };
    let kind = |options| open(&units, None, options).map(|_| ()).unwrap_err().kind();
    assert_eq!(kind(other), ErrorKind::VerifyModule);
    // The gateway has no signature for the module.
    let unpinned = FollowOptions {
        module_sha256: None,
        ..options(&recording, "child")
    };
    assert_eq!(kind(unpinned), ErrorKind::VerifyModule);
}

#[test]
fn tampered_slot_ends_the_follow_with_its_code_after_the_slots_before_it() {
    let recording = Recording::read();
    let units = units(&recording, "alice");
    units.change(9, |node| node["message"]["tags"][0]["value"] = "x".into());
    let mut client = open(&units, None, options(&recording, "alice")).unwrap();
    let error = advance(&mut client, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VerifySignature, "{error}");
    assert_eq!(client.slot(), Some(8));
}
