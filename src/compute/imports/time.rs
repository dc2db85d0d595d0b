//! The host's part of C's `gmtime`, `localtime`, `mktime`, `tzset` and `strftime`, in UTC.

use super::host_function::{HostArguments, HostFunction, HostResult, HostValue, read_string, write, write_word};
use super::strftime::strftime;
use super::tm::Tm;
use crate::compute::engine::{Guest, WasmValue};
use crate::compute::trap::Trap;

pub(super) fn find(name: &str) -> Option<HostFunction> {
    Some(match name {
        "_gmtime_js" | "_localtime_js" => gmtime,
        "_mktime_js" | "_timegm_js" => mktime,
        "_tzset_js" => tzset,
        "strftime" | "strftime_l" => format,
        _ => return None,
    })
}

/// Writes a `struct tm` for a time. The time is passed as a number of 64 bits, as two halves, or (in formats 1 and 2)
/// as a pointer to 32 bits.
fn gmtime(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    let (seconds, at) = match arguments.0 {
        [WasmValue::I64(seconds), _] => (*seconds, arguments.pointer(1)?),
        [_, _, _] => {
            let (low, high) = (arguments.pointer(0)? as u32, arguments.number(1)?);
            (high << 32 | i64::from(low), arguments.pointer(2)?)
        }
        _ => {
            let bytes = guest.view(arguments.pointer(0)?, 4).ok_or(Trap::OutOfBounds)?;
            let mut word = [0; 4];
            word.copy_from_slice(&bytes);
            (i32::from_le_bytes(word).into(), arguments.pointer(1)?)
        }
    };
    Tm::of(seconds).write(guest, at)?;
    let memory64 = guest.state().layout.memory64;
    write_word(guest, at.wrapping_add(if memory64 { 40 } else { 36 }), 0)?;
    Ok(HostValue::Nothing)
}

fn mktime(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    let at = arguments.pointer(0)?;
    let seconds = Tm::read(guest, at)?.seconds();
    Tm::of(seconds).write(guest, at)?;
    let high = (seconds >> 32) as i32;
    if guest.state().layout.has("_emscripten_tempret_set") {
        guest.call("_emscripten_tempret_set", &[WasmValue::I32(high)])?;
    }
    guest.state().temp_ret0 = high;
    Ok(HostValue::Integer(seconds))
}

fn tzset(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    const NAME: &[u8; 4] = b"UTC\0";
    let (offset, daylight) = (arguments.pointer(0)?, arguments.pointer(1)?);
    write_word(guest, offset, 0)?;
    write(guest, daylight, &0i32.to_le_bytes())?;
    if arguments.0.len() > 3 {
        write(guest, arguments.pointer(2)?, NAME)?;
        write(guest, arguments.pointer(3)?, NAME)?;
        return Ok(HostValue::Nothing);
    }
    // Formats 1 and 2 expect a pair of pointers to strings that the host allocates.
    let pair = arguments.pointer(2)?;
    for (index, step) in [(0, 0), (1, 4)] {
        let name = guest
            .call("malloc", &[WasmValue::I32(4)])?
            .unwrap_or(WasmValue::I32(0))
            .unsigned();
        write(guest, name, NAME)?;
        let at = pair.wrapping_add(if guest.state().layout.memory64 { index * 8 } else { step });
        write_word(guest, at, name)?;
    }
    Ok(HostValue::Nothing)
}

fn format(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    let (to, capacity) = (arguments.pointer(0)?, arguments.pointer(1)?);
    let pattern = read_string(guest, arguments.pointer(2)?)?;
    let time = Tm::read(guest, arguments.pointer(3)?)?;
    let mut text = strftime(&pattern, time);
    text.push(0);
    let length = text.len() as u64;
    if length > capacity {
        return Ok(HostValue::Integer(0));
    }
    write(guest, to, &text)?;
    Ok(HostValue::Integer(text.len() as i64 - 1))
}
