//! How a store begins: formatted, or opened as its last checkpoint left it.
//!
//! ```text
//! superblock ---> free set ---> manifest log ---> tables, level by level
//! ```
//!
//! - Nothing that is read is trusted further than its checksum goes: what cannot be is a corruption.
//!
//! What this does not do: it reads no table.

use super::identity::{agrees, identity};
use super::lookups::Lookups;
use super::{InvalidStore, Store, StoreError, StoreOptions};
use crate::block::{Corruption, Place, Reason};
use crate::collections::NodePool;
use crate::compaction::Bars;
use crate::forest::Scheduler;
use crate::grid::{Grid, GridError};
use crate::manifest_log::ManifestLog;
use crate::record::Record;
use crate::scan::Scan;
use crate::storage::Storage;
use crate::superblock::{CheckpointState, Superblock};
use crate::tree::Tree;

/// The most beats that a checkpoint holds. What is added to a beat, bars from one checkpoint to the next, is far below
/// the rest; and no store is driven as long.
const BEAT_MAX: u64 = 1 << 62;

impl<R: Record, S: Storage> Store<R, S> {
    /// A store on a device, to be formatted or opened: until then it is closed. Memory is allocated here.
    ///
    /// # Errors
    ///
    /// If the options cannot be, or the device is too small for them.
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
            scan: Scan::new(&options.tree).map_err(InvalidStore::Memory)?,
            is_open: false,
        })
    }

    /// An empty store on a device, whatever was there before. `number` tells it from other stores.
    ///
    /// # Errors
    ///
    /// If the options cannot be, or the device fails. It is then to be formatted again.
    pub fn format(storage: S, options: &StoreOptions, number: u64) -> Result<Self, StoreError> {
        let mut store = Self::new(storage, options).map_err(StoreError::Invalid)?;
        store.format_again(number)?;
        Ok(store)
    }

    /// The store that is on a device, as its last checkpoint left it.
    ///
    /// # Errors
    ///
    /// If the options cannot be; if the store was formatted with other options, of those that decide what is on the
    /// device, or for other records; if what is on the device is damaged, or it fails.
    pub fn open(storage: S, options: &StoreOptions) -> Result<Self, StoreError> {
        let mut store = Self::new(storage, options).map_err(StoreError::Invalid)?;
        store.open_again()?;
        Ok(store)
    }

    /// Makes the store an empty one. What was under way is dropped.
    ///
    /// # Errors
    ///
    /// If the device fails. The store is closed then.
    pub fn format_again(&mut self, number: u64) -> Result<(), StoreError> {
        self.reset();
        let state = CheckpointState::default();
        let identity = identity::<R>(number, &self.options);
        let formatted = self.superblock.format(self.grid.storage_mut(), identity, &state);
        formatted.map_err(StoreError::Superblock)?;
        self.open_state(&state)
    }

    /// Makes the store what is on the device. What was under way is dropped, with all that no checkpoint holds.
    ///
    /// # Errors
    ///
    /// If the store was formatted with other options or for other records, what is on the device is damaged, or it
    /// fails. The store is closed then, and can be opened again once the reason is gone. A device of which a flush
    /// failed may fail all later ones, as [`FileStorage`](crate::storage::FileStorage) does: then the device itself is
    /// to be opened anew, and given to [`Store::open`].
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

    /// What a process finds that starts.
    fn reset(&mut self) {
        self.is_open = false;
        self.scan.abandon(&mut self.grid);
        self.lookups.reset();
        self.tree.reset(&mut self.pool, &mut self.grid);
        self.log.reset();
        self.superblock.reset();
        // What a beat that failed left in the queue would complete for nobody.
        while self.grid.storage_mut().abandon().is_some() {}
        self.grid.reset();
        self.scheduler.open(0);
    }

    fn open_state(&mut self, state: &CheckpointState) -> Result<(), StoreError> {
        let bars = self.scheduler.bars();
        let wrong = |what| {
            let reason = Reason::Meaning(what);
            let corruption = Corruption { place: Place::Superblock, reason };
            Err(StoreError::Grid(GridError::Corruption(corruption)))
        };
        if state.beat > BEAT_MAX {
            return wrong("a checkpoint holds more beats than a store gets to");
        }
        if state.beat != 0 && !bars.is_last_of_bar(state.beat) {
            return wrong("a checkpoint does not end with a bar of this store");
        }
        self.grid.open(state)?;
        let Self { log, grid, tree, pool, .. } = self;
        tree.open_begin();
        log.open(grid, &state.manifest, |entry| {
            if entry.tree() != tree.id() {
                return Err(Reason::Meaning("a table of the log is of a tree that is not there"));
            }
            tree.open_table(pool, entry)
        })?;
        tree.open_complete();
        self.scheduler.open(state.beat);
        self.is_open = true;
        Ok(())
    }
}
