//! GraphQL queries: the part of the language in which gateways are asked. Variables are filled in while a query is read.

use serde_json::{Map, Value};

use crate::local::http::{HttpError, HttpResult};

/// A field that is asked for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Field {
    /// The name that it has in the reply.
    pub key: String,
    pub name: String,
    pub arguments: Map<String, Value>,
    pub fields: Vec<Field>,
}

/// Reads the fields of a query; of several, those of the last one. Callers bound its length and its depth.
pub(crate) fn read(query: &str, variables: &Map<String, Value>) -> HttpResult<Vec<Field>> {
    let mut reader = Reader {
        rest: query,
        variables: variables.clone(),
    };
    let mut fields = None;
    reader.skip();
    while !reader.rest.is_empty() {
        if !reader.rest.starts_with('{') {
            match reader.name()? {
                "query" => reader.head()?,
                other => {
                    return Err(HttpError::bad(format!(
                        "Only plain queries are answered here, without fragments, and this begins with {other:.32}"
                    )));
                }
            }
        }
        fields = Some(reader.selections()?);
    }
    fields.ok_or_else(|| HttpError::bad("The query is empty"))
}

struct Reader<'a> {
    rest: &'a str,
    variables: Map<String, Value>,
}

impl<'a> Reader<'a> {
    fn unexpected<T>(&self) -> HttpResult<T> {
        let message = match self.rest.is_empty() {
            true => "The query cannot be read: it ends too early".to_owned(),
            false => format!("The query cannot be read at \"{:.32}\"", self.rest),
        };
        Err(HttpError::bad(message))
    }

    /// Goes on behind so many bytes, and what means nothing there.
    fn go(&mut self, bytes: usize) -> &'a str {
        let (read, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.skip();
        read
    }

    /// White space, commas and comments mean nothing.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']);
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.trim_start_matches(|c| c != '\n' && c != '\r'),
                None => return,
            }
        }
    }

    fn takes(&mut self, mark: &str) -> bool {
        let takes = self.rest.starts_with(mark);
        if takes {
            self.go(mark.len());
        }
        takes
    }

    fn expect(&mut self, mark: &str) -> HttpResult<()> {
        match self.takes(mark) {
            true => Ok(()),
            false => self.unexpected(),
        }
    }

    fn name(&mut self) -> HttpResult<&'a str> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let length = self.rest.bytes().take_while(|byte| is_part(*byte)).count();
        match self.rest.as_bytes().first() {
            Some(first) if length > 0 && !first.is_ascii_digit() => Ok(self.go(length)),
            _ => self.unexpected(),
        }
    }

    /// What stands between `query` and its fields.
    fn head(&mut self) -> HttpResult<()> {
        if !self.rest.starts_with(['(', '@', '{']) {
            self.name()?;
        }
        if self.takes("(") {
            while !self.takes(")") {
                self.expect("$")?;
                let name = self.name()?;
                self.expect(":")?;
                self.kind()?;
                if self.takes("=") {
                    let default = self.value()?;
                    self.variables.entry(name).or_insert(default);
                }
                self.directives()?;
            }
        }
        self.directives()
    }

    /// Skips the type of a variable, which no reply depends on.
    fn kind(&mut self) -> HttpResult<()> {
        if self.takes("[") {
            self.kind()?;
            self.expect("]")?;
        } else {
            self.name()?;
        }
        self.takes("!");
        Ok(())
    }

    fn directives(&mut self) -> HttpResult<()> {
        while self.takes("@") {
            self.name()?;
            self.arguments()?;
        }
        Ok(())
    }

    fn selections(&mut self) -> HttpResult<Vec<Field>> {
        let mut fields = Vec::new();
        self.expect("{")?;
        while !self.takes("}") {
            if self.takes("...") {
                if !self.rest.starts_with(['{', '@']) && self.name()? != "on" {
                    return Err(HttpError::bad("Fragments are not known here"));
                }
                if !self.rest.starts_with(['{', '@']) {
                    self.name()?;
                }
                self.directives()?;
                fields.extend(self.selections()?);
                continue;
            }
            let key = self.name()?;
            let name = if self.takes(":") { self.name()? } else { key };
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
        match self.takes("(") {
            true => self.members(")"),
            false => Ok(Map::new()),
        }
    }

    fn members(&mut self, end: &str) -> HttpResult<Map<String, Value>> {
        let mut members = Map::new();
        while !self.takes(end) {
            let name = self.name()?.to_owned();
            self.expect(":")?;
            members.insert(name, self.value()?);
        }
        Ok(members)
    }

    fn value(&mut self) -> HttpResult<Value> {
        if self.takes("$") {
            let name = self.name()?;
            return Ok(self.variables.get(name).cloned().unwrap_or(Value::Null));
        }
        if self.takes("[") {
            let mut entries = Vec::new();
            while !self.takes("]") {
                entries.push(self.value()?);
            }
            return Ok(Value::Array(entries));
        }
        if self.takes("{") {
            return Ok(Value::Object(self.members("}")?));
        }
        if let Some(block) = self.rest.strip_prefix("\"\"\"") {
            return match block.replace("\\\"\"\"", "\0\0\0\0").find("\"\"\"") {
                Some(end) => {
                    self.go(3 + end + 3);
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
            // Strings have the escapes of JSON.
            let text = end.and_then(|end| serde_json::from_str(&self.rest[..=end]).ok().map(|text| (end, text)));
            return match text {
                Some((end, text)) => {
                    self.go(end + 1);
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
                    self.go(length);
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

/// A block string without what its lines are indented by, and without empty lines around it.
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
        match read(query, variables.as_object().unwrap()) {
            Ok(fields) => fields,
            Err(refusal) => panic!("{query}: {}", refusal.message()),
        }
    }

    #[test]
    fn queries_are_read_with_their_variables() {
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
    fn what_is_no_query_is_refused() {
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
            assert!(read(query, &Map::new()).is_err(), "{query}");
        }
    }
}
