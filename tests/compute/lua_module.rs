//! The Lua module for Rust programs: which bytes are accepted, its tags, and a message.

use std::fs;

use aoxide::ErrorKind;
use aoxide::arweave::Id;
use aoxide::compute::Wasmi;
use aoxide::lua::LuaModule;

fn bytes() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/lua/process.wasm");
    fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}. Run `cargo xtask build --only lua`"))
}

#[test]
fn the_module_of_this_version_evaluates_lua() {
    let lua = LuaModule::new(bytes()).unwrap();
    assert_eq!(lua.id(), Id::of(lua.bytes()));
    let module = lua.load(&Wasmi::new()).unwrap();
    let process = "p".repeat(43);
    let owner = "o".repeat(43);
    let environment =
        format!(r#"{{"Process":{{"Id":"{process}","Owner":"{owner}","Tags":[]}},"Module":{{"Id":"m","Tags":[]}}}}"#);
    let message = format!(
        r#"{{"Id":"{process}","From":"{owner}","Owner":"{owner}","Target":"{process}","Timestamp":1,
            "Tags":[{{"name":"Action","value":"Eval"}}],"Data":"return 6 * 7"}}"#
    );
    let mut process = module.instantiate(&environment).unwrap();
    let evaluation = process.handle(&message).unwrap();
    let output = evaluation.parts.output.expect("an output").to_string();
    assert!(output.contains(r#""data":"42""#), "{output}");
}

#[test]
fn other_bytes_are_refused() {
    let mut other = bytes();
    other[100] ^= 1;
    assert_eq!(LuaModule::new(other).unwrap_err().kind(), ErrorKind::BadModule);
    assert_eq!(
        LuaModule::new(*b"\0asm\x01\0\0\0").unwrap_err().kind(),
        ErrorKind::BadModule
    );
}

#[test]
fn the_tags_are_those_of_the_npm_package() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg-template/src/lua/index.ts");
    let source = fs::read_to_string(path).unwrap();
    let (_, rest) = source.split_once("const TAGS = {\n").unwrap();
    let (tags, _) = rest.split_once("\n}").unwrap();
    let declared: Vec<_> = tags
        .lines()
        .map(|line| line.trim().trim_end_matches(',').replace('\'', ""))
        .collect();
    let expected: Vec<_> = LuaModule::tags()
        .iter()
        .map(|tag| {
            format!(
                "{}: {}",
                String::from_utf8_lossy(&tag.name),
                String::from_utf8_lossy(&tag.value)
            )
        })
        .collect();
    assert_eq!(declared, expected);
}
