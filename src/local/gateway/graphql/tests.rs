use super::*;
use serde_json::json;

fn fields(query: &str, variables: Value) -> Vec<Field> {
    match parse(query, variables.as_object().unwrap(), None) {
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
        "query A { a } query B { b }",
        "fragment f on X { g ...f } { ...f }",
        "fragment f on X { ...g } fragment g on X { ...f } { ...f }",
        "fragment f { g } { ...f }",
        "fragment f on X { g }",
        "{ ... }",
        "query",
        "query ($a) { a }",
        "query ($a: ) { a }",
        "mutation { a }",
        "{ a: }",
        "{ é }",
        "@",
    ] {
        assert!(parse(query, &Map::new(), None).is_err(), "{query}");
    }
}

#[test]
fn parse_reads_fragments_and_joins_the_fields_of_the_same_key() {
    let query = r#"
            query One { a { id ...F ... on T { owner { key } } } }
            fragment F on T @x { id owner { address ...G } }
            query Two($yes: Boolean = true) { b @include(if: $yes) c @skip(if: $yes) ...H @skip(if: true) }
            fragment G on O { key }
            fragment H on Q { d }"#;
    let parsed = |name| match parse(query, &Map::new(), Some(name)) {
        Ok(fields) => fields,
        Err(error) => panic!("{}", error.message()),
    };
    let [a] = &parsed("One")[..] else { panic!() };
    let names = |fields: &[Field]| -> Vec<String> { fields.iter().map(|field| field.name.clone()).collect() };
    assert_eq!(names(&a.fields), ["id", "owner"]);
    assert_eq!(names(&a.fields[1].fields), ["address", "key"]);
    assert_eq!(names(&parsed("Two")), ["b"]);
    assert!(parse(query, &Map::new(), Some("Three")).is_err());
    // Fragments that use each other twice have any number of fields.
    let doubled: String = (0..15)
        .map(|n| format!("fragment f{n} on T {{ ...f{m} ...f{m} }} ", m = n + 1))
        .collect();
    let doubled = format!("{doubled} fragment f15 on T {{ a }} {{ ...f0 }}");
    assert!(parse(&doubled, &Map::new(), None).is_err());
}
