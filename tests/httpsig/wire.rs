//! The encoding of messages, compared byte by byte.

use aoxide::ErrorKind;
use aoxide::httpsig::{Dialect, Encoded, Fields, Message, Value};

use crate::support::{receive, sign, text_of};

fn message<const N: usize>(values: [(&str, Value); N]) -> Message {
    values.into_iter().collect()
}

fn encode(message: &Message) -> Encoded {
    Encoded::new(message, Dialect::November2025).unwrap()
}

fn lines(fields: &Fields) -> Vec<String> {
    fields
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)))
        .collect()
}

/// The components that the field `Signature-Input` lists.
fn covered(message: &Message, dialect: Dialect) -> String {
    let signed = sign(message, dialect).unwrap();
    let input = text_of(&signed.headers, "signature-input");
    let (_, input) = input.split_once('=').unwrap();
    input.replace(&input[input.find("publickey:").unwrap()..], "…")
}

#[test]
fn typed_values_are_headers() {
    let encoded = encode(&message([
        ("Action", "Eval".into()),
        ("count", Value::Integer(-7)),
        ("ratio", Value::Float(0.5)),
        ("ready", Value::flag(true)),
    ]));
    assert_eq!(
        lines(&encoded.headers),
        [
            "action: Eval",
            r#"ao-types: count="integer", ratio="float", ready="atom""#,
            "count: -7",
            "ratio: 5.00000000000000000000e-01",
            "ready: true",
        ]
    );
    assert_eq!(encoded.body, None);
}

#[test]
fn data_is_the_body_and_body_key_names_it() {
    let encoded = encode(&message([("action", "Eval".into()), ("data", "1 + 1".into())]));
    assert_eq!(
        lines(&encoded.headers),
        [
            "action: Eval",
            "ao-body-key: data",
            "content-digest: sha-256=:cvzllEegH0iLEWnS10JnnP4waol3LWf+8Bi8/pVDH2g=:"
        ]
    );
    assert_eq!(encoded.body.as_deref(), Some(&b"1 + 1"[..]));
    // In a message with a `body`, `data` is an ordinary value.
    let encoded = encode(&message([("body", "b".into()), ("data", "d".into())]));
    assert_eq!(lines(&encoded.headers)[1], "data: d");
    assert_eq!(encoded.body.as_deref(), Some(&b"b"[..]));
}

#[test]
fn nested_values_are_parts() {
    let long = "l".repeat(4097);
    let values = message([
        ("empty", Value::Map(Message::new())),
        (
            "list",
            Value::List(vec![Value::Integer(1), "two".into(), Value::List(Vec::new())]),
        ),
        ("long", Value::text(&*long)),
        ("map", Value::Map(message([("Body", "alone".into())]))),
        (
            "outer",
            Value::Map(message([
                ("body", "b".into()),
                ("inner", Value::Map(message([("x", "y".into())]))),
                ("z", "1".into()),
            ])),
        ),
        ("data", Value::Bytes(vec![0, 255])),
    ]);
    let encoded = Encoded::new(&values, Dialect::September2025).unwrap();
    let body = encoded.body.unwrap();
    let content_type = text_of(&encoded.headers, "content-type");
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=\"")
        .unwrap()
        .strip_suffix('"')
        .unwrap();
    let parts: Vec<Vec<u8>> = [
        &b"content-disposition: inline\r\n\r\n\x00\xff"[..],
        b"ao-types: empty-message\r\ncontent-disposition: form-data;name=\"empty\"",
        b"1: 1\r\n2: two\r\nao-types: .=\"list\", 1=\"integer\"\r\ncontent-disposition: form-data;name=\"list\"",
        b"ao-types: .=\"list\"\r\ncontent-disposition: form-data;name=\"list/3\"",
        &[b"content-disposition: form-data;name=\"long\"\r\n\r\n", long.as_bytes()].concat(),
        b"content-disposition: form-data;name=\"map/body\"\r\n\r\nalone",
        b"content-disposition: form-data;name=\"outer\"\r\nz: 1\r\n\r\nb",
        b"content-disposition: form-data;name=\"outer/inner\"\r\nx: y",
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    assert_eq!(boundary, aoxide::arweave::Id::of(&parts.join(&b"\r\n"[..])).to_string());
    let mut expected = Vec::new();
    for part in parts {
        expected.extend([format!("--{boundary}\r\n").as_bytes(), &part, b"\r\n"].concat());
    }
    expected.extend(format!("--{boundary}--").as_bytes());
    assert_eq!(String::from_utf8_lossy(&body), String::from_utf8_lossy(&expected));
    assert_eq!(body, expected);
}

#[test]
fn a_signature_covers_every_field_that_nodes_read() {
    let flat = message([("z", "1".into()), ("action", "Eval".into())]);
    let with_data = message([("z", "1".into()), ("action", "Eval".into()), ("data", "d".into())]);
    let nested = message([
        ("b", "1".into()),
        ("data", "d".into()),
        ("map", Value::Map(message([("x", "y".into())]))),
    ]);
    for (message, expected) in [
        (&flat, r#"("action" "z");alg="rsa-pss-sha512";keyid="…"#),
        (
            &with_data,
            r#"("action" "ao-body-key" "content-digest" "z");alg="rsa-pss-sha512";keyid="…"#,
        ),
        (
            &nested,
            r#"("ao-body-key" "b" "content-digest" "content-type");alg="rsa-pss-sha512";bundle="true";keyid="…"#,
        ),
    ] {
        for dialect in [Dialect::November2025, Dialect::September2025] {
            assert_eq!(covered(message, dialect), expected);
        }
    }
}

#[test]
fn names_that_are_ids_keep_their_case() {
    let id = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
    let message = message([(id, r#"a "quote""#.into())]);
    let headers = encode(&message).headers;
    let escaped = "_%47%5133%42k%50t%5arqx%4184v%4d8%5ak-%4e2a%4f0to%4e%4eu_%43-l-rawr%42%41";
    assert_eq!(lines(&headers), [format!("{escaped}: a \"quote\"")]);
    // The same holds for names of parts at the top level.
    let nested: Message = [(id, Value::Map(message.clone()))].into_iter().collect();
    for (dialect, path) in [(Dialect::November2025, escaped), (Dialect::September2025, id)] {
        let body = Encoded::new(&nested, dialect).unwrap().body.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(
            body.contains(&format!("\r\n{id}: a \"quote\"")) && body.contains(&format!("name=\"{path}\"")),
            "{body}"
        );
    }
    // Other names are not escaped, except in the list of types.
    let other = self::message([("a~b", Value::Integer(1))]);
    assert_eq!(
        lines(&encode(&other).headers),
        ["ao-types: a%7eb=\"integer\"", "a~b: 1"]
    );
    let headers = Encoded::new(&message, Dialect::September2025).unwrap().headers;
    assert_eq!(lines(&headers), [format!(r#"ao-ids: {id}="a \"quote\"""#)]);
}

#[test]
fn encode_refuses_values_that_cannot_be_encoded() {
    let deep = |depth| (0..depth).fold(Value::Integer(1), |value, _| Value::List(vec![value]));
    for (name, value) in [
        ("", "x".into()),
        ("a/b", "x".into()),
        ("a b", "x".into()),
        ("é", "x".into()),
        ("a%41", "x".into()),
        ("signature", "x".into()),
        ("ao-types", "x".into()),
        ("private", "x".into()),
        (".", "x".into()),
        ("date", "x".into()),
        ("__proto__", "x".into()),
        ("Sec-Fetch-Mode", "x".into()),
        ("content-type", "multipart/mixed;boundary=x".into()),
        ("content-type", "no type".into()),
        ("a+b", Value::Integer(1)),
        (
            ".a",
            Value::List(vec![Value::Map(message([(".b", Value::flag(true))]))]),
        ),
        ("x", Value::Float(f64::NAN)),
        ("x", Value::Atom("with space".into())),
        ("x", Value::Atom(String::new())),
        ("x", deep(65)),
        ("x", Value::Map(message([("a\r\nb", "x".into())]))),
    ] {
        let error = Encoded::new(&message([(name, value)]), Dialect::November2025).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadArgument, "{name}");
        let names = [name.to_lowercase(), ".b".into()];
        let named = names.iter().any(|name| error.message().contains(&format!("'{name}'")));
        assert!(named || name == "x", "{error}");
    }
    encode(&message([("x", deep(64))]));
}

/// Nodes would encode these messages differently from how they were sent.
#[test]
fn sign_refuses_messages_that_nodes_cannot_verify() {
    let map = |values: Message| Value::Map(values);
    let many: Message = (0..32).map(|number| (format!("k{number}"), "v".into())).collect();
    for (what, values) in [
        ("white space", message([("x", " padded".into())])),
        (
            "several lines",
            message([("x", map(message([("y", "one\r\ntwo".into())])))]),
        ),
        ("is empty", message([("data", "".into()), ("x", map(Message::new()))])),
        (
            "is empty",
            message([("x", map(message([("body", "".into()), ("y", "z".into())])))]),
        ),
        (
            "both data and a body",
            message([("x", map(message([("body", "b".into()), ("data", "d".into())])))]),
        ),
        ("more than 31", message([("x", map(many.clone()))])),
        ("the request itself", message([("query", "x".into())])),
        (
            "type of a part",
            message([("x", map(message([("content-type", "text/plain".into())])))]),
        ),
        ("elsewhere", message([("x", map(message([("y+link", "z".into())])))])),
        ("elsewhere", message([("y+link", "z".into())])),
        (
            "the atom undefined",
            message([("x", Value::List(vec![Value::Atom("undefined".into())]))]),
        ),
        (
            "15 digits",
            message([("x", Value::List(vec![Value::Integer(-1_000_000_000_000_000)]))]),
        ),
        ("control", message([("x", "two\nlines".into())])),
        (
            "more than 32",
            many.clone().into_iter().chain([("z".into(), "".into())]).collect(),
        ),
        ("without values", Message::new()),
    ] {
        for dialect in [Dialect::November2025, Dialect::September2025] {
            let error = sign(&values, dialect).unwrap_err();
            let nothing = values.is_empty();
            let kind = if nothing {
                ErrorKind::BadArgument
            } else {
                ErrorKind::Unsupported
            };
            assert_eq!(error.kind(), kind);
            assert!(error.message().contains(what), "{error}");
        }
        // Unsigned, they are decoded unchanged.
        let encoded = Encoded::new(&values, Dialect::September2025).unwrap();
        let received = receive(&encoded.headers, &encoded.body.unwrap_or_default()).unwrap();
        assert_eq!(received.message, values);
    }
    sign(&many, Dialect::November2025).unwrap();
    sign(&many, Dialect::September2025).unwrap();
    let id = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
    let error = sign(&message([(id, "x".into())]), Dialect::September2025).unwrap_err();
    assert!(error.message().contains("is an id"), "{error}");
    let error = sign(&message([(id, map(Message::new()))]), Dialect::November2025).unwrap_err();
    assert!(error.message().contains("is an id"), "{error}");
}

#[test]
fn a_content_type_does_not_change_how_nodes_decode_the_message() {
    let typed = message([("content-type", "application/json".into()), ("body", "{}".into())]);
    let signed = sign(&typed, Dialect::November2025).unwrap();
    assert_eq!(text_of(&signed.headers, "codec-device"), "httpsig@1.0");
    let nested = typed
        .into_iter()
        .chain([("x".into(), Value::List(Vec::new()))])
        .collect();
    assert!(Encoded::new(&nested, Dialect::November2025).is_err());
}

#[test]
fn an_empty_body_is_signed() {
    let signed = sign(&message([("data", "".into())]), Dialect::November2025).unwrap();
    assert_eq!(signed.body.as_deref(), Some(&b""[..]));
    let received = receive(&signed.headers, b"").unwrap();
    assert!(received.claims[0].is_valid());
    assert_eq!(received.claims[0].covered, ["data"]);
    assert_eq!(received.message, message([("data", "".into())]));
}
