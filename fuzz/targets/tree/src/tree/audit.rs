//! Checks a store's disk, block by block. Everything is read from the bytes on the disk, according
//! to the documentation of the file format, and compared with what the core has in memory.
//!
//! | when | what is compared |
//! |---|---|
//! | at the end of a bar | new tables, if all of their blocks are written |
//! | at a checkpoint | also the other tables, the superblock, the log and the blocks in use |
//! | after the store was opened | all of this, the records of all tables, and their key range |
//!
//! - Bytes are read as if no sector were damaged: a write that the disk loses counts as done. Only
//!   the blocks that a crash lost although their flush had been reported may be wrong.
//! - These reads are not I/Os of the disk, so an audit does not change what the store does.

use std::collections::BTreeMap;

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::collections::Direction;
use downbeat_lsm::grid::free_set::BlockState;
use downbeat_lsm::grid::{BlockHandle, Caching, GridError, ReadOutcome};
use downbeat_lsm::manifest::{KeyRange, TableInfo, Visibility};
use downbeat_lsm::manifest_log::LOG_LEVEL_COUNT_MAX;
use downbeat_lsm::record::Key as CoreKey;

use super::events::Event;
use super::reads::record_of;
use super::states;
use super::tested::Tested;
use downbeat::check::{fail, holds};
use downbeat::disk::Unit;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::format::bytes::Key;
use downbeat_model::format::{At, Element, Fault, Reference, Table, Wrong, index, values};
use downbeat_storage_targets::book::{self, core_key, core_reference};

/// The maximum number of levels of a tree.
const LEVELS_MAX: usize = LOG_LEVEL_COUNT_MAX as usize;

/// Tables that were read as a whole, by the address of their index.
#[derive(Debug)]
pub(super) struct AuditedTables<K: Copy> {
    tables: BTreeMap<u64, Audited<K>>,
    /// The number of the latest audit.
    number: u64,
    /// A buffer for the blocks in use.
    used: Vec<u64>,
    /// The latest audit that read all tables.
    complete: Option<Complete>,
    /// The blocks of the tables of the last checkpoint.
    checkpoint: Vec<BlockReference>,
    /// The records of all tables, while the tables of an opened store are read.
    records: Option<Records>,
}

/// A table that was read as a whole.
#[derive(Debug)]
struct Audited<K: Copy> {
    /// The identity of the table, whatever its level.
    content: Content<K>,
    level: usize,
    values: Vec<Element>,
    /// The table as the log describes it, at the level at which it was read.
    table: Table,
    tombstones: u64,
    /// The number of the audit that found the table first at its level.
    placed: u64,
    /// The number of the latest audit that found the table.
    number: u64,
}

/// An audit that read all tables.
#[derive(Clone, Copy, Debug)]
struct Complete {
    /// Its number.
    number: u64,
    /// How many bars had ended.
    bars: u64,
    /// The number of tombstones in the last level.
    tombstones: u64,
    /// The number of tables that had moved into the last level.
    moves: u64,
}

/// What identifies a table: the address and the checksum of its index block, its smallest and its
/// largest key, its snapshot, and the number of its records.
type Content<K> = (u64, u128, K, K, u64, u32);

/// Records of tables.
#[derive(Debug, Default)]
struct Records {
    /// The key of each record, the level of its table, whether it is a tombstone, and the offset of
    /// its bytes.
    all: Vec<(Key, usize, bool, usize)>,
    bytes: Vec<u8>,
}

fn content<K: CoreKey>(table: &TableInfo<K>) -> Content<K> {
    let TableInfo { key_min, key_max, checksum, address, snapshot_min, value_count, .. } = *table;
    (address, checksum, key_min, key_max, snapshot_min, value_count)
}

impl<K: Copy> Default for AuditedTables<K> {
    fn default() -> Self {
        Self {
            tables: BTreeMap::new(),
            number: 0,
            used: Vec::new(),
            complete: None,
            checkpoint: Vec::new(),
            records: None,
        }
    }
}

impl<K: Copy> AuditedTables<K> {
    /// Forgets all tables, so that the next audit reads each table again.
    pub(super) fn clear(&mut self) {
        self.tables.clear();
        self.checkpoint.clear();
        self.complete = None;
    }
}

impl<K: CoreKey> AuditedTables<K> {
    /// The keys that the block at this address may have: those of a table if it is its index, or
    /// those that an index says of it; `None` if no table was read that has the block.
    pub(super) fn keys_of_block(&self, address: u64) -> Option<KeyRange<K>> {
        if let Some(Audited { table, .. }) = self.tables.get(&address) {
            return Some(KeyRange::new(core_key(table.key_min), core_key(table.key_max)));
        }
        let mut values = self.tables.values().flat_map(|audited| &audited.values);
        let element = values.find(|element| element.reference.address == address)?;
        Some(KeyRange::new(core_key(element.key_min), core_key(element.key_max)))
    }

    /// The keys of the table that has the block at this address; `None` if no table was read that
    /// has it.
    pub(super) fn table_of_block(&self, address: u64) -> Option<KeyRange<K>> {
        let has = |it: &Element| it.reference.address == address;
        let mut tables = self.tables.iter();
        let (_, found) =
            tables.find(|(index, it)| **index == address || it.values.iter().any(has))?;
        Some(KeyRange::new(core_key(found.table.key_min), core_key(found.table.key_max)))
    }

    /// The keys that each block of the tables may have.
    pub(super) fn keys_of_blocks(&self) -> impl Iterator<Item = KeyRange<K>> + '_ {
        let range = |min, max| KeyRange::new(core_key(min), core_key(max));
        self.tables.values().flat_map(move |Audited { table, values, .. }| {
            let values = values.iter().map(move |it| range(it.key_min, it.key_max));
            std::iter::once(range(table.key_min, table.key_max)).chain(values)
        })
    }

    /// The number of value blocks of a table that overlap a range; `None` if the table was not
    /// read.
    pub(super) fn value_blocks_in(&self, table: &TableInfo<K>, range: KeyRange<K>) -> Option<u64> {
        let audited = self.tables.get(&{ table.address });
        let audited = audited.filter(|it| it.content == content(table))?;
        let (min, max) = (book::key(range.min), book::key(range.max));
        let overlaps = |it: &&Element| it.key_min <= max && min <= it.key_max;
        Some(audited.values.iter().filter(overlaps).count() as u64)
    }
}

impl<R: Versioned> Tested<R> {
    /// Checks that the tables of each level are disjoint, and that new tables match their entries
    /// in the manifest. Returns whether all tables were read. At a checkpoint, all tables must be
    /// on the disk.
    pub(super) fn audit_tables(&mut self, at_checkpoint: bool, run: &mut Run) -> Checked<bool> {
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

    /// Whether all tables of the manifest were read.
    pub(super) fn all_tables_are_audited(&self) -> bool {
        let levels = self.store.tree().manifest().levels();
        let mut tables = levels
            .iter()
            .flat_map(|level| level.tables(Visibility::Any, Direction::Ascending, None));
        tables.all(|found| {
            let audited = self.tables.tables.get(&{ found.table.address });
            audited.is_some_and(|audited| audited.content == content(found.table))
        })
    }

    /// Reads all tables of a store. Returns all their records, each with its level, the newest
    /// version of a key first; `None` if a crash lost blocks of tables.
    pub(super) fn read_all_versions(&mut self, run: &mut Run) -> Checked<Option<Vec<(usize, R)>>> {
        self.tables.clear();
        self.tables.records = Some(Records::default());
        let complete = self.audit_tables(true, run);
        let Records { mut all, bytes } = self.tables.records.take().unwrap_or_default();
        if !complete? {
            return Ok(None);
        }
        all.sort_unstable_by_key(|(key, level, ..)| (*key, *level));
        let record = |(_, level, _, at): (_, usize, _, usize)| {
            let record = R::read_from_bytes(&bytes[at..][..size_of::<R>()]);
            (level, record.expect("a record has as many bytes"))
        };
        Ok(Some(all.into_iter().map(record).collect()))
    }

    /// Checks a store that was just opened, and that its tables have the records of the model.
    pub(super) fn audit_opened(&mut self, run: &mut Run) -> Checked {
        self.tables.clear();
        self.tables.records = Some(Records::default());
        let complete = self.audit_tables(true, run);
        let records = self.tables.records.take().unwrap_or_default();
        let complete = complete?;
        self.audit_checkpoint(complete, run)?;
        if complete { self.compare_records(records) } else { Ok(()) }
    }

    /// Compares the newest records of all keys with the model.
    fn compare_records(&self, Records { mut all, bytes }: Records) -> Checked {
        // A level with a smaller number has newer records.
        all.sort_unstable_by_key(|(key, level, ..)| (*key, *level));
        all.dedup_by_key(|(key, ..)| *key);
        let newest = all.iter().filter(|(_, _, removed, _)| !removed);
        let mut newest = newest.map(|(_, _, _, at)| &bytes[*at..][..size_of::<R>()]);
        for (key, stamp) in self.model.range(0, u64::MAX) {
            let record: R = record_of(key, stamp);
            let got = newest.next();
            holds("tables-equal-model", got == Some(record.as_bytes()))
                .show(|| (record.text(), format!("the bytes {got:x?}")))
                .or("the tables of an opened store have another record than the model, or none")?;
        }
        let more = newest.next();
        holds("tables-equal-model", more.is_none())
            .show(|| ("no more records", format!("the bytes {more:x?}")))
            .or("the tables of an opened store have a record that the model does not have")
    }

    /// The range from the smallest to the largest key of the tables that the log has.
    pub(super) fn range_of_log(&self) -> Option<KeyRange<R::Key>> {
        let tables = self.log_book.tables();
        let min = tables.iter().map(|(_, table)| table.key_min).min()?;
        let max = tables.iter().map(|(_, table)| table.key_max).max()?;
        Some(KeyRange { min: core_key(min), max: core_key(max) })
    }

    /// Reads all tables of the last checkpoint with the core, after a beat failed. They must be
    /// readable: a failed write loses only blocks that belong to no checkpoint.
    pub(super) fn read_checkpoint(&mut self, run: &mut Run) -> Checked {
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

    /// Checks the store immediately after a checkpoint was acknowledged, or after the store was
    /// opened at it: that the store refers to every block in use exactly once, that the superblock
    /// is the core's, and that the log has the tables of the manifest. From then on, a write to a
    /// block of the checkpoint is a finding.
    ///
    /// `complete` says whether all tables of the checkpoint could be read. If not, a crash lost
    /// blocks of tables. More blocks may then be in use, because the value blocks of these tables
    /// are unknown.
    pub(super) fn audit_checkpoint(&mut self, complete: bool, run: &mut Run) -> Checked {
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
}
