//! Operations on the sorted array, each compared at once.

use downbeat_lsm::collections::Direction;

use super::arrays::Arrays;
use super::events::Event;
use super::words::Words;
use super::{compare, states};
use downbeat::check::equal;
use downbeat::failure::Divergence;
use downbeat::run::Run;

impl<const P: usize, const S: usize> Arrays<P, S> {
    #[inline]
    pub(super) fn add(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        if self.sorted_room() == 0 {
            Event::RemovedForRoom.count(run);
            if self.sorted.is_empty() {
                // The other array has all the nodes.
                run.redirected(|| "clear".to_owned());
                return self.clear(run);
            }
            run.redirected(|| format!("take {key:#x}"));
            return self.take(key, 1, run);
        }
        run.keys.wrote(key);
        let element = self.made(key);
        let index = self.sorted_model.place(key);
        if self.sorted_model.get(index).is_some_and(|element| element.key == key) {
            Event::EqualAdded.count(run);
        }
        let array = self.sorted.as_array();
        states::inserted(&Self::spot(array, array.cursor(index)), 1, run);
        let is_append = index == array.len();
        let last = array.node_count().saturating_sub(1);
        run.step();
        let got = self.sorted.insert(&mut self.pool, &Words::of(element));
        self.sorted_model.insert(index, &[element]);
        run.result(u64::from(got));
        run.remark(|| format!("at index {index}"));
        equal("insert-says-its-index", index, got)
            .or("an insertion into the sorted array returns another index than the model")?;
        Self::note_full(self.sorted.as_array(), run);
        self.around_sorted(index, index + 1, run)?;
        if is_append { Self::appended(self.sorted.as_array(), last) } else { Ok(()) }
    }

    pub(super) fn add_run(
        &mut self,
        key: u64,
        count: u32,
        stride: i64,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let mut next = key;
        for added in 0..count {
            if added > 0 && self.sorted_room() == 0 {
                break;
            }
            self.add(next, run)?;
            next = next.wrapping_add_signed(stride);
        }
        Ok(())
    }

    /// Removes up to `count` elements from the first one that is not below `key`, or from the last.
    pub(super) fn take(&mut self, key: u64, count: u32, run: &mut Run) -> Result<(), Divergence> {
        let len = self.sorted_model.len();
        if len == 0 {
            run.redirected(|| format!("add {key:#x}"));
            return self.add(key, run);
        }
        let index = self.sorted_model.search(key).min(len - 1);
        let count = count.min(len - index);
        let array = self.sorted.as_array();
        states::removed(&Self::spot(array, array.cursor(index)), count, run);
        run.step();
        self.sorted.remove(&mut self.pool, index, count);
        self.sorted_model.remove(index, count);
        run.remark(|| format!("{count} from index {index} on"));
        self.around_sorted(index, index, run)?;
        self.searched(key, run).map(|_| ())
    }

    /// Replaces an element by another of its key.
    pub(super) fn renew(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        let len = self.sorted_model.len();
        if len == 0 {
            run.redirected(|| format!("add {key:#x}"));
            return self.add(key, run);
        }
        let index = self.sorted_model.search(key).min(len - 1);
        let key = self.sorted_model.get(index).expect("below the length").key;
        let element = self.made(key);
        run.step();
        self.sorted.replace(index, &Words::of(element));
        self.sorted_model.replace(index, element);
        self.around_sorted(index, index + 1, run)
    }

    pub(super) fn clear_sorted(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.sorted.is_empty() {
            run.idle();
        }
        run.step();
        self.sorted.clear(&mut self.pool);
        self.sorted_model.clear();
        self.around_sorted(0, 0, run)
    }

    pub(super) fn search(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        let index = self.searched(key, run)?;
        let found = self.sorted_model.get(index).is_some_and(|element| element.key == key);
        run.read(found);
        let array = self.sorted.as_array();
        let spot = Self::spot(array, self.sorted.search(key));
        let above = self.sorted_model.search_above(key);
        states::searched(&spot, u64::from(above - index), run);
        run.step();
        let got = self.sorted.index(self.sorted.search_above(key));
        equal("search-above-equals-model", above, got)
            .or("a search for the keys above a key leads to another index than the model's")
    }

    /// Scans up from the place of a key, and down from there.
    pub(super) fn scan_key(
        &mut self,
        key: u64,
        count: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let index = self.searched(key, run)?;
        let cursor = self.sorted.search(key);
        let mut iter = self.sorted.iter(cursor, Direction::Ascending);
        let array = self.sorted.as_array();
        for next in index..index + count {
            run.step();
            let left = self.sorted_model.len() - next;
            compare::upcoming(SCAN, array, &iter, (left > 0).then_some(next), left)?;
            let (expected, got) = (self.sorted_model.get(next), iter.next());
            compare::element(SCAN, next, expected, got).or(SCANNED)?;
            if got.is_none() {
                Event::SortedEndReachedUp.count(run);
                break;
            }
        }
        let mut iter = self.sorted.iter(cursor, Direction::Descending);
        let mut below = (index + 1).min(self.sorted_model.len());
        for _ in 0..count {
            run.step();
            let next = below.checked_sub(1);
            compare::upcoming(SCAN, array, &iter, next, below)?;
            let expected = next.and_then(|next| self.sorted_model.get(next));
            compare::element(SCAN, next.unwrap_or(0), expected, iter.next()).or(SCANNED)?;
            let Some(next) = next else {
                Event::SortedEndReachedDown.count(run);
                break;
            };
            below = next;
        }
        Ok(())
    }

    #[inline]
    fn sorted_room(&self) -> u32 {
        let array = self.sorted.as_array();
        self.room(array.len(), array.element_count_max(), array.node_capacity())
    }

    /// Searches for `key`, and checks the result. Returns the index at which `key` is or would be
    /// inserted.
    #[inline]
    pub(super) fn searched(&self, key: u64, run: &mut Run) -> Result<u32, Divergence> {
        run.step();
        let cursor = self.sorted.search(key);
        let index = self.sorted_model.search(key);
        let got = self.sorted.index(cursor);
        run.result(u64::from(got));
        equal("search-equals-model", index, got)
            .or("a search leads to another index than the model's")?;
        run.step();
        let (expected, got) = (self.sorted_model.get(index), self.sorted.element(cursor));
        compare::element("sorted-element-equals-model", index, expected, got)
            .or("the cursor of a search leads to another element than the model's")?;
        Ok(index)
    }

    /// Checks the length, and the elements around the bounds of `start..end`.
    fn around_sorted(&self, start: u32, end: u32, run: &mut Run) -> Result<(), Divergence> {
        equal("sorted-length-equals-model", self.sorted_model.len(), self.sorted.len())
            .or("the length of the sorted array differs from the model's")?;
        for index in [start.saturating_sub(1), start, end] {
            run.step();
            let (expected, got) = (self.sorted_model.get(index), self.sorted.get(index));
            run.result(got.map_or(0, Words::stamp));
            compare::element("sorted-element-equals-model", index, expected, got)
                .or("an element of the sorted array differs from the model's")?;
        }
        self.nodes_balance()
    }
}

const SCAN: &str = "sorted-iterator-equals-model";
const SCANNED: &str = "an iterator of the sorted array returns another element than the model";
