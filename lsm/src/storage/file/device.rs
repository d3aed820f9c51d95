//! The operations that a file storage needs of a file.
//!
//! - A write is visible to every later read, and durable after the next successful
//!   [`Device::sync_data`].
//! - A read or write that fails may have been partly performed.

use std::io;

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

    /// Makes all writes durable.
    ///
    /// # Errors
    ///
    /// Returns the error of the environment. After an error, all writes since the last success may
    /// be lost, even if a later call succeeds.
    fn sync_data(&mut self) -> io::Result<()>;
}
