//! What is signed by its id alone: nested messages in bundles, and what nodes show of data items.

use aoxide::httpsig::{Decoded, Dialect, Encoded, Fault, Fields, Message, Value, content_digest};

use crate::honest::{Form, Lines, Reply, Signer, id_of, item, linked, message};
use crate::support::receive;

const SIGNER: Signer = Signer::Hash("constant:honest");

fn arrive(lines: &Lines, body: &[u8]) -> Decoded {
    let fields: Fields = lines.iter().map(|(name, value)| (name, value.clone())).collect();
    receive(&fields, body).unwrap()
}

fn faults(decoded: &Decoded) -> Vec<Fault> {
    decoded.claims[0].problems.iter().map(|problem| problem.fault).collect()
}

/// A signature over the link `x+link`, and the parts that are carried.
fn carrying(id: &str, parts: &str) -> Decoded {
    let body = format!("--b\r\n{parts}\r\n--b--");
    let kind = ("content-type", "multipart/form-data; boundary=\"b\"");
    let mut reply = Reply::new(&[("a", "1"), ("x+link", id), kind], body.as_bytes());
    reply = reply.sign(&SIGNER, Form::Node, &["a", "x+link"], &[]);
    reply.lines.retain(|(name, _)| name != "x+link");
    arrive(&reply.lines, body.as_bytes())
}

fn part(path: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("{lines}content-disposition: form-data;name=\"{path}\"")
}

fn is_covered(decoded: &Decoded) -> bool {
    decoded.claims[0].covered.iter().any(|name| name == "x")
}

#[test]
fn a_bundle_covers_only_values_with_the_signed_id() {
    for dialect in [Dialect::September2025, Dialect::November2025] {
        let reply = linked(dialect, &SIGNER);
        let decoded = arrive(&reply.lines, &reply.body);
        assert_eq!(decoded.claims[0].problems, []);
        assert_eq!(decoded.claims[0].covered, ["action", "balances"]);
        assert_eq!(decoded.problems, []);
        // Another value has another id. A node does not see that where the message says its id itself; it is not covered.
        let changed = String::from_utf8(reply.body.clone())
            .unwrap()
            .replace("bob: 12", "bob: 21");
        let mut lines = reply.lines.clone();
        let decoded = arrive(&lines, changed.as_bytes());
        assert_eq!(decoded.claims[0].is_valid(), dialect == Dialect::November2025);
        assert!(!decoded.claims[0].covered.contains(&"balances".to_string()));
        // A field does not take the place of the value, or add to it.
        for (name, value) in [
            ("balances", "none"),
            ("balances/mallory", "7"),
            ("ao-types", "balances=\"list\""),
        ] {
            lines.push((name.into(), value.as_bytes().to_vec()));
            let decoded = arrive(&lines, &reply.body);
            assert_eq!(decoded.claims[0].covered, ["action", "balances"]);
            let honest = arrive(&reply.lines, &reply.body).message;
            assert_eq!(decoded.message.get("balances"), honest.get("balances"));
            lines.pop();
        }
        // Other parts are not covered.
        let more = [
            &b"--b\r\ncontent-disposition: form-data;name=\"mallory\"\r\n\r\n1\r\n"[..],
            &[],
        ]
        .concat();
        let kind = format!("multipart/form-data; boundary=\"{}\"", "b");
        let text = String::from_utf8(reply.body.clone()).unwrap();
        let boundary = text[2..45].to_string();
        let body = [&more[..], text.replace(&boundary, "b").as_bytes()].concat();
        lines.retain(|(name, _)| name != "content-type" && name != "content-digest");
        lines.push(("content-type".into(), kind.into_bytes()));
        let decoded = arrive(&lines, &body);
        assert_eq!(decoded.message.get("mallory"), Some(&"1".into()));
        assert_eq!(decoded.claims[0].covered, ["action", "balances"]);
        assert_eq!(faults(&decoded), [Fault::UncoveredBody]);
    }
}

#[test]
fn names_in_nested_messages_keep_their_case() {
    let id = id_of(&[("Alice", "1"), ("bob", "2")]).to_string();
    let decoded = carrying(&id, &part("x", &["Alice: 1", "bob: 2"]));
    assert!(is_covered(&decoded));
    let nested = id_of(&[("Deep+link", &id)]).to_string();
    assert!(is_covered(&carrying(&nested, &part("x/Deep", &["Alice: 1", "bob: 2"]))));
}

/// Two messages may have the same lines. Then the signature is right, and neither of them is what was signed for certain.
#[test]
fn a_message_with_the_lines_of_another_is_not_covered() {
    let inner = id_of(&[("a", "1")]).to_string();
    let outer = id_of(&[("n+link", &inner)]).to_string();
    let nested = carrying(&outer, &part("x/n", &["a: 1"]));
    assert!(is_covered(&nested) && nested.claims[0].is_valid());
    let escaped = "h%4b%42uy%51xh%4ay%4d1a09krh6p%5ajm6%44sp_%47243d%59%47s53%47%4c%42ww";
    for (id, lines) in [
        // A link that is text.
        (outer, vec![format!("n+link: {inner}")]),
        // A line that is in a value.
        (
            id_of(&[("a", "1\n\"b\": 2"), ("b", "3")]).to_string(),
            vec!["a: 1\n\"b\": 2".into(), "b: 3".into()],
        ),
        // A name that is an escaped id.
        (id_of(&[(escaped, "1")]).to_string(), vec![format!("{escaped}: 1")]),
    ] {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let decoded = carrying(&id, &part("x", &lines));
        assert!(decoded.claims[0].is_valid(), "{lines:?}");
        assert!(!is_covered(&decoded), "{lines:?}");
    }
    // A digest is that of a value, and no value.
    let digest = content_digest(b"b");
    let id = id_of(&[("content-digest", &digest)]).to_string();
    assert!(is_covered(&carrying(&id, &format!("{}\r\n\r\nb", part("x/body", &[])))));
    let text = format!("{}\r\n\r\n{digest}", part("x/content-digest", &[]));
    let decoded = carrying(&id, &text);
    assert!(decoded.claims[0].is_valid() && !is_covered(&decoded));
}

/// A hash beside the values is read where it is theirs, and else makes them uncertain. Signatures beside them are looked at
/// for their ids alone.
#[test]
fn commitments_in_a_nested_message_do_not_prove_it() {
    let id = id_of(&[("a", "1")]).to_string();
    let carried = |id: &str, more: &[&str]| {
        let commitments = [&["commitment-device: httpsig@1.0", "keyid: constant:ao"], more].concat();
        let of = format!("x/commitments/{id}");
        [
            part("x", &["a: 1"]),
            part(&of, &commitments),
            part(&format!("{of}/committed"), &["1: a", "ao-types: .=\"list\""]),
        ]
        .join("\r\n--b\r\n")
    };
    let signature = format!("signature: {id}");
    let right = carrying(&id, &carried(&id, &[&signature, "type: hmac-sha256"]));
    assert!(is_covered(&right));
    let expected = Value::Map(message([("a", "1".into())]));
    assert_eq!(right.message.get("x"), Some(&expected));
    let wrong = carrying(&id, &carried(&id, &["signature: mallory", "type: hmac-sha256"]));
    assert!(wrong.claims[0].is_valid() && !is_covered(&wrong));
    assert_ne!(wrong.message.get("x"), Some(&expected));
    // With a signature, the id is that of the signature and does not depend on the values.
    let other = id_of(&[("b", "1")]).to_string();
    let signed = carrying(&other, &carried(&other, &["committer: me", "type: rsa-pss-sha512"]));
    assert!(signed.claims[0].is_valid() && !is_covered(&signed));
    assert!(!carrying(&id, &carried(&other, &["committer: me", "type: rsa-pss-sha512"])).claims[0].is_valid());
}

/// More values than nodes have an order for.
#[test]
fn a_large_map_has_the_id_in_its_commitments() {
    let lines: Vec<String> = (0..40).map(|number| format!("k{number}: 1")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let id = id_of(&[("a", "1")]).to_string();
    assert!(!carrying(&id, &part("x", &lines)).claims[0].is_valid());
    let said = part(&format!("x/commitments/{id}"), &["type: hmac-sha256"]);
    let decoded = carrying(&id, &[part("x", &lines), said].join("\r\n--b\r\n"));
    assert!(decoded.claims[0].is_valid() && !is_covered(&decoded));
}

/// Beside links, the digest that is signed is that of the other values.
#[test]
fn a_digest_beside_links_covers_the_rest_of_the_body() {
    let id = id_of(&[("a", "1")]).to_string();
    let sign = |digest: &str, kind: Option<&str>, parts: &[String]| {
        let kinds: &[&str] = if kind.is_some() { &["content-type"] } else { &[] };
        let lines = [
            ("content-digest", digest),
            ("content-type", kind.unwrap_or_default()),
            ("x+link", &id),
        ];
        let mut reply = Reply::new(&lines, b"");
        reply = reply.sign(
            &SIGNER,
            Form::Node,
            &[&["content-digest"], kinds, &["x+link"]].concat(),
            &[],
        );
        let body = format!("--b\r\n{}\r\n--b--", parts.join("\r\n--b\r\n"));
        let is_own = |name: &str| matches!(name, "content-digest" | "content-type" | "x+link");
        reply.lines.retain(|(name, _)| !is_own(name));
        let digest = content_digest(body.as_bytes()).into_bytes();
        reply.lines.push(("content-digest".into(), digest));
        let kind = b"multipart/form-data; boundary=\"b\"".to_vec();
        reply.lines.push(("content-type".into(), kind));
        arrive(&reply.lines, body.as_bytes())
    };
    let x = part("x", &["a: 1"]);
    let text = "content-disposition: inline\r\n\r\ntext".to_string();
    let decoded = sign(&content_digest(b"text"), None, &[text.clone(), x.clone()]);
    assert_eq!(decoded.claims[0].problems, []);
    assert_eq!(decoded.claims[0].covered, ["body", "x"]);
    assert_eq!(decoded.problems, []);
    // Another text, or one more part, is not what was signed.
    for parts in [
        vec![text.replace("text", "other"), x.clone()],
        vec![text.clone(), x.clone(), part("y", &["a: 1"])],
        vec![text.clone(), x.clone(), format!("{}\r\n\r\n1", part("y", &[]))],
    ] {
        let decoded = sign(&content_digest(b"text"), None, &parts);
        assert!(!decoded.claims[0].is_valid() && decoded.claims[0].covered.is_empty());
    }
    // Several values are parts, whose type is signed. Else text could pass for them.
    let values = [
        ("y", Value::text("y".repeat(5000))),
        ("z", Value::text("z".repeat(5000))),
    ];
    let encoded = Encoded::new(&message(values.clone()), Dialect::September2025).unwrap();
    let kind = encoded.headers.text("content-type").unwrap();
    let digest = content_digest(&encoded.body.unwrap());
    let mut parts = vec![x];
    for (name, _) in &values {
        parts.push(format!("{}\r\n\r\n{}", part(name, &[]), name.repeat(5000)));
    }
    let decoded = sign(&digest, Some(&kind), &parts);
    assert_eq!(decoded.claims[0].problems, []);
    assert_eq!(decoded.claims[0].covered, ["x", "y", "z"]);
    let decoded = sign(&digest, None, &parts);
    assert_eq!(faults(&decoded), [Fault::AmbiguousBody]);
}

#[test]
fn a_link_in_the_message_is_a_field() {
    let id = id_of(&[("a", "1")]).to_string();
    let reply = Reply::new(&[("x+link", &id)], b"").sign(&SIGNER, Form::Node, &["x+link"], &[]);
    let decoded = arrive(&reply.lines, b"");
    assert_eq!(decoded.claims[0].covered, ["x+link"]);
    assert_eq!(decoded.message.get("x+link"), Some(&Value::text(id)));
}

fn with(reply: &Reply, name: &str, from: &str, to: &str) -> Lines {
    let mut lines = reply.lines.clone();
    let line = lines.iter_mut().find(|(each, _)| each == name).unwrap();
    let changed = String::from_utf8(line.1.clone()).unwrap().replacen(from, to, 1);
    assert_ne!(changed.as_bytes(), line.1, "{name}");
    line.1 = changed.into_bytes();
    lines
}

#[test]
fn the_signature_of_an_item_covers_its_tags_and_data() {
    let reply = item();
    let decoded = arrive(&reply.lines, &reply.body);
    assert_eq!(decoded.claims[0].problems, []);
    assert!(decoded.claims[0].is_item() && decoded.claims[0].is_valid());
    assert_eq!(
        decoded.claims[0].covered,
        ["action", "balance", "data-protocol", "target", "data"]
    );
    // What another says of the same names is not what is read.
    let decoded = arrive(&with(&reply, "balance", "100", "999"), &reply.body);
    assert_eq!(decoded.message.get("balance"), Some(&"100".into()));
    for (from, to) in [
        (":MTAw", ":OTk5"),
        ("2:Balance", "2:Supply"),
        ("field-target=\"", "field-other=\""),
        ("original-tags", "tags"),
        ("1:Action", "7:Action"),
    ] {
        let decoded = arrive(&with(&reply, "signature-input", from, to), &reply.body);
        assert!(!decoded.claims[0].is_valid(), "{from}");
        assert_eq!(decoded.claims[0].covered, [""; 0]);
    }
    // The list of components is not signed. Where it does not name the body, the item has no data.
    let lines = with(&reply, "signature-input", " \"content-digest\"", "");
    assert!(!arrive(&lines, &reply.body).claims[0].is_valid());
    assert!(!arrive(&reply.lines, b"other").claims[0].is_valid());
}

/// The data of an item is one value, whatever is said of its type.
#[test]
fn the_data_of_an_item_is_not_read_as_parts() {
    let parts = Encoded::new(
        &[("mallory", Value::Map(Message::new()))].into_iter().collect(),
        Dialect::September2025,
    )
    .unwrap();
    let body = parts.body.unwrap();
    let kind = parts.headers.text("content-type").unwrap();
    let reply = item();
    let mut lines = with(&reply, "signature-input", "\"action\"", "\"action\" \"content-type\"");
    lines.retain(|(name, _)| name != "content-digest");
    lines.push(("content-digest".into(), content_digest(&body).into_bytes()));
    lines.push(("content-type".into(), kind.into_bytes()));
    let decoded = arrive(&lines, &body);
    assert!(faults(&decoded).contains(&Fault::AmbiguousBody));
    assert!(!decoded.claims[0].is_valid());
}
