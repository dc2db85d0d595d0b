//! Attacks on replies with a valid signature: one test for each way in which an attacker can add to the reply or change it.
//! Signed values must stay as they are, and unsigned values must not be listed as covered.

use aoxide::httpsig::{
    Context, Decoded, Dialect, Encoded, Fault, Fields, Key, Message, Received, Value, content_digest,
};

use crate::honest::{Form, ID, Lines, Reply, Signer, balances, message};
use crate::support::{receive, sign};

fn fields(lines: &Lines) -> Fields {
    lines.iter().map(|(name, value)| (name, value.clone())).collect()
}

/// Decodes the reply after `lines` were added to its header.
fn arrive(reply: &Reply, lines: &[(&str, &str)], body: &[u8]) -> Decoded {
    let mut fields = fields(&reply.lines);
    for (name, value) in lines {
        fields.add(name, *value);
    }
    receive(&fields, body).unwrap()
}

fn nested() -> Reply {
    let signed = sign(&balances(), Dialect::September2025).unwrap();
    Reply {
        lines: signed
            .headers
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        body: signed.body.unwrap(),
        signatures: Vec::new(),
        is_valid: true,
    }
}

/// A reply whose signature covers headers only.
fn flat() -> Reply {
    let lines = [
        ("action", "Info"),
        ("balance", "100"),
        ("ao-types", "balance=\"integer\""),
    ];
    Reply::new(&lines, b"").sign(
        &Signer::Hash("constant:honest"),
        Form::Rfc,
        &["action", "balance", "ao-types"],
        &[],
    )
}

fn covered(decoded: &Decoded) -> Vec<&str> {
    assert!(decoded.claims[0].is_valid(), "{:?}", decoded.claims[0].problems);
    decoded.claims[0].covered.iter().map(String::as_str).collect()
}

fn faults(decoded: &Decoded) -> Vec<(Fault, &str)> {
    let problems = decoded.problems.iter();
    problems.map(|problem| (problem.fault, &*problem.subject)).collect()
}

#[test]
fn a_field_cannot_add_to_a_signed_map() {
    let reply = nested();
    for (name, value, fault) in [
        ("ao-ids", "balances/mallory=\"1000000\"", Fault::BadField),
        ("ao-ids", "balances/ao-types=\"bob=\\\"integer\\\"\"", Fault::BadField),
        ("ao-ids", "AO-TYPES=\"action=\\\"atom\\\"\"", Fault::BadField),
        ("ao-ids", "balances=\"none\"", Fault::Conflict),
        ("balances/mallory", "1000000", Fault::BadField),
        ("balances/ao-types", "bob=\"integer\"", Fault::BadField),
        ("balances", "none", Fault::Conflict),
    ] {
        let decoded = arrive(&reply, &[(name, value)], &reply.body);
        assert_eq!(decoded.message, balances(), "{name}");
        assert!(covered(&decoded).contains(&"balances"));
        assert_eq!(faults(&decoded)[0].0, fault, "{name}: {value}");
    }
    // The same holds for a reply without a signature.
    let decoded = receive(&[("balances/mallory", "1")].into_iter().collect(), b"").unwrap();
    assert_eq!(decoded.message, Message::new());
}

#[test]
fn a_body_does_not_displace_a_signed_header() {
    let reply = flat();
    let text = "--b\r\ncontent-disposition: form-data;name=\"balance\"\r\n\r\n1000000\r\n--b--";
    let own_type = ("content-type", "multipart/form-data; boundary=b");
    let own_digest = content_digest(text.as_bytes());
    for (lines, body) in [
        (vec![("ao-body-key", "balance")], "1000000"),
        (vec![own_type], text),
        (vec![own_type, ("content-digest", &own_digest)], text),
    ] {
        let decoded = arrive(&reply, &lines, body.as_bytes());
        assert_eq!(decoded.message.get("balance"), Some(&Value::Integer(100)));
        assert_eq!(covered(&decoded), ["action", "balance", "ao-types"]);
        assert_eq!(faults(&decoded), [(Fault::Conflict, "balance")]);
    }
    // A value that the body adds is not covered.
    let decoded = arrive(&reply, &[("ao-body-key", "supply")], b"21");
    assert_eq!(decoded.message.get("supply"), Some(&"21".into()));
    assert_eq!(covered(&decoded), ["action", "balance", "ao-types"]);
    assert_eq!(decoded.claims[0].problems[0].fault, Fault::UncoveredBody);
}

#[test]
fn an_invalid_signature_covers_nothing() {
    let reply = nested();
    let all = "\"ao-ids\" \"ao-body-key\" \"ao-types\" \"content-digest\" \"content-type\" \"balances\"";
    let ids = ("ao-ids", "balances=\"1000000\", action=\"Steal\"");
    for input in [
        format!("bogus=({all})"),
        format!("bogus=({all});alg=\"hmac-sha256\";keyid=\"constant:ao\""),
    ] {
        let lines = [
            ids,
            ("data", "slipped in"),
            ("signature", "bogus=:AAAA:"),
            ("signature-input", &*input),
        ];
        let decoded = arrive(&reply, &lines, &reply.body);
        assert_eq!(decoded.message, balances());
        for name in ["action", "balances", "data"] {
            assert!(covered(&decoded).contains(&name));
        }
        assert!(!decoded.claims[1].is_valid());
        assert_eq!(decoded.claims[1].covered, [""; 0]);
    }
    // Only the invalid signature covers this type.
    let lines = [("action", "Info"), ("balance", "100")];
    let reply = Reply::new(&lines, b"").sign(&Signer::Hash("constant:honest"), Form::Rfc, &["balance"], &[]);
    let lines = [
        ("ao-types", "balance=\"integer\""),
        ("signature", "bogus=:AAAA:"),
        ("signature-input", "bogus=(\"ao-types\")"),
    ];
    let decoded = arrive(&reply, &lines, b"");
    assert_eq!(decoded.message.get("balance"), Some(&"100".into()));
}

/// A component that is derived from the message, a member of a field, and a component of the request are not fields.
#[test]
fn only_whole_fields_are_covered() {
    let signer = Signer::Hash("constant:honest");
    let lines = [("status", "402"), ("x-a", "1"), ("x-d", "a=1, b=2")];
    let names = ["@status", "\"x-a\";sf", "\"x-d\";key=\"a\"", "balance"];
    let request: Fields = [("x-a", "1")].into_iter().collect();
    let lines = [lines[0], lines[1], lines[2], ("balance", "1")];
    let mut fields = fields(&Reply::new(&lines, b"").lines);
    // The base is written by hand: the value of a derived component is not the value of the header.
    let input = format!(
        "({} \"x-a\";req);alg=\"hmac-sha256\";keyid=\"constant:honest\"",
        names
            .map(|name| if name.contains('"') {
                name.into()
            } else {
                format!("\"{name}\"")
            })
            .join(" ")
    );
    let base = format!(
        "\"@status\": 200\n\"x-a\";sf: 1\n\"x-d\";key=\"a\": 1\n\"balance\": 1\n\"x-a\";req: 1\n\"@signature-params\": {input}"
    );
    fields.add("signature-input", format!("s={input}"));
    let hash = crate::honest::keyed_hash("constant:honest", base.as_bytes());
    let hash = <base64ct::Base64 as base64ct::Encoding>::encode_string(&hash);
    fields.add("signature", format!("s=:{hash}:"));
    let context = Context {
        fields: Some(&fields),
        status: Some(200),
        request: Some(&Context {
            fields: Some(&request),
            ..Context::default()
        }),
        ..Context::default()
    };
    let mut received = Received::new(&context, b"", 0).unwrap();
    assert!(received.claims[0].verify());
    let decoded = received.decode();
    assert_eq!(decoded.message.get("status"), Some(&"402".into()));
    assert_eq!(decoded.claims[0].covered, ["balance"]);

    // In HyperBEAM's own base the component has the field's name, with or without an `@` before it.
    let reply = Reply::new(&lines, b"").sign(&signer, Form::Node, &["@status", "balance"], &[]);
    assert_eq!(covered(&arrive(&reply, &[], b"")), ["status", "balance"]);
    let changed = arrive(&reply, &[("status", "200")], b"");
    assert!(!changed.claims[0].is_valid());
}

/// If the content type is not signed, a body in the form of parts could be text or parts.
#[test]
fn unsigned_fields_do_not_decide_how_a_signed_body_is_read() {
    let signer = Signer::Hash("constant:honest");
    let encoded = Encoded::new(&balances(), Dialect::September2025).unwrap();
    let body = encoded.body.unwrap();
    let kind = encoded.headers.text("content-type").unwrap();
    let types = ("content-type", &*kind);
    // The signer signed text. An attacker adds a type that says that it is parts.
    let text = Reply::new(&[], &body).sign(&signer, Form::Node, &["content-digest"], &[]);
    // The signer signed parts. An attacker removes the content type, which makes them text.
    let parts = nested();
    let without: Lines = parts
        .lines
        .iter()
        .filter(|(name, _)| name != "content-type")
        .cloned()
        .collect();
    let without = receive(&fields(&without), &parts.body).unwrap();
    for (decoded, fault) in [
        (arrive(&text, &[types], &body), Fault::AmbiguousBody),
        (arrive(&text, &[], &body), Fault::AmbiguousBody),
        (without, Fault::MissingComponent),
    ] {
        assert!(!decoded.claims[0].is_valid());
        assert_eq!(decoded.claims[0].problems[0].fault, fault);
        assert_eq!(decoded.claims[0].covered, [""; 0]);
    }
    // A signed type decides.
    let typed = Reply::new(&[("content-type", "text/plain")], &body);
    let typed = typed.sign(&signer, Form::Node, &["content-type", "content-digest"], &[]);
    let decoded = arrive(&typed, &[], &body);
    assert_eq!(covered(&decoded), ["content-type", "body"]);
    assert_eq!(decoded.message.get("body"), Some(&Value::Bytes(body)));
}

#[test]
fn a_signature_over_long_values_covers_the_content_type() {
    let long = message([("long", Value::text("l".repeat(5000))), ("short", "s".into())]);
    let signed = sign(&long, Dialect::September2025).unwrap();
    let input = signed.headers.text("signature-input").unwrap();
    assert!(
        input.contains("\"content-type\"") && !input.contains("bundle"),
        "{input}"
    );
    let decoded = receive(&signed.headers, &signed.body.unwrap()).unwrap();
    assert_eq!(covered(&decoded), ["long", "short"]);
}

#[test]
fn a_body_is_covered_only_by_a_correct_and_strong_digest() {
    let signer = Signer::Hash("constant:honest");
    for (digest, fault) in [
        ("crc32c=:AAAA:", Fault::UnknownDigest),
        ("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:", Fault::UnknownDigest),
        ("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", Fault::Digest),
    ] {
        let reply = Reply::new(&[("content-digest", digest)], b"");
        let decoded = arrive(&reply.sign(&signer, Form::Rfc, &["content-digest"], &[]), &[], b"100");
        assert!(!decoded.claims[0].is_valid());
        assert_eq!(decoded.claims[0].problems[0].fault, fault);
        assert_eq!(decoded.claims[0].covered, [""; 0]);
    }
    // A member of the digest field does not prove the body.
    let reply = Reply::new(&[], b"100");
    let mut reply = reply.sign(&signer, Form::Rfc, &["\"content-digest\";sf"], &[]);
    reply.lines.push(("ao-body-key".into(), b"balance".to_vec()));
    let decoded = arrive(&reply, &[], b"100");
    assert_eq!(decoded.claims[0].covered, [""; 0]);
}

/// A valid signature of one key covers the values of that key only. It does not change what the signature of another key
/// covers.
#[test]
fn several_signers_each_cover_their_own_fields() {
    let lines = [("action", "Info"), ("balance", "100"), ("supply", "21")];
    let mallory = Signer::Hash("constant:mallory");
    let reply = Reply::new(&lines, b"1000000");
    let mut reply = reply
        .sign(&mallory, Form::Node, &["supply", "content-digest", "ao-body-key"], &[])
        .sign(&Signer::rsa(), Form::Node, &["action", "balance"], &[]);
    assert!(!arrive(&reply, &[], b"1000000").claims[0].is_valid());
    // Mallory signs a body key that names `balance`, which the other signature covers.
    reply = Reply::new(&[lines[0], lines[1], lines[2], ("ao-body-key", "balance")], b"1000000");
    reply = reply
        .sign(&mallory, Form::Node, &["supply", "content-digest", "ao-body-key"], &[])
        .sign(&Signer::rsa(), Form::Node, &["action", "balance"], &[]);
    let decoded = arrive(&reply, &[], b"1000000");
    assert!(decoded.claims.iter().all(|claim| claim.is_valid()));
    assert_eq!(decoded.claims[0].key, Key::Common(b"constant:mallory".to_vec()));
    assert_eq!(decoded.claims[0].covered, ["supply"]);
    assert_eq!(decoded.claims[1].covered, ["action", "balance"]);
    assert_eq!(decoded.message.get("balance"), Some(&"100".into()));
    assert_eq!(faults(&decoded), [(Fault::Conflict, "balance")]);
}

#[test]
fn lines_of_one_field_are_covered_together() {
    let signer = Signer::Hash("constant:honest");
    let reply = Reply::new(&[("balance", "1"), ("balance", "2")], b"");
    let reply = reply.sign(&signer, Form::Rfc, &["balance"], &[]);
    let decoded = arrive(&reply, &[], b"");
    assert_eq!(decoded.message.get("balance"), Some(&"1, 2".into()));
    assert_eq!(covered(&decoded), ["balance"]);
    assert!(!arrive(&reply, &[("balance", "3")], b"").claims[0].is_valid());
    // Two headers that decode to one name are not lines of one field.
    let id = "~".repeat(43);
    let escaped = "%7e".repeat(43);
    let reply = Reply::new(&[(&*id, "1")], b"").sign(&signer, Form::Rfc, &[&id], &[]);
    let decoded = arrive(&reply, &[(&escaped, "1000000")], b"");
    assert_eq!(decoded.message.get(&id), Some(&"1".into()));
    assert_eq!(covered(&decoded), [&*id]);
    assert_eq!(faults(&decoded), [(Fault::Conflict, &*id)]);
}

/// In the signature base, the text behind a line end could pass for another component.
#[test]
fn a_value_with_line_ends_is_one_component() {
    let signer = Signer::Hash("constant:honest");
    let lines = [("note", "x\n\"balance\": 1000000"), ("balance", "1")];
    let reply = Reply::new(&lines, b"").sign(&signer, Form::Node, &["note", "balance"], &[]);
    let mut shifted = reply.clone();
    shifted.lines[0].1 = b"x".to_vec();
    shifted.lines[1].1 = b"1000000\n\"balance\": 1".to_vec();
    for reply in [reply, shifted] {
        let decoded = arrive(&reply, &[], b"");
        assert!(!decoded.claims[0].is_valid());
        assert_eq!(decoded.claims[0].covered, [""; 0]);
    }
}

#[test]
fn a_list_is_covered_as_a_whole() {
    let signer = Signer::Hash("constant:honest");
    let lines = [("1", "a"), ("2", "b"), ("ao-types", ".=\"list\"")];
    let reply = Reply::new(&lines, b"").sign(&signer, Form::Node, &["1", "2", "ao-types"], &[]);
    let list = |values: &[&str]| Value::List(values.iter().map(|value| (*value).into()).collect());
    let decoded = arrive(&reply, &[], b"");
    assert_eq!(decoded.message.get("body"), Some(&list(&["a", "b"])));
    assert_eq!(covered(&decoded), ["body", "ao-types"]);
    for (name, value) in [("3", "mallory"), ("body", "mallory")] {
        let decoded = arrive(&reply, &[(name, value)], b"");
        assert_eq!(covered(&decoded), ["ao-types"]);
    }
    // Unsigned types do not turn a signed value into a list.
    let reply = Reply::new(&lines[..2], b"").sign(&signer, Form::Node, &["1", "2"], &[]);
    let decoded = arrive(&reply, &[lines[2]], b"");
    assert_eq!(decoded.message, message([("1", "a".into()), ("2", "b".into())]));
    assert_eq!(covered(&decoded), ["1", "2"]);
}

#[test]
fn signed_names_that_are_ids_are_covered() {
    let signer = Signer::Hash("constant:honest");
    let ids = format!("{ID}=\"1\", {ID}/x=\"2\"");
    let reply = Reply::new(&[("ao-ids", &ids)], b"").sign(&signer, Form::Node, &["ao-ids"], &[]);
    let decoded = arrive(&reply, &[], b"");
    assert_eq!(decoded.message, message([(ID, "1".into())]));
    assert_eq!(covered(&decoded), [ID]);
    assert_eq!(faults(&decoded), [(Fault::BadField, &*format!("{ID}/x"))]);
}

/// Nodes add the status and its type to a reply after they sign it.
#[test]
fn a_status_that_a_node_adds_is_not_covered() {
    let signer = Signer::Hash("constant:honest");
    let lines = [("balance", "1"), ("ao-types", "balance=\"integer\"")];
    let mut reply = Reply::new(&lines, b"").sign(&signer, Form::Node, &["balance", "ao-types"], &[]);
    reply.lines[1].1 = b"balance=\"integer\", status=\"integer\"".to_vec();
    let decoded = arrive(&reply, &[("status", "402")], b"");
    assert_eq!(covered(&decoded), ["balance", "ao-types"]);
    assert_eq!(decoded.message.get("status"), Some(&Value::Integer(402)));
    reply.lines[1].1 = b"balance=\"integer\", status=\"integer\", other=\"integer\"".to_vec();
    assert!(!arrive(&reply, &[], b"").claims[0].is_valid());
}

#[test]
fn a_signature_whose_expiry_is_not_a_time_counts_as_expired() {
    for (expires, is_valid) in [
        ("1800000001", true),
        ("1800000000", true),
        ("1799999999", false),
        ("-1", false),
        ("0", false),
        ("1800000001.5", false),
        ("\"1800000001\"", false),
        ("?1", false),
        ("never", false),
    ] {
        let input = format!("(\"a\");alg=\"hmac-sha256\";expires={expires};keyid=\"constant:honest\"");
        let base = format!("\"a\": 1\n\"@signature-params\": {input}");
        let hash = crate::honest::keyed_hash("constant:honest", base.as_bytes());
        let hash = <base64ct::Base64 as base64ct::Encoding>::encode_string(&hash);
        let mut fields: Fields = [("a", "1")].into_iter().collect();
        fields.add("signature", format!("s=:{hash}:"));
        fields.add("signature-input", format!("s={input}"));
        let decoded = receive(&fields, b"").unwrap();
        let faults: Vec<Fault> = decoded.claims[0].problems.iter().map(|problem| problem.fault).collect();
        let expected = if is_valid { vec![] } else { vec![Fault::Expired] };
        assert_eq!(faults, expected, "{expires}");
        assert_eq!(decoded.claims[0].is_valid(), is_valid);
        assert_eq!(decoded.claims[0].covered.len(), usize::from(is_valid));
    }
}
