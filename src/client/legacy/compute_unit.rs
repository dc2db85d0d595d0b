//! What comes from the compute unit: results and dryruns.

use super::{Client, check_ids};
use crate::client::http::{self, ACCEPT_JSON, SEND_JSON};
use crate::client::url;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Body, Clock, Http, Method, Request, Timers, Unit};
use crate::protocol::{Dryrun, Json, Node};

/// Which results, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResultsRange {
    /// Cursor after which to begin.
    pub from: Option<String>,
    /// Cursor before which to end.
    pub to: Option<String>,
    pub limit: Option<String>,
    pub sort: Sort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The oldest first.
    #[default]
    Ascending,
    /// The newest first.
    Descending,
}

impl Sort {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }
}

impl<H: Http + Clock + Timers> Client<H> {
    /// What `process` answered to `message`: an [`Evaluation`](crate::protocol::Evaluation), as the unit wrote it.
    ///
    /// # Errors
    /// `BadId` for an id in another spelling; `HttpNetwork`, `HttpStatus`, `BadResponse`.
    pub async fn result(&self, process: &str, message: &str) -> Result<Json> {
        check_ids(&[process, message])?;
        let base = url::join(&self.units.compute, &["result", message]);
        self.read(url::with_query(&base, &[("process-id", Some(process))]))
            .await
    }

    /// One page of a process's results: `{ edges: [{ cursor, node }] }`, as the unit wrote it.
    ///
    /// # Errors
    /// `BadId`, `HttpNetwork`, `HttpStatus`, `BadResponse`.
    pub async fn results(&self, process: &str, page: &ResultsRange) -> Result<Json> {
        check_ids(&[process])?;
        let url = url::with_query(
            &url::join(&self.units.compute, &["results", process]),
            &[
                ("from", page.from.as_deref()),
                ("to", page.to.as_deref()),
                ("sort", Some(page.sort.as_str())),
                ("limit", page.limit.as_deref()),
            ],
        );
        let answer = self.read(url).await?;
        // An answer too deep for this look may still be a good one.
        if let Ok(tree) = answer.node() {
            let complaint = match tree.get("edges") {
                Some(Node::List(_)) => return Ok(answer),
                None => "Required".to_string(),
                Some(other) => format!("Expected array, received {}", other.type_name()),
            };
            let message = format!("Invalid Return 'edges': {complaint}. The answer holds no results");
            return Err(Error::new(ErrorKind::BadResponse, message).with_text("body", answer.as_str()));
        }
        Ok(answer)
    }

    /// What the process would answer to `message`. Nothing is signed and nothing kept.
    ///
    /// # Errors
    /// `BadId`, `HttpNetwork`, `HttpStatus`, `BadResponse`.
    pub async fn dryrun(&self, message: &Dryrun) -> Result<Json> {
        check_ids(&[&message.target])?;
        let base = url::join(&self.units.compute, &["dry-run"]);
        let url = url::with_query(&base, &[("process-id", Some(&message.target))]);
        let request = Request {
            method: Method::Post,
            headers: SEND_JSON,
            body: Body::Text(message.to_json()),
            follow_redirects: true,
            ..http::get(url, Some(Unit::Compute))
        };
        http::posted(&self.platform, request, &["\"Output\"", "\"Messages\"", "\"Error\""]).await
    }

    async fn read(&self, url: String) -> Result<Json> {
        let request = Request {
            headers: ACCEPT_JSON,
            follow_redirects: true,
            ..http::get(url, Some(Unit::Compute))
        };
        http::json(&self.platform, request).await
    }
}
