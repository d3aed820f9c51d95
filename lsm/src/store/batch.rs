//! Batches of puts and removals, which are written in one beat.

use std::marker::PhantomData;

use super::{Fullness, Store, StoreError};
use crate::record::Record;
use crate::storage::Storage;

/// Puts and removals that become durable together. Of two with the same key, the later counts.
///
/// [`Store::write`] writes it.
#[derive(Clone, Debug)]
pub struct Batch<R> {
    /// The records, and a tombstone for each removal.
    bytes: Vec<u8>,
    records: PhantomData<R>,
}

impl<R> Default for Batch<R> {
    fn default() -> Self {
        Self { bytes: Vec::new(), records: PhantomData }
    }
}

impl<R: Record> Batch<R> {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a put.
    ///
    /// # Panics
    ///
    /// If the record is a tombstone.
    pub fn put(&mut self, record: &R) {
        assert!(!record.is_tombstone(), "batch: a tombstone must not be put ({:?})", record.key());
        self.bytes.extend_from_slice(record.as_bytes());
    }

    /// Adds a removal. The key may be absent.
    pub fn remove(&mut self, key: R::Key) {
        self.bytes.extend_from_slice(R::tombstone(key).as_bytes());
    }

    /// The number of puts and removals.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() / size_of::<R>()
    }

    /// Whether the batch has neither puts nor removals.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Removes all puts and removals. The batch keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// The bytes of all records and tombstones, in order.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Puts and removes the records of a batch, in order, as [`Store::put`] and [`Store::remove`]
    /// do. If the batch has more records than there is room for, a beat runs first, so that all of
    /// the batch is in one beat: a checkpoint contains all of it or nothing.
    ///
    /// # Errors
    ///
    /// If the store is closed or read-only, or if a beat must run first while a scope is open. If
    /// the batch has more records than a beat accepts:
    /// [`beat_value_count_max`](crate::tree::TreeOptions::beat_value_count_max). If the store is
    /// full, the same as [`Store::put`] and [`Store::remove`]. Nothing of the batch is then
    /// written.
    ///
    /// # Panics
    ///
    /// If a beat is under way. In a secondary index, the same as [`Store::put`] and
    /// [`Store::remove`].
    pub fn write(&mut self, batch: &Batch<R>) -> Result<(), StoreError> {
        let records = self.check_length(batch.bytes())?;
        self.run_beat_for(records)?;
        self.make_room_for(most_for::<R>(batch.bytes()))?;
        self.put_bytes(batch.bytes());
        Ok(())
    }

    /// Writes the batch of these bytes, which are whole records and tombstones, even if the store
    /// is full: when it was accepted, there was room for it.
    pub(crate) fn write_accepted(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let records = self.check_length(bytes)?;
        self.run_beat_for(records)?;
        self.put_bytes(bytes);
        Ok(())
    }

    fn check_length(&self, bytes: &[u8]) -> Result<u32, StoreError> {
        let most = self.options().tree.beat_value_count_max;
        let records = bytes.len() / size_of::<R>();
        if records > most as usize {
            return Err(StoreError::BatchIsTooLong { records, most });
        }
        Ok(records as u32)
    }

    fn put_bytes(&mut self, bytes: &[u8]) {
        for bytes in bytes.chunks_exact(size_of::<R>()) {
            let Ok(record) = R::read_from_bytes(bytes) else {
                unreachable!("store: each chunk has the size of a record")
            };
            if record.is_tombstone() {
                self.forest.trees.remove(record.key());
            } else {
                self.forest.trees.put(&record);
            }
        }
    }
}

/// How full a store is at most that accepts the batch of these bytes.
pub(crate) fn most_for<R: Record>(bytes: &[u8]) -> Fullness {
    let is_put = |bytes| R::read_from_bytes(bytes).is_ok_and(|record| !record.is_tombstone());
    if bytes.is_empty() {
        Fullness::FullForAll
    } else if bytes.chunks_exact(size_of::<R>()).any(is_put) {
        Fullness::NearlyFull
    } else {
        Fullness::FullForPuts
    }
}
