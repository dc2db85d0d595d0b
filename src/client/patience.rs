//! Trying again. A host around a host, so that no verb has to know of it, and so that what is sent again is the very same
//! request: a signed item keeps its id, and a retry can never become a second message.

use std::cell::Cell;
use std::future::{self, Future};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use crate::error::{Error, ErrorKind, Result};
use crate::host::{Clock, Http, Random, Request, Response, Timers};

/// How often a request is tried, and how long to wait in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Tries in all; 1 is no retry.
    pub attempts: u32,
    /// Milliseconds before the second try; doubles each time. Half of it is left to chance, so that many clients whose
    /// unit failed do not all come back at once.
    pub backoff: u32,
    /// Most milliseconds between two tries. A unit that asks for a longer wait is not tried again.
    pub longest_wait: u32,
    /// Statuses that are worth another try.
    pub statuses: Vec<u16>,
    /// Milliseconds after which a try that has no answer counts as failed.
    pub try_timeout: Option<u32>,
}

/// Most milliseconds that are waited although a unit asks for less.
const PAUSE: u32 = 1000;

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 1,
            backoff: 500,
            longest_wait: 30_000,
            statuses: vec![408, 425, 429, 500, 502, 503, 504],
            try_timeout: None,
        }
    }
}

/// Addresses of units that can stand in for each other. Requests are made to the first; where that fails, the others have
/// their turn, and whoever answered is asked first from then on.
#[derive(Debug, Default)]
pub struct Alternatives {
    places: Vec<String>,
    answering: Cell<usize>,
}

impl Alternatives {
    pub fn new(addresses: &[String]) -> Self {
        Self {
            places: addresses.iter().map(|address| place(address).into()).collect(),
            answering: Cell::new(0),
        }
    }

    fn at(&self, turn: usize) -> &str {
        &self.places[turn % self.places.len()]
    }

    /// What stands behind the first address in `url`, if it begins with that.
    fn rest<'a>(&self, url: &'a str) -> Option<&'a str> {
        let rest = url.strip_prefix(self.places.first()?.as_str())?;
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
    }
}

/// An address without what verbs take off or put behind their paths.
fn place(address: &str) -> &str {
    let path = address.split('?').next().unwrap_or_default();
    path.trim_end_matches('/')
}

/// A host that tries again.
pub struct Patient<H> {
    host: H,
    retry: Retry,
    alternatives: Rc<[Alternatives]>,
}

impl<H> Patient<H> {
    pub fn new(host: H, retry: Retry) -> Self {
        Self::with(host, retry, Rc::default())
    }

    /// One that also tries elsewhere.
    pub fn with(host: H, retry: Retry, alternatives: Rc<[Alternatives]>) -> Self {
        Self {
            host,
            retry,
            alternatives,
        }
    }
}

impl<H: Http + Timers + Random> Patient<H>
where
    H::Item: Clone,
{
    /// The wait before the next try, or `None` when there shall be none.
    fn wait(&self, tried: u32, outcome: &Result<Response>) -> Option<u32> {
        if tried >= self.retry.attempts {
            return None;
        }
        if !self.failed(outcome) {
            return None;
        }
        match outcome.as_ref().ok().and_then(|response| response.retry_after) {
            Some(asked) if asked > self.retry.longest_wait => None,
            // A unit that always wants to be asked at once is not asked without a pause.
            Some(asked) if tried > 1 => Some(asked.max(self.backoff(tried).min(PAUSE))),
            Some(asked) => Some(asked),
            None => Some(self.backoff(tried)),
        }
    }

    /// Whether another try may end better.
    fn failed(&self, outcome: &Result<Response>) -> bool {
        match outcome {
            Ok(response) => self.retry.statuses.contains(&response.status),
            Err(error) => error.kind() == ErrorKind::HttpNetwork,
        }
    }

    /// One try: everywhere where the request may go.
    async fn attempt(&self, request: &Request<H::Item>) -> Result<Response> {
        let url = request.url.as_str();
        let groups = &self.alternatives;
        let found = groups.iter().find_map(|group| Some((group, group.rest(url)?)));
        let first = found.map_or(0, |(group, _)| group.answering.get());
        let mut turn = 0;
        loop {
            let mut request = request.clone();
            if let Some((group, rest)) = found {
                request.url = format!("{}{rest}", group.at(first + turn));
            }
            let outcome = self.send_in_time(request).await;
            let failed = self.failed(&outcome);
            if let Some((group, _)) = found {
                turn += 1;
                if failed && turn < group.places.len() {
                    continue;
                }
                if !failed {
                    group.answering.set(first + turn - 1);
                }
            }
            return outcome;
        }
    }

    async fn send_in_time(&self, request: Request<H::Item>) -> Result<Response> {
        let mut late = pin!(async {
            match self.retry.try_timeout {
                Some(limit) => self.host.sleep(limit).await,
                None => future::pending().await,
            }
        });
        let url = request.url.clone();
        let mut sending = pin!(self.host.send(request));
        future::poll_fn(|context| {
            if let Poll::Ready(outcome) = sending.as_mut().poll(context) {
                return Poll::Ready(outcome);
            }
            late.as_mut().poll(context).map(|()| {
                let message = format!("{url} did not answer in time (`tryTimeout`)");
                Err(Error::new(ErrorKind::HttpNetwork, message))
            })
        })
        .await
    }

    fn backoff(&self, tried: u32) -> u32 {
        let doubled = self.retry.backoff.saturating_mul(1 << (tried - 1).min(20));
        let full = doubled.min(self.retry.longest_wait);
        let mut chance = [0];
        // Without randomness, the middle.
        if self.host.fill(&mut chance).is_err() {
            chance = [128];
        }
        full / 2 + (u64::from(full / 2) * u64::from(chance[0]) / 255) as u32
    }
}

impl<H: Http + Timers + Random> Http for Patient<H>
where
    H::Item: Clone,
{
    type Item = H::Item;

    async fn send(&self, request: Request<H::Item>) -> Result<Response> {
        let mut tried = 0;
        loop {
            let outcome = self.attempt(&request).await;
            tried += 1;
            match self.wait(tried, &outcome) {
                None => return outcome,
                Some(milliseconds) => self.host.sleep(milliseconds).await,
            }
        }
    }
}

impl<H: Clock> Clock for Patient<H> {
    fn now(&self) -> u64 {
        self.host.now()
    }
}

impl<H: Random> Random for Patient<H> {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        self.host.fill(bytes)
    }
}

impl<H: Timers> Timers for Patient<H> {
    async fn sleep(&self, milliseconds: u32) {
        self.host.sleep(milliseconds).await;
    }
}
