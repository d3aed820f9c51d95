//! Operations on the plain array, each compared at once.

use downbeat_lsm::collections::Direction;

use super::arrays::Arrays;
use super::events::Event;
use super::words::Words;
use super::{compare, states};
use downbeat::check::equal;
use downbeat::failure::Divergence;
use downbeat::model::segmented_array::Place;
use downbeat::run::Run;

impl<const P: usize, const S: usize> Arrays<P, S> {
    #[inline]
    pub(super) fn insert(
        &mut self,
        at: Place,
        count: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let index = at.of(self.plain.len() + 1);
        let fitting = count.min(self.plain_room());
        if fitting == 0 {
            return self.remove_for_room(at, count, run);
        }
        self.insert_at(index, fitting, run)
    }

    /// Inserts elements singly, each before the element that was inserted last.
    pub(super) fn insert_each(
        &mut self,
        at: Place,
        count: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let index = at.of(self.plain.len() + 1);
        if self.plain_room() == 0 {
            return self.remove_for_room(at, count, run);
        }
        for _ in 0..count {
            if self.plain_room() == 0 {
                break;
            }
            self.insert_at(index, 1, run)?;
        }
        Ok(())
    }

    pub(super) fn fill(&mut self, at: Place, left: u32, run: &mut Run) -> Result<(), Divergence> {
        let count = self.plain_room().saturating_sub(left);
        if count == 0 {
            run.idle();
            return Ok(());
        }
        self.insert_at(at.of(self.plain.len() + 1), count, run)
    }

    #[cold]
    fn remove_for_room(&mut self, at: Place, count: u32, run: &mut Run) -> Result<(), Divergence> {
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

    pub(super) fn remove(
        &mut self,
        at: Place,
        count: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        if self.plain.is_empty() {
            run.redirected(|| format!("insert count={count}"));
            return self.insert(Place::BeforeEnd(0), count, run);
        }
        self.remove_at(at.of(self.plain.len()), count, run)
    }

    #[inline]
    fn plain_room(&self) -> u32 {
        let array = &self.plain;
        self.room(array.len(), array.element_count_max(), array.node_capacity())
    }

    fn insert_at(&mut self, index: u32, count: u32, run: &mut Run) -> Result<(), Divergence> {
        let mut elements = std::mem::take(&mut self.elements);
        elements.clear();
        elements.extend((0..count).map(|_| self.made(0)));
        self.words.clear();
        self.words.extend(elements.iter().map(|element| Words::of(*element)));
        let spot = Self::spot(&self.plain, self.plain.cursor(index));
        states::inserted(&spot, count, run);
        if count > self.plain.node_capacity() {
            Event::BatchOverNodes.count(run);
        }
        let is_append = index == self.plain.len();
        let last = self.plain.node_count().saturating_sub(1);
        run.step();
        self.plain.insert(&mut self.pool, index, &self.words);
        self.plain_model.insert(index, &elements);
        self.elements = elements;
        run.remark(|| format!("{count} from index {index} on"));
        Self::note_full(&self.plain, run);
        self.around(index, index + count, run)?;
        if is_append { Self::appended(&self.plain, last) } else { Ok(()) }
    }

    fn remove_at(&mut self, index: u32, count: u32, run: &mut Run) -> Result<(), Divergence> {
        let count = count.min(self.plain.len() - index);
        let spot = Self::spot(&self.plain, self.plain.cursor(index));
        states::removed(&spot, count, run);
        run.step();
        self.plain.remove(&mut self.pool, index, count);
        self.plain_model.remove(index, count);
        run.remark(|| format!("{count} from index {index} on"));
        self.around(index, index, run)
    }

    pub(super) fn get(&mut self, at: Place, run: &mut Run) -> Result<(), Divergence> {
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

    pub(super) fn replace(&mut self, at: Place, run: &mut Run) -> Result<(), Divergence> {
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

    pub(super) fn clear(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.plain.is_empty() {
            run.idle();
        }
        run.step();
        self.plain.clear(&mut self.pool);
        self.plain_model.clear();
        self.around(0, 0, run)
    }

    /// Removes from the last node to the first, because a removal does not change the nodes before
    /// it.
    pub(super) fn thin(&mut self, run: &mut Run) -> Result<(), Divergence> {
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
        if !thinned {
            run.idle();
        }
        Ok(())
    }

    pub(super) fn scan_up(
        &mut self,
        at: Place,
        count: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let index = at.of(self.plain.len() + 1);
        let mut iter = self.plain.iter(self.plain.cursor(index), Direction::Ascending);
        for next in index..index + count {
            run.step();
            let left = self.plain_model.len() - next;
            compare::upcoming(SCAN, &self.plain, &iter, (left > 0).then_some(next), left)?;
            let (expected, got) = (self.plain_model.get(next), iter.next());
            compare::element(SCAN, next, expected, got).or(SCANNED)?;
            if got.is_none() {
                Event::EndReachedUp.count(run);
                return Ok(());
            }
        }
        iter.finish();
        compare::upcoming(SCAN, &self.plain, &iter, None, 0)?;
        compare::element(SCAN, index + count, None, iter.next()).or(SCANNED_ON)
    }

    pub(super) fn scan_down(
        &mut self,
        at: Place,
        count: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let index = at.of(self.plain.len() + 1);
        let mut iter = self.plain.iter(self.plain.cursor(index), Direction::Descending);
        // A descending iterator from the end starts at the last element.
        let mut below = (index + 1).min(self.plain.len());
        for _ in 0..count {
            run.step();
            let next = below.checked_sub(1);
            compare::upcoming(SCAN, &self.plain, &iter, next, below)?;
            let expected = next.and_then(|next| self.plain_model.get(next));
            let got = iter.next();
            compare::element(SCAN, next.unwrap_or(0), expected, got).or(SCANNED)?;
            let Some(next) = next else {
                Event::EndReachedDown.count(run);
                return Ok(());
            };
            below = next;
        }
        iter.finish();
        compare::upcoming(SCAN, &self.plain, &iter, None, 0)?;
        compare::element(SCAN, below, None, iter.next()).or(SCANNED_ON)
    }

    /// Checks the length, and the elements around the bounds of `start..end`.
    fn around(&self, start: u32, end: u32, run: &mut Run) -> Result<(), Divergence> {
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
    fn at(&self, index: u32, run: &mut Run) -> Result<(), Divergence> {
        run.step();
        let (expected, got) = (self.plain_model.get(index), self.plain.get(index));
        run.result(got.map_or(0, Words::stamp));
        compare::element("plain-element-equals-model", index, expected, got)
            .or("an element of the plain array differs from the model's")
    }
}

const SCAN: &str = "plain-iterator-equals-model";
const SCANNED: &str = "an iterator of the plain array returns another element than the model";
const SCANNED_ON: &str = "an iterator returns an element after it was finished";
