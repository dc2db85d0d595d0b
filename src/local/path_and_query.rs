//! Paths: taken apart once, and checked before anything looks at them.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::arweave::Id;
use crate::error::ErrorKind;
use crate::local::http::{HttpError, HttpResult};

/// Longer paths are nobody's.
const LONGEST: usize = 8192;

/// A path and its query.
#[derive(Debug)]
pub(crate) struct PathAndQuery {
    /// Decoded, and without empty ones at the end.
    segments: Vec<String>,
    query: Vec<(String, String)>,
}

impl PathAndQuery {
    pub(crate) fn parse(path: &str) -> HttpResult<Self> {
        if path.len() > LONGEST {
            let message = format!("The path has {} bytes; {LONGEST} are the most", path.len());
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
            return Err(HttpError::bad("The path has an empty part"));
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

    /// A parameter; `undefined` is what aoconnect writes for one that it was not given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut query = self.query.iter();
        query
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty() && *value != "undefined")
    }

    /// Whether the parameter is there, with a value or without.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.query.iter().any(|(key, _)| key == name)
    }

    pub(crate) fn query(&self) -> &[(String, String)] {
        &self.query
    }

    pub(crate) fn id(&self, name: &str) -> HttpResult<Id> {
        match self.get(name) {
            Some(text) => id(text, name),
            None => Err(HttpError::bad(format!("The parameter {name} is missing"))),
        }
    }

    pub(crate) fn number(&self, name: &str) -> HttpResult<Option<u64>> {
        self.get(name).map(|text| number(text, name)).transpose()
    }

    /// How many entries a page may have.
    pub(crate) fn limit(&self, default: usize, most: usize) -> HttpResult<usize> {
        let Some(limit) = self.number("limit")? else {
            return Ok(default);
        };
        match usize::try_from(limit) {
            Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
            _ => Err(HttpError::bad(format!(
                "A page has 1 to {most} entries, and limit is {limit}. Ask for the next page from the last cursor"
            ))),
        }
    }
}

pub(crate) fn id(text: &str, what: &str) -> HttpResult<Id> {
    // An id of the wrong length may be as long as the path, and need not come back whole.
    let shown: Cow<'_, str> = match text.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    };
    Ok(Id::parse(&shown, what)?)
}

pub(crate) fn number(text: &str, what: &str) -> HttpResult<u64> {
    text.parse()
        .map_err(|_| HttpError::bad(format!("{what} must be a whole number, and is \"{text:.32}\"")))
}

fn decode(segment: &str) -> HttpResult<String> {
    let decoded = percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| HttpError::bad("The path is not UTF-8"))?;
    let tricky = |c: char| c == '\\' || c == '\0' || c.is_control();
    if decoded == "." || decoded == ".." || decoded.contains(tricky) {
        return Err(HttpError::bad("The path has a part that names no thing of the network"));
    }
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_apart() {
        let route = PathAndQuery::parse("/cu/result/a%20b/?process-id=x&limit=undefined&to=")
            .ok()
            .unwrap();
        assert_eq!(route.segments(), ["cu", "result", "a b"]);
        assert_eq!(route.get("process-id"), Some("x"));
        assert_eq!(route.get("limit"), None);
        assert!(route.has("to") && route.get("to").is_none());
        assert!(PathAndQuery::parse("/").ok().unwrap().segments().is_empty());
    }

    #[test]
    fn tricks_are_refused() {
        for path in ["/../x", "/a/%2e%2e/b", "/a//b", "/%00", "/%ff", "/a%5cb", "//"] {
            let refused = PathAndQuery::parse(path).err();
            assert!(refused.is_some() || path == "//", "{path}");
        }
        assert!(PathAndQuery::parse(&"/x".repeat(9000)).is_err());
    }
}
