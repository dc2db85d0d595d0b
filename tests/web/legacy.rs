//! The client of legacy networks on [`WebPlatform`](aoxide::web::WebPlatform).

use aoxide::ErrorKind;
use aoxide::ans104::Tag;
use aoxide::client::{Assign, Client, Message, ResultsRange, Sort, Spawn, Units};
use aoxide::protocol::{Dryrun, Json};
use aoxide::web::WebPlatform;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{PROCESS, PageSigner, Server};

const OTHER: &str = "Pq2Zftrqut0hdisH_MC2pDOT6S4eQFoxGsFUzR6r350";

fn client(server: &Server) -> Client<WebPlatform> {
    let units = Units {
        graphql: "http://gateway.test/graphql".into(),
        messenger: "http://mu.test".into(),
        compute: "http://cu.test".into(),
        scheduler: Some("http://su.test".into()),
        ..Units::default()
    };
    Client::new(server.platform(), units)
}

fn message(data: Option<&str>) -> Message<String> {
    Message {
        process: PROCESS.into(),
        data: data.map(String::from),
        tags: vec![Tag::new("Action", "Balance")],
        anchor: None,
    }
}

#[wasm_bindgen_test]
async fn a_message_is_posted_as_a_signed_item_whose_id_is_returned() {
    let server = Server::new(&["new Response('{}', { status: 202 })"]);
    let receipt = client(&server)
        .message(message(Some("data")), &PageSigner::new().await, false)
        .await
        .unwrap();
    let seen = server.only_request();
    assert_eq!((seen.method.as_str(), seen.url.as_str()), ("POST", "http://mu.test"));
    assert_eq!(seen.header("Content-Type").as_deref(), Some("application/octet-stream"));
    let item = seen.item();
    assert!(item.verify(true).valid);
    assert_eq!((item.id().to_string(), item.data()), (receipt.id, &b"data"[..]));
    assert!(item.head().tags().contains(&Tag::new("Action", "Balance")));
    assert_eq!(receipt.slot, None);
}

#[wasm_bindgen_test]
async fn a_message_whose_slot_is_requested_is_read_from_the_scheduler() {
    let server = Server::new(&[
        "new Response('{}', { status: 202 })",
        "new Response(JSON.stringify({ assignment: { tags: [{ name: 'Nonce', value: '7' }] }, message: {} }))",
    ]);
    let receipt = client(&server)
        .message(message(None), &PageSigner::new().await, true)
        .await
        .unwrap();
    assert_eq!(receipt.slot.as_deref(), Some("7"));
    let expected = format!("http://su.test/{}?process-id={PROCESS}", receipt.id);
    assert_eq!(server.seen()[1].url, expected);
}

#[wasm_bindgen_test]
async fn a_write_that_a_unit_refuses_is_an_error_with_the_id_of_the_item() {
    let server = Server::new(&["new Response('no such process', { status: 400 })"]);
    let signer = PageSigner::new().await;
    let error = client(&server)
        .message(message(None), &signer, false)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus);
    let id = server.only_request().item().id().to_string();
    assert!(error.details().iter().any(|(name, _)| *name == "id"), "{error} {id}");
}

#[wasm_bindgen_test]
async fn a_process_id_in_another_spelling_is_refused_before_anything_is_sent() {
    let server = Server::new(&["new Response('{}')"]);
    let client = client(&server);
    // The last character encodes bits behind the 32 bytes of the id.
    let other_spelling = format!("{}B", &PROCESS[..42]);
    let error = client.result(&other_spelling, PROCESS).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadId);
    let bad = Message {
        process: "short".into(),
        ..message(None)
    };
    let error = client.message(bad, &PageSigner::new().await, false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadId);
    assert!(server.seen().is_empty());
}

#[wasm_bindgen_test]
async fn a_result_is_read_from_the_compute_unit_as_it_was_written() {
    let written = "{\"Messages\":[],\"Output\":{\"data\":\"1e400\"},\"GasUsed\":0}";
    let server = Server::new(&[&format!("new Response('{written}')")]);
    let result = client(&server).result(PROCESS, OTHER).await.unwrap();
    assert_eq!(result.as_str(), written);
    let expected = format!("http://cu.test/result/{OTHER}?process-id={PROCESS}");
    assert_eq!(server.only_request().url, expected);
}

#[wasm_bindgen_test]
async fn a_result_that_is_not_json_is_refused() {
    let server = Server::new(&["new Response('<html>')"]);
    let error = client(&server).result(PROCESS, OTHER).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
}

#[wasm_bindgen_test]
async fn a_range_of_results_is_requested_with_its_bounds() {
    let server = Server::new(&["new Response('{\"edges\":[]}')"]);
    let range = ResultsRange {
        from: Some("a".into()),
        limit: Some("2".into()),
        sort: Sort::Descending,
        ..ResultsRange::default()
    };
    client(&server).results(PROCESS, range).await.unwrap();
    let expected = format!("http://cu.test/results/{PROCESS}?from=a&sort=DESC&limit=2");
    assert_eq!(server.only_request().url, expected);
}

#[wasm_bindgen_test]
async fn a_dryrun_is_posted_as_json_without_a_signature() {
    let server = Server::new(&["new Response('{\"Output\":{}}')"]);
    let dryrun = Dryrun {
        id: "1234".into(),
        target: PROCESS.into(),
        owner: "1234".into(),
        anchor: "0".into(),
        data: Json::text("question"),
        tags: vec![],
    };
    client(&server).dryrun(&dryrun).await.unwrap();
    let seen = server.only_request();
    assert_eq!(seen.url, format!("http://cu.test/dry-run?process-id={PROCESS}"));
    assert!(seen.body.as_string().unwrap().contains("\"Data\":\"question\""));
}

#[wasm_bindgen_test]
async fn a_spawn_reads_its_module_from_the_gateway_and_posts_a_process() {
    let tags = [
        ("Data-Protocol", "ao"),
        ("Type", "Module"),
        ("Module-Format", "wasm64-unknown-emscripten-draft_2024_02_15"),
        ("Input-Encoding", "JSON-V1"),
        ("Output-Encoding", "JSON-V1"),
        ("Memory-Limit", "1-gb"),
        ("Compute-Limit", "9000000000000"),
    ]
    .map(|(name, value)| format!("{{ name: '{name}', value: '{value}' }}"))
    .join(", ");
    let module = format!("{{ data: {{ transactions: {{ edges: [{{ node: {{ tags: [{tags}] }} }}] }} }} }}");
    let server = Server::new(&[
        &format!("new Response(JSON.stringify({module}))"),
        "new Response('{}', { status: 202 })",
    ]);
    let spawn = Spawn {
        module: OTHER.into(),
        scheduler: PROCESS.into(),
        data: None,
        tags: vec![],
        timestamp: Some(1),
    };
    let process = client(&server).spawn(spawn, &PageSigner::new().await).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].url, "http://gateway.test/graphql");
    let item = seen[1].item();
    assert_eq!(item.id().to_string(), process);
    for tag in [
        Tag::new("Type", "Process"),
        Tag::new("Module", OTHER),
        Tag::new("Scheduler", PROCESS),
    ] {
        assert!(item.head().tags().contains(&tag), "{tag:?}");
    }
}

#[wasm_bindgen_test]
async fn an_assignment_is_posted_in_the_url() {
    let server = Server::new(&["new Response('{\"id\":\"assigned\"}', { status: 202 })"]);
    let assign = Assign {
        process: PROCESS.into(),
        message: OTHER.into(),
        ..Assign::default()
    };
    assert_eq!(client(&server).assign(&assign).await.unwrap(), "assigned");
    let seen = server.only_request();
    assert!(seen.url.contains(&format!("process-id={PROCESS}")), "{}", seen.url);
    assert!(seen.url.contains(&format!("assign={OTHER}")), "{}", seen.url);
}
