//! One request to a node, and its answer.

use super::Mainnet;
use crate::ans104::{Draft, Tag};
use crate::arweave::{Id, to_base64url};
use crate::client::{http, url};
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Body, Http, Method, Random, Request, Response};
use crate::protocol::{Json, Node};
use crate::signer::{Signed, Signer};

/// The form of unsigned requests, of which nodes of several ages understand one part each.
const QUERY: &[(&str, Option<&str>)] = &[
    ("require-codec", Some("application/json")),
    ("accept-bundle", Some("true")),
];

/// What an item is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields<D> {
    pub target: Option<Id>,
    /// 32 bytes; random ones when left out, so that no two items are the same.
    pub anchor: Option<Vec<u8>>,
    pub tags: Vec<Tag>,
    pub data: D,
}

/// What a node answered with success.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub url: String,
    /// Of the item that was sent, if one was.
    pub id: Option<Id>,
    pub response: Response,
}

impl Answer {
    /// # Errors
    /// `BadResponse` when the body is not JSON.
    pub fn json(self) -> Result<Json> {
        let id = self.id;
        http::json_of(self.response, self.url).map_err(|error| with_id(error, id))
    }

    /// The slot, which nodes write in a header, in the body, or in both.
    pub fn slot(&self) -> Option<u64> {
        self.response.header("slot").and_then(|slot| slot.parse().ok())
    }

    /// That something is missing.
    pub(super) fn lacks(&self, what: &str) -> Error {
        let error = Error::new(ErrorKind::BadResponse, what)
            .with_text("url", &self.url)
            .with_text("body", &self.response.body);
        with_id(error, self.id)
    }
}

/// The slot that a body tells of.
pub(super) fn slot_in(body: &Json) -> Option<u64> {
    match body.node().ok()?.get("slot")? {
        Node::Whole(slot) => Some(*slot),
        Node::Text(slot) => slot.parse().ok(),
        _ => None,
    }
}

impl<H: Http + Random> Mainnet<H> {
    /// Signs an item and posts it to a path. This is what all the sending verbs come down to.
    ///
    /// # Errors
    /// Whatever is wrong with the item or its signing, before anything is sent; then `HttpNetwork` and `HttpStatus`, with
    /// the item's `id` among the details.
    pub async fn post<S>(&self, path: &str, fields: Fields<S::Data>, signer: &S) -> Result<Answer>
    where
        S: Signer<Item = H::Item>,
    {
        let anchor = match fields.anchor {
            Some(anchor) => anchor,
            None => self.anchor()?,
        };
        let draft = Draft {
            target: fields.target,
            anchor: Some(anchor),
            tags: fields.tags,
        };
        // A wallet asks a person; it must not do so for what can never be sent.
        draft.check()?;
        let Signed { id, raw } = signer.sign(draft, fields.data).await?;
        let request = Request {
            method: Method::Post,
            url: url::under(&self.node, path),
            headers: http::SEND_ANS104,
            body: Body::Item(raw),
            follow_redirects: true,
        };
        self.exchange(request, Some(id)).await
    }

    /// Reads a path, unsigned.
    ///
    /// # Errors
    /// `HttpNetwork`, `HttpStatus`.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        let request = Request {
            headers: http::ACCEPT_JSON,
            follow_redirects: true,
            ..http::get(url::with_query(&url::under(&self.node, path), QUERY))
        };
        self.exchange(request, None).await
    }

    /// Reads a path that answers with plain text.
    pub(super) async fn get_plain(&self, path: &str) -> Result<Answer> {
        self.exchange(http::get(url::under(&self.node, path)), None).await
    }

    async fn exchange(&self, request: Request<H::Item>, id: Option<Id>) -> Result<Answer> {
        let url = request.url.clone();
        let outcome = self.host.send(request).await;
        let response = outcome.and_then(|response| http::check_status(&response, &url).map(|()| response));
        match response {
            Ok(response) => Ok(Answer { url, id, response }),
            // The item may have arrived all the same: its id lets the caller ask before it sends another.
            Err(error) => Err(with_id(error, id)),
        }
    }

    /// 32 characters, so that it passes through wallets that take text only.
    fn anchor(&self) -> Result<Vec<u8>> {
        let mut bytes = [0; 24];
        self.host.fill(&mut bytes)?;
        Ok(to_base64url(&bytes).into_bytes())
    }
}

fn with_id(error: Error, id: Option<Id>) -> Error {
    match id {
        Some(id) => error.with_text("id", id.to_string()),
        None => error,
    }
}
