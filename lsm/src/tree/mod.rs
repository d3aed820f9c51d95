//! A tree: the newest records in two memtables, the others in levels of sorted tables on disk.
//!
//! ```text
//! put, remove --> [ mutable table ] --(end of a bar)--> [ immutable table ]       memory
//!                                                            |  flush, in the second half-bar
//!                  level 0   [ ] [   ] [  ]   <--------------+
//!                  level 1   [  ] [ ] [    ] [ ] [  ] ..       compaction, a half-bar at a time
//!                  level 2   ..
//! ```
//!
//! - Each part is newer than the parts below it, so a search from the top finds the newest version
//!   of a key first. A tombstone says that the key was removed.
//! - Reads change nothing.
//! - Between two beats, at most [`TreeOptions::beat_value_count_max`] records are put or removed. A
//!   discarded scope undoes its puts and removals.
//!
//! The scheduler of the store drives the beats of a tree, and the store steps the grid.
//!
//! Files: `options` has the sizes, `lookup` finds a key on disk, `checking` checks blocks that were
//! read, `compacting` implements the interface that the scheduler calls, `journal` appends changes
//! of tables to the manifest log, `opening` restores the tables, `room` computes how many blocks a
//! bar may write, `verification` reads all tables, and `giving_up` removes those that cannot be
//! read.

mod bar_sizes;
mod checking;
mod compacting;
mod giving_up;
mod journal;
mod lookup;
mod opening;
mod options;
mod room;
mod verification;

pub(crate) use bar_sizes::BarSizes;
pub(crate) use giving_up::UnreadableTable;
pub use lookup::{CachedLookup, TreeLookup};
pub use options::{InvalidTree, TreeOptions};

use crate::collections::{NodePool, ScopeOutcome};
use crate::compaction::{Compaction, CompactionStatistics, Worker, WorkerOptions};
use crate::grid::{Grid, GridError};
use crate::manifest::{KeyRange, Manifest};
use crate::record::Record;
use crate::storage::Storage;
use crate::table::TableLayout;
use crate::table::memory::{ImmutableTable, MutableTable};

use opening::Opening;

/// A tree; see the [module](self).
#[derive(Debug)]
pub struct Tree<R: Record> {
    options: TreeOptions,
    layout: TableLayout,
    mutable: MutableTable<R>,
    immutable: ImmutableTable<R>,
    manifest: Manifest<R::Key>,
    /// The compactions, by the level to which they write.
    compactions: Vec<Compaction<R::Key>>,
    worker: Worker<R>,
    /// Records put or removed since the last beat.
    beat_value_count: u32,
    /// A range that contains all keys of the tree.
    key_range: Option<KeyRange<R::Key>>,
    scope: Option<TreeScope<R::Key>>,
    /// A number that changes with each change of the records or of their places.
    version: u64,
    /// A number that changes with each change of the tables on disk.
    levels_version: u64,
    opening: Opening,
}

/// The values that a discarded scope restores.
#[derive(Clone, Copy, Debug)]
struct TreeScope<K> {
    beat_value_count: u32,
    key_range: Option<KeyRange<K>>,
}

impl<R: Record> Tree<R> {
    /// An empty tree. Its tables on disk are in blocks of `block_size` bytes. Its manifest is in
    /// nodes of `node_size` bytes and has at most `table_count_max` tables. All memory except the
    /// nodes is allocated here.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid.
    pub fn new(
        options: TreeOptions,
        block_size: usize,
        node_size: usize,
        table_count_max: u32,
    ) -> Result<Self, InvalidTree> {
        options.validate()?;
        let layout = options.table::<R>(block_size)?;
        let TreeOptions { id, growth_factor, level_count, read_ahead, .. } = options;
        let worker = WorkerOptions {
            layout,
            tree: id,
            growth_factor,
            ahead: read_ahead as usize,
            memory: options.memory(),
        };
        let manifest = Manifest::new(growth_factor, level_count, node_size, table_count_max);
        Ok(Self {
            options,
            layout,
            mutable: MutableTable::new(options.memory()).map_err(InvalidTree::Memory)?,
            immutable: ImmutableTable::new(options.memory()).map_err(InvalidTree::Memory)?,
            manifest: manifest.map_err(InvalidTree::Manifest)?,
            compactions: (0..level_count)
                .map(|level| Compaction::new(level, growth_factor))
                .collect(),
            worker: Worker::new(&worker).map_err(InvalidTree::Memory)?,
            beat_value_count: 0,
            key_range: None,
            scope: None,
            version: 0,
            levels_version: 0,
            opening: Opening::Closed,
        })
    }

    /// Resets the tree, so that it can be opened again. Blocks and buffers return to the grid.
    ///
    /// # Panics
    ///
    /// If the pool is not the one that has the nodes of the tree.
    pub fn reset<S: Storage>(&mut self, pool: &mut NodePool, grid: &mut Grid<S>) {
        let Self {
            options: _,
            layout: _,
            mutable,
            immutable,
            manifest,
            compactions,
            worker,
            beat_value_count,
            key_range,
            scope,
            version,
            levels_version,
            opening,
        } = self;
        mutable.reset();
        immutable.reset();
        manifest.reset(pool);
        for compaction in compactions {
            compaction.reset();
        }
        worker.reset(grid);
        *beat_value_count = 0;
        *key_range = None;
        *scope = None;
        *version += 1;
        *levels_version += 1;
        *opening = Opening::Closed;
    }

    /// The number of the tree in its store, from 1.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.options.id
    }

    /// The name of the tree in messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.options.name
    }

    /// The options that the tree was made with.
    #[must_use]
    pub fn options(&self) -> &TreeOptions {
        &self.options
    }

    /// The maximum numbers of records of a block and of a table on disk.
    #[must_use]
    pub fn layout(&self) -> &TableLayout {
        &self.layout
    }

    /// The tables on disk.
    #[must_use]
    pub fn manifest(&self) -> &Manifest<R::Key> {
        &self.manifest
    }

    /// The memtable that is written to.
    #[must_use]
    pub fn mutable(&self) -> &MutableTable<R> {
        &self.mutable
    }

    /// The memtable that is flushed next.
    #[must_use]
    pub fn immutable(&self) -> &ImmutableTable<R> {
        &self.immutable
    }

    /// The counters of the tree's compactions.
    #[must_use]
    pub fn compactions(&self) -> &CompactionStatistics {
        self.worker.statistics()
    }

    /// A number that changes with each change of the records or of the place where one is stored.
    #[must_use]
    #[inline]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// A number that changes with each change of the tables on disk.
    #[must_use]
    #[inline]
    pub(crate) fn levels_version(&self) -> u64 {
        self.levels_version
    }

    /// How many more records can be put or removed before the next beat.
    #[must_use]
    #[inline]
    pub fn room(&self) -> u32 {
        self.options.beat_value_count_max - self.beat_value_count
    }

    /// Puts a record. It becomes the newest version of its key.
    ///
    /// # Panics
    ///
    /// If there is no [room](Tree::room), or the record is a tombstone.
    #[inline]
    pub fn put(&mut self, record: &R) {
        assert!(!record.is_tombstone(), "tree: a tombstone must not be put: remove its key");
        self.widen_key_range(record.key());
        self.append(record);
    }

    /// Removes a key. In a tree of general records, the key may be absent. A key of a secondary
    /// index must exist: otherwise a later beat panics, or fails if the tables that the tree had
    /// when it was opened can be the reason.
    ///
    /// # Panics
    ///
    /// If there is no [room](Tree::room).
    #[inline]
    pub fn remove(&mut self, key: R::Key) {
        self.append(&R::tombstone(key));
    }

    #[inline]
    fn append(&mut self, record: &R) {
        assert!(
            self.beat_value_count < self.options.beat_value_count_max,
            "tree: a beat must end after at most {} records",
            self.options.beat_value_count_max,
        );
        self.beat_value_count += 1;
        self.version += 1;
        self.mutable.put(record);
    }

    /// Widens the [range of keys](Tree::key_range) to contain this key. [`Tree::put`] also does
    /// this.
    #[inline]
    pub fn widen_key_range(&mut self, key: R::Key) {
        let key = KeyRange { min: key, max: key };
        self.key_range = Some(self.key_range.map_or(key, |range| range.union(&key)));
    }

    /// A range that contains all keys of the tree, and maybe others; `None` if the tree has no
    /// keys.
    #[must_use]
    pub fn key_range(&self) -> Option<KeyRange<R::Key>> {
        self.key_range
    }

    /// Whether a key may be in the tree. If this returns false, the key is absent.
    #[must_use]
    #[inline]
    pub fn key_range_contains(&self, key: R::Key) -> bool {
        self.key_range.is_some_and(|range| range.contains(key))
    }

    /// The newest version of a key in the memtables, which may be a tombstone.
    #[must_use]
    #[inline]
    pub fn lookup_memory(&self, key: R::Key) -> Option<&R> {
        self.mutable.get(key).or_else(|| self.immutable.get(key))
    }

    /// The newest version of a key on disk, if the blocks in memory suffice to find it. The device
    /// is not asked.
    ///
    /// # Errors
    ///
    /// Returns an error if a block is damaged.
    pub fn lookup_cached<S: Storage>(
        &self,
        key: R::Key,
        grid: &mut Grid<S>,
    ) -> Result<CachedLookup<R>, GridError> {
        self.lookup(key, 0).advance_cached(self, grid)
    }

    /// Begins a lookup of a key on disk, in the levels from `level_min` on.
    #[must_use]
    pub fn lookup(&self, key: R::Key, level_min: u32) -> TreeLookup<R> {
        TreeLookup::new(key, level_min)
    }

    /// Opens a scope: the puts and removes in it can be discarded.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn scope_open(&mut self) {
        self.mutable.scope_open();
        let Self { beat_value_count, key_range, .. } = *self;
        self.scope = Some(TreeScope { beat_value_count, key_range });
    }

    /// Closes the scope. Its puts and removes are persisted or discarded.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, outcome: ScopeOutcome) {
        let Some(scope) = self.scope.take() else {
            panic!("tree: there is no open scope to close");
        };
        self.mutable.scope_close(outcome);
        if outcome == ScopeOutcome::Discard {
            self.beat_value_count = scope.beat_value_count;
            self.key_range = scope.key_range;
        }
        self.version += 1;
    }

    /// Whether a scope is open.
    #[must_use]
    pub fn scope_is_open(&self) -> bool {
        self.scope.is_some()
    }

    /// Asserts the invariants that hold between bars.
    ///
    /// # Panics
    ///
    /// If a compaction is under way, or a level breaks an invariant.
    pub fn assert_between_bars(&self) {
        for compaction in &self.compactions {
            assert!(compaction.is_idle(), "tree: no compaction may be under way between bars");
        }
        self.worker.assert_idle();
        self.manifest.assert_between_bars();
    }
}
