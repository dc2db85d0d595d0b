//! The door: what is let into the network. Everything that comes in is signed, and the signature is its own.

use crate::ans104::{DataDigest, DataItem, SignatureType, Tag, Verification};
use crate::arweave::{Id, to_base64url};
use crate::error::ErrorKind;
use crate::local::http::{HttpError, HttpResult};
use crate::local::network::Network;
use crate::local::path_and_query as route;
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::{any_case, tag};
use crate::local::scheduler::unit::{ScheduleOptions, Way};
use crate::local::store::records as store;
use crate::protocol::PROTOCOL;

impl<H: Platform> Network<H> {
    /// Reads a signed item, and checks what every verifier of the network checks.
    pub(crate) async fn admit(&self, body: &[u8]) -> HttpResult<DataItem> {
        if body.is_empty() {
            return Err(HttpError::bad("The body is empty; it must be a signed data item"));
        }
        let item = DataItem::parse(body.to_vec())?;
        let head = item.head();
        let hash = head.deep_hash(DataDigest::of(item.data()));
        let matches = match head.signature_type() {
            SignatureType::Arweave => self.platform.verify(head.owner(), &hash, head.signature()).await?,
        };
        let verification = Verification::new(item.problems().to_vec(), matches, true);
        if verification.valid {
            return Ok(item);
        }
        let problems: Vec<String> = verification.problems.iter().map(ToString::to_string).collect();
        let message = format!("The data item {} is refused: {}", item.id(), problems.join("; "));
        Err(HttpError::new(400, ErrorKind::BadSignature, message))
    }

    /// Gives a message or a process its slot. Answers with the process, and the number of the entry.
    pub(crate) async fn accept(&mut self, item: &DataItem, crank: bool) -> HttpResult<(Id, usize)> {
        let tags = item.head().tags();
        let id = item.id();
        if !has(tags, "Data-Protocol", PROTOCOL) {
            return Err(HttpError::bad("The item has no tag Data-Protocol with the value ao"));
        }
        let mut placing = ScheduleOptions::root(id);
        placing.crank = crank;
        if has(tags, "Type", "Process") {
            self.check_process(tags).await?;
            let index = self.place(&id, item, placing).await?;
            return Ok((id, index));
        }
        if !has(tags, "Type", "Message") {
            return Err(HttpError::bad("The item's tag Type is neither Message nor Process"));
        }
        if item.head().target().is_empty() {
            return Err(HttpError::bad("The message has no target; it must be a process"));
        }
        let process = self.known(&to_base64url(item.head().target())).await?;
        let index = self.place(&process, item, placing).await?;
        Ok((process, index))
    }

    /// The same at a HyperBEAM node, which looks at less, and gives a message another slot each time. Answers also whether
    /// it is a process. `process` is the one that the path names; the message's own target counts more. `original` is what
    /// was signed, of a signed HTTP message.
    pub(crate) async fn accept_at_node(
        &mut self,
        item: &DataItem,
        original: Option<Vec<u8>>,
        process: Option<&Id>,
        crank: bool,
    ) -> HttpResult<(Id, usize, bool)> {
        let (tags, id) = (item.head().tags(), item.id());
        let placing = ScheduleOptions {
            crank,
            root: id,
            way: Way::Again,
            original,
        };
        let target = item.head().target();
        let is_spawn = any_case(tags, "Type") == Some("Process");
        if is_spawn || (target.is_empty() && process.is_none()) {
            if any_case(tags, "device").is_none() {
                let advice = "Without it a node does not know what to do with the message. Add device: process@1.0";
                return Err(HttpError::missing(format!("The process has no tag device. {advice}")));
            }
            let known = ["Module", "Scheduler"].into_iter();
            let known: Vec<Tag> = known
                .filter_map(|name| Some(Tag::new(name, any_case(tags, name)?)))
                .collect();
            self.check_process(&known).await?;
            let index = self.place(&id, item, placing).await?;
            return Ok((id, index, is_spawn));
        }
        let process = match (target, process) {
            ([], Some(process)) => process.to_string(),
            (target, _) => to_base64url(target),
        };
        let process = self.known(&process).await?;
        let index = self.place(&process, item, placing).await?;
        Ok((process, index, false))
    }

    /// Whether an item has a slot already.
    pub(crate) async fn is_scheduled(&mut self, item: &DataItem) -> HttpResult<bool> {
        let id = item.id();
        let process = match has(item.head().tags(), "Type", "Process") {
            true => id,
            false => match Id::parse(&to_base64url(item.head().target()), "target") {
                Ok(target) => target,
                Err(_) => return Ok(false),
            },
        };
        let is_there = self.find_process(&process).await?;
        let schedule = self.schedules.get(&process).filter(|_| is_there);
        Ok(schedule.is_some_and(|schedule| schedule.placed(&id, &Way::Sent).is_some()))
    }

    /// Whether a process can be made of these tags: they must name a module that is here, and some scheduler.
    pub(crate) async fn check_process(&mut self, tags: &[Tag]) -> HttpResult<()> {
        for name in ["Module", "Scheduler"] {
            if tag(tags, name).is_none() {
                return Err(HttpError::bad(format!("The process has no tag {name}")));
            }
        }
        let module = route::id(tag(tags, "Module").unwrap_or_default(), "The tag Module")?;
        if self.modules.contains_key(&module) || self.module_source(&module).await?.is_some() {
            return Ok(());
        }
        Err(HttpError::missing(format!(
            "There is no module {module} in this network. Add it, or upload it as a data item"
        )))
    }

    /// An item that the network has.
    pub(crate) async fn stored(&self, id: &Id) -> HttpResult<store::Kept> {
        let kept = store::item(&*self.platform, id).await?;
        kept.ok_or_else(|| HttpError::missing(format!("There is no item {id} in this network")))
    }
}

fn has(tags: &[Tag], name: &str, value: &str) -> bool {
    tags.iter()
        .any(|tag| tag.has_name(name) && tag.value == value.as_bytes())
}
