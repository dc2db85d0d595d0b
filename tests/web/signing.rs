//! Signatures of `SubtleCrypto`, of signer functions, and of wallets.

use std::cell::RefCell;
use std::rc::Rc;

use aoxide::ErrorKind;
use aoxide::ans104::{DataItem, Draft, Tag};
use aoxide::arweave::{Id, Jwk, PrivateKey, pss};
use aoxide::bindings::FunctionSigner;
use aoxide::client::{Client, Message, Units};
use aoxide::signer::Signer;
use aoxide::web::{JsData, KeyHandle, WebPlatform, WebRandom, generate_jwk, get, jwk_from_js, set, verify_pss};
use js_sys::{Function, Object, Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{PROCESS, PageSigner, jwk};

/// Calls `create`, and awaits its promise.
async fn called(create: &Function, asked: &Object) -> Result<JsValue, JsValue> {
    Promise::resolve(&create.call1(&JsValue::UNDEFINED, asked)?).await
}

/// A signer function like one that a page defines, with the key of the tests.
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
async fn signatures_of_the_browser_and_of_rust_verify_in_both() {
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
async fn keys_in_a_form_that_browsers_refuse_are_repaired_and_sign() {
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
async fn data_that_changes_while_a_function_signs_is_sent_unchanged() {
    let bytes = Uint8Array::from(&b"before"[..]);
    let data = JsData::from_js(bytes.clone().into()).unwrap();
    let draft = Draft {
        tags: vec![Tag::new("a", "b")],
        ..Draft::default()
    };
    let signer = signer();
    let signing = signer.sign(draft, data);
    let change = async {
        // `create` was called. The data changes while the key is imported, before the signature is made.
        gloo_timers::future::TimeoutFuture::new(0).await;
        bytes.fill(b'x', 0, 6);
    };
    let (signed, ()) = futures_util::future::join(signing, change).await;
    let item = DataItem::parse(signed.unwrap().raw.to_vec()).unwrap();
    assert!(item.verify(true).valid);
    assert_eq!(item.head().tags(), [Tag::new("a", "b")]);
}

#[wasm_bindgen_test]
async fn a_message_whose_signer_fails_is_not_sent() {
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
async fn an_item_that_a_wallet_rewrote_is_parsed_again_and_verified() {
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
async fn a_key_in_the_browser_signs_items_that_verify() {
    let signer = PageSigner::new().await;
    let draft = Draft {
        target: Some(Id::parse(PROCESS, "Target").unwrap()),
        tags: vec![Tag::new("Action", "Info")],
        ..Draft::default()
    };
    let first = signer.sign(draft.clone(), "data".into()).await.unwrap();
    let second = signer.sign(draft, "data".into()).await.unwrap();
    // RSA-PSS has a random salt, and the id is a hash of the signature.
    assert_ne!(first.id, second.id);
    for signed in [first, second] {
        let item = DataItem::parse(signed.raw.to_vec()).unwrap();
        assert!(item.verify(true).valid);
        assert_eq!((item.id(), item.data()), (signed.id, &b"data"[..]));
    }
}

#[wasm_bindgen_test]
async fn a_generated_key_signs_and_its_signatures_verify() {
    let generated = jwk_from_js(&generate_jwk().await.unwrap()).unwrap();
    let n = generated.modulus().unwrap();
    assert_eq!(n.len(), 512);
    let signature = KeyHandle::import(&generated).await.unwrap().sign(b"m").await.unwrap();
    assert!(verify_pss(&n, b"m", &signature).await.unwrap());
    assert!(!verify_pss(&jwk().modulus().unwrap(), b"m", &signature).await.unwrap());
}
