//! The content of an image: the records of its tables, and for every read the answer or the fault
//! of a block that the read needs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::opening::Opening;
use crate::format::block::{Reference, read};
use crate::format::bytes::Key;
use crate::format::sizes::Sizes;
use crate::format::wrong::{At, Fault, Wrong};
use crate::format::{Element, Table, index, values};
use crate::mutation::{Mutation, is_on};
use crate::store::Use;
use downbeat_input::version::Usage;

/// A record of a table.
#[derive(Clone, Copy, Debug)]
struct Record {
    key: Key,
    /// Whether the record is a tombstone.
    removed: bool,
    /// The number of the record in [`Reading::bytes`].
    number: usize,
}

/// A value block, as the index describes it.
#[derive(Clone, Debug)]
pub struct Values {
    /// What the index says about the block.
    pub element: Element,
    /// The range of its records in [`Reading::records`], or the fault of the block.
    records: Result<Range<usize>, Wrong>,
}

/// A live table and its blocks.
#[derive(Clone, Debug)]
pub struct Run {
    /// The offset of the table's newest entry in the image.
    pub entry: usize,
    /// The table.
    pub table: Table,
    /// The value blocks of the table, or the fault of its index.
    pub values: Result<Vec<Values>, Wrong>,
}

/// The content of an image that opens.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What opening finds.
    pub opening: Opening,
    /// The live tables, ordered by level and within a level by key.
    pub runs: Vec<Run>,
    /// The faults that can make a merge of the tables fail, but not a read. At most one for each
    /// value block, and at most one for the keys of an index.
    pub unmergeable: Vec<Wrong>,
    /// The faults that a read of all records meets.
    pub wrong: BTreeSet<Wrong>,
    /// The records of all blocks that can be read.
    records: Vec<Record>,
    /// The bytes of these records.
    bytes: Vec<u8>,
    record_size: usize,
    /// The newest record of each present key, in the order of the keys.
    newest: Vec<Record>,
}

impl Reading {
    /// Reads an image.
    ///
    /// # Errors
    ///
    /// If the image must be refused when it is opened.
    pub fn new(image: &[u8], sizes: &Sizes) -> Result<Self, Wrong> {
        let opening = Opening::new(image, sizes)?;
        let mut tables = opening.tables.clone();
        tables.sort_by_key(|(_, table)| (table.level, table.key_min));
        let mut reading = Reading {
            opening,
            runs: Vec::with_capacity(tables.len()),
            unmergeable: Vec::new(),
            wrong: BTreeSet::new(),
            records: Vec::new(),
            bytes: Vec::new(),
            record_size: sizes.record,
            newest: Vec::new(),
        };
        for (entry, table) in tables {
            let values = reading.read_index(image, sizes, &table);
            match &values {
                Ok(values) => {
                    let wrong = values.iter().filter_map(|values| values.records.as_ref().err());
                    reading.wrong.extend(wrong);
                }
                Err(wrong) => drop(reading.wrong.insert(*wrong)),
            }
            reading.runs.push(Run { entry, table, values });
        }
        reading.unmergeable = reading.check_merges(image, sizes);
        reading.merge();
        Ok(reading)
    }

    /// Finds the newest record of each key.
    fn merge(&mut self) {
        let mut all = self.records.clone();
        // The records of newer levels, which have lower numbers, come first. The sort is stable, so
        // that the first record of a key stays the newest.
        all.sort_by_key(|record| record.key);
        if is_on(Mutation::ImageReadsTheOldest) {
            all.reverse();
        }
        all.dedup_by_key(|record| record.key);
        if is_on(Mutation::ImageReadsTheOldest) {
            all.reverse();
        }
        all.retain(|record| !record.removed);
        self.newest = all;
    }

    fn bytes(&self, record: &Record) -> &[u8] {
        &self.bytes[record.number * self.record_size..][..self.record_size]
    }

    /// The bytes of the record that a get of this key finds; `None` if the key is absent or was
    /// removed.
    ///
    /// # Errors
    ///
    /// If a block that the get needs is invalid.
    pub fn get(&self, wanted: Key) -> Result<Option<&[u8]>, Wrong> {
        if self.wrong.is_empty() {
            let found = self.newest.binary_search_by_key(&wanted, |record| record.key);
            return Ok(found.ok().map(|place| self.bytes(&self.newest[place])));
        }
        for Run { table, values, .. } in &self.runs {
            if !(table.key_min..=table.key_max).contains(&wanted) {
                continue;
            }
            let values = values.as_ref().map_err(|wrong| *wrong)?;
            let mut blocks = values.iter();
            let Some(block) = blocks.find(|block| wanted <= block.element.key_max) else {
                continue;
            };
            if wanted < block.element.key_min {
                continue;
            }
            let records = &self.records[block.records.clone()?];
            if let Some(record) = records.iter().find(|record| record.key == wanted) {
                return Ok((!record.removed).then(|| self.bytes(record)));
            }
        }
        Ok(None)
    }

    /// The newest record of each present key, in the order of the keys. Blocks that cannot be read
    /// are left out.
    pub fn newest(&self) -> impl Iterator<Item = (Key, &[u8])> {
        self.newest.iter().map(|record| (record.key, self.bytes(record)))
    }

    /// The bytes of all puts of this key.
    pub fn puts(&self, wanted: Key) -> impl Iterator<Item = &[u8]> {
        let puts =
            self.records.iter().filter(move |record| record.key == wanted && !record.removed);
        puts.map(|record| self.bytes(record))
    }

    /// The keys of all records, and the first and last keys of all tables and value blocks.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        let of_runs = self.runs.iter().flat_map(|Run { table, values, .. }| {
            let values = values.iter().flatten();
            let of_blocks = values.flat_map(|block| [block.element.key_min, block.element.key_max]);
            of_blocks.chain([table.key_min, table.key_max])
        });
        self.records.iter().map(|record| record.key).chain(of_runs)
    }

    /// Checks what a merge checks, but not a read. Returns the faults.
    fn check_merges(&self, image: &[u8], sizes: &Sizes) -> Vec<Wrong> {
        let indexes: BTreeSet<u64> = self.runs.iter().map(|run| run.table.index.address).collect();
        let mut taken: BTreeSet<u64> = self.opening.log.iter().copied().collect();
        taken.extend(self.opening.sets.concat());
        let mut all = Vec::new();
        for Run { table, values, .. } in &self.runs {
            for (place, block) in values.iter().flatten().enumerate() {
                let address = block.element.reference.address;
                if block.records.is_err() {
                    continue;
                }
                let bytes = &image[sizes.block_at(address)..];
                let is_taken = self.opening.use_of(address) != Some(Use::Acquired)
                    || indexes.contains(&address)
                    || !taken.insert(address);
                let fault = values::check_merge(bytes, sizes, table, place).err();
                let fault = fault.or(is_taken.then_some(Fault::Shared));
                all.extend(fault.map(|fault| Wrong { fault, at: At::Block(address) }));
            }
        }
        if sizes.usage == Usage::Index {
            all.extend(self.check_turns().err());
        }
        all
    }

    /// Checks that the puts and removals of each key of an index alternate, beginning with a put.
    fn check_turns(&self) -> Result<(), Wrong> {
        let mut newer: BTreeMap<Key, (bool, u64)> = BTreeMap::new();
        let wrong = |address| Err(Wrong { fault: Fault::NotAlternate, at: At::Block(address) });
        for Run { values, .. } in &self.runs {
            for block in values.iter().flatten() {
                let Ok(records) = block.records.clone() else { continue };
                for record in &self.records[records] {
                    let this = (record.removed, block.element.reference.address);
                    if newer.insert(record.key, this).is_some_and(|(removed, _)| removed == this.0)
                    {
                        return wrong(block.element.reference.address);
                    }
                }
            }
        }
        match newer.values().find(|(removed, _)| *removed) {
            Some((_, address)) => wrong(*address),
            None => Ok(()),
        }
    }
}

/// Reads a block of a table. A free block is a fault.
fn read_in_use<'a>(
    image: &'a [u8],
    sizes: &Sizes,
    opening: &Opening,
    reference: Reference,
) -> Result<&'a [u8], Wrong> {
    match opening.use_of(reference.address) {
        None | Some(Use::Free) => {
            Err(Wrong { fault: Fault::Free, at: At::Block(reference.address) })
        }
        Some(_) => read(image, sizes, reference),
    }
}

impl Reading {
    /// Reads the index of a table and its value blocks.
    fn read_index(
        &mut self,
        image: &[u8],
        sizes: &Sizes,
        table: &Table,
    ) -> Result<Vec<Values>, Wrong> {
        let block = read_in_use(image, sizes, &self.opening, table.index)?;
        let at = At::Block(table.index.address);
        let elements = index::read(block, sizes, table).map_err(|fault| Wrong { fault, at })?;
        let read = |element| Values { element, records: self.read_values(image, sizes, &element) };
        Ok(elements.into_iter().map(read).collect())
    }

    /// Reads the value block that an element of an index describes.
    fn read_values(
        &mut self,
        image: &[u8],
        sizes: &Sizes,
        element: &Element,
    ) -> Result<Range<usize>, Wrong> {
        let block = read_in_use(image, sizes, &self.opening, element.reference)?;
        let at = At::Block(element.reference.address);
        values::check(block, sizes, element).map_err(|fault| Wrong { fault, at })?;
        let first = self.records.len();
        for values::Record { key, removed, bytes } in values::records(block, sizes) {
            self.records.push(Record { key, removed, number: self.records.len() });
            self.bytes.extend_from_slice(bytes);
        }
        Ok(first..self.records.len())
    }
}
