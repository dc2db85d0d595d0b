//! The network itself: requests come in here, and what is still to be done is done before they are answered.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use crate::ans104::{Draft, Head, Tag};
use crate::arweave::Id;
use crate::compute::{Engine, Limits};
use crate::error::{Error, ErrorKind, Result};
use crate::local::blocks::Blocks;
use crate::local::compute_unit::modules::Loaded;
use crate::local::compute_unit::process_pool::Live;
use crate::local::gateway::routes as gateway;
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::hyperbeam::http_message;
use crate::local::hyperbeam::http_message::HttpMessage;
use crate::local::hyperbeam::reply::Codec;
use crate::local::hyperbeam::routes::Call;
use crate::local::join::both;
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::scheduler::pending::Queue;
use crate::local::scheduler::schedule::{Entry, Schedule};
use crate::local::scheduler::unit::{begin, of_process, sign_assignment};
use crate::local::store::records as store;

/// What a network may take, and where it is found.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it is, for the clients that look its scheduler up at the gateway: `http://127.0.0.1:4000`.
    pub url: String,
    /// What one message may take. Without a limit of its own on `compute`, a process that never ends is never ended; with
    /// one, some engines have to count, and take longer.
    pub limits: Limits,
    /// Most processes whose memory is kept ready. Browsers set aside gigabytes of addresses for each.
    pub live: usize,
    /// Most bytes that these may have together: an aos process 70 MB and more in the interpreter, and a few on the platform's
    /// own engine. As many again are for the images of others. The one that runs is ready, whatever it has.
    pub live_memory: u64,
    /// A snapshot is taken after so many messages of a process.
    pub snapshot_every: usize,
    /// Most snapshots of a process that are kept.
    pub snapshots: usize,
    /// Most messages that one message may lead to.
    pub cascade: usize,
    /// Most ticks of a process that are made up for at once.
    pub ticks: usize,
    /// Most bytes of a request's body.
    pub body: usize,
    /// The heights of blocks, which assignments and messages carry.
    pub blocks: Blocks,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "http://localhost".into(),
            limits: Limits::default(),
            live: 64,
            live_memory: 512 << 20,
            snapshot_every: 64,
            snapshots: 8,
            cascade: 1000,
            ticks: 100,
            body: 100 << 20,
            blocks: Blocks::default(),
        }
    }
}

/// Something that happened in the network, for a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `spawned`, `message`, `pushed`, `failed`, `not delivered`, `cascade stopped`, `ticks left out`, `damaged`.
    pub what: &'static str,
    /// The process that it happened to.
    pub process: Id,
    /// The message that it happened with.
    pub message: Id,
    /// More, in words.
    pub detail: String,
}

impl Event {
    pub(crate) fn new(what: &'static str, process: Id, message: Id) -> Self {
        Self {
            what,
            process,
            message,
            detail: String::new(),
        }
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// Events are forgotten when nobody takes them.
const MOST_EVENTS: usize = 1000;

/// A whole AO network. See the [module's documentation](super).
///
/// It does one thing at a time. A request that is given up half-way leaves nothing half-done: what it has kept is found
/// again by the next one.
pub struct Network<H> {
    pub(crate) platform: Rc<H>,
    pub(crate) options: Options,
    /// Of the network's key, which is scheduler, messenger and compute unit in one.
    pub(crate) address: Id,
    /// What makes the anchors of this network's assignments unlike all others.
    pub(crate) anchor_seed: Id,
    /// Processes that the store keeps from going on, and why. They are tried again before each request.
    pub(crate) stuck: HashMap<Id, String>,
    /// What was said of them, so that it is said once.
    reported: HashMap<Id, String>,
    pub(crate) engines: Vec<Rc<dyn Engine>>,
    pub(crate) modules: HashMap<Id, Loaded>,
    pub(crate) schedules: HashMap<Id, Schedule>,
    /// Processes that are ready to run, the one that ran last at the end.
    pub(crate) live: Vec<Live>,
    pub(crate) queue: Queue,
    /// How many messages each message has led to, of those whose cascades are under way.
    pub(crate) cascades: HashMap<Id, usize>,
    pub(crate) catalogue: gateway::Catalogue,
    events: VecDeque<Event>,
}

impl<H: Platform> Network<H> {
    /// Opens the network that the platform keeps, or begins a new one.
    ///
    /// # Errors
    /// `Storage`, and whatever the key's signer says.
    pub async fn open(platform: H, options: Options) -> Result<Self> {
        // A signer does not tell whose it is; an item does.
        let probe = Draft {
            tags: vec![Tag::new("Type", "Probe")],
            ..Draft::default()
        };
        let probe = platform.sign(probe, Vec::new()).await?;
        let probe = Head::parse(&probe.raw)?.head;
        store::check_form(&platform).await?;
        let mut network = Self {
            platform: Rc::new(platform),
            options,
            address: Id::of(probe.owner()),
            anchor_seed: Id::of(probe.signature()),
            stuck: HashMap::new(),
            reported: HashMap::new(),
            #[cfg(feature = "wasmi")]
            engines: vec![Rc::new(crate::compute::Wasmi::new())],
            #[cfg(not(feature = "wasmi"))]
            engines: Vec::new(),
            modules: HashMap::new(),
            schedules: HashMap::new(),
            live: Vec::new(),
            queue: Queue::default(),
            cascades: HashMap::new(),
            catalogue: gateway::Catalogue::default(),
            events: VecDeque::new(),
        };
        network.recover().await?;
        Ok(network)
    }

    /// The address of the network's key: its scheduler, and an authority for the messages that it pushes.
    pub fn address(&self) -> Id {
        self.address
    }

    /// Sets what runs modules: the first engine that can. Without this it is the interpreter. Results are the same.
    pub fn set_engines(&mut self, engines: Vec<Rc<dyn Engine>>) {
        self.engines = engines;
        self.modules.clear();
    }

    /// What has happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.events.drain(..).collect()
    }

    /// Answers a request. Whatever is wrong becomes a response with a status and a reason. Signed HTTP messages are read where
    /// this crate has the feature `httpsig`.
    pub async fn fetch(&mut self, request: Request) -> Response {
        let is_signed = request.header("signature-input").is_some();
        let signed = is_signed.then(|| http_message::verified(&request.headers, &request.body, self.platform.now()));
        self.respond(request, signed).await
    }

    /// Answers a signed HTTP request that the caller has verified; or did not find valid, and says why.
    pub async fn fetch_verified(
        &mut self,
        request: Request,
        message: std::result::Result<HttpMessage, String>,
    ) -> Response {
        let signed = message.map_err(|problem| http_message::unverified(Some(&problem)));
        self.respond(request, Some(signed)).await
    }

    async fn respond(&mut self, request: Request, signed: Option<HttpResult<HttpMessage>>) -> Response {
        let response = match self.answer(&request, signed).await {
            Ok(response) => response,
            Err(refusal) => {
                if refusal.is_internal() {
                    self.note(Event::new("failed", self.address, self.address).with_detail(refusal.message()));
                }
                refusal.response()
            }
        };
        // Pages of any origin may ask, as at the units of the network.
        response
            .with_header("access-control-allow-origin", "*")
            .with_header("access-control-expose-headers", "*")
    }

    async fn answer(&mut self, request: &Request, signed: Option<HttpResult<HttpMessage>>) -> HttpResult<Response> {
        if request.method == "OPTIONS" {
            return Ok(Response::new(204, "text/plain", "")
                .with_header("access-control-allow-methods", "GET, POST, DELETE, OPTIONS")
                .with_header("access-control-allow-headers", "*")
                .with_header("access-control-max-age", 86400));
        }
        if request.body.len() > self.options.body {
            let message = format!("A body may have {} bytes, and this has more", self.options.body);
            return Err(HttpError::new(413, ErrorKind::BadArgument, message));
        }
        let route = PathAndQuery::parse(&request.path)?;
        // Whenever the background found time for it: what is answered, and the order in which processes hear of things,
        // do not depend on that. Processes that cannot go on say so when they are asked.
        self.settle_all().await?;
        let segments = route.segments();
        let call = Call {
            request,
            route: &route,
            signed,
            codec: Codec::default(),
        };
        match segments.split_first() {
            Some((&"mu", rest)) => self.messenger(request, &route, rest).await,
            Some((&"su", rest)) => self.scheduler(request, &route, rest).await,
            Some((&"cu", rest)) => self.compute_unit(request, &route, rest).await,
            Some((first, _)) if first.starts_with('~') || first.contains('~') || *first == "push" => {
                Ok(self.hyperbeam(call, &segments).await)
            }
            // `/:process/slot/current`, `/:process/compute&slot=1`; but not the gateway's `/graphql/…`.
            Some((_, [next, ..])) if is_key_of_process(next) => Ok(self.hyperbeam(call, &segments).await),
            _ => self.gateway(request, &route, &segments).await,
        }
    }

    /// Does what is still to be done: lets clocks tick, evaluates, delivers. Each request begins with it; in between, it
    /// makes the next one faster.
    ///
    /// # Errors
    /// `Storage` when a process cannot go on, after the others have; `Signer`. It goes on from there the next time.
    pub async fn settle(&mut self) -> Result<()> {
        self.settle_all().await?;
        match self.stuck.values().next() {
            Some(reason) => Err(Error::new(ErrorKind::Storage, reason.as_str())),
            None => Ok(()),
        }
    }

    pub(crate) async fn settle_all(&mut self) -> Result<()> {
        self.stuck.clear();
        self.tick().await?;
        let mut waiting = Vec::new();
        while let Some(process) = self.queue.first() {
            if !self.stuck.contains_key(&process) {
                let outcome = self.sign_and_advance(&process).await;
                self.keep_apart(&process, outcome)?;
            }
            let is_last = self.queue.pop();
            if self.stuck.contains_key(&process) {
                waiting.push(process);
            } else if is_last {
                self.platform.remove(&store::pending_name(&process)).await?;
            }
        }
        if waiting.is_empty() {
            self.cascades.clear();
        }
        waiting.into_iter().for_each(|process| self.queue.push(process));
        Ok(())
    }

    /// Signs the assignment to the next entry of a process, and evaluates it meanwhile.
    async fn sign_and_advance(&mut self, process: &Id) -> Result<()> {
        let next = self.schedules.get(process).and_then(|schedule| {
            let entry = schedule.entries.get(schedule.settled)?;
            Some((schedule.settled, entry.timestamp, self.draft_of(process, entry)?))
        });
        let Some((index, timestamp, draft)) = next else {
            return self.advance(process).await;
        };
        let platform = Rc::clone(&self.platform);
        let signing = sign_assignment(&*platform, process, index, draft, timestamp);
        let (signed, advanced) = both(signing, self.advance(process)).await;
        advanced?;
        let assignment = signed?.id();
        if let Some(schedule) = self.schedules.get_mut(process) {
            schedule.signed = Some((index, assignment));
        }
        Ok(())
    }

    /// A process that its part of the store keeps from going on must not keep others from it.
    pub(crate) fn keep_apart<T>(&mut self, process: &Id, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.kind() == ErrorKind::Storage => {
                let error = of_process(process, error);
                let reason = error.message().to_owned();
                if self.reported.get(process) != Some(&reason) {
                    self.note(Event::new("failed", *process, *process).with_detail(&*reason));
                    self.reported.insert(*process, reason.clone());
                }
                self.stuck.insert(*process, reason);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Finds what was under way when the network was closed, or fell.
    async fn recover(&mut self) -> Result<()> {
        let mut unsettled = Vec::new();
        for name in self.platform.names("pending/").await? {
            let Some(process) = id_of(&name) else { continue };
            let known = self.sync_schedule(&process).await;
            self.keep_apart(&process, known)?;
            let Some(schedule) = self.schedules.get(&process) else {
                continue;
            };
            let entries = schedule.entries.iter().skip(schedule.settled);
            unsettled.extend(entries.map(|entry| (entry.timestamp, process)));
        }
        unsettled.sort_by_key(|(timestamp, _)| *timestamp);
        self.queue = unsettled.into_iter().map(|(_, process)| process).collect();
        Ok(())
    }

    /// Reads a process's schedule, or what has come to it since; another page may have the same store. False when there
    /// is no such process.
    pub(crate) async fn sync_schedule(&mut self, process: &Id) -> Result<bool> {
        let known = self.schedules.get(process).map(|schedule| schedule.entries.len());
        let (is_new, first) = (known.is_none(), known.unwrap_or(0));
        let mut entries = Vec::new();
        while let Some(entry) = store::entry(&*self.platform, process, first + entries.len()).await? {
            entries.push(entry);
        }
        let count = first + entries.len();
        if is_new {
            if entries.is_empty() {
                return Ok(false);
            }
            let kept = store::named_item(&*self.platform, process).await?;
            let mut schedule = begin(kept.item.head())?;
            schedule.settled = self.count_results(process, count).await?;
            self.schedules.insert(*process, schedule);
        }
        let mut unsettled = entries.len();
        if let Some(schedule) = self.schedules.get_mut(process) {
            unsettled = count - first.max(if is_new { schedule.settled } else { first });
            for entry in entries {
                if entry.led > 0 {
                    let led = self.cascades.entry(entry.root).or_default();
                    *led = entry.led.max(*led);
                }
                schedule.push(entry);
            }
        }
        for _ in 0..unsettled {
            self.queue.push(*process);
        }
        Ok(true)
    }

    /// How many entries have results: they come in order, so that few have to be looked for.
    async fn count_results(&self, process: &Id, entries: usize) -> Result<usize> {
        let (mut low, mut high) = (0, entries);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.platform.get(&store::result_name(process, middle)).await? {
                Some(_) => low = middle + 1,
                None => high = middle,
            }
        }
        Ok(low)
    }

    /// Puts an entry at the end of a schedule. False when another was quicker; then the schedule has grown.
    pub(crate) async fn append(&mut self, process: &Id, entry: Entry) -> Result<bool> {
        let index = self.schedules.get(process).map_or(0, |known| known.entries.len());
        let record = store::join(&entry, &[])?;
        if !self.queue.has(process) {
            self.platform.put(&store::pending_name(process), &[]).await?;
        }
        let first = store::insert(&*self.platform, &store::entry_name(process, index), &record).await?;
        match self.schedules.get_mut(process).filter(|_| first) {
            Some(schedule) => {
                schedule.push(entry);
                self.queue.push(*process);
            }
            None => {
                self.sync_schedule(process).await?;
            }
        }
        Ok(first)
    }

    pub(crate) fn note(&mut self, event: Event) {
        if self.events.len() == MOST_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}

/// Whether a part of a path is a key that processes have at HyperBEAM nodes, with or without parameters.
fn is_key_of_process(part: &str) -> bool {
    let name = part.split(['&', '=']).next();
    matches!(name, Some("slot" | "compute" | "now" | "schedule" | "push" | "as"))
}

/// The id at the end of a name in the store.
pub(crate) fn id_of(name: &str) -> Option<Id> {
    Id::parse(name.rsplit('/').next()?, "name").ok()
}

/// What cannot be: a process that was found has a schedule, and its entries are in it.
pub(crate) fn missing_record(what: &str) -> Error {
    Error::new(ErrorKind::Storage, format!("The network's store lacks {what}"))
}
