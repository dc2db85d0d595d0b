//! Retries of requests. [`RetryTransport`] wraps a platform and is one itself, so the verbs contain no retry logic. Each
//! attempt sends the same request, so a signed item or message keeps its id.
//!
//! [`Repeat`] says what a further copy means to the unit. A HyperBEAM node takes each copy as a message of its own. A copy is
//! sent to such a unit only if
//!
//! - the outcome of the one before proves that it was not taken: 425, 429, or a connection that never opened; or
//! - a look at the schedule of the process, at the address that the one before was sent to, does not show the message.
//!
//! If the schedule shows it, that is the outcome. If it cannot be seen, the failure is returned. What this cannot exclude: a
//! node that works on a copy for so long that the message gets its slot after the look. Each look comes after a wait.

use std::future::{self, Future};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::endpoints::Endpoints;
use super::mainnet::{DeliveryCheck, DeliveryStatus};
use super::{http, url};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Earlier, Http, Random, Repeat, Request, Response, Scheduled, Timers, Unit};

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

/// A platform that tries again.
pub struct RetryTransport<H> {
    platform: H,
    retry: Retry,
    endpoints: Rc<[Endpoints]>,
}

impl<H> RetryTransport<H> {
    pub fn new(platform: H, retry: Retry) -> Self {
        Self::with(platform, retry, Rc::default())
    }

    /// One that also tries elsewhere.
    pub fn with(platform: H, retry: Retry, endpoints: Rc<[Endpoints]>) -> Self {
        Self {
            platform,
            retry,
            endpoints,
        }
    }
}

impl<H: Http + Timers + Random + Clock> RetryTransport<H>
where
    H::Item: Clone,
{
    /// The wait before the next try, or `None` when the unit asks for one that is too long.
    fn wait(&self, tried: u32, outcome: &Result<Response>) -> Option<u32> {
        match outcome.as_ref().ok().and_then(|response| response.retry_after) {
            Some(asked) if asked > self.retry.longest_wait => None,
            // A unit that always wants to be asked at once is not asked without a pause.
            Some(asked) if tried > 1 => Some(asked.max(self.backoff(tried).min(PAUSE))),
            Some(asked) => Some(asked),
            None => Some(self.backoff(tried.max(1))),
        }
    }

    /// Whether another try may end better.
    fn failed(&self, outcome: &Result<Response>) -> bool {
        match outcome {
            Ok(response) => self.retry.statuses.contains(&response.status),
            Err(error) => error.kind() == ErrorKind::HttpNetwork,
        }
    }

    /// The request for the address whose turn it is.
    fn turned(&self, mut request: Request<H::Item>, turn: usize) -> Request<H::Item> {
        let moved = self
            .endpoints
            .iter()
            .find_map(|group| Some(group.at(turn, &group.rest(&request)?)));
        if let Some(url) = moved {
            request.url = url;
        }
        request
    }

    /// What the schedule shows at the address whose turn it is.
    ///
    /// # Errors
    /// `Timeout` when the call was ended.
    async fn look(&self, sent: &Scheduled, began: u64, turn: usize) -> Result<DeliveryStatus> {
        let mut look = DeliveryCheck::new(sent, began);
        loop {
            let request = Request {
                follow_redirects: true,
                no_store: true,
                ..http::get(url::under(&sent.node, &look.path()), Some(Unit::Node))
            };
            match self.send_in_time(self.turned(request, turn)).await {
                Err(error) if error.kind() == ErrorKind::Timeout => return Err(error),
                Err(_) => return Ok(DeliveryStatus::Unknown),
                Ok(response) => {
                    if let Some(shown) = look.read(&response, self.platform.now()) {
                        return Ok(shown);
                    }
                }
            }
        }
    }

    async fn send_in_time(&self, request: Request<H::Item>) -> Result<Response> {
        let mut late = pin!(async {
            match self.retry.try_timeout {
                Some(limit) => self.platform.sleep(limit).await,
                None => future::pending().await,
            }
        });
        let url = request.url.clone();
        let mut sending = pin!(self.platform.send(request));
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
        if self.platform.fill(&mut chance).is_err() {
            chance = [128];
        }
        full / 2 + (u64::from(full / 2) * u64::from(chance[0]) / 255) as u32
    }
}

impl<H: Http + Timers + Random + Clock> Http for RetryTransport<H>
where
    H::Item: Clone,
{
    type Item = H::Item;

    async fn send(&self, request: Request<H::Item>) -> Result<Response> {
        let attempts = self.retry.attempts.max(1);
        let group = self.endpoints.iter().find(|group| group.rest(&request).is_some());
        let places = group.map_or(1, |group| group.places.len());
        let began = self.platform.now();
        // Tries at all the addresses, and addresses in this one.
        let (mut tried, mut turn) = (0, 0);
        let mut first = 0;
        let mut may_have_arrived = false;
        loop {
            if let Some(group) = group.filter(|_| turn == 0) {
                first = group.answering.get();
            }
            let at = first + turn;
            let mut outcome = self.send_in_time(self.turned(request.clone(), at)).await;
            if matches!(request.repeat, Repeat::Refused) && http::exists(&mut outcome, may_have_arrived) {
                return outcome;
            }
            if !self.failed(&outcome) {
                if let Some(group) = group {
                    group.answering.set(at);
                }
                return with_earlier(outcome, may_have_arrived);
            }
            let is_refused = is_refusal(&outcome);
            may_have_arrived |= !is_refused;
            turn += 1;
            if turn == places {
                turn = 0;
                tried += 1;
            }
            match &request.repeat {
                Repeat::IfNotTaken(sent) if !is_refused => {
                    // A single try is a single request.
                    let more = attempts > 1 || turn > 0;
                    let Some(sent) = sent.as_ref().filter(|_| more) else {
                        return outcome;
                    };
                    loop {
                        let Some(wait) = self.wait(tried, &outcome) else {
                            return outcome;
                        };
                        self.platform.sleep(wait).await;
                        match self.look(sent, began, at).await? {
                            DeliveryStatus::Scheduled(slot) => {
                                return Ok(Response {
                                    status: 200,
                                    earlier: Earlier::Scheduled(slot),
                                    ..Response::default()
                                });
                            }
                            DeliveryStatus::NotScheduled => break,
                            DeliveryStatus::Unknown => tried += 1,
                        }
                        if tried >= attempts {
                            return outcome;
                        }
                    }
                    if tried >= attempts {
                        return outcome;
                    }
                    may_have_arrived = false;
                }
                _ if turn > 0 => {}
                _ => match self.wait(tried, &outcome).filter(|_| tried < attempts) {
                    None => return with_earlier(outcome, may_have_arrived),
                    Some(wait) => self.platform.sleep(wait).await,
                },
            }
        }
    }
}

/// Whether a failure proves that the unit did not take the request.
fn is_refusal(outcome: &Result<Response>) -> bool {
    match outcome {
        // After a redirect, the status can be that of a request for another page: the first unit may have taken it.
        Ok(response) => matches!(response.status, 425 | 429) && response.redirected.is_none(),
        Err(error) => error.is_unopened(),
    }
}

/// The last outcome, which must not hide that an earlier copy may have arrived.
fn with_earlier(outcome: Result<Response>, may_have_arrived: bool) -> Result<Response> {
    if !may_have_arrived {
        return outcome;
    }
    match outcome {
        Ok(response) => Ok(Response {
            earlier: Earlier::MayHaveArrived,
            ..response
        }),
        Err(error) => Err(error.with_unopened(false)),
    }
}

impl<H: Clock> Clock for RetryTransport<H> {
    fn now(&self) -> u64 {
        self.platform.now()
    }
}

impl<H: Random> Random for RetryTransport<H> {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        self.platform.fill(bytes)
    }
}

impl<H: Timers> Timers for RetryTransport<H> {
    async fn sleep(&self, milliseconds: u32) {
        self.platform.sleep(milliseconds).await;
    }
}
