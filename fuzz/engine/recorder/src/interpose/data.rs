//! Calls that write data.

use std::ffi::{c_int, c_void};

use libc::{iovec, off64_t, size_t, ssize_t};

use super::{begun, failed, real};
use crate::contents::Contents;
use crate::fault::Kind;
use crate::journal::Change;
use crate::scan;
use crate::state::{Fate, Recorded, enter};

/// Where a call writes: at the position of the descriptor, or at an offset.
type At = Option<off64_t>;

/// The bytes of a call.
#[derive(Clone, Copy)]
struct Parts<'a>(&'a [iovec]);

impl Parts<'_> {
    fn length(&self) -> usize {
        self.0.iter().map(|part| part.iov_len).sum()
    }

    /// The first `length` bytes.
    ///
    /// # Safety
    ///
    /// The parts can be read.
    unsafe fn first(&self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length);
        for part in self.0 {
            let taken = part.iov_len.min(length - bytes.len());
            if taken > 0 {
                // SAFETY: the caller says that the part can be read.
                let part = unsafe { std::slice::from_raw_parts(part.iov_base.cast(), taken) };
                bytes.extend_from_slice(part);
            }
        }
        bytes
    }
}

/// Writes `parts`, and records what was written.
///
/// # Safety
///
/// The parts can be read.
unsafe fn written(
    fd: c_int,
    parts: Parts<'_>,
    at: At,
    really: impl FnOnce() -> ssize_t,
) -> ssize_t {
    let Some(mut state) = enter() else { return really() };
    let Some((recorded, open)) = state.of(fd) else {
        drop(state);
        return really();
    };
    let length = parts.length();
    let done = match recorded.begin(Kind::Write { length }) {
        Fate::Goes => really(),
        Fate::Fails(error) => return failed(error) as ssize_t,
        Fate::Half => {
            // SAFETY: the parts can be read.
            let half = unsafe { parts.first(length / 2) };
            // SAFETY: the bytes are in memory.
            unsafe {
                match at {
                    Some(at) => real::pwrite(fd, half.as_ptr().cast(), half.len(), at),
                    None => real::write(fd, half.as_ptr().cast(), half.len()),
                }
            }
        }
    };
    let Ok(count) = usize::try_from(done) else { return done };
    if count > 0 {
        let start = match at {
            Some(at) if !open.append => at as u64,
            // pwrite(2) to a file that is open for appending appends.
            Some(_) => recorded.live.contents(open.node).map_or(0, Contents::size),
            // SAFETY: the descriptor is open.
            None => unsafe { libc::lseek64(fd, 0, libc::SEEK_CUR) as u64 - count as u64 },
        };
        // SAFETY: the parts can be read.
        let bytes = unsafe { parts.first(count) }.into();
        recorded.record(Change::Write { file: open.node, offset: start, bytes });
        if open.durable {
            recorded.record(Change::Sync { node: open.node });
        }
    }
    done
}

fn one(bytes: *const c_void, count: size_t) -> iovec {
    iovec { iov_base: bytes.cast_mut(), iov_len: count }
}

/// # Safety
///
/// There are `count` parts.
unsafe fn several<'a>(parts: *const iovec, count: c_int) -> Parts<'a> {
    if count <= 0 || parts.is_null() {
        return Parts(&[]);
    }
    // SAFETY: the caller says so.
    Parts(unsafe { std::slice::from_raw_parts(parts, count as usize) })
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn write(fd: c_int, bytes: *const c_void, count: size_t) -> ssize_t {
    // SAFETY: the caller keeps the contract of write(2).
    unsafe { written(fd, Parts(&[one(bytes, count)]), None, || real::write(fd, bytes, count)) }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn pwrite64(
    fd: c_int,
    bytes: *const c_void,
    count: size_t,
    at: off64_t,
) -> ssize_t {
    let parts = [one(bytes, count)];
    // SAFETY: the caller keeps the contract of pwrite(2).
    unsafe { written(fd, Parts(&parts), Some(at), || real::pwrite(fd, bytes, count, at)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite(
    fd: c_int,
    bytes: *const c_void,
    count: size_t,
    at: off64_t,
) -> ssize_t {
    // SAFETY: the caller keeps the contract of pwrite(2).
    unsafe { pwrite64(fd, bytes, count, at) }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t {
    // SAFETY: the caller keeps the contract of writev(2).
    unsafe { written(fd, several(parts, count), None, || real::writev(fd, parts, count)) }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn pwritev64(
    fd: c_int,
    parts: *const iovec,
    count: c_int,
    at: off64_t,
) -> ssize_t {
    // SAFETY: the caller keeps the contract of pwritev(2).
    unsafe { written(fd, several(parts, count), Some(at), || real::pwritev(fd, parts, count, at)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwritev(fd: c_int, parts: *const iovec, count: c_int, at: off64_t) -> ssize_t {
    // SAFETY: the caller keeps the contract of pwritev(2).
    unsafe { pwritev64(fd, parts, count, at) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwritev64v2(
    fd: c_int,
    parts: *const iovec,
    count: c_int,
    at: off64_t,
    flags: c_int,
) -> ssize_t {
    // An offset of -1 is the position of the descriptor.
    let place = (at != -1).then_some(at);
    let really = || {
        // SAFETY: the caller keeps the contract of pwritev2(2).
        unsafe { real::pwritev2(fd, parts, count, at, flags) }
    };
    // SAFETY: as above.
    let done = unsafe { written(fd, several(parts, count), place, really) };
    if done > 0 && flags & (libc::RWF_DSYNC | libc::RWF_SYNC) != 0 {
        super::sync::synced_by_write(fd);
    }
    done
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwritev2(
    fd: c_int,
    parts: *const iovec,
    count: c_int,
    at: off64_t,
    flags: c_int,
) -> ssize_t {
    // SAFETY: the caller keeps the contract of pwritev2(2).
    unsafe { pwritev64v2(fd, parts, count, at, flags) }
}

/// Records how a file differs from its record, after a call that does not say what it writes.
pub(super) fn read_back(recorded: &mut Recorded, fd: c_int, node: usize) {
    // The descriptor may be open for writing only.
    let Ok(file) = std::fs::File::open(format!("/proc/self/fd/{fd}")) else { return };
    if let Some(contents) = recorded.live.contents(node) {
        let changes = scan::changes(&file, node, contents).unwrap_or_default();
        changes.into_iter().for_each(|change| recorded.record(change));
    }
}

/// Copies to `to` inside the kernel.
fn copied(to: c_int, length: usize, really: impl FnOnce() -> ssize_t) -> ssize_t {
    let Some(mut state) = enter() else { return really() };
    let Some((recorded, open)) = state.of(to) else {
        drop(state);
        return really();
    };
    if let Err(error) = begun(recorded, Kind::Write { length }) {
        return failed(error) as ssize_t;
    }
    let done = really();
    if done > 0 {
        read_back(recorded, to, open.node);
    }
    done
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn copy_file_range(
    from: c_int,
    from_at: *mut off64_t,
    to: c_int,
    to_at: *mut off64_t,
    count: size_t,
    flags: libc::c_uint,
) -> ssize_t {
    // SAFETY: the caller keeps the contract of copy_file_range(2).
    copied(to, count, || unsafe { real::copy_file_range(from, from_at, to, to_at, count, flags) })
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn sendfile64(
    to: c_int,
    from: c_int,
    at: *mut off64_t,
    count: size_t,
) -> ssize_t {
    // SAFETY: the caller keeps the contract of sendfile(2).
    copied(to, count, || unsafe { real::sendfile(to, from, at, count) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sendfile(to: c_int, from: c_int, at: *mut off64_t, count: size_t) -> ssize_t {
    // SAFETY: the caller keeps the contract of sendfile(2).
    unsafe { sendfile64(to, from, at, count) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn splice(
    from: c_int,
    from_at: *mut off64_t,
    to: c_int,
    to_at: *mut off64_t,
    count: size_t,
    flags: libc::c_uint,
) -> ssize_t {
    // SAFETY: the caller keeps the contract of splice(2).
    copied(to, count, || unsafe { real::splice(from, from_at, to, to_at, count, flags) })
}
