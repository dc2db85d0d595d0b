//! Retries of requests. [`RetryTransport`] wraps a platform and implements the platform's traits, so the verbs contain no
//! retry logic. Each attempt sends the same request, so a signed item or message keeps its id.
//!
//! [`Repeat`] says what a further copy means to the unit. A HyperBEAM node takes each copy as a new message. A copy is sent to
//! such a unit only if
//!
//! - the outcome of the copy before proves that the node did not take it: status 425 or 429, or a connection that never
//!   opened; or
//! - the schedule of the process, read from the address that the copy before was sent to, does not show the message.
//!
//! If the schedule shows the message, its slot is the outcome. If the schedule cannot be read, the failure is returned. One
//! case remains: a node may work on a copy for so long that the message gets its slot after the schedule was read. A wait
//! before each reading makes this unlikely.

use std::future::{self, Future};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::endpoints::Endpoints;
use super::mainnet::{DeliveryCheck, DeliveryStatus};
use super::{http, url};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Earlier, Http, Random, Repeat, Request, Response, SentMessage, Timers, Unit};

/// How often a request is sent, and how long to wait in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all; 1 means no retry.
    pub attempts: u32,
    /// Milliseconds before the second attempt. Doubles with each attempt. Half of it is random, so that many clients of a
    /// failed unit do not all return at the same time.
    pub backoff: u32,
    /// Maximum of milliseconds between two attempts. If a unit's `Retry-After` is longer, the call fails.
    pub longest_wait: u32,
    /// Statuses that are retried.
    pub statuses: Vec<u16>,
    /// Milliseconds after which an attempt without a response counts as failed.
    pub try_timeout: Option<u32>,
}

/// The minimum wait in milliseconds from the second retry on, if a unit's `Retry-After` is shorter.
const MIN_PAUSE: u32 = 1000;

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

/// A platform whose requests are retried.
pub struct RetryTransport<H> {
    platform: H,
    retry: Retry,
    endpoints: Rc<[Endpoints]>,
}

impl<H> RetryTransport<H> {
    pub fn new(platform: H, retry: Retry) -> Self {
        Self::with(platform, retry, Rc::default())
    }

    /// Requests also go to the other endpoints of their kind.
    pub fn with(platform: H, retry: Retry, endpoints: Rc<[Endpoints]>) -> Self {
        Self {
            platform,
            retry,
            endpoints,
        }
    }
}

/// How far the attempts of one request have come. An attempt sends the request to each endpoint until one succeeds.
struct Attempts<'a> {
    endpoints: Option<&'a Endpoints>,
    /// Attempts that failed at every endpoint.
    failed: u32,
    /// The endpoint that the current attempt began with, and how many it has tried since.
    first: usize,
    turn: usize,
    /// Whether a unit may have taken an earlier copy.
    may_have_arrived: bool,
}

impl Attempts<'_> {
    /// The endpoint whose turn it is.
    fn endpoint(&mut self) -> usize {
        if let Some(endpoints) = self.endpoints.filter(|_| self.turn == 0) {
            self.first = endpoints.current.get();
        }
        self.first + self.turn
    }

    fn succeed_at(&self, endpoint: usize) {
        if let Some(endpoints) = self.endpoints {
            endpoints.current.set(endpoint);
        }
    }

    fn fail(&mut self, is_refused: bool) {
        self.may_have_arrived |= !is_refused;
        self.turn += 1;
        if self.turn == self.endpoints.map_or(1, |endpoints| endpoints.addresses.len()) {
            self.turn = 0;
            self.failed += 1;
        }
    }
}

/// What follows a failure.
enum Next<'a> {
    /// The next endpoint is tried at once.
    OtherEndpoint,
    /// The next attempt begins after a wait.
    Wait(u32),
    /// The schedule decides whether another copy is sent.
    CheckSchedule(&'a SentMessage),
    /// The failure is returned.
    GiveUp,
}

impl<H: Http + Timers + Random + Clock> RetryTransport<H>
where
    H::Item: Clone,
{
    /// What follows a failure of this request.
    fn next<'a>(
        &self,
        repeat: &'a Repeat,
        attempts: &Attempts<'_>,
        outcome: &Result<Response>,
        is_refused: bool,
    ) -> Next<'a> {
        let has_attempts = attempts.failed < self.retry.attempts.max(1);
        match repeat {
            Repeat::IfNotTaken(sent) if !is_refused => match sent {
                // With one attempt at one endpoint, nothing but the request is sent.
                Some(sent) if self.retry.attempts > 1 || attempts.turn > 0 => Next::CheckSchedule(sent),
                _ => Next::GiveUp,
            },
            _ if attempts.turn > 0 => Next::OtherEndpoint,
            _ => match self.wait(attempts.failed, outcome).filter(|_| has_attempts) {
                None => Next::GiveUp,
                Some(wait) => Next::Wait(wait),
            },
        }
    }

    /// The wait before the next attempt, or `None` if the unit's `Retry-After` is too long.
    fn wait(&self, failed_attempts: u32, outcome: &Result<Response>) -> Option<u32> {
        match outcome.as_ref().ok().and_then(|response| response.retry_after) {
            Some(asked) if asked > self.retry.longest_wait => None,
            // A unit that always sends `Retry-After: 0` would get requests without a pause.
            Some(asked) if failed_attempts > 1 => Some(asked.max(self.backoff(failed_attempts).min(MIN_PAUSE))),
            Some(asked) => Some(asked),
            None => Some(self.backoff(failed_attempts.max(1))),
        }
    }

    fn backoff(&self, failed_attempts: u32) -> u32 {
        let doubled = self.retry.backoff.saturating_mul(1 << (failed_attempts - 1).min(20));
        let full = doubled.min(self.retry.longest_wait);
        let mut chance = [0];
        // Without randomness, the middle.
        if self.platform.fill(&mut chance).is_err() {
            chance = [128];
        }
        full / 2 + (u64::from(full / 2) * u64::from(chance[0]) / 255) as u32
    }

    /// Whether a retry may succeed.
    fn failed(&self, outcome: &Result<Response>) -> bool {
        match outcome {
            Ok(response) => self.retry.statuses.contains(&response.status),
            Err(error) => error.kind() == ErrorKind::HttpNetwork,
        }
    }

    /// The request with the address of this endpoint.
    fn addressed(&self, mut request: Request<H::Item>, endpoint: usize) -> Request<H::Item> {
        let moved = self
            .endpoints
            .iter()
            .find_map(|group| Some(group.at(endpoint, &group.rest(&request)?)));
        if let Some(url) = moved {
            request.url = url;
        }
        request
    }

    /// Waits and reads the schedule at this endpoint, until it decides or the attempts are used up.
    ///
    /// # Errors
    /// `Timeout` if the call was ended.
    async fn check_schedule(
        &self,
        sent: &SentMessage,
        began: u64,
        endpoint: usize,
        attempts: &mut Attempts<'_>,
        outcome: &Result<Response>,
    ) -> Result<DeliveryStatus> {
        loop {
            let Some(wait) = self.wait(attempts.failed, outcome) else {
                return Ok(DeliveryStatus::Unknown);
            };
            self.platform.sleep(wait).await;
            let mut check = DeliveryCheck::new(sent, began);
            let status = loop {
                let request = Request {
                    follow_redirects: true,
                    no_store: true,
                    ..http::get(url::under(&sent.node, &check.path()), Some(Unit::Node))
                };
                match self.send_in_time(self.addressed(request, endpoint)).await {
                    Err(error) if error.kind() == ErrorKind::Timeout => return Err(error),
                    Err(_) => break DeliveryStatus::Unknown,
                    Ok(response) => {
                        if let Some(status) = check.read(&response, self.platform.now()) {
                            break status;
                        }
                    }
                }
            };
            attempts.failed += u32::from(status == DeliveryStatus::Unknown);
            if status != DeliveryStatus::Unknown || attempts.failed >= self.retry.attempts.max(1) {
                return Ok(status);
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
}

impl<H: Http + Timers + Random + Clock> Http for RetryTransport<H>
where
    H::Item: Clone,
{
    type Item = H::Item;

    async fn send(&self, request: Request<H::Item>) -> Result<Response> {
        let mut attempts = Attempts {
            endpoints: self.endpoints.iter().find(|group| group.rest(&request).is_some()),
            failed: 0,
            first: 0,
            turn: 0,
            may_have_arrived: false,
        };
        let began = self.platform.now();
        loop {
            let endpoint = attempts.endpoint();
            let mut outcome = self.send_in_time(self.addressed(request.clone(), endpoint)).await;
            if matches!(request.repeat, Repeat::Refused)
                && http::take_duplicate(&mut outcome, attempts.may_have_arrived)
            {
                return outcome;
            }
            if !self.failed(&outcome) {
                attempts.succeed_at(endpoint);
                return with_earlier(outcome, attempts.may_have_arrived);
            }
            let is_refused = is_refusal(&outcome);
            attempts.fail(is_refused);
            match self.next(&request.repeat, &attempts, &outcome, is_refused) {
                Next::OtherEndpoint => {}
                Next::Wait(wait) => self.platform.sleep(wait).await,
                Next::CheckSchedule(sent) => {
                    let status = self.check_schedule(sent, began, endpoint, &mut attempts, &outcome);
                    match status.await? {
                        DeliveryStatus::Scheduled(slot) => return Ok(found_in_schedule(slot)),
                        DeliveryStatus::NotScheduled if attempts.failed < self.retry.attempts.max(1) => {
                            attempts.may_have_arrived = false;
                        }
                        _ => return outcome,
                    }
                }
                Next::GiveUp if matches!(request.repeat, Repeat::IfNotTaken(_)) && !is_refused => return outcome,
                Next::GiveUp => return with_earlier(outcome, attempts.may_have_arrived),
            }
        }
    }
}

/// The outcome of a message whose response was lost and which the schedule shows.
fn found_in_schedule(slot: u64) -> Response {
    Response {
        status: 200,
        earlier: Earlier::Scheduled(slot),
        ..Response::default()
    }
}

/// Whether a failure proves that the unit did not take the request.
fn is_refusal(outcome: &Result<Response>) -> bool {
    match outcome {
        // After a redirect, the status can belong to a request for another page. The first unit may have taken the message.
        Ok(response) => matches!(response.status, 425 | 429) && response.redirected.is_none(),
        Err(error) => error.is_unopened(),
    }
}

/// The last outcome, with the fact that an earlier copy may have arrived.
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
