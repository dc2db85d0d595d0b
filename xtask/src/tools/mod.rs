//! What the work needs from the machine. Each file finds one tool, or installs it and says so in one line.

pub mod apt;
pub mod browsers;
pub mod crates;
pub mod geckodriver;
pub mod node;
pub mod wasm_bindgen;
pub mod wasm_pack;
pub mod wasm_target;

/// One line for everything that changes the machine or takes minutes.
pub fn installing(what: &str) {
    println!("  installing {what}");
}
