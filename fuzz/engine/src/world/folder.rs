//! The folder of an engine under test: in memory, where the system has such a folder.
//!
//! A process that a driver kills leaves its folder behind. The next process of any engine removes
//! the folders of processes that do not run any more.

use std::path::{Path, PathBuf};
use std::sync::Once;

use tempfile::TempDir;

const PREFIX: &str = "downbeat-engine-";

/// A new, empty folder, which is removed with this value.
#[derive(Debug)]
pub(super) struct Folder(TempDir);

impl Folder {
    /// Makes a folder. Panics if the system does not allow it.
    pub(super) fn new() -> Self {
        static SWEPT: Once = Once::new();
        let parent = parent();
        SWEPT.call_once(|| remove_orphans(&parent));
        let prefix = format!("{PREFIX}{}-", std::process::id());
        let made = tempfile::Builder::new().prefix(&prefix).tempdir_in(&parent);
        Folder(made.unwrap_or_else(|error| panic!("no folder in {}: {error}", parent.display())))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}

fn parent() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

/// Removes the folders of processes that have ended. Without `/proc`, removes nothing.
fn remove_orphans(parent: &Path) {
    if !Path::new("/proc/self").exists() {
        return;
    }
    let Ok(entries) = parent.read_dir() else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            // Another process may remove the same folder.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
