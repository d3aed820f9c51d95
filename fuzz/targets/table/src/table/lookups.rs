//! Records that are looked up by key.

use downbeat_lsm::block::{Block, Reason};
use downbeat_lsm::record::Key;
use downbeat_lsm::table::{IndexBlock, IndexEntry, TableLookup, ValueBlock};

use super::built::{Built, Sealed};
use super::events::Event;
use super::tables::Tables;
use super::{compare, states};
use downbeat::failure::Divergence;
use downbeat::model::encoding::Place;
use downbeat::model::table::Table;
use downbeat::model::version::Version;
use downbeat::records::{Versioned, narrow};
use downbeat::run::Run;

impl<R: Versioned> Tables<R> {
    /// The index of a table that is not damaged.
    #[inline]
    pub(super) fn index<'a>(
        &self,
        built: &'a Built<R>,
    ) -> Result<IndexBlock<'a, R::Key>, Divergence> {
        let Sealed { contents, .. } = built.index();
        IndexBlock::decode(&self.layout, self.tree, contents, built.index().body())
            .map_err(|reason| refused(&reason))
    }

    /// A value block of a table that is not damaged.
    #[inline]
    pub(super) fn values<'a>(
        &self,
        built: &'a Built<R>,
        number: usize,
    ) -> Result<ValueBlock<'a, R>, Divergence> {
        let sealed = &built.blocks[number];
        ValueBlock::decode(&self.layout, self.tree, &sealed.contents, sealed.body())
            .map_err(|reason| refused(&reason))
    }

    pub(super) fn get(&self, place: usize, key: u64, run: &mut Run) -> Result<(), Divergence> {
        let expected = self.looked_up(place, key, run)?;
        run.read(expected.is_some());
        run.result(expected.map_or(0, |record| record.stamp));
        run.remark(|| expected.map_or("nothing".to_owned(), |record| format!("#{}", record.stamp)));
        Ok(())
    }

    /// Looks a key up in each way that there is; returns the record that the model has.
    pub(super) fn looked_up(
        &self,
        place: usize,
        key: u64,
        run: &mut Run,
    ) -> Result<Option<Version>, Divergence> {
        let built = &self.shelf[place];
        let model = &built.model;
        let expected = model.get(key);
        let wide = R::wide(key);
        let number = model.block_of(key);
        run.step();
        let what = "the index leads to another value block than the model";
        compare::same("block-found-equals-model", what, &number, &self.index(built)?.find(wide))?;
        if let Some(number) = number {
            let values = self.values(built, number)?;
            let below = model.below_in_block(number, key);
            run.step();
            let what = "a value block has another number of records below a key than the model";
            compare::same("lower-bound-equals-model", what, &below, &values.lower_bound(wide))?;
            let what = "a value block has another record under a key than the model";
            compare::record("find-equals-model", what, expected, values.find(wide))?;
            if expected.is_some() {
                states::found(model, number, below, run);
            }
        }
        run.step();
        let got = self.steps(place, wide)?;
        let what = "a lookup finds another record than the model";
        compare::record("get-equals-model", what, expected, got)?;
        match (expected, number) {
            (Some(record), _) if record.removed => Event::TombstoneFound.count(run),
            (Some(_), _) => {}
            (None, number) => missed(model, key, number, run),
        }
        Ok(expected)
    }

    /// The steps of a lookup, with the blocks as they lie there.
    fn steps(&self, place: usize, key: R::Key) -> Result<Option<&R>, Divergence> {
        let built = &self.shelf[place];
        let lookup = TableLookup::new(&self.layout, self.tree, key);
        let block = |sealed: &Sealed| -> Result<Option<IndexEntry<R::Key>>, Reason> {
            lookup.index_block(&sealed.contents, sealed.body())
        };
        let entry = block(built.index()).map_err(|reason| refused(&reason))?;
        let Some(entry) = entry else { return Ok(None) };
        let sealed = built.blocks.iter().find(|sealed| sealed.reference == entry.reference);
        let Some(sealed) = sealed else {
            let what = "a lookup asks for a block that the table does not have";
            let got = format!("{:?}", entry.reference);
            return Err(Divergence::new("get-equals-model", what, "one of its own", got));
        };
        lookup
            .value_block(&entry, &sealed.contents, sealed.body())
            .map_err(|reason| refused(&reason))
    }

    /// The same, by names alone, where blocks may be damaged.
    pub(super) fn steps_by_name(&self, built: &Built<R>, key: R::Key) -> Result<Option<R>, Reason> {
        let lookup = TableLookup::new(&self.layout, self.tree, key);
        let Block { contents, body } = built.named(built.index().reference)?;
        let Some(entry) = lookup.index_block(&contents, body)? else { return Ok(None) };
        let Block { contents, body } = built.named(entry.reference)?;
        Ok(lookup.value_block::<R>(&entry, &contents, body)?.copied())
    }

    /// The key of a record, and its neighbours; also those that no narrow key means.
    pub(super) fn get_around(
        &self,
        place: usize,
        at: Place,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let records = self.shelf[place].model.records();
        let Version { key, stamp, .. } = records[at.of(records.len() as u32) as usize];
        run.result(stamp);
        self.key_and_neighbours(place, key, run)?;
        let wide = R::wide(key);
        for neighbour in [wide.predecessor(), wide.successor()].into_iter().flatten() {
            if narrow::<R>(neighbour).is_none() {
                run.step();
                let what = "a lookup finds a record under a key that there is none of";
                compare::record("get-equals-model", what, None, self.steps(place, neighbour)?)?;
            }
        }
        run.read(true);
        Ok(())
    }

    fn key_and_neighbours(&self, place: usize, key: u64, run: &mut Run) -> Result<(), Divergence> {
        for key in [key.checked_sub(1), Some(key), key.checked_add(1)].into_iter().flatten() {
            self.looked_up(place, key, run)?;
        }
        Ok(())
    }

    /// The ends of each value block, and their neighbours; and what is between one and the next.
    pub(super) fn get_edges(&mut self, place: usize, run: &mut Run) -> Result<(), Divergence> {
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

    /// All that the index says.
    pub(super) fn ask_index(&self, place: usize, run: &mut Run) -> Result<(), Divergence> {
        let built = &self.shelf[place];
        opens(built, built.index())?;
        let index = self.index(built)?;
        let model = &built.model;
        let what = "the index has another number of value blocks than the model";
        let count = model.block_count();
        compare::same("index-equals-model", what, &count, &index.value_block_count())?;
        let what = "the index is of another snapshot than the table";
        let snapshot = { built.table.snapshot_min };
        compare::same("index-equals-model", what, &snapshot, &index.snapshot())?;
        for number in 0..count {
            run.step();
            let sealed = &built.blocks[number];
            let opened = built.open(sealed.reference).map_err(|reason| refused(&reason))?;
            let what = "a block has another header when it is opened than when it was sealed";
            compare::same("opened-header-equals-sealed", what, &sealed.contents, &opened.contents)?;
            let block = model.block(number);
            let expected = IndexEntry {
                reference: sealed.reference,
                key_min: R::wide(block[0].key),
                key_max: R::wide(block[block.len() - 1].key),
            };
            let what = "the index says something else of a value block than the model";
            compare::same("index-equals-model", what, &expected, &index.entry(number))?;
            let values = self.values(built, number)?;
            run.step();
            let what = "a value block holds other records than the model";
            compare::records("values-equal-model", what, block.iter(), values.records())?;
            compare::same("values-equal-model", what, &snapshot, &values.snapshot())?;
            let ends = (values.key_min(), values.key_max());
            compare::same(
                "values-equal-model",
                what,
                &(expected.key_min, expected.key_max),
                &ends,
            )?;
        }
        run.result(count as u64);
        Ok(())
    }
}

/// A block is whole, and says in its header what it said when it was sealed.
fn opens<R: Versioned>(built: &Built<R>, sealed: &Sealed) -> Result<(), Divergence> {
    let opened = built.open(sealed.reference).map_err(|reason| refused(&reason))?;
    let what = "a block has another header when it is opened than when it was sealed";
    compare::same("opened-header-equals-sealed", what, &sealed.contents, &opened.contents)
}

/// Counts where a key lies that is not found.
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
    states::missed(sort, run);
}

#[cold]
pub(super) fn refused(reason: &Reason) -> Divergence {
    let what = "a block that nobody damaged is refused";
    Divergence::new("whole-block-is-read", what, "a block", reason)
}
