//! What others may send: each is an error, or a problem in the list.

use aoxide::ErrorKind;
use aoxide::httpsig::{Claim, Dialect, Fault, Fields, Message, Value};

use crate::honest::{Form, Reply, Signer};
use crate::support::{Seeded, random_message, receive, sign, text_of};

fn reply() -> (Fields, Vec<u8>) {
    let nested: Message = [("x", "y".into()), ("n", Value::Integer(1))].into_iter().collect();
    let message: Message = [
        ("action", "Eval".into()),
        ("data", "hello".into()),
        ("map", Value::Map(nested)),
    ]
    .into_iter()
    .collect();
    let signed = sign(&message, Dialect::September2025).unwrap();
    (signed.headers, signed.body.unwrap())
}

/// The same fields with one changed.
fn with(fields: &Fields, name: &str, change: impl Fn(String) -> String) -> Fields {
    let lines = fields.iter().map(|(each, value)| {
        let value = String::from_utf8_lossy(value).into_owned();
        (each.to_string(), if each == name { change(value) } else { value })
    });
    lines.collect()
}

fn faults(claim: &Claim) -> Vec<Fault> {
    claim.problems.iter().map(|problem| problem.fault).collect()
}

fn only_claim(fields: &Fields, body: &[u8]) -> Claim {
    let received = receive(fields, body).unwrap();
    let [claim] = <[_; 1]>::try_from(received.claims).unwrap();
    assert!(!claim.is_valid(), "{:?}", claim.problems);
    assert_eq!(claim.covered, [""; 0]);
    claim
}

#[test]
fn truncated_bodies_are_refused() {
    let (fields, body) = reply();
    for length in 0..body.len() {
        let error = receive(&fields, &body[..length]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadResponse, "{length}");
    }
    // Bytes behind the end are ignored by the parts, but the digest covers them.
    let longer = [&body[..], b"\r\nmore"].concat();
    assert!(faults(&only_claim(&fields, &longer)).contains(&Fault::Digest));
}

#[test]
fn bad_digests_are_faults() {
    let (fields, body) = reply();
    for (digest, fault) in [
        ("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", Fault::Digest),
        ("sha-256=:47DEQ:", Fault::BadField),
        ("crc32=:AAAA:", Fault::UnknownDigest),
        ("", Fault::UnknownDigest),
    ] {
        let changed = with(&fields, "content-digest", |_| digest.into());
        assert!(faults(&only_claim(&changed, &body)).contains(&fault), "{digest}");
        let received = receive(&changed, &body).unwrap();
        assert!(received.problems.iter().any(|problem| problem.fault == fault));
    }
    let without: Fields = fields.iter().filter(|(name, _)| *name != "content-digest").collect();
    assert_eq!(faults(&only_claim(&without, &body)), [Fault::MissingComponent]);
}

#[test]
fn wrong_keys_and_algorithms_are_faults() {
    let (fields, body) = reply();
    let input = text_of(&fields, "signature-input");
    let key = &input[input.find("publickey:").unwrap()..input.rfind('"').unwrap()];
    let other = key.replacen("publickey:", "publickey:AAAA", 1);
    for (replace, by, fault) in [
        (key, other.as_str(), Fault::Signature),
        (key, "publickey:AAAA", Fault::UnknownKey),
        (key, "", Fault::UnknownKey),
        (key, "secret:abc", Fault::UnknownKey),
        (key, "publickey:not base64!", Fault::UnknownKey),
        ("rsa-pss-sha512", "none", Fault::UnknownAlgorithm),
        ("rsa-pss-sha512", "hmac-sha256", Fault::UnknownKey),
        ("\"action\" ", "\"action\" \"action\" ", Fault::DuplicateComponent),
        ("\"action\" ", "\"nothing\" ", Fault::MissingComponent),
        ("\"action\" ", "\"action\";tr ", Fault::MissingComponent),
        ("\"action\" ", "\"@signature-params\" ", Fault::MissingComponent),
        ("\"action\" ", "", Fault::Signature),
        (";alg", ";expires=1700000000;alg", Fault::Expired),
    ] {
        assert!(input.contains(replace));
        let changed = with(&fields, "signature-input", |input| input.replace(replace, by));
        let found = faults(&only_claim(&changed, &body));
        assert!(found.contains(&fault), "{by}: {found:?}");
    }
    // The same key without its prefix makes the signature invalid, because the key id is signed as well.
    let bare = key.trim_start_matches("publickey:");
    let changed = with(&fields, "signature-input", |input| input.replace(key, bare));
    assert_eq!(faults(&only_claim(&changed, &body)), [Fault::Signature]);
}

#[test]
fn duplicate_and_unpaired_labels_are_faults() {
    let (fields, body) = reply();
    let signature = text_of(&fields, "signature");
    let (label, _) = signature.split_once('=').unwrap();
    let twice = |name: &str| {
        let mut fields = fields.clone();
        fields.add(name, text_of(&fields, name));
        fields
    };
    for (fields, fault) in [
        (twice("signature"), Fault::DuplicateLabel),
        (twice("signature-input"), Fault::DuplicateLabel),
        (
            with(&fields, "signature", |text| text.replace(label, "comm-x")),
            Fault::Unpaired,
        ),
        (with(&fields, "signature", |_| String::new()), Fault::Unpaired),
        (with(&fields, "signature", |_| format!("{label}=1")), Fault::BadField),
        (
            with(&fields, "signature", |_| format!("{label}=(:AAAA:)")),
            Fault::BadField,
        ),
        (
            with(&fields, "signature-input", |_| format!("{label}=\"x\"")),
            Fault::BadField,
        ),
        (
            with(&fields, "signature-input", |text| format!("{text},")),
            Fault::BadField,
        ),
    ] {
        let received = receive(&fields, &body).unwrap();
        assert_eq!(received.claims.len(), 0);
        assert!(
            received.problems.iter().any(|problem| problem.fault == fault),
            "{:?}",
            received.problems
        );
    }
}

#[test]
fn an_unsigned_body_is_reported() {
    let signed = sign(
        &[("action", "Eval".into())].into_iter().collect(),
        Dialect::September2025,
    )
    .unwrap();
    let received = receive(&signed.headers, b"slipped in").unwrap();
    let claim = &received.claims[0];
    // The signature is valid, but does not cover the body.
    assert!(claim.is_valid());
    assert_eq!(faults(claim), [Fault::UncoveredBody]);
    assert_eq!(claim.covered, ["action"]);

    // A header does not take the place of what was signed in the body, nor does another name for it.
    let (mut fields, body) = reply();
    fields.add("data", "slipped in");
    let received = receive(&fields, &body).unwrap();
    assert_eq!(received.message.get("data"), Some(&"hello".into()));
    assert!(received.problems.iter().any(|problem| problem.fault == Fault::Conflict));
    let message: Message = [("action", "Eval".into()), ("body", "money".into())]
        .into_iter()
        .collect();
    let signed = sign(&message, Dialect::September2025).unwrap();
    for other in ["other", "action", "a/b"] {
        let mut headers = signed.headers.clone();
        headers.add("ao-body-key", other);
        let received = receive(&headers, b"money").unwrap();
        assert!(received.claims[0].is_valid());
        assert_eq!(received.claims[0].covered, ["action", "body"]);
        assert_eq!(received.message, message);
        assert_eq!(received.problems[0].fault, Fault::BadField);
    }
}

/// What is signed keeps its name, its place and its type, whatever is said around it.
#[test]
fn unsigned_data_cannot_change_a_signed_value() {
    let message: Message = [("count", "1".into()), ("body", "2".into())].into_iter().collect();
    let signed = sign(&message, Dialect::September2025).unwrap();
    let mut headers = signed.headers.clone();
    headers.add("ao-types", "count=\"integer\", body=\"integer\", other=\"integer\"");
    headers.add("other", "3");
    headers.add("%63ount", "4");
    headers.add("ao-ids", "count=\"5\"");
    let received = receive(&headers, b"2").unwrap();
    assert!(received.claims[0].is_valid());
    assert_eq!(received.message.get("count"), Some(&"1".into()));
    assert_eq!(received.message.get("body"), Some(&"2".into()));
    assert_eq!(received.message.get("other"), Some(&Value::Integer(3)));

    // Text that looks like several parts.
    let text = "--b\r\ncontent-disposition: form-data;name=\"balance\"\r\n\r\n100\r\n--b--";
    let signed = sign(&[("body", text.into())].into_iter().collect(), Dialect::September2025).unwrap();
    let mut headers = signed.headers.clone();
    headers.add("content-type", "multipart/form-data; boundary=b");
    assert_eq!(faults(&only_claim(&headers, text.as_bytes())), [Fault::AmbiguousBody]);
    // Several parts that look like text: their type is signed.
    let (headers, body) = reply();
    let headers: Fields = headers.iter().filter(|(name, _)| *name != "content-type").collect();
    assert_eq!(faults(&only_claim(&headers, &body)), [Fault::MissingComponent]);
}

#[test]
fn malformed_parts_are_errors_or_problems() {
    let multipart = |parts: &[&str]| {
        let parts: String = parts.iter().map(|part| format!("--b\r\n{part}\r\n")).collect();
        let fields: Fields = [("content-type", "multipart/form-data; boundary=b")]
            .into_iter()
            .collect();
        receive(&fields, format!("preamble\r\n{parts}--b--").as_bytes())
    };
    for part in [
        "",
        "x: y",
        "content-disposition: form-data",
        "content-disposition: ???",
        "content-disposition: 1",
    ] {
        assert_eq!(multipart(&[part]).unwrap_err().kind(), ErrorKind::BadResponse, "{part}");
    }
    let conflict = |parts: &[&str]| {
        let problems = multipart(parts).unwrap().problems;
        assert_eq!(problems[0].fault, Fault::Conflict, "{problems:?}");
    };
    let part = |name: &str, rest: &str| format!("content-disposition: form-data; name=\"{name}\"{rest}");
    let value = part("a", "\r\n\r\n1");
    conflict(&[&value, &value]);
    conflict(&[&value, &part("a/b", "\r\n\r\n1")]);
    conflict(&[&part("a/b", "\r\n\r\n1"), &value]);
    conflict(&[&part("A", "\r\n\r\n1"), &value]);
    conflict(&[&part(&"a/".repeat(10_000), "\r\n\r\n1")]);
    let lists = multipart(&[&part("a", "\r\n1: x\r\n3: y\r\nao-types: .=\"list\"")]).unwrap();
    assert_eq!(lists.problems[0].fault, Fault::BadType);
}

/// Each signature is read by itself, but the body only once.
#[test]
fn many_signatures_over_many_parts_are_decoded_in_time() {
    let parts: String = (0..5_000)
        .map(|number| format!("--b\r\ncontent-disposition: form-data;name=\"k{number}\"\r\nx: 1\r\n"))
        .collect();
    let body = format!("{parts}--b--");
    let lines = [("content-type", "multipart/form-data; boundary=b"), ("x0", "0")];
    let mut reply = Reply::new(&lines, body.as_bytes());
    for number in 0..60 {
        let name = format!("x{number}");
        reply.lines.push((name.clone(), b"1".to_vec()));
        let names = ["content-type", "content-digest", &name];
        reply = reply.sign(&Signer::Hash("constant:ao"), Form::Node, &names, &[]);
    }
    let decoded = receive(&reply.lines.into_iter().collect(), body.as_bytes()).unwrap();
    assert_eq!(decoded.problems, []);
    for claim in &decoded.claims {
        assert_eq!(claim.covered.len(), 5_001);
    }
}

/// A body of many parts must not make decoding slow.
#[test]
fn many_small_parts_are_decoded_in_time() {
    let parts: String = (0..100_000)
        .rev()
        .map(|number| format!("--b\r\ncontent-disposition: form-data;name=\"k{number}\"\r\n\r\n\r\n"))
        .collect();
    let types: Vec<String> = (0..100_000).map(|number| format!("k{number}=integer")).collect();
    let fields: Fields = [
        ("content-type", "multipart/form-data; boundary=b".to_string()),
        ("ao-types", types.join(",")),
    ]
    .into_iter()
    .collect();
    let received = receive(&fields, format!("{parts}--b--").as_bytes()).unwrap();
    assert_eq!(received.message.len(), 100_000);
    assert_eq!(received.problems.len(), 100_000);
}

#[test]
fn more_than_64_signatures_are_refused() {
    let (fields, body) = reply();
    let some = |count: usize, covers: &str| -> Fields {
        let join = |each: &dyn Fn(usize) -> String| (0..count).map(each).collect::<Vec<_>>().join(", ");
        let mut lines: Vec<(String, Vec<u8>)> =
            fields.iter().map(|(name, value)| (name.into(), value.into())).collect();
        lines.push(("signature".into(), join(&|at| format!("a{at}=:AAAA:")).into_bytes()));
        lines.push((
            "signature-input".into(),
            join(&|at| format!("a{at}=({covers})")).into_bytes(),
        ));
        lines.into_iter().collect()
    };
    let look = |fields: &Fields| {
        let received = receive(fields, &body).unwrap();
        let bad = received
            .problems
            .iter()
            .filter(|problem| problem.fault == Fault::BadField);
        (received.claims.len(), bad.count())
    };
    assert_eq!(look(&some(30, "\"action\"")), (31, 0));
    // Both fields are left aside.
    assert_eq!(look(&some(64, "\"action\"")), (0, 2));
    let wide: Vec<String> = (0..500).map(|at| format!("\"x{at}\"")).collect();
    // The reply's own, and four of these.
    assert_eq!(look(&some(6, &wide.join(" "))), (5, 2));
}

#[test]
fn fields_of_several_lines_are_one_value() {
    let fields: Fields = [("a", " 1 "), ("b", "x"), ("A", "2"), ("a", "3")].into_iter().collect();
    let received = receive(&fields, b"").unwrap();
    assert_eq!(received.message.get("a"), Some(&"1, 2, 3".into()));
    assert_eq!(received.message.len(), 2);
}

#[test]
fn malformed_types_are_problems() {
    for (types, value, fault) in [
        ("x=\"integer\"", "1.5", Fault::BadType),
        ("x=\"integer\"", &"9".repeat(50), Fault::BadType),
        ("x=\"float\"", "NaN", Fault::BadType),
        ("x=\"atom\"", "", Fault::BadType),
        ("x=\"list\"", "(", Fault::BadType),
        ("x=\"map\"", "1", Fault::BadType),
        ("x=", "1", Fault::BadField),
        ("x=\"integer", "1", Fault::BadField),
    ] {
        let fields: Fields = [("ao-types", types), ("x", value)].into_iter().collect();
        let received = receive(&fields, b"").unwrap();
        assert_eq!(received.problems[0].fault, fault, "{types} {value}");
        assert_eq!(received.message.get("x"), Some(&value.into()));
    }
}

#[test]
fn ten_thousand_mutated_messages_are_refused_or_keep_their_signed_values() {
    let random = Seeded::new(9421);
    let mut originals = Vec::new();
    while originals.len() < 20 {
        let message = random_message(&random);
        if let Ok(signed) = sign(
            &message,
            *random.pick(&[Dialect::September2025, Dialect::September2025]),
        ) {
            originals.push((message, signed.headers, signed.body.unwrap_or_default()));
        }
    }
    let (mut refused, mut invalid, mut unread, mut harmless) = (0, 0, 0, 0);
    for _ in 0..10_000 {
        let (message, fields, body) = random.pick(&originals);
        let mut lines: Vec<(String, Vec<u8>)> = fields
            .iter()
            .map(|(name, value)| (name.into(), value.to_vec()))
            .collect();
        let mut body = body.clone();
        for _ in 0..1 + random.below(3) {
            mutate(&random, &mut lines, &mut body);
        }
        let fields: Fields = lines.into_iter().collect();
        match receive(&fields, &body) {
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::BadResponse);
                refused += 1;
            }
            Ok(received) => match received.claims.first() {
                None => unread += 1,
                Some(claim) => {
                    if claim.is_valid() {
                        // The change lies outside of what is signed, or is none.
                        for name in &claim.covered {
                            assert_eq!(received.message.get(name), message.get(name), "{name}");
                        }
                        harmless += 1;
                    } else {
                        assert!(!claim.problems.is_empty());
                        invalid += 1;
                    }
                }
            },
        }
    }
    println!("{refused} refused, {invalid} invalid, {unread} without a signature, {harmless} harmless");
    assert!(refused > 500 && invalid > 3_000 && unread > 500);
}

fn mutate(random: &Seeded, lines: &mut Vec<(String, Vec<u8>)>, body: &mut Vec<u8>) {
    let at = random.below(lines.len());
    match random.below(9) {
        0 => drop(lines.remove(at)),
        1 => lines.push(lines[at].clone()),
        2 => {
            lines[at].0 = random
                .pick(&["signature", "ao-types", "ao-ids", "content-type", "ao-body-key"])
                .to_string()
        }
        3 | 4 => mutate_bytes(random, &mut lines[at].1),
        _ => mutate_bytes(random, body),
    }
    if lines.is_empty() {
        lines.push(("x".into(), Vec::new()));
    }
}

fn mutate_bytes(random: &Seeded, bytes: &mut Vec<u8>) {
    let at = random.below(bytes.len());
    match random.below(5) {
        0 if !bytes.is_empty() => bytes[at] = random.next() as u8,
        1 => bytes.truncate(at),
        2 if !bytes.is_empty() => drop(bytes.remove(at)),
        3 => {
            let piece = random.pick(&[
                "\r\n", "\r\n\r\n", "--", "\"", "\\", ":", ";", "=", "(", ")", ",", "/", "%", "\0",
            ]);
            bytes.splice(at..at, piece.bytes());
        }
        _ => {
            let end = at + random.below(bytes.len() - at);
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}
