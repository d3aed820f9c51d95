//! Operations on the plain array. Each is compared with the model at once.

use downbeat_lsm::collections::Direction;

use super::arrays::Arrays;
use super::events::Event;
use super::scan::Scan;
use super::words::Words;
use super::{compare, states};
use downbeat::check::equal;
use downbeat::{Checked, Run};
use downbeat_model::segmented_array::Place;

impl<const P: usize, const S: usize> Arrays<P, S> {
    #[inline]
    pub(super) fn insert(&mut self, at: Place, count: u32, run: &mut Run) -> Checked {
        let index = at.of(self.plain.len() + 1);
        let fitting = count.min(self.room(&self.plain));
        if fitting == 0 {
            return self.remove_for_room(at, count, run);
        }
        self.insert_at(index, fitting, run)
    }

    /// Inserts elements one at a time, each before the element that was inserted last.
    pub(super) fn insert_each(&mut self, at: Place, count: u32, run: &mut Run) -> Checked {
        let index = at.of(self.plain.len() + 1);
        if self.room(&self.plain) == 0 {
            return self.remove_for_room(at, count, run);
        }
        for _ in 0..count {
            if self.room(&self.plain) == 0 {
                break;
            }
            self.insert_at(index, 1, run)?;
        }
        Ok(())
    }

    pub(super) fn fill(&mut self, at: Place, left: u32, run: &mut Run) -> Checked {
        let count = self.room(&self.plain).saturating_sub(left);
        if count == 0 {
            run.idle();
            return Ok(());
        }
        self.insert_at(at.of(self.plain.len() + 1), count, run)
    }

    #[cold]
    fn remove_for_room(&mut self, at: Place, count: u32, run: &mut Run) -> Checked {
        Event::RemovedForRoom.count(run);
        if self.plain.is_empty() {
            // The other array has all the nodes.
            run.redirected(|| "clear_sorted".to_owned());
            return self.clear_sorted(run);
        }
        let index = at.of(self.plain.len());
        run.redirected(|| format!("remove at={index} count={count}"));
        self.remove_at(index, count, run)
    }

    pub(super) fn remove(&mut self, at: Place, count: u32, run: &mut Run) -> Checked {
        if self.plain.is_empty() {
            run.redirected(|| format!("insert count={count}"));
            return self.insert(Place::BeforeEnd(0), count, run);
        }
        self.remove_at(at.of(self.plain.len()), count, run)
    }

    fn insert_at(&mut self, index: u32, count: u32, run: &mut Run) -> Checked {
        let mut elements = std::mem::take(&mut self.elements);
        elements.clear();
        elements.extend((0..count).map(|_| self.made(0)));
        self.words.clear();
        self.words.extend(elements.iter().map(|element| Words::of(*element)));
        let spot = Self::spot(&self.plain, self.plain.cursor(index));
        states::inserted(&spot, count, run);
        Event::BatchOverNodes.count_if(count > self.plain.node_capacity(), run);
        let last = self.plain.node_count().saturating_sub(1);
        let last = (index == self.plain.len()).then_some(last);
        run.step();
        self.plain.insert(&mut self.pool, index, &self.words);
        self.plain_model.insert(index, &elements);
        self.elements = elements;
        run.remark(|| format!("{count} from index {index} on"));
        self.around(index, index + count, run)?;
        Self::inserted(&self.plain, last, run)
    }

    fn remove_at(&mut self, index: u32, count: u32, run: &mut Run) -> Checked {
        let count = count.min(self.plain.len() - index);
        let spot = Self::spot(&self.plain, self.plain.cursor(index));
        states::removed(&spot, count, run);
        run.step();
        self.plain.remove(&mut self.pool, index, count);
        self.plain_model.remove(index, count);
        run.remark(|| format!("{count} from index {index} on"));
        self.around(index, index, run)
    }

    pub(super) fn get(&mut self, at: Place, run: &mut Run) -> Checked {
        let index = at.of(self.plain.len() + 1);
        run.read(index < self.plain.len());
        self.at(index, run)?;
        run.step();
        let cursor = self.plain.cursor(index);
        run.step();
        equal("plain-cursor-has-its-index", index, self.plain.index(cursor))
            .or("the cursor of an index leads to another index")?;
        run.step();
        let (expected, got) = (self.plain_model.get(index), self.plain.element(cursor));
        compare::element("plain-element-equals-model", index, expected, got)
            .or("a cursor leads to another element than the model's")
    }

    pub(super) fn replace(&mut self, at: Place, run: &mut Run) -> Checked {
        if self.plain.is_empty() {
            run.redirected(|| "insert count=1".to_owned());
            return self.insert(Place::BeforeEnd(0), 1, run);
        }
        let index = at.of(self.plain.len());
        let element = self.made(0);
        run.step();
        self.plain.replace(index, &Words::of(element));
        self.plain_model.replace(index, element);
        self.around(index, index + 1, run)
    }

    pub(super) fn clear(&mut self, run: &mut Run) -> Checked {
        run.idle_if(self.plain.is_empty());
        run.step();
        self.plain.clear(&mut self.pool);
        self.plain_model.clear();
        self.around(0, 0, run)
    }

    /// Reduces each node that is more than half full to half its capacity. Proceeds from the last
    /// node to the first, because a removal does not change the nodes before it.
    pub(super) fn thin(&mut self, run: &mut Run) -> Checked {
        let half = self.plain.node_capacity() / 2;
        let mut end = self.plain.len();
        let mut thinned = false;
        for node in (0..self.plain.node_count()).rev() {
            let len = self.plain.node_len(node);
            let start = end - len;
            if len > half {
                self.remove_at(start + half, len - half, run)?;
                thinned = true;
            }
            end = start;
        }
        run.idle_if(!thinned);
        Ok(())
    }

    pub(super) fn scan(
        &mut self,
        at: Place,
        count: u32,
        direction: Direction,
        run: &mut Run,
    ) -> Checked {
        let index = at.of(self.plain.len() + 1);
        let (array, model) = (&self.plain, &self.plain_model);
        let scan = Scan { array, model, check: SCAN, what: SCANNED };
        let mut iter = array.iter(array.cursor(index), direction);
        if !scan.elements(&mut iter, direction, index, count, run)? {
            let end = match direction {
                Direction::Ascending => Event::EndReachedUp,
                Direction::Descending => Event::EndReachedDown,
            };
            end.count(run);
            return Ok(());
        }
        iter.finish();
        compare::upcoming(SCAN, array, &iter, None, 0)?;
        compare::element(SCAN, index, None, iter.next())
            .or("an iterator returns an element after it was finished")
    }

    /// Checks the length, and the elements around the bounds of `start..end`.
    fn around(&self, start: u32, end: u32, run: &mut Run) -> Checked {
        equal("plain-length-equals-model", self.plain_model.len(), self.plain.len())
            .or("the length of the plain array differs from the model's")?;
        run.result(u64::from(self.plain.len()));
        if start > 0 {
            self.at(start - 1, run)?;
        }
        self.at(start, run)?;
        if end > start {
            self.at(end - 1, run)?;
            self.at(end, run)?;
        }
        self.nodes_balance()
    }

    /// Checks the element at `index`, or that there is none if `index` is the length.
    fn at(&self, index: u32, run: &mut Run) -> Checked {
        run.step();
        let (expected, got) = (self.plain_model.get(index), self.plain.get(index));
        run.result(got.map_or(0, Words::stamp));
        compare::element("plain-element-equals-model", index, expected, got)
            .or("an element of the plain array differs from the model's")
    }
}

const SCAN: &str = "plain-iterator-equals-model";
const SCANNED: &str = "an iterator of the plain array returns another element than the model";
