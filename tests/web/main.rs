//! The edge to JavaScript, in real browsers.
#![cfg(target_family = "wasm")]

use std::cell::RefCell;
use std::rc::Rc;

use aoxide::ErrorKind;
use aoxide::ans104::{DataDigest, DataItem, Draft, Tag};
use aoxide::arweave::{Id, Jwk, PrivateKey, pss};
use aoxide::bindings::FunctionSigner;
use aoxide::client::{Client, Message, Units};
use aoxide::platform::Random;
use aoxide::signer::Signer;
use aoxide::web::{JsData, KeyHandle, WebPlatform, WebRandom, get, hash_bytes, set, verify_pss};
use js_sys::{Array, Function, Object, Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const KEY: &str = include_str!("../vectors/key.json");
const PROCESS: &str = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";

fn jwk() -> Jwk {
    Jwk::from_json(KEY).unwrap()
}

fn random_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    WebRandom.fill(&mut bytes).unwrap();
    bytes
}

/// What `create` promises.
async fn called(create: &Function, asked: &Object) -> Result<JsValue, JsValue> {
    Promise::resolve(&create.call1(&JsValue::UNDEFINED, asked)?).await
}

/// A signer function as a page would write it, over a key of ours.
fn signer() -> FunctionSigner {
    let sign = Closure::<dyn FnMut(Function) -> Promise>::new(|create: Function| {
        js_sys::futures::future_to_promise(async move {
            let key = KeyHandle::import(&jwk()).await?;
            let asked = Object::new();
            set(&asked, "publicKey", Uint8Array::from(&jwk().modulus()?[..]));
            let message = Uint8Array::new(&called(&create, &asked).await?).to_vec();
            let answer = Object::new();
            set(&answer, "signature", Uint8Array::from(&key.sign(&message).await?[..]));
            Ok(answer.into())
        })
    });
    FunctionSigner::new(sign.into_js_value().unchecked_into())
}

#[wasm_bindgen_test]
async fn the_browsers_signatures_verify_in_rust_and_the_other_way_round() {
    let handle = KeyHandle::import(&jwk()).await.unwrap();
    assert!(matches!(handle, KeyHandle::Subtle(_)), "SubtleCrypto is not used");
    let n = jwk().modulus().unwrap();
    let message = b"message";
    let ours = pss::sign(&PrivateKey::new(&jwk()).unwrap(), message, &WebRandom).unwrap();
    let theirs = handle.sign(message).await.unwrap();
    for signature in [ours, theirs] {
        assert!(pss::verify(&n, message, &signature));
        assert!(verify_pss(&n, message, &signature).await.unwrap());
        assert!(!verify_pss(&n, b"other", &signature).await.unwrap());
    }
}

#[wasm_bindgen_test]
async fn keys_that_browsers_refuse_are_repaired() {
    let whole = jwk();
    let bare = Jwk {
        p: None,
        q: None,
        dp: None,
        dq: None,
        qi: None,
        ..whole.clone()
    };
    let inconsistent = Jwk {
        dp: whole.dq.clone(),
        qi: whole.p.clone(),
        ..whole.clone()
    };
    let long_exponent = Jwk {
        e: "AAEAAQ".into(),
        ..whole.clone()
    };
    let padded = Jwk {
        e: "AQAB==".into(),
        ..whole.clone()
    };
    for jwk in [bare, inconsistent, long_exponent, padded] {
        let signature = KeyHandle::import(&jwk).await.unwrap().sign(b"m").await.unwrap();
        assert!(pss::verify(&whole.modulus().unwrap(), b"m", &signature));
    }
    let public = Jwk { d: None, ..whole };
    assert_eq!(
        KeyHandle::import(&public).await.err().unwrap().kind(),
        ErrorKind::BadKey
    );
}

#[wasm_bindgen_test]
async fn every_kind_of_data_hashes_and_travels_alike() {
    // Sizes around the pieces in which data is read, and a surrogate pair across the first border.
    let text = format!("{}😀{}", "a".repeat(65_535), "é".repeat(70_000));
    let bytes = text.as_bytes().to_vec();
    let array = Uint8Array::from(&bytes[..]);
    let blob = {
        let parts = Array::of2(&array.subarray(0, 1000), &array.subarray(1000, array.length()));
        web_sys::Blob::new_with_u8_array_sequence(&parts).unwrap()
    };
    let expected = DataDigest::of(&bytes);
    for value in [
        JsValue::from_str(&text),
        array.clone().into(),
        array.buffer().into(),
        blob.into(),
    ] {
        let data = JsData::from_js(value).unwrap();
        assert_eq!(data.digest().await.unwrap(), expected);
        let item = data.behind(b"head", expected).await.unwrap();
        assert_eq!(item.to_vec(), [b"head", &bytes[..]].concat());
    }
    for value in [JsValue::from(5), Object::new().into(), Array::new().into()] {
        assert!(JsData::from_js(value).is_err());
    }
}

#[wasm_bindgen_test]
fn bytes_hash_alike_whatever_their_length() {
    for length in [0, 1, 127, 128, 65_535, 65_536, 65_537, 200_000] {
        let bytes = random_bytes(length);
        assert_eq!(
            hash_bytes(&Uint8Array::from(&bytes[..])),
            DataDigest::of(&bytes),
            "{length}"
        );
    }
}

#[wasm_bindgen_test]
async fn a_function_signs_and_later_changes_to_the_data_do_not_matter() {
    let bytes = Uint8Array::from(&b"before"[..]);
    let data = JsData::from_js(bytes.clone().into()).unwrap();
    let draft = Draft {
        tags: vec![Tag::new("a", "b")],
        ..Draft::default()
    };
    let signer = signer();
    let signing = signer.sign(draft, data);
    let change = async {
        // After `create`, before the signature: the key is being imported.
        gloo_timers::future::TimeoutFuture::new(0).await;
        bytes.fill(b'x', 0, 6);
    };
    let (signed, ()) = futures_util::future::join(signing, change).await;
    let item = DataItem::parse(signed.unwrap().raw.to_vec()).unwrap();
    assert!(item.verify(true).valid);
    assert_eq!(item.head().tags(), [Tag::new("a", "b")]);
}

#[wasm_bindgen_test]
async fn a_signer_that_fails_sends_nothing() {
    let requests = Rc::new(RefCell::new(0));
    let counter = requests.clone();
    let fetch = Closure::<dyn FnMut(JsValue, JsValue) -> JsValue>::new(move |_, _| {
        *counter.borrow_mut() += 1;
        JsValue::UNDEFINED
    });
    let client = Client::new(
        WebPlatform::new(Some(fetch.as_ref().clone().unchecked_into())),
        Units::default(),
    );
    for (body, kind) in [
        ("throw new Error('no')", ErrorKind::Signer),
        ("return Promise.reject('no')", ErrorKind::Signer),
        ("return { signature: 'AAAA' }", ErrorKind::Signer),
        ("return create({ publicKey: 'AAAA' })", ErrorKind::BadKey),
        (
            "return create({ publicKey: new Uint8Array(512), type: 99 })",
            ErrorKind::Unsupported,
        ),
        (
            "return create({ publicKey: new Uint8Array(512) }).then(() => ({}))",
            ErrorKind::Signer,
        ),
        (
            "return create({ publicKey: new Uint8Array(512) }).then(() => ({ signature: 'AAAA' }))",
            ErrorKind::BadSignature,
        ),
        (
            "return create({ publicKey: new Uint8Array(512) }).then(() => ({ signature: new Uint8Array(512) }))",
            ErrorKind::BadSignature,
        ),
        (
            "return create({ passthrough: true }).then(() => ({ id: 'x', raw: new Uint8Array(3) }))",
            ErrorKind::BadItem,
        ),
    ] {
        let message = Message {
            process: PROCESS.into(),
            data: None,
            tags: vec![],
            anchor: None,
        };
        let signer = FunctionSigner::new(Function::new_with_args("create, kind", body));
        let error = client.message(message, &signer, false).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{body}: {error}");
    }
    assert_eq!(*requests.borrow(), 0);
}

#[wasm_bindgen_test]
async fn a_wallets_item_is_read_anew_and_checked() {
    let target = Id::parse(PROCESS, "Target").unwrap();
    let rewritten = Draft {
        target: Some(target),
        tags: vec![Tag::new("Quantity", "1")],
        ..Draft::default()
    };
    let key = PrivateKey::new(&jwk()).unwrap();
    let good = DataItem::sign(&rewritten, b"data", &key, &WebRandom)
        .unwrap()
        .into_bytes();
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    let elsewhere = Draft {
        target: None,
        ..rewritten
    };
    let elsewhere = DataItem::sign(&elsewhere, b"data", &key, &WebRandom)
        .unwrap()
        .into_bytes();
    for (raw, kind) in [
        (good, None),
        (forged, Some(ErrorKind::BadSignature)),
        (elsewhere, Some(ErrorKind::Signer)),
    ] {
        let wallet = Closure::<dyn FnMut(Function) -> Promise>::new(move |create: Function| {
            let raw = raw.clone();
            js_sys::futures::future_to_promise(async move {
                let asked = Object::new();
                set(&asked, "passthrough", true);
                let fields = called(&create, &asked).await?;
                assert_eq!(get(&fields, "target").as_string().as_deref(), Some(PROCESS));
                let answer = Object::new();
                set(&answer, "raw", Uint8Array::from(&raw[..]).buffer());
                Ok(answer.into())
            })
        });
        let signer = FunctionSigner::new(wallet.as_ref().clone().unchecked_into());
        let draft = Draft {
            target: Some(target),
            tags: vec![Tag::new("Quantity", "1.5")],
            ..Draft::default()
        };
        let signed = signer.sign(draft, "data".into()).await;
        match kind {
            Some(kind) => assert_eq!(signed.unwrap_err().kind(), kind),
            None => {
                let item = DataItem::parse(signed.unwrap().raw.to_vec()).unwrap();
                assert_eq!(item.head().tags(), [Tag::new("Quantity", "1")]);
            }
        }
    }
}

#[wasm_bindgen_test]
async fn a_rejected_fetch_keeps_its_cause() {
    for reason in [
        "new TypeError('offline')",
        "'a string'",
        "null",
        "undefined",
        "{ odd: 1 }",
    ] {
        let fetch = Function::new_no_args(&format!("return Promise.reject({reason})"));
        let client = Client::new(WebPlatform::new(Some(fetch)), Units::default());
        let error = client.result(PROCESS, PROCESS).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpNetwork, "{reason}");
        assert!(std::error::Error::source(&error).is_some());
    }
    let not_a_response = Function::new_no_args("return 5");
    let client = Client::new(WebPlatform::new(Some(not_a_response)), Units::default());
    let error = client.result(PROCESS, PROCESS).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpNetwork);
}
