//! Files that are mapped for writing: their changes are read when they are synced.

use std::ffi::{c_int, c_void};

use libc::{MAP_SHARED, MAP_TYPE, MS_SYNC, PROT_WRITE, off64_t, size_t};

use super::{begun, failed, real};
use crate::fault::Kind;
use crate::journal::Change;
use crate::mapped;
use crate::state::{Map, enter};

/// `MAP_SHARED_VALIDATE` has the bit of `MAP_SHARED`, too.
fn is_shared(flags: c_int) -> bool {
    flags & MAP_TYPE & MAP_SHARED != 0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn mmap64(
    start: *mut c_void,
    length: size_t,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    at: off64_t,
) -> *mut c_void {
    // SAFETY: the caller keeps the contract of mmap(2).
    let really = || unsafe { real::mmap(start, length, protection, flags, fd, at) };
    if fd < 0 || protection & PROT_WRITE == 0 || !is_shared(flags) {
        return really();
    }
    let Some(mut state) = enter() else { return really() };
    let Some((recorded, open)) = state.of(fd) else { return really() };
    let mapped = really();
    if mapped != libc::MAP_FAILED
        && let Ok(file) = std::fs::File::open(format!("/proc/self/fd/{fd}"))
    {
        recorded.maps.push(Map { start: mapped as usize, length, node: open.node, file });
    }
    mapped
}

#[unsafe(no_mangle)]
unsafe extern "C" fn mmap(
    start: *mut c_void,
    length: size_t,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    at: off64_t,
) -> *mut c_void {
    // SAFETY: the caller keeps the contract of mmap(2).
    unsafe { mmap64(start, length, protection, flags, fd, at) }
}

/// Whether a map has bytes in a range.
fn overlaps(map: &Map, start: *mut c_void, length: size_t) -> bool {
    let start = start as usize;
    map.start < start + length && start < map.start + map.length
}

#[unsafe(no_mangle)]
unsafe extern "C" fn munmap(start: *mut c_void, length: size_t) -> c_int {
    let mut state = enter();
    for recorded in state.iter_mut().flat_map(|state| state.recordings.values_mut()) {
        let nodes = recorded.maps.iter().filter(|map| overlaps(map, start, length));
        let nodes: Vec<_> = nodes.map(|map| map.node).collect();
        nodes.into_iter().for_each(|node| mapped::refresh(recorded, Some(node)));
        recorded.maps.retain(|map| {
            !(start as usize <= map.start && map.start + map.length <= start as usize + length)
        });
    }
    // SAFETY: the caller keeps the contract of munmap(2).
    unsafe { real::munmap(start, length) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn msync(start: *mut c_void, length: size_t, flags: c_int) -> c_int {
    // SAFETY: the caller keeps the contract of msync(2).
    let really = || unsafe { real::msync(start, length, flags) };
    let Some(mut state) = enter() else { return really() };
    let found = state.recordings.values_mut().find_map(|recorded| {
        let map = recorded.maps.iter().find(|map| overlaps(map, start, length))?;
        let node = map.node;
        Some((recorded, node))
    });
    let Some((recorded, node)) = found else { return really() };
    mapped::refresh(recorded, Some(node));
    if let Err(error) = begun(recorded, Kind::Sync) {
        recorded.record(Change::SyncFailed { node });
        return failed(error);
    }
    let done = really();
    // A sync of a part of a file is taken for one of the whole.
    if done == 0 && flags & MS_SYNC != 0 {
        recorded.record(Change::Sync { node });
    }
    done
}
