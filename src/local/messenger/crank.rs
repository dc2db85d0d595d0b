//! Cranking: what a process sends in answer is signed by the network, and brought to where it is to go.
//!
//! What was signed is kept until all of an outbox is delivered, so that a crash in between makes nothing arrive twice.

use serde_json::{Value, json};

use crate::ans104::{DataItem, Draft, Tag};
use crate::arweave::Id;
use crate::error::{ErrorKind, Result};
use crate::local::compute_unit::evaluation::Evaluated;
use crate::local::http::{HttpError, HttpResult};
use crate::local::hyperbeam::patches::is_patch;
use crate::local::network::{Event, Network, missing_record};
use crate::local::path_and_query as route;
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::{Entry, tag};
use crate::local::scheduler::unit::{ScheduleOptions, Way, of_process};
use crate::local::store::records as store;
use crate::protocol::{PROTOCOL, VARIANT};

/// Tags that the messenger writes itself; those that a process gives are dropped.
const OWN: [&str; 6] = [
    "Data-Protocol",
    "Type",
    "From-Process",
    "From-Module",
    "Assignments",
    "Pushed-For",
];

/// The outbox that is delivered.
struct Outbox<'a> {
    process: &'a Id,
    index: usize,
    entry: &'a Entry,
    module: Id,
}

impl<H: Platform> Network<H> {
    /// Delivers an outbox, and tells what became of each part of it.
    pub(crate) async fn crank(
        &mut self,
        process: &Id,
        index: usize,
        entry: &Entry,
        sent: &Evaluated,
    ) -> Result<Vec<Value>> {
        let module = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?
            .module;
        let outbox = Outbox {
            process,
            index,
            entry,
            module,
        };
        let messages = sent.messages.iter().map(|sent| ("message", sent));
        let spawns = sent.spawns.iter().map(|sent| ("spawn", sent));
        let assignments = sent.assignments.iter().map(|sent| ("assignment", sent));
        let mut report = Vec::new();
        if let Some(reason) = &sent.unreadable {
            self.note(Event::new("not delivered", *process, entry.id).with_detail(reason));
            report.push(json!({ "kind": "outbox", "error": reason }));
        }
        for (number, (kind, sent)) in messages.chain(spawns).chain(assignments).enumerate() {
            // It is read out of the result when it is asked for.
            if kind == "message" && is_patch(sent) {
                report.push(json!({ "published": true, "kind": kind }));
                continue;
            }
            // Signed before a crash, and counted then.
            let kept = self.kept(&outbox.push_name(number), entry).await?;
            let room = match kept {
                None => self.has_room(entry),
                Some(_) => Ok(()),
            };
            let delivered = match room {
                Err(refusal) => Err(refusal),
                Ok(()) => match kind {
                    "message" => self.push_message(&outbox, number, sent, kept).await,
                    "spawn" => self.push_spawn(&outbox, number, sent, kept).await,
                    _ => self.push_assignment(&outbox, number, sent).await,
                },
            };
            let mut line = match delivered {
                Ok(line) => line,
                Err(refusal) if refusal.is_internal() => return Err(refusal.into_error()),
                Err(refusal) => {
                    let event = Event::new("not delivered", *process, entry.id);
                    self.note(event.with_detail(refusal.message()));
                    json!({ "error": refusal.message() })
                }
            };
            line["kind"] = kind.into();
            report.push(line);
        }
        Ok(report)
    }

    /// Whether the cascade may go on.
    fn has_room(&mut self, entry: &Entry) -> HttpResult<()> {
        let count = self.cascades.entry(entry.root).or_default();
        *count += 1;
        if *count <= self.options.cascade {
            return Ok(());
        }
        let message = format!(
            "The cascade of message {} was stopped after {} messages",
            entry.root, self.options.cascade
        );
        if *count == self.options.cascade + 1 {
            self.note(Event::new("cascade stopped", entry.root, entry.id).with_detail(&*message));
        }
        Err(HttpError::new(429, ErrorKind::Timeout, message))
    }

    async fn push_message(
        &mut self,
        outbox: &Outbox<'_>,
        number: usize,
        sent: &Value,
        kept: Option<DataItem>,
    ) -> HttpResult<Value> {
        let text = sent["Target"].as_str().unwrap_or_default();
        let target = Id::parse(text.trim(), "The message's target")?;
        let draft = Draft {
            target: Some(target),
            anchor: anchor_of(sent),
            tags: outbox.tags(sent, "Message"),
        };
        let item = self.signed(outbox, number, kept, draft, data_of(sent)).await?;
        let id = item.id();
        let mut line = json!({ "id": id.to_string(), "target": target.to_string() });
        let known = self.sync_schedule(&target).await;
        if self.reachable(outbox, &target, known)? {
            let placing = ScheduleOptions::root(outbox.entry.root);
            let placed = self.place(&target, &item, placing).await;
            let index = self.reachable(outbox, &target, placed)?;
            line["slot"] = self.entry(&target, index)?.nonce.into();
        } else {
            // For a wallet, say: it is found at the gateway.
            store::keep_item(&*self.platform, &item, self.platform.now()).await?;
            self.note(Event::new("pushed", target, id).with_detail(named(&item, "Action")));
        }
        Ok(line)
    }

    async fn push_spawn(
        &mut self,
        outbox: &Outbox<'_>,
        number: usize,
        sent: &Value,
        kept: Option<DataItem>,
    ) -> HttpResult<Value> {
        let mut tags = outbox.tags(sent, "Process");
        if tag(&tags, "Scheduler").is_none() {
            tags.push(Tag::new("Scheduler", self.address.to_string()));
        }
        self.check_process(&tags).await?;
        let draft = Draft {
            target: None,
            anchor: anchor_of(sent),
            tags,
        };
        let item = self.signed(outbox, number, kept, draft, data_of(sent)).await?;
        let child = item.id();
        self.place(&child, &item, ScheduleOptions::root(outbox.entry.root))
            .await?;
        let told = self.tell_parent(outbox, number, &item).await?;
        Ok(json!({ "id": child.to_string(), "told": told.to_string() }))
    }

    /// The parent hears of its child from itself, with the reference by which it waits for that.
    async fn tell_parent(&mut self, outbox: &Outbox<'_>, number: usize, child: &DataItem) -> HttpResult<Id> {
        let id = child.id().to_string();
        let mut tags = vec![
            Tag::new("Action", "Spawned"),
            Tag::new("Process", &*id),
            Tag::new("AO-Spawn-Success", &*id),
        ];
        let references = child.head().tags().iter();
        tags.extend(
            references
                .filter(|tag| tag.has_name("Reference") || tag.has_name("Ref_"))
                .cloned(),
        );
        tags.extend(outbox.own_tags("Message"));
        let draft = Draft {
            target: Some(*outbox.process),
            anchor: None,
            tags,
        };
        // Its place among what was signed is behind all of the outbox.
        let number = TOLD + number;
        let kept = self.kept(&outbox.push_name(number), outbox.entry).await?;
        let item = self.signed(outbox, number, kept, draft, id.into_bytes()).await?;
        self.place(outbox.process, &item, ScheduleOptions::root(outbox.entry.root))
            .await?;
        Ok(item.id())
    }

    async fn push_assignment(&mut self, outbox: &Outbox<'_>, number: usize, sent: &Value) -> HttpResult<Value> {
        let message = Id::parse(sent["Message"].as_str().unwrap_or_default(), "The assigned message")?;
        let kept = self.stored(&message).await?;
        let exclude = sent["Exclude"].as_array().map(Vec::as_slice).unwrap_or_default();
        let exclude: Vec<String> = exclude
            .iter()
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect();
        let mut slots = Vec::new();
        for process in sent["Processes"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let process = route::id(process.as_str().unwrap_or_default(), "The process's id")?;
            let known = self.sync_schedule(&process).await;
            if !self.reachable(outbox, &process, known)? {
                return Err(HttpError::missing(format!(
                    "There is no process {process} in this network"
                )));
            }
            let mut placing = ScheduleOptions::root(outbox.entry.root);
            placing.way = Way::Assigned {
                exclude: exclude.clone(),
                by: Some(outbox.push_name(number)),
            };
            let placed = self.place(&process, &kept.item, placing).await;
            let index = self.reachable(outbox, &process, placed)?;
            let slot = self.entry(&process, index)?.nonce;
            slots.push(json!({ "process": process.to_string(), "slot": slot }));
        }
        Ok(json!({ "id": message.to_string(), "assigned": slots }))
    }

    /// What was asked of the receiver of a message. If its records are damaged, the message is not delivered, and the sender
    /// goes on.
    fn reachable<T>(&self, outbox: &Outbox<'_>, target: &Id, answer: Result<T>) -> HttpResult<T> {
        answer.map_err(|error| match store::is_damage(&error) && target != outbox.process {
            true => HttpError::new(424, ErrorKind::Storage, of_process(target, error).message()),
            false => error.into(),
        })
    }

    /// Forgets what was signed for an entry, all of which is delivered.
    pub(crate) async fn forget_signed(&self, process: &Id, index: usize, report: &[Value]) -> Result<()> {
        for (number, line) in report.iter().enumerate() {
            if line["told"].is_string() {
                self.platform
                    .remove(&store::push_name(process, index, TOLD + number))
                    .await?;
            }
            if line["id"].is_string() {
                self.platform.remove(&store::push_name(process, index, number)).await?;
            }
        }
        Ok(())
    }

    /// A part of an outbox that was signed before a crash, and counted in its cascade.
    async fn kept(&mut self, name: &str, entry: &Entry) -> Result<Option<DataItem>> {
        let Some(record) = store::get(&*self.platform, name).await? else {
            return Ok(None);
        };
        let (led, raw) = store::split::<usize>(name, &record)?;
        let count = self.cascades.entry(entry.root).or_default();
        *count = led.max(*count);
        DataItem::parse(raw.to_vec()).map(Some)
    }

    /// A part of an outbox as a signed item: the one that was kept, or a new one, which is kept until all is delivered.
    async fn signed(
        &self,
        outbox: &Outbox<'_>,
        number: usize,
        kept: Option<DataItem>,
        draft: Draft,
        data: Vec<u8>,
    ) -> HttpResult<DataItem> {
        if let Some(item) = kept {
            return Ok(item);
        }
        // What cannot become an item is the process's fault, and not the signer's.
        draft.check()?;
        let signed = self.platform.sign(draft, data).await?;
        let led = self.cascades.get(&outbox.entry.root).copied().unwrap_or(0);
        let record = store::join(&led, &signed.raw)?;
        let name = outbox.push_name(number);
        if store::insert(&*self.platform, &name, &record).await? {
            return Ok(DataItem::parse(signed.raw)?);
        }
        let record = store::get(&*self.platform, &name)
            .await?
            .ok_or_else(|| store::missing(&name))?;
        let (_, raw) = store::split::<usize>(&name, &record)?;
        Ok(DataItem::parse(raw.to_vec())?)
    }
}

/// More parts than any outbox has.
const TOLD: usize = 500_000;

impl Outbox<'_> {
    fn push_name(&self, number: usize) -> String {
        store::push_name(self.process, self.index, number)
    }

    /// What the process wrote, and then what the messenger writes.
    fn tags(&self, sent: &Value, kind: &str) -> Vec<Tag> {
        let tags = sent["Tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let tags = tags.iter().filter_map(|tag| {
            let name = tag["name"].as_str().filter(|name| !name.is_empty())?;
            Some(Tag::new(name, scalar(&tag["value"])?))
        });
        let mut tags: Vec<Tag> = tags.filter(|tag| !OWN.iter().any(|own| tag.has_name(own))).collect();
        // Processes of aos write it themselves.
        if kind == "Process" && tag(&tags, "Variant").is_none() {
            tags.push(Tag::new("Variant", VARIANT));
        }
        tags.extend(self.own_tags(kind));
        tags
    }

    fn own_tags(&self, kind: &str) -> [Tag; 5] {
        [
            Tag::new("Data-Protocol", PROTOCOL),
            Tag::new("Type", kind),
            Tag::new("From-Process", self.process.to_string()),
            Tag::new("From-Module", self.module.to_string()),
            Tag::new("Pushed-For", self.entry.root.to_string()),
        ]
    }
}

/// Modules write numbers and truth values where text belongs.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn data_of(sent: &Value) -> Vec<u8> {
    match &sent["Data"] {
        Value::Array(_) | Value::Object(_) => sent["Data"].to_string(),
        data => scalar(data).unwrap_or_default(),
    }
    .into_bytes()
}

/// An anchor has 32 bytes; a message may go without.
fn anchor_of(sent: &Value) -> Option<Vec<u8>> {
    let anchor = sent["Anchor"].as_str()?.as_bytes();
    (anchor.len() == 32).then(|| anchor.to_vec())
}

fn named(item: &DataItem, name: &str) -> String {
    tag(item.head().tags(), name).unwrap_or_default().to_owned()
}
