//! Requests at the paths of a HyperBEAM node.

use super::http_message::VerifiedMessage;
use super::response::Codec;
use crate::ans104::DataItem;
use crate::local::http::{HttpResult, Request};
use crate::local::path_and_query::PathAndQuery;

/// A segment of the path. Segments have parameters: `compute&slot=3`, `as=execution`.
pub(crate) struct PathKey<'a> {
    pub name: &'a str,
    /// The text after an equals sign that follows the name.
    pub value: Option<&'a str>,
    pub parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> PathKey<'a> {
    pub(crate) fn parse(segment: &'a str) -> Self {
        let mut parts = segment.split('&');
        let first = parts.next().unwrap_or_default();
        let (name, value) = match first.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (first, None),
        };
        let parameters = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
        Self {
            name,
            value,
            parameters: parameters.collect(),
        }
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut parameters = self.parameters.iter();
        parameters.find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

/// A request, and the form of the response to it.
pub(crate) struct NodeRequest<'a> {
    pub request: &'a Request,
    pub target: &'a PathAndQuery,
    /// For a signed HTTP request: the message, or why it is refused.
    pub signed: Option<HttpResult<VerifiedMessage>>,
    pub codec: Codec,
}

impl<'a> NodeRequest<'a> {
    pub(crate) fn new(
        request: &'a Request,
        target: &'a PathAndQuery,
        signed: Option<HttpResult<VerifiedMessage>>,
    ) -> Self {
        let item = (request.method == "POST")
            .then(|| DataItem::parse(request.body.clone()).ok())
            .flatten();
        // The fields or tags of a signed message select the form of the response.
        let codec = match (&signed, &item) {
            (Some(Ok(message)), _) => Codec::of_fields(&message.fields),
            (_, Some(item)) => Codec::of_tags(item.head().tags()),
            _ => {
                let segments = target.segments();
                let keys = segments.iter().map(|segment| PathKey::parse(segment));
                let parameters: Vec<(&str, &str)> = keys.flat_map(|key| key.parameters).collect();
                Codec::of_request(request, target, &parameters)
            }
        };
        Self {
            request,
            target,
            signed,
            codec,
        }
    }
}
