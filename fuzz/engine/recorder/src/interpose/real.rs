//! Libc's own functions.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

use libc::{DIR, iovec, mode_t, off64_t, size_t, ssize_t};

/// The next definition of a function after this crate's: libc's.
fn next(name: &CStr, known: &AtomicPtr<c_void>) -> *mut c_void {
    let mut found = known.load(Ordering::Relaxed);
    if found.is_null() {
        // SAFETY: the name ends in a zero.
        found = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
        assert!(!found.is_null(), "libc has no function {name:?}");
        known.store(found, Ordering::Relaxed);
    }
    found
}

macro_rules! real {
    ($($name:ident = $symbol:literal ($($argument:ident: $Type:ty),* $(,)?) -> $Returns:ty;)*) => {
        $(
            pub(super) unsafe fn $name($($argument: $Type),*) -> $Returns {
                static KNOWN: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());
                type Function = unsafe extern "C" fn($($Type),*) -> $Returns;
                let found = next($symbol, &KNOWN);
                // SAFETY: libc's function has this type.
                let function = unsafe { std::mem::transmute::<*mut c_void, Function>(found) };
                // SAFETY: the caller keeps the contract of libc's function.
                unsafe { function($($argument),*) }
            }
        )*
    };
}

// Variadic arguments that are integers or pointers are passed as named ones are.
real! {
    openat = c"openat64"(at: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int;
    close = c"close"(fd: c_int) -> c_int;
    closedir = c"closedir"(directory: *mut DIR) -> c_int;
    dup = c"dup"(fd: c_int) -> c_int;
    dup2 = c"dup2"(fd: c_int, to: c_int) -> c_int;
    dup3 = c"dup3"(fd: c_int, to: c_int, flags: c_int) -> c_int;
    fcntl = c"fcntl64"(fd: c_int, command: c_int, argument: c_long) -> c_int;
    write = c"write"(fd: c_int, bytes: *const c_void, count: size_t) -> ssize_t;
    pwrite = c"pwrite64"(fd: c_int, bytes: *const c_void, count: size_t, at: off64_t) -> ssize_t;
    writev = c"writev"(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t;
    pwritev = c"pwritev64"(fd: c_int, parts: *const iovec, count: c_int, at: off64_t) -> ssize_t;
    pwritev2 = c"pwritev64v2"(
        fd: c_int, parts: *const iovec, count: c_int, at: off64_t, flags: c_int,
    ) -> ssize_t;
    copy_file_range = c"copy_file_range"(
        from: c_int, from_at: *mut off64_t, to: c_int, to_at: *mut off64_t, count: size_t,
        flags: libc::c_uint,
    ) -> ssize_t;
    sendfile = c"sendfile64"(to: c_int, from: c_int, at: *mut off64_t, count: size_t) -> ssize_t;
    splice = c"splice"(
        from: c_int, from_at: *mut off64_t, to: c_int, to_at: *mut off64_t, count: size_t,
        flags: libc::c_uint,
    ) -> ssize_t;
    truncate = c"truncate64"(path: *const c_char, size: off64_t) -> c_int;
    ftruncate = c"ftruncate64"(fd: c_int, size: off64_t) -> c_int;
    fallocate = c"fallocate64"(fd: c_int, mode: c_int, from: off64_t, length: off64_t) -> c_int;
    posix_fallocate = c"posix_fallocate64"(fd: c_int, from: off64_t, length: off64_t) -> c_int;
    fsync = c"fsync"(fd: c_int) -> c_int;
    fdatasync = c"fdatasync"(fd: c_int) -> c_int;
    sync_file_range = c"sync_file_range"(
        fd: c_int, from: off64_t, length: off64_t, flags: libc::c_uint,
    ) -> c_int;
    sync = c"sync"() -> ();
    syncfs = c"syncfs"(fd: c_int) -> c_int;
    renameat2 = c"renameat2"(
        from_at: c_int, from: *const c_char, to_at: c_int, to: *const c_char, flags: libc::c_uint,
    ) -> c_int;
    linkat = c"linkat"(
        from_at: c_int, from: *const c_char, to_at: c_int, to: *const c_char, flags: c_int,
    ) -> c_int;
    unlinkat = c"unlinkat"(at: c_int, path: *const c_char, flags: c_int) -> c_int;
    remove = c"remove"(path: *const c_char) -> c_int;
    mkdirat = c"mkdirat"(at: c_int, path: *const c_char, mode: mode_t) -> c_int;
    mmap = c"mmap64"(
        start: *mut c_void, length: size_t, protection: c_int, flags: c_int, fd: c_int, at: off64_t,
    ) -> *mut c_void;
    munmap = c"munmap"(start: *mut c_void, length: size_t) -> c_int;
    msync = c"msync"(start: *mut c_void, length: size_t, flags: c_int) -> c_int;
    syscall = c"syscall"(
        number: c_long, one: c_long, two: c_long, three: c_long, four: c_long, five: c_long,
        six: c_long,
    ) -> c_long;
}
