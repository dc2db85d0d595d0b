//! The functions of WASI preview 1 that modules import, and emscripten's clock and environment.

use super::host_function::{HostArguments, HostFunction, HostResult, HostValue, write, write_word};
use crate::compute::engine::Guest;
use crate::compute::trap::Trap;

/// Illegal seek, which Linux reports for pipes.
const ESPIPE: i64 = 70;
/// The most buffers of one call. Linux has the same limit.
const MAX_BUFFERS: u64 = 1024;

pub(super) fn find(name: &str) -> Option<HostFunction> {
    Some(match name {
        "environ_sizes_get" => |guest, arguments| {
            write_word(guest, arguments.pointer(0)?, 0)?;
            write_word(guest, arguments.pointer(1)?, 0)?;
            Ok(HostValue::Integer(0))
        },
        "fd_close" => |guest, _| match guest.state().is_stopped() {
            true => Err(Trap::Stopped),
            false => Ok(HostValue::Integer(0)),
        },
        "environ_get" | "fd_sync" | "fd_fdstat_get" => |_, _| Ok(HostValue::Integer(0)),
        "fd_write" => fd_write,
        "fd_read" => fd_read,
        "fd_seek" => fd_seek,
        "clock_time_get" => |guest, arguments| {
            let nanoseconds = guest.state().tick() * 1e6;
            write(guest, arguments.pointer(2)?, &(nanoseconds as u64).to_le_bytes())?;
            Ok(HostValue::Integer(0))
        },
        "emscripten_date_now" | "_emscripten_date_now" | "emscripten_get_now" => {
            |guest, _| Ok(HostValue::Float(guest.state().tick()))
        }
        "_emscripten_get_now_is_monotonic" => |_, _| Ok(HostValue::Integer(1)),
        // Deterministic: every machine must get the same bytes.
        "random_get" => |guest, arguments| {
            let (at, length) = (arguments.pointer(0)?, arguments.pointer(1)?);
            let length = guest.view(at, length).ok_or(Trap::OutOfBounds)?.len();
            write(guest, at, &vec![0x80; length])?;
            Ok(HostValue::Integer(0))
        },
        _ => return None,
    })
}

/// Reports or sets the position in a file of WeaveDrive. Other files have none.
fn fd_seek(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    // A module with 32-bit addresses passes the offset in two halves.
    let (offset, whence, to) = match arguments.0.len() {
        5 => {
            let (low, high) = (arguments.number(1)?, arguments.number(2)?);
            (
                low & 0xffff_ffff | high << 32,
                arguments.number(3)?,
                arguments.pointer(4)?,
            )
        }
        _ => (arguments.number(1)?, arguments.number(2)?, arguments.pointer(3)?),
    };
    let file = arguments.pointer(0)?;
    let Some(position) = guest.state().files.seek(file, offset, whence) else {
        return Ok(HostValue::Integer(ESPIPE));
    };
    write(guest, to, &position.to_le_bytes())?;
    Ok(HostValue::Integer(0))
}

/// Reads from a file of WeaveDrive. Other files are empty.
fn fd_read(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    let file = arguments.pointer(0)?;
    let mut total = 0;
    for (at, length) in buffers(guest, arguments)?.unwrap_or_default() {
        let bytes = guest.state().files.read(file, length).to_vec();
        if bytes.is_empty() {
            break;
        }
        write(guest, at, &bytes)?;
        total += bytes.len() as u64;
    }
    write_word(guest, arguments.pointer(3)?, total)?;
    Ok(HostValue::Integer(0))
}

/// Discards what a module prints, and reports that all of it was written.
fn fd_write(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    let Some(buffers) = buffers(guest, arguments)? else {
        return Ok(HostValue::Integer(28));
    };
    let lengths = buffers.into_iter().map(|(_, length)| length);
    let total = lengths.fold(0, u64::wrapping_add);
    write_word(guest, arguments.pointer(3)?, total)?;
    Ok(HostValue::Integer(0))
}

/// The address and the length of each buffer of a call; `None` for a call with too many.
fn buffers(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> std::result::Result<Option<Vec<(u64, u64)>>, Trap> {
    let (list, count) = (arguments.pointer(1)?, arguments.pointer(2)?);
    if count > MAX_BUFFERS {
        return Ok(None);
    }
    let word = if guest.state().layout.memory64 { 8 } else { 4 };
    let list = guest.view(list, count * word as u64 * 2).ok_or(Trap::OutOfBounds)?;
    let number = |bytes: &[u8]| {
        let mut number = [0; 8];
        number[..word].copy_from_slice(bytes);
        u64::from_le_bytes(number)
    };
    let buffers = list.chunks_exact(word * 2).map(|buffer| {
        let (at, length) = buffer.split_at(word);
        (number(at), number(length))
    });
    Ok(Some(buffers.collect()))
}
