//! The function `syscall`, for the calls that are recorded under their own names.

use std::ffi::{c_int, c_long, c_uint};

use super::{data, names, open, real, sizes, sync};

#[unsafe(no_mangle)]
unsafe extern "C" fn syscall(
    number: c_long,
    one: c_long,
    two: c_long,
    three: c_long,
    four: c_long,
    five: c_long,
    six: c_long,
) -> c_long {
    let (fd, count) = (one as c_int, three as usize);
    // SAFETY: the caller keeps the contract of the call.
    unsafe {
        match number {
            libc::SYS_openat => open::openat(fd, two as _, three as c_int, four as c_uint).into(),
            libc::SYS_close => open::close(fd).into(),
            libc::SYS_write => data::write(fd, two as _, count) as c_long,
            libc::SYS_pwrite64 => data::pwrite64(fd, two as _, count, four) as c_long,
            libc::SYS_writev => data::writev(fd, two as _, three as c_int) as c_long,
            libc::SYS_pwritev => data::pwritev64(fd, two as _, three as c_int, four) as c_long,
            libc::SYS_copy_file_range => {
                let (to, flags) = (three as c_int, six as c_uint);
                data::copy_file_range(fd, two as _, to, four as _, five as usize, flags) as c_long
            }
            libc::SYS_sendfile => {
                data::sendfile64(fd, two as c_int, three as _, four as usize) as c_long
            }
            libc::SYS_truncate => sizes::truncate64(one as _, two).into(),
            libc::SYS_ftruncate => sizes::ftruncate64(fd, two).into(),
            libc::SYS_fallocate => sizes::fallocate64(fd, two as c_int, three, four).into(),
            libc::SYS_fsync => sync::fsync(fd).into(),
            libc::SYS_fdatasync => sync::fdatasync(fd).into(),
            libc::SYS_sync_file_range => {
                sync::sync_file_range(fd, two, three, four as c_uint).into()
            }
            libc::SYS_syncfs => sync::syncfs(fd).into(),
            libc::SYS_renameat2 => {
                names::renameat2(fd, two as _, three as c_int, four as _, five as c_uint).into()
            }
            libc::SYS_linkat => {
                names::linkat(fd, two as _, three as c_int, four as _, five as c_int).into()
            }
            libc::SYS_unlinkat => names::unlinkat(fd, two as _, three as c_int).into(),
            libc::SYS_mkdirat => names::mkdirat(fd, two as _, three as c_uint).into(),
            _ => real::syscall(number, one, two, three, four, five, six),
        }
    }
}
