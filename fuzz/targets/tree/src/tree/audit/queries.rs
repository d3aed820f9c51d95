//! What audits know of the tables and of their blocks.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{KeyRange, TableInfo, Visibility};
use downbeat_lsm::record::Key as CoreKey;

use super::super::tested::Tested;
use super::{Audited, AuditedTables, content};
use downbeat::records::Versioned;
use downbeat_model::format::Element;
use downbeat_storage_targets::book::{self, core_key};

impl<K: CoreKey> AuditedTables<K> {
    /// The keys that the block at this address may have: those of a table if it is its index, or
    /// those that an index says of it; `None` if no table was read that has the block.
    pub(in crate::tree) fn keys_of_block(&self, address: u64) -> Option<KeyRange<K>> {
        if let Some(Audited { table, .. }) = self.tables.get(&address) {
            return Some(KeyRange::new(core_key(table.key_min), core_key(table.key_max)));
        }
        let mut values = self.tables.values().flat_map(|audited| &audited.values);
        let element = values.find(|element| element.reference.address == address)?;
        Some(KeyRange::new(core_key(element.key_min), core_key(element.key_max)))
    }

    /// The keys of the table that has the block at this address; `None` if no table was read that
    /// has it.
    pub(in crate::tree) fn table_of_block(&self, address: u64) -> Option<KeyRange<K>> {
        let has = |it: &Element| it.reference.address == address;
        let mut tables = self.tables.iter();
        let (_, found) =
            tables.find(|(index, it)| **index == address || it.values.iter().any(has))?;
        Some(KeyRange::new(core_key(found.table.key_min), core_key(found.table.key_max)))
    }

    /// The keys that each block of the tables may have.
    pub(in crate::tree) fn keys_of_blocks(&self) -> impl Iterator<Item = KeyRange<K>> + '_ {
        let range = |min, max| KeyRange::new(core_key(min), core_key(max));
        self.tables.values().flat_map(move |Audited { table, values, .. }| {
            let values = values.iter().map(move |it| range(it.key_min, it.key_max));
            std::iter::once(range(table.key_min, table.key_max)).chain(values)
        })
    }

    /// The number of value blocks of a table that overlap a range; `None` if the table was not
    /// read.
    pub(in crate::tree) fn value_blocks_in(
        &self,
        table: &TableInfo<K>,
        range: KeyRange<K>,
    ) -> Option<u64> {
        let audited = self.tables.get(&{ table.address });
        let audited = audited.filter(|it| it.content == content(table))?;
        let (min, max) = (book::key(range.min), book::key(range.max));
        let overlaps = |it: &&Element| it.key_min <= max && min <= it.key_max;
        Some(audited.values.iter().filter(overlaps).count() as u64)
    }
}

impl<R: Versioned> Tested<R> {
    /// Whether all tables of the manifest were read.
    pub(in crate::tree) fn all_tables_are_audited(&self) -> bool {
        let levels = self.store.tree().manifest().levels();
        let mut tables = levels
            .iter()
            .flat_map(|level| level.tables(Visibility::Any, Direction::Ascending, None));
        tables.all(|found| {
            let audited = self.tables.tables.get(&{ found.table.address });
            audited.is_some_and(|audited| audited.content == content(found.table))
        })
    }

    /// The range from the smallest to the largest key of the tables that the log has.
    pub(in crate::tree) fn range_of_log(&self) -> Option<KeyRange<R::Key>> {
        let tables = self.log_book.tables();
        let min = tables.iter().map(|(_, table)| table.key_min).min()?;
        let max = tables.iter().map(|(_, table)| table.key_max).max()?;
        Some(KeyRange { min: core_key(min), max: core_key(max) })
    }
}
