//! Checks whether the recorded schedules of real nodes contain a message.

use aoxide::arweave::Id;
use aoxide::client::mainnet::{DeliveryCheck, DeliveryStatus};
use aoxide::platform::{Response, SentMessage};
use serde_json::{Value, json};

use crate::{OTHER, PROCESS};

const NODES: [&str; 2] = ["sep", "nov"];
const FORM: &str = "require-codec=application/json&accept-bundle=true";

fn recorded(id: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../../vectors/hyperbeam/schedules.json")).unwrap();
    let mut all = all.as_array().unwrap().iter();
    all.find(|entry| entry["id"] == id)
        .unwrap_or_else(|| panic!("{id}"))
        .clone()
}

/// The recorded response as a platform returns it. The text of an HTML page is recorded separately.
fn response(entry: &Value) -> Response {
    let body = entry["page"].as_str().or(entry["body"].as_str()).unwrap();
    answer(entry["status"].as_u64().unwrap() as u16, body)
}

fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        body: body.into(),
        ..Response::default()
    }
}

/// A response that names the newest slot.
fn current(process: &str, newest: u64) -> Response {
    answer(200, &json!({ "current": newest, "process": process }).to_string())
}

fn body(entry: &Value) -> Value {
    serde_json::from_str(entry["body"].as_str().unwrap()).unwrap()
}

/// The process in the path of a recorded request.
fn process(entry: &Value) -> &str {
    &entry["path"].as_str().unwrap()[1..44]
}

fn sent(process: &str, message: &str) -> SentMessage {
    SentMessage {
        node: "https://node.test".into(),
        process: Id::parse(process, "").unwrap(),
        message: Id::parse(message, "").unwrap(),
    }
}

/// The status of a message according to a page with the slots from 0 to `newest`.
fn status_in(process: &str, message: &str, newest: u64, page: &Response) -> Option<DeliveryStatus> {
    let sent = sent(process, message);
    let mut check = DeliveryCheck::new(&sent, 0);
    assert_eq!(check.path(), format!("{process}~process@1.0/slot?{FORM}"));
    assert_eq!(check.read(&current(process, newest), 0), None);
    assert_eq!(
        check.path(),
        format!("{process}~process@1.0/schedule?from=0&to={newest}&{FORM}")
    );
    check.read(page, 0)
}

#[test]
fn data_item_is_found_by_its_id_in_a_recorded_schedule() {
    for node in NODES {
        let entry = recorded(&format!("{node}-sched-to"));
        let process = process(&entry);
        let assignments = &body(&entry)["assignments"];
        let commitments = assignments["1"]["body"]["commitments"].as_object().unwrap();
        let item = commitments
            .iter()
            .find(|(_, each)| each["commitment-device"] == "ans104@1.0");
        let item = item.unwrap().0;
        assert_eq!(
            status_in(process, item, 1, &response(&entry)),
            Some(DeliveryStatus::Scheduled(1)),
            "{node}"
        );
        assert_eq!(
            status_in(process, OTHER, 1, &response(&entry)),
            Some(DeliveryStatus::NotScheduled),
            "{node}"
        );
        // The page has two slots. The message could be in the missing slot.
        assert_eq!(
            status_in(process, OTHER, 2, &response(&entry)),
            Some(DeliveryStatus::Unknown),
            "{node}"
        );
        assert_eq!(
            status_in(process, item, 2, &response(&entry)),
            Some(DeliveryStatus::Scheduled(1)),
            "{node}"
        );
        // The page is of another process, or is cut off.
        assert_eq!(
            status_in(OTHER, process, 1, &response(&entry)),
            Some(DeliveryStatus::Unknown),
            "{node}"
        );
        let half = &entry["body"].as_str().unwrap()[..5000];
        assert_eq!(
            status_in(process, OTHER, 1, &answer(200, half)),
            Some(DeliveryStatus::Unknown),
            "{node}"
        );
        let beyond = recorded(&format!("{node}-sched-beyond"));
        assert_eq!(
            status_in(process, item, 1, &response(&beyond)),
            Some(DeliveryStatus::Unknown),
            "{node}"
        );
    }
}

#[test]
fn scheduled_item_is_found_by_the_id_that_its_sender_computed() {
    for node in NODES {
        let entry = recorded(&format!("{node}-schedule-post-json"));
        let assignment = body(&entry);
        let slot = assignment["slot"].as_u64().unwrap();
        let mut assignments = json!({});
        for other in 0..=slot {
            assignments[other.to_string()] = body(&recorded(&format!("{node}-sched-to")))["assignments"]["1"].clone();
        }
        let item = entry["item"].as_str().unwrap();
        let without = json!({ "assignments": assignments }).to_string();
        assert_eq!(
            status_in(process(&entry), item, slot, &answer(200, &without)),
            Some(DeliveryStatus::NotScheduled),
            "{node}"
        );
        assignments[slot.to_string()] = assignment;
        let page = json!({ "assignments": assignments }).to_string();
        assert_eq!(
            status_in(process(&entry), item, slot, &answer(200, &page)),
            Some(DeliveryStatus::Scheduled(slot)),
            "{node}"
        );
    }
}

/// A recorded page in which the message of slot 1 is replaced with this one.
fn around(message: &Value) -> (String, Response) {
    let entry = recorded("nov-sched-to");
    let mut assignments = body(&entry)["assignments"].clone();
    assignments["1"]["body"] = message.clone();
    let page = json!({ "assignments": assignments }).to_string();
    (process(&entry).into(), answer(200, &page))
}

#[test]
fn http_message_is_found_by_its_id() {
    let entry = recorded("nov-httpsig-cur-empty-read");
    let (process, page) = around(&body(&entry));
    let id = self::process(&entry);
    assert_eq!(status_in(&process, id, 1, &page), Some(DeliveryStatus::Scheduled(1)));
}

#[test]
fn message_whose_commitments_another_message_shares_is_undecided() {
    // The same fields were signed twice and sent twice. The node returns both signatures with each of the messages.
    let entry = recorded("sep-httpsig-sep-plain-read");
    let message = body(&entry);
    let commitments = message["commitments"].as_object().unwrap();
    let signed = commitments.iter().filter(|(_, each)| each["type"] == "rsa-pss-sha512");
    let ids: Vec<&String> = signed.map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 2);
    for id in ids {
        let (process, page) = around(&message);
        assert_eq!(status_in(&process, id, 1, &page), Some(DeliveryStatus::Unknown));
    }
    let (process, page) = around(&message);
    assert_eq!(status_in(&process, OTHER, 1, &page), Some(DeliveryStatus::NotScheduled));
}

#[test]
fn process_is_found_in_its_own_first_slot() {
    for node in NODES {
        let entry = recorded(&format!("{node}-sched-to"));
        let process = process(&entry);
        let sent = sent(process, process);
        let mut check = DeliveryCheck::new(&sent, 0);
        assert_eq!(
            check.path(),
            format!("{process}~process@1.0/schedule?from=0&to=0&{FORM}")
        );
        assert_eq!(
            check.read(&response(&entry), 0),
            Some(DeliveryStatus::Scheduled(0)),
            "{node}"
        );
    }
}

#[test]
fn process_that_the_node_does_not_know_is_not_scheduled() {
    for node in NODES {
        let mut unknown = recorded(&format!("{node}-error-process-result"));
        // The recorded request named a process whose id is not canonical, so a canonical id replaces it.
        let (asked, process) = ("B".repeat(43), "B".repeat(42) + "A");
        unknown["body"] = unknown["body"].as_str().unwrap().replace(&asked, &process).into();
        let process = process.as_str();
        let made = sent(process, process);
        assert_eq!(
            DeliveryCheck::new(&made, 0).read(&response(&unknown), 0),
            Some(DeliveryStatus::NotScheduled),
            "{node}"
        );
        // The error is about another process, or is another error, or is a page without a reason.
        let other = sent(OTHER, OTHER);
        assert_eq!(
            DeliveryCheck::new(&other, 0).read(&response(&unknown), 0),
            Some(DeliveryStatus::Unknown),
            "{node}"
        );
        let page = recorded(&format!("{node}-error-process-slot"));
        for undecided in [
            response(&page),
            answer(500, "{}"),
            answer(404, ""),
            answer(200, "no_viable_responses"),
        ] {
            assert_eq!(
                DeliveryCheck::new(&made, 0).read(&undecided, 0),
                Some(DeliveryStatus::Unknown),
                "{node}"
            );
        }
        // The error does not prove that a message to this process was not scheduled.
        let message = sent(process, OTHER);
        assert_eq!(
            DeliveryCheck::new(&message, 0).read(&response(&page), 0),
            Some(DeliveryStatus::Unknown),
            "{node}"
        );
        assert_eq!(
            status_in(process, OTHER, 1, &response(&unknown)),
            Some(DeliveryStatus::Unknown),
            "{node}"
        );
    }
}

#[test]
fn newest_slot_is_read_and_errors_are_undecided() {
    for node in NODES {
        for id in ["slot-json", "sched-slot-device"] {
            let entry = recorded(&format!("{node}-{id}"));
            let body = body(&entry);
            let process = body["process"].as_str().unwrap();
            let sent = sent(process, OTHER);
            let mut check = DeliveryCheck::new(&sent, 0);
            assert_eq!(check.read(&response(&entry), 0), None);
            let page = format!("{process}~process@1.0/schedule?from=0&to=13&{FORM}");
            assert_eq!(check.path(), page, "{node}");
            // The error of a node of September 2025 if a slot has data that is not UTF-8.
            let error = recorded("sep-sched-aos2-all");
            assert_eq!(check.read(&response(&error), 0), Some(DeliveryStatus::Unknown));
            // The response is about another process, or is cut off.
            let other = self::sent(OTHER, process);
            assert_eq!(
                DeliveryCheck::new(&other, 0).read(&response(&entry), 0),
                Some(DeliveryStatus::Unknown)
            );
            let half = &entry["body"].as_str().unwrap()[..2000];
            assert_eq!(
                DeliveryCheck::new(&sent, 0).read(&answer(200, half), 0),
                Some(DeliveryStatus::Unknown)
            );
        }
    }
    let sent = sent(OTHER, PROCESS);
    for undecided in ["", "12", "-1", "x", "{}"] {
        assert_eq!(
            DeliveryCheck::new(&sent, 0).read(&answer(200, undecided), 0),
            Some(DeliveryStatus::Unknown),
            "{undecided}"
        );
    }
    for undecided in [current(OTHER, u64::MAX), answer(500, &current(OTHER, 5).body)] {
        assert_eq!(
            DeliveryCheck::new(&sent, 0).read(&undecided, 0),
            Some(DeliveryStatus::Unknown)
        );
    }
}

/// A page of slots whose timestamps are `time(slot)`.
fn page(process: &str, from: u64, to: u64, time: impl Fn(u64) -> u64) -> Response {
    let assignments: serde_json::Map<_, _> = (from..=to)
        .map(|slot| {
            let body = json!({ "commitments": { format!("of-{slot}"): { "type": "rsa-pss-sha256" } } });
            let assignment = json!({ "process": process, "timestamp": time(slot), "body": body });
            (slot.to_string(), assignment)
        })
        .collect();
    answer(200, &json!({ "assignments": assignments }).to_string())
}

/// Checks a schedule whose last slot is `newest`. Returns the requested pages and the final status.
fn read_back(
    newest: u64,
    began: u64,
    now: u64,
    date: Option<u64>,
    time: impl Fn(u64) -> u64,
) -> (Vec<(u64, u64)>, DeliveryStatus) {
    let process = PROCESS;
    let sent = sent(process, OTHER);
    let mut check = DeliveryCheck::new(&sent, began);
    let current = Response {
        date,
        ..current(process, newest)
    };
    assert_eq!(check.read(&current, now), None);
    let mut pages = Vec::new();
    loop {
        let path = check.path();
        let number = |name: &str| -> u64 {
            let (_, rest) = path.split_once(name).unwrap();
            rest.split('&').next().unwrap().parse().unwrap()
        };
        let (from, to) = (number("from="), number("to="));
        pages.push((from, to));
        if let Some(status) = check.read(&page(process, from, to, &time), now) {
            return (pages, status);
        }
    }
}

#[test]
fn check_reads_back_to_slots_before_the_message_was_sent() {
    let hour = 3_600_000;
    // The response has the node's time, so the caller's clock does not matter: the message was sent two seconds ago, and the
    // check goes back one minute further.
    for began in [0, 50 * hour, 1000 * hour] {
        let now = began + 2000;
        let date = Some(100 * hour);
        let (pages, status) = read_back(500, began, now, date, |slot| 100 * hour - (500 - slot) * 10_000);
        assert_eq!((pages, status), (vec![(481, 500)], DeliveryStatus::NotScheduled));
        let (pages, status) = read_back(500, began, now, date, |slot| 100 * hour - (500 - slot) * 1000);
        assert_eq!(
            (pages, status),
            (vec![(481, 500), (441, 480), (361, 440)], DeliveryStatus::NotScheduled)
        );
    }
    // Without the node's time, the check uses the caller's clock and goes back one hour further.
    let (pages, status) = read_back(500, 100 * hour, 100 * hour, None, |slot| {
        100 * hour - (500 - slot) * 60_000
    });
    assert_eq!(
        (pages, status),
        (vec![(481, 500), (441, 480), (361, 440)], DeliveryStatus::NotScheduled)
    );
}

#[test]
fn check_ends_at_the_first_slot_and_after_a_thousand_slots() {
    let (pages, status) = read_back(70, 1000, 1000, None, |_| u64::MAX);
    assert_eq!(
        (pages, status),
        (vec![(51, 70), (11, 50), (0, 10)], DeliveryStatus::NotScheduled)
    );
    let (pages, status) = read_back(100_000, 1000, 1000, None, |_| u64::MAX);
    assert_eq!(status, DeliveryStatus::Unknown);
    let slots: u64 = pages.iter().map(|(from, to)| to - from + 1).sum();
    assert!((500..=1000).contains(&slots), "{pages:?}");
}

#[test]
fn message_is_found_by_its_id_in_a_network_without_commitments() {
    let body = |id: &str| json!({ "process": PROCESS, "timestamp": 0, "body": { "id": id } });
    let page = json!({ "assignments": { "0": body(PROCESS), "1": body(OTHER) } }).to_string();
    assert_eq!(
        status_in(PROCESS, OTHER, 1, &answer(200, &page)),
        Some(DeliveryStatus::Scheduled(1))
    );
    let page = json!({ "assignments": { "0": body(PROCESS), "1": body(PROCESS) } }).to_string();
    assert_eq!(
        status_in(PROCESS, OTHER, 1, &answer(200, &page)),
        Some(DeliveryStatus::NotScheduled)
    );
    let nameless = json!({ "process": PROCESS, "timestamp": 0, "body": {} });
    let page = json!({ "assignments": { "0": nameless, "1": body(PROCESS) } }).to_string();
    assert_eq!(
        status_in(PROCESS, OTHER, 1, &answer(200, &page)),
        Some(DeliveryStatus::Unknown)
    );
}
