//! Reads of compute and scheduler units. Each verb is a plan, and one asynchronous function runs all of them: a page loads
//! the code of each further one.

use super::{Client, check_ids};
use crate::client::http::{self, ACCEPT_JSON, SEND_JSON};
use crate::client::url;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Body, Clock, Http, Method, Request, Timers, Unit};
use crate::protocol::{Dryrun, Json, JsonTree};

/// One read: the unit, the path, the query and the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRead {
    unit: Unit,
    /// The process whose scheduler is asked.
    process: String,
    path: Vec<String>,
    query: Vec<(&'static str, Option<String>)>,
    /// JSON, which is posted.
    body: Option<String>,
    /// Whether the response must be a page of results.
    is_page: bool,
}

/// Which results of a process, and in which order.
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

/// Which messages of a process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageRange {
    /// Milliseconds since 1970 after which to begin. Without it, the first entry is the item of the process.
    pub from: Option<String>,
    /// Milliseconds since 1970 up to which to go.
    pub to: Option<String>,
    /// The slot after which to begin, in place of `from`; -1 for the item of the process.
    pub from_nonce: Option<String>,
    /// The slot up to which to go.
    pub to_nonce: Option<String>,
    pub limit: Option<String>,
}

impl UnitRead {
    fn of_compute(path: Vec<String>, query: Vec<(&'static str, Option<String>)>) -> Self {
        Self {
            unit: Unit::Compute,
            process: String::new(),
            path,
            query,
            body: None,
            is_page: false,
        }
    }

    /// The result of `message`.
    ///
    /// # Errors
    /// `BadId` for an id in a non-canonical spelling.
    pub fn result(process: &str, message: &str) -> Result<Self> {
        check_ids(&[process, message])?;
        let path = vec!["result".into(), message.into()];
        Ok(Self::of_compute(path, vec![("process-id", Some(process.into()))]))
    }

    /// One page of a process's results.
    ///
    /// # Errors
    /// `BadId`.
    pub fn results(process: &str, range: ResultsRange) -> Result<Self> {
        check_ids(&[process])?;
        let query = vec![
            ("from", range.from),
            ("to", range.to),
            ("sort", Some(range.sort.as_str().into())),
            ("limit", range.limit),
        ];
        Ok(Self {
            is_page: true,
            ..Self::of_compute(vec!["results".into(), process.into()], query)
        })
    }

    /// The result of a message that is neither signed nor kept.
    ///
    /// # Errors
    /// `BadId`.
    pub fn dryrun(message: &Dryrun) -> Result<Self> {
        check_ids(&[&message.target])?;
        let query = vec![("process-id", Some(message.target.clone()))];
        Ok(Self {
            body: Some(message.to_json()),
            ..Self::of_compute(vec!["dry-run".into()], query)
        })
    }

    /// The result of a dryrun after this message or assignment, and not after the newest.
    #[cfg(feature = "verify")]
    #[must_use]
    pub fn after(mut self, message: &str) -> Self {
        self.query.push(("to", Some(message.into())));
        self
    }

    /// One page of a process's messages.
    pub fn messages(process: String, range: MessageRange) -> Self {
        let query = vec![
            ("from", range.from),
            ("to", range.to),
            ("from-nonce", range.from_nonce),
            ("to-nonce", range.to_nonce),
            ("limit", range.limit),
            // Schedulers refuse a schedule without it, although it is in the path.
            ("process-id", Some(process.clone())),
        ];
        Self {
            unit: Unit::Scheduler,
            path: vec![process.clone()],
            process,
            ..Self::of_compute(Vec::new(), query)
        }
    }

    /// One page of a process's schedule with the anchors of its assignments, which their signatures cover. Begins with the slot
    /// after `after`; -1 is before the item of the process.
    #[cfg(feature = "verify")]
    pub fn schedule(process: &str, after: i64, limit: u32) -> Self {
        let range = MessageRange {
            from_nonce: Some(after.to_string()),
            limit: Some(limit.to_string()),
            ..MessageRange::default()
        };
        let mut read = Self::messages(process.into(), range);
        read.query.push(("show-anchor", Some("1".into())));
        read
    }

    /// The newest entry of a process's schedule.
    #[cfg(feature = "verify")]
    pub fn latest(process: &str) -> Self {
        Self {
            unit: Unit::Scheduler,
            process: process.into(),
            ..Self::of_compute(
                vec![process.into(), "latest".into()],
                vec![("process-id", Some(process.into()))],
            )
        }
    }

    /// What the scheduler knows of a process's own item.
    #[cfg(feature = "verify")]
    pub fn process(process: &str) -> Self {
        Self {
            unit: Unit::Scheduler,
            process: process.into(),
            ..Self::of_compute(vec!["processes".into(), process.into()], Vec::new())
        }
    }

    /// Up to 100 messages of a process from this time on, the oldest first.
    pub(super) fn messages_since(process: &str, from: &str) -> Self {
        // In aoconnect's order.
        let query = vec![
            ("process-id", Some(process.into())),
            ("limit", Some("100".into())),
            ("from", Some(from.into())),
        ];
        Self {
            unit: Unit::Scheduler,
            process: process.into(),
            ..Self::of_compute(vec![process.into()], query)
        }
    }

    /// One message and its assignment.
    ///
    /// # Errors
    /// `BadId`.
    pub fn message_by_id(process: String, message: String) -> Result<Self> {
        check_ids(&[&message])?;
        Ok(Self {
            unit: Unit::Scheduler,
            process: process.clone(),
            ..Self::of_compute(vec![message], vec![("process-id", Some(process))])
        })
    }
}

impl<H: Http + Clock + Timers> Client<H> {
    /// Runs a read. Returns the response as the unit wrote it.
    ///
    /// # Errors
    /// `BadId`; `NotFound` if the scheduler cannot be found; `HttpNetwork`, `HttpStatus`, `BadResponse`.
    pub async fn read(&self, read: UnitRead) -> Result<Json> {
        let is_compute = read.unit == Unit::Compute;
        let base = match is_compute {
            true => self.units.compute.clone(),
            false => self.locate(&read.process).await?,
        };
        let path: Vec<&str> = read.path.iter().map(String::as_str).collect();
        let query: Vec<_> = read
            .query
            .iter()
            .map(|(name, value)| (*name, value.as_deref()))
            .collect();
        let unit = match is_compute {
            true => Some(Unit::Compute),
            false => self.scheduler(),
        };
        let mut request = Request {
            follow_redirects: is_compute,
            ..http::get(url::with_query(&url::join(&base, &path), &query), unit)
        };
        let mut proofs: &[&str] = &[];
        match read.body {
            Some(body) => {
                request.method = Method::Post;
                request.headers = SEND_JSON;
                request.body = Body::Text(body);
                proofs = &["\"Output\"", "\"Messages\"", "\"Error\""];
            }
            None if is_compute => request.headers = ACCEPT_JSON,
            None => {}
        }
        let answer = http::posted(&self.platform, request, proofs).await?;
        if read.is_page {
            check_page(&answer)?;
        }
        Ok(answer)
    }

    /// The result of `message`: an [`Evaluation`](crate::protocol::Evaluation), as the unit wrote it.
    ///
    /// # Errors
    /// `BadId` for an id in a non-canonical spelling; `HttpNetwork`, `HttpStatus`, `BadResponse`.
    pub async fn result(&self, process: &str, message: &str) -> Result<Json> {
        self.read(UnitRead::result(process, message)?).await
    }

    /// One page of a process's results: `{ edges: [{ cursor, node }] }`, as the unit wrote it.
    ///
    /// # Errors
    /// Those of [`result`](Self::result).
    pub async fn results(&self, process: &str, range: ResultsRange) -> Result<Json> {
        self.read(UnitRead::results(process, range)?).await
    }

    /// The result that `message` would have. Nothing is signed, and the process does not keep the message.
    ///
    /// # Errors
    /// Those of [`result`](Self::result).
    pub async fn dryrun(&self, message: &Dryrun) -> Result<Json> {
        self.read(UnitRead::dryrun(message)?).await
    }

    /// One page of a process's messages, as the scheduler wrote it.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub async fn messages(&self, process: &str, range: MessageRange) -> Result<Json> {
        self.read(UnitRead::messages(process.into(), range)).await
    }

    /// One message and its assignment, as the scheduler wrote it.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub async fn message_by_id(&self, process: &str, message: &str) -> Result<Json> {
        self.read(UnitRead::message_by_id(process.into(), message.into())?)
            .await
    }
}

/// Refuses a response that is not a page of results. One that is nested too deep to be read here may still be good.
fn check_page(answer: &Json) -> Result<()> {
    let Ok(tree) = answer.tree() else { return Ok(()) };
    let complaint = match tree.get("edges") {
        Some(JsonTree::List(_)) => return Ok(()),
        None => "Required".to_string(),
        Some(other) => format!("Expected array, received {}", other.type_name()),
    };
    let message = format!("Invalid Return 'edges': {complaint}. The answer holds no results");
    Err(Error::new(ErrorKind::BadResponse, message).with_text("body", answer.as_str()))
}
