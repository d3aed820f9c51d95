//! The worlds: tables for each type of records, and what each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * A record that is added to a full table, or when no key is left, goes to a new table.
//! * Tables are chosen by number from the newest on, modulo their number. Without a table, one with
//!   a few records is built, and the operation ends.

use super::Table;
use super::tables::Tables;
use downbeat::failure::Divergence;
use downbeat::model::encoding::Header;
use downbeat::model::table::{Geometry, Operation, RECORD};
use downbeat::records::{self, OfRecords, Versioned};
use downbeat::run::Run;
use downbeat::target::World;
use downbeat::worlds::{AnyWorld, Worlds};

impl Worlds for Table {
    type Operation = Operation;
    const GEOMETRY: &'static [usize] = &[RECORD];

    fn make(geometry: &Header) -> AnyWorld<Operation> {
        let size = Geometry::of(geometry).record_size as u32;
        records::general::<Self>(size, geometry)
    }
}

impl OfRecords for Table {
    type Made = AnyWorld<Operation>;

    fn make<R: Versioned>(_geometry: &Header) -> Self::Made {
        Box::new(Tables::<R>::new())
    }
}

impl<R: Versioned> World for Tables<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        self.open_run(header);
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Add { count, gap } => self.add(count.get(), gap.get(), false, run),
            Operation::Remove { count, gap } => self.add(count.get(), gap.get(), true, run),
            Operation::AddAt { key, count, gap } => {
                self.begin_at(key.literal(), run)?;
                self.add_from(key.literal(), count.get(), gap.get(), false, run)
            }
            Operation::FillBlock { left, gap } => self.fill_block(left.get(), gap.get(), run),
            Operation::FillTable { left, gap } => self.fill_table(left.get(), gap.get(), run),
            Operation::FinishBlock => self.finish_full_block(run),
            Operation::Finish => self.finish_or_add(run),
            Operation::Abandon => self.abandon(run),
            Operation::Build { key, count, gap } => {
                self.build(key.literal(), count.get(), gap.get(), run)
            }
            Operation::BuildFull { key, blocks, gap } => {
                self.build_full(key.literal(), blocks.get(), gap.get(), run)
            }
            Operation::Drop { table } => {
                if let Some(place) = self.place(table, run)? {
                    self.forget(place);
                }
                Ok(())
            }
            Operation::Get { key, table } => match self.place(table, run)? {
                Some(place) => self.get(place, key.literal(), run),
                None => Ok(()),
            },
            Operation::GetAround { at, table } => match self.place(table, run)? {
                Some(place) => self.get_around(place, at, run),
                None => Ok(()),
            },
            Operation::GetEdges { table } => match self.place(table, run)? {
                Some(place) => self.get_edges(place, run),
                None => Ok(()),
            },
            Operation::Scan { key, span, table } => match self.place(table, run)? {
                Some(place) => {
                    let min = key.literal();
                    self.scan(place, min, min.saturating_add(span.get()), run)
                }
                None => Ok(()),
            },
            Operation::ScanBetween { first, last, table } => match self.place(table, run)? {
                Some(place) => self.scan_between(place, first, last, run),
                None => Ok(()),
            },
            Operation::AskIndex { table } => match self.place(table, run)? {
                Some(place) => self.ask_index(place, run),
                None => Ok(()),
            },
            Operation::Verify { table } => match self.place(table, run)? {
                Some(place) => self.verify(place, run),
                None => Ok(()),
            },
            Operation::VerifyOther { field, table } => match self.place(table, run)? {
                Some(place) => self.verify_other(place, field, run),
                None => Ok(()),
            },
            Operation::BuildAgain { table } => match self.place(table, run)? {
                Some(place) => self.build_again(place, run),
                None => Ok(()),
            },
            Operation::Patch { block, at, mask, table } => match self.place(table, run)? {
                Some(place) => self.patch(place, block, at, mask, run),
                None => Ok(()),
            },
            Operation::Forge { block, at, mask, table } => match self.place(table, run)? {
                Some(place) => self.forge(place, block, at, mask, run),
                None => Ok(()),
            },
            Operation::ForgeHeader { block, part, table } => match self.place(table, run)? {
                Some(place) => self.forge_header(place, block, part, run),
                None => Ok(()),
            },
            Operation::Exchange { first, second, table } => match self.place(table, run)? {
                Some(place) => self.exchange(place, first, second, run),
                None => Ok(()),
            },
        }
    }

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.finish_if_begun(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.sweep_all(run)
    }

    fn describe(&self) -> Vec<String> {
        self.lines()
    }
}
