//! Messages that HyperBEAM encoded and signed.

use aoxide::arweave::Id;
use aoxide::httpsig::{Dialect, Encoded, Fields, Key, Message, Value};
use base64ct::{Base64, Encoding};

use crate::support::{receive, vector};

fn message<const N: usize>(values: [(&str, Value); N]) -> Message {
    values.into_iter().collect()
}

/// The message that the node was given, by the name of the case.
fn given(name: &str) -> Message {
    let integer = Value::Integer;
    match name {
        "typed" => message([
            ("n", integer(7)),
            ("f", Value::Float(1.5)),
            ("ok", Value::flag(true)),
            ("a", Value::Atom("ok".into())),
        ]),
        "body" => message([("body", "hello".into()), ("status", integer(200))]),
        "data" => message([("data", Value::Bytes(vec![0, 255, b'x'])), ("slot", integer(3))]),
        "nested" => {
            let deeper = Value::Map(message([("q", "r".into())]));
            message([
                ("a", "x".into()),
                ("m", Value::Map(message([("n", integer(1)), ("deeper", deeper)]))),
            ])
        }
        "list" => {
            let last = Value::Map(message([("x", "y".into())]));
            message([
                ("l", Value::List(vec![integer(1), "two".into(), last])),
                ("body", "b".into()),
            ])
        }
        "long" => message([("l", Value::text("l".repeat(4097))), ("k", "v".into())]),
        other => panic!("there is no case {other}"),
    }
}

#[test]
fn recorded_signatures_verify_and_the_encoding_is_the_same() {
    let vectors = vector("httpsig/hyperbeam-2025-09.json");
    for each in vectors.as_array().unwrap() {
        let name = each["name"].as_str().unwrap();
        let headers = each["headers"].as_array().unwrap().iter();
        let headers: Fields = headers
            .map(|line| (line[0].as_str().unwrap(), line[1].as_str().unwrap()))
            .collect();
        let body = Base64::decode_vec(each["body"].as_str().unwrap()).unwrap();

        let received = receive(&headers, &body).unwrap();
        assert_eq!(received.problems, [], "{name}");
        assert_eq!(received.message, given(name), "{name}");
        let mut addresses = Vec::new();
        for claim in &received.claims {
            assert!(claim.is_valid(), "{name}: {:?}", claim.problems);
            match &claim.key {
                Key::Modulus(modulus) => addresses.push(Id::of(modulus).to_string()),
                key => assert_eq!(key, &Key::Common(b"constant:ao".to_vec())),
            }
        }
        assert_eq!(addresses, ["_wBlxjUFh4sPC3JP3ezI_EXY5pPmT8_CWSlh8hJsXGA"], "{name}");

        let ours = Encoded::new(&given(name), Dialect::September2025).unwrap();
        let unsigned = headers.iter().filter(|(name, _)| !name.starts_with("signature"));
        let theirs: Vec<(&str, &[u8])> = unsigned.collect();
        assert_eq!(ours.headers.iter().collect::<Vec<_>>(), theirs, "{name}");
        assert_eq!(ours.body.clone().unwrap_or_default(), body, "{name}");
        // The same fields in the same order, under the same parameters.
        let input = ours.signature_input(&[0; 512]).unwrap();
        let base = String::from_utf8(input.base(&ours).unwrap()).unwrap();
        let (params, _) = base
            .split_once("@signature-params\": ")
            .unwrap()
            .1
            .split_once(");")
            .unwrap();
        assert!(
            headers
                .text("signature-input")
                .unwrap()
                .contains(&format!("={params});")),
            "{name}"
        );
    }
}

/// A signature that the node's verifier accepts is valid and covers the names that the node lists. The suffix `+link` marks
/// a value that is not in the reply.
#[test]
fn recorded_replies_of_nodes_are_decoded() {
    for each in vector("httpsig/hyperbeam-replies.json").as_array().unwrap() {
        let id = each["id"].as_str().unwrap();
        let headers = each["headers"].as_array().unwrap().iter();
        let headers: Fields = headers
            .map(|line| (line[0].as_str().unwrap(), line[1].as_str().unwrap()))
            .collect();
        let body = Base64::decode_vec(each["body"].as_str().unwrap()).unwrap();
        let decoded = receive(&headers, &body).unwrap();
        assert_eq!(decoded.problems, [], "{id}");
        assert_eq!(decoded.claims.len(), 2);
        for claim in &decoded.claims {
            assert!(claim.is_valid(), "{id}: {:?}", claim.problems);
            let names = claim.covered.iter();
            let mut covered: Vec<&str> = names.map(|name| name.trim_end_matches("+link")).collect();
            covered.sort_unstable();
            let committed = each["committed"].as_array().unwrap().iter();
            assert!(committed.eq(&covered), "{id}: {covered:?}");
        }
        // A change to any covered field makes the signature invalid.
        for name in headers.iter().map(|(name, _)| name) {
            let signs = |claim: &aoxide::httpsig::Claim| claim.covered.iter().any(|covered| covered == name);
            if decoded.claims.iter().all(signs) {
                let mut changed = headers.clone();
                changed.add(name, "mallory");
                let decoded = receive(&changed, &body).unwrap();
                assert!(decoded.claims.iter().all(|claim| !claim.is_valid()), "{id}: {name}");
            }
        }
    }
}
