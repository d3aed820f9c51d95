//! Lookups of records by key.

use downbeat_lsm::block::{Block, Reason};
use downbeat_lsm::record::Key;
use downbeat_lsm::table::{IndexBlock, IndexEntry, TableLookup, ValueBlock};

use super::built::{Built, Sealed};
use super::events::Event;
use super::tables::Tables;
use super::{compare, states};
use downbeat::check::{fail, same};
use downbeat::input::encoding::Place;
use downbeat::input::version::Version;
use downbeat::records::{Versioned, narrow, same_record};
use downbeat::{Checked, Divergence, Run};
use downbeat_model::table::Table;

impl<R: Versioned> Tables<R> {
    /// The index of an intact table.
    #[inline]
    pub(super) fn index<'a>(&self, built: &'a Built<R>) -> Checked<IndexBlock<'a, R::Key>> {
        let Sealed { contents, .. } = built.index();
        IndexBlock::decode(&self.layout, self.tree, contents, built.index().body()).map_err(refused)
    }

    /// A value block of an intact table.
    #[inline]
    pub(super) fn values<'a>(
        &self,
        built: &'a Built<R>,
        number: usize,
    ) -> Checked<ValueBlock<'a, R>> {
        let sealed = &built.blocks[number];
        ValueBlock::decode(&self.layout, self.tree, &sealed.contents, sealed.body())
            .map_err(refused)
    }

    pub(super) fn get(&self, place: usize, key: u64, run: &mut Run) -> Checked {
        let expected = self.looked_up(place, key, run)?;
        run.read(expected.is_some());
        run.result(expected.map_or(0, |record| record.stamp));
        run.remark(|| expected.map_or("nothing".to_owned(), |record| format!("#{}", record.stamp)));
        Ok(())
    }

    /// Checks every way to look up a key. Returns the record that the model has.
    pub(super) fn looked_up(
        &self,
        place: usize,
        key: u64,
        run: &mut Run,
    ) -> Checked<Option<Version>> {
        let built = &self.shelf[place];
        let model = &built.model;
        let expected = model.get(key);
        let wide = R::wide(key);
        let number = model.block_of(key);
        run.step();
        same("block-found-equals-model", number, self.index(built)?.find(wide))
            .or("the index leads to another value block than the model")?;
        if let Some(number) = number {
            let values = self.values(built, number)?;
            let below = model.below_in_block(number, key);
            run.step();
            same("lower-bound-equals-model", below, values.lower_bound(wide))
                .or("a value block has more or fewer records below a key than the model")?;
            same_record("find-equals-model", expected, values.find(wide))
                .or("the record of a key in a value block differs from the model's")?;
            if expected.is_some() {
                states::found(model, number, below, run);
            }
        }
        run.step();
        let got = self.steps(place, wide)?;
        same_record("get-equals-model", expected, got)
            .or("a lookup finds another record than the model")?;
        match (expected, number) {
            (Some(record), _) if record.removed => Event::TombstoneFound.count(run),
            (Some(_), _) => {}
            (None, number) => missed(model, key, number, run),
        }
        Ok(expected)
    }

    /// Runs a lookup in an intact table, step by step.
    fn steps(&self, place: usize, key: R::Key) -> Checked<Option<&R>> {
        let built = &self.shelf[place];
        let lookup = TableLookup::new(&self.layout, self.tree, key);
        let Sealed { contents, .. } = built.index();
        let entry = lookup.index_block(contents, built.index().body()).map_err(refused)?;
        let Some(entry) = entry else { return Ok(None) };
        let sealed = built.blocks.iter().find(|sealed| sealed.reference == entry.reference);
        let Some(sealed) = sealed else {
            let got = format!("{:?}", entry.reference);
            return Err(fail("get-equals-model", "one of its own", got)
                .saying("a lookup asks for a block that the table does not have"));
        };
        lookup.value_block(&entry, &sealed.contents, sealed.body()).map_err(refused)
    }

    /// Runs a lookup in a table whose blocks may be forged, step by step. Each block must have the
    /// reference by which it is requested.
    pub(super) fn steps_by_name(&self, built: &Built<R>, key: R::Key) -> Result<Option<R>, Reason> {
        let lookup = TableLookup::new(&self.layout, self.tree, key);
        let Block { contents, body } = built.named(built.index().reference)?;
        let Some(entry) = lookup.index_block(&contents, body)? else { return Ok(None) };
        let Block { contents, body } = built.named(entry.reference)?;
        Ok(lookup.value_block::<R>(&entry, &contents, body)?.copied())
    }

    /// Looks up the key of a record and its neighbours, including neighbours in the record's type
    /// of keys that are no 64-bit key.
    pub(super) fn get_around(&self, place: usize, at: Place, run: &mut Run) -> Checked {
        let records = self.shelf[place].model.records();
        let Version { key, stamp, .. } = records[at.of(records.len() as u32) as usize];
        run.result(stamp);
        self.key_and_neighbours(place, key, run)?;
        let wide = R::wide(key);
        for neighbour in [wide.predecessor(), wide.successor()].into_iter().flatten() {
            if narrow::<R>(neighbour).is_none() {
                run.step();
                same_record("get-equals-model", None, self.steps(place, neighbour)?)
                    .or("a lookup finds a record for a key that has none")?;
            }
        }
        run.read(true);
        Ok(())
    }

    fn key_and_neighbours(&self, place: usize, key: u64, run: &mut Run) -> Checked {
        for key in [key.checked_sub(1), Some(key), key.checked_add(1)].into_iter().flatten() {
            self.looked_up(place, key, run)?;
        }
        Ok(())
    }

    /// Looks up the first and the last key of each value block and their neighbours, and scans
    /// between blocks.
    pub(super) fn get_edges(&mut self, place: usize, run: &mut Run) -> Checked {
        let mut behind = None;
        for number in 0..self.shelf[place].model.block_count() {
            let block = self.shelf[place].model.block(number);
            let (first, last) = (block[0].key, block[block.len() - 1].key);
            self.key_and_neighbours(place, first, run)?;
            self.key_and_neighbours(place, last, run)?;
            if let Some(behind) = behind.filter(|behind| *behind < first) {
                self.scan(place, behind, first - 1, run)?;
            }
            behind = last.checked_add(1);
        }
        Ok(())
    }

    /// Checks all entries of the index, and each value block.
    pub(super) fn ask_index(&self, place: usize, run: &mut Run) -> Checked {
        let built = &self.shelf[place];
        opens(built, built.index())?;
        let index = self.index(built)?;
        let model = &built.model;
        let count = model.block_count();
        same("index-equals-model", count, index.value_block_count())
            .or("the index has more or fewer value blocks than the model")?;
        let snapshot = { built.table.snapshot_min };
        same("index-equals-model", snapshot, index.snapshot())
            .or("the snapshot of the index differs from the table's")?;
        for number in 0..count {
            run.step();
            let sealed = &built.blocks[number];
            opens(built, sealed)?;
            let block = model.block(number);
            let expected = IndexEntry {
                reference: sealed.reference,
                key_min: R::wide(block[0].key),
                key_max: R::wide(block[block.len() - 1].key),
            };
            same("index-equals-model", expected, index.entry(number))
                .or("the index's description of a value block differs from the model's")?;
            let values = self.values(built, number)?;
            run.step();
            compare::records("values-equal-model", block.iter(), values.records())
                .or("the records of a value block differ from the model's")?;
            same("values-equal-model", snapshot, values.snapshot())
                .or("the snapshot of a value block differs from the table's")?;
            let ends = (values.key_min(), values.key_max());
            same("values-equal-model", (expected.key_min, expected.key_max), ends)
                .or("the first or last key of a value block differs from the model's")?;
        }
        run.result(count as u64);
        Ok(())
    }
}

/// Checks that a block is intact, and that its header is the one with which it was sealed.
fn opens<R: Versioned>(built: &Built<R>, sealed: &Sealed) -> Checked {
    let opened = built.open(sealed.reference).map_err(refused)?;
    same("opened-header-equals-sealed", &sealed.contents, &opened.contents)
        .or("the header of an opened block differs from the sealed one")
}

/// Counts the position of a key that is not found.
fn missed(model: &Table, key: u64, number: Option<usize>, run: &mut Run) {
    let records = model.records();
    let (event, sort) = if key < records[0].key {
        (Event::KeyBeforeTable, 0)
    } else if key > records[records.len() - 1].key {
        (Event::KeyBehindTable, 1)
    } else if number.is_none() {
        (Event::KeyBetweenBlocks, 2)
    } else {
        (Event::KeyBetweenRecords, 3)
    };
    event.count(run);
    run.state(states::KeyLands, sort);
}

/// The divergence for an intact block that was refused.
#[cold]
pub(super) fn refused(reason: Reason) -> Divergence {
    fail("whole-block-is-read", "a block", reason).saying("a sound block is refused")
}
