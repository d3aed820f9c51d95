//! A read-only view of a memtable, mutable or immutable.
//!
//! A view finds the newest version of one key. A [`MemoryScan`](super::MemoryScan) merges the
//! versions of many keys.

use super::point_index::PointIndex;
use super::runs::Run;
use crate::manifest::KeyRange;
use crate::record::Record;

/// A read-only view of a memtable.
#[derive(Clone, Copy, Debug)]
pub struct MemoryView<'a, R> {
    pub(super) values: &'a [R],
    pub(super) runs: &'a [Run],
    /// The positions of the values after the runs.
    pub(super) positions: &'a [u32],
    /// Where each sorted piece of the positions ends.
    pub(super) piece_ends: &'a [u32],
    /// The newest values of the runs.
    pub(super) index: &'a PointIndex,
    /// A number that changes with each change of the table.
    pub(super) version: u64,
}

impl<'a, R: Record> MemoryView<'a, R> {
    /// The newest version of this key, which may be a tombstone. Does a binary search in each piece
    /// of the tail whose key range contains the key, newest first, and in the values that extended
    /// the last run since the last beat. If the key is in none of them, looks it up among the keys
    /// of the runs, in constant time.
    #[must_use]
    #[inline]
    pub fn get(&self, key: R::Key) -> Option<&'a R> {
        self.get_in_tail(key).or_else(|| self.get_in_runs(key))
    }

    /// The number of values. Each version of a key counts.
    #[must_use]
    #[inline]
    pub fn len(&self) -> u32 {
        self.values.len() as u32
    }

    /// Whether there are no values.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All values: the runs, then the tail in the order of its puts.
    #[must_use]
    #[inline]
    pub fn values(&self) -> &'a [R] {
        self.values
    }

    /// The runs, oldest first.
    #[must_use]
    #[inline]
    pub fn runs(&self) -> &'a [Run] {
        self.runs
    }

    /// The number of values that are in no run: those of the tail.
    #[must_use]
    #[inline]
    pub fn tail_len(&self) -> u32 {
        self.positions.len() as u32
    }

    /// The number of sorted pieces of the tail.
    #[must_use]
    #[inline]
    pub fn piece_count(&self) -> u32 {
        self.piece_ends.len() as u32
    }

    /// The range from the smallest to the largest key, including those of tombstones. `None` if
    /// there are no values.
    #[must_use]
    pub fn key_range(&self) -> Option<KeyRange<R::Key>> {
        let runs = self.runs.iter().map(|run| {
            let values = self.run_values(run);
            (values[0].key(), values[values.len() - 1].key())
        });
        let pieces = (0..self.piece_ends.len()).map(|piece| {
            let positions = self.piece(piece);
            let key = |position: u32| self.values[position as usize].key();
            (key(positions[0]), key(positions[positions.len() - 1]))
        });
        runs.chain(pieces)
            .map(|(min, max)| KeyRange::new(min, max))
            .reduce(|range, other| range.union(&other))
    }

    #[inline]
    pub(super) fn run_values(&self, run: &Run) -> &'a [R] {
        &self.values[run.start as usize..run.end as usize]
    }

    /// The positions of a piece of the tail. Piece 0 is the oldest.
    #[inline]
    pub(super) fn piece(&self, piece: usize) -> &'a [u32] {
        let start = if piece == 0 { 0 } else { self.piece_ends[piece - 1] as usize };
        &self.positions[start..self.piece_ends[piece] as usize]
    }

    fn get_in_tail(&self, key: R::Key) -> Option<&'a R> {
        let key_at = |position: u32| self.values[position as usize].key();
        (0..self.piece_ends.len()).rev().find_map(|piece| {
            let positions = self.piece(piece);
            if key_at(positions[0]) > key || key_at(positions[positions.len() - 1]) < key {
                return None;
            }
            // The last of equal keys is the newest.
            let end = positions.partition_point(|&position| key_at(position) <= key);
            let newest = &self.values[positions[end - 1] as usize];
            (newest.key() == key).then_some(newest)
        })
    }

    fn get_in_runs(&self, key: R::Key) -> Option<&'a R> {
        let end = self.runs.last()?.end as usize;
        let extension = &self.values[self.index.end() as usize..end];
        if let Ok(index) = extension.binary_search_by_key(&key, R::key) {
            return Some(&extension[index]);
        }
        self.index.find(self.values, key)
    }
}
