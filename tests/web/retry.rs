//! Retries on [`WebPlatform`](aoxide::web::WebPlatform).

use aoxide::ErrorKind;
use aoxide::client::{Client, Message, Retry, RetryTransport, Units};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{PROCESS, PageSigner, Server};

fn client(server: &Server) -> Client<RetryTransport<aoxide::web::WebPlatform>> {
    let retry = Retry {
        attempts: 3,
        backoff: 1,
        ..Retry::default()
    };
    Client::new(RetryTransport::new(server.platform(), retry), Units::default())
}

#[wasm_bindgen_test]
async fn a_read_is_retried_after_a_503_and_after_a_rejected_fetch() {
    let server = Server::new(&[
        "new Response('busy', { status: 503 })",
        "Promise.reject(new TypeError('offline'))",
        "new Response('{\"Output\":1}')",
    ]);
    let result = client(&server).result(PROCESS, PROCESS).await.unwrap();
    assert_eq!(result.as_str(), "{\"Output\":1}");
    assert_eq!(server.seen().len(), 3);
}

#[wasm_bindgen_test]
async fn a_read_that_fails_at_each_attempt_returns_the_last_error() {
    let server = Server::new(&["new Response('busy', { status: 503 })"]);
    let error = client(&server).result(PROCESS, PROCESS).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus);
    assert_eq!(server.seen().len(), 3);
}

#[wasm_bindgen_test]
async fn a_read_is_not_retried_after_a_404() {
    let server = Server::new(&["new Response('none', { status: 404 })"]);
    client(&server).result(PROCESS, PROCESS).await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
}

#[wasm_bindgen_test]
async fn a_write_that_is_retried_sends_the_same_signed_item() {
    let server = Server::new(&[
        "new Response('busy', { status: 503 })",
        "new Response('{}', { status: 202 })",
    ]);
    let message = Message {
        process: PROCESS.into(),
        data: None,
        tags: vec![],
        anchor: None,
    };
    let receipt = client(&server)
        .message(message, &PageSigner::new().await, false)
        .await
        .unwrap();
    let ids: Vec<_> = server.seen().iter().map(|seen| seen.item().id().to_string()).collect();
    assert_eq!(ids, [receipt.id.clone(), receipt.id]);
}
