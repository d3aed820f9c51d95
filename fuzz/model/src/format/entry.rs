//! Reads an entry of the manifest log.

use super::block::Reference;
use super::bytes::{Key, key, number};
use super::sizes::{ENTRY, Sizes};
use super::wrong::Fault;

/// The last snapshot of a table that is not replaced.
const NOT_REPLACED: u64 = u64::MAX;

/// What an entry says about its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The table is new.
    Insert,
    /// The table moved to this level, or was replaced.
    Update,
    /// The table is gone.
    Remove,
}

/// A table, as an entry describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its level.
    pub level: u8,
    /// Its smallest key.
    pub key_min: Key,
    /// Its largest key.
    pub key_max: Key,
    /// Its index block.
    pub index: Reference,
    /// The first snapshot that sees the table.
    pub snapshot: u64,
    /// Its number of records.
    pub records: u64,
}

/// An entry of the manifest log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the entry says about the table.
    pub event: Event,
    /// The table.
    pub table: Table,
    /// The number of the tree.
    pub tree: u16,
    /// The last snapshot that sees the table.
    last: u64,
}

impl Entry {
    /// Reads an entry from its [`ENTRY`] bytes.
    ///
    /// # Errors
    ///
    /// If the entry is malformed.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let table = Table {
            level: bytes[110] & 63,
            key_min: key(bytes, 0, 32),
            key_max: key(bytes, 32, 32),
            index: Reference::at(bytes, 64, 80),
            snapshot: number(bytes, 88, 8),
            records: number(bytes, 104, 4),
        };
        let (tree, last) = (number(bytes, 108, 2) as u16, number(bytes, 96, 8));
        let event = match bytes[110] >> 6 {
            1 => Event::Insert,
            2 => Event::Update,
            3 => Event::Remove,
            _ => return Err(Fault::Entry),
        };
        let malformed = bytes.len() != ENTRY
            || bytes[111] != 0
            || tree == 0
            || table.index.address == 0
            || table.records == 0
            || table.snapshot == 0
            || table.key_min > table.key_max
            || table.snapshot > last
            || table.snapshot >= u64::MAX - 1
            || last == u64::MAX - 1;
        if malformed { Err(Fault::Entry) } else { Ok(Self { event, table, tree, last }) }
    }

    /// Checks that a store of these sizes has the entry's tree, level and address.
    ///
    /// # Errors
    ///
    /// If it does not have them.
    pub fn check_place(&self, sizes: &Sizes) -> Result<(), Fault> {
        let is_known = self.tree == sizes.tree
            && u32::from(self.table.level) < sizes.levels
            && sizes.has_block(self.table.index.address);
        if is_known { Ok(()) } else { Err(Fault::EntryUnknown) }
    }

    /// Checks the newest entry of a live table.
    ///
    /// # Errors
    ///
    /// If a key or the number of records is too large, or the table is replaced.
    pub fn check_live(&self, sizes: &Sizes) -> Result<(), Fault> {
        let is_too_wide = |(high, low): Key| match sizes.key {
            8 => high != 0 || low >> 64 != 0,
            16 => high != 0,
            _ => false,
        };
        // The smallest key is not above the largest.
        if is_too_wide(self.table.key_max) {
            return Err(Fault::KeyTooWide);
        }
        if self.table.records > (sizes.values_max() * sizes.records_of_block()) as u64 {
            return Err(Fault::TableTooLarge);
        }
        if self.last != NOT_REPLACED { Err(Fault::TableReplaced) } else { Ok(()) }
    }
}
