//! Reads of the records in a range of keys, in both directions.

use downbeat_lsm::block::{Block, Reason};
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::table::IndexBlock;

use super::built::Built;
use super::events::Event;
use super::tables::Tables;
use super::{compare, states};
use downbeat::check::same;
use downbeat::input::encoding::Place;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

impl<R: Versioned> Tables<R> {
    pub(super) fn scan_between(
        &mut self,
        place: usize,
        first: Place,
        last: Place,
        run: &mut Run,
    ) -> Checked {
        let records = self.shelf[place].model.records();
        let key = |at: Place| records[at.of(records.len() as u32) as usize].key;
        let (one, other) = (key(first), key(last));
        self.scan(place, one.min(other), one.max(other), run)
    }

    pub(super) fn scan(&mut self, place: usize, min: u64, max: u64, run: &mut Run) -> Checked {
        let mut found = std::mem::take(&mut self.found);
        let scanned = self.scan_into(place, min, max, &mut found, run);
        self.found = found;
        scanned
    }

    fn scan_into(
        &self,
        place: usize,
        min: u64,
        max: u64,
        found: &mut Vec<R>,
        run: &mut Run,
    ) -> Checked {
        let built = &self.shelf[place];
        let model = &built.model;
        let range = KeyRange::new(R::wide(min), R::wide(max));
        let index = self.index(built)?;
        let (expected, blocks) = (model.range(min, max), model.blocks_of(min, max));
        run.step();
        let numbers = index.overlapping(&range);
        same("blocks-of-range-equal-model", &blocks, &numbers)
            .or("the index returns other value blocks for a range than the model")?;
        const WHAT: &str = "the records of a range differ from the model's";
        found.clear();
        for number in blocks.clone() {
            run.step();
            found.extend_from_slice(self.values(built, number)?.range(&range));
        }
        compare::records("scan-equals-model", expected.iter(), found).or(WHAT)?;
        found.clear();
        for number in blocks.clone().rev() {
            run.step();
            found.extend(self.values(built, number)?.range(&range).iter().rev());
        }
        compare::records("scan-equals-model", expected.iter().rev(), found).or(WHAT)?;
        run.result(expected.len() as u64);
        run.read(!expected.is_empty());
        run.remark(|| format!("{} records in {} value blocks", expected.len(), blocks.len()));
        states::range(model, min, max, blocks.len(), run);
        Event::RangeOfOneKey.count_if(min == max, run);
        let is_inside = blocks.start > 0 && blocks.start < model.block_count();
        Event::RangeBetweenBlocks.count_if(blocks.is_empty() && is_inside, run);
        Event::RangeOverBlocks.count_if(blocks.len() > 1, run);
        Ok(())
    }

    /// Counts the records in a range of a table whose blocks may be forged. Each block must have
    /// the reference by which it is requested.
    pub(super) fn count_by_name(
        &self,
        built: &Built<R>,
        range: &KeyRange<R::Key>,
    ) -> Result<usize, Reason> {
        let Block { contents, body } = built.named(built.index().reference)?;
        let index = IndexBlock::<R::Key>::decode(&self.layout, self.tree, &contents, body)?;
        let mut count = 0;
        for entry in index.overlapping(range).map(|number| index.entry(number)) {
            let Block { contents, body } = built.named(entry.reference)?;
            let values = entry.value_block::<R>(&self.layout, self.tree, &contents, body)?;
            count += values.range(range).len();
        }
        Ok(count)
    }
}
