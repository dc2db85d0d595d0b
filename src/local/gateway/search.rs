//! Searches: the queries `transactions`, `transaction`, `blocks` and `block` of Arweave's gateways.

use serde_json::{Map, Value, json};

use super::catalogue::{Catalogue, IndexedItem, undamaged};
use super::chain::{block_node, height_of};
use super::graphql::{self, Field};
use super::nodes::{bare_node, node};
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::error::Result;
use crate::local::blocks::Blocks;
use crate::local::context::NetworkContext;
use crate::local::http::{HttpError, HttpResult, Response};
use crate::local::path_and_query;
use crate::local::platform::Platform;
use crate::local::store::{found, names};
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

/// The arguments of `transactions` and `blocks`.
struct Search {
    ids: Option<Vec<String>>,
    owners: Option<Vec<String>>,
    recipients: Option<Vec<String>>,
    tags: Vec<TagFilter>,
    first: usize,
    after: Option<String>,
    ascending: bool,
    heights: (u64, u64),
    /// Times of arrival, in seconds.
    ingested: (u64, u64),
}

struct TagFilter {
    name: String,
    values: Vec<String>,
    matching: TagMatch,
    /// Whether items that match are left out: `op: NEQ`.
    excludes: bool,
}

#[derive(Clone, Copy)]
enum TagMatch {
    Exact,
    /// `*` stands for any text, `?` for one character.
    Wildcard,
    /// Words of the value: all of them, or any.
    Words {
        all: bool,
    },
}

/// Answers `POST /graphql`. Errors are in `errors`, where clients of GraphQL look for them.
pub(crate) async fn handle<P: Platform>(units: &LocalUnits<P>, catalogue: &mut Catalogue, body: &[u8]) -> Response {
    match query(units, catalogue, body).await {
        Ok(data) => Response::json(200, &json!({ "data": data })),
        Err(error) => error.graphql_response(),
    }
}

async fn query<P: Platform>(
    units: &LocalUnits<P>,
    catalogue: &mut Catalogue,
    body: &[u8],
) -> HttpResult<Map<String, Value>> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| HttpError::bad_request(format!("The body is not a GraphQL request in JSON: {error}")))?;
    let query = body["query"].as_str().unwrap_or_default();
    let no_variables = Map::new();
    let variables = body["variables"].as_object().unwrap_or(&no_variables);
    check_size(query)?;
    let operation = body["operationName"].as_str().filter(|name| !name.is_empty());
    let fields = graphql::parse(query, variables, operation)?;
    let mut data = Map::new();
    for field in &fields {
        let arguments = &field.arguments;
        let id = || {
            let id = arguments.get("id").and_then(Value::as_str);
            id.ok_or_else(|| HttpError::bad_request(format!("{} has no argument id. Add it", field.name)))
        };
        let found = match field.name.as_str() {
            "transactions" => transactions(units, catalogue, &Search::parse(arguments)?).await?,
            "transaction" => node_by_id(units, id()?).await?.unwrap_or(Value::Null),
            "blocks" => blocks(&units.context, &Search::parse(arguments)?),
            "block" => block(&units.context, id()?).unwrap_or(Value::Null),
            "__typename" => "Query".into(),
            other => {
                return Err(HttpError::bad_request(format!(
                    "There is no query \"{other:.64}\" here"
                )));
            }
        };
        data.insert(field.key.clone(), select(found, &field.name, &field.fields));
    }
    Ok(data)
}

fn block<P: Platform>(context: &NetworkContext<P>, id: &str) -> Option<Value> {
    let blocks = &context.options.blocks;
    let newest = blocks.height(context.platform.now());
    let height = height_of(id).filter(|height| *height <= newest)?;
    Some(block_node(height, blocks))
}

fn blocks<P: Platform>(context: &NetworkContext<P>, search: &Search) -> Value {
    let blocks = &context.options.blocks;
    let newest = blocks.height(context.platform.now());
    if let Some(ids) = &search.ids {
        let found = ids.iter().filter_map(|id| block(context, id));
        return page(found.collect(), false);
    }
    let after = search.after.as_deref().and_then(height_of);
    let (min, max) = (search.heights.0, search.heights.1.min(newest));
    let (min, max) = match (search.ascending, after) {
        (_, None) => (min, max),
        (true, Some(after)) => (min.max(after + 1), max),
        (false, Some(0)) => (1, 0),
        (false, Some(after)) => (min, max.min(after - 1)),
    };
    let count = (max + 1).saturating_sub(min);
    let first = count.min(search.first as u64);
    let heights = (0..first).map(|number| match search.ascending {
        true => min + number,
        false => max - number,
    });
    page(
        heights.map(|height| block_node(height, blocks)).collect(),
        count > first,
    )
}

/// A page of nodes. The cursor of a node is its id.
fn page(nodes: Vec<Value>, more: bool) -> Value {
    let count = nodes.len().to_string();
    let edges = nodes
        .into_iter()
        .map(|node| json!({ "cursor": node["id"], "node": node }));
    let edges: Vec<Value> = edges.collect();
    json!({ "count": count, "pageInfo": { "hasNextPage": more }, "edges": edges })
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
            let stored = undamaged(context, id).await?;
            found.extend(stored.map(|stored| node(id, &stored, &context.address, &blocks)));
        }
    }
    Ok(page(found, more))
}

/// The node of an item or a module.
async fn node_by_id<P: Platform>(units: &LocalUnits<P>, id: &str) -> HttpResult<Option<Value>> {
    let context = &units.context;
    let blocks = &context.options.blocks;
    let id = path_and_query::id(id, "The id")?;
    if let Some(found) = found::find(&context.platform, &id).await? {
        return Ok(Some(node(&id, &found, &context.address, blocks)));
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
        let stored = undamaged(context, &process).await?;
        if stored.is_some_and(|stored| is_named(stored.tags())) {
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
        let tags: HttpResult<Vec<TagFilter>> = tags.iter().map(TagFilter::parse).collect();
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
        let range = |name: &str| {
            let range = arguments.get(name);
            let end = |end: &str| range.and_then(|range| range[end].as_u64());
            (end("min").unwrap_or(0), end("max").unwrap_or(u64::MAX))
        };
        let sort = arguments.get("sort").and_then(Value::as_str).unwrap_or_default();
        Ok(Self {
            ids: list("ids"),
            owners: list("owners"),
            recipients: list("recipients"),
            tags: tags?,
            first,
            after: arguments.get("after").and_then(Value::as_str).map(str::to_owned),
            // Items arrive in the order of their blocks.
            ascending: matches!(sort, "HEIGHT_ASC" | "INGESTED_AT_ASC"),
            heights: match arguments.contains_key("height") {
                true => range("height"),
                false => range("block"),
            },
            ingested: range("ingested_at"),
        })
    }

    fn is_for_scheduler(&self) -> bool {
        let mut tags = self.tags.iter();
        tags.any(|tag| tag.name == "Type" && tag.values.iter().any(|value| value == "Scheduler-Location"))
    }

    fn matches(&self, item: &IndexedItem, blocks: &Blocks) -> bool {
        let is_wanted = |wanted: &Option<Vec<String>>, value: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.iter().any(|one| one == value))
        };
        let height = blocks.height(item.timestamp);
        let tags = || item.tags.iter().map(|tag| (&tag.name[..], &tag.value[..]));
        is_wanted(&self.owners, &item.owner.to_string())
            && is_wanted(&self.recipients, &item.recipient)
            && (self.heights.0..=self.heights.1).contains(&height)
            && (self.ingested.0..=self.ingested.1).contains(&(item.timestamp / 1000))
            && self.tags.iter().all(|filter| filter.accepts(&mut tags()))
    }

    /// Whether a node that was found by its id matches. Only the tags count.
    fn matches_node(&self, node: &Value) -> bool {
        let tags = node["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |text: &'_ Value| text.as_str().unwrap_or_default().as_bytes().to_vec();
        let tags: Vec<_> = tags
            .iter()
            .map(|tag| (text(&tag["name"]), text(&tag["value"])))
            .collect();
        let mut filters = self.tags.iter();
        filters.all(|filter| filter.accepts(&mut tags.iter().map(|(name, value)| (&name[..], &value[..]))))
    }
}

impl TagFilter {
    fn parse(given: &Value) -> HttpResult<Self> {
        let unknown = |name: &str| {
            let message = format!(
                "A filter of tags has an unknown {name}: {:.32}",
                given[name].to_string()
            );
            HttpError::bad_request(message)
        };
        Ok(Self {
            name: given["name"].as_str().unwrap_or_default().to_owned(),
            values: texts(&given["values"]),
            matching: match given["match"].as_str().unwrap_or("EXACT") {
                "EXACT" => TagMatch::Exact,
                "WILDCARD" => TagMatch::Wildcard,
                "FUZZY_AND" => TagMatch::Words { all: true },
                "FUZZY_OR" => TagMatch::Words { all: false },
                _ => return Err(unknown("match")),
            },
            excludes: match given["op"].as_str().unwrap_or("EQ") {
                "EQ" => false,
                "NEQ" => true,
                _ => return Err(unknown("op")),
            },
        })
    }

    fn accepts<'a>(&self, tags: &mut dyn Iterator<Item = (&'a [u8], &'a [u8])>) -> bool {
        let mut named = tags.filter(|(name, _)| *name == self.name.as_bytes());
        named.any(|(_, value)| self.values.iter().any(|wanted| self.matching.accepts(wanted, value))) != self.excludes
    }
}

impl TagMatch {
    fn accepts(self, wanted: &str, value: &[u8]) -> bool {
        let lower = |text: &[u8]| String::from_utf8_lossy(text).to_lowercase();
        match self {
            Self::Exact => wanted.as_bytes() == value,
            Self::Wildcard => fits(wanted.as_bytes(), value),
            Self::Words { all } => {
                let (wanted, value) = (lower(wanted.as_bytes()), lower(value));
                let words: Vec<&str> = value.split(|c: char| !c.is_alphanumeric()).collect();
                let mut wanted = wanted.split_whitespace();
                match all {
                    true => wanted.all(|word| words.contains(&word)),
                    false => wanted.any(|word| words.contains(&word)),
                }
            }
        }
    }
}

/// Whether a value fits a pattern with `*` and `?`. Goes back to the last `*` only, so that it takes no more than
/// `pattern × value` steps.
fn fits(pattern: &[u8], value: &[u8]) -> bool {
    let (mut at, mut read, mut star) = (0, 0, None);
    while read < value.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == value[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((at_star, taken)) = star else { return false };
                star = Some((at_star, taken + 1));
                (at, read) = (at_star + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
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

/// The requested fields of the value of a field with this name.
fn select(value: Value, name: &str, fields: &[Field]) -> Value {
    if fields.is_empty() {
        return value;
    }
    match value {
        Value::Array(entries) => entries.into_iter().map(|entry| select(entry, name, fields)).collect(),
        Value::Object(members) => {
            let mut selected = Map::new();
            for field in fields {
                let member = match field.name.as_str() {
                    "__typename" => type_of(name, &members).into(),
                    member => members.get(member).cloned().unwrap_or(Value::Null),
                };
                selected.insert(field.key.clone(), select(member, &field.name, &field.fields));
            }
            Value::Object(selected)
        }
        other => other,
    }
}

/// The name of a type in the schema of gateways, from the field that has it.
fn type_of(field: &str, members: &Map<String, Value>) -> &'static str {
    let is_block = members.contains_key("previous");
    match field {
        "transactions" => "TransactionConnection",
        "blocks" => "BlockConnection",
        "pageInfo" => "PageInfo",
        // Only the edges of transactions have nodes with tags.
        "edges" if members["node"].get("tags").is_none() => "BlockEdge",
        "edges" => "TransactionEdge",
        "block" => "Block",
        "node" if is_block => "Block",
        "owner" => "Owner",
        "tags" => "Tag",
        "fee" | "quantity" => "Amount",
        "data" => "MetaData",
        _ => "Transaction",
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn fits_understands_stars_and_question_marks() {
        for (pattern, value, expected) in [
            ("*", "", true),
            ("Ac*n", "Action", true),
            ("A?tion", "Action", true),
            ("*t*o*", "Action", true),
            ("**n", "Action", true),
            ("Action", "Action", true),
            ("Act", "Action", false),
            ("*x", "Action", false),
            ("?", "", false),
            ("Action?", "Action", false),
            ("*ion*s", "Actions of ions", true),
        ] {
            assert_eq!(
                fits(pattern.as_bytes(), value.as_bytes()),
                expected,
                "{pattern} {value}"
            );
        }
    }
}
