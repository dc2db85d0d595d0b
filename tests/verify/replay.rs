//! The light client replays the conversation that was recorded from permaweb's units: it hands the same texts to the module,
//! and computes the same results.

use std::collections::BTreeSet;

use aoxide::ErrorKind;
use aoxide::protocol::{Cron, CronInput, dryrun_input};
use aoxide::verify::{Agreement, Gap, Moment, Outcome, SlotResult, compare, ticks};
use serde_json::Value;

use crate::recorded::{blocks, entries, environment_of, facts, module, replay};
use crate::recording::Recording;

const PROCESSES: [&str; 4] = ["alice", "bob", "child", "cron"];

/// Results that the compute unit of the recording could not find by the message's id.
const NOT_FOUND: [&str; 3] = ["cu-alice-result-07", "cu-bob-result-01", "cu-bob-result-05"];

#[test]
fn every_message_of_the_recorded_schedules_is_handed_over_byte_for_byte() {
    let recording = Recording::read();
    for name in PROCESSES {
        let handed = &recording.handed[name];
        let mut handed_slots = BTreeSet::new();
        let entries = entries(&recording, name);
        for input in &handed.scheduled {
            let entry = entries.iter().find(|entry| entry.input.nonce == input.nonce).unwrap();
            assert_eq!(entry.input.to_json(), input.text, "{name} {}", input.nonce);
            handed_slots.insert(input.nonce);
        }
        assert!(!handed_slots.is_empty());
        for environment in &handed.environment {
            assert_eq!(&environment_of(&recording, name), environment, "{name}");
        }
    }
}

#[test]
fn every_message_of_the_recorded_cron_is_generated_byte_for_byte() {
    let recording = Recording::read();
    let facts = facts(&recording, "cron");
    let crons = Cron::parse(&facts.tags);
    let entries = entries(&recording, "cron");
    let moment = |index: usize| Moment {
        timestamp: entries[index].input.timestamp,
        block_height: entries[index].input.block_height,
    };
    let handed = &recording.handed["cron"].cron;
    let texts: BTreeSet<&str> = handed.iter().map(|input| &*input.text).collect();
    let newest: Value = serde_json::from_str(&handed.last().unwrap().text).unwrap();
    // The unit knew the blocks up to this one.
    let mut blocks = blocks();
    blocks.retain(|block| block.block_height <= newest["Block-Height"].as_u64().unwrap());
    let gap = Gap {
        origin: moment(0),
        left: moment(1),
        until: newest["Timestamp"].as_u64().unwrap() + 1,
        blocks: &blocks,
    };
    let generated: Vec<String> = ticks(&crons, gap)
        .unwrap()
        .iter()
        .map(|tick| {
            CronInput {
                owner: facts.owner.clone(),
                target: facts.id.to_string(),
                tags: crons[tick.cron].tags.clone(),
                timestamp: tick.timestamp,
                block_height: tick.block_height,
            }
            .to_json()
        })
        .collect();
    assert!(generated.len() > 60, "{}", generated.len());
    for text in &generated {
        assert!(texts.contains(&**text), "{text}");
    }
    // The unit evaluated some of them twice, with different heights: it had not read the newest blocks at first.
    let time = |text: &&str| parsed(text)["Timestamp"].as_u64().unwrap();
    let times: BTreeSet<u64> = texts.iter().map(time).collect();
    assert_eq!(times.len(), generated.len());
    // Nothing was due between the first two messages.
    let before = Gap {
        left: moment(0),
        until: moment(1).timestamp,
        ..gap
    };
    assert!(ticks(&crons, before).unwrap().is_empty());
}

#[test]
fn the_recorded_schedules_lead_to_the_recorded_results() {
    let recording = Recording::read();
    let module = module();
    let (mut compared, mut same) = (0, 0);
    for name in PROCESSES {
        let mut replay = replay(&recording, &module, name);
        let mut handed = BTreeSet::new();
        for entry in entries(&recording, name) {
            let results = replay.advance(&entry, &blocks()).unwrap();
            let [result] = &results[..] else { panic!("{results:?}") };
            let slot = result.slot.unwrap();
            if result.outcome == Outcome::Evaluated {
                handed.insert(slot);
            }
            let reply = recording.reply(&format!("cu-{name}-result-{slot:02}"));
            if NOT_FOUND.contains(&&*reply.id) {
                assert_eq!(reply.status, 500);
                continue;
            }
            let agreement = compare(&result.result, result.outcome, &reply.body).unwrap();
            assert!(
                matches!(agreement, Agreement::Same | Agreement::OtherOrder),
                "{name} {slot}: {agreement:?}\n{}\n{}",
                result.result,
                reply.body
            );
            same += usize::from(agreement == Agreement::Same);
            compared += 1;
        }
        // The others are skipped: messages that the process has already.
        let expected: BTreeSet<u64> = recording.handed[name]
            .scheduled
            .iter()
            .map(|input| input.nonce)
            .collect();
        assert_eq!(handed, expected, "{name}");
    }
    assert_eq!(compared, 69 - NOT_FOUND.len());
    assert!(same >= 40, "{same}");
}

#[test]
fn the_messages_of_the_recorded_cron_lead_to_the_recorded_results() {
    let recording = Recording::read();
    let mut replay = replay(&recording, &module(), "cron");
    for entry in entries(&recording, "cron") {
        replay.advance(&entry, &blocks()).unwrap();
    }
    let page = recording.body("cu-cron-cron");
    let recorded: Vec<Value> = page["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["node"].clone())
        .collect();
    let until = replay.state().last.as_ref().unwrap().moment.timestamp + 48_001;
    let first = replay.advance_crons(until, &blocks()).unwrap();
    assert!(replay.advance_crons(until, &blocks()).unwrap().is_empty());
    let later = replay.advance_crons(until + 10_000, &blocks()).unwrap();
    assert_eq!((first.len(), later.len()), (5, 1));
    let results: Vec<&SlotResult> = first.iter().chain(&later).collect();
    for (result, recorded) in results.iter().zip(&recorded) {
        assert_eq!((result.slot, result.outcome), (None, Outcome::Cron));
        let mut result = parsed(&result.result);
        result.as_object_mut().unwrap().remove("GasUsed");
        assert_eq!(&result, recorded);
    }
    assert_eq!(replay.state().ticks, 6);
}

#[test]
fn dryruns_after_the_recorded_schedule_are_those_of_the_recorded_unit_and_change_nothing() {
    let recording = Recording::read();
    let mut replay = replay(&recording, &module(), "alice");
    for entry in entries(&recording, "alice") {
        replay.advance(&entry, &[]).unwrap();
    }
    let state = replay.state().clone();
    let memory = replay.process_mut().memory_hash().unwrap();
    let evaluated = state.evaluated.unwrap();
    let mut texts: BTreeSet<&str> = BTreeSet::new();
    texts.extend(recording.handed["alice"].dry_runs.iter().map(|input| &*input.text));
    let mut compared = 0;
    for reply in recording.replies.iter().filter(|reply| reply.id.starts_with("cu-dry-")) {
        if reply.status != 200 {
            assert_eq!(reply.id, "cu-dry-empty");
            continue;
        }
        let Value::Object(body) = parsed(&reply.request.body) else {
            panic!()
        };
        let process = replay.facts().id.to_string();
        let input = dryrun_input(&process, body.clone(), evaluated.timestamp, evaluated.block_height);
        assert!(texts.contains(&*input), "{}: {input}", reply.id);
        assert_eq!(
            parsed(&replay.dryrun(body).unwrap()),
            parsed(&reply.body),
            "{}",
            reply.id
        );
        compared += 1;
    }
    assert!(compared >= 9, "{compared}");
    assert_eq!(replay.state(), &state);
    assert_eq!(replay.process_mut().memory_hash().unwrap(), memory);
}

#[test]
fn an_entry_that_is_not_the_next_one_is_refused() {
    let recording = Recording::read();
    let mut replay = replay(&recording, &module(), "child");
    let entry = &entries(&recording, "bob")[1];
    let error = replay.advance(entry, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VerifyGap, "{error}");
    assert_eq!(replay.next_slot(), 0);
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}
