//! The batches that a durable store was given, and what the store contains after each of them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::mutation::{Mutation, is_on};

/// A put or a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    /// The key.
    pub key: u64,
    /// The stamp of the record, or `None` for a removal.
    pub stamp: Option<u64>,
}

/// The batches of a store.
///
/// - Batches are numbered from 1, without gaps. A beat without a batch takes a number, too.
/// - A batch is in the store as a whole or not at all. If a batch is in the store, so are all
///   batches before it.
/// - All acknowledged batches are in the store. The others may be lost in a crash, from some number
///   on.
#[derive(Clone, Debug, Default)]
pub struct Batches {
    /// The records by key, after the last batch: the stamp of each.
    records: BTreeMap<u64, u64>,
    /// What each write since the last acknowledged batch replaced, oldest first.
    undo: Vec<Write>,
    /// Where the writes of each batch after the acknowledged ones begin in `undo`.
    starts: Vec<usize>,
    acknowledged: u64,
}

impl Batches {
    /// Forgets all batches.
    pub fn clear(&mut self) {
        self.records.clear();
        self.undo.clear();
        self.starts.clear();
        self.acknowledged = 0;
    }

    /// The number of the last batch that the store was given.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.acknowledged + self.starts.len() as u64
    }

    /// The number of records after the last batch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are no records after the last batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The number of the last batch that was acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Adds a batch. Of two writes with the same key, the later counts. A batch without writes is a
    /// beat.
    pub fn push(&mut self, writes: &[Write]) {
        self.starts.push(self.undo.len());
        let skips = is_on(Mutation::DurableStoreDropsTheLastOfABatch) && writes.len() > 1;
        for write in &writes[..writes.len() - usize::from(skips)] {
            let Write { key, stamp } = *write;
            let before = match stamp {
                Some(stamp) => self.records.insert(key, stamp),
                None => self.records.remove(&key),
            };
            self.undo.push(Write { key, stamp: before });
        }
    }

    /// All batches so far are acknowledged.
    pub fn acknowledge(&mut self) {
        self.acknowledged = self.last();
        self.undo.clear();
        self.starts.clear();
    }

    /// The store was opened with the batches up to `last`, inclusive, which is a number from
    /// [`Batches::acknowledged`] to [`Batches::last`]. These batches stay.
    pub fn reopen(&mut self, last: u64) {
        if !is_on(Mutation::DurableStoreForgetsCrashes) {
            let kept = (last - self.acknowledged) as usize;
            if let Some(start) = self.starts.get(kept) {
                for write in self.undo.drain(start..).rev() {
                    match write.stamp {
                        Some(stamp) => drop(self.records.insert(write.key, stamp)),
                        None => drop(self.records.remove(&write.key)),
                    }
                }
            }
            self.starts.truncate(kept);
        }
        self.acknowledge();
        self.acknowledged = last;
    }

    /// The stamp of a key's record after the last batch.
    #[must_use]
    pub fn get(&self, key: u64) -> Option<u64> {
        self.records.get(&key).copied()
    }

    /// The keys and stamps of a range of keys after the last batch, in order. Empty if the range
    /// ends before it begins.
    pub fn range(
        &self,
        keys: RangeInclusive<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, u64)> + '_ {
        let keys = (!keys.is_empty()).then_some(keys);
        keys.into_iter()
            .flat_map(|keys| self.records.range(keys))
            .map(|(key, stamp)| (*key, *stamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: u64, stamp: u64) -> Write {
        Write { key, stamp: Some(stamp) }
    }

    #[test]
    fn batches_after_the_last_one_that_survives_are_undone() {
        let mut batches = Batches::default();
        batches.push(&[put(1, 10), put(2, 11)]);
        batches.acknowledge();
        batches.push(&[put(1, 12), Write { key: 1, stamp: None }, put(3, 13)]);
        batches.push(&[]);
        batches.push(&[Write { key: 3, stamp: None }, put(2, 14)]);
        assert_eq!((batches.acknowledged(), batches.last()), (1, 4));
        assert_eq!(batches.range(0..=u64::MAX).collect::<Vec<_>>(), [(2, 14)]);

        let mut some = batches.clone();
        some.reopen(3);
        assert_eq!((some.acknowledged(), some.last()), (3, 3));
        assert_eq!(some.range(0..=u64::MAX).collect::<Vec<_>>(), [(2, 11), (3, 13)]);

        batches.reopen(1);
        assert_eq!(batches.range(0..=u64::MAX).collect::<Vec<_>>(), [(1, 10), (2, 11)]);
        assert_eq!((batches.get(1), batches.get(3)), (Some(10), None));
        let (first, last) = (2, 1);
        assert_eq!(batches.range(first..=last).count(), 0);
    }
}
