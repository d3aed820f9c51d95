//! Calls that open, close and duplicate descriptors.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_int, c_long};

use libc::{AT_FDCWD, DIR, O_APPEND, O_CREAT, O_DSYNC, O_TMPFILE, O_TRUNC, O_WRONLY, mode_t};

use super::{begun, failed, paths, real};
use crate::contents::Contents;
use crate::fault::Kind;
use crate::journal::Change;
use crate::live::Node;
use crate::state::{Entered, Open, enter};

/// Like openat(2).
unsafe fn opened(at: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller keeps the contract of openat(2).
    let really = || unsafe { real::openat(at, path, flags, mode) };
    let Some(mut state) = enter() else { return really() };
    // SAFETY: as above.
    let Some((recording, entry)) = (unsafe { paths::locate(&state, at, path) }) else {
        drop(state);
        let fd = really();
        // A descriptor may be used again after it was closed in a way that is not recorded.
        if let Some(mut state) = enter() {
            state.open.remove(&fd);
        }
        return fd;
    };
    let state = &mut *state;
    let recorded = state.recordings.get_mut(&recording).expect("a path is in a recording");
    let found = paths::node(recorded, &entry);
    let nameless = flags & O_TMPFILE == O_TMPFILE;
    let makes = found.is_none() && flags & O_CREAT != 0 || nameless;
    let size = found.and_then(|file| recorded.live.contents(file)).map_or(0, Contents::size);
    let cuts = flags & O_TRUNC != 0 && size > 0;
    if makes || cuts {
        let kind = if makes { Kind::Make } else { Kind::Change };
        if let Err(error) = begun(recorded, kind) {
            return failed(error);
        }
    }
    let fd = really();
    if fd < 0 {
        return fd;
    }
    let node = match found {
        Some(node) if !nameless => {
            if cuts {
                recorded.record(Change::Resize { file: node, size: 0 });
            }
            node
        }
        _ if makes => {
            let node = recorded.live.add(Node::File(Contents::default()));
            if !nameless {
                recorded.record(Change::Link { entry, node });
            }
            node
        }
        // The file was made by a call that was not recorded.
        _ => {
            state.open.remove(&fd);
            return fd;
        }
    };
    let append = flags & O_APPEND != 0;
    // `O_SYNC` has the bit, too.
    let durable = flags & O_DSYNC != 0;
    state.open.insert(fd, Open { recording, node, append, durable, rewritten: cuts });
    fd
}

#[unsafe(no_mangle)]
unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller keeps the contract of open(2).
    unsafe { opened(AT_FDCWD, path, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller keeps the contract of open(2).
    unsafe { opened(AT_FDCWD, path, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __open_2(path: *const c_char, flags: c_int) -> c_int {
    // SAFETY: the caller keeps the contract of open(2).
    unsafe { opened(AT_FDCWD, path, flags, 0) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __open64_2(path: *const c_char, flags: c_int) -> c_int {
    // SAFETY: the caller keeps the contract of open(2).
    unsafe { opened(AT_FDCWD, path, flags, 0) }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn openat(
    at: c_int,
    path: *const c_char,
    flags: c_int,
    mode: mode_t,
) -> c_int {
    // SAFETY: the caller keeps the contract of openat(2).
    unsafe { opened(at, path, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn openat64(at: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller keeps the contract of openat(2).
    unsafe { opened(at, path, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn creat(path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: the caller keeps the contract of creat(2).
    unsafe { opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn creat64(path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: the caller keeps the contract of creat(2).
    unsafe { opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode) }
}

/// Forgets a descriptor that is being closed.
fn forget(state: &mut Entered, fd: c_int) {
    let Some((recorded, open)) = state.of(fd) else { return };
    if open.rewritten {
        recorded.record(Change::Rewritten { file: open.node });
    }
    state.open.remove(&fd);
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn close(fd: c_int) -> c_int {
    let mut state = enter();
    if let Some(state) = &mut state {
        forget(state, fd);
    }
    // SAFETY: the caller keeps the contract of close(2).
    unsafe { real::close(fd) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn closedir(directory: *mut DIR) -> c_int {
    let mut state = enter();
    if let Some(state) = &mut state {
        // SAFETY: the directory is open.
        let fd = unsafe { libc::dirfd(directory) };
        forget(state, fd);
    }
    // SAFETY: the caller keeps the contract of closedir(3).
    unsafe { real::closedir(directory) }
}

/// Makes `to` another descriptor of the file of `fd`.
fn duplicated(open: &mut BTreeMap<c_int, Open>, fd: c_int, to: c_int) {
    if to < 0 || to == fd {
        return;
    }
    match open.get(&fd).copied() {
        Some(one) => drop(open.insert(to, one)),
        None => drop(open.remove(&to)),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn dup(fd: c_int) -> c_int {
    let mut state = enter();
    // SAFETY: the caller keeps the contract of dup(2).
    let to = unsafe { real::dup(fd) };
    if let Some(state) = &mut state {
        duplicated(&mut state.open, fd, to);
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn dup2(fd: c_int, wanted: c_int) -> c_int {
    let mut state = enter();
    // SAFETY: the caller keeps the contract of dup2(2).
    let to = unsafe { real::dup2(fd, wanted) };
    if let Some(state) = &mut state {
        duplicated(&mut state.open, fd, to);
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn dup3(fd: c_int, wanted: c_int, flags: c_int) -> c_int {
    let mut state = enter();
    // SAFETY: the caller keeps the contract of dup3(2).
    let to = unsafe { real::dup3(fd, wanted, flags) };
    if let Some(state) = &mut state {
        duplicated(&mut state.open, fd, to);
    }
    to
}

/// Like fcntl(2).
unsafe fn controlled(fd: c_int, command: c_int, argument: c_long) -> c_int {
    // SAFETY: the caller keeps the contract of fcntl(2).
    let really = || unsafe { real::fcntl(fd, command, argument) };
    if command != libc::F_DUPFD && command != libc::F_DUPFD_CLOEXEC {
        return really();
    }
    let mut state = enter();
    let to = really();
    if let Some(state) = &mut state {
        duplicated(&mut state.open, fd, to);
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fcntl(fd: c_int, command: c_int, argument: c_long) -> c_int {
    // SAFETY: the caller keeps the contract of fcntl(2).
    unsafe { controlled(fd, command, argument) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fcntl64(fd: c_int, command: c_int, argument: c_long) -> c_int {
    // SAFETY: the caller keeps the contract of fcntl(2).
    unsafe { controlled(fd, command, argument) }
}
