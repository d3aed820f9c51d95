//! The two memtables of a tree and their model.

use downbeat_lsm::table::memory::{
    ImmutableTable, MemoryCursor, MemoryScan, MemoryTableOptions, MemoryView, MutableTable,
};

use super::compaction::Compaction;
use super::scans::Scan;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::input::version::Usage;
use downbeat::records::Versioned;
use downbeat_model::table_memory::{BEATS, Operation, Side, Tables, USAGE, VALUES};

/// The two memtables of a tree and their model.
#[derive(Debug)]
pub(super) struct Tested<R: Versioned> {
    pub(super) mutable: MutableTable<R>,
    pub(super) immutable: ImmutableTable<R>,
    pub(super) model: Tables,
    pub(super) scan: Scan<R>,
    pub(super) compaction: Compaction<R>,
    /// A scan for sweeps, which must not change `scan`.
    pub(super) sweep_scan: MemoryScan<R>,
    /// A cursor for sweeps, which must not change `compaction`.
    pub(super) sweep_cursor: MemoryCursor<R>,
    /// The number of beats of this bar that have ended.
    pub(super) beats: u32,
    /// Whether a scope that the end of a beat closes is persisted, and not discarded.
    pub(super) keeps_forced: bool,
    /// The number of changes of each table, by [`Side`].
    changes: [u64; 2],
    pub(super) stamps: u64,
    pub(super) snapshot: u64,
}

impl<R: Versioned> Tested<R> {
    pub(super) fn new(geometry: &Header) -> Self {
        let number = |setting| geometry.number(Operation::SETTINGS, setting);
        let options =
            MemoryTableOptions { value_count_max: number(VALUES), beats_per_bar: number(BEATS) };
        let valid = "the settings describe only valid geometries";
        Tested {
            mutable: MutableTable::new(options).expect(valid),
            immutable: ImmutableTable::new(options).expect(valid),
            model: Tables::new(Usage::ALL[geometry.index(USAGE)]),
            scan: Scan::new(MemoryScan::new(&options).expect(valid)),
            compaction: Compaction::new(MemoryCursor::new(&options).expect(valid)),
            sweep_scan: MemoryScan::new(&options).expect(valid),
            sweep_cursor: MemoryCursor::new(&options).expect(valid),
            beats: 0,
            keeps_forced: true,
            changes: [0; 2],
            stamps: 0,
            snapshot: 0,
        }
    }

    /// Resets both tables.
    pub(super) fn renew(&mut self) {
        self.mutable.reset();
        self.immutable.reset();
        self.model.reset(self.model.usage());
        self.scan.forget();
        self.compaction.forget();
        self.beats = 0;
        self.snapshot = 0;
        self.changes = [0; 2];
    }

    #[inline]
    pub(super) fn view(&self, side: Side) -> MemoryView<'_, R> {
        view(&self.mutable, &self.immutable, side)
    }

    /// Notes that a table has changed.
    #[inline]
    pub(super) fn changed(&mut self, side: Side) {
        self.changes[side as usize] += 1;
    }

    /// How often a table has changed.
    #[inline]
    pub(super) fn changes(&self, side: Side) -> u64 {
        self.changes[side as usize]
    }

    #[inline]
    pub(super) fn stamp(&mut self) -> u64 {
        self.stamps += 1;
        self.stamps
    }
}

/// The view of one of the two tables.
#[inline]
pub(super) fn view<'a, R: Versioned>(
    mutable: &'a MutableTable<R>,
    immutable: &'a ImmutableTable<R>,
    side: Side,
) -> MemoryView<'a, R> {
    match side {
        Side::Mutable => mutable.view(),
        Side::Immutable => immutable.view(),
    }
}
