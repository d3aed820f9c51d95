//! Compares a store with its last checkpoint.

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::collections::Direction;
use downbeat_lsm::grid::free_set::BlockState;
use downbeat_lsm::grid::{BlockHandle, Caching, GridError, ReadOutcome};
use downbeat_lsm::manifest::Visibility;

use super::super::tested::Tested;
use super::{AuditedTables, content};
use downbeat::check::{fail, holds};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::format::Table;
use downbeat_storage_targets::book::{self, core_reference};

impl<R: Versioned> Tested<R> {
    /// Checks the store immediately after a checkpoint was acknowledged, or after the store was
    /// opened at it: that the store refers to every block in use exactly once, that the superblock
    /// is the core's, and that the log has the tables of the manifest. From then on, a write to a
    /// block of the checkpoint is a finding.
    ///
    /// `complete` says whether all tables of the checkpoint could be read. If not, a crash lost
    /// blocks of tables. More blocks may then be in use, because the value blocks of these tables
    /// are unknown.
    pub(in crate::tree) fn audit_checkpoint(&mut self, complete: bool, run: &mut Run) -> Checked {
        const CHECK: &str = "account-of-blocks-is-exact";
        self.tables.checkpoint.clear();
        if self.is_down() {
            return Ok(());
        }
        let Self { store, tables, .. } = self;
        let AuditedTables { tables, used, checkpoint, .. } = tables;
        for level in store.tree().manifest().levels() {
            let indexes = level.tables(Visibility::Any, Direction::Ascending, None);
            checkpoint.extend(indexes.map(|found| found.table.reference()));
        }
        let values = tables.values().flat_map(|table| &table.values);
        checkpoint.extend(values.map(|element| core_reference(element.reference)));
        used.clear();
        used.extend(checkpoint.iter().map(|reference| reference.address));
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
        let count = used.len() as u64;
        used.extend_from_slice(store.grid().trailer_blocks());
        let disk = store.by_hand().grid_mut().storage_mut();
        disk.settle();
        disk.unprotect_all();
        for address in &*used {
            disk.protect(*address);
        }
        self.in_use = None;
        if complete {
            self.checkpoint_uses(count);
        }
        self.audit_log(run)
    }

    /// Checks that the superblock on the disk is the core's, and that the log, read from the disk,
    /// has exactly the tables of the manifest.
    fn audit_log(&mut self, run: &mut Run) -> Checked {
        const CHECK: &str = "log-replays";
        run.step();
        let Self { store, log_book, book, tables, .. } = self;
        let book = book.get_mut();
        let image = store.grid().storage().image();
        let root = book.root(image).map_err(|wrong| {
            fail("superblock-is-written", "a superblock that opens", wrong)
                .saying("the superblock of a checkpoint cannot be opened")
        })?;
        let working = store.superblock().working();
        let expected = (working.checksum(), working.sequence(), working.state().beat);
        holds("superblock-is-written", expected == (root.checksum, root.sequence, root.beat))
            .show(|| (format!("{working:?}"), format!("{root:?}")))
            .or("the disk has another superblock than the core")?;
        let read = log_book.read(image, book, &root);
        let refused =
            |error: String| fail(CHECK, "the tables", error).saying("the log cannot be read");
        let count = read.map_err(refused)?.len();
        let levels = store.tree().manifest().levels();
        // The tables are disjoint (checked before), so they are all different. It is enough that
        // the log has the same number of tables.
        let mut expected = 0;
        for (number, level) in levels.iter().enumerate() {
            for found in level.tables(Visibility::Any, Direction::Ascending, None) {
                expected += 1;
                let table = match tables.tables.get(&{ found.table.address }) {
                    Some(known) if known.content == content(found.table) => {
                        Table { level: number as u8, ..known.table }
                    }
                    _ => book::table(number, found.table),
                };
                let got = log_book.table(found.table.address).map(|(_, table)| table);
                holds(CHECK, got == Some(&table))
                    .show(|| (format!("{table:?}"), format!("{got:?}")))
                    .or("the log has another table than the manifest")?;
            }
        }
        holds(CHECK, count == expected)
            .show(|| (format!("{expected} tables"), format!("{count} tables")))
            .or("the log has tables that the manifest does not have")
    }

    /// Reads all tables of the last checkpoint with the core, after a beat failed. They must be
    /// readable: a failed write loses only blocks that belong to no checkpoint.
    pub(in crate::tree) fn read_checkpoint(&mut self, run: &mut Run) -> Checked {
        for place in 0..self.tables.checkpoint.len() {
            run.step();
            let reference = self.tables.checkpoint[place];
            let since = self.now();
            let Err(error) = self.read(reference) else { continue };
            let is_lost = matches!(error, GridError::Failed(_));
            if is_lost || !self.explains_read(&error, since) {
                return Err(Self::lost(&error));
            }
        }
        Ok(())
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
}
