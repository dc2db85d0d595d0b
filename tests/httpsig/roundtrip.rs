//! Round trips of random messages.

use aoxide::httpsig::{Dialect, Encoded, Fields, Key, Message, Value, combined_id, commitment_id, unsigned_id};

use crate::support::{Seeded, jwk, random_message, receive, sign};

/// Compares a message with the decoded one. Random messages contain no values that nodes cannot read back.
fn assert_same(read: &Message, message: &Message, what: &str) {
    let mut read = read.clone();
    if message.get("codec-device").is_none() {
        read.remove("codec-device");
    }
    assert_eq!(&read, message, "{what}");
}

#[test]
fn decode_restores_random_encoded_messages() {
    let random = Seeded::new(20_261_121);
    for round in 0..2_000 {
        let message = random_message(&random);
        for dialect in [Dialect::November2025, Dialect::September2025] {
            let encoded = match Encoded::new(&message, dialect) {
                Ok(encoded) => encoded,
                // This dialect writes ids to a dictionary, which can hold ASCII only.
                Err(error) if dialect == Dialect::September2025 => {
                    assert!(error.message().contains("ASCII"), "{error}");
                    continue;
                }
                Err(error) => panic!("{error}"),
            };
            let received = receive(&encoded.headers, encoded.body.as_deref().unwrap_or_default()).unwrap();
            assert_eq!(received.problems, [], "round {round}");
            assert_same(&received.message, &message, &format!("round {round}"));
            // Encoding the decoded message gives the same bytes. Nodes verify signatures this way.
            let again = Encoded::new(&received.message, dialect).unwrap();
            assert_eq!(again, encoded, "round {round}");
        }
    }
}

#[test]
fn signatures_of_random_messages_verify_and_fail_after_a_change() {
    let random = Seeded::new(4);
    let address = jwk().address().unwrap();
    let mut signed_messages = 0;
    for round in 0..160 {
        let mut message = random_message(&random);
        message.set("action", "Eval".into());
        let dialect = *random.pick(&[Dialect::November2025, Dialect::September2025]);
        let signed = match sign(&message, dialect) {
            Ok(signed) => signed,
            Err(error) => {
                assert!(matches!(error.kind().code(), "UNSUPPORTED" | "BAD_ARGUMENT"), "{error}");
                continue;
            }
        };
        signed_messages += 1;
        let body = signed.body.clone().unwrap_or_default();
        let received = receive(&signed.headers, &body).unwrap();
        let claim = &received.claims[0];
        assert!(claim.is_valid(), "round {round}: {:?}", claim.problems);
        assert_eq!(claim.problems, []);
        assert_eq!(claim.address(), Some(address));
        assert_eq!(claim.id, signed.id);
        assert!(claim.label.starts_with("comm-"));
        for (name, _) in message.iter() {
            assert!(claim.covered.iter().any(|covered| covered == name), "{name}");
        }

        let mut changed = Fields::new();
        for (name, value) in signed.headers.iter() {
            let value = if name == "action" { b"evil" } else { value };
            changed.add(name, value);
        }
        assert!(!receive(&changed, &body).unwrap().claims[0].is_valid());
        if !body.is_empty() {
            let mut changed = body.clone();
            let at = random.below(changed.len());
            changed[at] ^= 1;
            // The change can also make the message unreadable.
            if let Ok(received) = receive(&signed.headers, &changed) {
                assert!(!received.claims[0].is_valid(), "round {round}");
            }
        }
    }
    assert!(signed_messages > 20, "{signed_messages}");
}

#[test]
fn id_of_an_unsigned_message_is_its_keyed_hash_and_combined_ids_ignore_the_order() {
    let message: Message = [("action", "Eval".into()), ("data", Value::text("1 + 1"))]
        .into_iter()
        .collect();
    let encoded = Encoded::new(&message, Dialect::November2025).unwrap();
    let id = unsigned_id(&encoded).unwrap();
    // A keyed hash of 32 bytes is itself the id. Its key is public, so anyone can compute it.
    assert_eq!(commitment_id(id.as_bytes()), id);
    let input = r#"comm-x=("action" "ao-body-key" "content-digest");alg="hmac-sha256";keyid="constant:ao""#;
    let mut headers = encoded.headers.clone();
    headers.add("signature-input", input);
    let hash = <base64ct::Base64 as base64ct::Encoding>::encode_string(id.as_bytes());
    headers.add("signature", format!("comm-x=:{hash}:"));
    let received = receive(&headers, encoded.body.as_deref().unwrap()).unwrap();
    assert_eq!(received.claims[0].key, Key::Common(b"constant:ao".to_vec()));
    assert!(received.claims[0].is_valid());
    assert_eq!(received.claims[0].address(), None);

    let signature = [1; 512];
    let signed = commitment_id(&signature);
    assert_eq!(combined_id(&[]), None);
    assert_eq!(combined_id(&[id]), Some(id));
    assert_eq!(combined_id(&[id, signed]), combined_id(&[signed, id]));
}
