//! Endpoints that can replace each other.

use std::cell::Cell;

use crate::platform::{Request, Unit};

/// The endpoints of one kind of unit. Requests go to the first endpoint; after a failure they go to the others in turn. The
/// endpoint that responded is used first from then on.
#[derive(Debug)]
pub struct Endpoints {
    unit: Unit,
    pub(super) places: Vec<String>,
    pub(super) answering: Cell<usize>,
}

impl Endpoints {
    pub fn new(unit: Unit, addresses: &[String]) -> Self {
        Self {
            unit,
            places: addresses.iter().map(|address| place(address).into()).collect(),
            answering: Cell::new(0),
        }
    }

    /// What stands behind the first address in the URL of a request, if the request is for these units.
    pub(super) fn rest<B>(&self, request: &Request<B>) -> Option<String> {
        let rest = request.url.strip_prefix(self.places.first()?.as_str())?;
        let is_for = request.unit == Some(self.unit) && (rest.is_empty() || rest.starts_with(['/', '?']));
        is_for.then(|| rest.into())
    }

    /// The URL at the address whose turn it is.
    pub(super) fn at(&self, turn: usize, rest: &str) -> String {
        format!("{}{rest}", self.places[turn % self.places.len()])
    }
}

/// An address without what verbs take off or put behind their paths.
fn place(address: &str) -> &str {
    let path = address.split('?').next().unwrap_or_default();
    path.trim_end_matches('/')
}
