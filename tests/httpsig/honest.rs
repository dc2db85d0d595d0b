//! Signed replies without changes, and the values that their signatures cover. The signature bases are written by hand.

use std::collections::BTreeMap;

use aoxide::ans104::{DataDigest, DataItem, Draft, Tag};
use aoxide::arweave::{Id, PrivateKey, pss, to_base64url};
use aoxide::httpsig::{Dialect, Encoded, Message, Value, content_digest};
use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::support::{Seeded, jwk, random_message};

/// Header lines.
pub type Lines = Vec<(String, Vec<u8>)>;

/// A signature base, and the values in it.
#[derive(Clone)]
pub struct Signature {
    pub bytes: Vec<u8>,
    pub base: Vec<u8>,
    /// The signed values, with their types and nested values.
    pub signed: BTreeMap<String, Value>,
}

#[derive(Clone)]
pub struct Reply {
    pub lines: Lines,
    pub body: Vec<u8>,
    pub signatures: Vec<Signature>,
    /// Whether the signatures are valid without changes.
    pub is_valid: bool,
}

/// Which rules the signature base follows.
#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    /// RFC 9421: names with `@` are derived.
    Rfc,
    /// HyperBEAM: names with `@` are fields.
    Node,
    /// HyperBEAM of 2025: names of fields get an `@` in the parameters.
    MarkedNode,
}

pub enum Signer {
    Rsa(Box<PrivateKey>, Vec<u8>),
    /// HMAC. The name of the key is the key.
    Hash(&'static str),
}

impl Signer {
    pub fn rsa() -> Self {
        let modulus = jwk().modulus().unwrap();
        Self::Rsa(Box::new(PrivateKey::new(&jwk()).unwrap()), modulus)
    }

    /// The signature parameters in alphabetical order, as nodes sign them.
    fn params(&self, bundle: bool) -> String {
        let bundle = if bundle { ";bundle=\"true\"" } else { "" };
        match self {
            Self::Rsa(_, modulus) => {
                let key = Base64::encode_string(modulus);
                format!(";alg=\"rsa-pss-sha512\"{bundle};keyid=\"publickey:{key}\"")
            }
            Self::Hash(key) => format!(";alg=\"hmac-sha256\"{bundle};keyid=\"{key}\""),
        }
    }

    fn sign(&self, base: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(key, _) => pss::sign_sha512(key, base, &Seeded::new(base.len() as u64)).unwrap(),
            Self::Hash(key) => keyed_hash(key, base),
        }
    }
}

pub fn keyed_hash(key: &str, base: &[u8]) -> Vec<u8> {
    let mut hash = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    hash.update(base);
    hash.finalize().into_bytes().to_vec()
}

impl Reply {
    pub fn new(lines: &[(&str, &str)], body: &[u8]) -> Self {
        let mut lines: Lines = lines
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect();
        if !body.is_empty() {
            lines.push(("content-digest".into(), content_digest(body).into_bytes()));
        }
        Self {
            lines,
            body: body.to_vec(),
            signatures: Vec::new(),
            is_valid: true,
        }
    }

    /// Adds a signature. `names` are components in the syntax of `Signature-Input`, without quotes if there are no
    /// parameters. The value of a name with `@` is
    /// taken from the header without `@`; `@status` is 200 under the rules of RFC 9421.
    pub fn sign(mut self, signer: &Signer, form: Form, names: &[&str], signed: &[(&str, Value)]) -> Self {
        let signed = signed.iter().map(|(name, value)| (name.to_string(), value.clone()));
        self.add(signer, form, names, signed.collect(), false, "");
        self
    }

    fn add(
        &mut self,
        signer: &Signer,
        form: Form,
        names: &[&str],
        signed: BTreeMap<String, Value>,
        bundle: bool,
        types: &str,
    ) {
        let quoted = |name: &str| match name.contains('"') {
            true => name.to_string(),
            false => format!("\"{name}\""),
        };
        let mut base = Vec::new();
        for name in names {
            let bare = name.trim_matches('"').split('"').next().unwrap();
            let (shown, value) = match bare.strip_prefix('@') {
                Some("status") if form == Form::Rfc => (quoted(name), b"200".to_vec()),
                Some(field) => (quoted(field), self.joined(field)),
                None if bare == "ao-types" && !types.is_empty() => (quoted(name), types.as_bytes().to_vec()),
                None => (quoted(name), self.joined(bare)),
            };
            base.extend([shown.as_bytes(), b": ", &value, b"\n"].concat());
        }
        let list = |mark: bool| {
            let marked = |name: &&str| mark && ["path", "method", "query"].contains(name);
            let names = names.iter().map(|name| match marked(name) {
                true => format!("\"@{name}\""),
                false => quoted(name),
            });
            format!("({})", names.collect::<Vec<_>>().join(" "))
        };
        let params = signer.params(bundle);
        base.extend(format!("\"@signature-params\": {}{params}", list(form == Form::MarkedNode)).into_bytes());
        let bytes = signer.sign(&base);
        let label = format!("s{}", self.signatures.len());
        let value = Base64::encode_string(&bytes);
        self.lines
            .push(("signature".into(), format!("{label}=:{value}:").into_bytes()));
        let input = format!("{label}={}{params}", list(false));
        self.lines.push(("signature-input".into(), input.into_bytes()));
        self.signatures.push(Signature { bytes, base, signed });
    }

    fn joined(&self, name: &str) -> Vec<u8> {
        let lines = self.lines.iter().filter(|(each, _)| each == name);
        lines.map(|(_, value)| &value[..]).collect::<Vec<_>>().join(&b", "[..])
    }

    fn unreadable(mut self) -> Self {
        self.is_valid = false;
        self
    }
}

/// A message that is encoded as nodes do, and whose signature covers every field.
fn encoded(message: &Message, dialect: Dialect, signer: &Signer) -> Option<Reply> {
    let encoded = Encoded::new(message, dialect).ok()?;
    let input = encoded.signature_input(&[0; 256]).ok()?;
    // The library chooses the names and whether the message is a bundle. The tests check what they mean.
    let base = String::from_utf8_lossy(&input.base(&encoded).ok()?).into_owned();
    let (_, params) = base.rsplit_once("\"@signature-params\": (")?;
    let (names, params) = params.split_once(')')?;
    let names: Vec<&str> = names.split('"').skip(1).step_by(2).collect();
    let mut reply = Reply {
        lines: encoded
            .headers
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        body: encoded.body.clone().unwrap_or_default(),
        signatures: Vec::new(),
        is_valid: true,
    };
    let signed = message.iter().map(|(name, value)| (name.into(), value.clone()));
    let bundle = params.contains("bundle");
    reply.add(signer, Form::Node, &names, signed.collect(), bundle, "");
    Some(reply)
}

pub fn message<const N: usize>(values: [(&str, Value); N]) -> Message {
    values.into_iter().collect()
}

/// A typical state of a process: a map of balances, lists, and typed values at every level.
pub fn balances() -> Message {
    let nested = message([
        ("alice", Value::Integer(7)),
        ("bob", "12".into()),
        (
            "deep",
            Value::Map(message([("list", Value::List(vec!["x".into(), Value::flag(true)]))])),
        ),
    ]);
    message([
        ("action", "Balances".into()),
        ("balance", Value::Integer(5)),
        ("balances", Value::Map(nested)),
        ("data", "hello".into()),
        ("supply", Value::List(vec![Value::Integer(1), "two".into()])),
    ])
}

pub const ID: &str = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";

/// Replies of each kind, signed with two keys.
pub fn replies() -> Vec<Reply> {
    let mut replies = Vec::new();
    replies.push(item());
    for signer in [Signer::rsa(), Signer::Hash("constant:honest")] {
        replies.extend(by_hand(&signer));
        replies.extend([Dialect::September2025, Dialect::November2025].map(|dialect| linked(dialect, &signer)));
        let random = Seeded::new(15);
        for round in 0..24 {
            let message = if round < 4 { balances() } else { random_message(&random) };
            let dialect = [Dialect::November2025, Dialect::September2025][round % 2];
            replies.extend(encoded(&message, dialect, &signer));
        }
    }
    replies
}

/// Computes the id of a nested message from its lines.
pub fn id_of(lines: &[(&str, &str)]) -> Id {
    let shown: String = lines
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value}\n"))
        .collect();
    let names: Vec<String> = lines.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let params = format!("({});alg=\"hmac-sha256\";keyid=\"constant:ao\"", names.join(" "));
    // A base without lines begins with an empty line.
    let shown = if lines.is_empty() { "\n".into() } else { shown };
    let hash = keyed_hash(
        "constant:ao",
        format!("{shown}\"@signature-params\": {params}").as_bytes(),
    );
    Id::from_bytes(hash.try_into().unwrap())
}

/// A bundle: the signature covers the id of the nested message, and the body carries the message. Since November 2025 nodes
/// write the message's hash next to it.
pub fn linked(dialect: Dialect, signer: &Signer) -> Reply {
    let text = |text: &str| Value::text(text);
    let balances = Value::Map(message([
        ("alice", Value::Integer(7)),
        ("bob", text("12")),
        ("deep", Value::Map(message([("list", Value::List(vec![text("x")]))]))),
        ("none", Value::Map(Message::new())),
    ]));
    let list = id_of(&[("1", "x"), ("ao-types", ".=\"list\"")]).to_string();
    let deep = id_of(&[("list+link", &list)]).to_string();
    let none = id_of(&[]).to_string();
    let id = id_of(&[
        ("alice", "7"),
        ("ao-types", "alice=\"integer\""),
        ("bob", "12"),
        ("deep+link", &deep),
        ("none+link", &none),
    ]);
    let carried = Encoded::new(&message([("balances", balances.clone())]), dialect).unwrap();
    let body = carried.body.unwrap();
    let kind = carried.headers.text("content-type").unwrap();
    let id = id.to_string();
    let lines = [
        ("action", "Info"),
        ("balances+link", id.as_str()),
        ("content-type", &kind),
    ];
    let mut reply = Reply::new(&lines, &body);
    reply = reply.sign(
        signer,
        Form::Node,
        &["action", "balances+link"],
        &[("action", "Info".into()), ("balances", balances)],
    );
    reply.lines.retain(|(name, _)| name != "balances+link");
    reply
}

/// A data item that a node returns as a message.
pub fn item() -> Reply {
    let target = Id::of(b"target");
    let draft = Draft {
        target: Some(target),
        anchor: None,
        tags: [("Action", "Info"), ("Balance", "100"), ("Data-Protocol", "ao")]
            .map(|(name, value)| Tag::new(name, value))
            .to_vec(),
    };
    let key = PrivateKey::new(&jwk()).unwrap();
    let signed = DataItem::sign(&draft, b"hello", &key, &Seeded::new(3)).unwrap();
    let bytes = signed.head().signature().to_vec();
    let base = signed.head().deep_hash(DataDigest::of(b"hello")).to_vec();
    let target = target.to_string();
    let lines = [
        ("action", "Info"),
        ("ao-body-key", "data"),
        ("balance", "100"),
        ("data-protocol", "ao"),
        ("target", &target),
    ];
    let mut reply = Reply::new(&lines, b"hello");
    let modulus = to_base64url(&jwk().modulus().unwrap());
    let tags = "1:Action:SW5mbw, 2:Balance:MTAw, 3:Data-Protocol:YW8";
    let input = format!(
        "s0=(\"action\" \"ao-body-key\" \"balance\" \"content-digest\" \"data-protocol\" \"target\")\
         ;alg=\"ans104@1.0/rsa-pss-sha256\";keyid=\"publickey:{modulus}\";field-target=\"{target}\";bundle=\"false\"\
         ;original-tags=\"{tags}\""
    );
    reply.lines.push(("signature-input".into(), input.into_bytes()));
    let value = format!("s0=:{}:", Base64::encode_string(&bytes));
    reply.lines.push(("signature".into(), value.into_bytes()));
    let signed = lines.iter().filter(|(name, _)| *name != "ao-body-key");
    let signed = signed.map(|(name, value)| (name.to_string(), Value::text(*value)));
    let signed = signed.chain([("data".to_string(), "hello".into())]).collect();
    reply.signatures.push(Signature { bytes, base, signed });
    reply
}

fn by_hand(signer: &Signer) -> Vec<Reply> {
    use Form::{MarkedNode, Node, Rfc};
    let number = Value::Integer;
    let types = ("ao-types", "balance=\"integer\"");
    let plain: &[(&str, &str)] = &[("action", "Info"), ("balance", "100"), types];
    let typed: &[(&str, Value)] = &[("action", "Info".into()), ("balance", number(100))];
    let digest = "content-digest";
    let ids = format!("{ID}=\"100\"");
    // A text that looks like several parts.
    let parts = Encoded::new(&balances(), Dialect::November2025).unwrap();
    let text = parts.body.unwrap();
    let body = |value: &[u8]| [("body", Value::Bytes(value.to_vec()))];
    let with_status: &[(&str, &str)] = &[
        ("path", "compute"),
        ("balance", "100"),
        ("status", "200"),
        ("ao-types", "balance=\"integer\", status=\"integer\""),
    ];
    let mut narrowed = Reply::new(with_status, b"");
    let signed = [("path", "compute".into()), ("balance", number(100))].map(|(name, value)| (name.to_string(), value));
    let names = ["path", "balance", types.0];
    narrowed.add(signer, MarkedNode, &names, signed.into_iter().collect(), false, types.1);
    vec![
        narrowed,
        Reply::new(plain, b"").sign(signer, Rfc, &["action", "balance", "ao-types"], typed),
        Reply::new(plain, b"").sign(
            signer,
            Rfc,
            &["balance", "action"],
            &[("action", "Info".into()), ("balance", "100".into())],
        ),
        Reply::new(plain, b"").sign(signer, Rfc, &["@status", "balance"], &[("balance", "100".into())]),
        Reply::new(plain, b"").sign(
            signer,
            Rfc,
            &["\"action\";sf", "balance", "ao-types"],
            &[("balance", number(100))],
        ),
        Reply::new(&[("status", "402"), ("balance", "1"), ("balance", "2")], b"").sign(
            signer,
            Node,
            &["@status", "balance"],
            &[("status", "402".into()), ("balance", "1, 2".into())],
        ),
        Reply::new(&[("path", "/x"), ("balance", "1")], b"").sign(
            signer,
            MarkedNode,
            &["path", "balance"],
            &[("path", "/x".into()), ("balance", "1".into())],
        ),
        Reply::new(&[("ao-ids", &ids), ("balance", "1")], b"").sign(
            signer,
            Node,
            &["ao-ids", "balance"],
            &[(ID, "100".into()), ("balance", "1".into())],
        ),
        Reply::new(plain, b"")
            .sign(signer, Rfc, &["action"], &[("action", "Info".into())])
            .sign(
                &Signer::Hash("constant:second"),
                Node,
                &["balance", "ao-types"],
                &[("balance", number(100))],
            ),
        Reply::new(&[("1", "a"), ("2", "b"), ("ao-types", ".=\"list\"")], b"").sign(
            signer,
            Node,
            &["1", "2", "ao-types"],
            &[("body", Value::List(vec!["a".into(), "b".into()]))],
        ),
        Reply::new(&[("balance", "1"), ("ao-types", "balances=\"empty-message\"")], b"").sign(
            signer,
            Node,
            &["balance", "ao-types"],
            &[("balance", "1".into()), ("balances", Value::Map(Message::new()))],
        ),
        Reply::new(&[], b"100").sign(signer, Node, &[digest], &body(b"100")),
        Reply::new(
            &[("content-type", "text/plain"), ("ao-types", "body=\"integer\"")],
            b"100",
        )
        .sign(signer, Node, &[digest, "ao-types"], &[("body", number(100))]),
        Reply::new(&[("ao-body-key", "balance"), ("action", "Info")], b"100").sign(
            signer,
            Rfc,
            &["action", digest, "ao-body-key"],
            &[("balance", "100".into()), ("action", "Info".into())],
        ),
        Reply::new(plain, b"not signed").sign(signer, Rfc, &["balance", "ao-types"], &typed[1..]),
        Reply::new(&[("content-type", "text/plain")], &text).sign(
            signer,
            Node,
            &["content-type", digest],
            &[
                ("content-type", "text/plain".into()),
                ("body", Value::Bytes(text.clone())),
            ],
        ),
        // No signed field says that this body is not made of parts.
        Reply::new(&[], &text)
            .sign(signer, Node, &[digest], &body(&text))
            .unreadable(),
        Reply::new(
            &[],
            b"--b\r\ncontent-disposition: form-data;name=\"balance\"\r\n\r\n1\r\n--b--",
        )
        .sign(
            signer,
            Node,
            &[digest],
            &body(b"--b\r\ncontent-disposition: form-data;name=\"balance\"\r\n\r\n1\r\n--b--"),
        ),
    ]
}
