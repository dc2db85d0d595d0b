use super::*;
use crate::compute::format::Layout;
use crate::compute::instrument::{Checks, instrument};

const MODULE: &str = "(module
    (memory (export \"memory\") 1)
    (table 2 funcref)
    ELEMENTS
    (global $other (mut i32) (i32.const 5))
    (global $state (mut i32) (i32.const INITIAL))
    (func (export \"asyncify_start_unwind\") (param i32) (global.set $state (i32.const 1)))
    (func $stop (export \"asyncify_stop_unwind\") (global.set $state (i32.const 0)))
    (func (export \"asyncify_start_rewind\") (param i32) (global.set $state (i32.const 2)))
    (func (export \"asyncify_stop_rewind\") (global.set $state (i32.const 0)))
    (func (export \"asyncify_get_state\") (result i32) ASKS)
    (func (export \"malloc\") (param i32) (result i32) (i32.const 0))
    (func (export \"free\") (param i32))
    (func (export \"handle\") (param i32 i32) (result i32)
      DOES (i32.add (global.get $state) (i32.const 77)))
    START)";

const PLAIN: [(&str, &str); 5] = [
    ("ELEMENTS", "(elem (i32.const 0) 5 6)"),
    ("INITIAL", "0"),
    ("ASKS", "(global.get $state)"),
    ("DOES", "(global.set $other (i32.const 1))"),
    ("START", ""),
];

/// Whether the read in `handle` was replaced by a constant, with one part of the module replaced.
fn is_constant(place: &str, otherwise: &str) -> bool {
    let mut text = MODULE.to_owned();
    for (one, plain) in PLAIN {
        text = text.replace(one, if one == place { otherwise } else { plain });
    }
    let bytes = wat::parse_str(&text).unwrap();
    let binary = Binary::read(&bytes).unwrap();
    let layout = Layout::of(&binary, None).unwrap();
    let written = instrument(&bytes, &binary, &layout, false, Checks::None).unwrap().bytes;
    let has = |code: &[u8]| written.windows(code.len()).any(|window| window == code);
    let asked = has(&[code::GLOBAL_GET, 1, code::I32_CONST, 0xcd, 0, code::I32_ADD]);
    let answered = has(&[code::I32_CONST, 0, code::I32_CONST, 0xcd, 0, code::I32_ADD]);
    assert_ne!(asked, answered, "{text}");
    answered
}

#[test]
fn a_state_that_cannot_change_is_replaced_by_a_constant() {
    assert!(is_constant("", ""));
    assert!(is_constant("ELEMENTS", ""));
}

#[test]
fn fold_constant_folds_only_the_known_patterns() {
    use code::{I32_CONST, I32_EQ, I32_EQZ, I32_OR, IF, LOCAL_GET, SELECT};
    let none = (&[I32_CONST, 0][..], 0);
    let always = [I32_CONST, 1];
    for (rest, (written, length)) in [
        (&[I32_EQZ, LOCAL_GET, 7, I32_EQZ, I32_OR, IF][..], (&always[..], 5)),
        (
            &[I32_EQZ, LOCAL_GET, 0x87, 1, I32_CONST, 0xc1, 0, I32_EQ, I32_OR],
            (&always, 9),
        ),
        (&[I32_CONST, 2, I32_EQ, I32_OR, IF], (&[], 4)),
        (&[I32_CONST, 1, LOCAL_GET, 7, SELECT, IF], (&[LOCAL_GET, 7, I32_EQZ], 5)),
        (
            &[I32_CONST, 1, LOCAL_GET, 0x87, 1, SELECT],
            (&[LOCAL_GET, 0x87, 1, I32_EQZ], 6),
        ),
        // Compares with 0, the normal state.
        (&[I32_CONST, 0, I32_EQ, I32_OR], none),
        (&[I32_CONST, 2, I32_EQ, IF], none),
        // The other operand need not be a condition.
        (&[I32_EQZ, LOCAL_GET, 7, I32_OR], none),
        (&[I32_EQZ, LOCAL_GET, 7, I32_CONST, 5, I32_OR], none),
        (&[I32_EQZ, LOCAL_GET, 0x87], none),
        // The other value is not 1.
        (&[I32_CONST, 2, LOCAL_GET, 7, SELECT], none),
        (&[I32_CONST, 1, LOCAL_GET, 7, I32_EQZ, SELECT], none),
        (&[I32_CONST, 1, LOCAL_GET], none),
        (&[], none),
    ] {
        let mut out = vec![0xff];
        assert_eq!(Asyncify::fold_constant(rest, &mut out), length, "{rest:x?}");
        assert_eq!(out.split_off(1), written, "{rest:x?}");
    }
}

#[test]
fn a_state_that_could_change_is_still_read() {
    for (place, otherwise) in [
        ("INITIAL", "1"),
        ("ASKS", "(i32.const 0)"),
        ("ASKS", "(i32.add (global.get $state) (i32.const 0))"),
        ("DOES", "(global.set $state (i32.const 1))"),
        ("DOES", "(call 0 (i32.const 0))"),
        ("DOES", "(drop (ref.func 0)) (call $stop)"),
        ("ELEMENTS", "(elem (i32.const 0) 5 2)"),
        ("ELEMENTS", "(elem (i32.const 0) funcref (ref.func 2))"),
        ("ELEMENTS", "(elem declare func 6)"),
        ("START", "(start $stop)"),
    ] {
        assert!(!is_constant(place, otherwise), "{place}: {otherwise}");
    }
}
