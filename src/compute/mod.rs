//! Runs AO processes, as a compute unit does: natively or on a page.
//!
//! ```no_run
//! use aoxide::compute::{Module, Wasmi};
//!
//! # fn main() -> aoxide::Result<()> {
//! let bytes = std::fs::read("aos.wasm").expect("a module");
//! let module = Module::load(&Wasmi::new(), &bytes, None)?;
//! let mut process = module.instantiate(r#"{"Process":{"Id":"…","Owner":"…","Tags":[]},"Module":{"Id":"…"}}"#)?;
//! let evaluation = process.handle(r#"{"Id":"…","From":"…","Tags":[{"name":"Action","value":"Info"}]}"#)?;
//! let preview = process.dryrun("{}")?; // undoes its effects
//! let snapshot = process.snapshot()?; // `module.resume` continues from it
//! # Ok(())
//! # }
//! ```
//!
//! | file | contents |
//! |---|---|
//! | `module`, `start`, `process`, `evaluation` | the public API: load a module, start a process, evaluate messages |
//! | `format`, `binary` | a module's format, from its tag and its bytes |
//! | `instrument` | rewrites a module: adds counters for gas, stack depth and memory growth |
//! | `engine` | the traits that a WebAssembly engine implements |
//! | `wasmi` | the interpreter as an engine (feature `wasmi`); the browser's engine is `web::Native` |
//! | `imports`, `instance_state`, `weavedrive` | the host functions of emscripten and WASI, and their state |
//! | `run`, `limits`, `trap` | limits of a run, and how it ends early |
//! | `unit_result` | the result of a message as a compute unit returns it |
//! | `memory`, `snapshot`, `deflate` | which memory is used, copies of it, snapshots and checkpoints |
//!
//! Nothing here depends on the machine, its clock or randomness: the same messages give the same bytes everywhere.

mod binary;
pub(crate) mod deflate;
mod engine;
mod evaluation;
mod format;
mod imports;
mod instance_state;
mod instrument;
mod limits;
mod memory;
mod module;
mod process;
mod run;
mod snapshot;
mod start;
mod trap;
mod unit_result;
#[cfg(feature = "wasmi")]
mod wasmi;
mod weavedrive;

pub use binary::{Binary, ExportedFunction, FuncType, Import, MemoryType, ValueType};
pub use engine::{Compiled, Engine, Guest, Instance, Job, Memory, WasmValue};
pub use evaluation::{EvaluationParts, ProcessEvaluation};
pub use format::{Format, Layout};
pub use imports::Imports;
pub use instance_state::InstanceState;
pub use limits::{Limits, Stop};
#[cfg(target_family = "wasm")]
pub(crate) use memory::WASM_PAGE;
pub use module::Module;
pub use process::Process;
pub use trap::Trap;
pub use unit_result::{SKIPPED_RESULT, failed_result, is_module_fault, unit_result};
pub use weavedrive::WeaveDrive;

#[cfg(feature = "wasmi")]
pub use self::wasmi::{Wasmi, warm_up};
