//! Cranks: signs the messages, spawns and assignments of an outbox, and delivers them.
//!
//! Signed items are stored until the whole outbox is delivered, so that a crash in between delivers nothing twice.

use std::rc::Rc;

use serde_json::{Value, json};

use super::outbox::{Outbox, anchor_of, data_of};
use crate::ans104::{DataItem, Draft, Tag};
use crate::arweave::Id;
use crate::error::{ErrorKind, Result};
use crate::local::admission::{check_process, require_item};
use crate::local::compute_unit::{Evaluated, Modules};
use crate::local::context::NetworkContext;
use crate::local::event::Event;
use crate::local::http::{HttpError, HttpResult};
use crate::local::path_and_query;
use crate::local::platform::Platform;
use crate::local::scheduler::{Arrival, Entry, ScheduleOptions, Scheduler, with_process};
use crate::local::store::{items, names, records};
use crate::local::tags;
use crate::protocol::patch::is_patch;

/// Added to the number of a spawn for the message to the parent that contains the child's id. Larger than any outbox.
const NOTICE_OFFSET: usize = 500_000;

struct Delivery<'a, P> {
    context: Rc<NetworkContext<P>>,
    scheduler: &'a mut Scheduler<P>,
    modules: &'a Modules<P>,
    outbox: Outbox<'a>,
}

/// Delivers the outbox of an entry. Returns a report with one object for each part.
///
/// # Errors
/// Failures of the platform. A part that cannot be delivered is reported, and the others are delivered.
pub(crate) async fn deliver<P: Platform>(
    scheduler: &mut Scheduler<P>,
    modules: &Modules<P>,
    process: &Id,
    index: usize,
    entry: &Entry,
    evaluated: &Evaluated,
) -> Result<Vec<Value>> {
    let module = scheduler.require_schedule(process)?.module;
    let mut delivery = Delivery {
        context: scheduler.context(),
        scheduler,
        modules,
        outbox: Outbox {
            process,
            index,
            entry,
            module,
        },
    };
    delivery.deliver(evaluated).await
}

/// Removes the signed items of an entry whose outbox is delivered.
pub(crate) async fn remove_signed(
    platform: &impl Platform,
    process: &Id,
    index: usize,
    report: &[Value],
) -> Result<()> {
    for (number, part) in report.iter().enumerate() {
        if part["told"].is_string() {
            platform
                .remove(&names::push(process, index, NOTICE_OFFSET + number))
                .await?;
        }
        if part["id"].is_string() {
            platform.remove(&names::push(process, index, number)).await?;
        }
    }
    Ok(())
}

impl<P: Platform> Delivery<'_, P> {
    async fn deliver(&mut self, evaluated: &Evaluated) -> Result<Vec<Value>> {
        let messages = evaluated.messages.iter().map(|part| ("message", part));
        let spawns = evaluated.spawns.iter().map(|part| ("spawn", part));
        let assignments = evaluated.assignments.iter().map(|part| ("assignment", part));
        let mut report = Vec::new();
        if let Some(reason) = &evaluated.unreadable {
            self.note_failure(reason);
            report.push(json!({ "kind": "outbox", "error": reason }));
        }
        for (number, (kind, part)) in messages.chain(spawns).chain(assignments).enumerate() {
            // Patches are read from the result when a client asks for them.
            if kind == "message" && is_patch(part) {
                report.push(json!({ "published": true, "kind": kind }));
                continue;
            }
            let signed = self.read_signed(&self.outbox.push_name(number)).await?;
            let allowed = match signed {
                None => self.count_message(),
                // It was counted when it was signed.
                Some(_) => Ok(()),
            };
            let delivered = match allowed {
                Err(error) => Err(error),
                Ok(()) => match kind {
                    "message" => self.push_message(number, part, signed).await,
                    "spawn" => self.push_spawn(number, part, signed).await,
                    _ => self.push_assignment(number, part).await,
                },
            };
            let mut line = match delivered {
                Ok(line) => line,
                Err(error) if error.is_internal() => return Err(error.into_error()),
                Err(error) => {
                    self.note_failure(error.message());
                    json!({ "error": error.message() })
                }
            };
            line["kind"] = kind.into();
            report.push(line);
        }
        Ok(report)
    }

    fn note_failure(&self, reason: &str) {
        let event = Event::new("not delivered", *self.outbox.process, self.outbox.entry.id);
        self.context.note(event.with_detail(reason));
    }

    /// Counts a message of the cascade.
    ///
    /// # Errors
    /// 429 when the cascade has too many.
    fn count_message(&mut self) -> HttpResult<()> {
        let entry = self.outbox.entry;
        let max = self.context.options.cascade;
        let count = self.scheduler.cascades().increment(entry.root);
        if count <= max {
            return Ok(());
        }
        let message = format!("The cascade of message {} was stopped after {max} messages", entry.root);
        if count == max + 1 {
            let event = Event::new("cascade stopped", entry.root, entry.id);
            self.context.note(event.with_detail(&*message));
        }
        Err(HttpError::new(429, ErrorKind::Timeout, message))
    }

    async fn push_message(&mut self, number: usize, part: &Value, signed: Option<DataItem>) -> HttpResult<Value> {
        let text = part["Target"].as_str().unwrap_or_default();
        let target = Id::parse(text.trim(), "The message's target")?;
        let draft = Draft {
            target: Some(target),
            anchor: anchor_of(part),
            tags: self.outbox.tags(part, "Message"),
        };
        let item = self.sign(number, signed, draft, data_of(part)).await?;
        let id = item.id();
        let mut line = json!({ "id": id.to_string(), "target": target.to_string() });
        let synced = self.scheduler.sync_schedule(&target).await;
        if self.check_receiver(&target, synced)? {
            let options = ScheduleOptions::in_cascade(self.outbox.entry.root);
            let scheduled = self.scheduler.schedule_item(&target, &item, options).await;
            let index = self.check_receiver(&target, scheduled)?;
            line["slot"] = self.scheduler.entry(&target, index)?.nonce.into();
        } else {
            // The target is not a process here, but a wallet, say. The message can be read at the gateway.
            let now = self.context.platform.now();
            items::insert(&self.context.platform, &item, now).await?;
            let action = tags::value(item.head().tags(), "Action").unwrap_or_default();
            self.context.note(Event::new("pushed", target, id).with_detail(action));
        }
        Ok(line)
    }

    async fn push_spawn(&mut self, number: usize, part: &Value, signed: Option<DataItem>) -> HttpResult<Value> {
        let mut tags = self.outbox.tags(part, "Process");
        if tags::value(&tags, "Scheduler").is_none() {
            tags.push(Tag::new("Scheduler", self.context.address.to_string()));
        }
        check_process(self.modules, &tags).await?;
        let draft = Draft {
            target: None,
            anchor: anchor_of(part),
            tags,
        };
        let item = self.sign(number, signed, draft, data_of(part)).await?;
        let child = item.id();
        let options = ScheduleOptions::in_cascade(self.outbox.entry.root);
        self.scheduler.schedule_item(&child, &item, options).await?;
        let notice = self.notify_parent(number, &item).await?;
        Ok(json!({ "id": child.to_string(), "told": notice.to_string() }))
    }

    /// Sends the parent a message about its child. The message is from the parent itself, and has the reference by which
    /// the parent's code waits for it.
    async fn notify_parent(&mut self, number: usize, child: &DataItem) -> HttpResult<Id> {
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
        tags.extend(self.outbox.messenger_tags("Message"));
        let parent = self.outbox.process;
        let draft = Draft {
            target: Some(*parent),
            anchor: None,
            tags,
        };
        let number = NOTICE_OFFSET + number;
        let signed = self.read_signed(&self.outbox.push_name(number)).await?;
        let item = self.sign(number, signed, draft, id.into_bytes()).await?;
        let options = ScheduleOptions::in_cascade(self.outbox.entry.root);
        self.scheduler.schedule_item(parent, &item, options).await?;
        Ok(item.id())
    }

    async fn push_assignment(&mut self, number: usize, part: &Value) -> HttpResult<Value> {
        let message = Id::parse(part["Message"].as_str().unwrap_or_default(), "The assigned message")?;
        let stored = require_item(&self.context, &message).await?;
        let exclude = part["Exclude"].as_array().map(Vec::as_slice).unwrap_or_default();
        let exclude: Vec<String> = exclude
            .iter()
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect();
        let mut slots = Vec::new();
        for process in part["Processes"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let process = path_and_query::id(process.as_str().unwrap_or_default(), "The process's id")?;
            let synced = self.scheduler.sync_schedule(&process).await;
            if !self.check_receiver(&process, synced)? {
                return Err(HttpError::missing(format!(
                    "There is no process {process} in this network"
                )));
            }
            let mut options = ScheduleOptions::in_cascade(self.outbox.entry.root);
            options.arrival = Arrival::Assigned {
                exclude: exclude.clone(),
                by: Some(self.outbox.push_name(number)),
            };
            let scheduled = self.scheduler.schedule_item(&process, &stored.item, options).await;
            let index = self.check_receiver(&process, scheduled)?;
            let slot = self.scheduler.entry(&process, index)?.nonce;
            slots.push(json!({ "process": process.to_string(), "slot": slot }));
        }
        Ok(json!({ "id": message.to_string(), "assigned": slots }))
    }

    /// Turns damage of a receiver's records into an error that only concerns this part of the outbox. The sender continues.
    fn check_receiver<T>(&self, receiver: &Id, outcome: Result<T>) -> HttpResult<T> {
        outcome.map_err(
            |error| match records::is_damage(&error) && receiver != self.outbox.process {
                true => HttpError::new(424, ErrorKind::Storage, with_process(receiver, error).message()),
                false => error.into(),
            },
        )
    }

    /// Reads a part that was signed before a crash. Restores the count of the cascade as of then.
    async fn read_signed(&mut self, name: &str) -> Result<Option<DataItem>> {
        let Some(record) = records::get(&self.context.platform, name).await? else {
            return Ok(None);
        };
        let (count, raw) = records::decode::<usize>(name, &record)?;
        self.scheduler.cascades().raise(self.outbox.entry.root, count);
        DataItem::parse(raw.to_vec()).map(Some)
    }

    /// Returns a part as a signed item: the stored one, or a new one, which is stored.
    async fn sign(
        &mut self,
        number: usize,
        signed: Option<DataItem>,
        draft: Draft,
        data: Vec<u8>,
    ) -> HttpResult<DataItem> {
        if let Some(item) = signed {
            return Ok(item);
        }
        // Checked here, so that an invalid part counts as the process's fault and not as the signer's.
        draft.check()?;
        let platform = &self.context.platform;
        let signed = platform.sign(draft, data).await?;
        let count = self.scheduler.cascades().count(&self.outbox.entry.root);
        let record = records::encode(&count, &signed.raw)?;
        let name = self.outbox.push_name(number);
        if records::insert(platform, &name, &record).await? {
            return Ok(DataItem::parse(signed.raw)?);
        }
        let record = records::get(platform, &name)
            .await?
            .ok_or_else(|| records::missing(&name))?;
        let (_, raw) = records::decode::<usize>(&name, &record)?;
        Ok(DataItem::parse(raw.to_vec())?)
    }
}
