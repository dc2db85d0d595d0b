//! Searches at the gateway: `transactions` and `transaction`, as Arweave's gateways have them.

use serde_json::{Map, Value, json};

use crate::ans104::Tag;
use crate::arweave::Id;
use crate::local::blocks::Blocks;
use crate::local::gateway::graphql as query;
use crate::local::gateway::graphql::Field;
use crate::local::gateway::routes::{Listed, bare_node, node};
use crate::local::http::{HttpError, HttpResult, Response};
use crate::local::network::Network;
use crate::local::path_and_query as route;
use crate::local::platform::Platform;
use crate::local::store::records as store;

/// Longer and deeper queries are refused: reading one recurses once per level.
const LONGEST: usize = 64 << 10;
const DEEPEST: usize = 24;
/// Most entries of a page, and how many it has when nobody says.
const MOST: usize = 1000;
const PAGE: usize = 10;
/// How long clients may believe where the scheduler is, in milliseconds.
const TIME_TO_LIVE: &str = "86400000";

/// What a search is for.
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

impl<H: Platform> Network<H> {
    pub(crate) async fn graphql(&mut self, body: &[u8]) -> HttpResult<Response> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| HttpError::bad(format!("The body is no GraphQL request in JSON: {error}")))?;
        let query = body["query"].as_str().unwrap_or_default();
        let nothing = Map::new();
        let variables = body["variables"].as_object().unwrap_or(&nothing);
        check_shape(query)?;
        let asked = query::read(query, variables)?;
        let mut data = Map::new();
        for field in &asked {
            let arguments = &field.arguments;
            let found = match field.name.as_str() {
                "transactions" => self.transactions(&Search::read(arguments)?).await?,
                "transaction" => match arguments.get("id").and_then(Value::as_str) {
                    Some(id) => self.by_id(id).await?.unwrap_or(Value::Null),
                    None => return Err(HttpError::bad("transaction wants an id")),
                },
                "__typename" => "Query".into(),
                other => return Err(HttpError::bad(format!("There is no query \"{other:.64}\" here"))),
            };
            data.insert(field.key.clone(), pick(found, &field.fields));
        }
        Ok(Response::json(200, &json!({ "data": data })))
    }

    async fn transactions(&mut self, search: &Search) -> HttpResult<Value> {
        let mut found = Vec::new();
        let mut more = false;
        if let Some(ids) = &search.ids {
            for id in ids {
                let node = self.by_id(id).await?;
                found.extend(node.filter(|node| search.fits_node(node)));
            }
        } else if search.wants_scheduler() {
            for owner in search.owners.iter().flatten() {
                if self.is_scheduler(owner).await? {
                    found.push(self.location(owner));
                }
            }
        } else {
            let blocks = self.options.blocks;
            let listed = self.listed().await?;
            let fits = |item: &&Listed| search.fits(item, &blocks);
            let mut ids: Vec<Id> = listed.filter(fits).map(|item| item.id).collect();
            if !search.ascending {
                ids.reverse();
            }
            let after = search.after.as_deref();
            let begin = after.and_then(|after| ids.iter().position(|id| id.to_string() == after));
            let rest = ids.iter().skip(begin.map_or(0, |place| place + 1));
            more = rest.len() > search.first;
            for id in rest.take(search.first) {
                found.extend(self.whole_item(id).await?.map(|kept| node(&kept, &blocks)));
            }
        }
        let edges = found
            .into_iter()
            .map(|node| json!({ "cursor": node["id"], "node": node }));
        let edges: Vec<Value> = edges.collect();
        Ok(json!({ "count": edges.len().to_string(), "pageInfo": { "hasNextPage": more }, "edges": edges }))
    }

    async fn by_id(&self, id: &str) -> HttpResult<Option<Value>> {
        let id = route::id(id, "The id")?;
        if let Some(kept) = store::item(&*self.platform, &id).await? {
            return Ok(Some(node(&kept, &self.options.blocks)));
        }
        let source = self.module_source(&id).await?;
        let module = source.map(|source| {
            let mut module = bare_node(&id.to_string(), &source.tags, self.platform.now(), &self.options.blocks);
            module["owner"]["address"] = self.address.to_string().into();
            module["data"] = json!({ "size": source.bytes.len().to_string(), "type": "application/wasm" });
            module
        });
        Ok(module)
    }

    /// Where the scheduler is, in the words of one that has published it.
    fn location(&self, owner: &str) -> Value {
        let tags = [
            Tag::new("Data-Protocol", "ao"),
            Tag::new("Variant", "ao.TN.1"),
            Tag::new("Type", "Scheduler-Location"),
            Tag::new("Url", format!("{}/su", self.options.url)),
            Tag::new("Time-To-Live", TIME_TO_LIVE),
        ];
        let mut node = bare_node(owner, &tags, self.platform.now(), &self.options.blocks);
        node["owner"]["address"] = owner.into();
        node
    }
}

impl Search {
    fn read(arguments: &Map<String, Value>) -> HttpResult<Self> {
        let list = |name: &str| arguments.get(name).filter(|list| !list.is_null()).map(texts);
        let tags = arguments.get("tags").and_then(Value::as_array);
        let tags = tags.map(Vec::as_slice).unwrap_or_default();
        let tags = tags.iter().map(|tag| {
            let name = tag["name"].as_str().unwrap_or_default().to_owned();
            (name, texts(&tag["values"]))
        });
        let first = match arguments.get("first").filter(|first| !first.is_null()) {
            None => PAGE,
            Some(first) => match first.as_u64().and_then(|first| usize::try_from(first).ok()) {
                Some(first) if first <= MOST => first,
                _ => return Err(HttpError::bad(format!("first must be a number of at most {MOST}"))),
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

    fn wants_scheduler(&self) -> bool {
        let mut tags = self.tags.iter();
        tags.any(|(name, values)| name == "Type" && values.iter().any(|value| value == "Scheduler-Location"))
    }

    fn fits(&self, item: &Listed, blocks: &Blocks) -> bool {
        let within =
            |wanted: &Option<Vec<String>>, is: &str| wanted.as_ref().is_none_or(|all| all.iter().any(|one| one == is));
        let height = blocks.height(item.timestamp);
        let tagged = |(name, values): &(String, Vec<String>)| {
            let mut tags = item.tags.iter().filter(|tag| tag.has_name(name));
            tags.any(|tag| values.iter().any(|value| value.as_bytes() == tag.value))
        };
        within(&self.owners, &item.owner.to_string())
            && within(&self.recipients, &item.recipient)
            && (self.heights.0..=self.heights.1).contains(&height)
            && self.tags.iter().all(tagged)
    }

    /// As [`fits`](Self::fits), for what is known by its id: only the tags count.
    fn fits_node(&self, node: &Value) -> bool {
        let tags = node["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        self.tags.iter().all(|(name, values)| {
            let mut named = tags.iter().filter(|tag| tag["name"] == **name);
            named.any(|tag| values.iter().any(|value| tag["value"] == **value))
        })
    }
}

/// A list of text, or one text alone.
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

fn check_shape(query: &str) -> HttpResult<()> {
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
    if query.len() > LONGEST || deepest > DEEPEST {
        return Err(HttpError::bad("The query is too long, or nested too deep"));
    }
    Ok(())
}

/// What was asked for, of what there is.
fn pick(value: Value, fields: &[Field]) -> Value {
    if fields.is_empty() {
        return value;
    }
    match value {
        Value::Array(entries) => entries.into_iter().map(|entry| pick(entry, fields)).collect(),
        Value::Object(members) => {
            let mut picked = Map::new();
            for field in fields {
                let member = members.get(&field.name).cloned().unwrap_or(Value::Null);
                picked.insert(field.key.clone(), pick(member, &field.fields));
            }
            Value::Object(picked)
        }
        other => other,
    }
}
