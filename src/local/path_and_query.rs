//! Parses and checks the path and the query of a request.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::http::{HttpError, HttpResult};
use crate::arweave::Id;
use crate::error::ErrorKind;

/// Maximum length of path and query, in bytes. No valid request is longer.
const MAX_PATH_LENGTH: usize = 8192;

/// The path and the query of a request.
#[derive(Debug)]
pub(crate) struct PathAndQuery {
    /// Percent-decoded. Empty segments at the end are dropped.
    segments: Vec<String>,
    query: Vec<(String, String)>,
}

impl PathAndQuery {
    pub(crate) fn parse(path: &str) -> HttpResult<Self> {
        if path.len() > MAX_PATH_LENGTH {
            let message = format!(
                "The path has {} bytes. Shorten it to {MAX_PATH_LENGTH} or less",
                path.len()
            );
            return Err(HttpError::new(414, ErrorKind::BadArgument, message));
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = path.strip_prefix('/').unwrap_or(path);
        let mut segments = Vec::new();
        for segment in path.split('/') {
            segments.push(decode(segment)?);
        }
        while segments.last().is_some_and(String::is_empty) {
            segments.pop();
        }
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(HttpError::bad_request("The path has an empty segment. Remove it"));
        }
        let query = form_urlencoded::parse(query.as_bytes());
        let query = query.map(|(name, value)| (name.into_owned(), value.into_owned()));
        Ok(Self {
            segments,
            query: query.collect(),
        })
    }

    pub(crate) fn segments(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// The value of a query parameter. Empty values and `undefined` count as absent: aoconnect writes `undefined` for a
    /// parameter that was not given to it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut query = self.query.iter();
        query
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty() && *value != "undefined")
    }

    /// Whether the query has this parameter, with or without a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.query.iter().any(|(key, _)| key == name)
    }

    pub(crate) fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The id in a required parameter.
    pub(crate) fn id(&self, name: &str) -> HttpResult<Id> {
        match self.get(name) {
            Some(text) => id(text, name),
            None => Err(HttpError::bad_request(format!(
                "The parameter {name} is missing. Add it"
            ))),
        }
    }

    pub(crate) fn number(&self, name: &str) -> HttpResult<Option<u64>> {
        self.get(name).map(|text| number(text, name)).transpose()
    }

    /// The number of entries that a page may have: the parameter `limit`, which must be 1 to `max`.
    pub(crate) fn limit(&self, default: usize, max: usize) -> HttpResult<usize> {
        let Some(limit) = self.number("limit")? else {
            return Ok(default);
        };
        match usize::try_from(limit) {
            Ok(limit) if (1..=max).contains(&limit) => Ok(limit),
            _ => Err(HttpError::bad_request(format!(
                "A page has 1 to {max} entries, and limit is {limit}. Ask for the next page from the last cursor"
            ))),
        }
    }
}

/// Parses an id. `what` names it in the error.
pub(crate) fn id(text: &str, what: &str) -> HttpResult<Id> {
    // The error quotes the text, which may be as long as the path.
    let shown: Cow<'_, str> = match text.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    };
    Ok(Id::parse(&shown, what)?)
}

/// Parses a whole number. `what` names it in the error.
pub(crate) fn number(text: &str, what: &str) -> HttpResult<u64> {
    text.parse()
        .map_err(|_| HttpError::bad_request(format!("{what} must be a whole number, and is \"{text:.32}\"")))
}

fn decode(segment: &str) -> HttpResult<String> {
    let decoded = percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| HttpError::bad_request("The path is not UTF-8"))?;
    let is_forbidden = |c: char| c == '\\' || c == '\0' || c.is_control();
    if decoded == "." || decoded == ".." || decoded.contains(is_forbidden) {
        let message = "The path has a segment \".\" or \"..\", a backslash or a control character. Remove it";
        return Err(HttpError::bad_request(message));
    }
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_decodes_segments_and_parameters() {
        let target = PathAndQuery::parse("/cu/result/a%20b/?process-id=x&limit=undefined&to=")
            .ok()
            .unwrap();
        assert_eq!(target.segments(), ["cu", "result", "a b"]);
        assert_eq!(target.get("process-id"), Some("x"));
        assert_eq!(target.get("limit"), None);
        assert!(target.has("to") && target.get("to").is_none());
    }

    #[test]
    fn parse_drops_empty_segments_at_the_end() {
        for (path, segments) in [
            ("", &[][..]),
            ("/", &[]),
            ("//", &[]),
            ("/a/", &["a"]),
            ("/a//", &["a"]),
        ] {
            let target = PathAndQuery::parse(path).ok();
            assert_eq!(
                target.map(|target| target.segments.join("/")),
                Some(segments.join("/")),
                "{path}"
            );
        }
    }

    #[test]
    fn parse_refuses_paths_that_could_be_misread() {
        for path in [
            "/../x",
            "/a/%2e%2e/b",
            "/a//b",
            "//a",
            "/%00",
            "/%ff",
            "/a%5cb",
            "/a/./b",
            "/a%0ab",
        ] {
            assert!(PathAndQuery::parse(path).is_err(), "{path}");
        }
        assert!(PathAndQuery::parse(&"/x".repeat(9000)).is_err());
    }
}
