//! Endpoints that can replace each other.

use std::cell::Cell;

use crate::platform::{Request, Unit};

/// The endpoints of one kind of unit. Requests go to the first endpoint; after a failure they go to the others in turn. The
/// endpoint that responded is used first from then on.
#[derive(Debug)]
pub struct Endpoints {
    unit: Unit,
    pub(super) addresses: Vec<String>,
    pub(super) current: Cell<usize>,
}

impl Endpoints {
    pub fn new(unit: Unit, addresses: &[String]) -> Self {
        Self {
            unit,
            addresses: addresses.iter().map(|address| base_of(address).into()).collect(),
            current: Cell::new(0),
        }
    }

    /// The part of a request's URL after the first address. `None` if the request is for other units.
    pub(super) fn rest<B>(&self, request: &Request<B>) -> Option<String> {
        let rest = request.url.strip_prefix(self.addresses.first()?.as_str())?;
        let is_for = request.unit == Some(self.unit) && (rest.is_empty() || rest.starts_with(['/', '?']));
        is_for.then(|| rest.into())
    }

    /// The URL at the address with this number. Numbers beyond the last address start again with the first.
    pub(super) fn at(&self, turn: usize, rest: &str) -> String {
        format!("{}{rest}", self.addresses[turn % self.addresses.len()])
    }
}

/// An address without its query and its trailing slashes. Verbs put both behind their paths.
fn base_of(address: &str) -> &str {
    let path = address.split('?').next().unwrap_or_default();
    path.trim_end_matches('/')
}
