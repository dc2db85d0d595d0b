//! Searches at the gateway: `transactions` and `transaction`, as Arweave's gateways have them.

use graphql_parser::query::{Definition, Field, OperationDefinition, Selection, SelectionSet, parse_query};
use serde_json::{Map, Value, json};

use super::clock::Blocks;
use super::gateway::{Listed, bare_node, node};
use super::host::Surroundings;
use super::network::Network;
use super::wire::{Answer, Refusal, Response};
use super::{route, store};
use crate::ans104::Tag;
use crate::arweave::Id;

/// Longer and deeper queries are nobody's; and the parser follows them down.
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

impl<H: Surroundings> Network<H> {
    pub(super) async fn graphql(&mut self, body: &[u8]) -> Answer<Response> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| Refusal::bad(format!("The body is no GraphQL request in JSON: {error}")))?;
        let query = body["query"].as_str().unwrap_or_default();
        let nothing = Map::new();
        let variables = body["variables"].as_object().unwrap_or(&nothing);
        check_shape(query)?;
        let document =
            parse_query::<String>(query).map_err(|error| Refusal::bad(format!("The query cannot be read: {error}")))?;
        let mut selections = None;
        for definition in &document.definitions {
            match definition {
                Definition::Operation(OperationDefinition::Query(query)) => selections = Some(&query.selection_set),
                Definition::Operation(OperationDefinition::SelectionSet(set)) => selections = Some(set),
                _ => return Err(Refusal::bad("Only plain queries are answered here, without fragments")),
            }
        }
        let mut data = Map::new();
        for field in fields(selections.ok_or_else(|| Refusal::bad("The query is empty"))?)? {
            let arguments = field.arguments.iter();
            let arguments: Map<String, Value> = arguments
                .map(|(name, value)| (name.clone(), json_of(value, variables)))
                .collect();
            let found = match field.name.as_str() {
                "transactions" => self.transactions(&Search::read(&arguments)?).await?,
                "transaction" => match arguments.get("id").and_then(Value::as_str) {
                    Some(id) => self.by_id(id).await?.unwrap_or(Value::Null),
                    None => return Err(Refusal::bad("transaction wants an id")),
                },
                "__typename" => "Query".into(),
                other => return Err(Refusal::bad(format!("There is no query \"{other:.64}\" here"))),
            };
            data.insert(key(field), pick(found, &field.selection_set)?);
        }
        Ok(Response::json(200, &json!({ "data": data })))
    }

    async fn transactions(&mut self, search: &Search) -> Answer<Value> {
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

    async fn by_id(&self, id: &str) -> Answer<Option<Value>> {
        let id = route::id(id, "The id")?;
        if let Some(kept) = store::item(&*self.host, &id).await? {
            return Ok(Some(node(&kept, &self.options.blocks)));
        }
        let source = self.module_source(&id).await?;
        let module = source.map(|source| {
            let mut module = bare_node(&id.to_string(), &source.tags, self.host.now(), &self.options.blocks);
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
        let mut node = bare_node(owner, &tags, self.host.now(), &self.options.blocks);
        node["owner"]["address"] = owner.into();
        node
    }
}

impl Search {
    fn read(arguments: &Map<String, Value>) -> Answer<Self> {
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
                _ => return Err(Refusal::bad(format!("first must be a number of at most {MOST}"))),
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

fn check_shape(query: &str) -> Answer<()> {
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
        return Err(Refusal::bad("The query is too long, or nested too deep"));
    }
    Ok(())
}

fn fields<'a, 'b>(set: &'a SelectionSet<'b, String>) -> Answer<Vec<&'a Field<'b, String>>> {
    let mut fields = Vec::new();
    for selection in &set.items {
        match selection {
            Selection::Field(field) => fields.push(field),
            Selection::InlineFragment(fragment) => fields.extend(self::fields(&fragment.selection_set)?),
            Selection::FragmentSpread(_) => return Err(Refusal::bad("Fragments are not known here")),
        }
    }
    Ok(fields)
}

fn key(field: &Field<'_, String>) -> String {
    field.alias.as_ref().unwrap_or(&field.name).clone()
}

/// What was asked for, of what there is.
fn pick(value: Value, set: &SelectionSet<'_, String>) -> Answer<Value> {
    if set.items.is_empty() {
        return Ok(value);
    }
    match value {
        Value::Array(entries) => {
            let entries: Answer<Vec<Value>> = entries.into_iter().map(|entry| pick(entry, set)).collect();
            Ok(Value::Array(entries?))
        }
        Value::Object(members) => {
            let mut picked = Map::new();
            for field in fields(set)? {
                let member = members.get(&field.name).cloned().unwrap_or(Value::Null);
                picked.insert(key(field), pick(member, &field.selection_set)?);
            }
            Ok(Value::Object(picked))
        }
        other => Ok(other),
    }
}

fn json_of(value: &graphql_parser::query::Value<'_, String>, variables: &Map<String, Value>) -> Value {
    use graphql_parser::query::Value as Given;
    match value {
        Given::Variable(name) => variables.get(name).cloned().unwrap_or(Value::Null),
        Given::Int(number) => number.as_i64().map_or(Value::Null, Value::from),
        Given::Float(number) => json!(number),
        Given::String(text) | Given::Enum(text) => text.clone().into(),
        Given::Boolean(flag) => (*flag).into(),
        Given::Null => Value::Null,
        Given::List(entries) => entries.iter().map(|entry| json_of(entry, variables)).collect(),
        Given::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.clone(), json_of(value, variables)));
            Value::Object(members.collect())
        }
    }
}
