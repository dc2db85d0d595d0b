//! Process modules on the interpreter: real ones, small ones of each format, and broken ones.
#![cfg(not(target_family = "wasm"))]

mod formats;
mod lua_module;
mod malformed_modules;
mod processes;
mod support;
