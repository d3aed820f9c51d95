//! Checks of a store's disk, block by block.

use std::collections::BTreeMap;
use std::fmt::Display;

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::collections::Direction;
use downbeat_lsm::grid::free_set::BlockState;
use downbeat_lsm::grid::{BlockHandle, Caching, GridError, ReadOutcome};
use downbeat_lsm::manifest::{TableInfo, Visibility};
use downbeat_lsm::table::TableVerification;

use super::events::Event;
use super::log_book::{Named, named};
use super::states;
use super::tested::Tested;
use downbeat::check::{fail, holds};
use downbeat::records::Versioned;
use downbeat::{Checked, Divergence, Run};

/// Tables that were read as a whole, by the address of their index.
#[derive(Debug)]
pub(super) struct AuditedTables<K: Copy> {
    tables: BTreeMap<u64, Audited<K>>,
    /// The number of the latest audit.
    number: u64,
    /// A buffer for the blocks in use.
    used: Vec<u64>,
    /// The number of tables that had moved into the last level at the latest audit.
    moves: u64,
    /// The tables of the last checkpoint.
    checkpoint: Vec<TableInfo<K>>,
}

/// A table that was read as a whole.
#[derive(Debug)]
struct Audited<K: Copy> {
    named: Named<K>,
    values: Vec<u64>,
    tombstones: u64,
    /// The number of the latest audit that found the table.
    number: u64,
}

impl<K: Copy> Default for AuditedTables<K> {
    fn default() -> Self {
        let (tables, used, checkpoint) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { tables, number: 0, used, moves: u64::MAX, checkpoint }
    }
}

impl<K: Copy> AuditedTables<K> {
    /// Forgets all tables, so that the next audit reads each table again.
    pub(super) fn clear(&mut self) {
        self.tables.clear();
        self.checkpoint.clear();
        self.moves = u64::MAX;
    }
}

impl<R: Versioned> Tested<R> {
    /// Checks that the tables of each level are disjoint, and that new tables match their entries
    /// in the manifest. Returns whether all new tables could be read.
    pub(super) fn audit_tables(&mut self, run: &mut Run) -> Checked<bool> {
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
                let name = named(number as u64, table);
                match tables.tables.get_mut(&{ table.address }) {
                    Some(known) if known.named.1 == name.1 => {
                        // The table may have moved to another level.
                        known.named = name;
                        known.number = tables.number;
                    }
                    _ => new.push((name, *table)),
                }
            }
        }
        let last_level = store.tree().manifest().levels().len() as u64 - 1;
        let mut tombstones = 0;
        let mut complete = true;
        for (name, table) in new {
            let Some(audited) = self.audit_table(name, &table, run)? else {
                complete = false;
                continue;
            };
            if name.0 == last_level {
                tombstones += audited.tombstones;
            } else if audited.tombstones > 0 {
                run.state(states::TombstoneKept, name.0 as usize);
            }
            self.tables.tables.insert(table.address, audited);
        }
        self.check_tombstones(last_level, tombstones)?;
        let AuditedTables { tables, number, moves, .. } = &mut self.tables;
        tables.retain(|_, table| table.number == *number);
        if !complete {
            // The tombstones of a table that was not read are unknown. So the next audit does not
            // compare the numbers of tombstones.
            *moves = u64::MAX;
        }
        Ok(complete)
    }

    /// Checks that merges into the last level add no tombstone to it.
    fn check_tombstones(&mut self, last_level: u64, new: u64) -> Checked {
        let moves = self.store.tree().compactions().levels[last_level as usize].moves;
        let AuditedTables { tables, number, moves: before, .. } = &mut self.tables;
        // A table that moved into the last level without a merge may have tombstones.
        if std::mem::replace(before, moves) != moves {
            return Ok(());
        }
        let gone = tables.values().filter(|it| it.number != *number && it.named.0 == last_level);
        let gone: u64 = gone.map(|it| it.tombstones).sum();
        holds("tombstones-end-at-the-last-level", new <= gone)
            .show(|| (format!("{gone} or fewer, which were there"), new))
            .or("a merge into the last level keeps tombstones")
    }

    /// Reads a whole table, and checks that it matches its entry in the manifest. Returns `None` if
    /// a block cannot be read and the disk explains the error.
    fn audit_table(
        &mut self,
        named: Named<R::Key>,
        table: &TableInfo<R::Key>,
        run: &mut Run,
    ) -> Checked<Option<Audited<R::Key>>> {
        let since = self.now();
        match self.read_table(named, table, run)? {
            Ok(audited) => Ok(Some(audited)),
            Err(error) if self.explains_read(&error, since) => Ok(None),
            Err(error) => Err(refused(error)),
        }
    }

    /// Reads all tables of the last checkpoint after a beat failed. They must be readable: a failed
    /// write loses only blocks that belong to no checkpoint.
    pub(super) fn read_checkpoint(&mut self, run: &mut Run) -> Checked {
        for place in 0..self.tables.checkpoint.len() {
            let table = self.tables.checkpoint[place];
            let since = self.now();
            let Err(error) = self.read_table(named(0, &table), &table, run)? else { continue };
            let is_lost = matches!(error, GridError::Failed(_));
            if is_lost || !self.explains_read(&error, since) {
                return Err(Self::lost(&error));
            }
        }
        Ok(())
    }

    /// Reads a whole table, and checks that it matches its entry in the manifest. The inner error
    /// is that of the first block that cannot be read.
    fn read_table(
        &mut self,
        named: Named<R::Key>,
        table: &TableInfo<R::Key>,
        run: &mut Run,
    ) -> Checked<Result<Audited<R::Key>, GridError>> {
        run.step();
        let layout = *self.store.tree().layout();
        let verification = TableVerification::new(&layout, self.store.tree().id(), table);
        let index = match self.read(verification.reference()) {
            Ok(index) => index,
            Err(error) => return Ok(Err(error)),
        };
        let view = verification.index_block(index.contents(), index.body()).map_err(refused)?;
        let mut values = Vec::with_capacity(view.value_block_count());
        let mut tombstones = 0;
        for number in 0..view.value_block_count() {
            let entry = view.entry(number);
            let read = match self.read(entry.reference) {
                Ok(read) => read,
                Err(error) => return Ok(Err(error)),
            };
            let block = verification
                .value_block::<R>(number, &entry, read.contents(), read.body())
                .map_err(refused)?;
            tombstones += block.records().iter().filter(|it| it.is_tombstone()).count() as u64;
            if block.records().len() == layout.block_value_count_max() as usize {
                Event::FullBlock.count(run);
            }
            values.push(entry.reference.address);
        }
        Ok(Ok(Audited { named, values, tombstones, number: self.tables.number }))
    }

    /// Reads a block. If the disk fails, reads the block again.
    fn read(&mut self, reference: BlockReference) -> Result<BlockHandle, GridError> {
        let tries = 1 + self.store.grid().storage().armed().len();
        for _ in 0..tries {
            let read = self.read_once(reference);
            if !matches!(read, Err(GridError::Fault(_))) {
                return read;
            }
        }
        self.read_once(reference)
    }

    fn read_once(&mut self, reference: BlockReference) -> Result<BlockHandle, GridError> {
        let mut ticket = match self.store.by_hand().grid_mut().read(reference, Caching::Bypass) {
            ReadOutcome::Ready(block) => return Ok(block),
            ReadOutcome::Pending(ticket) => ticket,
            ReadOutcome::Refused(error) => return Err(error),
        };
        loop {
            ticket = match self.store.by_hand().grid_mut().take_read(ticket) {
                Ok(answer) => return answer,
                Err(ticket) => ticket,
            };
            if !self.store.by_hand().step() {
                self.store.by_hand().grid_mut().forget_read(ticket);
                return Err(GridError::Gone);
            }
        }
    }

    /// Checks the store immediately after a checkpoint was acknowledged, or after the store was
    /// opened at it: that the store refers to every block in use exactly once, and that the log has
    /// the tables of the manifest. From then on, a write to a block of the checkpoint is a finding.
    ///
    /// `complete` says whether all tables of the checkpoint could be read. If not, more blocks may
    /// be in use, because the value blocks of the other tables are unknown.
    pub(super) fn audit_checkpoint(&mut self, complete: bool, run: &mut Run) -> Checked {
        const CHECK: &str = "account-of-blocks-is-exact";
        self.tables.checkpoint.clear();
        if self.is_down() {
            return Ok(());
        }
        let Self { store, tables, .. } = self;
        let AuditedTables { tables, used, .. } = tables;
        used.clear();
        for level in store.tree().manifest().levels() {
            let indexes = level.tables(Visibility::Any, Direction::Ascending, None);
            used.extend(indexes.map(|found| found.table.address));
        }
        used.extend(tables.values().flat_map(|table| &table.values));
        used.extend(store.manifest_log().block_addresses());
        used.sort_unstable();
        if let Some(twice) = used.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(fail(CHECK, "once", twice[0]).saying("a block is used twice"));
        }
        let free_set = store.grid().free_set();
        let unused = used.iter().find(|address| free_set.state(**address) != BlockState::Acquired);
        if let Some(address) = unused {
            let got = format!("block {address}: {:?}", free_set.state(*address));
            return Err(fail(CHECK, "acquired", got)
                .saying("a block that the store refers to is not in use"));
        }
        let in_use =
            free_set.acquired_count() - free_set.released_count() - free_set.staged_count();
        // All blocks to which the store refers are in use. If the counts are equal, no other block
        // is in use.
        let expected = used.len() as u64 + self.ballast;
        holds(CHECK, in_use == expected || (in_use > expected && !complete))
            .show(|| (format!("{expected} in use"), in_use))
            .or("blocks are in use to which the store does not refer")?;
        used.extend_from_slice(store.grid().trailer_blocks());
        let disk = store.by_hand().grid_mut().storage_mut();
        disk.settle();
        disk.unprotect_all();
        for address in &*used {
            disk.protect(*address);
        }
        self.audit_log(run)
    }

    /// Checks that the log, read from the disk, has exactly the tables of the manifest.
    fn audit_log(&mut self, run: &mut Run) -> Checked {
        const CHECK: &str = "log-replays";
        run.step();
        let references = self.store.superblock().working().state().manifest;
        let Self { store, log_book, tables, .. } = self;
        let grid = store.grid();
        let read = log_book.read(grid.storage().image(), grid.layout(), &references);
        let refused =
            |error: String| fail(CHECK, "the tables", error).saying("the log cannot be read");
        let count = match read {
            Ok(tables) => tables.len(),
            Err(error) => return Err(refused(error)),
        };
        let levels = store.tree().manifest().levels();
        // The tables are disjoint (checked before), so they are all different. It is enough that
        // the log has the same number of tables.
        let mut expected = 0;
        for (number, level) in levels.iter().enumerate() {
            for found in level.tables(Visibility::Any, Direction::Ascending, None) {
                expected += 1;
                tables.checkpoint.push(*found.table);
                let table = named(number as u64, found.table);
                let got = log_book.table(found.table.address);
                holds(CHECK, got == Some(&table))
                    .show(|| (format!("{table:?}"), format!("{got:?}")))
                    .or("the log has another table than the manifest")?;
            }
        }
        holds(CHECK, count == expected)
            .show(|| (format!("{expected} tables"), format!("{count} tables")))
            .or("the log has tables that the manifest does not have")
    }
}

/// The divergence for a table that does not match its entry in the manifest.
#[cold]
fn refused(error: impl Display) -> Divergence {
    fail("tables-hold-what-is-said", "a table", error)
        .saying("a table is not what the manifest says")
}
