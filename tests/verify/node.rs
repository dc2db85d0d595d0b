//! The light client reads recorded schedules of HyperBEAM nodes. Whole processes are followed in `local/node_followed.rs`.

use std::io::Read;
use std::rc::Rc;

use aoxide::arweave::Id;
use aoxide::client::{Client, Units};
use aoxide::compute::Wasmi;
use aoxide::local::MemoryStorage;
use aoxide::platform::Download;
use aoxide::protocol::Json;
use aoxide::verify::{
    FollowOptions, LightClient, NodeChain, NodeCheck, NodeEntry, NodeSchedule, ScheduleSource, Source, node_page_of,
};
use aoxide::{ErrorKind, Result};
use pollster::block_on;
use serde_json::Value;

use crate::recording::from_base64;
use crate::support::Script;

const OTHER: &str = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";

/// Nothing is downloaded.
struct NoDownloads;

impl Download for NoDownloads {
    async fn download(&self, url: &str) -> Result<Vec<u8>> {
        panic!("{url} is downloaded")
    }
}

/// The recorded reply of a node to a request for the first two slots.
fn node_reply(node: &str) -> String {
    let mut text = String::new();
    let packed: &[u8] = include_bytes!("../vectors/hyperbeam/recordings.json.gz");
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let id = format!("{node}-sched-to");
    let recorded = all.iter().find(|entry| entry["id"] == *id).unwrap();
    String::from_utf8(from_base64(recorded["reply"]["body"].as_str().unwrap())).unwrap()
}

fn node_schedule(node: &str) -> Vec<NodeEntry> {
    node_page_of(&Json::new(node_reply(node)).unwrap()).unwrap()
}

#[test]
fn a_nodes_schedule_is_read_page_by_page() {
    for node in ["sep", "nov"] {
        let reply = node_reply(node);
        let process = Id::parse(&node_schedule(node)[0].process, "").unwrap();
        let empty = r#"{"assignments":{}}"#;
        let script = Script::new(&[Some((200, &reply)), Some((200, empty)), Some((500, "down"))]);
        let mut schedule = NodeSchedule::from_genesis(&script, "https://node/", process).with_limit(2);
        let page = block_on(schedule.next_page()).unwrap();
        assert_eq!((page.len(), page[0].message), (2, process));
        assert!(block_on(schedule.next_page()).unwrap().is_empty());
        assert_eq!(
            block_on(schedule.next_page()).unwrap_err().kind(),
            ErrorKind::HttpStatus
        );
        let json = "require-codec=application/json&accept-bundle=true";
        let url = |slots: &str| format!("GET https://node/{process}~process@1.0/schedule?{slots}&{json}");
        assert_eq!(
            script.urls(),
            [url("from=0&to=1"), url("from=2&to=3"), url("from=2&to=3")]
        );
        assert_eq!(schedule.chain().unverifiable().is_some(), node == "nov");
    }
}

#[test]
fn messages_and_chains_of_recorded_nodes_verify_and_changed_ones_do_not() {
    for node in ["sep", "nov"] {
        let entries = node_schedule(node);
        assert_eq!(entries.len(), 2);
        let process = Id::parse(&entries[0].process, "").unwrap();
        let mut chain = NodeChain::from_genesis(process);
        for entry in &entries {
            let message = chain.advance(entry).unwrap();
            // Only nodes of September sign their assignments.
            let check = entry.check_commitment(&message).unwrap();
            assert_eq!(check == NodeCheck::Unsigned, node == "nov");
        }
        let unverifiable = (node == "nov").then_some((0, 2));
        assert_eq!(chain.unverifiable().map(|part| (part.slot, part.count)), unverifiable);
        let refused = |slot: usize, change: &dyn Fn(&mut NodeEntry)| {
            let mut chain = NodeChain::from_genesis(process);
            let mut entries = entries.clone();
            change(&mut entries[slot]);
            entries
                .iter()
                .find_map(|entry| chain.advance(entry).err())
                .unwrap()
                .kind()
        };
        let set = |name: &'static str| move |entry: &mut NodeEntry| drop(entry.body.insert(name.into(), "x".into()));
        assert_eq!(refused(1, &set("data")), ErrorKind::VerifySignature);
        assert_eq!(refused(1, &set("action")), ErrorKind::VerifySignature);
        assert_eq!(
            refused(1, &|entry| drop(entry.body.remove("commitments"))),
            ErrorKind::VerifySignature
        );
        assert_eq!(
            refused(1, &|entry| entry.hash_chain = Some(OTHER.into())),
            ErrorKind::VerifyChain
        );
        assert_eq!(
            refused(1, &|entry| entry.process = OTHER.into()),
            ErrorKind::VerifyProcess
        );
        assert_eq!(refused(1, &|entry| entry.slot = 2), ErrorKind::VerifyGap);
        if node == "sep" {
            for (name, value) in [
                ("timestamp", Value::from(5)),
                ("block-height", 7.into()),
                ("path", "x".into()),
            ] {
                let set = |entry: &mut NodeEntry| drop(entry.assignment.insert(name.into(), value.clone()));
                assert_eq!(refused(1, &set), ErrorKind::VerifySignature, "{name}");
            }
            let other = NodeChain::from_genesis(process).with_schedulers(vec![Id::parse(OTHER, "").unwrap()]);
            assert_eq!(
                other.clone().advance(&entries[0]).unwrap_err().kind(),
                ErrorKind::VerifyScheduler
            );
        }
        let first = entries[0].body.clone();
        assert_eq!(refused(1, &|entry| entry.body = first.clone()), ErrorKind::VerifyChain);
    }
}

#[test]
fn process_on_another_device_is_refused_at_once_with_its_name() {
    for node in ["sep", "nov"] {
        let reply = node_reply(node);
        let process = Id::parse(&node_schedule(node)[0].process, "").unwrap();
        let script = Script::new(&[Some((200, &reply))]);
        let source = Source {
            client: Client::new(script.clone(), Units::default()),
            downloads: NoDownloads,
            schedule: ScheduleSource::Node("https://node".into()),
            gateway: "https://gateway".into(),
        };
        let engine = Wasmi::new();
        let opened = LightClient::open(
            &engine,
            Rc::new(source),
            None::<MemoryStorage>,
            FollowOptions::new(process),
        );
        let refused = block_on(opened).err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::UnsupportedDevice, "{}", refused.message());
        assert!(refused.message().contains("\"lua@5.3a\""), "{}", refused.message());
        assert_eq!(script.urls().len(), 1);
    }
}
