//! Parts of runs and pieces, as streams of a merge.
//!
//! - A slice is a range of indices, meaningful only with the view of its table. Its owner checks
//!   that the table has not changed.
//! - A piece may have several versions of a key. In ascending order, a slice yields the newest and
//!   skips the older ones. In descending order, it yields the newest first, and a merge that needs
//!   one version drops the others. A run has one version of a key.

use super::MemoryView;
use crate::collections::Direction;
use crate::manifest::KeyRange;
use crate::merge::{Popped, StreamHead, Streams};
use crate::record::Record;

/// The remaining part of a run, or of a piece of the tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    source: Source,
    start: u32,
    /// One past the last.
    end: u32,
}

/// What the indices of a slice refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// Values of runs.
    Runs,
    /// Positions of the tail.
    Tail,
}

impl Slice {
    /// All of a run.
    pub(super) fn run<R: Record>(view: &MemoryView<'_, R>, run: usize) -> Self {
        let run = view.runs[run];
        Self { source: Source::Runs, start: run.start, end: run.end }
    }

    /// All of a piece of the tail.
    pub(super) fn piece<R: Record>(view: &MemoryView<'_, R>, piece: usize) -> Self {
        let end = view.piece_ends[piece];
        Self { source: Source::Tail, start: end - view.piece(piece).len() as u32, end }
    }

    /// The part of the slice that is in the range.
    pub(super) fn within<R: Record>(
        self,
        view: &MemoryView<'_, R>,
        range: &KeyRange<R::Key>,
    ) -> Self {
        let start = self.partition_point(view, |key| key < range.min);
        let end = self.partition_point(view, |key| key <= range.max);
        Self { source: self.source, start, end: end.max(start) }
    }

    /// Skips the keys before this one.
    pub(super) fn seek<R: Record>(
        &mut self,
        view: &MemoryView<'_, R>,
        direction: Direction,
        key: R::Key,
    ) {
        match direction {
            Direction::Ascending => self.start = self.partition_point(view, |other| other < key),
            Direction::Descending => self.end = self.partition_point(view, |other| other <= key),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    #[inline]
    fn get<'a, R: Record>(&self, view: &MemoryView<'a, R>, index: u32) -> &'a R {
        match self.source {
            Source::Runs => &view.values[index as usize],
            Source::Tail => &view.values[view.positions[index as usize] as usize],
        }
    }

    /// The first index of the slice whose key does not satisfy `is_before`.
    fn partition_point<R: Record>(
        &self,
        view: &MemoryView<'_, R>,
        is_before: impl Fn(R::Key) -> bool,
    ) -> u32 {
        let (start, end) = (self.start as usize, self.end as usize);
        let count = match self.source {
            Source::Runs => {
                view.values[start..end].partition_point(|record| is_before(record.key()))
            }
            Source::Tail => view.positions[start..end]
                .partition_point(|&position| is_before(view.values[position as usize].key())),
        };
        self.start + count as u32
    }
}

/// Slices in the order in which a merge prefers them, and the view of their table.
pub(super) struct Slices<'a, R> {
    pub(super) view: MemoryView<'a, R>,
    pub(super) slices: &'a mut [Slice],
    pub(super) direction: Direction,
}

impl<R: Record> Streams for Slices<'_, R> {
    type Record = R;

    #[inline]
    fn count(&self) -> usize {
        self.slices.len()
    }

    #[inline]
    fn peek(&mut self, stream: usize) -> StreamHead<R::Key> {
        let slice = &mut self.slices[stream];
        if slice.is_empty() {
            return StreamHead::Ended;
        }
        let Direction::Ascending = self.direction else {
            return StreamHead::Key(slice.get(&self.view, slice.end - 1).key());
        };
        let key = slice.get(&self.view, slice.start).key();
        if slice.source == Source::Tail {
            while slice.start + 1 < slice.end && slice.get(&self.view, slice.start + 1).key() == key
            {
                slice.start += 1;
            }
        }
        StreamHead::Key(key)
    }

    #[inline]
    fn pop(&mut self, stream: usize) -> R {
        let slice = &mut self.slices[stream];
        assert!(!slice.is_empty(), "memory_table: a stream that has ended has nothing to pop");
        match self.direction {
            Direction::Ascending => {
                slice.start += 1;
                *slice.get(&self.view, slice.start - 1)
            }
            Direction::Descending => {
                slice.end -= 1;
                *slice.get(&self.view, slice.end)
            }
        }
    }
}

/// The next key of a merge of slices, which are always ready. `None` at the end.
#[inline]
pub(super) fn ready_key<K>(head: StreamHead<K>) -> Option<K> {
    match head {
        StreamHead::Key(key) => Some(key),
        StreamHead::Ended => None,
        StreamHead::NotReady => unreachable!("memory_table: a stream in memory is always ready"),
    }
}

/// The next record of a merge of slices, which are always ready. `None` at the end.
#[inline]
pub(super) fn ready_record<R>(popped: Popped<R>) -> Option<R> {
    match popped {
        Popped::Record(record) => Some(record),
        Popped::Ended => None,
        Popped::NotReady => unreachable!("memory_table: a stream in memory is always ready"),
    }
}
