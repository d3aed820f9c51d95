//! A file that crashes: the image of a disk, as a [`FileStorage`] sees a file.
//!
//! - What is written is visible at once, and durable after the next `sync_data` that succeeds.
//! - Calls fail, or lie, where a fault was armed for them. A write that fails is half done.
//!
//! What this does not do: it has no queue, no limits and no rules; it is under a `FileStorage`, to find
//! what that does wrong.
//!
//! [`FileStorage`]: downbeat_lsm::storage::FileStorage

use std::io;

use downbeat_lsm::storage::{Access, Device};

use super::damage::garble;
use super::faults::{Armed, FaultKind, Faults};
use super::image::Image;

/// A file that crashes.
#[derive(Debug, Default)]
pub struct SimulatedFile {
    image: Image,
    faults: Faults,
}

impl SimulatedFile {
    /// A file of no bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Becomes a file of zeros, on a device of such sectors, that nothing was armed for.
    ///
    /// # Panics
    ///
    /// As [`Image::reset`].
    pub fn reset(&mut self, size: u64, sector_size: usize) {
        self.image.reset(size, sector_size, 0);
        self.faults.disarm_all();
    }

    /// The content. A crash is one of it.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// The content, to be crashed or damaged.
    #[must_use]
    pub fn image_mut(&mut self) -> &mut Image {
        &mut self.image
    }

    /// Arms a fault: calls are what it counts.
    ///
    /// # Panics
    ///
    /// If the fault is none of [`FaultKind::Fails`] and [`FaultKind::Lost`].
    pub fn arm(&mut self, armed: Armed) {
        let known = matches!(armed.kind, FaultKind::Fails | FaultKind::Lost);
        assert!(known, "disk: a call on a file must fail or be lost ({:?})", armed.kind);
        self.faults.arm(armed);
    }
}

impl Device for SimulatedFile {
    fn size(&self) -> u64 {
        self.image.size()
    }

    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        if self.faults.strike(Access::Read).is_some() {
            garble(offset, bytes);
            return Err(io::ErrorKind::Other.into());
        }
        match self.image.read(offset, bytes) {
            Ok(_) => Ok(()),
            Err(_) => Err(io::ErrorKind::Other.into()),
        }
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        match self.faults.strike(Access::Write) {
            None => {
                self.image.write(offset, bytes);
                Ok(())
            }
            Some(FaultKind::Lost) => {
                self.image.lose(offset, bytes);
                Ok(())
            }
            Some(_) => {
                let sector_size = self.image.sector_size();
                let written = bytes.len() / sector_size / 2 * sector_size;
                self.image.write(offset, &bytes[..written]);
                Err(io::ErrorKind::Other.into())
            }
        }
    }

    fn sync_data(&mut self) -> io::Result<()> {
        match self.faults.strike(Access::Flush) {
            None => {
                self.image.flush();
                Ok(())
            }
            Some(FaultKind::Lost) => {
                self.image.excuse();
                Ok(())
            }
            Some(_) => {
                self.image.fail_flush();
                Err(io::ErrorKind::Other.into())
            }
        }
    }
}
