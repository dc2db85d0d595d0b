//! Searches: the queries `transactions` and `transaction` of Arweave's gateways.

use serde_json::{Map, Value, json};

use super::catalogue::{Catalogue, IndexedItem, undamaged_item};
use super::graphql::{self, Field};
use super::nodes::{bare_node, item_node};
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::error::Result;
use crate::local::blocks::Blocks;
use crate::local::http::{HttpError, HttpResult, Response};
use crate::local::path_and_query;
use crate::local::platform::Platform;
use crate::local::store::{items, names};
use crate::local::tags;
use crate::local::units::LocalUnits;

/// Maximum length of a query in bytes, and its maximum depth: the parser recurses once per level.
const MAX_QUERY_LENGTH: usize = 64 << 10;
const MAX_QUERY_DEPTH: usize = 24;
/// Maximum and default number of entries on a page.
const MAX_ENTRIES: usize = 1000;
const DEFAULT_ENTRIES: usize = 10;
/// How long clients may cache the scheduler's location, in milliseconds.
const TIME_TO_LIVE: &str = "86400000";

/// The arguments of `transactions`.
struct Search {
    ids: Option<Vec<String>>,
    owners: Option<Vec<String>>,
    recipients: Option<Vec<String>>,
    tags: Vec<(String, Vec<String>)>,
    first: usize,
    after: Option<String>,
    ascending: bool,
    heights: (u64, u64),
}

/// Answers `POST /graphql`.
pub(crate) async fn handle<P: Platform>(
    units: &LocalUnits<P>,
    catalogue: &mut Catalogue,
    body: &[u8],
) -> HttpResult<Response> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| HttpError::bad_request(format!("The body is not a GraphQL request in JSON: {error}")))?;
    let query = body["query"].as_str().unwrap_or_default();
    let no_variables = Map::new();
    let variables = body["variables"].as_object().unwrap_or(&no_variables);
    check_size(query)?;
    let fields = graphql::parse(query, variables)?;
    let mut data = Map::new();
    for field in &fields {
        let arguments = &field.arguments;
        let found = match field.name.as_str() {
            "transactions" => transactions(units, catalogue, &Search::parse(arguments)?).await?,
            "transaction" => match arguments.get("id").and_then(Value::as_str) {
                Some(id) => node_by_id(units, id).await?.unwrap_or(Value::Null),
                None => return Err(HttpError::bad_request("transaction has no argument id. Add it")),
            },
            "__typename" => "Query".into(),
            other => {
                return Err(HttpError::bad_request(format!(
                    "There is no query \"{other:.64}\" here"
                )));
            }
        };
        data.insert(field.key.clone(), select(found, &field.fields));
    }
    Ok(Response::json(200, &json!({ "data": data })))
}

async fn transactions<P: Platform>(
    units: &LocalUnits<P>,
    catalogue: &mut Catalogue,
    search: &Search,
) -> HttpResult<Value> {
    let context = &units.context;
    let mut found = Vec::new();
    let mut more = false;
    if let Some(ids) = &search.ids {
        for id in ids {
            let node = node_by_id(units, id).await?;
            found.extend(node.filter(|node| search.matches_node(node)));
        }
    } else if search.is_for_scheduler() {
        for owner in search.owners.iter().flatten() {
            if is_scheduler(units, owner).await? {
                found.push(location_node(units, owner));
            }
        }
    } else {
        let blocks = context.options.blocks;
        let listed = catalogue.list(context).await?;
        let matches = |item: &&IndexedItem| search.matches(item, &blocks);
        let mut ids: Vec<Id> = listed.filter(matches).map(|item| item.id).collect();
        if !search.ascending {
            ids.reverse();
        }
        let after = search.after.as_deref();
        let start = after.and_then(|after| ids.iter().position(|id| id.to_string() == after));
        let rest = ids.iter().skip(start.map_or(0, |index| index + 1));
        more = rest.len() > search.first;
        for id in rest.take(search.first) {
            let stored = undamaged_item(context, id).await?;
            found.extend(stored.map(|stored| item_node(&stored, &blocks)));
        }
    }
    let edges = found
        .into_iter()
        .map(|node| json!({ "cursor": node["id"], "node": node }));
    let edges: Vec<Value> = edges.collect();
    Ok(json!({ "count": edges.len().to_string(), "pageInfo": { "hasNextPage": more }, "edges": edges }))
}

/// The node of an item or a module.
async fn node_by_id<P: Platform>(units: &LocalUnits<P>, id: &str) -> HttpResult<Option<Value>> {
    let context = &units.context;
    let blocks = &context.options.blocks;
    let id = path_and_query::id(id, "The id")?;
    if let Some(stored) = items::get(&context.platform, &id).await? {
        return Ok(Some(item_node(&stored, blocks)));
    }
    let source = units.compute.modules().source(&id).await?;
    let module = source.map(|source| {
        let mut module = bare_node(&id.to_string(), &source.tags, context.platform.now(), blocks);
        module["owner"]["address"] = context.address.to_string().into();
        module["data"] = json!({ "size": source.bytes.len().to_string(), "type": "application/wasm" });
        module
    });
    Ok(module)
}

/// Whether an address is the network's own, or the scheduler that a process names. This network schedules all of them.
async fn is_scheduler<P: Platform>(units: &LocalUnits<P>, address: &str) -> Result<bool> {
    let context = &units.context;
    let schedules = units.scheduler.schedules();
    let is_named = |tags: &[Tag]| tags::value(tags, "Scheduler") == Some(address);
    if context.address.to_string() == address || schedules.values().any(|schedule| is_named(&schedule.tags)) {
        return Ok(true);
    }
    for name in context.platform.names(names::PROCESSES).await? {
        let Some(process) = names::id_in(&name).filter(|id| !schedules.contains_key(id)) else {
            continue;
        };
        let stored = undamaged_item(context, &process).await?;
        if stored.is_some_and(|stored| is_named(stored.item.head().tags())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The node of a `Scheduler-Location`, as a scheduler's owner publishes it.
fn location_node<P: Platform>(units: &LocalUnits<P>, owner: &str) -> Value {
    let context = &units.context;
    let tags = [
        Tag::new("Data-Protocol", "ao"),
        Tag::new("Variant", "ao.TN.1"),
        Tag::new("Type", "Scheduler-Location"),
        Tag::new("Url", format!("{}/su", context.options.url)),
        Tag::new("Time-To-Live", TIME_TO_LIVE),
    ];
    let mut node = bare_node(owner, &tags, context.platform.now(), &context.options.blocks);
    node["owner"]["address"] = owner.into();
    node
}

impl Search {
    fn parse(arguments: &Map<String, Value>) -> HttpResult<Self> {
        let list = |name: &str| arguments.get(name).filter(|list| !list.is_null()).map(texts);
        let tags = arguments.get("tags").and_then(Value::as_array);
        let tags = tags.map(Vec::as_slice).unwrap_or_default();
        let tags = tags.iter().map(|tag| {
            let name = tag["name"].as_str().unwrap_or_default().to_owned();
            (name, texts(&tag["values"]))
        });
        let first = match arguments.get("first").filter(|first| !first.is_null()) {
            None => DEFAULT_ENTRIES,
            Some(first) => match first.as_u64().and_then(|first| usize::try_from(first).ok()) {
                Some(first) if first <= MAX_ENTRIES => first,
                _ => {
                    return Err(HttpError::bad_request(format!(
                        "first must be a number of at most {MAX_ENTRIES}"
                    )));
                }
            },
        };
        let height = |name: &str| arguments.get("block").and_then(|block| block[name].as_u64());
        Ok(Self {
            ids: list("ids"),
            owners: list("owners"),
            recipients: list("recipients"),
            tags: tags.collect(),
            first,
            after: arguments.get("after").and_then(Value::as_str).map(str::to_owned),
            ascending: arguments.get("sort").and_then(Value::as_str) == Some("HEIGHT_ASC"),
            heights: (height("min").unwrap_or(0), height("max").unwrap_or(u64::MAX)),
        })
    }

    fn is_for_scheduler(&self) -> bool {
        let mut tags = self.tags.iter();
        tags.any(|(name, values)| name == "Type" && values.iter().any(|value| value == "Scheduler-Location"))
    }

    fn matches(&self, item: &IndexedItem, blocks: &Blocks) -> bool {
        let is_wanted = |wanted: &Option<Vec<String>>, value: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.iter().any(|one| one == value))
        };
        let height = blocks.height(item.timestamp);
        let has_tag = |(name, values): &(String, Vec<String>)| {
            let mut tags = item.tags.iter().filter(|tag| tag.has_name(name));
            tags.any(|tag| values.iter().any(|value| value.as_bytes() == tag.value))
        };
        is_wanted(&self.owners, &item.owner.to_string())
            && is_wanted(&self.recipients, &item.recipient)
            && (self.heights.0..=self.heights.1).contains(&height)
            && self.tags.iter().all(has_tag)
    }

    /// Whether a node that was found by its id matches. Only the tags count.
    fn matches_node(&self, node: &Value) -> bool {
        let tags = node["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        self.tags.iter().all(|(name, values)| {
            let mut named = tags.iter().filter(|tag| tag["name"] == **name);
            named.any(|tag| values.iter().any(|value| tag["value"] == **value))
        })
    }
}

/// A list of texts, or a single text.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(entries) => entries
            .iter()
            .filter_map(|entry| Some(entry.as_str()?.to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}

fn check_size(query: &str) -> HttpResult<()> {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in query.bytes() {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if query.len() > MAX_QUERY_LENGTH || deepest > MAX_QUERY_DEPTH {
        return Err(HttpError::bad_request("The query is too long, or nested too deep"));
    }
    Ok(())
}

/// The requested fields of a value.
fn select(value: Value, fields: &[Field]) -> Value {
    if fields.is_empty() {
        return value;
    }
    match value {
        Value::Array(entries) => entries.into_iter().map(|entry| select(entry, fields)).collect(),
        Value::Object(members) => {
            let mut selected = Map::new();
            for field in fields {
                let member = members.get(&field.name).cloned().unwrap_or(Value::Null);
                selected.insert(field.key.clone(), select(member, &field.fields));
            }
            Value::Object(selected)
        }
        other => other,
    }
}
