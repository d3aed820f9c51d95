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

mod checkpoint;
mod queries;
mod records;
mod tables;

use std::collections::BTreeMap;

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::record::Key as CoreKey;

use downbeat_model::format::bytes::Key;
use downbeat_model::format::{Element, Table};

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
