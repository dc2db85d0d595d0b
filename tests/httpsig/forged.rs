//! Signed replies with random changes: every value that is listed as covered is a value that was signed.

use std::collections::HashMap;

use aoxide::arweave::pss;
use aoxide::httpsig::{Claim, Context, Decoded, Dialect, Encoded, Fields, Key, Received, content_digest};
use base64ct::{Base64, Encoding};

use crate::honest::{ID, Lines, Reply, Signature, balances, keyed_hash, replies};
use crate::support::Seeded;

const CASES: usize = 100_000;
/// A key that the attacker has too.
const FORGER: &str = "constant:mallory";

/// The texts that were signed with the keys of these tests, by signature.
struct Signed {
    by_bytes: HashMap<Vec<u8>, Signature>,
    /// Signatures that were verified with RSA.
    verified: HashMap<Vec<u8>, bool>,
    /// How many more forged signatures are verified with RSA.
    left: usize,
}

impl Signed {
    /// The index of the base that an RSA signature was made over. RSA is slow, so the result is looked up by signature and
    /// text. It is verified with RSA once for each signature, and for the first forged texts.
    fn base_of(&mut self, claim: &Claim, modulus: &[u8]) -> Option<usize> {
        let signed = &self.by_bytes.get(&claim.signature)?.base;
        let found = claim.bases.iter().position(|base| base.bytes == *signed);
        match (found, claim.bases.first()) {
            (Some(at), _) => {
                let verify = || verify(claim, modulus, at);
                let is_right = self.verified.entry(claim.signature.clone()).or_insert_with(verify);
                assert!(*is_right);
            }
            (None, Some(base)) if self.left > 0 => {
                self.left -= 1;
                assert!(!base.bytes.is_empty() && !verify(claim, modulus, 0));
            }
            _ => {}
        }
        found
    }

    fn read(&mut self, lines: &Lines, body: &[u8]) -> Option<Decoded> {
        let mut received = receive(lines, body)?;
        for claim in &mut received.claims {
            let base = match claim.key.clone() {
                Key::Modulus(modulus) => self.base_of(claim, &modulus),
                _ => claim.fitting_base(),
            };
            claim.conclude(base);
        }
        Some(received.decode())
    }

    /// Panics if a name is listed as covered and its value is not the signed one. Returns the number of covered names, and
    /// whether the values would differ if no signature were verified.
    fn check(&mut self, lines: &Lines, body: &[u8]) -> Option<(usize, bool)> {
        let decoded = self.read(lines, body)?;
        let (mut covered, mut is_attack) = (0, false);
        let naive = receive(lines, body)?.decode().message;
        for claim in &decoded.claims {
            let Some(signature) = self.by_bytes.get(&claim.signature).filter(|_| claim.is_valid()) else {
                assert!(claim.is_valid() || claim.covered.is_empty());
                continue;
            };
            let signed = &signature.signed;
            for name in claim.covered.iter().filter(|name| *name != "ao-types") {
                let found = decoded.message.get(name);
                assert!(
                    found.is_some(),
                    "'{name}' is covered but missing\n{}",
                    show(lines, body)
                );
                assert_eq!(found, signed.get(name), "'{name}'\n{}", show(lines, body));
                covered += 1;
                is_attack |= naive.get(name) != signed.get(name);
            }
            assert_eq!(decoded.message.get("ao-types"), None);
        }
        Some((covered, is_attack))
    }
}

fn verify(claim: &Claim, modulus: &[u8], base: usize) -> bool {
    let verify = if claim.is_item() {
        pss::verify
    } else {
        pss::verify_sha512
    };
    verify(modulus, &claim.bases[base].bytes, &claim.signature)
}

fn receive(lines: &Lines, body: &[u8]) -> Option<Received> {
    let fields: Fields = lines.iter().map(|(name, value)| (name, value.clone())).collect();
    let context = Context {
        fields: Some(&fields),
        status: Some(200),
        ..Context::default()
    };
    Received::new(&context, body, 1_800_000_000).ok()
}

fn show(lines: &Lines, body: &[u8]) -> String {
    let lines = lines
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value)));
    lines.collect::<String>() + "\n" + &String::from_utf8_lossy(body)
}

#[test]
fn covered_values_are_what_was_signed_in_100_000_forged_replies() {
    let originals = replies();
    let signatures = originals.iter().flat_map(|reply| &reply.signatures);
    let mut signed = Signed {
        by_bytes: signatures.map(|each| (each.bytes.clone(), each.clone())).collect(),
        verified: HashMap::new(),
        left: 300,
    };
    // Without changes, every signed name is covered.
    for reply in &originals {
        let decoded = signed.read(&reply.lines, &reply.body).unwrap();
        for signature in &reply.signatures {
            let mut claims = decoded.claims.iter();
            let claim = claims.find(|claim| claim.signature == signature.bytes).unwrap();
            assert_eq!(
                claim.is_valid(),
                reply.is_valid,
                "{:?}\n{}",
                claim.problems,
                show(&reply.lines, &reply.body)
            );
            let mut covered = claim.covered.clone();
            covered.retain(|name| name != "ao-types");
            covered.sort();
            let names = signature.signed.keys().filter(|_| reply.is_valid);
            assert!(names.eq(&covered), "{covered:?}\n{}", show(&reply.lines, &reply.body));
        }
        signed.check(&reply.lines, &reply.body).unwrap();
    }

    let random = Seeded::new(2_026_111);
    let (mut unreadable, mut still_covered, mut attacks, mut names) = (0, 0, 0, 0);
    for _ in 0..CASES {
        let reply = random.pick(&originals);
        let mut forgery = Forgery {
            random: &random,
            original: reply,
            lines: reply.lines.clone(),
            body: reply.body.clone(),
        };
        for _ in 0..1 + random.below(3) {
            forgery.mutate(&originals);
        }
        let Forgery { lines, body, .. } = forgery;
        match signed.check(&lines, &body) {
            None => unreadable += 1,
            Some((covered, is_attack)) => {
                still_covered += usize::from(covered > 0);
                names += covered;
                attacks += usize::from(is_attack);
            }
        }
    }
    println!("{still_covered} with {names} covered names, {attacks} attacks, {unreadable} unreadable");
    assert!(still_covered > 45_000 && attacks > 7_000 && unreadable < 12_000);
}

/// A reply that an attacker changes in transit.
struct Forgery<'a> {
    random: &'a Seeded,
    original: &'a Reply,
    lines: Lines,
    body: Vec<u8>,
}

impl Forgery<'_> {
    fn mutate(&mut self, others: &[Reply]) {
        let at = self.random.below(self.lines.len());
        match self.random.below(40) {
            0 => drop(self.lines.remove(at)),
            1 => self.lines.push(self.lines[at].clone()),
            2 => self.lines[at].0 = self.line().0,
            3 => self.lines[at].1 = self.value(),
            4 => self.change_input(),
            5 | 6 => {
                let to = self.random.below(self.lines.len());
                self.lines.swap(at, to);
            }
            7..=20 => {
                let mut line = self.line();
                // A second line of a signed field makes the signature invalid, so few mutations add one.
                for _ in 0..3 {
                    if self.lines.iter().any(|(name, _)| *name == line.0) {
                        line = self.line();
                    }
                }
                let at = self.random.below(self.lines.len() + 1);
                self.lines.insert(at, line);
            }
            21..=27 => self.replace_body(),
            28..=31 => self.add_bogus_signature(),
            32..=37 => self.add_signature(),
            _ => {
                // Adds most lines of another reply by the same signers.
                let other = self.random.pick(others);
                let lines = other.lines.iter().filter(|_| !self.random.chance(4));
                self.lines.extend(lines.cloned().collect::<Vec<_>>());
                if self.random.chance(3) {
                    self.body = other.body.clone();
                }
            }
        }
        if self.lines.is_empty() {
            self.lines.push(("x".into(), Vec::new()));
        }
    }

    /// A field name that decoding uses, or a variation of one.
    fn name(&self) -> String {
        let signatures = self.original.signatures.iter();
        let names: Vec<&String> = signatures.flat_map(|each| each.signed.keys()).collect();
        let name = match self.random.chance(4) || names.is_empty() {
            true => self
                .random
                .pick(&[
                    "balance", "balances", "body", "data", "status", "1", "3", "action", "path",
                ])
                .to_string(),
            false => self.random.pick(&names).to_string(),
        };
        match self.random.below(10) {
            0 => format!(
                "{name}/{}",
                self.random.pick(&["mallory", "alice", "ao-types", "1", "deep/x"])
            ),
            1 => format!("@{name}"),
            2 => name.to_uppercase(),
            3 => ID.into(),
            4 => name.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            _ => name,
        }
    }

    fn value(&self) -> Vec<u8> {
        let values = [
            "1000000",
            "",
            "x",
            "1, 2",
            "1\n\"balance\": 9",
            "true",
            "\"(ao-type-integer) 1\"",
        ];
        self.random.pick(&values).as_bytes().to_vec()
    }

    fn types(&self) -> String {
        let kinds = [
            "integer",
            "atom",
            "list",
            "float",
            "binary",
            "empty-list",
            "empty-message",
        ];
        let mut types: Vec<String> = (0..1 + self.random.below(3))
            .map(|_| format!("{}=\"{}\"", self.name(), self.random.pick(&kinds)))
            .collect();
        if self.random.chance(6) {
            types.push(".=\"list\"".into());
        }
        types.join(", ")
    }

    fn line(&self) -> (String, Vec<u8>) {
        let line = |name: &str, value: String| (name.to_string(), value.into_bytes());
        match self.random.below(8) {
            0 => line("ao-types", self.types()),
            1 => {
                let value = self.value();
                let value = String::from_utf8_lossy(&value).replace('"', "\\\"");
                line("ao-ids", format!("{}=\"{value}\"", self.name()))
            }
            2 => line("ao-body-key", self.name()),
            3 => {
                let boundary = self.boundary();
                let kind = self.random.pick(&["text/plain", "multipart/form-data; boundary=\"b\""]);
                line("content-type", boundary.unwrap_or_else(|| kind.to_string()))
            }
            4 => line("content-digest", content_digest(&self.body)),
            _ => (self.name(), self.value()),
        }
    }

    /// A content type with the boundary that the body begins with, if there is one.
    fn boundary(&self) -> Option<String> {
        let text = self.body.strip_prefix(b"--")?;
        let end = text.windows(2).position(|pair| pair == b"\r\n")?;
        let boundary = String::from_utf8_lossy(&text[..end]);
        Some(format!("multipart/form-data; boundary=\"{boundary}\""))
    }

    fn replace_body(&mut self) {
        let name = self.name();
        self.body = match self.random.below(5) {
            0 => self.value(),
            1 => Vec::new(),
            2 => {
                let encoded = Encoded::new(&balances(), Dialect::November2025).unwrap();
                let body = String::from_utf8_lossy(&encoded.body.unwrap()).into_owned();
                body.replace("balances", &name).into_bytes()
            }
            _ => {
                let types = self.types();
                let parts = [
                    format!("ao-types: {types}\r\ncontent-disposition: form-data;name=\"{name}\"\r\nmallory: 1"),
                    format!("content-disposition: form-data;name=\"{}\"\r\n\r\n9", self.name()),
                    "content-disposition: inline\r\n\r\n8".into(),
                ];
                let parts: String = parts.iter().map(|part| format!("--b\r\n{part}\r\n")).collect();
                format!("{parts}--b--").into_bytes()
            }
        };
        if self.random.chance(2) {
            self.lines.retain(|(name, _)| name != "content-type");
            let kind = self.boundary();
            self.lines
                .extend(kind.map(|kind| ("content-type".to_string(), kind.into_bytes())));
        }
        if self.random.chance(2) {
            let digest = content_digest(&self.body);
            self.lines.retain(|(name, _)| name != "content-digest");
            self.lines.push(("content-digest".into(), digest.into_bytes()));
        }
    }

    /// Names of components for a signature input.
    fn components(&self) -> String {
        let framing = [
            "ao-ids",
            "ao-types",
            "ao-body-key",
            "content-digest",
            "content-type",
            "@status",
        ];
        let names = (0..1 + self.random.below(4)).map(|_| match self.random.chance(2) {
            true => format!("\"{}\"", self.random.pick(&framing)),
            false => format!("\"{}\"", self.name()),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    fn add_bogus_signature(&mut self) {
        let input = self.lines.iter().find(|(name, _)| name == "signature-input");
        let input = input.map(|(_, value)| String::from_utf8_lossy(value).into_owned());
        let params = input.and_then(|input| Some(input.split_once(')')?.1.to_string()));
        let input = format!("bogus=({}){}", self.components(), params.unwrap_or_default());
        let bytes: &[u8] = match self.original.signatures.first() {
            Some(signature) if self.random.chance(2) => &signature.bytes,
            _ => &[7; 32],
        };
        self.push_signature("bogus", input, bytes);
    }

    /// Adds a valid signature of the attacker's key over the changed reply.
    fn add_signature(&mut self) {
        let covers = self.components();
        let bundle = self.random.pick(&["", ";bundle=\"true\""]);
        let input = format!("own=({covers});alg=\"hmac-sha256\"{bundle};keyid=\"{FORGER}\"");
        let mut lines = self.lines.clone();
        lines.push(("signature".into(), b"own=:AAAA:".to_vec()));
        lines.push(("signature-input".into(), input.clone().into_bytes()));
        let Some(received) = receive(&lines, &self.body) else {
            return;
        };
        let Some(claim) = received.claims.iter().find(|claim| claim.label == "own") else {
            return;
        };
        if !claim.bases.is_empty() {
            let bytes = keyed_hash(FORGER, &self.random.pick(&claim.bases).bytes);
            self.push_signature("own", input, &bytes);
        }
    }

    fn push_signature(&mut self, label: &str, input: String, bytes: &[u8]) {
        let at = self.random.below(self.lines.len() + 1);
        self.lines.insert(at, ("signature-input".into(), input.into_bytes()));
        let signature = format!("{label}=:{}:", Base64::encode_string(bytes));
        self.lines.insert(at, ("signature".into(), signature.into_bytes()));
    }

    fn change_input(&mut self) {
        let change = match self.random.below(4) {
            0 => ("(\"", "(\"@"),
            1 => ("\"@", "\""),
            2 => ("\" \"", "\";sf \""),
            _ => ("\")", "\" \"balance\")"),
        };
        for (name, value) in &mut self.lines {
            if name == "signature-input" {
                *value = String::from_utf8_lossy(value)
                    .replacen(change.0, change.1, 1)
                    .into_bytes();
            }
        }
    }
}
