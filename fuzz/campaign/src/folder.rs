//! The entries of a folder, and files that are written to it as a whole.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
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

/// Writes a file under a name that starts with a dot and then renames it, so that the file is never
/// incomplete. Its folder must exist.
pub(crate) fn write_whole(path: &Path, input: &[u8]) -> Result<()> {
    let write = || {
        let mut file = tempfile::Builder::new()
            .permissions(std::fs::Permissions::from_mode(0o644))
            .tempfile_in(path.parent().unwrap_or(path))?;
        file.write_all(input)?;
        file.persist(path)?;
        Ok::<(), std::io::Error>(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
