//! File system calls. The only files are those of a WeaveDrive.

use super::host_function::{HostArguments, HostFunction, HostResult, HostValue, read_string, write};
use crate::compute::engine::Guest;

/// No such file or directory.
const ENOENT: i64 = -44;
/// There is no such system call here.
const ENOSYS: i64 = -52;

pub(super) fn find(name: &str) -> Option<HostFunction> {
    if let Some(call) = name.strip_prefix("__asyncjs__weavedrive_") {
        return weavedrive(call);
    }
    Some(match name.strip_prefix("__syscall_")? {
        "openat" | "stat64" | "lstat64" | "fstat64" | "newfstatat" | "faccessat" => {
            |_, _| Ok(HostValue::Integer(ENOENT))
        }
        "readlinkat" | "unlinkat" | "rmdir" | "renameat" | "mkdirat" | "utimensat" | "chmod" | "fchmod"
        | "fchown32" | "ftruncate64" | "getcwd" | "dup3" | "getdents64" | "fdatasync" => {
            |_, _| Ok(HostValue::Integer(ENOSYS))
        }
        "fcntl64" | "ioctl" => |_, _| Ok(HostValue::Integer(0)),
        _ => return None,
    })
}

fn weavedrive(call: &str) -> Option<HostFunction> {
    Some(match call {
        "open" => open,
        "read" => read,
        "close" => |guest, arguments| {
            guest.state().files.close(arguments.pointer(0)?);
            Ok(HostValue::Integer(0))
        },
        _ => return None,
    })
}

fn open(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    let Some(drive) = guest.state().drive.clone() else {
        return Ok(HostValue::Integer(0));
    };
    let path = read_string(guest, arguments.pointer(0)?)?;
    let file = drive.file(&String::from_utf8_lossy(&path));
    let number = file.and_then(|bytes| guest.state().files.open(bytes));
    Ok(HostValue::Integer(number.unwrap_or(0).into()))
}

fn read(guest: &mut dyn Guest, arguments: HostArguments<'_>) -> HostResult {
    let (file, to, length) = (arguments.pointer(0)?, arguments.pointer(1)?, arguments.pointer(2)?);
    let bytes = guest.state().files.read(file, length).to_vec();
    write(guest, to, &bytes)?;
    Ok(HostValue::Integer(i64::try_from(bytes.len()).unwrap_or(i64::MAX)))
}
