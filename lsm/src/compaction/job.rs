//! A compaction: its plan, its progress, and its effect on the manifest.
//!
//! ```text
//! Idle --plan--> Moving ---------------------------------apply--> Idle
//!           \--> Merging --commence, credit (each beat)--apply--> Idle
//! ```
//!
//! - From plan to apply, the levels that the compaction reads and writes do not change, so its
//!   table references stay valid.
//! - When a merge is applied, all records of its input have been written or dropped.
//!
//! The [worker](super::worker) reads and writes the blocks.

use crate::collections::NodePool;
use crate::manifest::{
    CompactionInputs, FlushInputs, Journal, KeyRange, Manifest, TableInfo, TableKey,
    TableReference, TableReferences,
};

/// One compaction into a level; see the [module](self).
#[derive(Debug)]
pub(crate) struct Compaction<K: TableKey> {
    /// The level that is written.
    level: u32,
    state: CompactionState<K>,
    /// The tables that were written, in ascending order of keys.
    pub(super) written: Vec<TableInfo<K>>,
    counts: Counts,
}

/// The work of a compaction in a half-bar.
#[derive(Debug)]
enum CompactionState<K> {
    Idle,
    /// A whole table of the level above moves down.
    Moving(TableReference),
    Merging(Plan<K>),
}

/// The input of a merge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<K> {
    /// The newer table, and its level: the level above, or the level that is written; `None` for
    /// the immutable table.
    pub(super) newer: Option<(u32, TableReference)>,
    /// The tables of the level that is written.
    pub(super) older: TableReferences,
    /// The key range of the whole input.
    range: KeyRange<K>,
    /// Whether no level below has keys in this range.
    pub(super) drop_tombstones: bool,
    /// The last snapshot that sees the input.
    snapshot_last: u64,
}

/// The work of a compaction, counted in records.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// The work of the half-bar.
    quota: u64,
    done: u64,
    /// The work of the beat.
    beat_quota: u64,
    beat_done: u64,
    /// Records that were dropped.
    dropped: u64,
    /// Records in the tables that were written.
    written: u64,
}

/// The plan for a half-bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planned {
    /// There is nothing to do.
    Nothing,
    /// A whole table moves down.
    Move,
    /// This many records are merged.
    Merge { values: u64 },
}

impl<K: TableKey> Compaction<K> {
    /// Creates a compaction into this level. All memory is allocated here.
    pub(crate) fn new(level: u32, growth_factor: u32) -> Self {
        Self {
            level,
            state: CompactionState::Idle,
            written: Vec::with_capacity(growth_factor as usize + 1),
            counts: Counts::default(),
        }
    }

    /// Abandons the compaction.
    pub(crate) fn reset(&mut self) {
        self.state = CompactionState::Idle;
        self.written.clear();
        self.counts = Counts::default();
    }

    /// Plans a compaction of a table of the level above.
    pub(crate) fn plan_level(
        &mut self,
        manifest: &Manifest<K>,
        inputs: &CompactionInputs<K>,
        snapshot_last: u64,
    ) -> Planned {
        let CompactionInputs { table, overlap } = *inputs;
        if overlap.tables.is_empty() {
            self.begin(CompactionState::Moving(table), 0);
            return Planned::Move;
        }
        self.plan_merge(manifest, self.level - 1, inputs, snapshot_last)
    }

    /// Plans a merge of a table of the level `from`, even if it overlaps no table: the level above,
    /// or the level itself, in which the tables have other keys.
    pub(crate) fn plan_merge(
        &mut self,
        manifest: &Manifest<K>,
        from: u32,
        inputs: &CompactionInputs<K>,
        snapshot_last: u64,
    ) -> Planned {
        let CompactionInputs { table, overlap } = *inputs;
        let values = u64::from(manifest.levels()[from as usize].table(table).value_count);
        let newer = Some((from, table));
        self.plan(manifest, newer, values, overlap.tables, overlap.range, snapshot_last)
    }

    /// Plans a flush of the immutable table, which has `values` records.
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
        newer: Option<(u32, TableReference)>,
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
        assert!(
            self.is_idle(),
            "compaction: a level may have at most one compaction ({})",
            self.level
        );
        self.state = state;
        self.counts = Counts { quota, ..Counts::default() };
    }

    /// The level that is written.
    pub(super) fn level(&self) -> u32 {
        self.level
    }

    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, CompactionState::Idle)
    }

    /// The input, if the compaction is a merge.
    pub(super) fn merging(&self) -> Option<&Plan<K>> {
        match &self.state {
            CompactionState::Merging(plan) => Some(plan),
            CompactionState::Idle | CompactionState::Moving(_) => None,
        }
    }

    /// The maximum number of entries of the manifest log that [`Compaction::apply`] appends.
    pub(crate) fn entries(&self) -> u64 {
        match &self.state {
            CompactionState::Idle => 0,
            CompactionState::Moving(_) => 1,
            // Each table that is read is updated and removed. At most as many are written, and one
            // more by a flush.
            CompactionState::Merging(plan) => 3 * (1 + plan.older.len() as u64),
        }
    }

    /// The first snapshot that sees the output; 0 if the compaction is not a merge.
    pub(super) fn snapshot(&self) -> u64 {
        self.merging().map_or(0, |plan| plan.snapshot_last + 1)
    }

    /// Begins a beat with up to `values` records of work. Returns the beat's work in records.
    pub(crate) fn commence(&mut self, values: u64) -> u64 {
        self.counts.beat_quota = values.min(self.left());
        self.counts.beat_done = 0;
        self.counts.beat_quota
    }

    /// The number of records left to consume in the half-bar.
    pub(crate) fn left(&self) -> u64 {
        self.counts.quota - self.counts.done
    }

    /// Whether the work of the beat is done.
    pub(super) fn beat_is_done(&self) -> bool {
        self.counts.beat_done >= self.counts.beat_quota
    }

    /// Returns the number of records consumed in the beat since the last call.
    pub(crate) fn take_done(&mut self) -> u64 {
        let done = std::mem::take(&mut self.counts.beat_done);
        self.counts.beat_quota = self.counts.beat_quota.saturating_sub(done);
        done
    }

    /// Counts `used` consumed records, of which `dropped` were dropped.
    pub(super) fn credit(&mut self, used: u64, dropped: u64) {
        let counts = &mut self.counts;
        counts.done += used;
        counts.beat_done += used;
        counts.dropped += dropped;
        assert!(
            counts.done <= counts.quota,
            "compaction: no more may be read than was planned ({} of {})",
            counts.done,
            counts.quota,
        );
    }

    /// Adds a table that was written.
    pub(super) fn wrote(&mut self, table: TableInfo<K>) {
        self.counts.written += u64::from(table.value_count);
        assert!(
            self.written.len() < self.written.capacity(),
            "compaction: no more tables may be written than are read ({})",
            self.written.len(),
        );
        self.written.push(table);
    }

    /// Replaces the input with the output in the manifest.
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
                // The table references are valid until the first insert or remove, so close the
                // input first.
                if let Some((level, newer)) = plan.newer {
                    manifest.close(journal, level, plan.snapshot_last, newer);
                }
                for older in &plan.older {
                    manifest.close(journal, level, plan.snapshot_last, *older);
                }
                for table in self.written.drain(..) {
                    manifest.insert(pool, journal, level, &table);
                }
                manifest.remove_invisible(pool, journal, level, plan.range);
                if let Some((above, _)) = plan.newer.filter(|(newer, _)| *newer != level) {
                    manifest.remove_invisible(pool, journal, above, plan.range);
                }
            }
        }
        self.counts = Counts::default();
    }
}
