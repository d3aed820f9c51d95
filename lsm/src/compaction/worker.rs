//! Does the work of a tree's compactions, one compaction at a time.
//!
//! - One compaction runs at a time, so all compactions of the tree share one set of buffers. Blocks
//!   that were read ahead and half-built tables are kept from beat to beat.
//! - The work of a beat ends after a number of consumed records. No other condition ends it.
//! - The worker never waits: it returns to the caller when a block or a buffer is missing, or the
//!   queue of writes is full.

use super::CompactionStatistics;
use super::job::{Compaction, Planned};
use super::memory_reader::MemoryReader;
use super::merge_step::{Merged, Rules, merge};
use super::reader::TablesReader;
use super::writer::TablesWriter;
use crate::block::{Corruption, Place, Reason};
use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError};
use crate::manifest::Manifest;
use crate::record::Record;
use crate::storage::Storage;
use crate::table::TableLayout;
use crate::table::memory::{ImmutableTable, InvalidMemoryTable, MemoryTableOptions};

/// The worker of a tree; see the [module](self).
#[derive(Debug)]
pub(crate) struct Worker<R: Record> {
    layout: TableLayout,
    tree: u16,
    memory: MemoryReader<R>,
    newer: TablesReader<R>,
    older: TablesReader<R>,
    writer: TablesWriter<R>,
    /// The level whose compaction is running.
    at_work: Option<u32>,
    /// Whether the tree had tables when it was opened. Tables with valid checksums may still
    /// contradict each other, and so may the tables that are merged from them.
    had_tables: bool,
    statistics: CompactionStatistics,
}

/// The sizes of a worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WorkerOptions {
    pub(crate) layout: TableLayout,
    pub(crate) tree: u16,
    pub(crate) growth_factor: u32,
    /// The number of value blocks that each of the two table readers reads ahead.
    pub(crate) ahead: usize,
    pub(crate) memory: MemoryTableOptions,
}

impl<R: Record> Worker<R> {
    /// Creates the worker of a tree. All memory is allocated here.
    pub(crate) fn new(options: &WorkerOptions) -> Result<Self, InvalidMemoryTable> {
        let WorkerOptions { layout, tree, growth_factor, ahead, memory } = *options;
        Ok(Self {
            layout,
            tree,
            memory: MemoryReader::new(layout.block_value_count_max() as usize, &memory)?,
            newer: TablesReader::new(layout, tree, 1, ahead),
            older: TablesReader::new(layout, tree, growth_factor as usize, ahead),
            writer: TablesWriter::new(&layout, tree),
            at_work: None,
            had_tables: false,
            statistics: CompactionStatistics::default(),
        })
    }

    /// The counters since the last reset.
    pub(crate) fn statistics(&self) -> &CompactionStatistics {
        &self.statistics
    }

    pub(crate) fn statistics_mut(&mut self) -> &mut CompactionStatistics {
        &mut self.statistics
    }

    /// Abandons the running compaction.
    pub(crate) fn abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        self.newer.abandon(grid);
        self.older.abandon(grid);
        self.writer.abandon(grid);
        self.at_work = None;
    }

    /// Notes that the tree has a table that was on the device when the tree was opened.
    pub(crate) fn note_opened_table(&mut self) {
        self.had_tables = true;
    }

    /// Abandons all work, clears the counters, and forgets that the tree had tables.
    pub(crate) fn reset<S: Storage>(&mut self, grid: &mut Grid<S>) {
        self.abandon(grid);
        self.had_tables = false;
        self.statistics = CompactionStatistics::default();
    }

    /// # Panics
    ///
    /// If a compaction is running.
    pub(crate) fn assert_idle(&self) {
        assert!(self.at_work.is_none(), "compaction: no other compaction may be at work");
        self.newer.assert_idle();
        self.older.assert_idle();
        self.writer.assert_idle();
    }

    /// Continues a compaction as far as possible without waiting. Returns whether the work of the
    /// beat is done. `is_table` says whether this is the address of the index of a live table.
    ///
    /// # Errors
    ///
    /// Returns an error if a block is damaged or cannot be read, if tables contradict each other,
    /// or if the grid refuses writes. The compaction must not continue after an error.
    ///
    /// # Panics
    ///
    /// If another compaction is running. If a key of a secondary index was not put and removed
    /// alternately, unless the tables that the tree had when it was opened can be the reason.
    pub(crate) fn advance<S: Storage>(
        &mut self,
        compaction: &mut Compaction<R::Key>,
        manifest: &Manifest<R::Key>,
        table: &ImmutableTable<R>,
        is_table: impl Fn(u64) -> bool,
        grid: &mut Grid<S>,
        reservation: &mut Reservation,
    ) -> Result<bool, GridError> {
        if compaction.beat_is_done() {
            return Ok(true);
        }
        let level = compaction.level();
        let Some(plan) = compaction.merging().copied() else {
            unreachable!("compaction: a compaction with work is a merge");
        };
        if self.at_work != Some(level) {
            self.assert_idle();
            self.at_work = Some(level);
            let tables = &manifest.levels()[level as usize];
            self.older.begin(plan.older.iter().map(|table| *tables.table(*table)));
            match plan.newer {
                None => self.memory.begin(table),
                Some((level, newer)) => {
                    let tables = &manifest.levels()[level as usize];
                    self.newer.begin(std::iter::once(*tables.table(newer)));
                }
            }
        }
        let from_memory = plan.newer.is_none();
        let rules =
            Rules { drop_tombstones: plan.drop_tombstones, may_contradict: self.had_tables };
        let snapshot = compaction.snapshot();
        while !compaction.beat_is_done() {
            if !self.writer.prepare(snapshot, grid) {
                return Ok(false);
            }
            self.older.advance(grid)?;
            if !from_memory {
                self.newer.advance(grid)?;
            }
            let newer = if from_memory { Some(self.memory.fill(table)) } else { self.newer.head() };
            let (Some(newer), Some(older)) = (newer, self.older.head()) else { return Ok(false) };
            let merged = merge(newer, older, self.writer.room(), rules);
            if merged.contradicts {
                let reason = "the keys of an index were not put and removed alternately";
                let (place, reason) = (Place::Tree(self.tree), Reason::Meaning(reason));
                return Err(Corruption { place, reason }.into());
            }
            let used_newer = if from_memory {
                self.memory.consume(merged.newer)
            } else {
                self.newer.consume(merged.newer, &is_table, grid)?;
                merged.newer as u64
            };
            self.older.consume(merged.older, &is_table, grid)?;
            let used = used_newer + merged.older as u64;
            assert!(used > 0, "compaction: every merge step must use records up (level {level})");
            compaction.credit(used, used - merged.written as u64);
            self.count(level, &merged);
            let nothing_more = compaction.left() == 0;
            let table = self.writer.advance(merged.written, nothing_more, grid, reservation)?;
            if let Some(table) = table {
                compaction.wrote(table);
            }
            if nothing_more {
                self.at_work = None;
                self.assert_idle();
            }
        }
        Ok(true)
    }

    /// Adds a plan to the counters.
    pub(crate) fn count_planned(&mut self, compaction: &Compaction<R::Key>, planned: Planned) {
        let at = &mut self.statistics.levels[compaction.level() as usize];
        match planned {
            Planned::Nothing => {}
            Planned::Move => at.moves += 1,
            Planned::Merge { .. } => {
                at.merges += 1;
                let overlap = compaction.merging().map_or(0, |plan| plan.older.len());
                at.without_overlap += u64::from(overlap == 0);
            }
        }
    }

    /// Adds the tables of a merge that is about to be applied to the counters.
    pub(crate) fn count_applied(&mut self, compaction: &Compaction<R::Key>) {
        if compaction.merging().is_none() {
            return;
        }
        let most = self.layout.value_count_max_on_disk();
        let at = &mut self.statistics.levels[compaction.level() as usize];
        let tables = &compaction.written;
        at.tables_written += tables.len() as u64;
        at.tables_full += tables.iter().filter(|table| table.value_count == most).count() as u64;
        at.without_output += u64::from(tables.is_empty());
    }

    fn count(&mut self, level: u32, merged: &Merged) {
        let at = &mut self.statistics.levels[level as usize];
        at.pairs += merged.pairs as u64;
        at.tombstones_dropped += merged.tombstones as u64;
        at.values_written += merged.written as u64;
    }
}
