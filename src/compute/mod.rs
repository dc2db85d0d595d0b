//! Running AO's processes here: what a compute unit does, natively or on a page.
//!
//! ```no_run
//! use aoxide::compute::{Module, Wasmi};
//!
//! # fn main() -> aoxide::Result<()> {
//! let bytes = std::fs::read("aos.wasm").expect("a module");
//! let module = Module::load(&Wasmi::new(), &bytes, None)?;
//! let mut process = module.instantiate(r#"{"Process":{"Id":"…","Owner":"…","Tags":[]},"Module":{"Id":"…"}}"#)?;
//! let evaluation = process.handle(r#"{"Id":"…","From":"…","Tags":[{"name":"Action","value":"Info"}]}"#)?;
//! let preview = process.dryrun("{}")?; // leaves the process as it is
//! let snapshot = process.snapshot()?; // small; `module.resume` continues from it
//! # Ok(())
//! # }
//! ```
//!
//! | file | what lives there |
//! |---|---|
//! | `module`, `process` | what one works with |
//! | `format`, `binary`, `reader` | what a module is, from its bytes and its tag |
//! | `instrument` | counters that are written into a module: gas, the depth of its stack, the growth of its memory |
//! | `engine` | what this needs of a WebAssembly engine, as traits |
//! | `wasmi` | the engine that runs everywhere (feature `wasmi`); the browser's own is `web::Native` |
//! | `imports`, `host` | emscripten's and WASI's host functions, once for all modules and engines |
//! | `run`, `limits`, `trap` | how much a module may take, and how a run ends early |
//! | `live`, `image`, `snapshot`, `gzip` | state: which memory there is any in, copies of it, and as bytes |
//!
//! Nothing here depends on the machine, its clock or chance: the same messages give the same bytes everywhere.

mod binary;
mod engine;
mod evaluation;
mod format;
mod gzip;
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
#[cfg(feature = "wasmi")]
mod wasmi;
mod weavedrive;

pub use binary::{Binary, ExportedFunction, FuncType, Import, MemoryType, ValueType};
pub use engine::{Compiled, Engine, Guest, Instance, Job, Memory, Value};
pub use evaluation::{Evaluation, Parts};
pub use format::{Format, Layout};
pub use imports::Imports;
pub use instance_state::InstanceState;
pub use limits::{Limits, Stop};
#[cfg(target_family = "wasm")]
pub(crate) use memory::WASM_PAGE;
pub use module::Module;
pub use process::Process;
pub use trap::Trap;
pub use weavedrive::WeaveDrive;

#[cfg(feature = "wasmi")]
pub use self::wasmi::{Wasmi, warm_up};
