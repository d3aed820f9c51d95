//! A file whose fields can be changed, and whose checksums can be made valid again.
//!
//! - The places of the fields are those of `FORMAT.md`.
//! - The structures are found once, in the valid file. A change does not move them.

use std::ops::Range;

use downbeat_lsm::block::checksum;
use downbeat_lsm::manifest_log::LOG_ENTRY_SIZE;
use downbeat_lsm::record::{Key, Usage};
use downbeat_lsm::storage::{Layout, MemoryStorage};
use downbeat_lsm::store::{Store, StoreOptions};

use crate::random::Random;
use crate::records::Numbered;

const HEADER: usize = 64;

/// A file, and the places of its structures.
#[derive(Clone)]
pub(super) struct Image {
    pub(super) bytes: Vec<u8>,
    pub(super) options: StoreOptions,
    layout: Layout,
    /// The bytes of a key and of a record.
    key: usize,
    record: usize,
    /// The blocks of the acquired and of the released set, the first one first.
    pub(super) sets: [Vec<u64>; 2],
    /// The blocks of the manifest log, the oldest first.
    pub(super) log: Vec<u64>,
    /// The live tables, the newest entry first.
    pub(super) tables: Vec<Table>,
}

/// A live table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The offset of its newest entry in the file.
    pub(super) entry: usize,
    pub(super) level: u8,
    pub(super) index: u64,
    pub(super) values: Vec<u64>,
}

/// A group of fields of the same structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Superblock,
    SetHeader,
    Set,
    LogHeader,
    Entry,
    IndexHeader,
    Index,
    ValuesHeader,
    Values,
}

impl Group {
    pub(super) const ALL: [Self; 9] = [
        Self::Superblock,
        Self::SetHeader,
        Self::Set,
        Self::LogHeader,
        Self::Entry,
        Self::IndexHeader,
        Self::Index,
        Self::ValuesHeader,
        Self::Values,
    ];
}

/// The offsets and sizes of the fields of a superblock, without its checksum and its number.
const SUPERBLOCK: [(usize, usize); 20] = [
    (32, 2),
    (34, 2),
    (36, 4),
    (40, 4),
    (44, 4),
    (48, 8),
    (56, 8),
    (64, 8),
    (72, 8),
    (80, 8),
    (112, 8),
    (120, 8),
    (144, 8),
    (152, 8),
    (176, 8),
    (200, 8),
    (208, 4),
    (208, 2),
    (212, 4),
    (508, 4),
];
/// The fields of a block header, without the checksum. The metadata is cut into numbers.
const BLOCK: [(usize, usize); 12] = [
    (16, 8),
    (24, 8),
    (32, 4),
    (36, 1),
    (37, 1),
    (38, 2),
    (40, 4),
    (44, 4),
    (48, 4),
    (52, 4),
    (56, 8),
    (56, 4),
];
/// The fields of an entry, without the checksum. The keys are cut into numbers.
const ENTRY: [(usize, usize); 12] = [
    (0, 8),
    (8, 8),
    (32, 8),
    (40, 8),
    (80, 8),
    (88, 8),
    (96, 8),
    (104, 4),
    (108, 2),
    (110, 1),
    (111, 1),
    (80, 8),
];

impl Image {
    /// A valid file with some history.
    pub(super) fn new<R: Numbered>(options: &StoreOptions, random: &mut Random) -> Self {
        let layout = Layout::new(options.layout).expect("the sizes are valid");
        let device = MemoryStorage::new(layout.size() as usize, layout.sector_size());
        let mut store = Store::<R, _>::format(device, options, 1).expect("a sound device");
        let keys = 20 + random.below(140);
        for stamp in 0..100 + random.below(300) {
            let number = random.below(keys);
            let removes = match R::USAGE {
                Usage::General => random.below(4) == 0,
                Usage::SecondaryIndex => {
                    store.get(R::key_of(number)).expect("a sound device").is_some()
                }
            };
            if removes {
                store.remove(R::key_of(number)).expect("a sound device");
            } else {
                store.put(&R::put(number, stamp)).expect("a sound device");
            }
        }
        store.checkpoint().expect("a sound device");
        let bytes = store.into_storage().bytes().to_vec();
        let mut image = Self {
            bytes,
            options: *options,
            layout,
            key: R::Key::SIZE,
            record: size_of::<R>(),
            sets: [Vec::new(), Vec::new()],
            log: Vec::new(),
            tables: Vec::new(),
        };
        image.find();
        image
    }

    /// Finds the structures of a valid file.
    fn find(&mut self) {
        for (set, offset) in [112, 144].into_iter().enumerate() {
            self.sets[set] = self.chain(self.number(offset, 8), u64::MAX);
        }
        self.log = self.chain(self.number(200, 8), self.number(208, 4));
        let mut known = Vec::new();
        for block in self.log.iter().rev() {
            let entries = self.body(*block).step_by(LOG_ENTRY_SIZE).collect::<Vec<_>>();
            for entry in entries.into_iter().rev() {
                let (index, label) = (self.number(entry + 80, 8), self.number(entry + 110, 1));
                if known.contains(&index) {
                    continue;
                }
                known.push(index);
                if label >> 6 != 3 {
                    let values = (0..self.value_blocks(index))
                        .map(|number| self.number(self.index_address(index, number), 8));
                    let (level, values) = (label as u8 & 63, values.collect());
                    self.tables.push(Table { entry, level, index, values });
                }
            }
        }
    }

    /// The blocks of a chain, the first one first.
    fn chain(&self, last: u64, count: u64) -> Vec<u64> {
        let mut chain = Vec::new();
        let mut next = last;
        while next != 0 && (chain.len() as u64) < count {
            chain.push(next);
            next = self.number(self.block(next) + 56, 8);
        }
        chain.reverse();
        chain
    }

    /// The offset of a block.
    pub(super) fn block(&self, address: u64) -> usize {
        self.layout.block(address).offset as usize
    }

    /// The used body of a block, as a range of offsets in the file.
    fn body(&self, address: u64) -> Range<usize> {
        let block = self.block(address);
        let size = self.number(block + 32, 4) as usize;
        block + HEADER..block + size.clamp(HEADER, self.layout.block_size())
    }

    pub(super) fn number(&self, offset: usize, size: usize) -> u64 {
        let bytes = &self.bytes[offset..offset + size];
        bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    pub(super) fn set(&mut self, offset: usize, size: usize, number: u64) {
        self.bytes[offset..offset + size].copy_from_slice(&number.to_le_bytes()[..size]);
    }

    pub(super) fn copy(&mut self, from: usize, to: usize, size: usize) {
        self.bytes.copy_within(from..from + size, to);
    }

    fn value_blocks_max(&self, index: u64) -> usize {
        let room = (self.layout.block_size() - HEADER) / (24 + 2 * self.key);
        (self.number(self.block(index) + 44, 4) as usize).min(room)
    }

    fn value_blocks(&self, index: u64) -> usize {
        let count = self.number(self.block(index) + 40, 4) as usize;
        count.min(self.value_blocks_max(index))
    }

    fn index_key_min(&self, index: u64, number: usize) -> usize {
        self.block(index) + HEADER + 16 * self.value_blocks_max(index) + self.key * number
    }

    fn index_key_max(&self, index: u64, number: usize) -> usize {
        self.index_key_min(index, self.value_blocks_max(index) + number)
    }

    /// The offset of the address of a value block in an index.
    pub(super) fn index_address(&self, index: u64, number: usize) -> usize {
        self.index_key_max(index, self.value_blocks_max(index)) + 8 * number
    }

    /// All fields of a group.
    pub(super) fn fields(&self, group: Group) -> Vec<(usize, usize)> {
        let headers = |blocks: Vec<u64>| {
            let at = |address| BLOCK.map(|(offset, size)| (self.block(address) + offset, size));
            blocks.into_iter().flat_map(at).collect()
        };
        let bodies = |blocks: Vec<u64>| {
            let numbers = |address| self.body(address).step_by(8).map(|offset| (offset, 8));
            blocks.into_iter().flat_map(numbers).collect()
        };
        let indexes = || self.tables.iter().map(|table| table.index).collect();
        let values = || self.tables.iter().flat_map(|table| table.values.clone()).collect();
        match group {
            Group::Superblock => SUPERBLOCK.to_vec(),
            Group::SetHeader => headers(self.sets.concat()),
            Group::Set => bodies(self.sets.concat()),
            Group::LogHeader => headers(self.log.clone()),
            Group::Entry => {
                let places = |block: &u64| self.body(*block).step_by(LOG_ENTRY_SIZE);
                let at = |entry| ENTRY.map(|(offset, size)| (entry + offset, size));
                self.log.iter().flat_map(places).flat_map(at).collect()
            }
            Group::IndexHeader => headers(indexes()),
            Group::Index => bodies(indexes()),
            Group::ValuesHeader => headers(values()),
            Group::Values => bodies(values()),
        }
    }

    /// All blocks that the file uses.
    pub(super) fn blocks(&self) -> Vec<u64> {
        let tables = self.tables.iter();
        let tables = tables.flat_map(|table| table.values.iter().copied().chain([table.index]));
        self.sets.concat().into_iter().chain(self.log.clone()).chain(tables).collect()
    }

    /// Gives the table `other` the keys and the value blocks of `one`. Each of the two tables has
    /// its own index.
    pub(super) fn alias(&mut self, one: &Table, other: &Table) {
        let (from, to) = (self.block(one.index), self.block(other.index));
        // Everything but the checksum and the address.
        self.copy(from + 24, to + 24, self.layout.block_size() - 24);
        // Everything but the reference and the label.
        self.copy(one.entry, other.entry, 64);
        self.copy(one.entry + 88, other.entry + 88, 22);
    }

    /// Makes all blocks free, except those of the log and the indexes.
    pub(super) fn free_all_but_indexes(&mut self) {
        let indexes = self.tables.iter().map(|table| table.index);
        let used: Vec<u64> = self.log.iter().copied().chain(indexes).collect();
        self.set_acquired(&used);
    }

    /// Replaces the acquired set by a set of exactly these blocks, without those of the encoded
    /// sets, and makes the released set empty. The acquired set is encoded in one block, with
    /// literals only.
    pub(super) fn set_acquired(&mut self, used: &[u64]) {
        let used: Vec<u64> =
            used.iter().copied().filter(|block| !self.sets.concat().contains(block)).collect();
        let last = used.iter().max().copied().unwrap_or_default();
        let mut words = vec![0; last.div_ceil(64) as usize];
        for address in &used {
            words[(address - 1) as usize / 64] |= 1 << ((address - 1) % 64);
        }
        assert!(words.iter().all(|word| ![0, u64::MAX].contains(word)), "all words are literals");
        let size = 8 * (1 + words.len());
        let block = self.block(self.sets[0][0]);
        self.set(block + 32, 4, (HEADER + size) as u64);
        self.set(block + HEADER, 8, (words.len() as u64) << 32);
        for (number, word) in words.iter().enumerate() {
            self.set(block + HEADER + 8 + 8 * number, 8, *word);
        }
        self.set(block + 56, 8, 0);
        self.bytes[block + 40..block + 56].fill(0);
        for (offset, number) in [(112, self.sets[0][0]), (120, size as u64), (144, 0), (152, 0)] {
            self.set(offset, 8, number);
        }
        self.bytes[128..144].fill(0);
    }

    /// Makes the keys of the indexes and of the entries equal to those of the records.
    pub(super) fn adapt_keys(&mut self) {
        for Table { entry, index, values, .. } in self.tables.clone() {
            for (number, block) in values.iter().enumerate().take(self.value_blocks(index)) {
                let body = self.body(*block);
                let last =
                    body.start + (body.len() / self.record).max(1) * self.record - self.record;
                self.copy(body.start, self.index_key_min(index, number), self.key);
                self.copy(last, self.index_key_max(index, number), self.key);
            }
            let last = self.value_blocks(index).max(1) - 1;
            self.copy(self.index_key_min(index, 0), entry, self.key);
            self.copy(self.index_key_max(index, last), entry + 32, self.key);
        }
    }

    /// Makes all checksums valid, from the value blocks up to the superblock. A reference gets the
    /// checksum of the block at its address.
    pub(super) fn seal(&mut self) {
        let tables = self.tables.clone();
        for block in tables.iter().flat_map(|table| &table.values) {
            self.seal_block(*block);
        }
        for Table { index, .. } in &tables {
            for number in 0..self.value_blocks_max(*index) {
                let address = self.index_address(*index, number);
                self.refer(address, self.block(*index) + HEADER + 16 * number);
            }
            self.seal_block(*index);
        }
        for Table { entry, .. } in &tables {
            self.refer(entry + 80, entry + 64);
        }
        for chain in [self.sets[0].clone(), self.sets[1].clone(), self.log.clone()] {
            for block in chain {
                self.refer(self.block(block) + 56, self.block(block) + 40);
                self.seal_block(block);
            }
        }
        for offset in [112, 144, 176, 200] {
            self.refer(offset, offset - 16);
        }
        let sum = checksum(&self.bytes[32..Layout::SUPERBLOCK_SIZE]);
        self.bytes[..16].copy_from_slice(&sum.to_le_bytes());
        for copy in 1..self.layout.superblock_copies() {
            let offset = self.layout.superblock_copy(copy).offset as usize;
            self.copy(0, offset, Layout::SUPERBLOCK_SIZE);
            self.set(offset + 16, 2, copy as u64);
        }
    }

    fn seal_block(&mut self, address: u64) {
        let block = self.block(address);
        let sum = checksum(&self.bytes[block + 16..self.body(address).end]);
        self.bytes[block..block + 16].copy_from_slice(&sum.to_le_bytes());
    }

    /// Copies the checksum of the block whose address is at `address`.
    fn refer(&mut self, address: usize, checksum: usize) {
        let address = self.number(address, 8);
        if (1..=self.layout.block_count()).contains(&address) {
            self.copy(self.block(address), checksum, 16);
        }
    }
}
