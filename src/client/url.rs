//! Addresses, put together from strings: the units' addresses are the caller's, and are used as they were given.

use form_urlencoded::Serializer;

/// `base` with a path under it.
pub(super) fn join(base: &str, path: &str) -> String {
    format!("{}/{path}", base.trim_end_matches('/'))
}

/// `url` with a query string, encoded as `URLSearchParams` does. A value of `None` is left out.
pub(super) fn with_query(url: &str, query: &[(&str, Option<&str>)]) -> String {
    let mut pairs = Serializer::new(String::new());
    for (name, value) in query {
        if let Some(value) = value {
            pairs.append_pair(name, value);
        }
    }
    format!("{url}?{}", pairs.finish())
}

/// One name or value, encoded as in a query string.
pub(super) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_may_end_in_a_slash_and_values_are_encoded() {
        assert_eq!(join("https://cu/", "result/x"), "https://cu/result/x");
        assert_eq!(join("https://cu/a", "result/x"), "https://cu/a/result/x");
        let query = [("a", Some("x=+/ é")), ("b", None), ("c", Some(""))];
        assert_eq!(with_query("https://cu", &query), "https://cu?a=x%3D%2B%2F+%C3%A9&c=");
    }
}
