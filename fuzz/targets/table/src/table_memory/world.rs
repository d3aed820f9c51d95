//! The worlds: two tables for each geometry, and what each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * A put into a full table ends the bar first.
//! * The last beat of a bar ends the bar. The end of a bar ends the beat.
//! * An immutable table that is not flushed by the end of a bar absorbs the mutable one, if both
//!   fit. Otherwise it is flushed, and the tables are swapped.
//! * A beat closes the scope first, as the header's `forced` says.
//! * In an index, a put of a present key becomes a removal, and a removal of an absent key a put.
//! * A scan continues after the last key that it returned, in the table as it is then. A scan that
//!   has ended begins again. A compaction of a table that has changed starts again.
//!
//! Impossible operations become others: `persist` and `discard` outside a scope open one; `open`
//! inside a scope closes that scope first, and opens another.

use super::TableMemory;
use super::tested::Tested;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::table_memory::{BEATS, Operation, RECORD, Side, USAGE, VALUES};
use downbeat::model::version::Usage;
use downbeat::records::{self, OfRecords, Versioned};
use downbeat::run::Run;
use downbeat::target::World;
use downbeat::worlds::{AnyWorld, Worlds};

impl Worlds for TableMemory {
    type Operation = Operation;
    const GEOMETRY: &'static [usize] = &[USAGE, RECORD, VALUES, BEATS];

    fn make(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = geometry.number(Operation::SETTINGS, RECORD);
        records::of_usage::<Self>(usage, size, geometry)
    }
}

impl OfRecords for TableMemory {
    type Made = AnyWorld<Operation>;

    fn make<R: Versioned>(geometry: &Header) -> Self::Made {
        Box::new(Tested::<R>::new(geometry))
    }
}

impl<R: Versioned> World for Tested<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        self.open_run(header);
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
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

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.close_forced(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.sweep_all(run)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.finish_run(run)
    }

    fn describe(&self) -> Vec<String> {
        self.lines()
    }
}
