//! The examples of RFC 8941, RFC 9421 and RFC 9530.

use aoxide::arweave::{from_base64url, pss};
use aoxide::httpsig::{Context, Fault, Fields, Key, Received, canonical, check_digest, content_digest};
use base64ct::{Base64, Encoding};
use serde_json::Value;

use crate::support::vector;

fn fields(message: &Value) -> Fields {
    let lines = message["headers"].as_array().into_iter().flatten();
    lines
        .map(|line| (line[0].as_str().unwrap(), line[1].as_str().unwrap()))
        .collect()
}

fn context<'a>(message: &'a Value, fields: &'a Fields) -> Context<'a> {
    Context {
        fields: Some(fields),
        method: message["method"].as_str(),
        url: message["url"].as_str(),
        status: message["status"].as_u64().map(|status| status as u16),
        request: None,
    }
}

#[test]
fn structured_fields_agree_with_rfc_8941() {
    let vectors = vector("httpsig/rfc8941.json");
    for each in vectors["valid"].as_array().unwrap() {
        let text = each["text"].as_str().unwrap();
        assert_eq!(
            canonical(text.as_bytes()).as_deref(),
            each["canonical"].as_str(),
            "{text}"
        );
    }
    for each in vectors["invalid"].as_array().unwrap() {
        let text = each["text"].as_str().unwrap();
        assert_eq!(canonical(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn content_digests_agree_with_rfc_9530() {
    for each in vector("httpsig/rfc9530.json").as_array().unwrap() {
        let (content, field) = (each["content"].as_str().unwrap(), each["field"].as_str().unwrap());
        check_digest(field.as_bytes(), content.as_bytes()).unwrap();
        if field.starts_with("sha-256") && !field.contains(',') {
            assert_eq!(content_digest(content.as_bytes()), field);
        }
        let other = format!("{content} ");
        assert_eq!(
            check_digest(field.as_bytes(), other.as_bytes()).unwrap_err().fault,
            Fault::Digest
        );
    }
    let fault = |field: &str| check_digest(field.as_bytes(), b"").unwrap_err().fault;
    assert_eq!(fault("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"), Fault::UnknownDigest);
    assert_eq!(fault("sha-256=abc"), Fault::Digest);
    assert_eq!(fault("sha-256=()"), Fault::BadField);
    assert_eq!(fault("sha-256=:"), Fault::BadField);
}

#[test]
fn signature_bases_and_signatures_agree_with_rfc_9421() {
    let vectors = vector("httpsig/rfc9421.json");
    let key = |name: &str| from_base64url(vectors["keys"][name].as_str().unwrap()).unwrap();
    let mut verified = 0;
    for each in vectors["signatures"].as_array().unwrap() {
        let message = &vectors["messages"][each["message"].as_str().unwrap()];
        let mut fields = fields(message);
        fields.add("signature-input", format!("sig={}", each["input"].as_str().unwrap()));
        fields.add("signature", format!("sig=:{}:", each["signature"].as_str().unwrap()));
        let body = message["body"].as_str().unwrap().as_bytes();
        let received = Received::new(&context(message, &fields), body, 1_618_884_480).unwrap();
        assert_eq!(received.problems, []);
        let [mut claim] = <[_; 1]>::try_from(received.claims).unwrap();
        let section = each["section"].as_str().unwrap();
        let lines: Vec<&str> = each["base"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap())
            .collect();
        assert_eq!(
            String::from_utf8_lossy(&claim.bases[0].bytes),
            lines.join("\n"),
            "{section}"
        );
        let signature = Base64::decode_vec(each["signature"].as_str().unwrap()).unwrap();
        assert_eq!(claim.signature, signature);
        match each["algorithm"].as_str().unwrap() {
            "rsa-pss-sha512" => {
                assert!(
                    pss::verify_sha512(&key("test-key-rsa-pss"), &claim.bases[0].bytes, &signature),
                    "{section}"
                );
                assert!(!pss::verify(
                    &key("test-key-rsa-pss"),
                    &claim.bases[0].bytes,
                    &signature
                ));
                verified += 1;
            }
            "hmac-sha256" => {
                claim.key = Key::Common(key("test-shared-secret"));
                assert_eq!(claim.fitting_base(), Some(0));
                verified += 1;
            }
            // AO has no keys of these algorithms.
            _ => assert!(!claim.verify()),
        }
    }
    assert_eq!(verified, 5);
}

#[test]
fn components_agree_with_rfc_9421() {
    for each in vector("httpsig/rfc9421.json")["components"].as_array().unwrap() {
        let mut fields = fields(each);
        let identifier = each["identifier"].as_str().unwrap();
        fields.add("signature-input", format!("sig=({identifier})"));
        fields.add("signature", "sig=:AA==:");
        let received = Received::new(&context(each, &fields), b"", 0).unwrap();
        let expected = format!(
            "{identifier}: {}\n\"@signature-params\": ({identifier})",
            each["value"].as_str().unwrap()
        );
        assert_eq!(String::from_utf8_lossy(&received.claims[0].bases[0].bytes), expected);
    }
}

/// RFC 9421, section 2.4: the signature of a response can cover components of the request.
#[test]
fn components_of_a_response_are_taken_from_its_request() {
    let request = vector("httpsig/rfc9421.json")["messages"]["request"].clone();
    let request_fields = fields(&request);
    let request = context(&request, &request_fields);
    let mut fields = Fields::new();
    fields.add(
        "signature-input",
        r#"reqres=("@status" "@method";req "@authority";req "content-digest";req "@path")"#,
    );
    fields.add("signature", "reqres=:AA==:");
    let reply = Context {
        fields: Some(&fields),
        status: Some(503),
        request: Some(&request),
        ..Context::default()
    };
    let received = Received::new(&reply, b"", 0).unwrap();
    // A response has no path.
    assert_eq!(
        received.claims[0].problems.last().unwrap().fault,
        Fault::MissingComponent
    );

    let mut fields = Fields::new();
    fields.add(
        "signature-input",
        r#"reqres=("@status" "@method";req "@authority";req "content-digest";req)"#,
    );
    fields.add("signature", "reqres=:AA==:");
    let reply = Context {
        fields: Some(&fields),
        ..reply
    };
    let received = Received::new(&reply, b"", 0).unwrap();
    let base = String::from_utf8(received.claims[0].bases[0].bytes.clone()).unwrap();
    let digest = request_fields.text("content-digest").unwrap();
    assert_eq!(
        base,
        [
            "\"@status\": 503".to_string(),
            "\"@method\";req: POST".into(),
            "\"@authority\";req: example.com".into(),
            format!("\"content-digest\";req: {digest}"),
            r#""@signature-params": ("@status" "@method";req "@authority";req "content-digest";req)"#.into(),
        ]
        .join("\n")
    );
}
