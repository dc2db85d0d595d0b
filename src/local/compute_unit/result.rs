//! Results of evaluations.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::compute::{self, ProcessEvaluation, is_module_fault};
use crate::error::{Error, Result};
use crate::local::platform::Platform;
use crate::local::store::records;

/// A result as it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredResult {
    /// The JSON with which the compute unit answers.
    pub result: Box<RawValue>,
    /// The report on the delivery of the outbox.
    pub pushed: Vec<Value>,
}

/// A result with its outbox, before delivery.
pub(crate) struct Evaluated {
    pub result: String,
    pub messages: Vec<Value>,
    pub spawns: Vec<Value>,
    pub assignments: Vec<Value>,
    /// Why a part of the outbox cannot be read, if one cannot.
    pub unreadable: Option<String>,
}

impl StoredResult {
    pub(crate) fn new(result: String, pushed: Vec<Value>) -> Result<Self> {
        let result = RawValue::from_string(result).map_err(|_| records::missing_record("a result that is JSON"))?;
        Ok(Self { result, pushed })
    }

    pub(crate) fn skipped() -> Result<Self> {
        Self::new(compute::SKIPPED_RESULT.into(), Vec::new())
    }

    /// Writes the record.
    pub(crate) async fn store(&self, platform: &impl Platform, name: &str) -> Result<()> {
        let bytes = serde_json::to_vec(self).map_err(|_| records::missing_record("a result that is JSON"))?;
        records::put(platform, name, &bytes).await
    }
}

impl Evaluated {
    /// An error that the module caused becomes a result with `Error`. Other errors are returned.
    pub(crate) fn new(evaluation: Result<ProcessEvaluation>) -> Result<Self> {
        match evaluation {
            Ok(evaluation) => Ok(Self::read(&evaluation)),
            Err(error) if is_module_fault(&error) => Ok(Self::failed(&error)),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn skipped() -> Self {
        Self {
            result: compute::SKIPPED_RESULT.into(),
            messages: Vec::new(),
            spawns: Vec::new(),
            assignments: Vec::new(),
            unreadable: None,
        }
    }

    fn failed(error: &Error) -> Self {
        let mut failed = Self::skipped();
        failed.result = compute::failed_result(error);
        failed
    }

    fn read(evaluation: &ProcessEvaluation) -> Self {
        let parts = &evaluation.parts;
        let mut unreadable = None;
        let mut list = |part: &Option<Box<RawValue>>| {
            let Some(part) = part else { return Vec::new() };
            match serde_json::from_str(part.get()) {
                Ok(Value::Array(entries)) => entries,
                // Lua writes an empty list as an object.
                Ok(_) => Vec::new(),
                Err(error) => {
                    unreadable = Some(format!("A part of the outbox cannot be read: {error}"));
                    Vec::new()
                }
            }
        };
        // The outbox of a failed evaluation is not delivered.
        let mut sent = |part| if evaluation.failed() { Vec::new() } else { list(part) };
        Self {
            messages: sent(&parts.messages),
            spawns: sent(&parts.spawns),
            assignments: sent(&parts.assignments),
            result: compute::unit_result(evaluation),
            unreadable,
        }
    }
}
