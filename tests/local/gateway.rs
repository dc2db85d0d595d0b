//! The gateway: blocks, searches, added data, WeaveDrive.

use aoxide::local::{Options, Request};
use aoxide::protocol::TextTag;
use pollster::block_on;
use serde_json::{Value, json};

use super::support::{BEGIN, Counter, Store, World, body_text, counter, counting, id, spawn_from};

const BOOT: &str = "C-boot-0123456789-boot-0123456789-boot-0120";

fn graphql(world: &mut World, body: Value) -> Value {
    let answer = world.fetch(Request::post("/graphql", body.to_string()));
    serde_json::from_slice(&answer.body).unwrap()
}

fn add_data(world: &mut World, data: &[u8]) {
    let tags = [("Content-Type", "text/plain"), ("App", "Boot loader")];
    let tags = tags.map(|(name, value)| TextTag {
        name: name.into(),
        value: value.into(),
    });
    block_on(world.network.add_data(id(BOOT), data, &tags)).unwrap();
}

#[test]
fn blocks_answer_by_height_and_id_and_contain_the_heights_of_items() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    world.wait(600_000);
    let info = world.json("/info");
    let current = world.json("/block/current");
    assert_eq!(current["indep_hash"], info["current"]);
    assert_eq!(current["height"], info["height"]);
    let height = info["height"].as_u64().unwrap();
    let before = world.json(&format!("/block/height/{}", height - 1));
    assert_eq!(before["indep_hash"], current["previous_block"]);
    let hash = before["indep_hash"].as_str().unwrap();
    assert_eq!(world.json(&format!("/block/hash/{hash}")), before);
    for path in [
        &*format!("/block/height/{}", height + 1),
        "/block/hash/AAAA",
        "/block/x",
    ] {
        assert_eq!(world.get(path).status, 404, "{path}");
    }
    let status = world.json(&format!("/tx/{process}/status"));
    assert_eq!(status["number_of_confirmations"], 6);
    let at = status["block_height"].as_u64().unwrap();
    let block = world.json(&format!("/block/height/{at}"));
    assert_eq!(block["indep_hash"], status["block_indep_hash"]);
    let found = graphql(
        &mut world,
        json!({
            "operationName": "One",
            "query": "query Other { block(id: \"AAAA\") { id } }
                query One($id: ID!, $min: Int) {
                  transaction(id: $id) { ...F __typename block { __typename } }
                  blocks(height: { min: $min }, first: 2, sort: HEIGHT_ASC) {
                    pageInfo { hasNextPage } edges { cursor node { ...B } } }
                }
                fragment F on Transaction { block { ...B } ingested_at tags { name @include(if: false) value } }
                fragment B on Block { height id timestamp }",
            "variables": { "id": process, "min": at }
        }),
    );
    let node = &found["data"]["transaction"];
    assert_eq!(node["block"]["__typename"], "Block");
    assert_eq!(node["__typename"], "Transaction");
    assert_eq!(node["block"]["id"], block["indep_hash"]);
    assert_eq!(node["block"]["timestamp"], block["timestamp"]);
    assert_eq!(node["ingested_at"], BEGIN / 1000);
    assert_eq!(node["tags"][0], json!({ "value": "ao" }));
    let edges = &found["data"]["blocks"]["edges"];
    assert_eq!(edges[0]["node"]["height"], at);
    assert_eq!(edges[1]["node"]["height"], at + 1);
    assert_eq!(found["data"]["blocks"]["pageInfo"]["hasNextPage"], true);
}

#[test]
fn head_answers_as_get_without_the_body() {
    let (mut world, module) = counting();
    let process = spawn_from(&mut world, &module, &[]);
    for path in [
        "/info",
        &*format!("/raw/{module}"),
        &*format!("/tx/{process}"),
        "/tx/x",
        "/cu",
    ] {
        let get = world.get(path);
        let head = world.fetch(Request::new("HEAD", path, ""));
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty());
        assert_eq!(head.header("content-length"), Some(&*get.body.len().to_string()));
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
}

#[test]
fn filters_of_tags_match_words_wildcards_and_exclusions() {
    let mut world = World::open(Store::default(), Options::default());
    for app in ["Alpha one", "Alpha two", "Beta one"] {
        let item = world.sign(None, &[("App", app)], b"x");
        assert_eq!(world.fetch(Request::post("/tx", item.into_bytes())).status, 200);
    }
    for (filter, expected) in [
        (r#"values: ["Alpha one"]"#, 1),
        (r#"values: ["Alpha*"], match: WILDCARD"#, 2),
        (r#"values: ["ONE beta"], match: FUZZY_AND"#, 1),
        (r#"values: ["two beta"], match: FUZZY_OR"#, 2),
        (r#"values: ["Alpha one"], op: NEQ"#, 2),
    ] {
        let query =
            format!(r#"{{ transactions(tags: [{{ name: "App", {filter} }}]) {{ edges {{ node {{ id }} }} }} }}"#);
        let found = graphql(&mut world, json!({ "query": query }));
        assert_eq!(
            found["data"]["transactions"]["edges"].as_array().unwrap().len(),
            expected,
            "{filter}"
        );
    }
    let wrong = r#"{ transactions(tags: [{ name: "App", values: ["a"], match: LIKE }]) { edges { node { id } } } }"#;
    let refused = graphql(&mut world, json!({ "query": wrong }));
    assert!(
        refused["errors"][0]["message"].as_str().unwrap().contains("match"),
        "{refused}"
    );
    assert_eq!(refused["code"], "BAD_ARGUMENT");
}

#[test]
fn added_data_is_served_and_found_until_it_is_replaced() {
    let store = Store::default();
    let random = Counter::default();
    let mut world = World::try_open(store.clone(), Options::default(), BEGIN, random.clone()).unwrap();
    let search = json!({ "query": r#"{ transactions(tags: [{ name: "App", values: ["Boot loader"] }]) { edges { node {
        id owner { address } data { size type } } } } }"# });
    for data in ["first", "second one"] {
        add_data(&mut world, data.as_bytes());
        let raw = world.get(&format!("/raw/{BOOT}"));
        assert_eq!(
            (raw.header("content-type"), &*body_text(&raw)),
            (Some("text/plain"), data)
        );
        let found = graphql(&mut world, search.clone());
        let edges = found["data"]["transactions"]["edges"].as_array().unwrap();
        assert_eq!(edges.len(), 1);
        let node = &edges[0]["node"];
        assert_eq!(node["owner"]["address"], world.network.address().to_string());
        assert_eq!(
            node["data"],
            json!({ "size": data.len().to_string(), "type": "text/plain" })
        );
        assert_eq!(world.json(&format!("/tx/{BOOT}"))["data_size"], data.len().to_string());
    }
    drop(world);
    let mut again = World::try_open(store, Options::default(), BEGIN, random).unwrap();
    assert_eq!(body_text(&again.get(&format!("/{BOOT}"))), "second one");
    let records = block_on(again.network.records()).unwrap();
    assert!(records.contains(&format!("data/{BOOT}")), "{records:?}");
}

#[test]
fn tags_of_a_cron_before_its_interval_are_an_error() {
    let mut world = World::open(Store::default(), Options::default());
    let module = super::support::add(&mut world, &counter(None));
    let tags = [("Cron-Tag-Action", "Tick"), ("Cron-Interval", "1-minute")];
    let process = spawn_from(&mut world, &module, &tags);
    for path in [
        format!("/cu/result/{process}?process-id={process}"),
        format!("/cu/results/{process}"),
    ] {
        let refused = world.get(&path);
        assert_eq!(refused.status, 500);
        assert!(
            body_text(&refused).contains("Cron-Tag-Action"),
            "{}",
            body_text(&refused)
        );
    }
    let allowed = spawn_from(&mut world, &module, &[tags[1], tags[0]]);
    assert_eq!(
        world.json(&format!("/cu/results/{allowed}"))["edges"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn on_boot_evaluates_the_data_of_an_item() {
    let mut world = World::new();
    add_data(&mut world, b"Booted = (Booted or 0) + 1");
    let process = world.spawn(&[("On-Boot", BOOT)]);
    assert_eq!(world.eval(&process, "return tostring(Booted)"), "1");
    let item = world.sign(None, &[], b"Booted = 'from an item'");
    let boot = item.id().to_string();
    assert_eq!(world.fetch(Request::post("/tx", item.into_bytes())).status, 200);
    let process = world.spawn(&[("On-Boot", &boot)]);
    assert_eq!(world.eval(&process, "return tostring(Booted)"), "from an item");
}

#[test]
fn weavedrive_reads_the_gateway_where_the_extension_is_set() {
    let lua = |path: &str| {
        format!(
            "local f = io.open('{path}'); if not f then return 'none' end; local t = f:read(f:seek('end')); f:close(); return t"
        )
    };
    let mut world = World::new();
    let without = world.spawn(&[]);
    let with = world.spawn(&[("Extension", "WeaveDrive"), ("Availability-Type", "Library")]);
    let data = format!("/data/{BOOT}");
    assert_eq!(world.eval(&with, &lua(&data)), "none");
    world.wait(1000);
    add_data(&mut world, b"from the weave");
    world.wait(1000);
    assert_eq!(world.eval(&with, &lua(&data)), "from the weave");
    assert_eq!(world.eval(&without, &lua(&data)), "none");
    let transaction = world.eval(&with, &lua(&format!("/tx/{BOOT}")));
    let transaction: Value = serde_json::from_str(&transaction).unwrap();
    assert_eq!(transaction["data_size"], "14");
}
