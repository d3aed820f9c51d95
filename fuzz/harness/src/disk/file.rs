//! A simulated file that crashes.

use std::io;

use downbeat_lsm::storage::{Access, Device};

use super::damage::garble;
use super::faults::{Armed, FaultKind, Faults};
use super::image::Image;

/// A simulated file that crashes: an [`Image`] with the interface that a [`FileStorage`] expects of
/// a file.
///
/// - A write is visible immediately, and durable after the next `sync_data` that succeeds.
/// - A call fails, or falsely reports success, if a fault is armed for it. A failed write changes
///   its first half.
///
/// The file has no queue, no limits and no rules, because it tests the `FileStorage` on top of it.
///
/// [`FileStorage`]: downbeat_lsm::storage::FileStorage
#[derive(Debug, Default)]
pub struct SimulatedFile {
    image: Image,
    faults: Faults,
}

impl SimulatedFile {
    /// Creates a file of 0 bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Resets to a file of `size` zeros, on a device with sectors of `sector_size` bytes. No fault
    /// is armed.
    ///
    /// # Panics
    ///
    /// As [`Image::reset`].
    pub fn reset(&mut self, size: u64, sector_size: usize) {
        self.image.reset(size, sector_size, 0);
        self.faults.disarm_all();
    }

    /// Returns the content.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Returns the content, which the caller can crash or damage.
    #[must_use]
    pub fn image_mut(&mut self) -> &mut Image {
        &mut self.image
    }

    /// Arms a fault, which counts calls.
    ///
    /// # Panics
    ///
    /// If the kind of the fault is neither [`FaultKind::Fails`] nor [`FaultKind::Lost`].
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
