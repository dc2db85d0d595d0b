//! Bindings of modules and processes. They take text, bytes and numbers, and return text and bytes. Each artefact has one
//! engine.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::stop::stop;
#[cfg(feature = "wasmi")]
use crate::compute::Wasmi as Engine;
use crate::compute::{Limits, Module, Process};
#[cfg(not(feature = "wasmi"))]
use crate::web::Native as Engine;

type JsResult<T> = std::result::Result<T, JsValue>;

/// A compiled module.
#[wasm_bindgen]
pub struct ComputeModule(Module);

#[wasm_bindgen]
impl ComputeModule {
    /// Compiles a module. `format` is its tag `Module-Format`. A limit that is left out has the crate's default.
    #[wasm_bindgen(constructor)]
    pub fn new(
        bytes: &[u8],
        format: Option<String>,
        compute: Option<f64>,
        memory: Option<f64>,
    ) -> JsResult<ComputeModule> {
        let mut limits = Limits::default();
        // `as` takes a number that is too large for the nearest that fits.
        limits.compute = compute.map_or(limits.compute, |number| number as u64);
        limits.memory = memory.map_or(limits.memory, |number| number as u64);
        limits.stop = stop();
        Ok(Self(Module::load_within(&Engine, bytes, format.as_deref(), limits)?))
    }

    pub fn format(&self) -> String {
        self.0.format().name().into()
    }

    pub fn engine(&self) -> String {
        self.0.engine().into()
    }

    /// Makes a new process. `environment` is JSON.
    pub fn instantiate(&self, environment: &str) -> JsResult<ComputeProcess> {
        Ok(ComputeProcess(self.0.instantiate(environment)?))
    }

    /// Restores a process from its snapshot.
    pub fn resume(&self, environment: &str, snapshot: &[u8]) -> JsResult<ComputeProcess> {
        Ok(ComputeProcess(self.0.resume(environment, snapshot)?))
    }

    /// Restores a process from a compute unit's checkpoint.
    #[wasm_bindgen(js_name = resumeCheckpoint)]
    pub fn resume_checkpoint(&self, environment: &str, checkpoint: &[u8]) -> JsResult<ComputeProcess> {
        Ok(ComputeProcess(self.0.resume_checkpoint(environment, checkpoint)?))
    }
}

/// A process that evaluates messages.
#[wasm_bindgen]
pub struct ComputeProcess(Process);

#[wasm_bindgen]
impl ComputeProcess {
    /// Evaluates a message. Both are JSON.
    pub fn handle(&mut self, message: &str) -> JsResult<String> {
        Ok(self.0.handle(message)?.to_json())
    }

    /// Evaluates a message and leaves the process as it was.
    pub fn dryrun(&mut self, message: &str) -> JsResult<String> {
        Ok(self.0.dryrun(message)?.to_json())
    }

    pub fn snapshot(&mut self) -> JsResult<Vec<u8>> {
        Ok(self.0.snapshot()?)
    }

    pub fn checkpoint(&mut self) -> JsResult<Vec<u8>> {
        Ok(self.0.checkpoint()?)
    }

    /// SHA-256 of the process's raw memory.
    #[wasm_bindgen(js_name = memoryHash)]
    pub fn memory_hash(&mut self) -> JsResult<Vec<u8>> {
        Ok(self.0.memory_hash()?.into())
    }
}
