//! The operations that a file storage needs of a file.
//!
//! - A write is visible to every later read, and durable after the next successful
//!   [`Device::sync_data`].
//! - A read or write that fails may have been partly performed.

use std::io::{self, IoSlice};

/// A file, or an object that behaves like a file.
pub trait Device {
    /// Returns the size in bytes.
    fn size(&self) -> u64;

    /// Makes the file larger. Its new bytes are zero. The size is durable after the next successful
    /// [`Device::sync_data`].
    ///
    /// # Errors
    ///
    /// Returns the error of the environment, for example because the device has a fixed size.
    fn grow(&mut self, size: u64) -> io::Result<()> {
        let _ = size;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Gives the space of `length` bytes from `offset` on back to the file system. The size stays.
    /// The bytes then read as zeros or as anything else, until they are written again.
    ///
    /// # Errors
    ///
    /// Returns the error of the environment: of the kind
    /// [`Unsupported`](io::ErrorKind::Unsupported) if the device never gives space back.
    fn discard(&mut self, offset: u64, length: u64) -> io::Result<()> {
        let _ = (offset, length);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Reads `bytes.len()` bytes, starting at `offset`.
    ///
    /// # Errors
    ///
    /// Returns the error of the environment, or an error if the file ends within the range.
    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes `bytes`, starting at `offset`.
    ///
    /// # Errors
    ///
    /// Returns the error of the environment.
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Writes slices one after the other, starting at `offset`, if possible in one call of the
    /// system. Returns the number of slices that were written as a whole, and the error of the
    /// slice after them, if not all of them were. Of that slice and of those after it, any part may
    /// have been written.
    fn write_slices_at(&mut self, slices: &[IoSlice<'_>], offset: u64) -> (usize, io::Result<()>) {
        self.write_each_at(slices, offset)
    }

    /// The same as [`Device::write_slices_at`], with a write for each slice.
    fn write_each_at(
        &mut self,
        slices: &[IoSlice<'_>],
        mut offset: u64,
    ) -> (usize, io::Result<()>) {
        for (written, slice) in slices.iter().enumerate() {
            if let Err(error) = self.write_all_at(slice, offset) {
                return (written, Err(error));
            }
            offset += slice.len() as u64;
        }
        (slices.len(), Ok(()))
    }

    /// Makes all writes durable.
    ///
    /// # Errors
    ///
    /// Returns the error of the environment. After an error, all writes since the last success may
    /// be lost, even if a later call succeeds.
    fn sync_data(&mut self) -> io::Result<()>;
}
