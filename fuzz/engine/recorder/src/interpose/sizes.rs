//! Calls that set the size of a file, or allocate space.

use std::ffi::{c_char, c_int};

use libc::{AT_FDCWD, off64_t};

use super::{begun, data, failed, paths, real};
use crate::fault::Kind;
use crate::journal::Change;
use crate::state::enter;

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn truncate64(path: *const c_char, size: off64_t) -> c_int {
    // SAFETY: the caller keeps the contract of truncate(2).
    let really = || unsafe { real::truncate(path, size) };
    let Some(mut state) = enter() else { return really() };
    // SAFETY: as above.
    let located = unsafe { paths::locate(&state, AT_FDCWD, path) };
    let Some((recording, entry)) = located else { return really() };
    let recorded = state.recordings.get_mut(&recording).expect("a path is in a recording");
    let Some(file) = paths::node(recorded, &entry) else { return really() };
    if let Err(error) = begun(recorded, Kind::Change) {
        return failed(error);
    }
    let done = really();
    if done == 0 {
        recorded.record(Change::Resize { file, size: size as u64 });
    }
    done
}

#[unsafe(no_mangle)]
unsafe extern "C" fn truncate(path: *const c_char, size: off64_t) -> c_int {
    // SAFETY: the caller keeps the contract of truncate(2).
    unsafe { truncate64(path, size) }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn ftruncate64(fd: c_int, size: off64_t) -> c_int {
    // SAFETY: the caller keeps the contract of ftruncate(2).
    let really = || unsafe { real::ftruncate(fd, size) };
    let Some(mut state) = enter() else { return really() };
    let Some((recorded, open)) = state.of(fd) else { return really() };
    if let Err(error) = begun(recorded, Kind::Change) {
        return failed(error);
    }
    let done = really();
    if done == 0 {
        recorded.record(Change::Resize { file: open.node, size: size as u64 });
    }
    done
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ftruncate(fd: c_int, size: off64_t) -> c_int {
    // SAFETY: the caller keeps the contract of ftruncate(2).
    unsafe { ftruncate64(fd, size) }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn fallocate64(
    fd: c_int,
    mode: c_int,
    from: off64_t,
    length: off64_t,
) -> c_int {
    // SAFETY: the caller keeps the contract of fallocate(2).
    let really = || unsafe { real::fallocate(fd, mode, from, length) };
    let Some(mut state) = enter() else { return really() };
    let Some((recorded, open)) = state.of(fd) else { return really() };
    if let Err(error) = begun(recorded, Kind::Allocate) {
        return failed(error);
    }
    let done = really();
    if done == 0 {
        // The mode says whether the size changes, and which bytes become zero or move.
        data::read_back(recorded, fd, open.node);
    }
    done
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fallocate(fd: c_int, mode: c_int, from: off64_t, length: off64_t) -> c_int {
    // SAFETY: the caller keeps the contract of fallocate(2).
    unsafe { fallocate64(fd, mode, from, length) }
}

/// Returns the error, and sets none.
#[unsafe(no_mangle)]
unsafe extern "C" fn posix_fallocate64(fd: c_int, from: off64_t, length: off64_t) -> c_int {
    // SAFETY: the caller keeps the contract of posix_fallocate(3).
    let really = || unsafe { real::posix_fallocate(fd, from, length) };
    let Some(mut state) = enter() else { return really() };
    let Some((recorded, open)) = state.of(fd) else { return really() };
    if let Err(error) = begun(recorded, Kind::Allocate) {
        return error;
    }
    let done = really();
    if done == 0 {
        data::read_back(recorded, fd, open.node);
    }
    done
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_fallocate(fd: c_int, from: off64_t, length: off64_t) -> c_int {
    // SAFETY: the caller keeps the contract of posix_fallocate(3).
    unsafe { posix_fallocate64(fd, from, length) }
}
