//! Batches of puts and removals.

use std::marker::PhantomData;

use crate::record::Record;

/// Puts and removals that become durable together. Of two with the same key, the later counts.
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
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
