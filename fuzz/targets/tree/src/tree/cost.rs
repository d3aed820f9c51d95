//! Bounds on the blocks that a read takes from the device, and on the blocks that are in use.
//!
//! - A get reads the index and one value block of each table that may have its key. Each level has
//!   at most one such table.
//! - A scan reads, in each level, the index of each table that overlaps the range, and each value
//!   block that does so, once. A scan that stops early may also have read the next index block and
//!   the next value block of each level.
//! - At the end of a bar, the blocks in use are at most those of the last checkpoint and those that
//!   were written since: released blocks become free when the next checkpoint is durable.
//! - A memtable has at most the records of a bar, and the cache at most the blocks of its options.
//!   The disk itself checks the number of reads and writes in flight.
//! - In a bar, a level gets at most one table that is not full. So the tables use few more blocks
//!   than their records need.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{KeyRange, ManifestLevel, SNAPSHOT_LATEST, TableInfo, Visibility};

use super::scans::Way;
use super::tested::Tested;
use downbeat::Checked;
use downbeat::check::holds;
use downbeat::disk::Outcome;
use downbeat::records::Versioned;

/// The device at the beginning of a read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// How many reads had completed.
    completed: u64,
    /// Reads that were in flight or queued before.
    others: u64,
}

/// The blocks in use at the last checkpoint or opening.
#[derive(Clone, Copy, Debug)]
pub(super) struct InUse {
    /// Their number, with the blocks of the encoded free set.
    blocks: u64,
    /// The number of blocks that had been written since the opening.
    written: u64,
}

impl<R: Versioned> Tested<R> {
    fn reads_completed(&self) -> u64 {
        self.store.grid().storage().counts().of(Outcome::Read)
    }

    /// Called at the beginning of a get or a scan. Reads of abandoned lookups and of other scans
    /// may still be in flight.
    #[inline]
    pub(super) fn reading_begins(&self) -> Reading {
        let others = self.store.grid().pending_reads() as u64;
        Reading { completed: self.reads_completed(), others }
    }

    /// How many reads of the device have completed since the read began.
    #[inline]
    pub(super) fn reads_since(&self, began: Reading) -> u64 {
        self.reads_completed() - began.completed
    }

    /// Checks the number of reads of a get that began at this time.
    #[inline]
    pub(super) fn check_reads_of_get(&self, key: u64, began: Reading) -> Checked {
        let own = self.reads_since(began).saturating_sub(began.others);
        if own == 0 {
            return Ok(());
        }
        let bound = 2 * self.tables_that_may_hold(key, 0);
        holds("get-reads-two-blocks-a-table", own <= bound)
            .show(|| (format!("{bound} or fewer"), own))
            .or("a get reads more than two blocks of each table that may have its key")
    }

    /// The number of tables of `level` and the levels below it whose key range includes the key: at
    /// most one per level.
    pub(super) fn tables_that_may_hold(&self, key: u64, level: u32) -> u64 {
        let key = R::wide(key);
        let levels = &self.store.tree().manifest().levels()[level as usize..];
        let holds = |level: &&ManifestLevel<R::Key>| {
            let mut tables = level.tables(Visibility::Any, Direction::Ascending, None);
            tables.any(|found| found.table.key_range().contains(key))
        };
        levels.iter().filter(holds).count() as u64
    }

    /// Checks the number of reads of a scan that began at this time. `way` is the range that it has
    /// passed. `ended` says whether it ended there, because there were no more records in its
    /// range.
    #[inline]
    pub(super) fn check_reads_of_scan(&self, way: Way, ended: bool, began: Reading) -> Checked {
        let own = self.reads_since(began).saturating_sub(began.others);
        if own == 0 {
            return Ok(());
        }
        let range = way.keys::<R>();
        let levels = self.store.tree().manifest().levels();
        let ahead = if ended { 0 } else { 2 * levels.len() as u64 };
        let of_level = |level: &ManifestLevel<R::Key>| -> u64 {
            let latest = Visibility::Visible(SNAPSHOT_LATEST);
            let tables = level.tables(latest, Direction::Ascending, Some(range));
            tables.map(|found| 1 + self.value_blocks_in(found.table, range)).sum()
        };
        let bound = ahead + levels.iter().map(of_level).sum::<u64>();
        holds("scan-reads-a-block-once", own <= bound)
            .show(|| (format!("{bound} or fewer"), own))
            .or("a scan reads more blocks than overlap its range")
    }

    /// The number of value blocks of a table that overlap a range. If the table was not audited
    /// yet, the number of all of its value blocks.
    fn value_blocks_in(&self, table: &TableInfo<R::Key>, range: KeyRange<R::Key>) -> u64 {
        self.tables.value_blocks_in(table, range).unwrap_or_else(|| {
            let room = self.store.tree().layout().block_value_count_max();
            u64::from({ table.value_count }.div_ceil(room))
        })
    }

    /// Checks the number of blocks in use at the end of a bar.
    pub(super) fn check_blocks_in_use(&self) -> Checked {
        let Some(InUse { blocks, written }) = self.in_use else { return Ok(()) };
        let acquired = self.store.grid().free_set().acquired_count();
        // The open block of the log has an address, but is written later.
        let open_log = u64::from(self.store.manifest_log().open_entry_count() > 0);
        let bound = blocks + self.blocks_written() - written + open_log;
        holds("released-blocks-come-back", acquired <= bound)
            .show(|| (format!("{bound} blocks or fewer"), acquired))
            .or("more blocks are in use than those of the last checkpoint and the new ones")
    }

    /// Notes that `used` blocks belong to a checkpoint, besides the ballast and the blocks of the
    /// encoded free set.
    pub(super) fn checkpoint_uses(&mut self, used: u64) {
        let trailers = self.store.grid().trailer_blocks().len() as u64;
        let blocks = used + self.ballast + trailers;
        self.in_use = Some(InUse { blocks, written: self.blocks_written() });
    }

    /// Notes that the store was opened. The blocks that its checkpoint released stay in use until
    /// the bar after the checkpoint was repeated.
    pub(super) fn opening_uses(&mut self) {
        let acquired = self.store.grid().free_set().acquired_count();
        if let Some(in_use) = &mut self.in_use {
            in_use.blocks = acquired;
        }
    }

    /// Checks that the memtables, the cache and the queue of writes have no more records and blocks
    /// than the options allow.
    #[inline]
    pub(super) fn check_memory(&self) -> Checked {
        let (options, tree) = (self.store.options(), self.store.tree());
        let records = options.tree.value_count_max();
        let most = tree.mutable().len().max(tree.immutable().len());
        holds("memory-is-bounded", most <= records)
            .show(|| (format!("{records} records or fewer"), most))
            .or("a memtable has more records than a bar may write")?;
        let blocks = options.cache.sets as usize * options.cache.ways.count();
        let cached = self.store.grid().cached_blocks();
        holds("memory-is-bounded", cached <= blocks)
            .show(|| (format!("{blocks} blocks or fewer"), cached))
            .or("the cache has more blocks than its options allow")?;
        self.faults.check_queue(self.store.grid())
    }

    /// The number of blocks that the store has written or begun to write since its opening.
    pub(super) fn blocks_written(&self) -> u64 {
        let grid = self.store.grid();
        grid.statistics().written + grid.pending_writes() as u64
    }
}
