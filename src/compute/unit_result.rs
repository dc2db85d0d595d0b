//! The result of a message, as JSON with which a compute unit answers.

use serde_json::Value;
use serde_json::value::RawValue;

use super::evaluation::ProcessEvaluation;
use crate::error::{Error, ErrorKind};

/// The result of a message that a compute unit does not evaluate, because it has evaluated the same message before.
pub const SKIPPED_RESULT: &str = r#"{"Messages":[],"Assignments":[],"Spawns":[],"Output":""}"#;

/// Writes an evaluation as `{"Messages": …, "Assignments": …, "Spawns": …, "Output": …, "Patches": …, "GasUsed": …,
/// "Error": …}`. `Patches` is omitted where it is empty, and `Error` where the evaluation did not fail.
pub fn unit_result(evaluation: &ProcessEvaluation) -> String {
    let parts = &evaluation.parts;
    let raw = |part: &Option<Box<RawValue>>, default: &'static str| match part.as_deref().map(RawValue::get) {
        None | Some("null") => default.to_owned(),
        Some(text) => text.to_owned(),
    };
    let mut result = format!(
        r#"{{"Messages":{},"Assignments":{},"Spawns":{},"Output":{}"#,
        raw(&parts.messages, "[]"),
        raw(&parts.assignments, "[]"),
        raw(&parts.spawns, "[]"),
        raw(&parts.output, r#""""#),
    );
    match raw(&parts.patches, "[]").as_str() {
        "[]" | "{}" => {}
        patches => result += &format!(r#","Patches":{patches}"#),
    }
    result += &format!(r#","GasUsed":{}"#, evaluation.gas_used);
    if evaluation.failed() {
        result += &format!(r#","Error":{}"#, raw(&parts.error, "null"));
    }
    result.push('}');
    result
}

/// Writes the result of a message whose evaluation ended with a fault of the module.
pub fn failed_result(error: &Error) -> String {
    let error = Value::from(error.message());
    format!(
        r#"{},"GasUsed":0,"Error":{error}}}"#,
        SKIPPED_RESULT.trim_end_matches('}')
    )
}

/// Whether the module or its code caused an error. The message then always leads to this error.
pub fn is_module_fault(error: &Error) -> bool {
    use ErrorKind::{BadArgument, BadModule, EngineTrap, NotFound, OutOfGas, OutOfMemory, Unsupported};
    matches!(
        error.kind(),
        EngineTrap | OutOfGas | OutOfMemory | BadModule | Unsupported | NotFound | BadArgument
    )
}
