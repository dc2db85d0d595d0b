//! Compares responses of HyperBEAM paths with responses that were recorded from a node of November 2025.
//!
//! Bodies and headers that do not depend on keys or times must be equal. Other responses must have the same shape: the same
//! keys, with values of the same types. The local network signs no replies, so commitments are left out.

use std::collections::BTreeSet;

use aoxide::local::{Request, Response};
use serde_json::{Value, json};

use super::node_recording::{Recorded, recordings, without_commitments};
use super::support::{AOS, World, added, body_text, counting, me};

fn json_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{error}: {}", body_text(response)))
}

/// The keys and types of a value. `open` names maps whose keys depend on the process or the message.
fn shape(value: &Value, open: &[&str]) -> Value {
    match value {
        Value::Object(members) => {
            let shapes = members.iter().map(|(name, value)| match open.contains(&name.as_str()) {
                true => (name.clone(), json!("open")),
                false => (name.clone(), shape(value, open)),
            });
            Value::Object(shapes.collect())
        }
        Value::Array(entries) => entries.first().map(|entry| shape(entry, open)).into_iter().collect(),
        Value::String(_) => "text".into(),
        Value::Number(_) => "number".into(),
        value => value.clone(),
    }
}

const JSON: &str = "require-codec=application/json&accept-bundle=true";
const PATCHER: &str = r#"
    Send({ device = 'patch@1.0', cache = { text = 'plain text', int = 7, neg = -5, float = 1.5, yes = true,
      list = { 'a', 'b', 3 }, map = { alice = '10', bob = 7 }, nested = { a = { b = { c = 'bottom', n = 1 } } },
      lines = 'one\ntwo', blank = '', numtext = '0042', long = string.rep('x', 5000), ['Mixed-Case'] = 'mixed' } })
"#;

fn path_at(recorded: &Recorded, process: &str) -> String {
    let (_, rest) = recorded.request.path.split_once('~').unwrap();
    format!("/{process}~{rest}")
}

#[test]
fn reads_of_published_values_equal_the_recorded_responses() {
    let recordings = recordings();
    let mut world = World::new();
    let process = world.run(PATCHER);
    let mut compared = 0;
    for recorded in recordings.values().filter(|recorded| recorded.group == "patch") {
        let kind = recorded.id.strip_prefix("nov-patch-").unwrap();
        let (name, way) = kind.rsplit_once('-').unwrap_or((kind, ""));
        // Left out: bytes and numbers that JSON cannot represent, texts that the Lua source had broken, and empty tables,
        // which are lists in aos. A node returns a value that it has just computed without a wrapper, and later with one.
        if ["bin", "big", "utf8", "none", "before"]
            .iter()
            .any(|left_out| kind.starts_with(left_out))
            || ["map-now", "nested-now"].contains(&kind)
        {
            continue;
        }
        let path = path_at(recorded, &process);
        match (name.strip_suffix("-cache"), way) {
            (None, "now" | "bob" | "c") | (None, "1") if !kind.ends_with("slot-1") => {
                let reply = world.get(&path);
                assert_eq!(reply.status, recorded.reply.status, "{}", recorded.id);
                // For an empty text, the node sends its HTML page.
                let is_page = recorded.reply.body.is_none();
                if !is_page {
                    let expected = String::from_utf8(recorded.reply.bytes()).unwrap();
                    assert_eq!(body_text(&reply), expected, "{}", recorded.id);
                    assert_eq!(reply.header("content-digest"), recorded.reply.header("content-digest"));
                }
                for name in ["ao-result", "ao-types", "status"] {
                    assert_eq!(
                        reply.header(name),
                        recorded.reply.header(name),
                        "{}: {name}",
                        recorded.id
                    );
                }
            }
            (None, "jb") => {
                let reply = world.get(&path);
                assert_eq!(json_of(&reply), recorded.reply.json(), "{}", recorded.id);
                assert_eq!(reply.header("content-type"), Some("application/json"));
            }
            (Some(name), "jb") => {
                let reply = json_of(&world.get(&path));
                let expected = recorded.reply.json();
                assert_eq!(reply["body"][name], expected["body"][name], "{}", recorded.id);
                assert_eq!((&reply["ao-result"], &reply["status"]), (&json!("body"), &json!(200)));
            }
            _ => continue,
        }
        compared += 1;
    }
    assert!(compared >= 20, "only {compared} recordings were compared");
    // Booleans within a map.
    let cache = world.json(&format!("/{process}~process@1.0/now/cache?{JSON}"));
    let recorded = recordings["nov-patch-yes-cache-jb"].reply.json();
    assert_eq!(cache["body"]["ao-types"], recorded["body"]["ao-types"]);
}

#[test]
fn published_state_is_read_as_of_any_slot() {
    let recordings = recordings();
    let mut world = World::new();
    let process = world.spawn(&[]);
    for value in ["1", "2", "3"] {
        world.eval(
            &process,
            &format!("Send({{ device = 'patch@1.0', cache = {{ n = {value} }} }})"),
        );
    }
    let at = format!("/{process}~process@1.0");
    for slot in 1..=3 {
        assert_eq!(
            body_text(&world.get(&format!("{at}/compute&slot={slot}/cache/n"))),
            slot.to_string()
        );
        assert_eq!(
            body_text(&world.get(&format!("{at}/compute={slot}/cache/n"))),
            slot.to_string()
        );
        assert_eq!(
            body_text(&world.get(&format!("{at}/compute/cache/n?slot={slot}"))),
            slot.to_string()
        );
        assert_eq!(
            body_text(&world.get(&format!("{at}/compute&slot={slot}/at-slot"))),
            slot.to_string()
        );
    }
    assert_eq!(body_text(&world.get(&format!("{at}/now/cache/n"))), "3");
    assert_eq!(body_text(&world.get(&format!("{at}/compute/cache/n"))), "3");
    let nothing = world.get(&format!("{at}/compute&slot=0/cache?{JSON}"));
    let recorded = &recordings["nov-patch-text-slot-0"].reply;
    assert_eq!(nothing.status, recorded.status);
    let nothing = json_of(&nothing);
    for (name, value) in recorded.json().as_object().unwrap() {
        assert_eq!(&nothing[name], value, "{name}");
    }
    assert!(
        nothing["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("cache"))
    );
    assert_eq!(
        world.get(&format!("{at}/now/cache/N")).status,
        404,
        "names are case-sensitive"
    );
}

#[test]
fn results_states_and_schedules_have_the_recorded_shape() {
    let recordings = recordings();
    let mut world = World::new();
    let address = world.network.address().to_string();
    let options = [("require-codec", "application/json"), ("accept-bundle", "true")];
    let spawn = [
        ("device", "process@1.0"),
        ("scheduler-device", "scheduler@1.0"),
        ("push-device", "push@1.0"),
        ("execution-device", "genesis-wasm@1.0"),
        ("Authority", &*address),
        ("Scheduler", &*address),
        ("module", AOS),
        ("name", "fixture"),
        ("r", "1"),
        ("Data-Protocol", "ao"),
        ("Type", "Process"),
        ("Variant", "ao.N.1"),
    ];
    let open = ["body", "json", "Tags"];
    let compare = |id: &str, reply: &Response, open: &[&str]| {
        let recorded = &recordings[id].reply;
        assert_eq!(reply.status, recorded.status, "{id}: {}", body_text(reply));
        assert_eq!(shape(&json_of(reply), open), shape(&recorded.json(), open), "{id}");
        for (name, value) in &reply.headers {
            let own = ["content-type", "slot", "process", "status", "codec-device"];
            assert!(
                recorded.header(name).is_some() || own.contains(&name.as_str()) || name.starts_with("access-control-"),
                "{id} has no header {name}: {value}"
            );
        }
    };
    let spawned = world.sign(None, &added(&spawn, &options), b"1984");
    let process = spawned.id().to_string();
    let reply = world.fetch(Request::post("/push", spawned.into_bytes()));
    compare("nov-spawn-lua-json", &reply, &open);
    assert_eq!(reply.header("process"), Some(&*process));
    let at = format!("/{process}~process@1.0");
    let push = |world: &mut World, lua: &str, way: &str| {
        let item = world.message(&process, &added(&[("Action", "Eval")], &options), lua);
        world.fetch(Request::post(format!("{at}/{way}"), item.into_bytes()))
    };
    compare("nov-genesis-eval-2", &push(&mut world, "return 6 * 7", "push"), &[]);
    compare(
        "nov-genesis-eval-error",
        &push(&mut world, "error('oops')", "push"),
        &[],
    );
    let patch = "Send({ Target = ao.id, device = 'patch@1.0', cache = { by = { bob = 7, alice = '10' }, list = { 'a', 'b' }, total = 42,
                 text = 'ü', none = {} } }) return 'patched'";
    let patched = push(&mut world, patch, "push");
    compare("nov-genesis-eval-patch", &patched, &[]);
    for (id, rest) in [
        ("nov-genesis-result-eq-1", "compute/results=1"),
        ("nov-genesis-result-amp-1", "compute&slot=1/results"),
        ("nov-genesis-result-query-1", "compute/results?slot=1"),
        ("nov-genesis-result-last", "compute/results"),
        ("nov-genesis-now-jb", "now"),
        ("nov-dry-genesis-get", "as=execution/compute&Action=Info"),
        ("nov-sched-beyond", "schedule?from=900&to=910"),
        ("nov-sched-negative", "schedule?from=-3&to=1&accept=application/aos-2"),
        (
            "nov-sched-beyond-aos2",
            "schedule?from=900&to=910&accept=application/aos-2",
        ),
    ] {
        let separator = if rest.contains('?') { '&' } else { '?' };
        let reply = world.get(&format!("{at}/{rest}{separator}{JSON}"));
        // This process was spawned with the options in its tags. On the node, a dryrun has no published state yet.
        let mut body = json_of(&reply);
        for name in ["require-codec", "accept-bundle"] {
            body.as_object_mut().unwrap().remove(name);
            if let Some(Value::Object(process)) = body.get_mut("process") {
                process.remove(name);
            }
        }
        if id == "nov-dry-genesis-get" {
            // The output depends on the sender.
            assert_eq!(body["results"]["data"], recordings[id].reply.json()["results"]["data"]);
            let members = body.as_object_mut().unwrap();
            for name in [
                "Anchor",
                "Data-Protocol",
                "Reference",
                "Target",
                "Type",
                "Variant",
                "cache",
            ] {
                assert!(members.remove(name).is_some(), "{name}");
            }
        }
        let reply = Response {
            body: body.to_string().into(),
            ..reply
        };
        let open: &[&str] = if id.contains("sched") { &[] } else { &["Type"] };
        if id == "nov-dry-genesis-get" || id == "nov-genesis-now-jb" {
            assert_eq!(
                shape(&json_of(&reply), open),
                shape(&recordings[id].reply.json(), open),
                "{id}"
            );
        } else {
            compare(id, &reply, open);
        }
    }
    let scheduled = push(&mut world, "return 1", "schedule");
    compare("nov-schedule-post-json", &scheduled, &["body"]);
    let head = world.get(&format!("{at}/compute&slot=500/results?{JSON}"));
    let recorded = &recordings["nov-result-beyond"].reply;
    assert_eq!(
        (head.status, json_of(&head)["attempted-slot"].clone()),
        (recorded.status, json!(5))
    );
    let device = format!("/~scheduler@1.0/slot?target={process}&{JSON}");
    compare("nov-sched-slot-device", &world.get(&device), &[]);
    let status = world.get(&format!("/~scheduler@1.0/status?{JSON}"));
    compare("nov-sched-status", &status, &[]);
    let item = world.message(&process, &[("Action", "One"), ("r", "1")], "first");
    let path = format!("/{}?{JSON}", item.id());
    world.fetch(Request::post(format!("{at}/schedule"), item.into_bytes()));
    compare("nov-item-message-jb", &world.get(&path), &[]);
    let page = world.get(&format!("{at}/schedule?from=0&to=3&accept=application/aos-2"));
    compare("nov-sched-aos2", &page, &["Tags"]);
    let edges = json_of(&page)["edges"].clone();
    assert_eq!(edges[0]["cursor"], 0);
    let message = &edges[1]["node"]["message"];
    assert_eq!(
        (&message["Data"], &message["Owner"]),
        (&json!("return 6 * 7"), &json!(me()))
    );
    let by_header = Request {
        headers: vec![("Accept".into(), "application/aos-2".into())],
        ..Request::get(format!("{at}/schedule?from=0&to=2"))
    };
    assert_eq!(json_of(&world.fetch(by_header))["edges"].as_array().unwrap().len(), 3);
    let page = json_of(&world.get(&format!("/~scheduler@1.0/schedule?target={process}&from=0&to=1&{JSON}")));
    let recorded = &recordings["nov-sched-device"].reply;
    assert_eq!(
        shape(&without_commitments(page.clone()), &["body"]),
        shape(&recorded.json(), &["body"])
    );
    // The message has the commitment of its own signature, as a node shows it.
    let signed = |page: &Value| {
        let commitments = page["assignments"]["1"]["body"]["commitments"].as_object().unwrap();
        let mut commitments = commitments.values();
        let own = commitments.find(|each| each["commitment-device"] == "ans104@1.0");
        own.unwrap()
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        signed(&page),
        signed(&serde_json::from_slice(&recorded.bytes()).unwrap())
    );
    assert_eq!(page["assignments"]["1"]["body"]["action"], "Eval");
}

#[test]
fn single_values_are_the_body_with_their_type_in_a_header() {
    let recordings = recordings();
    let (mut world, module) = counting();
    let process = super::support::spawn_from(&mut world, &module, &[]);
    for (id, rest) in [
        ("nov-slot-current", "slot/current"),
        ("nov-state-now-at-slot", "now/at-slot"),
        ("nov-state-now-device", "now/device"),
    ] {
        let reply = world.get(&format!("/{process}~process@1.0/{rest}"));
        for name in ["ao-result", "ao-types", "status"] {
            assert_eq!(reply.header(name), recordings[id].reply.header(name), "{id}: {name}");
        }
    }
    assert_eq!(body_text(&world.get(&format!("/{process}/slot/current"))), "0");
    let json = world.json(&format!(
        "/{process}~process@1.0/slot/current?require-codec=application/json"
    ));
    let mut expected = recordings["nov-slot-current-json"].reply.json();
    expected["body"] = 0.into();
    assert_eq!(json, expected);
    // Each of these headers requests the JSON codec. The Accept header of a browser does not.
    for (name, value, is_json) in [
        ("accept", "application/json", true),
        ("require-codec", "application/json", true),
        (
            "accept",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            false,
        ),
        ("require-codec", "nothing/here", false),
    ] {
        let request = Request {
            headers: vec![(name.into(), value.into())],
            ..Request::get("/~meta@1.0/info/address")
        };
        let reply = world.fetch(request);
        let address = world.network.address().to_string();
        match is_json {
            true => assert_eq!(
                json_of(&reply),
                json!({ "ao-result": "body", "body": address, "status": 200 })
            ),
            false => assert_eq!(body_text(&reply), address),
        }
    }
}
