//! Free space on disks. A driver that cannot write an input may lose it silently, so a campaign
//! ends while its disks still have room.

use std::path::Path;

use anyhow::{Result, bail};

/// A campaign ends when a disk that it writes to has fewer free bytes than this. The room suffices
/// for the inputs that its drivers are writing, and to file what they found.
pub(crate) const RESERVE: u64 = 16 << 20;

/// The free bytes of the disk with this folder; `None` if they are unknown.
pub(crate) fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail * disk.f_frsize)
}

/// Returns an error if the disk of a folder is full up to the reserve.
pub(crate) fn ensure<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Result<()> {
    for folder in folders {
        if let Some(free) = free(folder).filter(|free| *free < RESERVE) {
            bail!(
                "the disk is full: {} has {:.1} MiB of free space, and a campaign needs {}; remove \
                 files",
                folder.display(),
                free as f64 / f64::from(1 << 20),
                RESERVE >> 20
            );
        }
    }
    Ok(())
}
