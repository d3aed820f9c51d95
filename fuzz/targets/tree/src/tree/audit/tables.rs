//! Reads the tables that no earlier audit read.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{TableInfo, Visibility};
use downbeat_lsm::manifest_log::LOG_LEVEL_COUNT_MAX;

use super::super::events::Event;
use super::super::states;
use super::super::tested::Tested;
use super::{Audited, AuditedTables, Complete, Records, content};
use downbeat::check::{fail, holds};
use downbeat::disk::Unit;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::format::{At, Fault, Reference, Wrong, index, values};
use downbeat_storage_targets::book;

/// The maximum number of levels of a tree.
const LEVELS_MAX: usize = LOG_LEVEL_COUNT_MAX as usize;

impl<R: Versioned> Tested<R> {
    /// Checks that the tables of each level are disjoint, and that new tables match their entries
    /// in the manifest. Returns whether all tables were read. At a checkpoint, all tables must be
    /// on the disk.
    pub(in crate::tree) fn audit_tables(
        &mut self,
        at_checkpoint: bool,
        run: &mut Run,
    ) -> Checked<bool> {
        let Self { store, tables, .. } = self;
        tables.number += 1;
        let mut new = Vec::new();
        for (number, level) in store.tree().manifest().levels().iter().enumerate() {
            let mut before: Option<R::Key> = None;
            for found in level.tables(Visibility::Any, Direction::Ascending, None) {
                let table = found.table;
                let (key_min, key_max) = (table.key_min, table.key_max);
                let got = || format!("level {number}: {before:?}, then {key_min:?}");
                holds("levels-are-disjoint", before.is_none_or(|before| before < key_min))
                    .show(|| ("tables one after the other", got()))
                    .or("two tables of a level overlap")?;
                before = Some(key_max);
                match tables.tables.get_mut(&{ table.address }) {
                    Some(known) if known.content == content(table) => {
                        if known.level != number {
                            known.level = number;
                            known.placed = tables.number;
                        }
                        known.number = tables.number;
                    }
                    _ => new.push((number, *table)),
                }
            }
        }
        if self.is_down() {
            return Ok(false);
        }
        let last_level = self.store.tree().manifest().levels().len() - 1;
        let mut complete = true;
        for (level, table) in new {
            let Some(audited) = self.audit_table(level, &table, at_checkpoint, run)? else {
                complete = false;
                continue;
            };
            if level != last_level && audited.tombstones > 0 {
                run.state(states::TombstoneKept, level);
            }
            self.tables.tables.insert(table.address, audited);
        }
        let AuditedTables { tables, number, .. } = &mut self.tables;
        tables.retain(|_, table| table.number == *number);
        if complete {
            self.check_complete(last_level)?;
        }
        Ok(complete)
    }

    /// Compares the tables with those of the last audit that read all tables, as this one did.
    /// Checks that merges into the last level add no tombstone to it, and that in each bar a level
    /// got at most one table that is not full.
    fn check_complete(&mut self, last_level: usize) -> Checked {
        let moves = self.store.tree().compactions().levels[last_level].moves;
        let full = u64::from(self.store.tree().layout().value_count_max_on_disk());
        let AuditedTables { tables, number, complete, .. } = &mut self.tables;
        let of_level = tables.values().filter(|table| table.level == last_level);
        let tombstones = of_level.map(|table| table.tombstones).sum();
        let now = Complete { number: *number, bars: self.bars, tombstones, moves };
        let Some(before) = complete.replace(now) else { return Ok(()) };
        // A table that moved into the last level without a merge may have tombstones.
        let most = if before.moves == moves { before.tombstones } else { tombstones };
        holds("tombstones-end-at-the-last-level", tombstones <= most)
            .show(|| (format!("{most} or fewer"), tombstones))
            .or("a merge into the last level keeps tombstones")?;
        let bars = self.bars - before.bars;
        let mut partial = [0; LEVELS_MAX];
        for it in tables.values().filter(|it| it.placed > before.number) {
            partial[it.level] += u64::from(it.table.records < full);
        }
        for (level, partial) in partial.into_iter().enumerate().take(last_level + 1) {
            holds("tables-are-full", partial <= bars)
                .show(|| (format!("level {level}: {bars} or fewer"), partial))
                .or("a bar leaves more than one table that is not full in a level")?;
        }
        Ok(())
    }

    /// Reads a whole table, and checks that it matches its entry in the manifest. Returns `None` if
    /// a block is not on the disk and need not be.
    fn audit_table(
        &mut self,
        level: usize,
        table: &TableInfo<R::Key>,
        at_checkpoint: bool,
        run: &mut Run,
    ) -> Checked<Option<Audited<R::Key>>> {
        match self.read_table(level, table, run) {
            Ok(audited) => Ok(Some(audited)),
            Err(wrong) if self.may_lack(wrong, at_checkpoint) => Ok(None),
            Err(wrong) => Err(fail("tables-hold-what-is-said", "a table", wrong)
                .saying("a table is not what the manifest says")),
        }
    }

    /// Whether the disk may lack the block at the place of a fault. The store may still have to
    /// write it, unless there was a checkpoint.
    #[cold]
    fn may_lack(&self, wrong: Wrong, at_checkpoint: bool) -> bool {
        let At::Block(address) = wrong.at else { return false };
        // The other faults mean that the disk has the block that the reference names, with wrong
        // contents.
        let is_lacking =
            matches!(wrong.fault, Fault::Size | Fault::Checksum | Fault::OtherBlock | Fault::Zeros);
        let grid = self.store.grid();
        let is_queued = grid.pending_writes() > 0 || grid.failed().is_some();
        is_lacking
            && ((is_queued && !at_checkpoint) || grid.storage().is_forgotten(Unit::Block(address)))
    }

    /// Reads a whole table, and checks that it matches its entry in the manifest. This does not
    /// count as a step of the run, because which tables are read depends on the order in which I/Os
    /// complete.
    fn read_table(
        &mut self,
        level: usize,
        info: &TableInfo<R::Key>,
        run: &mut Run,
    ) -> Result<Audited<R::Key>, Wrong> {
        let Self { store, book, tables, .. } = self;
        let AuditedTables { records, number, .. } = tables;
        let book = book.get_mut();
        let sizes = *book.sizes();
        let image = store.grid().storage().image();
        let table = book::table(level, info);
        let wrong = |at: Reference| move |fault| Wrong { fault, at: At::Block(at.address) };
        let block = book.block(image, table.index).map_err(wrong(table.index))?;
        let elements = index::read(block, &sizes, &table).map_err(wrong(table.index))?;
        let mut tombstones = 0;
        for (place, element) in elements.iter().enumerate() {
            let wrong = wrong(element.reference);
            let block = book.block(image, element.reference).map_err(&wrong)?;
            values::check(block, &sizes, element).map_err(&wrong)?;
            values::check_merge(block, &sizes, &table, place).map_err(&wrong)?;
            let mut count = 0;
            for record in values::records(block, &sizes) {
                count += 1;
                tombstones += u64::from(record.removed);
                if let Some(Records { all, bytes }) = records {
                    all.push((record.key, level, record.removed, bytes.len()));
                    bytes.extend_from_slice(record.bytes);
                }
            }
            Event::FullBlock.count_if(count == sizes.records_of_block(), run);
        }
        Ok(Audited {
            content: content(info),
            level,
            values: elements,
            table,
            tombstones,
            placed: *number,
            number: *number,
        })
    }
}
