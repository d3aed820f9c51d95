//! Scans: the records of a range of keys in order, from the memtables and all levels.
//!
//! ```text
//! stream 0   mutable table      newest
//! stream 1   immutable table
//! stream 2   level 0            one table and one value block at a time
//! stream 3   level 1
//!  ..                           oldest
//! ```
//!
//! - A scan returns the newest version of each key once, and no tombstone.
//! - The stream of a level uses one index block and one value block at a time. The levels wait for
//!   the device concurrently.
//! - If the tree changes during a scan, the scan continues after the keys that it has passed, with
//!   the changed records. While it waits, it may also have passed removed keys after the last
//!   record.
//! - After a change of the memtables alone, the streams of the levels keep their blocks and
//!   requests.
//! - A damaged block is an error, which is returned once and ends the scan. A salvage goes on
//!   behind it.
//!
//! Files: `level` is the stream of a level, `salvage` goes on behind blocks that cannot be read;
//! the scan itself is here.

mod level;
mod salvage;

use crate::collections::Direction;
use crate::grid::{Grid, GridError};
use crate::manifest::KeyRange;
use crate::merge::{NewestFirst, Popped, StreamHead, Streams};
use crate::record::{Key, Record};
use crate::storage::Storage;
use crate::table::memory::{InvalidMemoryTable, MemoryScan};
use crate::tree::{Tree, TreeOptions};

pub(crate) use salvage::SalvageProgress;

use level::{LevelHead, LevelStream};
use salvage::Losses;

/// The number of streams of memtables. They are numbered before the streams of levels.
const MEMORY_STREAMS: usize = 2;

/// A scan of a tree; see the [module](self).
#[derive(Debug)]
pub struct Scan<R: Record> {
    merge: NewestFirst<R::Key>,
    mutable: MemoryScan<R>,
    immutable: MemoryScan<R>,
    levels: Vec<LevelStream<R>>,
    /// The range of the streams, which a seek or a restart narrows; `None` if the scan has ended.
    range: Option<KeyRange<R::Key>>,
    direction: Direction,
    /// The versions of the tree and of its tables that the streams belong to.
    version: u64,
    levels_version: u64,
    /// Whether the streams must start again, even if the tree has not changed.
    is_paused: bool,
    /// Whether the stream of a level may have run dry. Otherwise, all have a record or have ended.
    may_be_dry: bool,
    /// What a salvage could not read. A scan that is not a salvage ends instead.
    losses: Losses<R>,
}

/// The progress of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it may contain a record"]
pub enum ScanProgress<R> {
    /// The next record.
    Record(R),
    /// The scan waits for the device. Try again after a step of the device.
    Pending,
    /// There are no more records.
    Ended,
}

impl<R: Record> Scan<R> {
    /// A scan that has ended, for trees with these options. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid.
    pub fn new(options: &TreeOptions) -> Result<Self, InvalidMemoryTable> {
        let memory = options.memory();
        Ok(Self {
            merge: NewestFirst::new(MEMORY_STREAMS + options.level_count as usize),
            mutable: MemoryScan::new(&memory)?,
            immutable: MemoryScan::new(&memory)?,
            levels: (0..options.level_count).map(LevelStream::new).collect(),
            range: None,
            direction: Direction::Ascending,
            version: 0,
            levels_version: 0,
            is_paused: false,
            may_be_dry: false,
            losses: Losses::default(),
        })
    }

    /// Starts a scan of a range of keys, both ends included.
    ///
    /// # Panics
    ///
    /// If the range's `min` is above its `max`.
    pub fn start<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        range: KeyRange<R::Key>,
        direction: Direction,
        grid: &mut Grid<S>,
    ) {
        let KeyRange { min, max } = range;
        self.range = Some(KeyRange::new(min, max));
        self.direction = direction;
        self.merge.start(direction);
        self.begin_streams(tree, grid);
    }

    /// Whether the scan has ended, or was not started.
    #[must_use]
    #[inline]
    pub fn has_ended(&self) -> bool {
        self.range.is_none()
    }

    /// Releases all blocks, and abandons all requests. The scan can continue after the record that
    /// it returned last.
    pub fn pause<S: Storage>(&mut self, grid: &mut Grid<S>) {
        for level in &mut self.levels {
            level.abandon(grid);
        }
        self.is_paused = true;
    }

    /// Ends the scan, releases all blocks, and abandons all requests.
    pub fn abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        for level in &mut self.levels {
            level.abandon(grid);
        }
        self.range = None;
    }

    fn begin_streams<S: Storage>(&mut self, tree: &Tree<R>, grid: &mut Grid<S>) {
        self.levels_version = tree.levels_version();
        self.is_paused = false;
        let Some(range) = self.range else { return };
        self.begin_memory_streams(range, tree);
        for level in &mut self.levels {
            level.start(range, self.direction, grid);
        }
    }

    /// Continues with a part of the range of the streams. Only the memtables may have changed.
    fn narrow_streams<S: Storage>(
        &mut self,
        range: KeyRange<R::Key>,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) {
        self.begin_memory_streams(range, tree);
        for level in &mut self.levels {
            level.narrow(range, tree, grid);
        }
    }

    fn begin_memory_streams(&mut self, range: KeyRange<R::Key>, tree: &Tree<R>) {
        self.version = tree.version();
        self.may_be_dry = true;
        self.merge.reset();
        self.mutable.start(&tree.mutable().view(), &range, self.direction);
        self.immutable.start(&tree.immutable().view(), &range, self.direction);
    }

    /// Continues in the changed tree. If only the memtables have changed, the streams of the levels
    /// keep their blocks and requests.
    fn begin_streams_again<S: Storage>(&mut self, tree: &Tree<R>, grid: &mut Grid<S>) {
        if self.is_paused || self.levels_version != tree.levels_version() {
            self.begin_streams(tree, grid);
        } else if let Some(range) = self.range {
            self.narrow_streams(range, tree, grid);
        }
    }

    /// Skips the keys before this key in the scan's direction. Does nothing if this key or a later
    /// one was returned before.
    pub fn seek<S: Storage>(&mut self, key: R::Key, tree: &Tree<R>, grid: &mut Grid<S>) {
        let Some(range) = self.range else { return };
        if self.merge.last().is_some_and(|last| !self.direction.is_before(&last, &key)) {
            return;
        }
        let KeyRange { min, max } = range;
        let left = match self.direction {
            Direction::Ascending if key > max => return self.abandon(grid),
            Direction::Ascending => KeyRange { min: min.max(key), max },
            Direction::Descending if key < min => return self.abandon(grid),
            Direction::Descending => KeyRange { min, max: max.min(key) },
        };
        self.range = Some(left);
        // Outdated streams are restarted with the new range by the next call of `next`.
        if left == range || self.is_outdated(tree) {
            return;
        }
        self.narrow_streams(left, tree, grid);
    }

    fn is_outdated(&self, tree: &Tree<R>) -> bool {
        self.is_paused || self.version != tree.version()
    }

    /// The next record, if it is in memory. If the scan is waiting, call again after a step of the
    /// grid.
    ///
    /// # Errors
    ///
    /// Returns an error if a block is damaged or cannot be read. The error ends the scan.
    pub fn next<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Result<ScanProgress<R>, GridError> {
        if self.is_outdated(tree) {
            self.go_on_behind_last();
            self.begin_streams_again(tree, grid);
        }
        if self.range.is_none() {
            return self.end(grid);
        }
        self.ask_levels(tree, grid);
        let Self { merge, mutable, immutable, levels, may_be_dry, .. } = self;
        let mut streams =
            TreeStreams { tree, grid, mutable, immutable, levels, may_be_dry, popped: 0 };
        loop {
            match merge.pop(&mut streams) {
                Popped::Record(record) if record.is_tombstone() => {}
                Popped::Record(record) => return Ok(ScanProgress::Record(record)),
                Popped::Ended => return self.end(grid),
                Popped::NotReady => return self.wait(grid),
            }
        }
    }

    /// All levels that ran dry ask the device concurrently.
    #[inline]
    fn ask_levels<S: Storage>(&mut self, tree: &Tree<R>, grid: &mut Grid<S>) {
        if self.may_be_dry {
            for level in &mut self.levels {
                level.advance(tree, grid);
            }
            self.may_be_dry = self.levels.iter().any(LevelStream::is_dry);
        }
    }

    /// Returns the error of a failed level, if there is one: the merge sees such a level as not
    /// ready.
    fn wait<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<ScanProgress<R>, GridError> {
        let Some((error, _)) = self.levels.iter().find_map(LevelStream::failed) else {
            return Ok(ScanProgress::Pending);
        };
        self.abandon(grid);
        Err(error)
    }

    fn end<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<ScanProgress<R>, GridError> {
        self.abandon(grid);
        Ok(ScanProgress::Ended)
    }

    /// Removes the keys up to the last key that the merge returned from the range. Ends the scan if
    /// no key remains.
    fn go_on_behind_last(&mut self) {
        let (Some(range), Some(last)) = (self.range, self.merge.last()) else { return };
        let KeyRange { min, max } = range;
        self.range = match self.direction {
            Direction::Ascending => last
                .successor()
                .filter(|next| *next <= max)
                .map(|next| KeyRange { min: min.max(next), max }),
            Direction::Descending => last
                .predecessor()
                .filter(|next| *next >= min)
                .map(|next| KeyRange { min, max: max.min(next) }),
        };
    }
}

/// The streams of a tree during a call of the merge.
struct TreeStreams<'a, R: Record, S> {
    tree: &'a Tree<R>,
    grid: &'a mut Grid<S>,
    mutable: &'a mut MemoryScan<R>,
    immutable: &'a mut MemoryScan<R>,
    levels: &'a mut Vec<LevelStream<R>>,
    may_be_dry: &'a mut bool,
    /// The stream of the record that was popped last.
    popped: usize,
}

impl<R: Record, S: Storage> Streams for TreeStreams<'_, R, S> {
    type Record = R;

    fn count(&self) -> usize {
        MEMORY_STREAMS + self.levels.len()
    }

    fn peek(&mut self, stream: usize) -> StreamHead<R::Key> {
        let memory = match stream {
            0 => self.mutable.peek(&self.tree.mutable().view()),
            1 => self.immutable.peek(&self.tree.immutable().view()),
            _ => {
                let level = &mut self.levels[stream - MEMORY_STREAMS];
                level.advance(self.tree, self.grid);
                return match level.head() {
                    LevelHead::Key(key) => StreamHead::Key(key),
                    LevelHead::Ended => StreamHead::Ended,
                    LevelHead::Waiting => StreamHead::NotReady,
                };
            }
        };
        memory.map_or(StreamHead::Ended, StreamHead::Key)
    }

    fn pop(&mut self, stream: usize) -> R {
        self.popped = stream;
        let record = match stream {
            0 => self.mutable.pop(&self.tree.mutable().view()),
            1 => self.immutable.pop(&self.tree.immutable().view()),
            _ => {
                let level = &mut self.levels[stream - MEMORY_STREAMS];
                let record = level.pop();
                *self.may_be_dry |= level.is_dry();
                Some(record)
            }
        };
        record.expect("scan: a stream has the record whose key it gave")
    }
}
