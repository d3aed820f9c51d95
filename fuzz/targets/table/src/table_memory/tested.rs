//! Two tables and their model, and the rules that keep a history legal.
//!
//! Rules, each part of what an input means:
//!
//! * A put into a full table ends the bar first.
//! * The last beat of a bar ends the bar. The end of a bar ends the beat.
//! * What is not flushed by the end of a bar absorbs, if both fit; if not, it is flushed, and the tables are
//!   swapped.
//! * A beat closes the scope first, as the header's `forced` says.
//! * In an index, a key that is there is removed, and one that is not is put, whichever was asked for.
//! * A scan goes on behind the last key that it gave, in the table as it is then; one that has ended begins again.
//!   So does compaction, from the start.
//!
//! An operation that cannot be: `persist` and `discard` outside a scope open one; `open` inside one closes that
//! first, and opens another.

use downbeat_lsm::table::memory::{
    ImmutableTable, MemoryCursor, MemoryScan, MemoryTableOptions, MemoryView, MutableTable,
};

use super::compaction::Compaction;
use super::scans::Scan;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::table_memory::{BEATS, FORCED, Operation, Side, Tables, VALUES};
use downbeat::model::version::Usage;
use downbeat::records::Versioned;
use downbeat::run::Run;

/// Two tables and their model.
#[derive(Debug)]
pub(super) struct Tested<R: Versioned> {
    pub(super) mutable: MutableTable<R>,
    pub(super) immutable: ImmutableTable<R>,
    pub(super) model: Tables,
    pub(super) scan: Scan<R>,
    pub(super) compaction: Compaction<R>,
    /// For sweeps, so that they change nothing of the above.
    pub(super) sweep_scan: MemoryScan<R>,
    pub(super) sweep_cursor: MemoryCursor<R>,
    /// Beats of this bar that are over.
    pub(super) beats: u32,
    /// Whether a scope that a beat closes is kept.
    pub(super) keeps_forced: bool,
    /// Changes of the mutable table, and of the immutable one.
    changes: [u64; 2],
    stamps: u64,
    pub(super) snapshot: u64,
}

impl<R: Versioned> Tested<R> {
    pub(super) fn new(header: &Header) -> Self {
        let number = |setting| header.number(Operation::SETTINGS, setting);
        let options =
            MemoryTableOptions { value_count_max: number(VALUES), beats_per_bar: number(BEATS) };
        let valid = "every geometry of the settings is valid";
        Tested {
            mutable: MutableTable::new(options).expect(valid),
            immutable: ImmutableTable::new(options).expect(valid),
            model: Tables::new(Usage::General),
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

    pub(super) fn open(&mut self, usage: Usage, header: &Header) {
        self.keeps_forced = header.index(FORCED) == 0;
        self.stamps = 0;
        self.renew(usage);
    }

    /// Makes both tables as new.
    pub(super) fn renew(&mut self, usage: Usage) {
        self.mutable.reset();
        self.immutable.reset();
        self.model.reset(usage);
        self.scan.forget();
        self.compaction.forget();
        self.beats = 0;
        self.snapshot = 0;
        self.changes = [0; 2];
    }

    #[inline]
    pub(super) fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Put { key } => self.put_or_other(key.literal(), false, run),
            Operation::Remove { key } => self.put_or_other(key.literal(), true, run),
            Operation::PutRun { key, count, stride } => {
                self.put_run(key.literal(), count.get(), stride.get(), false, run)
            }
            Operation::PutEqual { key, count } => {
                self.put_run(key.literal(), count.get(), 0, false, run)
            }
            Operation::RemoveRun { key, count, stride } => {
                self.put_run(key.literal(), count.get(), stride.get(), true, run)
            }
            Operation::Fill { key, stride, left } => {
                self.fill(key.literal(), stride.get(), left.get(), run)
            }
            Operation::EndBeat => self.end_beat(run),
            Operation::EndBar => self.end_bar(run),
            Operation::Flush => self.flush(run),
            Operation::Compact { count } => self.compact(count.get(), run),
            Operation::Open => self.open_scope(run),
            Operation::Persist => self.close_scope_as_told(true, run),
            Operation::Discard => self.close_scope_as_told(false, run),
            Operation::Get { key } => self.get_both(key.literal(), run),
            Operation::ReadBack { count } => self.read_back(count.get(), run),
            Operation::Scan { key, width, table, way, count } => {
                let side = Side::BOTH[table.get() as usize];
                self.start_scan(key.literal(), width.get(), side, way.get() == 1, run)?;
                self.scan_on(count.get(), run)
            }
            Operation::Next { count } => self.scan_on(count.get(), run),
            Operation::Seek { key } => self.seek(key.literal(), run),
            Operation::Reset => self.reset(run),
        }
    }

    #[inline]
    pub(super) fn view(&self, side: Side) -> MemoryView<'_, R> {
        match side {
            Side::Mutable => self.mutable.view(),
            Side::Immutable => self.immutable.view(),
        }
    }

    /// A table has changed.
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
