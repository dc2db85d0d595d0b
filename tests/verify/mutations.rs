//! What an adversary does to a schedule, to a gateway, and with the scheduler's key.

use std::ops::Range;

use aoxide::ans104::DataItem;
use aoxide::arweave::{Id, from_base64url, to_base64url};
use aoxide::protocol::hash_chain::{first_chain, next_chain};
use serde_json::{Value, json};

use super::random::Rng;
use super::scheduled::{OTHER, SCHEDULER, Slot, USER, assign, key, shown, sign, tags};
use super::sources::Sources;

/// The names of the mutations.
pub const MUTATIONS: [&str; 17] = [
    "swap",
    "drop",
    "repeat",
    "withhold",
    "other process",
    "data",
    "tags",
    "anchor",
    "target",
    "fields",
    "null or shown",
    "other message",
    "assignment",
    "forged assignment",
    "gateway",
    "signed anew",
    "equivocation",
];

pub struct Adversary<'a> {
    pub rng: &'a Rng,
    pub process: Id,
    /// The slots that the adversary changes.
    pub window: Range<usize>,
    /// A schedule of another process, by the same scheduler.
    pub other: &'a [Value],
}

/// Changes a text: other letters, other forms, other values that are good elsewhere.
fn changed(rng: &Rng, text: &str) -> Value {
    let mut letters: Vec<char> = text.chars().collect();
    match rng.below(7) {
        0 => return Value::Null,
        1 => return "".into(),
        2 => return to_base64url(text.as_bytes()).into(),
        3 => return format!("{text}=").into(),
        4 => letters.insert(rng.below(letters.len() + 1), *rng.pick(&['0', 'A', '\u{fffd}', ' '])),
        5 if !letters.is_empty() => drop(letters.remove(rng.below(letters.len()))),
        _ if !letters.is_empty() => {
            let at = rng.below(letters.len());
            letters[at] = *rng.pick(&['0', '1', 'A', '_', 'é']);
        }
        _ => letters.push('x'),
    }
    letters.into_iter().collect::<String>().into()
}

fn tag_of(item: &Value, name: &str) -> Option<String> {
    let mut tags = item["tags"].as_array()?.iter();
    let tag = tags.find(|tag| tag["name"] == name)?;
    tag["value"].as_str().map(str::to_owned)
}

impl Adversary<'_> {
    fn slot(&self) -> usize {
        self.window.start + self.rng.below(self.window.len())
    }

    /// Applies a mutation. Returns whether the scheduler's key has signed something else.
    pub fn mutate(&self, sources: &Sources, name: &str) -> bool {
        let (rng, at, to) = (self.rng, self.slot(), self.slot());
        let mut edges = sources.edges.borrow_mut();
        if at >= edges.len() || to >= edges.len() {
            return false;
        }
        match name {
            "swap" => edges.swap(at, to),
            "drop" => drop(edges.remove(at)),
            "repeat" => {
                let edge = edges[at].clone();
                edges.insert(to, edge);
            }
            "withhold" => edges.truncate(at),
            "other process" => edges[at] = self.other[rng.below(self.other.len())].clone(),
            "equivocation" => return self.equivocate(&mut edges, at),
            "gateway" => {
                drop(edges);
                self.substitute(sources);
            }
            _ => self.change(sources, &mut edges, [at, to], name),
        }
        false
    }

    /// Changes what the scheduler shows in a slot.
    fn change(&self, sources: &Sources, edges: &mut [Value], [at, to]: [usize; 2], name: &str) {
        let rng = self.rng;
        let other = edges[to]["node"]["message"].clone();
        let node = &mut edges[at]["node"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let part = if rng.below(3) == 0 { "assignment" } else { "message" };
        match name {
            "other message" => node["message"] = other,
            // A message that the schedule only names.
            "null or shown" if node["message"].is_null() => {
                let items = sources.items.borrow();
                let named = tag_of(&node["assignment"], "Message").and_then(|id| items.get(&id));
                node["message"] = named.map_or(other, |item| shown(&DataItem::parse(item.clone()).unwrap()));
            }
            "null or shown" => node["message"] = Value::Null,
            "forged assignment" => {
                let item = self.resigned(&node["assignment"], OTHER, None);
                let claimed = rng.below(2) == 0;
                let owner = node["assignment"]["owner"].clone();
                node["assignment"] = item;
                if claimed {
                    node["assignment"]["owner"]["address"] = owner["address"].clone();
                }
            }
            "signed anew" => {
                // The user signs another message. The scheduler has not assigned it.
                let target = Some(self.process);
                let item = sign(&key(USER), target, b"", tags(&[("Action", "x")]), b"second", rng);
                let id = node["message"]["id"].clone();
                node["message"] = shown(&item);
                if rng.below(2) == 0 {
                    node["message"]["id"] = id;
                }
            }
            "assignment" | "tags" => {
                let part = if name == "tags" { "message" } else { "assignment" };
                let Some(tags) = node[part]["tags"].as_array_mut().filter(|tags| !tags.is_empty()) else {
                    return;
                };
                let (one, two) = (rng.below(tags.len()), rng.below(tags.len()));
                match rng.below(5) {
                    0 => tags.swap(one, two),
                    1 => drop(tags.remove(one)),
                    2 => tags.insert(one, tags[two].clone()),
                    3 => tags
                        .push(json!({ "name": *rng.pick(&["Exclude", "Message", "From-Process"]), "value": "Data" })),
                    _ => {
                        let member = *rng.pick(&["name", "value", "value", "value"]);
                        let value = changed(rng, &text(&tags[one][member]));
                        tags[one][member] = value;
                    }
                }
            }
            "fields" => {
                let path = *rng.pick(&["/id", "/owner/address", "/owner/key", "/signature"]);
                if let Some(value) = node[part].pointer_mut(path) {
                    *value = match other.pointer(path) {
                        Some(other) if rng.below(2) == 0 => other.clone(),
                        _ => changed(rng, &text(value)),
                    };
                }
            }
            member if !node[part].is_null() => {
                let value = changed(rng, &text(&node[part][member]));
                let bytes = from_base64url(&text(&node[part][member])).unwrap_or_default();
                node[part][member] = match rng.below(3) {
                    0 => String::from_utf8_lossy(&bytes).into_owned().into(),
                    _ => value,
                };
            }
            _ => {}
        }
    }

    /// An assignment that another key has signed, or the scheduler with other values.
    fn resigned(&self, assignment: &Value, key: u8, chain: Option<Id>) -> Value {
        let tag = |name: &str| tag_of(assignment, name);
        let read = |name: &str| tag(name).and_then(|text| text.parse().ok()).unwrap_or(0);
        let slot = Slot {
            number: read("Nonce") as usize,
            chain: chain
                .or_else(|| Id::parse(&tag("Hash-Chain")?, "id").ok())
                .unwrap_or_else(|| first_chain(&self.process)),
            timestamp: read("Timestamp") + if chain.is_none() { self.rng.below(3) as u64 } else { 0 },
            key,
            block_height: read("Block-Height"),
        };
        assign(self.process, tag("Message").as_deref(), &slot, self.rng)
    }

    /// The scheduler signs a slot twice, and perhaps all that follow.
    fn equivocate(&self, edges: &mut [Value], at: usize) -> bool {
        let continues = self.rng.below(2) == 0;
        let mut chain = None;
        for edge in &mut edges[at..] {
            let signed = self.resigned(&edge["node"]["assignment"], SCHEDULER, chain);
            edge["node"]["assignment"] = signed;
            let assignment = &edge["node"]["assignment"];
            let own = tag_of(assignment, "Hash-Chain").and_then(|text| Id::parse(&text, "id").ok());
            let id = assignment["id"].as_str().and_then(|id| Id::parse(id, "id").ok());
            chain = id.zip(own).map(|(id, own)| next_chain(&id, &own));
            if !continues {
                break;
            }
        }
        true
    }

    /// The gateway returns another item, changed bytes, or nothing.
    fn substitute(&self, sources: &Sources) {
        let mut items = sources.items.borrow_mut();
        let mut ids: Vec<String> = items.keys().cloned().collect();
        ids.sort();
        let (id, other) = (self.rng.pick(&ids), self.rng.pick(&ids));
        match self.rng.below(3) {
            0 => drop(items.remove(id)),
            1 => {
                let bytes = items[other].clone();
                items.insert(id.clone(), bytes);
            }
            _ => {
                let Some(bytes) = items.get_mut(id) else { return };
                let at = self.rng.below(bytes.len());
                let before = bytes[at];
                bytes[at] ^= 1 << self.rng.below(8);
                // The gateway must be able to read the item.
                if DataItem::parse(bytes.clone()).is_err() {
                    bytes[at] = before;
                    if let Some(last) = bytes.last_mut() {
                        *last ^= 1;
                    }
                }
            }
        }
    }
}
