//! Calls that change names.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_int};

use libc::{AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, mode_t};

use super::{begun, failed, paths, real};
use crate::fault::Kind;
use crate::journal::{Change, Entry};
use crate::live::Node;
use crate::state::{Recorded, enter};

/// Makes a call about the name that a path means. `change` says what it changed.
///
/// # Safety
///
/// The path is null or ends in a zero.
unsafe fn changed(
    at: c_int,
    path: *const c_char,
    kind: Kind,
    really: impl FnOnce() -> c_int,
    change: impl FnOnce(&mut Recorded, Entry) -> Option<Change>,
) -> c_int {
    let Some(mut state) = enter() else { return really() };
    // SAFETY: the caller says so.
    let located = unsafe { paths::locate(&state, at, path) };
    let Some((recording, entry)) = located.filter(|(_, entry)| !entry.name.is_empty()) else {
        drop(state);
        return really();
    };
    let recorded = state.recordings.get_mut(&recording).expect("a path is in a recording");
    if let Err(error) = begun(recorded, kind) {
        return failed(error);
    }
    let done = really();
    if done == 0
        && let Some(change) = change(recorded, entry)
    {
        recorded.record(change);
    }
    done
}

fn unlinked(recorded: &mut Recorded, entry: Entry) -> Option<Change> {
    recorded.live.find(&entry)?;
    Some(Change::Unlink { entry })
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn unlinkat(at: c_int, path: *const c_char, flags: c_int) -> c_int {
    // SAFETY: the caller keeps the contract of unlinkat(2).
    unsafe { changed(at, path, Kind::Change, || real::unlinkat(at, path, flags), unlinked) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: the caller keeps the contract of unlink(2).
    unsafe { unlinkat(AT_FDCWD, path, 0) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rmdir(path: *const c_char) -> c_int {
    // SAFETY: the caller keeps the contract of rmdir(2).
    unsafe { unlinkat(AT_FDCWD, path, AT_REMOVEDIR) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn remove(path: *const c_char) -> c_int {
    // SAFETY: the caller keeps the contract of remove(3).
    unsafe { changed(AT_FDCWD, path, Kind::Change, || real::remove(path), unlinked) }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn mkdirat(at: c_int, path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: the caller keeps the contract of mkdirat(2).
    let really = || unsafe { real::mkdirat(at, path, mode) };
    let made = |recorded: &mut Recorded, entry| {
        let node = recorded.live.add(Node::Directory(BTreeMap::new()));
        Some(Change::Link { entry, node })
    };
    // SAFETY: as above.
    unsafe { changed(at, path, Kind::Make, really, made) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: the caller keeps the contract of mkdir(2).
    unsafe { mkdirat(AT_FDCWD, path, mode) }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn renameat2(
    from_at: c_int,
    from: *const c_char,
    to_at: c_int,
    to: *const c_char,
    flags: libc::c_uint,
) -> c_int {
    // SAFETY: the caller keeps the contract of renameat2(2).
    let really = || unsafe { real::renameat2(from_at, from, to_at, to, flags) };
    let Some(mut state) = enter() else { return really() };
    // SAFETY: as above.
    let places =
        unsafe { (paths::locate(&state, from_at, from), paths::locate(&state, to_at, to)) };
    // A name that enters or leaves the folder, and two names that are exchanged, are not recorded.
    let (Some((recording, from)), Some((other, to))) = places else { return really() };
    if recording != other || flags & libc::RENAME_EXCHANGE != 0 {
        return really();
    }
    let recorded = state.recordings.get_mut(&recording).expect("a path is in a recording");
    if let Err(error) = begun(recorded, Kind::Change) {
        return failed(error);
    }
    let done = really();
    if done == 0
        && let Some(node) = recorded.live.find(&from)
    {
        let replaced = recorded.live.find(&to);
        // Two names of the same file stay.
        if replaced != Some(node) {
            recorded.record(Change::Rename { from, to, node, replaced: replaced.is_some() });
        }
    }
    done
}

#[unsafe(no_mangle)]
unsafe extern "C" fn renameat(
    from_at: c_int,
    from: *const c_char,
    to_at: c_int,
    to: *const c_char,
) -> c_int {
    // SAFETY: the caller keeps the contract of renameat(2).
    unsafe { renameat2(from_at, from, to_at, to, 0) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the caller keeps the contract of rename(2).
    unsafe { renameat2(AT_FDCWD, from, AT_FDCWD, to, 0) }
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn linkat(
    from_at: c_int,
    from: *const c_char,
    to_at: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: the caller keeps the contract of linkat(2).
    let really = || unsafe { real::linkat(from_at, from, to_at, to, flags) };
    let linked = |source: Option<(u64, usize)>| {
        move |_: &mut Recorded, entry| source.map(|(_, node)| Change::Link { entry, node })
    };
    let source = enter().and_then(|state| {
        // A file without a name is linked by the path of its descriptor.
        if flags & AT_SYMLINK_FOLLOW != 0
            // SAFETY: as above.
            && let Some(fd) = unsafe { descriptor(from) }
        {
            return state.open.get(&fd).map(|open| (open.recording, open.node));
        }
        // SAFETY: as above.
        let (recording, entry) = unsafe { paths::locate(&state, from_at, from) }?;
        let recorded = state.recordings.get(&recording)?;
        Some((recording, paths::node(recorded, &entry)?))
    });
    // SAFETY: as above.
    unsafe { changed(to_at, to, Kind::Make, really, linked(source)) }
}

/// The descriptor whose path in `/proc` this is.
///
/// # Safety
///
/// The path is null or ends in a zero.
unsafe fn descriptor(path: *const c_char) -> Option<c_int> {
    if path.is_null() {
        return None;
    }
    // SAFETY: the path is not null.
    let path = unsafe { std::ffi::CStr::from_ptr(path) }.to_str().ok()?;
    path.strip_prefix("/proc/self/fd/")?.parse().ok()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn link(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the caller keeps the contract of link(2).
    unsafe { linkat(AT_FDCWD, from, AT_FDCWD, to, 0) }
}
