//! Data of a message in each type that JavaScript can pass.

use aoxide::ans104::DataDigest;
use aoxide::web::{JsData, hash_bytes};
use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::random_bytes;

#[wasm_bindgen_test]
async fn text_bytes_and_blobs_have_the_same_digest_and_become_the_same_item() {
    // The data is longer than the chunks in which it is read, and a surrogate pair crosses the end of the first chunk.
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
fn bytes_of_each_length_have_the_same_digest_as_in_rust() {
    for length in [0, 1, 127, 128, 65_535, 65_536, 65_537, 200_000] {
        let bytes = random_bytes(length);
        assert_eq!(
            hash_bytes(&Uint8Array::from(&bytes[..])),
            DataDigest::of(&bytes),
            "{length}"
        );
    }
}
