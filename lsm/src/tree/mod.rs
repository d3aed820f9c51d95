//! A tree: the newest records in memory, the others in levels of sorted tables on disk.
//!
//! ```text
//! put, remove --> [ mutable table ] --(end of a bar)--> [ immutable table ]      memory
//!                                                              |  flush, in the second half of a bar
//!                  level 0   [ ] [   ] [  ]   <----------------+
//!                  level 1   [  ] [ ] [    ] [ ] [  ] ..        compaction, a half-bar at a time
//!                  level 2   ..
//! ```
//!
//! - What is above is newer than what is below: the newest version of a key is the first that is found on the way
//!   down. A tombstone says that there is none.
//! - Reading changes nothing.
//! - Between two beats up to [`TreeOptions::beat_value_count_max`] records are put or removed. In between, a scope
//!   may take them back.
//!
//! What it does not do: it has no clock and no device of its own. The scheduler of its store drives its beats, and
//! the store waits for the device.
//!
//! Files: `options` is the sizes; `lookup` finds a key on disk; `compacting` is the
//! tree as the scheduler sees it, `opening` how it comes back; the calls are here.

mod compacting;
mod lookup;
mod opening;
mod options;

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
    /// By the level that is written.
    compactions: Vec<Compaction<R::Key>>,
    worker: Worker<R>,
    /// Records put or removed since the last beat.
    beat_value_count: u32,
    /// All keys that are in the tree, and maybe more.
    key_range: Option<KeyRange<R::Key>>,
    scope: Option<TreeScope<R::Key>>,
    /// Another one after each change.
    version: u64,
    opening: Opening,
}

/// What was when the scope was opened.
#[derive(Clone, Copy, Debug)]
struct TreeScope<K> {
    beat_value_count: u32,
    key_range: Option<KeyRange<K>>,
}

impl<R: Record> Tree<R> {
    /// An empty tree in blocks of `block_size` bytes, whose manifest is in nodes of `node_size`. It has
    /// `table_count_max` tables at most. All memory but the nodes is allocated here.
    ///
    /// # Errors
    ///
    /// If the options cannot be.
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
            opening: Opening::Closed,
        })
    }

    /// Makes the tree as new, to be opened again. What it holds of the grid goes back there.
    ///
    /// # Panics
    ///
    /// If the pool is not that of the tree.
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
        *opening = Opening::Closed;
    }

    /// Its number in the store, from 1.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.options.id
    }

    /// Its name, for people.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.options.name
    }

    /// What it was built from.
    #[must_use]
    pub fn options(&self) -> &TreeOptions {
        &self.options
    }

    /// How many records make a block and a table on disk.
    #[must_use]
    pub fn layout(&self) -> &TableLayout {
        &self.layout
    }

    /// Its tables on disk.
    #[must_use]
    pub fn manifest(&self) -> &Manifest<R::Key> {
        &self.manifest
    }

    /// The table that is written to.
    #[must_use]
    pub fn mutable(&self) -> &MutableTable<R> {
        &self.mutable
    }

    /// The table that waits to be flushed.
    #[must_use]
    pub fn immutable(&self) -> &ImmutableTable<R> {
        &self.immutable
    }

    /// What its compactions did.
    #[must_use]
    pub fn compactions(&self) -> &CompactionStatistics {
        self.worker.statistics()
    }

    /// Another number after each change of what the tree holds, or of where.
    #[must_use]
    #[inline]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many more records can be put or removed before the next beat.
    #[must_use]
    #[inline]
    pub fn room(&self) -> u32 {
        self.options.beat_value_count_max - self.beat_value_count
    }

    /// Puts a record. It is the newest of its key.
    ///
    /// # Panics
    ///
    /// If there is no [room](Tree::room), or the record is a tombstone.
    #[inline]
    pub fn put(&mut self, record: &R) {
        assert!(!record.is_tombstone(), "tree: a tombstone is not put, its key is removed");
        self.widen_key_range(record.key());
        self.append(record);
    }

    /// Removes a key, whether there is one or not.
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
            "tree: a beat must come after {} records",
            self.options.beat_value_count_max,
        );
        self.beat_value_count += 1;
        self.version += 1;
        self.mutable.put(record);
    }

    /// Says that this key may be in the tree from now on. Putting a record says so of its key.
    #[inline]
    pub fn widen_key_range(&mut self, key: R::Key) {
        let key = KeyRange { min: key, max: key };
        self.key_range = Some(self.key_range.map_or(key, |range| range.union(&key)));
    }

    /// The range that all keys of the tree are in; none, if it has none.
    #[must_use]
    pub fn key_range(&self) -> Option<KeyRange<R::Key>> {
        self.key_range
    }

    /// Whether a key may be in the tree. If not, it is surely nowhere.
    #[must_use]
    #[inline]
    pub fn key_range_contains(&self, key: R::Key) -> bool {
        self.key_range.is_some_and(|range| range.contains(key))
    }

    /// The newest version of a key that is in memory, which may be a tombstone.
    #[must_use]
    #[inline]
    pub fn lookup_memory(&self, key: R::Key) -> Option<&R> {
        self.mutable.get(key).or_else(|| self.immutable.get(key))
    }

    /// The newest version of a key on disk, as far as blocks that are in memory tell.
    ///
    /// # Errors
    ///
    /// If a block is not what it should be.
    pub fn lookup_cached<S: Storage>(
        &self,
        key: R::Key,
        grid: &mut Grid<S>,
    ) -> Result<CachedLookup<R>, GridError> {
        self.lookup(key, 0).advance_cached(self, grid)
    }

    /// Begins to look a key up on disk, from this level on.
    #[must_use]
    pub fn lookup(&self, key: R::Key, level_min: u32) -> TreeLookup<R> {
        TreeLookup::new(key, level_min)
    }

    /// Opens a scope: what is put and removed in it can be taken back.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn scope_open(&mut self) {
        self.mutable.scope_open();
        let Self { beat_value_count, key_range, .. } = *self;
        self.scope = Some(TreeScope { beat_value_count, key_range });
    }

    /// Closes the scope: what was put and removed in it stays, or never was.
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

    /// Requires what holds between bars.
    ///
    /// # Panics
    ///
    /// If a compaction is not over, or a level is not as it must be.
    pub fn assert_between_bars(&self) {
        for compaction in &self.compactions {
            assert!(compaction.is_idle(), "tree: no compaction must be under way between bars");
        }
        self.worker.assert_idle();
        self.manifest.assert_between_bars();
    }
}
