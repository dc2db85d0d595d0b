//! The network: routes requests to its units.

use std::rc::Rc;

use super::context::NetworkContext;
use super::event::Event;
use super::gateway::{self, Catalogue};
use super::http::{HttpError, HttpResult, Request, Response};
use super::hyperbeam::http_message::{self, VerifiedMessage};
use super::hyperbeam::{self, NodeRequest};
use super::options::Options;
use super::path_and_query::PathAndQuery;
use super::platform::Platform;
use super::store::{integrity, records, transactions};
use super::units::LocalUnits;
use super::{compute_unit, messenger, scheduler};
use crate::arweave::Id;
use crate::compute::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::TextTag;

/// A whole AO network. See the [module's documentation](super).
///
/// Handles one request at a time. If a request's future is dropped before it completes, the next request continues from what
/// is stored.
pub struct Network<P> {
    units: LocalUnits<P>,
    catalogue: Catalogue,
}

impl<P: Platform> Network<P> {
    /// Opens the network in the platform's store, or creates a new one.
    ///
    /// # Errors
    /// `Storage`, and errors of the signer.
    pub async fn open(platform: P, options: Options) -> Result<Self> {
        let context = NetworkContext::new(platform, options).await?;
        records::check_form(&context.platform, context.key_type).await?;
        let mut units = LocalUnits::new(context);
        units.scheduler.recover().await?;
        Ok(Self {
            units,
            catalogue: Catalogue::default(),
        })
    }

    /// The address of the network's key: its scheduler, and the authority of the messages that it pushes.
    pub fn address(&self) -> Id {
        self.units.context.address
    }

    /// Sets the engines. The first engine that supports a module runs it. The default is the interpreter. Results do not
    /// depend on the engine.
    pub fn set_engines(&mut self, engines: Vec<Rc<dyn Engine>>) {
        self.units.compute.modules_mut().set_engines(engines);
    }

    /// Adds a module under an id, for instance one that is on Arweave. `format` is its tag `Module-Format`. An existing
    /// module stays, unless its record is damaged.
    ///
    /// # Errors
    /// `BadModule`, `Unsupported`, `Storage`.
    pub async fn add_module(&mut self, id: Id, bytes: &[u8], format: Option<&str>) -> Result<()> {
        self.units.compute.modules_mut().add(id, bytes, format).await
    }

    /// Adds data under an id, for instance under its id on Arweave. Gateway paths, searches and `WeaveDrive` files serve it. Data
    /// that was added before is replaced; an item or a transaction with this id takes precedence.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn add_data(&mut self, id: Id, data: &[u8], tags: &[TextTag]) -> Result<()> {
        let platform = &self.units.context.platform;
        transactions::put_added(platform, &id, tags, data, platform.now()).await?;
        self.catalogue.forget(&id);
        self.units.compute.modules().drive().forget(&id);
        Ok(())
    }

    /// Returns the events since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.units.context.take_events()
    }

    /// Answers a request. Errors become responses with a status and a message. Signed HTTP messages are verified if this
    /// crate has the feature `httpsig`.
    pub async fn fetch(&mut self, request: Request) -> Response {
        let is_signed = request.header("signature-input").is_some();
        let now = self.units.context.platform.now();
        let signed = is_signed.then(|| http_message::verify(&request.headers, &request.body, now));
        self.respond(request, signed).await
    }

    /// Answers a signed HTTP request that the caller has verified. `message` is its message, or why it is not valid.
    pub async fn fetch_verified(
        &mut self,
        request: Request,
        message: std::result::Result<VerifiedMessage, String>,
    ) -> Response {
        let signed = message.map_err(|problem| http_message::not_valid(Some(&problem)));
        self.respond(request, Some(signed)).await
    }

    async fn respond(&mut self, mut request: Request, signed: Option<HttpResult<VerifiedMessage>>) -> Response {
        let is_head = request.method == "HEAD";
        if is_head {
            request.method = "GET".into();
        }
        let mut response = match self.route(&request, signed).await {
            Ok(response) => response,
            Err(error) => {
                if error.is_internal() {
                    let address = self.address();
                    let event = Event::new("failed", address, address);
                    self.units.context.note(event.with_detail(error.message()));
                }
                error.response()
            }
        };
        if is_head {
            let length = std::mem::take(&mut response.body).len();
            response = response.with_header("content-length", length);
        }
        // Pages of every origin may use the network, as they may use the real units.
        response
            .with_header("access-control-allow-origin", "*")
            .with_header("access-control-expose-headers", "*")
    }

    async fn route(&mut self, request: &Request, signed: Option<HttpResult<VerifiedMessage>>) -> HttpResult<Response> {
        if request.method == "OPTIONS" {
            return Ok(Response::new(204, "text/plain", "")
                .with_header("access-control-allow-methods", "GET, HEAD, POST, DELETE, OPTIONS")
                .with_header("access-control-allow-headers", "*")
                .with_header("access-control-max-age", 86400));
        }
        let max = self.units.context.options.body;
        if request.body.len() > max {
            let message = format!("The body has {} bytes. Send {max} or less", request.body.len());
            return Err(HttpError::new(413, ErrorKind::BadArgument, message));
        }
        let target = PathAndQuery::parse(&request.path)?;
        // Responses and the order of evaluation must not depend on when the caller last called `settle`. Requests to blocked
        // processes fail when they look the process up.
        self.units.settle().await?;
        let units = &mut self.units;
        let segments = target.segments();
        match segments.split_first() {
            Some((&"mu", rest)) => messenger::routes::handle(units, request, &target, rest).await,
            Some((&"su", rest)) => scheduler::routes::handle(units, request, &target, rest).await,
            Some((&"cu", rest)) => compute_unit::routes::handle(units, request, &target, rest).await,
            _ if is_node_path(&segments) => {
                let request = NodeRequest::new(request, &target, signed);
                Ok(hyperbeam::routes::handle(units, request, &segments).await)
            }
            _ => gateway::routes::handle(units, &mut self.catalogue, request, &target, &segments).await,
        }
    }

    /// Settles the network: adds due cron ticks, evaluates messages and delivers outboxes. Each request does this first. A
    /// call in between makes the next request faster.
    ///
    /// # Errors
    /// `Storage` when a process cannot continue. The other processes are settled. `Signer`. The next call tries again.
    pub async fn settle(&mut self) -> Result<()> {
        self.units.settle().await?;
        match self.units.scheduler.any_blocked_reason() {
            Some(reason) => Err(Error::new(ErrorKind::Storage, reason)),
            None => Ok(()),
        }
    }

    /// Stores a snapshot of each live process. The next `open` then need not evaluate the messages after the
    /// last snapshots. Call this when the network is idle, and before it is closed.
    ///
    /// # Errors
    /// `Storage`, `OutOfMemory`.
    pub async fn flush_snapshots(&mut self) -> Result<()> {
        self.units.compute.flush_snapshots().await
    }

    /// Returns the input of a process's module for the message in a slot: the message and the environment, as JSON.
    ///
    /// # Errors
    /// `NotFound` for an unknown process or slot; `Storage`.
    pub async fn module_input(&mut self, process: &Id, slot: u64) -> Result<(String, String)> {
        self.units.module_input(process, slot).await
    }

    /// Lists the names of all records with content, except snapshots, which can be computed again.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn records(&self) -> Result<Vec<String>> {
        integrity::list(&self.units.context.platform).await
    }

    /// Returns the damaged ones of these records, each with a message that describes the damage.
    ///
    /// # Errors
    /// `Storage` when the platform cannot read.
    pub async fn damaged(&self, records: &[String]) -> Result<Vec<(String, String)>> {
        integrity::damaged(&self.units.context.platform, records).await
    }

    /// Returns the signed headers and body of a stored HTTP message, and the time at which it arrived, in milliseconds.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn original(&self, name: &str) -> Result<(Vec<(String, String)>, Vec<u8>, u64)> {
        integrity::original(&self.units.context.platform, name).await
    }

    /// Checks that a stored HTTP message matches the signed headers and body, which the caller has verified.
    ///
    /// # Errors
    /// `Storage` when it does not.
    pub async fn check_original(&self, name: &str, message: VerifiedMessage) -> Result<()> {
        integrity::check_original(&self.units.context.platform, name, message).await
    }
}

/// Whether a path is one of a HyperBEAM node: a device, `/push`, or a key of a process such as `/:process/slot/current` and
/// `/:process/compute&slot=1`. The gateway's `/graphql/…` and `/tx/…` have other second segments.
fn is_node_path(segments: &[&str]) -> bool {
    match segments {
        [first, ..] if first.contains('~') || *first == "push" => true,
        [_, next, ..] => {
            let name = next.split(['&', '=']).next();
            matches!(name, Some("slot" | "compute" | "now" | "schedule" | "push" | "as"))
        }
        _ => false,
    }
}
