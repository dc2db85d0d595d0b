//! Tools that the commands need. Each file finds one tool, or installs it and prints a line.

pub mod apt;
pub mod browsers;
pub mod crates;
pub mod geckodriver;
pub mod node;
pub mod wasm_bindgen;
pub mod wasm_pack;
pub mod wasm_target;
pub mod zig;

/// Prints a line for each step that changes the machine or takes minutes.
pub fn installing(what: &str) {
    println!("  installing {what}");
}
