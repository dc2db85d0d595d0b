use crate::compute::binary::Binary;
use crate::compute::format::Layout;
use crate::compute::instrument::{Checks, instrument};
use crate::error::ErrorKind;

/// A module with 3 types, 3 functions and 1 global, apart from what is added at PLACE.
const MODULE: &str = "(module
    (type (func (param i32) (result i32))) (type (func (param i32 i32) (result i32))) (type (func))
    (import \"env\" \"exit\" (func (type 2)))
    (table 2 funcref) (memory (export \"memory\") 1) (global (mut i32) (i32.const 0))
    (func (export \"malloc\") (type 0) (i32.const 0))
    (func (export \"handle\") (type 1) BODY (i32.const 0)) SECTION)";

fn kind(place: &str, text: &str) -> Option<ErrorKind> {
    let text = match place {
        "BODY" => MODULE.replace("BODY", text).replace("SECTION", ""),
        _ => MODULE.replace("BODY", "").replace("SECTION", text),
    };
    let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let binary = match Binary::read(&bytes) {
        Ok(binary) => binary,
        Err(error) => return Some(error.kind()),
    };
    let layout = Layout::of(&binary, None).unwrap();
    instrument(&bytes, &binary, &layout, false, Checks::None)
        .err()
        .map(|error| error.kind())
}

#[test]
fn indexes_of_added_types_functions_and_globals_are_refused() {
    for (place, text, last) in [
        ("BODY", "(call INDEX)", 2),
        ("BODY", "(drop (ref.func INDEX))", 2),
        ("BODY", "(drop (global.get INDEX))", 0),
        ("BODY", "(global.set INDEX (i32.const 0))", 0),
        ("BODY", "(call_indirect (type INDEX) (i32.const 0))", 2),
        ("BODY", "(block (type INDEX))", 2),
        ("SECTION", "(func (type INDEX))", 2),
        ("SECTION", "(export \"f\" (func INDEX))", 2),
        ("SECTION", "(export \"g\" (global INDEX))", 0),
        ("SECTION", "(start INDEX)", 2),
        ("SECTION", "(elem (i32.const 0) INDEX)", 2),
        ("SECTION", "(elem func INDEX)", 2),
        ("SECTION", "(elem declare func INDEX)", 2),
        ("SECTION", "(elem (i32.const 0) funcref (ref.func INDEX))", 2),
        ("SECTION", "(elem funcref (ref.func INDEX))", 2),
        ("SECTION", "(elem (global.get INDEX) 0)", 0),
        ("SECTION", "(data (global.get INDEX) \"a\")", 0),
        ("SECTION", "(global i32 (global.get INDEX))", 1),
        ("SECTION", "(tag (type INDEX))", 2),
    ] {
        let with = |index: u32| kind(place, &text.replace("INDEX", &index.to_string()));
        assert_eq!(with(last), None, "{text}");
        for beyond in 1..4 {
            assert_eq!(with(last + beyond), Some(ErrorKind::BadModule), "{text} + {beyond}");
        }
    }
}

#[test]
fn value_types_of_blocks_are_no_indexes() {
    for text in [
        "(block)",
        "(drop (block (result i32) (i32.const 0)))",
        "(loop)",
        "(if (i32.const 0) (then))",
    ] {
        assert_eq!(kind("BODY", text), None, "{text}");
    }
}
