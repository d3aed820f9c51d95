//! Operations on the sorted array. Each is compared with the model at once.

use downbeat_lsm::collections::Direction;

use super::arrays::Arrays;
use super::events::Event;
use super::scan::Scan;
use super::words::Words;
use super::{compare, states};
use downbeat::check::equal;
use downbeat::{Checked, Run, run_of_keys};

impl<const P: usize, const S: usize> Arrays<P, S> {
    #[inline]
    pub(super) fn add(&mut self, key: u64, run: &mut Run) -> Checked {
        if self.room(self.sorted.as_array()) == 0 {
            Event::RemovedForRoom.count(run);
            if self.sorted.is_empty() {
                // The plain array has all the nodes.
                run.redirected(|| "clear".to_owned());
                return self.clear(run);
            }
            run.redirected(|| format!("take {key:#x}"));
            return self.take(key, 1, run);
        }
        run.keys.wrote(key);
        let element = self.made(key);
        let index = self.sorted_model.place(key);
        Event::EqualAdded
            .count_if(self.sorted_model.get(index).is_some_and(|element| element.key == key), run);
        let array = self.sorted.as_array();
        states::inserted(&Self::spot(array, array.cursor(index)), 1, run);
        let last = (index == array.len()).then_some(array.node_count().saturating_sub(1));
        run.step();
        let got = self.sorted.insert(&mut self.pool, &Words::of(element));
        self.sorted_model.insert(index, &[element]);
        run.result(u64::from(got));
        run.remark(|| format!("at index {index}"));
        equal("insert-says-its-index", index, got)
            .or("an insertion into the sorted array returns another index than the model")?;
        self.around_sorted(index, index + 1, run)?;
        Self::inserted(self.sorted.as_array(), last, run)
    }

    pub(super) fn add_run(&mut self, key: u64, count: u32, stride: i64, run: &mut Run) -> Checked {
        for (added, key) in run_of_keys(key, count, stride).enumerate() {
            if added > 0 && self.room(self.sorted.as_array()) == 0 {
                break;
            }
            self.add(key, run)?;
        }
        Ok(())
    }

    /// Removes up to `count` elements, beginning with the first one that is not below `key`, or
    /// with the last one if all are below.
    pub(super) fn take(&mut self, key: u64, count: u32, run: &mut Run) -> Checked {
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

    /// Replaces an element by another with the same key: the first one that is not below `key`, or
    /// the last one if all are below.
    pub(super) fn renew(&mut self, key: u64, run: &mut Run) -> Checked {
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

    pub(super) fn clear_sorted(&mut self, run: &mut Run) -> Checked {
        run.idle_if(self.sorted.is_empty());
        run.step();
        self.sorted.clear(&mut self.pool);
        self.sorted_model.clear();
        self.around_sorted(0, 0, run)
    }

    pub(super) fn search(&mut self, key: u64, run: &mut Run) -> Checked {
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

    /// Scans up and down from the first element that is not below `key`.
    pub(super) fn scan_key(&mut self, key: u64, count: u32, run: &mut Run) -> Checked {
        let index = self.searched(key, run)?;
        let cursor = self.sorted.search(key);
        let (array, model) = (self.sorted.as_array(), &self.sorted_model);
        let scan = Scan { array, model, check: SCAN, what: SCANNED };
        for (direction, end) in [
            (Direction::Ascending, Event::SortedEndReachedUp),
            (Direction::Descending, Event::SortedEndReachedDown),
        ] {
            let mut iter = self.sorted.iter(cursor, direction);
            if !scan.elements(&mut iter, direction, index, count, run)? {
                end.count(run);
            }
        }
        Ok(())
    }

    /// Searches for `key`, and checks the result. Returns the index of the first element that is
    /// not below `key`.
    #[inline]
    pub(super) fn searched(&self, key: u64, run: &mut Run) -> Checked<u32> {
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
    fn around_sorted(&self, start: u32, end: u32, run: &mut Run) -> Checked {
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
