//! A simulated file that crashes.

use std::io;

use downbeat_lsm::storage::{Access, Device};

use downbeat::disk::{Armed, FaultKind, Image};

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
pub(crate) struct SimulatedFile {
    image: Image,
    armed: Vec<Armed>,
}

impl SimulatedFile {
    /// Creates a file of 0 bytes.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Resets to a file of `size` zeros, on a device with sectors of `sector_size` bytes. No fault
    /// is armed.
    pub(crate) fn reset(&mut self, size: u64, sector_size: usize) {
        self.image.reset(size, sector_size, 0);
        self.armed.clear();
    }

    /// Returns the content.
    pub(crate) fn image(&self) -> &Image {
        &self.image
    }

    /// Returns the content, which the caller can crash or damage.
    pub(crate) fn image_mut(&mut self) -> &mut Image {
        &mut self.image
    }

    /// Arms a fault, which counts calls.
    pub(crate) fn arm(&mut self, armed: Armed) {
        let known = matches!(armed.kind, FaultKind::Fails | FaultKind::Lost);
        assert!(known, "disk: a call on a file must fail or be lost ({:?})", armed.kind);
        self.armed.push(armed);
    }

    /// Counts a call. Returns the fault that strikes it.
    fn strike(&mut self, access: Access) -> Option<FaultKind> {
        let mut due = None;
        for (index, Armed { kind, access: only, nth }) in self.armed.iter_mut().enumerate() {
            if kind.strikes(access) && only.is_none_or(|only| only == access) {
                *nth = nth.saturating_sub(1);
                if *nth == 0 && due.is_none() {
                    due = Some(index);
                }
            }
        }
        due.map(|index| self.armed.remove(index).kind)
    }
}

impl Device for SimulatedFile {
    fn size(&self) -> u64 {
        self.image.size()
    }

    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        if self.strike(Access::Read).is_some() {
            bytes.fill(0x5a);
            return Err(io::ErrorKind::Other.into());
        }
        match self.image.read(offset, bytes) {
            Ok(_) => Ok(()),
            Err(_) => Err(io::ErrorKind::Other.into()),
        }
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        match self.strike(Access::Write) {
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
        match self.strike(Access::Flush) {
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
