//! Reads of the grooves: prefetches and gets, queries, and ranges of timestamps.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::groove::{Condition, ObjectKey};

use super::events::Event;
use super::states;
use super::tested::Tested;
use super::trees::{Kept, Part};
use crate::store::read_failed;
use downbeat::check::{fail, holds, same};
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::forest as model;
use downbeat_model::forest::Stored;
use downbeat_model::groove::Condition as ModelCondition;

impl Tested {
    /// How many more keys can be prefetched in this beat.
    pub(super) fn prefetch_room<O: Kept>(&mut self) -> usize {
        let prefetched = O::side(&mut self.sides).prefetched.len();
        let trees = self.trees();
        let most = trees.1.prefetch_max;
        // The objects that are repeated need the room for all writes of a beat.
        let kept = if self.is_live() { 0 } else { trees.1.batch_objects_max };
        (most as usize).saturating_sub(kept as usize + prefetched)
    }

    /// Prefetches objects in as many beats as necessary, and gets them. In a scope, only gets those
    /// that are known. If a part of the history is not repeated yet, prefetches only those for
    /// which this beat has room.
    pub(super) fn prefetch<O: Kept>(&mut self, primaries: &[u128], run: &mut Run) -> Checked {
        if self.scope_is_open() {
            return self.get_known::<O>(primaries.len(), run);
        }
        let mut left = primaries;
        while !left.is_empty() && !self.store.is_down() {
            let room = self.prefetch_room::<O>();
            if room == 0 {
                if !self.is_live() || !self.store.can_write() {
                    return Ok(());
                }
                crate::store::beat(self, run)?;
                continue;
            }
            let (now, later) = left.split_at(room.min(left.len()));
            self.prefetch_now::<O>(now, run)?;
            left = later;
        }
        Ok(())
    }

    /// Gets `count` objects that are known in the scope.
    fn get_known<O: Kept>(&mut self, count: usize, run: &mut Run) -> Checked {
        let known: Vec<u128> = O::side(&mut self.sides).known.iter().take(count).copied().collect();
        run.idle_if(known.is_empty());
        for primary in known {
            self.check_get::<O>(primary, run)?;
        }
        Ok(())
    }

    /// Prefetches objects for which this beat has room, and gets them. Returns whether the disk did
    /// not fail.
    pub(super) fn prefetch_now<O: Kept>(
        &mut self,
        primaries: &[u128],
        run: &mut Run,
    ) -> Checked<bool> {
        if primaries.is_empty() {
            return Ok(true);
        }
        run.step();
        let since = self.store.now();
        let keys: Vec<ObjectKey<O>> = primaries.iter().map(|it| ObjectKey::primary(*it)).collect();
        let prefetched = match self.store.forest.read() {
            Ok((set, mut reader)) => O::groove(set).prefetch(&keys, &mut reader),
            Err(error) => Err(error),
        };
        Event::PrefetchWithIo.count_if(self.store.now() > since, run);
        if let Err(error) = prefetched {
            self.prefetch_failed(&error, since, run)?;
            return Ok(false);
        }
        for primary in primaries {
            let side = O::side(&mut self.sides);
            side.prefetched.insert(*primary);
            side.known.insert(*primary);
            run.read(side.objects.get(*primary).is_some());
            self.check_get::<O>(*primary, run)?;
        }
        Ok(true)
    }

    /// Checks the object with a known primary key.
    pub(super) fn check_get<O: Kept>(&mut self, primary: u128, run: &mut Run) -> Checked {
        run.step();
        let expected = O::side(&mut self.sides).objects.get(primary).copied();
        let got = O::groove(self.store.forest.trees_and_grid().0).get(primary);
        same("get-equals-model", expected, got.map(|object| object.model()))
            .or("a get returns another object than the model, or none")
    }

    /// Persists the open scope, because the next operation is impossible in a scope.
    pub(super) fn leave_scope(&mut self, run: &mut Run) {
        if self.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
    }

    /// Queries the parts that have a value, and reads them by pages of `page`.
    pub(super) fn query(
        &mut self,
        field: usize,
        value: u128,
        direction: Direction,
        page: usize,
        run: &mut Run,
    ) -> Checked {
        run.step();
        let in_model = ModelCondition::Equals(field, value);
        let (in_core, is_left_out): (Condition<Part>, bool) = match field {
            model::Part::KIND => (Part::kind.equals(value as u64), false),
            _ => (Part::mark.equals(value as u32), value == 0),
        };
        let mut expected: Vec<model::Part> =
            self.sides.parts.objects.query(&in_model).copied().collect();
        if direction == Direction::Descending {
            expected.reverse();
        }
        let since = self.store.now();
        let mut got: Vec<Part> = Vec::new();
        let mut is_refused = false;
        let read = self.store.forest.read().and_then(|(set, mut reader)| {
            let Ok(mut query) = Part::groove(set).query(&in_core, direction, &mut reader) else {
                is_refused = true;
                return Ok(());
            };
            loop {
                let before = got.len();
                query.page(page, &mut got)?;
                if got.len() < before + page {
                    return Ok(());
                }
            }
        });
        same("query-is-refused-with-the-reason", is_left_out, is_refused)
            .or("a query for a value that is not indexed is not refused, or another is")?;
        if is_refused {
            Event::QueryRefused.count(run);
            return Ok(());
        }
        Event::QueryWithIo.count_if(self.store.now() > since, run);
        self.compare_read("query-equals-model", &expected, &got, read.err(), since, run)
    }

    /// Reads `count` objects from a timestamp on.
    pub(super) fn range<O: Kept>(
        &mut self,
        from: u64,
        direction: Direction,
        count: usize,
        run: &mut Run,
    ) -> Checked {
        run.step();
        let objects = &O::side(&mut self.sides).objects;
        let (expected, timestamps): (Vec<O::Model>, _) = match direction {
            Direction::Ascending => {
                (objects.range(from, u64::MAX).take(count).copied().collect(), from..=u64::MAX >> 1)
            }
            Direction::Descending => {
                (objects.range(0, from).rev().take(count).copied().collect(), 0..=from)
            }
        };
        let since = self.store.now();
        let mut got: Vec<O> = Vec::new();
        let read = self.store.forest.read().and_then(|(set, mut reader)| {
            let mut range = O::groove(set).range(timestamps, direction, &mut reader);
            while got.len() < count
                && let Some(object) = range.next()?
            {
                got.push(object);
            }
            Ok(())
        });
        self.compare_read("range-equals-model", &expected, &got, read.err(), since, run)
    }

    /// Compares the objects that were read until an error, if there was one.
    fn compare_read<O: Kept>(
        &mut self,
        check: &'static str,
        expected: &[O::Model],
        got: &[O],
        failed: Option<downbeat_lsm::forest::StoreError>,
        since: u64,
        run: &mut Run,
    ) -> Checked {
        run.result(got.len() as u64);
        run.state(states::Found, octave(got.len() as u64));
        let mut wanted = expected.iter();
        for object in got {
            run.step();
            same(check, wanted.next(), Some(&object.model()))
                .or("an object is returned that the model does not have there")?;
        }
        if let Some(error) = failed {
            let divergence = || {
                fail(check, "objects", error)
                    .saying("objects cannot be read, and the disk does not explain it")
            };
            return read_failed(self, &error, since, divergence, run);
        }
        let left = wanted.next();
        holds(check, left.is_none())
            .show(|| (format!("{left:x?}"), "the end"))
            .or("the objects end before the last one of the model")
    }

    /// The timestamp of the part at a place, moved by `distance`.
    pub(super) fn timestamp_near(&self, place: usize, distance: i64) -> u64 {
        let near = self.sides.parts.objects.nth(place).map_or(1, Stored::timestamp);
        near.wrapping_add_signed(distance) & u64::MAX >> 1
    }
}
