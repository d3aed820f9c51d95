//! Formats a store, and opens it at its last checkpoint.
//!
//! ```text
//! superblock ---> free set ---> manifest log ---> the levels' lists of tables
//! ```
//!
//! - Invalid contents with a valid checksum are a corruption, and never cause a panic.
//! - Opening reads no table. Damage in a table is found when the table is read.

use super::identity::{agrees, identity};
use super::lookups::Lookups;
use super::scans::Scans;
use super::{InvalidStore, Store, StoreError, StoreOptions};
use crate::block::{Corruption, Place, Reason};
use crate::collections::NodePool;
use crate::compaction::Bars;
use crate::forest::{BEAT_MAX, Scheduler};
use crate::grid::{Grid, GridError};
use crate::manifest_log::ManifestLog;
use crate::record::Record;
use crate::storage::Storage;
use crate::superblock::{CheckpointState, Superblock};
use crate::tree::Tree;

impl<R: Record, S: Storage> Store<R, S> {
    /// Allocates a store on a device. The store is closed until [`Store::format_again`] or
    /// [`Store::open_again`] succeeds.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or if the device is too small for them or has a different sector
    /// size.
    pub fn new(storage: S, options: &StoreOptions) -> Result<Self, InvalidStore> {
        options.validate::<R>()?;
        let layout = options.layout()?;
        if storage.size() < layout.size() || storage.sector_size() != layout.sector_size() {
            return Err(InvalidStore::Device { size: storage.size(), needed: layout.size() });
        }
        let log = ManifestLog::new(&options.manifest_log(), &layout)
            .map_err(InvalidStore::ManifestLog)?;
        let grid = options.grid(log.pace().buffers().min(layout.block_count()));
        let grid = Grid::new(storage, &layout, &grid).map_err(InvalidStore::Grid)?;
        let tree = Tree::new(
            options.tree,
            layout.block_size(),
            options.manifest_node_size,
            options.table_count_max(),
        );
        let bars = Bars::new(u64::from(options.tree.beats_per_bar));
        Ok(Self {
            options: *options,
            grid,
            superblock: Superblock::new(&layout),
            pool: NodePool::new(options.nodes::<R>()).map_err(InvalidStore::Nodes)?,
            log,
            tree: tree.map_err(InvalidStore::Tree)?,
            scheduler: Scheduler::new(bars, u64::from(options.checkpoint_interval), 0),
            lookups: Lookups::new(options.lookups_max),
            scans: Scans::new(options.scans_max, &options.tree).map_err(InvalidStore::Memory)?,
            is_open: false,
        })
    }

    /// Formats a device as an empty store. `number` is chosen by the caller and distinguishes the
    /// store from others. The content of the device is lost.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or if the device fails. After a failure of the device, format it
    /// again.
    pub fn format(storage: S, options: &StoreOptions, number: u64) -> Result<Self, StoreError> {
        let mut store = Self::new(storage, options)?;
        store.format_again(number)?;
        Ok(store)
    }

    /// Opens the store on a device, at its last checkpoint.
    ///
    /// # Errors
    ///
    /// If the options are invalid, if the store was formatted for other records or with other
    /// options (see [`StoreOptions`]), or if the device is damaged or fails.
    pub fn open(storage: S, options: &StoreOptions) -> Result<Self, StoreError> {
        let mut store = Self::new(storage, options)?;
        store.open_again()?;
        Ok(store)
    }

    /// Formats the device again: the store is empty afterwards. Scans, lookups and beats under way
    /// are dropped.
    ///
    /// # Errors
    ///
    /// If the device fails. The store is then closed.
    pub fn format_again(&mut self, number: u64) -> Result<(), StoreError> {
        self.reset();
        let state = CheckpointState::default();
        let identity = identity::<R>(number, &self.options);
        let formatted = self.superblock.format(self.grid.storage_mut(), identity, &state);
        formatted.map_err(StoreError::Superblock)?;
        self.open_state(&state)
    }

    /// Opens the store again, at its last checkpoint. Writes that are in no checkpoint are lost.
    /// Scans, lookups and beats under way are dropped.
    ///
    /// # Errors
    ///
    /// If the store was formatted for other records or with other options, or if the device is
    /// damaged or fails. The store is then closed, and can be opened again once the cause is
    /// removed. After a failed flush a device may fail all later flushes, as
    /// [`FileStorage`](crate::storage::FileStorage) does: then open the file again, and pass it to
    /// [`Store::open`].
    pub fn open_again(&mut self) -> Result<(), StoreError> {
        self.reset();
        let opened = self.superblock.open(self.grid.storage_mut());
        opened.map_err(StoreError::Superblock)?;
        let working = self.superblock.working();
        if !agrees::<R>(working.store(), &self.options) {
            return Err(StoreError::OtherOptions);
        }
        let state = working.state();
        self.open_state(&state)
    }

    /// Resets all memory to the state of a new process.
    fn reset(&mut self) {
        self.is_open = false;
        self.scans.reset(&mut self.grid);
        self.lookups.reset();
        self.tree.reset(&mut self.pool, &mut self.grid);
        self.log.reset();
        self.superblock.reset();
        // A beat that failed may have left operations in the device's queue.
        while self.grid.storage_mut().abandon().is_some() {}
        self.grid.reset();
        self.scheduler.open(0);
    }

    /// Loads the checkpoint that the superblock refers to.
    fn open_state(&mut self, state: &CheckpointState) -> Result<(), StoreError> {
        let bars = self.scheduler.bars();
        let wrong = |what| {
            let reason = Reason::Meaning(what);
            let corruption = Corruption { place: Place::Superblock, reason };
            Err(StoreError::Grid(GridError::Corruption(corruption)))
        };
        if state.beat > BEAT_MAX {
            return wrong("the number of a checkpoint's last beat is too large");
        }
        if state.beat == 0 && *state != CheckpointState::default() {
            return wrong("a store that was just formatted has blocks");
        }
        if state.beat != 0 && !bars.is_last_of_bar(state.beat) {
            return wrong("a checkpoint does not end at the end of a bar");
        }
        // The checkpoint was taken a bar after its last beat, and contains the compactions up to
        // that time. Their tables are visible from the following beat on.
        let snapshot_max = state.beat + bars.beats_per_bar() + 1;
        self.grid.open(state)?;
        let Self { log, grid, tree, pool, .. } = self;
        tree.open_begin();
        log.open(grid, &state.manifest, |entry| {
            if entry.tree() != tree.id() {
                return Err(Reason::Meaning("the manifest log has a table of an unknown tree"));
            }
            if entry.snapshot_min() > snapshot_max {
                return Err(Reason::Meaning("a table is newer than the checkpoint"));
            }
            tree.open_table(pool, entry)
        })?;
        // Each table needs an index and at least one value block of its own, and the memory for
        // tables is limited accordingly. If the blocks of some tables were shared or free,
        // compactions could write more tables than fit into this memory.
        let set = grid.free_set();
        let in_use = set.acquired_count() - set.released_count() - set.staged_count();
        if 2 * log.table_count() as u64 + log.block_count() as u64 > in_use {
            return wrong("there are more tables than blocks for them");
        }
        tree.open_complete();
        self.scheduler.open(state.beat);
        self.is_open = true;
        Ok(())
    }
}
