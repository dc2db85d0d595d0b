//! Recorded requests and replies of two HyperBEAM nodes, and the verdicts of the nodes' own verifiers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;

use aoxide::ErrorKind;
use aoxide::arweave::pss;
use aoxide::httpsig::{Context, Decoded, Dialect, Encoded, Fields, Key, Message, Received, Value};
use base64ct::{Base64, Encoding};
use flate2::read::GzDecoder;
use serde_json::Value as Json;

use crate::support::receive;

fn recordings() -> Vec<Json> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/hyperbeam/recordings.json.gz"
    );
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

fn bytes_of(base64: &Json) -> Vec<u8> {
    Base64::decode_vec(base64.as_str().unwrap()).unwrap()
}

/// The message of a recorded request that was made of fields.
fn message_of(recorded: &Json) -> Option<Message> {
    let fields = recorded["fields"]
        .as_object()
        .filter(|_| recorded["group"] == "httpsig")?;
    let mut message: Message = fields.iter().map(|(name, value)| (name, value_of(value))).collect();
    match &recorded["data"] {
        Json::String(text) => message.set("data", Value::text(text)),
        Json::Object(data) => message.set("data", Value::Bytes(bytes_of(&data["base64"]))),
        _ => None,
    };
    Some(message)
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::String(text) => match text.strip_suffix('n').and_then(|digits| digits.parse().ok()) {
            Some(integer) => Value::Integer(integer),
            None => Value::text(text),
        },
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer.into()),
            None => Value::Float(number.as_f64().unwrap()),
        },
        Json::Bool(flag) => Value::flag(*flag),
        Json::Array(values) => Value::List(values.iter().map(value_of).collect()),
        Json::Object(values) => Value::Map(values.iter().map(|(name, value)| (name, value_of(value))).collect()),
        Json::Null => panic!("there is no null"),
    }
}

/// The signature bases that a node computed for the recorded messages, by the name of the case. `None` if the node could not
/// read the message. The sent encoding can differ from the node's own, because the node encodes every message again.
fn bases_of(node: &str) -> BTreeMap<String, (Message, Option<Vec<u8>>)> {
    let mut bases: BTreeMap<String, (Message, Option<Vec<u8>>)> = BTreeMap::new();
    for each in recordings().iter().filter(|each| each["node"] == node) {
        let (Some(message), verdict) = (message_of(each), &each["verdict"]["request"]) else {
            continue;
        };
        let base = match verdict["sameBase"] == true {
            true => Some(signed_base(each)),
            false if verdict["refused"].is_string() => None,
            false => Some(bytes_of(&verdict["nodeBase"])),
        };
        let case = each["id"].as_str().unwrap().rsplit('-').next().unwrap();
        // The node reads the same message from another encoding.
        if let Some((_, found)) = bases.insert(case.to_string(), (message, base.clone())) {
            assert_eq!(found, base, "{case}");
        }
    }
    bases
}

/// The signature base of a recorded request.
fn signed_base(recorded: &Json) -> Vec<u8> {
    let request = &recorded["request"];
    let fields = fields_of(&request["headers"]);
    let body = match (&request["body"], request["encoding"] == "base64") {
        (Json::Null, _) => Vec::new(),
        (body, true) => bytes_of(body),
        (body, false) => body.as_str().unwrap().as_bytes().to_vec(),
    };
    let context = Context {
        fields: Some(&fields),
        ..Context::default()
    };
    let claim = Received::new(&context, &body, 0).unwrap().claims.remove(0);
    let Key::Modulus(modulus) = &claim.key else {
        panic!("no key")
    };
    let mut bases = claim.bases.iter();
    let base = bases.find(|base| pss::verify_sha512(modulus, &base.bytes, &claim.signature));
    base.unwrap().bytes.clone()
}

/// Encodes every recorded message, and compares its signature base with the one that the node computed. Returns the cases
/// that are equal, the cases that differ, and the cases that the encoder refuses.
fn compare(node: &str, dialect: Dialect) -> [BTreeSet<String>; 3] {
    let mut sets = [const { BTreeSet::new() }; 3];
    for (case, (message, base)) in bases_of(node) {
        let encoded = Encoded::new(&message, dialect).unwrap();
        let text = base
            .as_deref()
            .map_or_else(String::new, |base| String::from_utf8_lossy(base).into());
        let modulus = match text.rsplit_once("publickey:") {
            Some((_, key)) => Base64::decode_vec(key.trim_end_matches('"')).unwrap(),
            None => vec![1; 512],
        };
        let at = match encoded.signature_input(&modulus) {
            Ok(input) => usize::from(Some(input.base(&encoded).unwrap()) != base),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{case}: {error}");
                2
            }
        };
        sets[at].insert(case);
    }
    sets
}

fn set<const N: usize>(cases: [&str; N]) -> BTreeSet<String> {
    cases.map(Into::into).into()
}

#[test]
fn requests_in_dialect_2025_11_have_the_bases_of_a_node_of_november() {
    let [same, other, refused] = compare("2025-11", Dialect::November2025);
    assert_eq!((same.len(), other), (33, set([])));
    assert_eq!(refused, set(["bigint", "newline"]));
}

#[test]
fn requests_in_dialect_2025_09_have_the_bases_of_a_node_of_september() {
    let [same, other, refused] = compare("2025-09", Dialect::September2025);
    assert_eq!((same.len(), other), (32, set([])));
    assert_eq!(refused, set(["bigint", "idKey", "newline"]));
}

/// Dialect 2025-09 sends nested messages without their hashes. A node of November computes other ids for them.
#[test]
fn requests_in_dialect_2025_09_differ_on_a_node_of_november_if_messages_are_nested() {
    let [same, other, refused] = compare("2025-11", Dialect::September2025);
    let nested = [
        "body2", "bodyZ", "idNest", "listDeep", "nest", "nestBig", "nestBody", "nestData", "nestDeep",
    ];
    let nested: BTreeSet<String> = set(nested)
        .into_iter()
        .chain(set(["nestTyped", "nestZ", "twoNests"]))
        .collect();
    assert_eq!((same.len(), other), (20, nested));
    assert_eq!(refused, set(["bigint", "idKey", "newline"]));
}

/// A node of September also verifies nested messages that were sent with their hashes, because it keeps the fields that it
/// was sent. The recordings contain no such request.
#[test]
fn requests_in_dialect_2025_11_differ_on_a_node_of_september_if_messages_are_nested() {
    let [same, other, refused] = compare("2025-09", Dialect::November2025);
    assert_eq!(same.len(), 21, "{same:?}");
    assert!(
        other
            .iter()
            .all(|case| case.to_lowercase().contains("nest") || DEEP.contains(&case.as_str()))
    );
    assert_eq!(refused, set(["bigint", "newline"]));
}

const DEEP: [&str; 3] = ["body2", "bodyZ", "listDeep"];

/// In every recorded case, the node scheduled the value named `body` in place of the message.
#[test]
fn check_path_refuses_a_body_at_the_schedule() {
    let mut count = 0;
    for each in recordings() {
        let Some(message) = message_of(&each).filter(|message| message.get("body").is_some()) else {
            continue;
        };
        assert_eq!(each["reply"]["status"], 400);
        let encoded = Encoded::new(&message, Dialect::November2025).unwrap();
        let path = each["request"]["path"].as_str().unwrap();
        assert_eq!(encoded.check_path(path).unwrap_err().kind(), ErrorKind::Unsupported);
        count += 1;
    }
    assert_eq!(count, 12);
    let body: Message = [("body", "x".into())].into_iter().collect();
    let body = Encoded::new(&body, Dialect::November2025).unwrap();
    for path in [
        "/push",
        "https://node/x~process@1.0/schedule/",
        "x/schedule?a=b",
        "/x/push&slot=1",
    ] {
        assert!(
            body.check_path(path).unwrap_err().message().contains("'data'"),
            "{path}"
        );
    }
    for path in ["", "/", "/schedule/x", "/~cache@1.0/write", "/x/compute=schedule"] {
        body.check_path(path).unwrap();
    }
    let data: Message = [("data", "x".into())].into_iter().collect();
    Encoded::new(&data, Dialect::November2025)
        .unwrap()
        .check_path("/push")
        .unwrap();
}

fn fields_of(headers: &Json) -> Fields {
    let latin = |text: &Json| -> Vec<u8> { text.as_str().unwrap().chars().map(|each| each as u8).collect() };
    let headers = headers.as_array().unwrap().iter();
    headers
        .map(|line| (line[0].as_str().unwrap().to_string(), latin(&line[1])))
        .collect()
}

/// Decodes a recorded reply. The recordings leave out the node's own pages, so another text stands in for them.
fn read(recorded: &Json) -> Decoded {
    let reply = &recorded["reply"];
    let body = match &reply["body"] {
        Json::String(_) => bytes_of(&reply["body"]),
        _ if reply["page"].is_object() => b"<html>a page</html>".to_vec(),
        _ => Vec::new(),
    };
    receive(&fields_of(&reply["headers"]), &body).unwrap()
}

/// Compares our verdict on every signature of a node's replies with that of the node's verifier. Returns the number of valid
/// signatures, the number of invalid ones, the replies whose signature only we accept, and the replies in which the node's
/// verifier lists names as covered that we do not.
fn judge(node: &str) -> (usize, usize, BTreeSet<String>, BTreeMap<String, String>) {
    let (mut valid, mut invalid) = (0, 0);
    let (mut ours_alone, mut less) = (BTreeSet::new(), BTreeMap::new());
    for each in recordings().iter().filter(|each| each["node"] == node) {
        let Some(verdicts) = each["verdict"]["reply"]["commitments"].as_object() else {
            continue;
        };
        let id = each["id"].as_str().unwrap();
        for (commitment, verdict) in verdicts {
            let decoded = read(each);
            let mut claims = decoded.claims.iter();
            let claim = claims.find(|claim| claim.id.to_string() == *commitment).unwrap();
            match (claim.is_valid(), verdict["valid"] == true) {
                (true, true) => valid += 1,
                (false, false) => {
                    invalid += 1;
                    assert_eq!(claim.covered, [""; 0], "{id}");
                    continue;
                }
                (true, false) => {
                    ours_alone.insert(id.to_string());
                    continue;
                }
                (false, true) => panic!("{id}: {:?}", claim.problems),
            }
            // The node lists a covered link under another name.
            let covered = claim
                .covered
                .iter()
                .map(|name| name.trim_end_matches("+link").to_string());
            let covered: BTreeSet<String> = covered.collect();
            let committed = verdict["committed"].as_array().unwrap().iter();
            let committed: BTreeSet<String> = committed.map(|name| name.as_str().unwrap().into()).collect();
            assert!(covered.is_subset(&committed), "{id}: {covered:?}");
            for name in committed.difference(&covered) {
                less.insert(id.to_string(), name.clone());
            }
        }
    }
    (valid, invalid, ours_alone, less)
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(id, name)| (id.into(), name.into())).into()
}

/// The node signs the type of `status`, but removes the type before it verifies. So only we accept `nov-patch-map-now`, whose
/// bytes are as they were signed. The values that we do not list as covered are nested messages with signatures of other
/// signers. Their ids are hashes of those signatures, and cannot be computed from the values.
#[test]
fn verdicts_on_replies_of_a_node_of_november_agree_with_its_verifier() {
    let (valid, invalid, ours_alone, less) = judge("2025-11");
    assert_eq!((valid, invalid), (460, 4));
    assert_eq!(ours_alone, set(["nov-patch-map-now"]));
    let signed = [("nov-sched-plain-b", "assignments"), ("nov-spawn-lua-anscodec", "body")];
    assert_eq!(less, pairs(signed));
}

#[test]
fn verdicts_on_replies_of_a_node_of_september_agree_with_its_verifier() {
    let (valid, invalid, ours_alone, less) = judge("2025-09");
    assert_eq!((valid, invalid), (417, 4));
    assert_eq!(ours_alone, set([]));
    let signed = [("sep-sched-plain-b", "assignments"), ("sep-spawn-lua-anscodec", "body")];
    assert_eq!(less, pairs(signed));
}

/// Bundles of both nodes decode to the same message, although those of November carry hashes next to the values.
#[test]
fn bundles_are_read_without_their_hashes() {
    let recordings = recordings();
    let message = |id: &str| {
        let mut recorded = recordings.iter().filter(|each| each["id"] == id);
        read(recorded.next().unwrap()).message
    };
    for kind in ["list", "map", "nested"] {
        let theirs = message(&format!("sep-patch-{kind}-cache-b"));
        let Some(Value::Map(body)) = message(&format!("nov-patch-{kind}-cache-b")).remove("body") else {
            panic!("no body");
        };
        assert_eq!(body.get(kind), theirs.get(kind));
        assert_eq!(body.len(), 1);
    }
}
