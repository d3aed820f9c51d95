//! What the benchmark asks of an engine.

use std::path::Path;

use anyhow::Result;

use crate::records::Shaped;

/// The memory for cached blocks of an engine, in bytes.
pub(crate) const CACHE: u64 = 1 << 30;

/// The memory for what is not in tables yet, in bytes: as much as Downbeat's memtable has.
pub(crate) const MEMTABLE: u64 = 8 << 20;

/// A storage engine in an empty folder.
///
/// - Nothing is made durable until [`Engine::finish`].
/// - Values are not compressed: they are random.
pub(crate) trait Engine<R: Shaped>: Sized {
    fn create(directory: &Path, records: u64) -> Result<Self>;

    /// Writes a batch.
    fn put(&mut self, batch: &[R]) -> Result<()>;

    /// Looks a key up. Returns whether it is present.
    fn get(&mut self, key: R::Key) -> Result<bool>;

    /// Reads at most `count` records, from a key on, in ascending order. Returns how many there
    /// were.
    fn scan(&mut self, from: R::Key, count: usize) -> Result<usize>;

    /// Writes what is in memory to tables, and makes it durable.
    fn finish(&mut self) -> Result<()>;
}
