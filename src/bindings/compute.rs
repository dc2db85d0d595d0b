//! Modules and processes, for the compute face: text, bytes and numbers in, text and bytes out. Each artefact has one
//! engine.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(feature = "wasmi")]
use crate::compute::Wasmi as Engine;
use crate::compute::{Limits, Module, Process};
#[cfg(not(feature = "wasmi"))]
use crate::web::Native as Engine;

type Answer<T> = std::result::Result<T, JsValue>;

/// A module that is ready to run.
#[wasm_bindgen]
pub struct ComputeModule(Module);

#[wasm_bindgen]
impl ComputeModule {
    /// `format` is the tag `Module-Format`; limits that are left out are the crate's own.
    #[wasm_bindgen(constructor)]
    pub fn new(
        bytes: &[u8],
        format: Option<String>,
        compute: Option<f64>,
        memory: Option<f64>,
    ) -> Answer<ComputeModule> {
        let mut limits = Limits::default();
        // From floats to integers as Rust does it: the nearest that there is.
        limits.compute = compute.map_or(limits.compute, |number| number as u64);
        limits.memory = memory.map_or(limits.memory, |number| number as u64);
        Ok(Self(Module::load_within(&Engine, bytes, format.as_deref(), limits)?))
    }

    pub fn format(&self) -> String {
        self.0.format().name().into()
    }

    pub fn engine(&self) -> String {
        self.0.engine().into()
    }

    /// A new process. `environment` is JSON.
    pub fn instantiate(&self, environment: &str) -> Answer<ComputeProcess> {
        Ok(ComputeProcess(self.0.instantiate(environment)?))
    }

    /// A process from its snapshot.
    pub fn resume(&self, environment: &str, snapshot: &[u8]) -> Answer<ComputeProcess> {
        Ok(ComputeProcess(self.0.resume(environment, snapshot)?))
    }

    /// A process from a compute unit's checkpoint.
    #[wasm_bindgen(js_name = resumeCheckpoint)]
    pub fn resume_checkpoint(&self, environment: &str, checkpoint: &[u8]) -> Answer<ComputeProcess> {
        Ok(ComputeProcess(self.0.resume_checkpoint(environment, checkpoint)?))
    }
}

/// A process that is there to be sent messages.
#[wasm_bindgen]
pub struct ComputeProcess(Process);

#[wasm_bindgen]
impl ComputeProcess {
    /// The evaluation of a message, both as JSON.
    pub fn handle(&mut self, message: &str) -> Answer<String> {
        Ok(self.0.handle(message)?.to_json())
    }

    /// As `handle`; the process stays as it is.
    pub fn dryrun(&mut self, message: &str) -> Answer<String> {
        Ok(self.0.dryrun(message)?.to_json())
    }

    pub fn snapshot(&mut self) -> Answer<Vec<u8>> {
        Ok(self.0.snapshot()?)
    }

    pub fn checkpoint(&mut self) -> Answer<Vec<u8>> {
        Ok(self.0.checkpoint()?)
    }

    /// SHA-256 of raw memory.
    #[wasm_bindgen(js_name = memoryHash)]
    pub fn memory_hash(&mut self) -> Answer<Vec<u8>> {
        Ok(self.0.memory_hash()?.into())
    }
}
