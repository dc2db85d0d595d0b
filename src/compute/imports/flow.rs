//! Control flow: `setjmp` and `longjmp`, `exit` and `abort`, gas.

use super::host_function::{HostArguments, HostFunction, HostResult, HostValue, read_string};
use crate::compute::engine::{Guest, WasmValue};
use crate::compute::run;
use crate::compute::trap::Trap;

pub(super) fn find(name: &str) -> Option<HostFunction> {
    Some(match name {
        _ if name.starts_with("invoke_") => invoke,
        "_emscripten_throw_longjmp" | "emscripten_longjmp" => |_, _| Err(Trap::LongJump),
        "getTempRet0" => |guest, _| Ok(HostValue::Integer(guest.state().temp_ret0.into())),
        "setTempRet0" => |guest, arguments| {
            guest.state().temp_ret0 = arguments.number(0)? as i32;
            Ok(HostValue::Nothing)
        },
        // The instrumented module counts gas itself and does not call this.
        "usegas" => |_, _| Ok(HostValue::Nothing),
        "metering_gasUsed" => |guest, _| Ok(HostValue::Integer(run::gas(guest).cast_signed())),
        "exit" | "proc_exit" | "_exit" => |_, arguments| Err(Trap::Exit(arguments.number(0)? as i32)),
        "abort" | "_abort_js" => |_, _| Err(Trap::failed("it called abort")),
        "__assert_fail" => |guest, arguments| {
            let condition = read_string(guest, arguments.pointer(0)?)?;
            let condition = String::from_utf8_lossy(&condition);
            Err(Trap::failed(format!("its assertion failed: {condition}")))
        },
        "emscripten_err" => |guest, arguments| {
            let message = read_string(guest, arguments.pointer(0)?)?;
            Err(Trap::Failed(String::from_utf8_lossy(&message).into_owned()))
        },
        "system" | "_emscripten_system" => |_, arguments| {
            // `system(NULL)` returns whether there is a shell: there is none.
            Ok(HostValue::Integer(if arguments.pointer(0)? == 0 { 0 } else { -52 }))
        },
        _ if name.starts_with("__cxa_") || name.starts_with("llvm_eh_") || name == "__resumeException" => {
            |_, _| Err(Trap::failed("it threw a C++ exception"))
        }
        _ => return None,
    })
}

/// Calls a function of the module's table. A `longjmp` in it ends the call, and the module continues behind its
/// `setjmp`.
fn invoke(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    let stack = guest.state().layout.stack();
    let [save, restore, _] = stack.ok_or_else(|| Trap::failed("it has no stack for setjmp"))?;
    let index = arguments.pointer(0)?;
    let pointer = guest.call(save, &[])?.unwrap_or(WasmValue::I32(0));
    guest.state().enter()?;
    let outcome = guest.call_indirect(index, arguments.0.get(1..).unwrap_or_default());
    guest.state().leave();
    match outcome {
        Ok(Some(WasmValue::F32(number))) => Ok(HostValue::Float(number.into())),
        Ok(Some(WasmValue::F64(number))) => Ok(HostValue::Float(number)),
        Ok(Some(number)) => Ok(HostValue::Integer(number.signed())),
        Ok(None) => Ok(HostValue::Nothing),
        Err(Trap::LongJump) => {
            guest.call(restore, &[pointer])?;
            let (threw, nothing) = match pointer {
                WasmValue::I64(_) => (WasmValue::I64(1), WasmValue::I32(0)),
                _ => (WasmValue::I32(1), WasmValue::I32(0)),
            };
            guest.call("setThrew", &[threw, nothing])?;
            Ok(HostValue::Nothing)
        }
        Err(trap) => Err(trap),
    }
}
