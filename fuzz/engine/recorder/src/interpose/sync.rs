//! Calls that make things durable.

use std::ffi::c_int;

use libc::off64_t;

use super::{begun, failed, real};
use crate::fault::Kind;
use crate::journal::Change;
use crate::mapped;
use crate::state::enter;

/// Like fsync(2).
fn synced(fd: c_int, really: impl FnOnce() -> c_int) -> c_int {
    let Some(mut state) = enter() else { return really() };
    let Some((recorded, open)) = state.of(fd) else {
        drop(state);
        return really();
    };
    mapped::refresh(recorded, Some(open.node));
    if let Err(error) = begun(recorded, Kind::Sync) {
        recorded.record(Change::SyncFailed { node: open.node });
        return failed(error);
    }
    let done = really();
    if done == 0 {
        recorded.record(Change::Sync { node: open.node });
    }
    done
}

/// Records that a write was durable when it returned, and all before it.
pub(super) fn synced_by_write(fd: c_int) {
    let Some(mut state) = enter() else { return };
    if let Some((recorded, open)) = state.of(fd) {
        recorded.record(Change::Sync { node: open.node });
    }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    // SAFETY: the caller keeps the contract of fsync(2).
    synced(fd, || unsafe { real::fsync(fd) })
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    // SAFETY: the caller keeps the contract of fdatasync(2).
    synced(fd, || unsafe { real::fdatasync(fd) })
}

/// Starts to write, and promises nothing about a crash.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn sync_file_range(
    fd: c_int,
    from: off64_t,
    length: off64_t,
    flags: libc::c_uint,
) -> c_int {
    // SAFETY: the caller keeps the contract of sync_file_range(2).
    let really = || unsafe { real::sync_file_range(fd, from, length, flags) };
    let Some(mut state) = enter() else { return really() };
    let Some((recorded, _)) = state.of(fd) else { return really() };
    match begun(recorded, Kind::Change) {
        Ok(()) => really(),
        Err(error) => failed(error),
    }
}

/// Records that everything is durable.
fn all_synced() {
    let Some(mut state) = enter() else { return };
    for recorded in state.recordings.values_mut() {
        mapped::refresh(recorded, None);
        // A fault cannot be told to the caller of sync(2), so none strikes.
        recorded.calls += 1;
        recorded.record(Change::SyncAll);
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sync() {
    // SAFETY: sync(2) has no contract.
    unsafe { real::sync() };
    all_synced();
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn syncfs(fd: c_int) -> c_int {
    // SAFETY: the caller keeps the contract of syncfs(2).
    let done = unsafe { real::syncfs(fd) };
    let is_recorded = enter().is_some_and(|mut state| state.of(fd).is_some());
    if done == 0 && is_recorded {
        all_synced();
    }
    done
}
