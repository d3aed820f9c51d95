//! The entries of a folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The paths of the files and folders in a folder, sorted.
///
/// # Errors
///
/// Returns an error if the folder cannot be read.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let reason = || format!("cannot read {}", folder.display());
    let mut paths = Vec::new();
    for entry in folder.read_dir().with_context(reason)? {
        paths.push(entry.with_context(reason)?.path());
    }
    paths.sort();
    Ok(paths)
}
