//! Builds URLs from strings. The caller's addresses of units are used as they were given.

use form_urlencoded::Serializer;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, PercentEncode, percent_encode, utf8_percent_encode};

/// What must be escaped in a segment of a path: everything but unreserved characters (RFC 3986).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What must be escaped in a path that is in its final form (WHATWG URL, path percent-encode set). Also the backslash, which
/// browsers read as a slash.
const FORBIDDEN: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Appends segments to the path of `base`. The query of `base` stays at the end.
pub(super) fn join(base: &str, segments: &[&str]) -> String {
    let (path, query) = match base.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (base, None),
    };
    let mut url = path.trim_end_matches('/').to_string();
    for segment in segments {
        url.push('/');
        // Two dots would lead out of the path in every other spelling.
        match *segment {
            "." | ".." => url.push_str(&segment.replace('.', "%252E")),
            segment => url.extend(utf8_percent_encode(segment, SEGMENT)),
        }
    }
    if let Some(query) = query {
        url.push('?');
        url.push_str(query);
    }
    url
}

/// Appends a path in its final form, which may have a query, to `base`. The query of `base` stays at the end.
pub(super) fn under(base: &str, path: &str) -> String {
    let (base, query) = match base.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (base, None),
    };
    let path = utf8_percent_encode(path.trim_start_matches('/'), FORBIDDEN);
    let mut url = format!("{}/{path}", base.trim_end_matches('/'));
    if let Some(query) = query {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(query);
    }
    url
}

/// Whether a text is an absolute `http` or `https` URL to which paths can be appended.
pub(super) fn is_web(url: &str) -> bool {
    let behind = |scheme: &str| {
        let (start, rest) = url.as_bytes().split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme.as_bytes()).then_some(rest)
    };
    let Some(rest) = behind("http://").or_else(|| behind("https://")) else {
        return false;
    };
    // Browsers do not send what follows a `#`, drop line breaks, and read backslashes as slashes.
    let is_odd = |byte: &u8| *byte <= b' ' || b"#\\\x7f".contains(byte);
    rest.first().is_some_and(|first| !b"/?:".contains(first)) && !rest.iter().any(is_odd)
}

/// Escapes a name or a value within a segment, so that it cannot end the segment.
pub(super) fn part(bytes: &[u8]) -> PercentEncode<'_> {
    percent_encode(bytes, SEGMENT)
}

/// Appends a query string, encoded as by `URLSearchParams`. Entries with the value `None` are left out.
pub(super) fn with_query(url: &str, query: &[(&str, Option<&str>)]) -> String {
    let mut pairs = Serializer::new(String::new());
    for (name, value) in query {
        if let Some(value) = value {
            pairs.append_pair(name, value);
        }
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{}", pairs.finish())
}

/// Encodes one name or value as in a query string.
pub(super) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_their_form() {
        assert_eq!(
            under("https://node/", "/p~process@1.0/now/a b?x=1&y=%20#é"),
            "https://node/p~process@1.0/now/a%20b?x=1&y=%20%23%C3%A9"
        );
        assert_eq!(under("https://node/base", "push"), "https://node/base/push");
        assert_eq!(under("https://node/a/?k=v", "push"), "https://node/a/push?k=v");
        assert_eq!(under("https://node?k=v", "x?y=z"), "https://node/x?y=z&k=v");
        assert_eq!(part("a/b&c=d~é".as_bytes()).to_string(), "a%2Fb%26c%3Dd~%C3%A9");
        assert_eq!(part(&[0, 255]).to_string(), "%00%FF");
    }

    #[test]
    fn addresses_of_the_web_are_absolute() {
        for good in ["https://su.test", "HTTP://su.test:1/a?k=v", "http://[::1]:80"] {
            assert!(is_web(good), "{good}");
        }
        for bad in [
            "",
            "su.test",
            "/su",
            "//su.test",
            "http:/su",
            "https:su.test",
            "http://",
            "https:///su",
            "http://?a",
            "http://:80",
            "ftp://su.test",
            "javascript:alert(1)",
            "data:,{}",
            "file:///etc",
            "httpé://x",
            " https://su.test",
            "https://su.test/#",
            "https://su.test\\a",
            "https://su.test\n",
        ] {
            assert!(!is_web(bad), "{bad}");
        }
    }

    #[test]
    fn bases_may_end_in_a_slash_and_values_are_encoded() {
        assert_eq!(join("https://cu/", &["result", "x"]), "https://cu/result/x");
        assert_eq!(join("https://cu/a?k=v", &["result", "x"]), "https://cu/a/result/x?k=v");
        assert_eq!(
            join("https://cu", &["../a b?#", ".."]),
            "https://cu/..%2Fa%20b%3F%23/%252E%252E"
        );
        let query = [("a", Some("x=+/ é")), ("b", None), ("c", Some(""))];
        assert_eq!(
            with_query("https://cu?x=y", &query[..1]),
            "https://cu?x=y&a=x%3D%2B%2F+%C3%A9"
        );
        assert_eq!(with_query("https://cu", &query), "https://cu?a=x%3D%2B%2F+%C3%A9&c=");
    }
}
