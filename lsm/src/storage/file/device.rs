//! What a file storage needs of the operating system.
//!
//! - A write is visible to every read after it, and durable after the next [`Device::sync_data`] that
//!   succeeds.
//! - A read or write that fails may have been done in part.
//!
//! What it does not do: it has no queue and no idea of sectors.

use std::io;

/// A file, or what behaves like one.
pub trait Device {
    /// The bytes of it.
    fn size(&self) -> u64;

    /// Fills `bytes` from `offset` on.
    ///
    /// # Errors
    ///
    /// That of the environment; the end of the file within `bytes` is one.
    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes `bytes` from `offset` on.
    ///
    /// # Errors
    ///
    /// That of the environment.
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes durable all that was written.
    ///
    /// # Errors
    ///
    /// That of the environment. What was written since the last success may then be lost, whatever a later
    /// call says.
    fn sync_data(&mut self) -> io::Result<()>;
}
