//! Parses GraphQL queries: the part of the language that clients of gateways use. Variables are replaced while parsing.

use std::collections::BTreeMap;

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

/// Parses the fields of an operation, with the fragments that it uses. `operation` names one of several operations. The caller
/// limits length and depth.
pub(crate) fn parse(query: &str, variables: &Map<String, Value>, operation: Option<&str>) -> HttpResult<Vec<Field>> {
    let mut parser = Parser {
        rest: query,
        variables: variables.clone(),
        fragments: None,
        open: 0,
        fields: 0,
    };
    let mut fragments = BTreeMap::new();
    let mut operations = Vec::new();
    parser.skip();
    while !parser.rest.is_empty() {
        let start = parser.rest;
        let kind = if start.starts_with('{') {
            "query"
        } else {
            parser.name()?
        };
        match kind {
            "query" => {
                let name = match parser.rest.starts_with(['(', '@', '{']) {
                    true => None,
                    false => Some(parser.name()?),
                };
                operations.push((name, parser.rest));
                parser.operation_head()?;
            }
            "fragment" => {
                let name = parser.name()?;
                fragments.insert(name, parser.rest);
                parser.fragment_head()?;
            }
            other => {
                return Err(HttpError::bad_request(format!(
                    "Only queries and fragments are supported. The query begins with \"{other:.32}\""
                )));
            }
        }
        parser.selections()?;
    }
    let chosen = match (operation, &operations[..]) {
        (None, []) => return Err(HttpError::bad_request("The query is empty")),
        (None, [(_, text)]) => *text,
        (None, _) => {
            let message = "The request has several operations. Set operationName to the name of one";
            return Err(HttpError::bad_request(message));
        }
        (Some(wanted), all) => {
            let named = all.iter().find(|(name, _)| *name == Some(wanted));
            let named = named.ok_or_else(|| {
                HttpError::bad_request(format!(
                    "There is no operation \"{wanted:.64}\", which operationName names"
                ))
            })?;
            named.1
        }
    };
    // The operation is read again, now that all fragments are known. Defaults of other operations do not count.
    parser = Parser {
        rest: chosen,
        variables: variables.clone(),
        fragments: Some(fragments),
        open: 0,
        fields: 0,
    };
    parser.operation_head()?;
    parser.selections()
}

/// Maximum number of fields of an operation: fragments that use each other could have any number.
const MAX_FIELDS: usize = 10_000;
/// Maximum number of fragments within each other: the parser recurses once per fragment.
const MAX_FRAGMENTS: usize = 16;

struct Parser<'a> {
    rest: &'a str,
    variables: Map<String, Value>,
    /// The fragments by name, from what follows the name. `None` while the definitions are read: fragments are then not used.
    fragments: Option<BTreeMap<&'a str, &'a str>>,
    /// The number of fragments that are being read.
    open: usize,
    fields: usize,
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

    /// Parses what stands between the name of a query and its fields: variables, directives.
    fn operation_head(&mut self) -> HttpResult<()> {
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
        self.directives().map(drop)
    }

    /// Parses what stands between the name of a fragment and its fields: its type, directives.
    fn fragment_head(&mut self) -> HttpResult<()> {
        if self.name()? != "on" {
            return self.unexpected();
        }
        self.name()?;
        self.directives().map(drop)
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

    /// Parses directives. Returns whether what has them belongs to the response: `@skip` and `@include` decide that.
    fn directives(&mut self) -> HttpResult<bool> {
        let mut included = true;
        while self.accept("@") {
            let name = self.name()?;
            let arguments = self.arguments()?;
            let is_true = arguments.get("if") == Some(&Value::Bool(true));
            included &= match name {
                "skip" => !is_true,
                "include" => is_true,
                _ => true,
            };
        }
        Ok(included)
    }

    fn selections(&mut self) -> HttpResult<Vec<Field>> {
        let mut fields = Vec::new();
        self.expect("{")?;
        while !self.accept("}") {
            if self.accept("...") {
                let (included, spread) = self.fragment()?;
                if included {
                    spread.into_iter().for_each(|field| merge(&mut fields, field));
                }
                continue;
            }
            self.count()?;
            let key = self.name()?;
            let name = if self.accept(":") { self.name()? } else { key };
            let arguments = self.arguments()?;
            let included = self.directives()?;
            let field = Field {
                key: key.to_owned(),
                name: name.to_owned(),
                arguments,
                fields: match self.rest.starts_with('{') {
                    true => self.selections()?,
                    false => Vec::new(),
                },
            };
            if included {
                merge(&mut fields, field);
            }
        }
        Ok(fields)
    }

    fn count(&mut self) -> HttpResult<()> {
        self.fields += 1;
        match self.fields > MAX_FIELDS {
            true => Err(HttpError::bad_request("The query has too many fields. Ask for fewer")),
            false => Ok(()),
        }
    }

    /// Parses what follows `...`: an inline fragment or the name of one. Returns whether its fields belong to the response.
    fn fragment(&mut self) -> HttpResult<(bool, Vec<Field>)> {
        if !self.rest.starts_with(['{', '@']) {
            let name = self.name()?;
            if name != "on" {
                let included = self.directives()?;
                return Ok((included, self.spread(name)?));
            }
            self.name()?;
        }
        let included = self.directives()?;
        Ok((included, self.selections()?))
    }

    /// The fields of a named fragment.
    fn spread(&mut self, name: &'a str) -> HttpResult<Vec<Field>> {
        let Some(fragments) = &self.fragments else {
            return Ok(Vec::new());
        };
        let text = fragments.get(name).copied();
        let text = text.ok_or_else(|| HttpError::bad_request(format!("There is no fragment \"{name:.64}\"")))?;
        // A fragment that contains itself is nested without end.
        if self.open == MAX_FRAGMENTS {
            return Err(HttpError::bad_request(format!(
                "The fragment \"{name:.64}\" is nested too deep"
            )));
        }
        self.count()?;
        self.open += 1;
        let after = std::mem::replace(&mut self.rest, text);
        self.fragment_head()?;
        let fields = self.selections()?;
        self.rest = after;
        self.open -= 1;
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

/// Adds a field. The fields of one that is there already, under the same key, are joined.
fn merge(fields: &mut Vec<Field>, field: Field) {
    match fields
        .iter_mut()
        .find(|other| other.key == field.key && other.name == field.name)
    {
        Some(other) => field
            .fields
            .into_iter()
            .for_each(|field| merge(&mut other.fields, field)),
        None => fields.push(field),
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
mod tests;
