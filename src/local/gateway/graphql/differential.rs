//! Compares the parser with `graphql-parser` on random queries, most of which are valid.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{Field, parse};
use graphql_parser::query as reference;

struct Random {
    state: u64,
    /// Whether a fragment is being written. It uses no other one.
    in_fragment: bool,
}

impl Random {
    fn below(&mut self, max: u64) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % max) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64)]
    }

    fn value(&mut self, depth: u32) -> String {
        match self.below(if depth == 0 { 6 } else { 8 }) {
            0 => self.pick(&["$a", "$b", "$missing"]).into(),
            1 => self.pick(&["0", "-7", "12345678", "1.5", "-2.25e2", "3E-2"]).into(),
            2 => self
                .pick(&["true", "false", "null", "HEIGHT_DESC", "on", "query"])
                .into(),
            3 => self
                .pick(&[r#""""#, r#""x""#, r#""a\"b\\ \u00e9""#, r##""# {}""##, r#""é€😀""#])
                .into(),
            4 => self
                .pick(&[r#""""x""""#, "\"\"\"\n  a\n    b\n\"\"\"", r#""""a "q" \""" b""""#])
                .into(),
            5 => self.pick(&["[]", "{}"]).into(),
            6 => {
                let entries: Vec<String> = (0..self.below(3)).map(|_| self.value(depth - 1)).collect();
                format!("[{}]", entries.join(self.pick(&[",", " ", ", "])))
            }
            _ => format!("{{ {} }}", self.arguments(depth - 1)),
        }
    }

    fn arguments(&mut self, depth: u32) -> String {
        let one = |random: &mut Self| {
            format!(
                "{}: {}",
                random.pick(&["ids", "tags", "_x1", "first"]),
                random.value(depth)
            )
        };
        let all: Vec<String> = (0..=self.below(2)).map(|_| one(self)).collect();
        all.join(self.pick(&[",", "\n", " # more\n"]))
    }

    fn selections(&mut self, depth: u32) -> String {
        let mut text = String::from("{");
        for _ in 0..=self.below(3) {
            text.push_str(self.pick(&[" ", "\n", ", "]));
            if depth > 0 && self.below(8) == 0 {
                if !self.in_fragment && self.below(2) == 0 {
                    text.push_str(self.pick(&["...F", "... F @skip(if: false)", "...on_x"]));
                    continue;
                }
                text.push_str(self.pick(&["... on Other", "...", "... @include(if: true)"]));
                text.push_str(&self.selections(depth - 1));
                continue;
            }
            text.push_str(self.pick(&["", "", "other: "]));
            text.push_str(self.pick(&["transactions", "edges", "node", "__typename", "on_x"]));
            if self.below(3) == 0 {
                let arguments = self.arguments(depth.min(2));
                text.push_str(&format!("({arguments})"));
            }
            text.push_str(self.pick(&["", "", " @skip(if: false)"]));
            if depth > 0 && self.below(2) == 0 {
                text.push_str(&self.selections(depth - 1));
            }
        }
        text + "}"
    }

    fn query(&mut self) -> String {
        let head = self.pick(&[
            "",
            "query ",
            "query Q ",
            "query ($a: [ID!]!, $b: Int = 5) ",
            "query Q($b: S = \"d\") @x ",
        ]);
        let mut text = format!("{head}{}", self.selections(4));
        self.in_fragment = true;
        let fragments = format!(
            "fragment F on T @x {} fragment on_x on T {}",
            self.selections(2),
            self.selections(1)
        );
        self.in_fragment = false;
        text = match self.below(2) {
            0 => format!("{text} {fragments}"),
            _ => format!("{fragments}{text}"),
        };
        // Some queries are made invalid.
        if self.below(4) == 0 {
            let at = self.below(text.len() as u64);
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, self.pick(&["", "{", "}", "\"", "(", ":", "$", "!"]));
            }
        }
        text
    }
}

fn json_of(value: &reference::Value<String>, variables: &Map<String, Value>) -> Value {
    match value {
        reference::Value::Variable(name) => variables.get(name).cloned().unwrap_or(Value::Null),
        reference::Value::Int(number) => number.as_i64().into(),
        reference::Value::Float(number) => json!(number),
        reference::Value::String(text) | reference::Value::Enum(text) => text.clone().into(),
        reference::Value::Boolean(flag) => (*flag).into(),
        reference::Value::Null => Value::Null,
        reference::Value::List(entries) => entries.iter().map(|entry| json_of(entry, variables)).collect(),
        reference::Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), json_of(value, variables)))
            .collect(),
    }
}

/// The fragments of a document by name.
type Fragments<'a> = HashMap<&'a str, &'a reference::FragmentDefinition<'a, String>>;

fn fields_of(
    set: &reference::SelectionSet<String>,
    variables: &Map<String, Value>,
    fragments: &Fragments,
) -> Option<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    for selection in &set.items {
        let found = match selection {
            reference::Selection::Field(field) => vec![Field {
                key: field.alias.as_ref().unwrap_or(&field.name).clone(),
                name: field.name.clone(),
                arguments: field
                    .arguments
                    .iter()
                    .map(|(name, value)| (name.clone(), json_of(value, variables)))
                    .collect(),
                fields: fields_of(&field.selection_set, variables, fragments)?,
            }],
            reference::Selection::InlineFragment(inline) => fields_of(&inline.selection_set, variables, fragments)?,
            reference::Selection::FragmentSpread(spread) => {
                let fragment = fragments.get(spread.fragment_name.as_str())?;
                fields_of(&fragment.selection_set, variables, fragments)?
            }
        };
        let directives = match selection {
            reference::Selection::Field(field) => &field.directives,
            reference::Selection::InlineFragment(inline) => &inline.directives,
            reference::Selection::FragmentSpread(spread) => &spread.directives,
        };
        if directives.iter().all(|directive| is_included(directive, variables)) {
            join(&mut fields, found);
        }
    }
    Some(fields)
}

fn is_included(directive: &reference::Directive<String>, variables: &Map<String, Value>) -> bool {
    let mut arguments = directive.arguments.iter();
    let condition = arguments.rfind(|(name, _)| name == "if");
    let condition = condition.is_some_and(|(_, value)| json_of(value, variables) == Value::Bool(true));
    match directive.name.as_str() {
        "skip" => !condition,
        "include" => condition,
        _ => true,
    }
}

fn join(fields: &mut Vec<Field>, more: Vec<Field>) {
    for field in more {
        match fields
            .iter()
            .position(|other| (&other.key, &other.name) == (&field.key, &field.name))
        {
            Some(at) => join(&mut fields[at].fields, field.fields),
            None => fields.push(field),
        }
    }
}

/// The fields that the reference parser finds. `None` for queries that it refuses, and for those without exactly one operation.
fn parse_with_reference(query: &str, given: &Map<String, Value>) -> Option<Vec<Field>> {
    let document = reference::parse_query::<String>(query).ok()?;
    let mut variables = given.clone();
    let mut fragments = Fragments::new();
    let mut operations = Vec::new();
    for definition in &document.definitions {
        match definition {
            reference::Definition::Operation(operation) => operations.push(operation),
            reference::Definition::Fragment(fragment) => {
                fragments.insert(&fragment.name, fragment);
            }
        }
    }
    match operations[..] {
        [reference::OperationDefinition::SelectionSet(set)] => fields_of(set, &variables, &fragments),
        [reference::OperationDefinition::Query(query)] => {
            for variable in &query.variable_definitions {
                if let Some(default) = &variable.default_value {
                    let default = json_of(default, &Map::new());
                    variables.entry(variable.name.as_str()).or_insert(default);
                }
            }
            fields_of(&query.selection_set, &variables, &fragments)
        }
        _ => None,
    }
}

#[test]
fn parse_agrees_with_the_reference_parser_on_random_queries() {
    let variables = json!({ "a": ["i"] });
    let variables = variables.as_object().unwrap();
    let mut random = Random {
        state: 0x9e37_79b9_7f4a_7c15,
        in_fragment: false,
    };
    let mut counts = [0, 0];
    for _ in 0..20_000 {
        let query = random.query();
        let Some(expected) = parse_with_reference(&query, variables) else {
            counts[1] += 1;
            continue;
        };
        counts[0] += 1;
        match parse(&query, variables, None) {
            Ok(fields) => assert_eq!(fields, expected, "{query}"),
            Err(error) => panic!("{query}: {}", error.message()),
        }
    }
    assert!(counts[0] > 10_000 && counts[1] > 500, "{counts:?}");
}
