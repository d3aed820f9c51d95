//! Changes of an image that know its structures. They leave checksums stale.
//!
//! A change returns `false` if the image lacks what it would change, for example a table.

use std::ops::Range;

use super::fields::{self, Field};
use super::parts::{Parts, TableParts};
use super::{Group, Value};
use crate::format::bytes::{key, number, record_key, set, set_key, set_record_key};
use crate::format::sizes::{ENTRY, HEADER, Sizes};
use crate::free_set::stream;
use downbeat_input::encoding::Place;

/// An image to change.
#[derive(Debug)]
pub struct Forge<'a> {
    /// The bytes of the device.
    pub image: &'a mut [u8],
    /// The sizes of the store.
    pub sizes: &'a Sizes,
    /// The structures of the image.
    pub parts: &'a mut Parts,
}

/// A new value of a field.
#[derive(Clone, Copy, Debug)]
pub struct New {
    /// The kind of value.
    pub value: Value,
    /// Which of the values of this kind.
    pub of: Place,
}

impl Forge<'_> {
    /// Changes a field of a copy of the superblock.
    pub fn superblock(&mut self, copy: usize, field: Place, new: New) -> bool {
        let fields = fields::SUPERBLOCK;
        let field = fields[field.of(fields.len() as u32) as usize];
        let bases: Vec<usize> = (0..self.sizes.copies).map(|copy| self.sizes.copy(copy)).collect();
        if field.0 + field.1 > self.sizes.copy_size() {
            return false;
        }
        self.change(bases[copy], field, &bases, new)
    }

    /// Changes a field of the header of a block.
    pub fn header(&mut self, group: Group, block: Place, field: Place, new: New) -> bool {
        let blocks = self.group(group);
        let Some(base) = pick(&blocks, block).map(|block| self.sizes.block_at(block)) else {
            return false;
        };
        let fields = fields::HEADERS[(group.get() as usize).saturating_sub(1)];
        let field = fields[field.of(fields.len() as u32) as usize];
        let bases: Vec<usize> = blocks.iter().map(|block| self.sizes.block_at(*block)).collect();
        self.change(base, field, &bases, new)
    }

    /// Changes a field of an entry of the log.
    pub fn entry(&mut self, entry: Place, field: Place, new: New) -> bool {
        let entries = self.parts.entries(self.image, self.sizes);
        let field = fields::ENTRY[field.of(fields::ENTRY.len() as u32) as usize];
        let Some(base) = pick(&entries, entry) else { return false };
        self.change(base, field, &entries, new)
    }

    /// Changes a field of an element of an index.
    pub fn index(&mut self, table: Place, element: Place, field: Place, new: New) -> bool {
        let Some(at) = place(&self.parts.tables, table) else { return false };
        let base = self.sizes.block_at(self.parts.tables[at].index);
        let count = self.sizes.values_max() as u32;
        let element = element.of(count) as usize;
        let words = self.sizes.key / 8;
        // The words of the two keys, of the address and of the checksum.
        let field = field.of(2 * words as u32 + 3) as usize;
        let (array, word) = match field {
            0 => (3, 0),
            1 => (1, 0),
            2 => (2, 0),
            3 => (0, 0),
            4 => (0, 1),
            other => (1 + (other - 5) / (words - 1), 1 + (other - 5) % (words - 1)),
        };
        let fields: Vec<usize> = (0..count as usize)
            .map(|element| base + self.sizes.index_element(array, element) + 8 * word)
            .collect();
        self.change(fields[element], (0, 8), &fields, new)
    }

    /// Changes a word of a record.
    pub fn record(&mut self, block: Place, record: Place, word: Place, new: New) -> bool {
        let blocks = self.parts.values();
        let Some(block) = pick(&blocks, block) else { return false };
        let base = self.sizes.block_at(block) + HEADER;
        let count = Parts::records(self.image, self.sizes, block);
        let records: Vec<usize> =
            (0..count).map(|record| base + record * self.sizes.record).collect();
        let word = word.of((self.sizes.record / 8) as u32) as usize;
        let Some(base) = pick(&records, record) else { return false };
        self.change(base, (8 * word, 8), &records, new)
    }

    /// Changes a word of an encoded set.
    pub fn set_word(&mut self, set: usize, word: Place, new: New) -> bool {
        let Some(block) = self.parts.sets[set].first() else { return false };
        let base = self.sizes.block_at(*block) + HEADER;
        let size = number(self.image, base - HEADER + 32, 4) as usize;
        let count = size.clamp(HEADER + 8, self.sizes.block) / 8 - HEADER / 8;
        let words: Vec<usize> = (0..count).map(|word| base + 8 * word).collect();
        let Some(base) = pick(&words, word) else { return false };
        self.change(base, (0, 8), &words, new)
    }

    /// Makes value blocks free, from this one on, until opening would refuse the image if one more
    /// were free.
    pub fn free_values(&mut self, block: Place) -> bool {
        let mut values = self.parts.values();
        values.sort_unstable();
        values.dedup();
        let Some(first) = place(&values, block) else { return false };
        let Some(released) = self.decode_set(1) else { return false };
        let needed = 2 * self.parts.tables.len() + self.parts.log.len();
        self.change_set(0, |acquired| {
            let in_use = acquired.iter().zip(&released).map(|(all, released)| all & !released);
            let in_use = in_use.map(u64::count_ones).sum::<u32>() as usize;
            let ring = values[first..].iter().chain(&values[..first]);
            for block in ring.take(in_use.saturating_sub(needed)) {
                acquired[(block - 1) as usize / 64] &= !(1 << ((block - 1) % 64));
            }
        })
    }

    /// Puts a block into a set, or takes it out, and encodes the set again.
    pub fn set_block(&mut self, set: usize, block: Place) -> bool {
        let mut blocks = self.parts.blocks();
        // A free block and the last block can be chosen, too.
        blocks.extend([self.parts.spare().min(self.sizes.blocks), self.sizes.blocks]);
        let Some(block) = pick(&blocks, block) else { return false };
        self.change_set(set, |words| words[(block - 1) as usize / 64] ^= 1 << ((block - 1) % 64))
    }

    /// Copies the bytes of a block over another.
    pub fn copy_block(&mut self, from: Place, to: Place) -> bool {
        let blocks = self.parts.blocks();
        let (Some(from), Some(to)) = (pick(&blocks, from), pick(&blocks, to)) else {
            return false;
        };
        let to = self.sizes.block_at(to);
        let from = self.span(from);
        self.image.copy_within(from, to);
        true
    }

    /// Exchanges the bytes of two blocks.
    pub fn swap_blocks(&mut self, one: Place, other: Place) -> bool {
        let blocks = self.parts.blocks();
        let (Some(one), Some(other)) = (pick(&blocks, one), pick(&blocks, other)) else {
            return false;
        };
        let (one, other) = (self.span(one), self.span(other));
        let kept = self.image[one.clone()].to_vec();
        self.image.copy_within(other.clone(), one.start);
        self.image[other].copy_from_slice(&kept);
        true
    }

    /// Changes bits of a byte of a block.
    pub fn flip(&mut self, block: Place, at: Place, mask: u8) -> bool {
        let Some(block) = pick(&self.parts.blocks(), block) else { return false };
        let span = self.span(block);
        self.image[span.start + at.of(self.sizes.block as u32) as usize] ^= mask;
        true
    }

    /// Changes bits of a byte of a copy of the superblock.
    pub fn flip_copy(&mut self, copy: usize, at: Place, mask: u8) -> bool {
        let at = at.of(self.sizes.copy_size() as u32) as usize;
        self.image[self.sizes.copy(copy) + at] ^= mask;
        true
    }

    /// Makes the bytes of a sector of a block zero.
    pub fn zero(&mut self, block: Place, sector: Place) -> bool {
        let Some(block) = pick(&self.parts.blocks(), block) else { return false };
        let count = self.sizes.block / self.sizes.sector;
        let at = sector.of(count as u32) as usize * self.sizes.sector;
        let begin = self.sizes.block_at(block) + at;
        self.image[begin..begin + self.sizes.sector].fill(0);
        true
    }

    /// Appends a block to the log. Its only entry is a copy of an existing one.
    pub fn append_entry(&mut self, entry: Place) -> bool {
        let entries = self.parts.entries(self.image, self.sizes);
        let Some(entry) = pick(&entries, entry) else { return false };
        let copy = self.image[entry..entry + ENTRY].to_vec();
        self.append(&copy).is_some()
    }

    /// Removes an entry from its block.
    pub fn drop_entry(&mut self, entry: Place) -> bool {
        let entries = self.parts.entries(self.image, self.sizes);
        let Some(entry) = pick(&entries, entry) else { return false };
        let grid = self.sizes.block_at(1);
        let begin = grid + (entry - grid) / self.sizes.block * self.sizes.block;
        let end = begin + (number(self.image, begin + 32, 4) as usize).min(self.sizes.block);
        self.image.copy_within(entry + ENTRY..end, entry);
        self.image[end - ENTRY..end].fill(0);
        set(self.image, begin + 32, 4, (end - ENTRY - begin) as u64);
        true
    }

    /// Exchanges two entries.
    pub fn swap_entries(&mut self, one: Place, other: Place) -> bool {
        let entries = self.parts.entries(self.image, self.sizes);
        let (Some(one), Some(other)) = (pick(&entries, one), pick(&entries, other)) else {
            return false;
        };
        let kept = self.image[one..one + ENTRY].to_vec();
        self.image.copy_within(other..other + ENTRY, one);
        self.image[other..other + ENTRY].copy_from_slice(&kept);
        true
    }

    /// Moves a table to another level.
    pub fn level(&mut self, table: Place, level: u8) -> bool {
        let Some(at) = place(&self.parts.tables, table) else { return false };
        let label = self.parts.tables[at].entry + 110;
        self.image[label] = self.image[label] & 0xc0 | level & 63;
        true
    }

    /// Makes table `other` use the value blocks of table `one`.
    pub fn share(&mut self, one: Place, other: Place) -> bool {
        let tables = &self.parts.tables;
        let (Some(one), Some(other)) = (place(tables, one), place(tables, other)) else {
            return false;
        };
        let [one, other] = [one, other].map(|table| self.parts.tables[table].clone());
        let (from, to) = (self.span(one.index), self.span(other.index));
        // The index block, except its checksum and its address.
        self.image.copy_within(from.start + 24..from.end, to.start + 24);
        // The entry, except its reference to the index and its label.
        self.image.copy_within(one.entry..one.entry + 64, other.entry);
        self.image.copy_within(one.entry + 88..one.entry + 110, other.entry + 88);
        true
    }

    /// Raises the largest key of a table to the smallest key of the next table of its level.
    pub fn stretch(&mut self, table: Place) -> bool {
        let Some(at) = place(&self.parts.tables, table) else { return false };
        let Some(next) = self.parts.neighbour(self.image, self.sizes, at) else { return false };
        let TableParts { values, .. } = self.parts.tables[at].clone();
        let Some(last) = values.last() else { return false };
        let key = key(self.image, self.parts.tables[next].entry, self.sizes.key);
        let record = Parts::records(self.image, self.sizes, *last) - 1;
        let to = self.sizes.block_at(*last) + HEADER + record * self.sizes.record;
        set_record_key(self.image, to, self.sizes.key, key);
        self.adapt_table(at);
        true
    }

    /// Adds a copy of a table to a level. The copy has new blocks, which are put into the acquired
    /// set, and a new entry.
    pub fn add_table(&mut self, table: Place, level: u8) -> bool {
        let Some(at) = place(&self.parts.tables, table) else { return false };
        let TableParts { entry, index, values } = self.parts.tables[at].clone();
        let first = self.parts.spare();
        let count = values.len() as u64 + 1;
        // The log needs one more block, for the entry.
        if !self.sizes.has_block(first + count) {
            return false;
        }
        for (number, block) in values.iter().chain([&index]).enumerate() {
            let to = first + number as u64;
            let (from, begin) = (self.span(*block), self.sizes.block_at(to));
            self.image.copy_within(from, begin);
            set(self.image, begin + 16, 8, to);
        }
        let index = first + count - 1;
        for number in 0..values.len() {
            let address = self.sizes.block_at(index) + self.sizes.index_element(3, number);
            set(self.image, address, 8, first + number as u64);
        }
        let mut copy = self.image[entry..entry + ENTRY].to_vec();
        set(&mut copy, 80, 8, index);
        // The event of the entry is an insert.
        copy[110] = 1 << 6 | level & 63;
        let values = (first..index).collect();
        self.parts.tables.push(TableParts { entry, index, values });
        let Some(entry) = self.append(&copy) else { return false };
        let added = self.parts.tables.len() - 1;
        self.parts.tables[added].entry = entry;
        self.acquire(first..index + 1);
        true
    }

    /// Sets the keys in all indexes and entries to those of the records.
    pub fn adapt(&mut self) -> bool {
        (0..self.parts.tables.len()).for_each(|table| self.adapt_table(table));
        !self.parts.tables.is_empty()
    }

    fn adapt_table(&mut self, table: usize) {
        let TableParts { entry, index, values } = self.parts.tables[table].clone();
        let (begin, size) = (self.sizes.block_at(index), self.sizes.key);
        let element = |array, number| begin + self.sizes.index_element(array, number);
        for (number, block) in values.iter().enumerate() {
            let first = self.sizes.block_at(*block) + HEADER;
            let records = Parts::records(self.image, self.sizes, *block);
            let last = first + (records - 1) * self.sizes.record;
            for (record, array) in [(first, 1), (last, 2)] {
                let key = record_key(self.image, record, size);
                set_key(self.image, element(array, number), size, key);
            }
        }
        if let Some(last) = values.len().checked_sub(1) {
            let (min, max) = (element(1, 0), element(2, last));
            self.image.copy_within(min..min + size, entry);
            self.image.copy_within(max..max + size, entry + 32);
        }
    }

    /// Appends a block with this entry to the log. Returns the offset of the entry, or `None` if
    /// the log has no blocks or no spare block is left.
    fn append(&mut self, entry: &[u8]) -> Option<usize> {
        let newest = *self.parts.log.last()?;
        let address = self.parts.spare();
        if !self.sizes.has_block(address) {
            return None;
        }
        let (from, span) = (self.span(newest).start, self.span(address));
        let begin = span.start;
        self.image[span].fill(0);
        // The kind, the version and the tree are those of the previous block.
        self.image.copy_within(from + 36..from + 40, begin + 36);
        self.image.copy_within(from..from + 24, begin + 40);
        set(self.image, begin + 56, 8, newest);
        set(self.image, begin + 16, 8, address);
        set(self.image, begin + 32, 4, (HEADER + ENTRY) as u64);
        self.image[begin + HEADER..begin + HEADER + ENTRY].copy_from_slice(entry);
        self.parts.log.push(address);
        for copy in 0..self.sizes.copies {
            let begin = self.sizes.copy(copy);
            set(self.image, begin + 200, 8, address);
            let blocks = number(self.image, begin + 208, 4).wrapping_add(1);
            set(self.image, begin + 208, 4, blocks);
        }
        self.acquire(address..address + 1);
        Some(begin + HEADER)
    }

    fn acquire(&mut self, blocks: Range<u64>) {
        self.change_set(0, |words| {
            for block in blocks.map(|address| (address - 1) as usize) {
                words[block / 64] |= 1 << (block % 64);
            }
        });
    }

    /// Changes the words of a set, and encodes the set again. Returns `false` and changes nothing
    /// if the set does not have exactly one block, cannot be decoded, becomes empty, or outgrows
    /// its block.
    fn change_set(&mut self, set_number: usize, change: impl FnOnce(&mut [u64])) -> bool {
        let &[block] = self.parts.sets[set_number].as_slice() else { return false };
        let begin = self.sizes.block_at(block);
        let Some(mut words) = self.decode_set(set_number) else { return false };
        change(&mut words);
        let member = |block: usize| words[block / 64] >> (block % 64) & 1 == 1;
        let code = stream::encode((0..self.sizes.blocks as usize).map(member));
        if code.is_empty() || 8 * code.len() > self.sizes.piece() {
            return false;
        }
        self.image[begin + HEADER..begin + self.sizes.block].fill(0);
        for (place, word) in code.iter().enumerate() {
            set(self.image, begin + HEADER + 8 * place, 8, *word);
        }
        set(self.image, begin + 32, 4, (HEADER + 8 * code.len()) as u64);
        for copy in 0..self.sizes.copies {
            let size = self.sizes.copy(copy) + 120 + 32 * set_number;
            set(self.image, size, 8, 8 * code.len() as u64);
        }
        true
    }

    /// The members of an encoded set, a bit for each block of the device. Returns `None` if the
    /// encoding is invalid, or has more than one block.
    fn decode_set(&self, set_number: usize) -> Option<Vec<u64>> {
        let mut code: Vec<u64> = Vec::new();
        match self.parts.sets[set_number].as_slice() {
            [] => {}
            &[block] => {
                let begin = self.sizes.block_at(block);
                let size = number(self.image, begin + 32, 4) as usize;
                let words = (HEADER..size.clamp(HEADER, self.sizes.block) / 8 * 8).step_by(8);
                code.extend(words.map(|offset| number(self.image, begin + offset, 8)));
            }
            _ => return None,
        }
        stream::decode(&code, self.sizes.blocks as usize)
    }

    /// Changes a field of the structure at offset `base`. `alike` contains the offsets of all
    /// structures that have this field.
    fn change(&mut self, base: usize, (offset, size): Field, alike: &[usize], new: New) -> bool {
        let old = number(self.image, base + offset, size);
        let New { value, of } = new;
        let own = |count: u32| u64::from(of.of(count));
        let value = match value.get() {
            0 => 0,
            1 => u64::MAX,
            2 => old.wrapping_add(1),
            3 => old.wrapping_sub(1),
            4 => old ^ 1 << own(8 * size as u32),
            5 => match pick(alike, of) {
                Some(other) => number(self.image, other + offset, size),
                None => old,
            },
            6 => pick(&self.parts.blocks(), of).unwrap_or(old),
            7 => own(1 << 12),
            8 => u64::MAX - own(1 << 12),
            9 => (1 << 62) - 8 + own(17),
            10 => old.wrapping_add(u64::from(self.sizes.bar) * own(9)),
            11 => old.wrapping_sub(u64::from(self.sizes.bar) * own(9)),
            12 => self.parts.spare() + own(9),
            _ => self.sizes.blocks.wrapping_add(own(9)),
        };
        set(self.image, base + offset, size, value);
        true
    }

    /// The blocks of a group.
    fn group(&self, group: Group) -> Vec<u64> {
        match group.get() {
            0 => self.parts.sets.concat(),
            1 => self.parts.log.clone(),
            2 => self.parts.tables.iter().map(|table| table.index).collect(),
            _ => self.parts.values(),
        }
    }

    /// The bytes of a block.
    fn span(&self, address: u64) -> Range<usize> {
        let begin = self.sizes.block_at(address);
        begin..begin + self.sizes.block
    }
}

/// The index that `place` chooses in `all`; `None` if `all` is empty.
fn place<T>(all: &[T], place: Place) -> Option<usize> {
    (!all.is_empty()).then(|| place.of(all.len() as u32) as usize)
}

/// The element that `at` chooses in `all`; `None` if `all` is empty.
fn pick<T: Copy>(all: &[T], at: Place) -> Option<T> {
    place(all, at).map(|place| all[place])
}
