//! Runs the plan of a verb. This is the only asynchronous function of the mainnet verbs.

use super::Mainnet;
use super::payload::{JSON_QUERY, Payload};
use super::plan::{Plan, Reading};
use super::repeat::scheduled;
use super::response::{NodeResponse, Reply, proves_arrival, with_id};
use super::spawn::SpawnParams;
use crate::arweave::Id;
use crate::client::{http, url};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Body, Http, Method, Random, Repeat, Response, Unit};
use crate::signer::{SignedItem, Signer};

const ANCHOR_REFUSED: &str = "Nodes of September 2025 refuse items that have an anchor. Leave `anchor` out: each item gets a \
    tag that no other item has";

impl<H: Http + Random> Mainnet<H> {
    /// Sends the plan's request and reads the response. A plan that needs the node's address first sends two requests.
    ///
    /// # Errors
    /// Before anything is sent: what is wrong with an item, and the errors of the signer; `Unsupported` for an anchor that the
    /// node [refuses](Self::refusing_anchors). Then `HttpNetwork`, `HttpStatus`
    /// and `BadResponse`, with the `id` of the item or the message among the details.
    pub async fn run<S>(&self, mut plan: Plan<'_, S>) -> Result<Reply>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        if self.refuses_anchors && plan.has_anchor() {
            return Err(Error::new(ErrorKind::Unsupported, ANCHOR_REFUSED));
        }
        loop {
            let Plan { path, payload, reading } = plan;
            let mut request = http::get(url::under(&self.node, &path), Some(Unit::Node));
            request.follow_redirects = true;
            request.unread = true;
            let is_signed_read = matches!(payload, Payload::SignedRead(..));
            let id = match payload {
                Payload::Plain => {
                    request.follow_redirects = false;
                    None
                }
                Payload::Json => {
                    request.url.push(if request.url.contains('?') { '&' } else { '?' });
                    request.url.push_str(JSON_QUERY);
                    request.headers = http::ACCEPT_JSON;
                    None
                }
                Payload::Item(fields, signer) | Payload::SignedRead(fields, signer) => {
                    let (target, is_process) = (fields.target, fields.is_process());
                    let (draft, data) = fields.into_draft(&self.platform, !is_signed_read)?;
                    let SignedItem { id, raw } = signer.sign(draft, data).await?;
                    let process = if is_process { Some(id) } else { target };
                    if !is_signed_read {
                        request.repeat = scheduled(&self.node, &path, process, Some(id));
                    }
                    request.method = Method::Post;
                    request.headers = http::SEND_ANS104;
                    request.body = Body::Item(raw);
                    Some(id)
                }
                Payload::Http(message) => {
                    request.repeat = message.repeat(&self.node, &path);
                    request.method = message.method;
                    request.headers = message.headers;
                    request.body = message.body.map_or(Body::None, Body::Item);
                    message.id
                }
            };
            let url = request.url.clone();
            let is_read = matches!(request.repeat, Repeat::Freely);
            let is_post = request.method.has_body();
            request.no_store = !is_post;
            let outcome = self.platform.send(request).await;
            let response = checked(outcome, url, id, is_read, is_post)?;
            plan = match reading {
                Reading::Scheduler(params, signer) => {
                    let scheduler = Some(response.address()?);
                    Plan::spawn(SpawnParams { scheduler, ..params }, signer)?
                }
                reading => return response.read(&reading),
            };
        }
    }
}

/// Checks the status of a response, and whether a redirect dropped what was posted.
fn checked(
    outcome: Result<Response>,
    url: String,
    id: Option<Id>,
    is_read: bool,
    is_post: bool,
) -> Result<NodeResponse> {
    // A node answers 400 if the process fails at a message. The message has a slot nevertheless. A 404 can mean the
    // same.
    let is_open = outcome
        .as_ref()
        .is_ok_and(|response| matches!(response.status, 400 | 404));
    let may_have_arrived = !is_read && (is_open || http::may_have_arrived(&outcome));
    let checked = outcome.and_then(|response| {
        if is_post && response.redirected.is_some() {
            http::check_redirect(&response, &url, proves_arrival(&response, id))?;
        }
        http::check_status(&response, &url)?;
        Ok(response)
    });
    match checked {
        Ok(response) => Ok(NodeResponse { url, id, response }),
        Err(error) if may_have_arrived => Err(with_id(error.advise(http::CHECK_BEFORE_RESENDING), id)),
        Err(error) => Err(with_id(error, id)),
    }
}
