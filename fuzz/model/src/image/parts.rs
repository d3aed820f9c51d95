//! The structures of an image, and where they are.
//!
//! The structures are found once, in an image that opens. A forgery does not move them, unless it
//! says so.

use super::bytes::{key, number};
use super::opening::Table;
use super::reading::Reading;
use super::sizes::{ENTRY, HEADER, Sizes};

/// A live table.
#[derive(Clone, Debug)]
pub struct TableParts {
    /// The offset of its newest entry in the image.
    pub entry: usize,
    /// The address of its index block.
    pub index: u64,
    /// The addresses of its value blocks.
    pub values: Vec<u64>,
}

/// The structures of an image.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The blocks of the acquired and of the released set, the first one first.
    pub sets: [Vec<u64>; 2],
    /// The blocks of the manifest log, the oldest first.
    pub log: Vec<u64>,
    /// The live tables, level by level. Within a level by their keys.
    pub tables: Vec<TableParts>,
}

impl Parts {
    /// The structures of an image that opens.
    #[must_use]
    pub fn new(reading: &Reading, sizes: &Sizes) -> Self {
        let tables = reading.runs.iter().map(|run| {
            let Table { entry, index, .. } = run.table;
            let values = run.values.iter().flatten().map(|values| values.reference.address);
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

    /// All value blocks.
    #[must_use]
    pub fn values(&self) -> Vec<u64> {
        self.tables.iter().flat_map(|table| table.values.iter().copied()).collect()
    }

    /// All blocks, of every kind.
    #[must_use]
    pub fn blocks(&self) -> Vec<u64> {
        let indexes = self.tables.iter().map(|table| table.index);
        let chains = self.sets.concat().into_iter().chain(self.log.iter().copied());
        let mut blocks: Vec<u64> = chains.chain(indexes).chain(self.values()).collect();
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }

    /// The lowest block that is none of these, and above all of them.
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

    /// The number of records of a value block, according to its header, and at least 1.
    #[must_use]
    pub fn records(image: &[u8], sizes: &Sizes, block: u64) -> usize {
        let count = number(image, sizes.block_at(block) + 44, 4) as usize;
        count.clamp(1, sizes.records_of_block())
    }

    /// The index of the table of this level that is above `key`, if the image has such a table.
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
