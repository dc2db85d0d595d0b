//! The client of HyperBEAM nodes on [`WebPlatform`](aoxide::web::WebPlatform).

use aoxide::ErrorKind;
use aoxide::ans104::Tag;
use aoxide::client::Message;
use aoxide::client::mainnet::{Delivery, Mainnet, Read, StateAt};
use aoxide::web::WebPlatform;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{PROCESS, PageSigner, Server};

fn node(server: &Server) -> Mainnet<WebPlatform> {
    Mainnet::new(server.platform(), "http://node.test")
}

fn message() -> Message<String> {
    Message {
        process: PROCESS.into(),
        data: Some("data".into()),
        tags: vec![Tag::new("Action", "Eval")],
        anchor: None,
    }
}

#[wasm_bindgen_test]
async fn the_newest_slot_is_read_as_a_number() {
    let server = Server::new(&["new Response('12')"]);
    assert_eq!(node(&server).slot(PROCESS).await.unwrap(), 12);
    let seen = server.only_request();
    assert!(
        seen.url.starts_with(&format!("http://node.test/{PROCESS}")),
        "{}",
        seen.url
    );
}

#[wasm_bindgen_test]
async fn a_slot_that_is_not_a_number_is_refused() {
    let server = Server::new(&["new Response('twelve')"]);
    let error = node(&server).slot(PROCESS).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
}

#[wasm_bindgen_test]
async fn a_message_is_posted_as_a_signed_item_that_the_node_pushes() {
    let server = Server::new(&["new Response('{}', { headers: { slot: '3' } })"]);
    let delivered = node(&server)
        .message(message(), &PageSigner::new().await, Delivery::Push)
        .await
        .unwrap();
    let seen = server.only_request();
    assert_eq!(seen.method, "POST");
    assert!(seen.url.contains("/push"), "{}", seen.url);
    let item = seen.item();
    assert!(item.verify(true).valid);
    assert_eq!(item.id().to_string(), delivered.id);
}

#[wasm_bindgen_test]
async fn a_message_that_is_only_scheduled_is_posted_to_the_schedule_path() {
    let server = Server::new(&["new Response('{}', { headers: { slot: '3' } })"]);
    let signer = PageSigner::new().await;
    node(&server)
        .message(message(), &signer, Delivery::Schedule)
        .await
        .unwrap();
    assert!(server.only_request().url.contains("/schedule"));
}

#[wasm_bindgen_test]
async fn a_path_of_the_state_is_read_at_the_given_time() {
    for (at, part) in [(StateAt::Now, "/now/balances"), (StateAt::Slot(5), "slot=5")] {
        let server = Server::new(&["new Response('{\"a\":1}')"]);
        let read = Read::State {
            path: "balances".into(),
            at,
        };
        let state = node(&server).read(PROCESS, read).await.unwrap();
        assert_eq!(state.as_str(), "{\"a\":1}");
        let seen = server.only_request();
        assert_eq!(seen.method, "GET");
        assert!(seen.url.contains(part), "{}", seen.url);
    }
}

#[wasm_bindgen_test]
async fn a_state_that_does_not_exist_is_an_error_with_the_http_status() {
    let server = Server::new(&["new Response('', { status: 404 })"]);
    let read = Read::State {
        path: "none".into(),
        at: StateAt::Computed,
    };
    let error = node(&server).read(PROCESS, read).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus);
}

#[wasm_bindgen_test]
async fn a_node_that_cannot_be_reached_is_a_network_error_that_names_it() {
    let server = Server::new(&["Promise.reject(new TypeError('offline'))"]);
    let error = node(&server).slot(PROCESS).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpNetwork);
    assert!(error.message().contains("http://node.test"), "{error}");
}
