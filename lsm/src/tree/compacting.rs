//! The interface of a tree that the scheduler of beats calls: a tree plans the compactions of a
//! half-bar, and does a part of their work in each beat.
//!
//! - All decisions depend only on the numbers of records and on the tables that hold them, so the
//!   same commits give the same bytes on disk.

use super::Tree;
use super::journal::LogJournal;
use crate::beat::{BarBlocks, Fullness, Half, MergeCost, Scheduled, TreeIsFull, Trees};
use crate::block::Reason;
use crate::collections::{Direction, NodePool};
use crate::compaction::Planned;
use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError, Verification};
use crate::manifest::{CompactionInputs, Visibility};
use crate::manifest_log::{LogEntry, LogEvent, ManifestLog};
use crate::record::Record;
use crate::storage::Storage;
use crate::table::TableLayout;

impl<R: Record> Tree<R> {
    /// Whether the flush can be deferred by a bar, in the middle of a bar: the records of both
    /// memtables will fit into one, however many are put in the second half-bar.
    fn flush_can_wait(&self) -> bool {
        let capacity = self.options.value_count_max();
        // The puts of a half-bar fill at most half of a memtable.
        self.immutable.len() + self.mutable.len() + capacity / 2 <= capacity
    }

    fn plan_flush(&mut self, half: &Half) -> Result<Planned, TreeIsFull> {
        if self.immutable.is_flushed() {
            return Ok(Planned::Nothing);
        }
        let can_wait = self.flush_can_wait();
        let statistics = self.worker.statistics_mut();
        if can_wait {
            if !half.before_checkpoint {
                statistics.flushes_deferred += 1;
                return Ok(Planned::Nothing);
            }
            statistics.flushes_forced += 1;
        }
        let Some(range) = self.immutable.key_range() else {
            unreachable!("tree: a table that is not flushed has a record");
        };
        let values = u64::from(self.immutable.len());
        let values_max = u64::from(self.options.value_count_max());
        let inputs = self.manifest.flush_inputs(range, values, values_max);
        if !self.manifest.has_room(0)
            && self.manifest.may_grow(
                0,
                values,
                &inputs.overlap.tables,
                self.layout.value_count_max_on_disk(),
            )
        {
            return Err(TreeIsFull);
        }
        statistics.tables_coalesced += u64::from(inputs.coalesced);
        let last = half.bars.last_of_half(half.beat);
        Ok(self.compactions[0].plan_flush(&self.manifest, &inputs, values, last))
    }

    fn plan_level(&mut self, level: u32, half: &Half) -> Result<Planned, TreeIsFull> {
        let Some(inputs) = self.manifest.compaction_inputs(level - 1) else {
            return Ok(Planned::Nothing);
        };
        // A table that goes to a level in the first half of a bar can leave it in the second.
        let is_first_half = level % 2 == 1;
        let inputs = if self.manifest.has_room(level)
            || is_first_half && self.manifest.has_way_down(level)
        {
            inputs
        } else if let Some(inputs) = self.inputs_without_growth(level) {
            inputs
        } else if self.manifest.is_above_limit(level - 1) {
            return Err(TreeIsFull);
        } else {
            return Ok(Planned::Nothing);
        };
        let is_deepest = self.manifest.deepest().is_none_or(|deepest| level >= deepest);
        let last = half.bars.last_of_half(half.beat);
        let compaction = &mut self.compactions[level as usize];
        Ok(if half.refuses_puts && is_deepest {
            compaction.plan_merge(&self.manifest, level - 1, &inputs, last)
        } else {
            compaction.plan_level(&self.manifest, &inputs, last)
        })
    }

    /// The inputs of a compaction into a level that certainly does not get more tables by it.
    fn inputs_without_growth(&self, level: u32) -> Option<CompactionInputs<R::Key>> {
        self.manifest.inputs_without_growth(level - 1, self.layout.value_count_max_on_disk())
    }

    /// Plans a compaction that is not due. Tables move down as far as there are tables. Returns the
    /// number of records that it merges.
    fn plan_optional(
        &mut self,
        level: u32,
        half: &Half,
        fits: &mut dyn FnMut(&MergeCost) -> bool,
    ) -> u64 {
        if level == 0 || !self.compactions[level as usize].is_idle() {
            return 0;
        }
        let Some(deepest) = self.manifest.deepest().filter(|deepest| level <= *deepest) else {
            return 0;
        };
        let inputs = if self.manifest.has_room(level) {
            self.manifest.optional_inputs(level - 1)
        } else {
            self.inputs_without_growth(level)
        };
        let above = inputs.map(|inputs| (level - 1, inputs));
        let values_max = self.layout.value_count_max_on_disk();
        let within = || Some((level, self.manifest.coalescing_inputs(level, values_max)?));
        let is_deepest = level == deepest;
        let mut fits =
            |inputs: &(u32, CompactionInputs<R::Key>)| fits(&self.cost(level, is_deepest, inputs));
        let Some((from, inputs)) = above.filter(&mut fits).or_else(|| within().filter(&mut fits))
        else {
            return 0;
        };
        let last = half.bars.last_of_half(half.beat);
        let compaction = &mut self.compactions[level as usize];
        let planned = if from == level || is_deepest {
            // A table that goes to the deepest level is written again, without its tombstones.
            compaction.plan_merge(&self.manifest, from, &inputs, last)
        } else {
            compaction.plan_level(&self.manifest, &inputs, last)
        };
        self.worker.count_planned(compaction, planned);
        match planned {
            Planned::Nothing | Planned::Move => 0,
            Planned::Merge { values } => values,
        }
    }

    /// What a compaction into a level costs, which reads a table of the level `from`.
    fn cost(
        &self,
        level: u32,
        is_deepest: bool,
        (from, inputs): &(u32, CompactionInputs<R::Key>),
    ) -> MergeCost {
        let CompactionInputs { table, overlap } = inputs;
        let tables = 1 + overlap.tables.len() as u64;
        if !is_deepest && overlap.tables.is_empty() {
            return MergeCost { blocks: 0, tables };
        }
        let [source, target] = [*from, level].map(|at| &self.manifest.levels()[at as usize]);
        let older = overlap.tables.iter().map(|table| target.table(*table).value_count);
        let values = std::iter::once(source.table(*table).value_count).chain(older);
        let blocks = values.map(|count| 1 + u64::from(self.layout.value_block_count(count))).sum();
        MergeCost { blocks, tables }
    }
}

impl<R: Record, S: Storage> Scheduled<S> for Tree<R> {
    fn id(&self) -> u16 {
        self.id()
    }

    fn open_begin(&mut self) {
        self.open_begin();
    }

    fn open_table(&mut self, pool: &mut NodePool, entry: &LogEntry) -> Result<(), Reason> {
        self.open_table(pool, entry)
    }

    fn open_complete(&mut self) {
        self.open_complete();
    }

    fn reset(&mut self, pool: &mut NodePool, grid: &mut Grid<S>) {
        self.reset(pool, grid);
    }

    fn name(&self) -> &'static str {
        self.options.name
    }

    fn level_count(&self) -> u32 {
        self.options.level_count
    }

    fn layout(&self) -> &TableLayout {
        &self.layout
    }

    fn for_each_table(&self, take: &mut dyn FnMut(&LogEntry)) {
        for (number, level) in self.manifest.levels().iter().enumerate() {
            for found in level.tables(Visibility::Any, Direction::Ascending, None) {
                take(&LogEntry::new(self.id(), number as u8, LogEvent::Insert, found.table));
            }
        }
    }

    fn verify_tables(&self, grid: &mut Grid<S>, verification: &mut Verification) {
        self.verify_all_tables(grid, verification);
    }

    fn plan(&mut self, level: u32, half: &Half) -> Result<u64, TreeIsFull> {
        let planned =
            if level == 0 { self.plan_flush(half)? } else { self.plan_level(level, half)? };
        let compaction = &self.compactions[level as usize];
        self.worker.count_planned(compaction, planned);
        Ok(match planned {
            Planned::Nothing | Planned::Move => 0,
            Planned::Merge { values } => values * size_of::<R>() as u64,
        })
    }

    fn entries(&self, level: u32) -> u64 {
        self.compactions[level as usize].entries()
    }

    fn plan_optional(
        &mut self,
        level: u32,
        half: &Half,
        fits: &mut dyn FnMut(&MergeCost) -> bool,
    ) -> u64 {
        self.plan_optional(level, half, fits) * size_of::<R>() as u64
    }

    fn bar_blocks(&self, ahead: u64) -> BarBlocks {
        self.bar_blocks(ahead)
    }

    fn bar_blocks_with_removals(&self, ahead: u64) -> BarBlocks {
        self.bar_blocks_with_removals(ahead)
    }

    fn fullness_of_levels(&self, ahead: u64) -> Fullness {
        self.fullness_of_levels(ahead)
    }

    fn is_flushed(&self) -> bool {
        self.immutable.is_flushed()
    }

    fn commence(&mut self, level: u32, bytes: u64) -> u64 {
        self.compactions[level as usize].commence(bytes.div_ceil(size_of::<R>() as u64))
    }

    fn advance(
        &mut self,
        level: u32,
        log: &ManifestLog,
        grid: &mut Grid<S>,
        reservation: &mut Reservation,
    ) -> Result<bool, GridError> {
        let is_table = |address| log.extent(address).is_some();
        let Self { compactions, worker, manifest, immutable, .. } = self;
        let compaction = &mut compactions[level as usize];
        worker.advance(compaction, manifest, immutable, is_table, grid, reservation)
    }

    fn take_done(&mut self, level: u32) -> u64 {
        self.compactions[level as usize].take_done() * size_of::<R>() as u64
    }

    fn apply(
        &mut self,
        level: u32,
        pool: &mut NodePool,
        log: &mut ManifestLog,
        grid: &mut Grid<S>,
    ) {
        let compaction = &mut self.compactions[level as usize];
        if compaction.is_idle() {
            return;
        }
        self.worker.count_applied(compaction);
        let mut journal = LogJournal::new(self.options.id, log, grid);
        compaction.apply(&mut self.manifest, pool, &mut journal);
        if level == 0 {
            self.immutable.mark_flushed();
        }
        self.version += 1;
        self.levels_version += 1;
    }

    fn end_beat(&mut self) {
        assert!(self.scope.is_none(), "tree: close the scope before the beat");
        self.mutable.end_beat();
        self.beat_value_count = 0;
        self.version += 1;
    }

    fn end_bar(&mut self, snapshot: u64) {
        if self.immutable.is_flushed() {
            self.immutable.swap(&mut self.mutable, snapshot);
        } else {
            self.immutable.absorb(&mut self.mutable, snapshot);
        }
        self.version += 1;
        self.assert_between_bars();
    }

    fn is_absorbed(&self) -> bool {
        self.immutable.is_absorbed()
    }

    fn abandon(&mut self, grid: &mut Grid<S>) {
        self.worker.abandon(grid);
    }
}

impl<R: Record, S: Storage> Trees<S> for Tree<R> {
    fn count(&self) -> usize {
        1
    }

    fn tree(&mut self, place: usize) -> &mut dyn Scheduled<S> {
        assert!(place == 0, "tree: a tree is a set of one tree ({place})");
        self
    }
}
