//! The names that paths mean.

use std::ffi::{CStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;

use crate::journal::{Entry, NodeId, ROOT};
use crate::state::{Recorded, State};

/// The recording that a path is in, and the directory and name there. `None` for other paths, and
/// for those in a directory that is not known.
///
/// # Safety
///
/// The path is null or ends in a zero.
pub(super) unsafe fn locate(state: &State, at: c_int, path: *const c_char) -> Option<(u64, Entry)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: the path is not null.
    let path = unsafe { CStr::from_ptr(path) }.to_bytes();
    if path.first() == Some(&b'/') {
        return absolute(state, path);
    }
    if at == libc::AT_FDCWD {
        let current = std::env::current_dir().ok()?;
        return absolute(state, &[current.as_os_str().as_bytes(), b"/", path].concat());
    }
    let open = state.open.get(&at)?;
    let recorded = state.recordings.get(&open.recording)?;
    Some((open.recording, recorded.live.locate(open.node, path)?))
}

fn absolute(state: &State, path: &[u8]) -> Option<(u64, Entry)> {
    state.recordings.iter().find_map(|(number, recorded)| {
        Some((*number, recorded.live.locate(ROOT, recorded.below(path)?)?))
    })
}

/// The node that an entry means: that of the name, or the directory itself.
pub(super) fn node(recorded: &Recorded, entry: &Entry) -> Option<NodeId> {
    if entry.name.is_empty() { Some(entry.directory) } else { recorded.live.find(entry) }
}
