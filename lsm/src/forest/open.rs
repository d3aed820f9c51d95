//! Formats a forest, and opens it at its last checkpoint.
//!
//! ```text
//! superblock ---> free set ---> manifest log ---> the levels' lists of tables
//! ```
//!
//! - Invalid contents with a valid checksum are reported as corruption, and never cause a panic.
//! - Opening reads no table. Damage in a table is found when the table is read.

use super::identity::{agrees, identity, sum};
use super::{Forest, ForestOptions, ForestSizes, InvalidStore, StoreError, TreeSet, TreeShape};
use crate::beat::{BEAT_MAX, Scheduler, Trees, check_blocks_in_use};
use crate::block::{Corruption, Place, Reason};
use crate::collections::{NodePool, NodePoolOptions};
use crate::compaction::Bars;
use crate::grid::{Grid, GridError, GridOptions};
use crate::manifest_log::{ManifestLog, ManifestLogOptions};
use crate::storage::{Layout, LayoutOptions, Storage};
use crate::superblock::{ChangingOptions, CheckpointState, Superblock};

/// The parts of a new forest, without the memory of blocks and nodes.
struct Parts<T> {
    shapes: Vec<TreeShape>,
    layout: Layout,
    grid: GridOptions,
    nodes: NodePoolOptions,
    log: ManifestLog,
    trees: T,
    sum: u64,
    scheduler: Scheduler,
}

impl<T: TreeSet> Parts<T> {
    fn new(
        storage: &impl Storage,
        options: &ForestOptions,
        trees: &T::Options,
    ) -> Result<Self, InvalidStore> {
        let shapes = T::shapes(trees);
        let has_reserve = options.has_reserve(&shapes)?;
        let layout = options.layout()?;
        if storage.sector_size() != layout.sector_size() {
            return Err(InvalidStore::Device { size: storage.size(), needed: layout.size() });
        }
        let log = ManifestLog::new(&options.manifest_log(&shapes), &layout)
            .map_err(InvalidStore::ManifestLog)?;
        Ok(Self {
            layout,
            grid: options.grid(&shapes, log.pace().buffers().min(layout.block_count())),
            nodes: options.nodes(&shapes),
            log,
            trees: T::new(trees, &ForestSizes::of(options))?,
            sum: sum(options, &shapes),
            scheduler: Scheduler::new(
                Bars::new(u64::from(shapes[0].options.beats_per_bar)),
                options.checkpoint_interval,
                has_reserve,
                0,
            ),
            shapes,
        })
    }
}

impl<T: TreeSet + Trees<S>, S: Storage> Forest<T, S> {
    /// Allocates a forest on a device. The forest is closed until [`Forest::format_again`] or
    /// [`Forest::open_again`] succeeds.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or if the device has a different sector size.
    pub fn new(
        storage: S,
        options: &ForestOptions,
        trees: &T::Options,
    ) -> Result<Self, InvalidStore> {
        let Parts { shapes, layout, grid, nodes, log, trees, sum, scheduler } =
            Parts::new(&storage, options, trees)?;
        Ok(Self {
            options: *options,
            shapes,
            sum,
            grid: Grid::new(storage, &layout, &grid).map_err(InvalidStore::Grid)?,
            superblock: Superblock::new(&layout),
            pool: NodePool::new(nodes).map_err(InvalidStore::Nodes)?,
            log,
            trees,
            scheduler,
            is_open: false,
        })
    }

    /// Makes this a forest with other options, on the same device, and uses the memory of its
    /// blocks and of its manifests again. It is then closed, like a new forest. A beat under way is
    /// dropped.
    ///
    /// # Errors
    ///
    /// The same as [`Forest::new`]. The forest is then closed, or as before.
    pub fn renew(
        &mut self,
        options: &ForestOptions,
        trees: &T::Options,
    ) -> Result<(), InvalidStore> {
        let Parts { shapes, layout, grid, nodes, log, trees, sum, scheduler } =
            Parts::new(self.grid.storage(), options, trees)?;
        self.reset();
        self.trees = trees;
        self.grid.renew(&layout, &grid).map_err(InvalidStore::Grid)?;
        self.pool.renew(nodes).map_err(InvalidStore::Nodes)?;
        self.options = *options;
        self.shapes = shapes;
        self.sum = sum;
        self.superblock = Superblock::new(&layout);
        self.log = log;
        self.scheduler = scheduler;
        Ok(())
    }

    /// Formats a device as an empty forest. `number` is chosen by the caller and distinguishes the
    /// forest from others. The content of the device is lost.
    ///
    /// # Errors
    ///
    /// If the options are invalid, the device is too small for them, or it fails. After a failure
    /// of the device, format it again.
    pub fn format(
        storage: S,
        options: &ForestOptions,
        trees: &T::Options,
        number: u64,
    ) -> Result<Self, StoreError> {
        let mut forest = Self::new(storage, options, trees)?;
        forest.format_again(number)?;
        Ok(forest)
    }

    /// Opens the forest on a device, at its last checkpoint. Some options may have changed (see
    /// [`ForestOptions`]). If there are more blocks, the device grows.
    ///
    /// # Errors
    ///
    /// If the options are invalid, if the forest was formatted for other trees or with other
    /// options, if it has more blocks than the options say, or if the device is damaged or fails.
    pub fn open(
        storage: S,
        options: &ForestOptions,
        trees: &T::Options,
    ) -> Result<Self, StoreError> {
        let mut forest = Self::new(storage, options, trees)?;
        forest.open_again()?;
        Ok(forest)
    }

    /// Formats the device again: the forest is empty afterwards. A beat under way is dropped.
    ///
    /// # Errors
    ///
    /// If the device is too small for the options, or fails. The forest is then closed.
    pub fn format_again(&mut self, number: u64) -> Result<(), StoreError> {
        self.reset();
        self.check_device(self.grid.layout())?;
        let options = ChangingOptions {
            block_count: self.options.layout.block_count,
            checkpoint_interval: self.options.checkpoint_interval,
        };
        let state = CheckpointState { options, ..CheckpointState::default() };
        let identity = identity(number, self.sum);
        let formatted = self.superblock.format(self.grid.storage_mut(), identity, &state);
        formatted.map_err(StoreError::Superblock)?;
        self.open_state(&state)?;
        self.is_open = true;
        Ok(())
    }

    /// Opens the forest again, at its last checkpoint. Writes that are in no checkpoint are lost. A
    /// beat under way is dropped.
    ///
    /// # Errors
    ///
    /// If the forest was formatted for other trees or with other options, if it has more blocks
    /// than the options say, or if the device is truncated or damaged or fails. Nothing was then
    /// written, unless the device failed to write. The forest is closed, and can be opened again
    /// once the cause is removed. After a failed flush a device may fail all later flushes, as
    /// [`FileStorage`](crate::storage::FileStorage) does: then open the file again, and pass it to
    /// [`Forest::open`].
    pub fn open_again(&mut self) -> Result<(), StoreError> {
        self.reset();
        let layout = *self.grid.layout();
        self.check_device(&layout.with_block_count(1))?;
        let found =
            self.superblock.find(self.grid.storage_mut()).map_err(StoreError::Superblock)?;
        if !agrees(found.store(), self.sum) {
            return Err(StoreError::OtherOptions);
        }
        let state = found.state();
        let stored = self.check_changing(&state.options)?;
        self.check_device(&stored)?;
        if stored != layout {
            self.grid.limit(stored.block_count());
            self.log
                .limit(&self.log_options(&stored), &stored)
                .map_err(InvalidStore::ManifestLog)?;
        }
        self.open_state(&state)?;
        // Only now the device is changed, so that a store that is refused stays as it is. The new
        // size is durable before a superblock says that there are more blocks: the next checkpoint.
        if stored != layout {
            self.grid.storage_mut().grow(layout.size()).map_err(StoreError::Grow)?;
            self.grid.grow();
            self.log.grow();
        }
        let settled = self.superblock.settle(self.grid.storage_mut());
        settled.map_err(StoreError::Superblock)?;
        self.is_open = true;
        Ok(())
    }

    /// Checks that the device is large enough for this layout.
    fn check_device(&self, layout: &Layout) -> Result<(), StoreError> {
        let size = self.grid.storage().size();
        if size < layout.size() {
            let error = InvalidStore::Device { size, needed: layout.size() };
            return Err(StoreError::Invalid(error));
        }
        Ok(())
    }

    /// Checks the options that the last checkpoint names against those of the caller. Returns the
    /// layout of the store as it is.
    fn check_changing(&self, stored: &ChangingOptions) -> Result<Layout, StoreError> {
        let ChangingOptions { block_count: stored, checkpoint_interval } = *stored;
        let layout = self.grid.layout();
        let block_count = layout.block_count();
        if stored == 0 || checkpoint_interval == 0 {
            return Err(contradiction("a store has no blocks, or takes no checkpoints"));
        }
        if stored > block_count {
            return Err(StoreError::FewerBlocks { block_count, stored });
        }
        // The free set of a larger store is larger, too, and those of the last checkpoint and of
        // the next are on the device at the same time. If they took more than what is added, the
        // store would have less room than before. A device that is just large enough for a reserve
        // needs even more: its free sets count twice as much there.
        let stored_layout = layout.with_block_count(stored);
        let usable = |layout: &Layout| {
            let of_free_set = self.grid.options().free_set_blocks_max(layout);
            i128::from(layout.block_count()) - 2 * i128::from(of_free_set)
        };
        let loses_reserve = || self.has_reserve_with(stored) && !self.has_reserve_with(block_count);
        if usable(layout) < usable(&stored_layout) || loses_reserve() {
            return Err(StoreError::TooFewMoreBlocks { block_count, stored });
        }
        Ok(stored_layout)
    }

    /// Whether so many blocks of the device are enough for a reserve.
    fn has_reserve_with(&self, block_count: u64) -> bool {
        if block_count == self.options.layout.block_count {
            return self.scheduler.has_reserve_with_all_blocks();
        }
        let layout = LayoutOptions { block_count, ..self.options.layout };
        // A store with a number of blocks that is invalid is refused elsewhere.
        ForestOptions { layout, ..self.options }.has_reserve(&self.shapes) == Ok(true)
    }

    /// The options of the manifest log of a device with this layout.
    fn log_options(&self, layout: &Layout) -> ManifestLogOptions {
        ForestOptions { layout: *layout.options(), ..self.options }.manifest_log(&self.shapes)
    }

    /// Closes the forest: it refuses reads and writes until it is opened or formatted again. Writes
    /// that are in no checkpoint are lost.
    pub fn close(&mut self) {
        self.is_open = false;
    }

    /// Resets all memory to the state of a new process.
    fn reset(&mut self) {
        self.is_open = false;
        self.trees.reset(&mut self.pool, &mut self.grid);
        self.log.reset();
        self.superblock.reset();
        // A beat that failed may have left operations in the device's queue.
        while self.grid.storage_mut().abandon().is_some() {}
        self.grid.reset();
        let all = self.options.layout.block_count;
        self.scheduler.open(0, self.options.checkpoint_interval, self.has_reserve_with(all));
    }

    /// Loads the checkpoint that the superblock refers to.
    fn open_state(&mut self, state: &CheckpointState) -> Result<(), StoreError> {
        let bars = self.scheduler.bars();
        let wrong = |what| Err(contradiction(what));
        let options = state.options;
        if state.beat > BEAT_MAX {
            return wrong("the number of a checkpoint's last beat is too large");
        }
        if state.beat == 0 && *state != (CheckpointState { options, ..CheckpointState::default() })
        {
            return wrong("a store that was just formatted has blocks");
        }
        if state.beat != 0 && !bars.is_last_of_bar(state.beat) {
            return wrong("a checkpoint does not end at the end of a bar");
        }
        // The checkpoint was taken a bar after its last beat, and contains the compactions up to
        // that time. Their tables are visible from the following beat on.
        let snapshot_max = state.beat + bars.beats_per_bar() + 1;
        self.grid.open(state)?;
        let has_reserve = self.has_reserve_with(options.block_count);
        let Self { log, grid, trees, pool, .. } = self;
        let trees: &mut dyn Trees<S> = trees;
        for place in 0..trees.count() {
            trees.tree(place).open_begin();
        }
        log.open(grid, &state.manifest, |entry| {
            let place = (0..trees.count()).find(|place| trees.tree(*place).id() == entry.tree());
            let Some(place) = place else {
                return Err(Reason::Meaning("the manifest log has a table of an unknown tree"));
            };
            if entry.snapshot_min() > snapshot_max {
                return Err(Reason::Meaning("a table is newer than the checkpoint"));
            }
            trees.tree(place).open_table(pool, entry)
        })?;
        check_blocks_in_use(log, grid)?;
        for place in 0..trees.count() {
            trees.tree(place).open_complete();
        }
        self.scheduler.open(state.beat, options.checkpoint_interval, has_reserve);
        self.scheduler.measure(trees, log, grid);
        Ok(())
    }
}

/// An invalid superblock.
fn contradiction(what: &'static str) -> StoreError {
    let corruption = Corruption { place: Place::Superblock, reason: Reason::Meaning(what) };
    StoreError::Grid(GridError::Corruption(corruption))
}
