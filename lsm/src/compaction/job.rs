//! One compaction: what it reads, how much of that is done, and what becomes of the manifest.
//!
//! ```text
//! Idle --plan--> Moving ---------------------------------apply--> Idle
//!           \--> Merging --commence, credit (each beat)--apply--> Idle
//! ```
//!
//! - Between planning and applying, the levels that it reads and writes stay as they are: what it refers to stays
//!   valid.
//! - All that it reads is used up when it is applied, and what it wrote is that, less what was dropped.
//!
//! What it does not do: it reads and writes no block. That is the worker's.

use crate::collections::NodePool;
use crate::manifest::{
    CompactionInputs, FlushInputs, Journal, KeyRange, Manifest, TableInfo, TableKey,
    TableReference, TableReferences,
};

/// One compaction into a level; see the [module](self).
#[derive(Debug)]
pub(crate) struct Compaction<K: TableKey> {
    /// The level that it writes.
    level: u32,
    state: CompactionState<K>,
    /// The tables that it has written, ascending.
    pub(super) written: Vec<TableInfo<K>>,
    counts: Counts,
}

#[derive(Debug)]
enum CompactionState<K> {
    Idle,
    Moving(TableReference),
    Merging(Plan<K>),
}

/// What a merge reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<K> {
    /// The table of the level above; none for the table in memory.
    pub(super) newer: Option<TableReference>,
    /// The tables of the level that is written.
    pub(super) older: TableReferences,
    /// The keys of all of them.
    range: KeyRange<K>,
    /// Whether nothing lies below.
    pub(super) drop_tombstones: bool,
    /// The last snapshot that sees what is read.
    snapshot_last: u64,
}

/// Work, in values.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Of the half.
    quota: u64,
    done: u64,
    /// Of the beat.
    beat_quota: u64,
    beat_done: u64,
    /// Values that were dropped.
    dropped: u64,
    /// Values in tables that are written.
    written: u64,
}

/// What was decided for a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planned {
    /// There is nothing to do.
    Nothing,
    /// A table moves.
    Move,
    /// So many values are merged.
    Merge { values: u64 },
}

impl<K: TableKey> Compaction<K> {
    /// A compaction into this level. All memory is allocated here.
    pub(crate) fn new(level: u32, growth_factor: u32) -> Self {
        Self {
            level,
            state: CompactionState::Idle,
            written: Vec::with_capacity(growth_factor as usize + 1),
            counts: Counts::default(),
        }
    }

    /// Gives up.
    pub(crate) fn reset(&mut self) {
        self.state = CompactionState::Idle;
        self.written.clear();
        self.counts = Counts::default();
    }

    /// Plans a compaction out of the level above.
    pub(crate) fn plan_level(
        &mut self,
        manifest: &Manifest<K>,
        inputs: &CompactionInputs<K>,
        snapshot_last: u64,
    ) -> Planned {
        let CompactionInputs { table, overlap } = *inputs;
        let above = &manifest.levels()[self.level as usize - 1];
        if overlap.tables.is_empty() {
            self.begin(CompactionState::Moving(table), 0);
            return Planned::Move;
        }
        let values = u64::from(above.table(table).value_count);
        self.plan(manifest, Some(table), values, overlap.tables, overlap.range, snapshot_last)
    }

    /// Plans a flush of the table in memory, which has so many values, into level 0.
    pub(crate) fn plan_flush(
        &mut self,
        manifest: &Manifest<K>,
        inputs: &FlushInputs<K>,
        values: u64,
        snapshot_last: u64,
    ) -> Planned {
        let FlushInputs { overlap, coalesced: _ } = *inputs;
        self.plan(manifest, None, values, overlap.tables, overlap.range, snapshot_last)
    }

    fn plan(
        &mut self,
        manifest: &Manifest<K>,
        newer: Option<TableReference>,
        newer_values: u64,
        older: TableReferences,
        range: KeyRange<K>,
        snapshot_last: u64,
    ) -> Planned {
        let drop_tombstones = manifest.may_drop_tombstones(self.level, range);
        let level = &manifest.levels()[self.level as usize];
        let older_values = older.iter().map(|table| u64::from(level.table(*table).value_count));
        let values = newer_values + older_values.sum::<u64>();
        let plan = Plan { newer, older, range, drop_tombstones, snapshot_last };
        self.begin(CompactionState::Merging(plan), values);
        Planned::Merge { values }
    }

    fn begin(&mut self, state: CompactionState<K>, quota: u64) {
        assert!(self.is_idle(), "compaction: one into level {} at a time", self.level);
        self.state = state;
        self.counts = Counts { quota, ..Counts::default() };
    }

    /// The level that it writes.
    pub(super) fn level(&self) -> u32 {
        self.level
    }

    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, CompactionState::Idle)
    }

    /// What it merges, if it does.
    pub(super) fn merging(&self) -> Option<&Plan<K>> {
        match &self.state {
            CompactionState::Merging(plan) => Some(plan),
            CompactionState::Idle | CompactionState::Moving(_) => None,
        }
    }

    /// The first snapshot that sees what is written.
    pub(super) fn snapshot(&self) -> u64 {
        self.merging().map_or(0, |plan| plan.snapshot_last + 1)
    }

    /// Begins a beat with up to so many values of work. Returns how many there are.
    pub(crate) fn commence(&mut self, values: u64) -> u64 {
        self.counts.beat_quota = values.min(self.left());
        self.counts.beat_done = 0;
        self.counts.beat_quota
    }

    /// The values of the half that are left.
    pub(crate) fn left(&self) -> u64 {
        self.counts.quota - self.counts.done
    }

    /// Whether the work of the beat is done.
    pub(super) fn beat_is_done(&self) -> bool {
        self.counts.beat_done >= self.counts.beat_quota
    }

    /// Values done in the beat, and not told yet.
    pub(crate) fn take_done(&mut self) -> u64 {
        let done = std::mem::take(&mut self.counts.beat_done);
        self.counts.beat_quota = self.counts.beat_quota.saturating_sub(done);
        done
    }

    /// So many values were used up, and so many of them dropped.
    pub(super) fn credit(&mut self, used: u64, dropped: u64) {
        let counts = &mut self.counts;
        counts.done += used;
        counts.beat_done += used;
        counts.dropped += dropped;
        assert!(
            counts.done <= counts.quota,
            "compaction: no more is read than was planned ({} of {})",
            counts.done,
            counts.quota,
        );
    }

    /// A table is written.
    pub(super) fn wrote(&mut self, table: TableInfo<K>) {
        self.counts.written += u64::from(table.value_count);
        assert!(
            self.written.len() < self.written.capacity(),
            "compaction: no more tables are written than are read ({})",
            self.written.len(),
        );
        self.written.push(table);
    }

    /// Makes the manifest what it is after the compaction.
    ///
    /// # Panics
    ///
    /// If work is left.
    pub(crate) fn apply(
        &mut self,
        manifest: &mut Manifest<K>,
        pool: &mut NodePool,
        journal: &mut impl Journal<K>,
    ) {
        let level = self.level;
        match std::mem::replace(&mut self.state, CompactionState::Idle) {
            CompactionState::Idle => {}
            CompactionState::Moving(table) => {
                let table = *manifest.levels()[level as usize - 1].table(table);
                manifest.move_down(pool, journal, level - 1, &table);
            }
            CompactionState::Merging(plan) => {
                let Counts { quota, done, dropped, written, .. } = self.counts;
                assert!(
                    done == quota && written == done - dropped,
                    "compaction: all that is read is written or dropped \
                     ({quota}, {done}, {dropped}, {written})",
                );
                // References end with the first insert or remove.
                if let Some(newer) = plan.newer {
                    manifest.close(journal, level - 1, plan.snapshot_last, newer);
                }
                for older in &plan.older {
                    manifest.close(journal, level, plan.snapshot_last, *older);
                }
                for table in self.written.drain(..) {
                    manifest.insert(pool, journal, level, &table);
                }
                manifest.remove_invisible(pool, journal, level, plan.range);
                if plan.newer.is_some() {
                    manifest.remove_invisible(pool, journal, level - 1, plan.range);
                }
            }
        }
        self.counts = Counts::default();
    }
}
