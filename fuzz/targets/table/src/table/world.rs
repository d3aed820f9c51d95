//! The world: tables of one type of records, and what each operation does.
//!
//! Rules that define what an input means:
//!
//! * If the table is full, or its last key is the largest one, a record that is added goes to a new
//!   table.
//! * Operations choose finished tables by number, from the newest to the oldest, modulo their
//!   count. If there is none, the table that is being built is finished instead, or one with five
//!   records is built.

use super::compare;
use super::tables::Tables;
use downbeat::input::encoding::Header;
use downbeat::records::Versioned;
use downbeat::{Checked, Run, World};
use downbeat_model::table::{Operation, Operation::*};

impl<R: Versioned> World for Tables<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Checked {
        self.open_run(header);
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        match *operation {
            Add { count, gap } => self.add(count.get(), gap.get(), false, run),
            Remove { count, gap } => self.add(count.get(), gap.get(), true, run),
            AddAt { key, count, gap } => {
                self.begin_at(key.literal(), run)?;
                self.add_from(key.literal(), count.get(), gap.get(), false, run)
            }
            FillBlock { left, gap } => self.fill_block(left.get(), gap.get(), run),
            FillTable { left, gap } => self.fill_table(left.get(), gap.get(), run),
            FinishBlock => self.finish_full_block(run),
            Finish => self.finish_or_add(run),
            Abandon => self.abandon(run),
            Build { key, count, gap } => self.build(key.literal(), count.get(), gap.get(), run),
            BuildFull { key, blocks, gap } => {
                self.build_full(key.literal(), blocks.get(), gap.get(), run)
            }
            Drop { table }
            | Get { table, .. }
            | GetAround { table, .. }
            | GetEdges { table }
            | Scan { table, .. }
            | ScanBetween { table, .. }
            | AskIndex { table }
            | Verify { table }
            | VerifyOther { table, .. }
            | BuildAgain { table }
            | Patch { table, .. }
            | Forge { table, .. }
            | ForgeHeader { table, .. }
            | Exchange { table, .. } => match self.place(table, run)? {
                Some(place) => self.apply_to_table(place, operation, run),
                None => Ok(()),
            },
        }
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.finish_if_begun(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        compare::layout(&self.layout, &self.geometry)?;
        for place in 0..self.shelf.len() {
            self.verify(place, run)?;
            self.ask_index(place, run)?;
            self.scan(place, 0, u64::MAX, run)?;
            self.get_edges(place, run)?;
        }
        Ok(())
    }

    /// Describes the table that is being built and the finished ones.
    fn describe(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} records in {} value blocks are being built",
            self.building.records().len(),
            self.blocks.len(),
        )];
        for (number, built) in self.shelf.iter().rev().enumerate() {
            let blocks: Vec<String> = (0..built.model.block_count())
                .map(|number| {
                    let block = built.model.block(number);
                    let (first, last) = (block[0], block[block.len() - 1]);
                    format!("[{:#x}..{:#x}] {}", first.key, last.key, block.len())
                })
                .collect();
            lines.push(format!("table {number}: {}", blocks.join("  ")));
        }
        lines
    }
}

impl<R: Versioned> Tables<R> {
    /// Applies an operation to the finished table with index `place`.
    fn apply_to_table(&mut self, place: usize, operation: &Operation, run: &mut Run) -> Checked {
        if !matches!(operation, Drop { .. } | Get { .. } | GetAround { .. } | Patch { .. }) {
            self.count_blocks(place, run);
        }
        match *operation {
            Drop { .. } => {
                self.forget(place);
                Ok(())
            }
            Get { key, .. } => self.get(place, key.literal(), run),
            GetAround { at, .. } => self.get_around(place, at, run),
            GetEdges { .. } => self.get_edges(place, run),
            Scan { key, span, .. } => {
                let min = key.literal();
                self.scan(place, min, min.saturating_add(span.get()), run)
            }
            ScanBetween { first, last, .. } => self.scan_between(place, first, last, run),
            AskIndex { .. } => self.ask_index(place, run),
            Verify { .. } => self.verify(place, run),
            VerifyOther { field, .. } => self.verify_other(place, field, run),
            BuildAgain { .. } => self.build_again(place, run),
            Patch { block, at, mask, .. } => self.patch(place, block, at, mask, run),
            Forge { block, at, mask, .. } => self.forge(place, block, at, mask, run),
            ForgeHeader { block, part, .. } => self.forge_header(place, block, part, run),
            Exchange { first, second, .. } => self.exchange(place, first, second, run),
            _ => unreachable!("table: an operation on no table"),
        }
    }
}
