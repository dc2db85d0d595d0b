//! Queries the gateway for modules and for the addresses of schedulers.

use serde::Serialize;

use super::Client;
use crate::client::http::{self, SEND_JSON};
use crate::client::url;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Body, Clock, Http, Method, Request, Timers, Unit};
use crate::protocol::{JsonTree, TextTag, check_module};

const MODULE_QUERY: &str = "query GetTransactions($transactionIds: [ID!]!) { \
    transactions(ids: $transactionIds) { edges { node { owner { address } tags { name value } \
    block { id height timestamp } } } } }";

const PROCESS: &str = "query GetTransactions($transactionIds: [ID!]!) { \
    transactions(ids: $transactionIds, tags: [{ name: \"Data-Protocol\", values: [\"ao\"] }]) { \
    edges { node { tags { name value } } } } }";

const SCHEDULER: &str = "query GetSchedulerLocation($owner: String!) { \
    transactions(owners: [$owner], first: 1, sort: HEIGHT_DESC, tags: [{ name: \"Data-Protocol\", values: [\"ao\"] }, \
    { name: \"Type\", values: [\"Scheduler-Location\"] }]) { edges { node { tags { name value } } } } }";

#[derive(Serialize)]
struct Query<'a> {
    query: &'a str,
    variables: Variables<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Variables<'a> {
    TransactionIds([&'a str; 1]),
    Owner(&'a str),
}

/// The address that a scheduler has published.
pub(super) struct Location {
    pub url: String,
    /// Milliseconds for which the address may be cached.
    pub time_to_live: u64,
}

impl<H: Http + Clock + Timers> Client<H> {
    /// # Errors
    /// `NotFound` if the transaction does not exist or is not a module.
    pub(super) async fn check_module(&self, module: &str) -> Result<()> {
        let query = Query {
            query: MODULE_QUERY,
            variables: Variables::TransactionIds([module]),
        };
        let tags = self.transaction(&query).await?;
        let Some(tags) = tags else {
            return Err(not_found(format!("The gateway does not know the module {module}")));
        };
        check_module(&tags)
    }

    /// Finds the scheduler of a process by the tags of the process and then of the scheduler.
    pub(super) async fn locate_by_gateway(&self, process: &str) -> Result<Location> {
        let query = Query {
            query: PROCESS,
            variables: Variables::TransactionIds([process]),
        };
        let tags = self.retried_transaction(&query).await?.ok_or_else(|| {
            not_found(format!(
                "Process {process} was not found on gateway; a new process takes a while to get there"
            ))
        })?;
        let scheduler = value_of(&tags, "Scheduler")
            .ok_or_else(|| not_found(format!("No \"Scheduler\" tag found on process {process}")))?;
        let query = Query {
            query: SCHEDULER,
            variables: Variables::Owner(scheduler),
        };
        let tags = self.retried_transaction(&query).await?.unwrap_or_default();
        let url = value_of(&tags, "Url").ok_or_else(|| {
            not_found(format!(
                "No \"Url\" tag found on Scheduler-Location: the scheduler {scheduler} has not published where it is"
            ))
        })?;
        if !url::is_web(url) {
            return Err(Error::new(
                ErrorKind::BadResponse,
                format!(
                    "The scheduler {scheduler} has published \"{url}\" as its address, which is no absolute http(s) URL. \
                     Give the address of the scheduler unit as `SU_URL`"
                ),
            ));
        }
        let time_to_live = value_of(&tags, "Time-To-Live").and_then(|text| text.parse().ok());
        Ok(Location {
            url: url.into(),
            time_to_live: time_to_live.unwrap_or(0),
        })
    }

    /// Retries up to `graphql_retries` times.
    async fn retried_transaction(&self, query: &Query<'_>) -> Result<Option<Vec<TextTag>>> {
        let mut wait = self.units.graphql_backoff;
        for _ in 0..self.units.graphql_retries {
            match self.transaction(query).await {
                // An ended call is not retried: its waits end at once.
                Err(error) if error.kind() != ErrorKind::Timeout => {}
                outcome => return outcome,
            }
            self.platform.sleep(wait).await;
            wait = wait.saturating_mul(2);
        }
        self.transaction(query).await
    }

    /// Sends a query to the gateway. Returns the member `data.transactions.edges` of its answer.
    ///
    /// # Errors
    /// `HttpNetwork`, `HttpStatus`; `BadResponse` for an answer without that member.
    #[cfg(feature = "verify")]
    pub async fn query_transactions(&self, query: String) -> Result<Vec<JsonTree>> {
        self.query_edges(query, "transactions").await
    }

    /// As [`query_transactions`](Self::query_transactions), with the member `data.blocks.edges`.
    ///
    /// # Errors
    /// As [`query_transactions`](Self::query_transactions).
    #[cfg(feature = "verify")]
    pub async fn query_blocks(&self, query: String) -> Result<Vec<JsonTree>> {
        self.query_edges(query, "blocks").await
    }

    #[cfg(feature = "verify")]
    async fn query_edges(&self, query: String, kind: &str) -> Result<Vec<JsonTree>> {
        let request = Request {
            method: Method::Post,
            headers: SEND_JSON,
            body: Body::Text(query),
            ..http::get(self.units.graphql.clone(), Some(Unit::Graphql))
        };
        let answer = http::posted(&self.platform, request, &["\"data\""]).await?;
        match answer.tree()?.at(&["data", kind, "edges"]) {
            Some(JsonTree::List(edges)) => Ok(edges.clone()),
            _ => Err(Error::new(
                ErrorKind::BadResponse,
                format!("'data': Required. The gateway's answer holds no {kind}"),
            )
            .with_text("body", answer.as_str())),
        }
    }

    /// Tags of the transaction, if it exists.
    async fn transaction(&self, query: &Query<'_>) -> Result<Option<Vec<TextTag>>> {
        let request = Request {
            method: Method::Post,
            headers: SEND_JSON,
            // Cannot fail for strings and lists of strings.
            body: Body::Text(serde_json::to_string(query).unwrap_or_default()),
            ..http::get(self.units.graphql.clone(), Some(Unit::Graphql))
        };
        let answer = http::posted(&self.platform, request, &["\"data\""]).await?;
        let tree = answer.tree()?;
        let Some(edges) = tree.at(&["data", "transactions", "edges"]).and_then(JsonTree::list) else {
            return Err(Error::new(
                ErrorKind::BadResponse,
                "'data': Required. The gateway's answer holds no transactions",
            )
            .with_text("body", answer.as_str()));
        };
        Ok(edges
            .first()
            .and_then(|edge| edge.at(&["node", "tags"]))
            .map(JsonTree::tags))
    }
}

fn value_of<'a>(tags: &'a [TextTag], name: &str) -> Option<&'a str> {
    tags.iter()
        .find(|tag| tag.name.eq_ignore_ascii_case(name))
        .map(|tag| tag.value.as_str())
}

fn not_found(message: String) -> Error {
    Error::new(ErrorKind::NotFound, message)
}
