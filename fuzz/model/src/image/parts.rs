//! The structures of an image, and where they are.
//!
//! The structures are found once, in a valid image. Only changes that add a table or a block of the
//! log update them.

use super::reading::Reading;
use crate::format::bytes::{key, number};
use crate::format::sizes::{ENTRY, HEADER, Sizes};

/// A live table.
#[derive(Clone, Debug)]
pub struct TableParts {
    /// The offset of the table's newest entry in the image.
    pub entry: usize,
    /// The address of its index block.
    pub index: u64,
    /// The addresses of its value blocks.
    pub values: Vec<u64>,
}

/// The structures of an image.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The blocks of the encoded acquired set and of the encoded released set, in the order of
    /// their chains.
    pub sets: [Vec<u64>; 2],
    /// The blocks of the manifest log, the oldest first.
    pub log: Vec<u64>,
    /// The live tables, ordered by level and within a level by key.
    pub tables: Vec<TableParts>,
}

impl Parts {
    /// The structures of a valid image.
    #[must_use]
    pub fn new(reading: &Reading, sizes: &Sizes) -> Self {
        let tables = reading.runs.iter().map(|run| {
            let (entry, index) = (run.entry, run.table.index);
            let values = run.values.iter().flatten().map(|values| values.element.reference.address);
            // A forged index may name blocks that do not exist.
            let values = values.take_while(|address| sizes.has_block(*address));
            TableParts { entry, index: index.address, values: values.collect() }
        });
        Parts {
            sets: reading.opening.sets.clone(),
            log: reading.opening.log.clone(),
            tables: tables.collect(),
        }
    }

    /// The value blocks of all tables.
    #[must_use]
    pub fn values(&self) -> Vec<u64> {
        self.tables.iter().flat_map(|table| table.values.iter().copied()).collect()
    }

    /// The blocks of all structures, in ascending order.
    #[must_use]
    pub fn blocks(&self) -> Vec<u64> {
        let indexes = self.tables.iter().map(|table| table.index);
        let chains = self.sets.concat().into_iter().chain(self.log.iter().copied());
        let mut blocks: Vec<u64> = chains.chain(indexes).chain(self.values()).collect();
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }

    /// The address after the highest block of the structures. The device may lack this block.
    #[must_use]
    pub fn spare(&self) -> u64 {
        self.blocks().last().map_or(1, |last| last + 1)
    }

    /// The offsets of all entries of the log, the oldest first.
    #[must_use]
    pub fn entries(&self, image: &[u8], sizes: &Sizes) -> Vec<usize> {
        let of_block = |block: &u64| {
            let begin = sizes.block_at(*block);
            let size = (number(image, begin + 32, 4) as usize).clamp(HEADER, sizes.block);
            (0..(size - HEADER) / ENTRY).map(move |place| begin + HEADER + place * ENTRY)
        };
        self.log.iter().flat_map(of_block).collect()
    }

    /// The number of records that the header of a value block states, clamped to a possible number.
    #[must_use]
    pub fn records(image: &[u8], sizes: &Sizes, block: u64) -> usize {
        let count = number(image, sizes.block_at(block) + 44, 4) as usize;
        count.clamp(1, sizes.records_of_block())
    }

    /// The index of the table that follows table number `table` in its level, if there is one.
    #[must_use]
    pub fn neighbour(&self, image: &[u8], sizes: &Sizes, table: usize) -> Option<usize> {
        let level = |table: &TableParts| image[table.entry + 110] & 63;
        let key_min = |table: &TableParts| key(image, table.entry, sizes.key);
        let own = &self.tables[table];
        let others = self
            .tables
            .iter()
            .enumerate()
            .filter(|(_, other)| level(other) == level(own) && key_min(other) > key_min(own));
        others.min_by_key(|(_, other)| key_min(other)).map(|(place, _)| place)
    }
}
