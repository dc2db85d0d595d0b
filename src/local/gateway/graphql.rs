//! Parses GraphQL queries: the part of the language that clients of gateways use. Variables are replaced while parsing.

use serde_json::{Map, Value};

use crate::local::http::{HttpError, HttpResult};

/// A requested field.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Field {
    /// Its name in the response: the alias, or the name.
    pub key: String,
    pub name: String,
    pub arguments: Map<String, Value>,
    pub fields: Vec<Field>,
}

/// Parses the fields of a query. Of several queries, the last one counts. The caller limits length and depth.
pub(crate) fn parse(query: &str, variables: &Map<String, Value>) -> HttpResult<Vec<Field>> {
    let mut parser = Parser {
        rest: query,
        variables: variables.clone(),
    };
    let mut fields = None;
    parser.skip();
    while !parser.rest.is_empty() {
        if !parser.rest.starts_with('{') {
            match parser.name()? {
                "query" => parser.operation_head()?,
                other => {
                    return Err(HttpError::bad_request(format!(
                        "Only queries without fragments are supported. The query begins with \"{other:.32}\""
                    )));
                }
            }
        }
        fields = Some(parser.selections()?);
    }
    fields.ok_or_else(|| HttpError::bad_request("The query is empty"))
}

struct Parser<'a> {
    rest: &'a str,
    variables: Map<String, Value>,
}

impl<'a> Parser<'a> {
    fn unexpected<T>(&self) -> HttpResult<T> {
        let message = match self.rest.is_empty() {
            true => "The query cannot be read: it ends too early".to_owned(),
            false => format!("The query cannot be read at \"{:.32}\"", self.rest),
        };
        Err(HttpError::bad_request(message))
    }

    /// Consumes so many bytes, and the insignificant characters after them.
    fn advance(&mut self, bytes: usize) -> &'a str {
        let (consumed, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.skip();
        consumed
    }

    /// Skips insignificant characters: white space, commas and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']);
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.trim_start_matches(|c| c != '\n' && c != '\r'),
                None => return,
            }
        }
    }

    /// Consumes this token if it is next.
    fn accept(&mut self, token: &str) -> bool {
        let is_next = self.rest.starts_with(token);
        if is_next {
            self.advance(token.len());
        }
        is_next
    }

    fn expect(&mut self, token: &str) -> HttpResult<()> {
        match self.accept(token) {
            true => Ok(()),
            false => self.unexpected(),
        }
    }

    fn name(&mut self) -> HttpResult<&'a str> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let length = self.rest.bytes().take_while(|byte| is_part(*byte)).count();
        match self.rest.as_bytes().first() {
            Some(first) if length > 0 && !first.is_ascii_digit() => Ok(self.advance(length)),
            _ => self.unexpected(),
        }
    }

    /// Parses what stands between `query` and its fields: a name, variables, directives.
    fn operation_head(&mut self) -> HttpResult<()> {
        if !self.rest.starts_with(['(', '@', '{']) {
            self.name()?;
        }
        if self.accept("(") {
            while !self.accept(")") {
                self.expect("$")?;
                let name = self.name()?;
                self.expect(":")?;
                self.skip_type()?;
                if self.accept("=") {
                    let default = self.value()?;
                    self.variables.entry(name).or_insert(default);
                }
                self.directives()?;
            }
        }
        self.directives()
    }

    /// Skips the type of a variable, which does not affect the response.
    fn skip_type(&mut self) -> HttpResult<()> {
        if self.accept("[") {
            self.skip_type()?;
            self.expect("]")?;
        } else {
            self.name()?;
        }
        self.accept("!");
        Ok(())
    }

    fn directives(&mut self) -> HttpResult<()> {
        while self.accept("@") {
            self.name()?;
            self.arguments()?;
        }
        Ok(())
    }

    fn selections(&mut self) -> HttpResult<Vec<Field>> {
        let mut fields = Vec::new();
        self.expect("{")?;
        while !self.accept("}") {
            if self.accept("...") {
                if !self.rest.starts_with(['{', '@']) && self.name()? != "on" {
                    return Err(HttpError::bad_request(
                        "Named fragments are not supported. Write their fields out",
                    ));
                }
                if !self.rest.starts_with(['{', '@']) {
                    self.name()?;
                }
                self.directives()?;
                fields.extend(self.selections()?);
                continue;
            }
            let key = self.name()?;
            let name = if self.accept(":") { self.name()? } else { key };
            let arguments = self.arguments()?;
            self.directives()?;
            fields.push(Field {
                key: key.to_owned(),
                name: name.to_owned(),
                arguments,
                fields: match self.rest.starts_with('{') {
                    true => self.selections()?,
                    false => Vec::new(),
                },
            });
        }
        Ok(fields)
    }

    fn arguments(&mut self) -> HttpResult<Map<String, Value>> {
        match self.accept("(") {
            true => self.members(")"),
            false => Ok(Map::new()),
        }
    }

    fn members(&mut self, end: &str) -> HttpResult<Map<String, Value>> {
        let mut members = Map::new();
        while !self.accept(end) {
            let name = self.name()?.to_owned();
            self.expect(":")?;
            members.insert(name, self.value()?);
        }
        Ok(members)
    }

    fn value(&mut self) -> HttpResult<Value> {
        if self.accept("$") {
            let name = self.name()?;
            return Ok(self.variables.get(name).cloned().unwrap_or(Value::Null));
        }
        if self.accept("[") {
            let mut entries = Vec::new();
            while !self.accept("]") {
                entries.push(self.value()?);
            }
            return Ok(Value::Array(entries));
        }
        if self.accept("{") {
            return Ok(Value::Object(self.members("}")?));
        }
        if let Some(block) = self.rest.strip_prefix("\"\"\"") {
            return match block.replace("\\\"\"\"", "\0\0\0\0").find("\"\"\"") {
                Some(end) => {
                    self.advance(3 + end + 3);
                    Ok(dedented(&block[..end].replace("\\\"\"\"", "\"\"\"")).into())
                }
                None => self.unexpected(),
            };
        }
        if self.rest.starts_with('"') {
            let mut escaped = true;
            let end = self.rest.bytes().position(|byte| {
                let ends = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                ends
            });
            // Strings have the same escapes as in JSON.
            let text = end.and_then(|end| serde_json::from_str(&self.rest[..=end]).ok().map(|text| (end, text)));
            return match text {
                Some((end, text)) => {
                    self.advance(end + 1);
                    Ok(text)
                }
                None => self.unexpected(),
            };
        }
        let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        if self.rest.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            let length = self.rest.bytes().take_while(|byte| is_number(*byte)).count();
            return match serde_json::from_str(&self.rest[..length]) {
                Ok(number) => {
                    self.advance(length);
                    Ok(number)
                }
                Err(_) => self.unexpected(),
            };
        }
        Ok(match self.name()? {
            "true" => true.into(),
            "false" => false.into(),
            "null" => Value::Null,
            name => name.into(),
        })
    }
}

/// A block string without the common indentation of its lines, and without empty lines at the start and the end.
fn dedented(block: &str) -> String {
    let is_blank = |line: &&str| line.trim_start_matches([' ', '\t']).is_empty();
    let lines: Vec<&str> = block.lines().collect();
    let indents = lines.iter().skip(1).filter(|line| !is_blank(line));
    let indent = indents
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min();
    let indent = indent.unwrap_or(0);
    let lines = lines.iter().enumerate();
    let lines: Vec<&str> = lines
        .map(|(at, line)| {
            if at == 0 {
                line
            } else {
                line.get(indent..).unwrap_or_default()
            }
        })
        .collect();
    let first = lines.iter().position(|line| !is_blank(line));
    let last = lines.iter().rposition(|line| !is_blank(line));
    match first.zip(last) {
        Some((first, last)) => lines[first..=last].join("\n"),
        None => String::new(),
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod differential;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(query: &str, variables: Value) -> Vec<Field> {
        match parse(query, variables.as_object().unwrap()) {
            Ok(fields) => fields,
            Err(error) => panic!("{query}: {}", error.message()),
        }
    }

    #[test]
    fn parse_reads_queries_and_replaces_variables() {
        let query = r#"
            # A comment, { and more
            query Find($ids: [ID!]!, $first: Int = 5 @x, $after: String) @cached(for: 7) {
              found: transactions(ids: $ids, first: $first, after: $after, sort: HEIGHT_DESC, f: -1.5e3
                tags: [{ name: "a\"b\u00e9 #", values: ["x", "}"] }, {}], yes: true, no: false, none: null) {
                edges { node { id, tags { name value } } ... on Other { x } ... { y } }
              }
              __typename
            }"#;
        let all = fields(query, json!({ "ids": ["i"] }));
        assert_eq!(all.len(), 2);
        let found = &all[0];
        assert_eq!((found.key.as_str(), found.name.as_str()), ("found", "transactions"));
        let expected = json!({
            "ids": ["i"], "first": 5, "after": null, "sort": "HEIGHT_DESC", "f": -1500.0,
            "tags": [{ "name": "a\"bé #", "values": ["x", "}"] }, {}], "yes": true, "no": false, "none": null
        });
        assert_eq!(Value::Object(found.arguments.clone()), expected);
        let names: Vec<&str> = found.fields[0].fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["node", "x", "y"]);
        assert_eq!(found.fields[0].fields[0].fields[1].fields[1].name, "value");
        assert_eq!(fields("{a}", json!({}))[0].name, "a");
        let block = fields("{ a(b: \"\"\"\n   x \\\"\"\"\n     y\n\n  \"\"\") }", json!({}));
        assert_eq!(block[0].arguments["b"], "x \"\"\"\n  y");
    }

    #[test]
    fn parse_refuses_invalid_queries() {
        for query in [
            "",
            "  # nothing",
            "{",
            "{ a",
            "{ a(",
            "{ a(b) }",
            "{ a(b:) }",
            "{ a(b: \"x) }",
            "{ a(b: \"\\x\") }",
            "{ a(b: \"\"\"x) }",
            "{ a(b: 1.2.3) }",
            "{ a(b: -) }",
            "{ a(b: [1) }",
            "{ 1 }",
            "{ a } }",
            "{ ...a }",
            "{ ... }",
            "query",
            "query ($a) { a }",
            "query ($a: ) { a }",
            "mutation { a }",
            "fragment x on Y { a } { a }",
            "{ a: }",
            "{ é }",
            "@",
        ] {
            assert!(parse(query, &Map::new()).is_err(), "{query}");
        }
    }
}
