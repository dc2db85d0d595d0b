//! A seeded adversary of 10,000 runs against the light client: what it calls verified is what was signed.

use std::collections::BTreeMap;

use aoxide::Result;
use aoxide::arweave::{Id, to_base64url};
use aoxide::compute::{Module, Wasmi};
use aoxide::error::ErrorKind;
use aoxide::verify::{
    AgeLimits, Anchor, AssignedItem, ChainLink, Dedupe, Fingerprint, Gateway, Moment, Outcome, Position, ProcessFacts,
    Replay, ReplayEntry, ReplayState, Schedule, VerifiedEntry, View, compare_sources, replay_entry,
};
use pollster::block_on;
use serde_json::Value;

use crate::mutations::{Adversary, MUTATIONS};
use crate::random::Rng;
use crate::recording::{self, Recording};
use crate::scheduled::Scheduled;
use crate::sources::Sources;

/// What a verifier computes: the messages that the module receives, and those that it skips.
type Computed = Vec<(ReplayEntry, Outcome)>;

/// A place in a schedule from which on an adversary changes it.
struct Attacked {
    sources: Sources,
    process: Id,
    /// Where the verification begins: an assignment that was verified before, or slot 0.
    link: Option<(Id, ChainLink)>,
    /// What is known of the messages before.
    dedupe: Dedupe,
    module: Module,
    other: Vec<Value>,
}

/// A module that answers every message with the same result.
fn module() -> Module {
    let wat = r#"(module (memory (export "memory") 1) (data (i32.const 8) "{\"ok\":true,\"response\":{}}\00")
        (func (export "malloc") (param i32) (result i32) (i32.const 1024)) (func (export "free") (param i32))
        (func (export "handle") (param i32 i32) (result i32) (i32.const 8)))"#;
    Module::load(&Wasmi::new(), &wat::parse_str(wat).unwrap(), None).unwrap()
}

impl Attacked {
    /// Reads and verifies the schedule.
    fn verify(&self, sources: &Sources) -> Result<Vec<VerifiedEntry>> {
        let client = sources.client();
        let gateway = Gateway::new(&client, sources, "https://gateway");
        block_on(async {
            let schedule = match self.link {
                None => Schedule::from_genesis(gateway, self.process).await?,
                Some((scheduler, link)) => Schedule::after(gateway, self.process, scheduler, link),
            };
            let mut schedule = schedule.with_limit(20);
            let mut entries = Vec::new();
            loop {
                let page = schedule.next_page().await?;
                if page.is_empty() {
                    return Ok(entries);
                }
                entries.extend(page);
            }
        })
    }

    /// Evaluates the entries. Returns what the module receives, and whether the proof calls it verified.
    fn compute(&self, entries: &[VerifiedEntry]) -> Result<(Computed, bool)> {
        let facts = ProcessFacts {
            id: self.process,
            owner: String::new(),
            tags: Vec::new(),
        };
        let moment = Moment {
            timestamp: 1,
            block_height: 1,
        };
        let last = self.link.map(|(_, link)| Position {
            slot: link.slot,
            assignment: link.assignment,
            chain: link.hash_chain.to_string(),
            moment,
        });
        let state = ReplayState {
            last,
            dedupe: self.dedupe.clone(),
            ..ReplayState::default()
        };
        let replay = Replay::resume(self.module.instantiate("{}")?, facts, state)?;
        let mut view = View::new(replay, Anchor::Genesis, []);
        let mut computed = Vec::new();
        for VerifiedEntry { entry, item } in entries {
            let anchor = item.as_ref().map(|item| to_base64url(&item.anchor)).unwrap_or_default();
            let assigned = item.as_ref().map(|item| AssignedItem { item, anchor: &anchor });
            let entry = replay_entry(entry, assigned)?;
            let outcome = view.advance(&entry, &[])?.remove(0).outcome;
            computed.push((entry, outcome));
        }
        let verified = computed.is_empty() || view.proof(0, AgeLimits::default())?.verified;
        Ok((computed, verified))
    }

    /// Lets adversaries change the schedule. Counts how the runs end, and fails when something else is called verified.
    fn attack(&self, runs: u64, slots: usize) -> BTreeMap<&'static str, u32> {
        let honest = self.verify(&self.sources).unwrap();
        let (truth, verified) = self.compute(&honest).unwrap();
        assert!(verified);
        assert_eq!(truth.len(), slots);
        let start = self.sources.edges.borrow().len() - slots;
        let mut counts = BTreeMap::new();
        for run in 0..runs {
            let rng = Rng::new(run);
            let adversary = Adversary {
                rng: &rng,
                process: self.process,
                window: start..start + slots,
                other: &self.other,
            };
            let sources = self.sources.clone();
            sources.whole.set(rng.below(2) == 0);
            let names: Vec<_> = (0..1 + rng.below(2)).map(|_| *rng.pick(&MUTATIONS)).collect();
            let mut forks = false;
            for name in &names {
                forks |= adversary.mutate(&sources, name);
            }
            let ended = match self
                .verify(&sources)
                .and_then(|entries| Ok((self.compute(&entries)?, entries)))
            {
                Err(error) => error.kind().code(),
                Ok(((_, false), _)) => "unverifiable",
                Ok(((computed, true), entries)) => {
                    let forked = entries.iter().zip(&honest);
                    let forked = forked.map(|(one, other)| compare_sources(&one.entry, &other.entry));
                    match forked.collect::<Result<()>>() {
                        Err(error) => {
                            assert!(forks, "run {run}: {names:?}: {error}");
                            assert_eq!(error.kind(), ErrorKind::VerifyFork);
                            error.kind().code()
                        }
                        Ok(()) => {
                            assert!(truth.starts_with(&computed), "run {run}: {names:?} is called verified");
                            if computed.len() < truth.len() {
                                "older"
                            } else {
                                "unchanged"
                            }
                        }
                    }
                }
            };
            *counts.entry(ended).or_insert(0) += 1;
        }
        println!("{runs} runs: {counts:?}");
        for kind in [
            ErrorKind::VerifyGap,
            ErrorKind::VerifySignature,
            ErrorKind::VerifyScheduler,
            ErrorKind::VerifyProcess,
            ErrorKind::VerifyMessage,
            ErrorKind::VerifyData,
        ] {
            assert!(
                counts.contains_key(kind.code()),
                "no run ended with {kind:?}: {counts:?}"
            );
        }
        counts
    }
}

#[test]
fn no_adversary_changes_what_a_signed_schedule_computes() {
    let scheduled = Scheduled::new(&Rng::new(1));
    let other = Scheduled::new(&Rng::new(2));
    let attacked = Attacked {
        sources: scheduled.sources,
        process: scheduled.process,
        link: None,
        dedupe: Dedupe::default(),
        module: module(),
        other: other.sources.edges.take(),
    };
    let counts = attacked.attack(9_000, 8);
    // The scheduler's own key is needed for these.
    assert!(counts.contains_key("VERIFY_CHAIN") && counts.contains_key("VERIFY_FORK"));
}

#[test]
fn no_adversary_changes_what_a_recorded_schedule_computes() {
    let recording = Recording::read();
    let process = Id::parse(&recording.index.processes["alice"], "process").unwrap();
    let scheduler = Id::parse(&recording.index.scheduler, "scheduler").unwrap();
    let edges = recording.schedule("alice");
    let id = |text: &str| Id::parse(text, "id").unwrap();
    // Two messages and an assignment of one, behind a verified slot.
    let (from, until) = (24, 27);
    let sources = Sources::default();
    let before = std::iter::repeat_n(Value::Null, from);
    *sources.edges.borrow_mut() = before.chain(edges[from..until].iter().cloned()).collect();
    for edge in &edges[from..until] {
        let named = recording::tag(&edge["node"]["assignment"], "Message").unwrap();
        let item = recording.items[named].clone();
        sources.items.borrow_mut().insert(named.to_owned(), item);
    }
    let mut dedupe = Dedupe::default();
    for edge in &edges[..from] {
        dedupe.insert(&Fingerprint {
            message: id(edge["node"]["message"]["id"].as_str().unwrap()),
            assigned: false,
            content: None,
        });
    }
    let last = &edges[from - 1]["node"]["assignment"];
    let link = ChainLink {
        slot: from as u64 - 1,
        assignment: id(last["id"].as_str().unwrap()),
        hash_chain: id(recording::tag(last, "Hash-Chain").unwrap()),
    };
    let attacked = Attacked {
        sources,
        process,
        link: Some((scheduler, link)),
        dedupe,
        module: module(),
        other: recording.schedule("bob"),
    };
    attacked.attack(1_000, until - from);
}
