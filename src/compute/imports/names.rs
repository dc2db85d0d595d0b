//! Import names of the format with names of one letter. The network's loader fixes them.

const IMPORT_LETTERS: [(&str, &str); 30] = [
    ("a", "_emscripten_date_now"),
    ("b", "setTempRet0"),
    ("c", "fd_close"),
    ("d", "__syscall_fcntl64"),
    ("e", "__syscall_unlinkat"),
    ("f", "fd_write"),
    ("g", "__syscall_openat"),
    ("h", "getTempRet0"),
    ("i", "_mktime_js"),
    ("j", "_tzset_js"),
    ("k", "emscripten_memcpy_big"),
    ("l", "exit"),
    ("m", "system"),
    ("n", "strftime"),
    ("o", "fd_seek"),
    ("p", "_emscripten_throw_longjmp"),
    ("q", "emscripten_resize_heap"),
    ("r", "__syscall_lstat64"),
    ("s", "__syscall_renameat"),
    ("t", "__syscall_rmdir"),
    ("u", "environ_get"),
    ("v", "environ_sizes_get"),
    ("w", "__syscall_dup3"),
    ("x", "invoke_vii"),
    ("y", "fd_read"),
    ("z", "__syscall_ioctl"),
    ("A", "_emscripten_get_now_is_monotonic"),
    ("B", "_gmtime_js"),
    ("C", "_localtime_js"),
    ("D", "abort"),
];

/// The long name for a letter.
pub(super) fn long(letter: &str) -> Option<&'static str> {
    let mut letters = IMPORT_LETTERS.into_iter();
    letters.find(|(short, _)| *short == letter).map(|(_, name)| name)
}
