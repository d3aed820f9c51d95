//! Where the newest entry of each live table is in the log.
//!
//! ```text
//! index      hash table of positions, at most half full
//! extents    [ table, block, entry ] ...         dense; a remove moves the last into the gap
//! ```
//!
//! - Each live table has one extent.
//! - Only the constructor allocates.

use hashbrown::HashTable;

use std::hash::BuildHasher;

use crate::collections::AddressHash;

/// Where the newest entry of a live table is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableExtent {
    /// The address of the table's index block.
    pub table: u64,
    /// The address of the block of the log.
    pub block: u64,
    /// The number of the entry in the block, from 0.
    pub entry: u32,
}

/// Where the newest entry of each live table is in the log; see the [module](self).
#[derive(Debug)]
pub(super) struct Extents {
    capacity: usize,
    index: HashTable<u32>,
    extents: Vec<TableExtent>,
}

impl Extents {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            // An insert first reserves space for one more entry. While at least half of the
            // capacity is free, this does not allocate.
            index: HashTable::with_capacity((capacity + 1) * 2),
            extents: Vec::with_capacity(capacity),
        }
    }

    /// Forgets all tables. Clears one byte per slot of the index, unless there are no tables.
    pub(super) fn clear(&mut self) {
        self.index.clear();
        self.extents.clear();
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.extents.len()
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.extents.len() == self.capacity
    }

    /// All extents, in an order that depends only on the calls.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, TableExtent> {
        self.extents.iter()
    }

    fn position(&self, table: u64) -> Option<usize> {
        let is = |position: &u32| self.extents[*position as usize].table == table;
        self.index.find(hash(table), is).map(|position| *position as usize)
    }

    #[inline]
    pub(super) fn get(&self, table: u64) -> Option<&TableExtent> {
        self.position(table).map(|position| &self.extents[position])
    }

    /// Inserts the extent of a table, or replaces the extent that the table already has.
    pub(super) fn put(&mut self, extent: TableExtent) {
        if let Some(position) = self.position(extent.table) {
            self.extents[position] = extent;
            return;
        }
        assert!(
            !self.is_full(),
            "manifest_log: there must not be more tables than {}",
            self.capacity
        );
        let extents = &self.extents;
        self.index.insert_unique(hash(extent.table), extents.len() as u32, |position| {
            hash(extents[*position as usize].table)
        });
        self.extents.push(extent);
    }

    /// Removes the extent of a table. Returns whether it had one.
    pub(super) fn remove(&mut self, table: u64) -> bool {
        let Self { index, extents, .. } = self;
        let is = |position: &u32| extents[*position as usize].table == table;
        let Ok(found) = index.find_entry(hash(table), is) else { return false };
        let (position, _) = found.remove();
        extents.swap_remove(position as usize);
        if let Some(moved) = extents.get(position as usize) {
            let last = extents.len() as u32;
            let place = index.find_mut(hash(moved.table), |place| *place == last);
            *place.expect("manifest_log: the index must hold every extent") = position;
        }
        true
    }
}

#[inline]
fn hash(table: u64) -> u64 {
    AddressHash::new().hash_one(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_equal_an_ordered_map() {
        let mut extents = Extents::new(40);
        let mut map = std::collections::BTreeMap::new();
        for number in 0..4000_u64 {
            let table = number * number * number % 59;
            if number % 7 == 0 {
                assert_eq!(extents.remove(table), map.remove(&table).is_some());
            } else if map.len() < 40 || map.contains_key(&table) {
                let extent = TableExtent { table, block: number, entry: 1 };
                extents.put(extent);
                map.insert(table, extent);
            }
            assert_eq!(extents.len(), map.len());
            assert!((0..60).all(|table| extents.get(table) == map.get(&table)));
        }
        assert!(extents.iter().all(|extent| map.get(&extent.table) == Some(extent)));
        extents.clear();
        assert_eq!((extents.len(), extents.get(1)), (0, None));
    }
}
