//! Queries to the gateway of a local network that has one item.
#![no_main]

use std::cell::{OnceCell, RefCell};

use aoxide::Result;
use aoxide::ans104::{DataItem, Draft, Tag};
use aoxide::local::{MemoryStorage, Network, Options, PlatformParts, Request};
use aoxide::platform::{Clock, Random};
use aoxide::signer::{Ed25519Key, KeySigner};
use libfuzzer_sys::fuzz_target;
use pollster::block_on;
use serde_json::{Value, json};

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> u64 {
        1_700_000_000_000
    }
}

impl Random for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill(7);
        Ok(())
    }
}

type LocalNetwork = Network<PlatformParts<MemoryStorage, Fixed, KeySigner<Ed25519Key, Fixed>>>;

thread_local! {
    static NETWORK: OnceCell<RefCell<LocalNetwork>> = const { OnceCell::new() };
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (query, variables) = text.split_once('\0').unwrap_or((text, ""));
    let variables: Value = serde_json::from_str(variables).unwrap_or_default();
    let body = json!({ "query": query, "variables": variables }).to_string();
    NETWORK.with(|network| {
        let mut network = network.get_or_init(|| RefCell::new(open())).borrow_mut();
        let response = block_on(network.fetch(Request::post("/graphql", body.into_bytes())));
        let answer: Value = serde_json::from_slice(&response.body).expect("the gateway answers in JSON");
        assert!(response.status < 500, "{answer}");
        assert!(answer["data"].is_object() || answer["errors"].is_array(), "{answer}");
    });
});

fn open() -> LocalNetwork {
    let key = || Ed25519Key::new(&[7; 32]).expect("a key");
    let platform = PlatformParts {
        storage: MemoryStorage::default(),
        clock: Fixed,
        key: KeySigner::new(key(), Fixed),
    };
    let mut network = block_on(Network::open(platform, Options::default())).expect("an empty store");
    let draft = Draft {
        target: None,
        anchor: None,
        tags: vec![Tag::new("App-Name", "Notes"), Tag::new("Content-Type", "text/plain")],
    };
    let item = DataItem::sign(&draft, b"note", &key(), &Fixed).expect("an item");
    let response = block_on(network.fetch(Request::post("/tx", item.into_bytes())));
    assert_eq!(response.status, 200);
    network
}
