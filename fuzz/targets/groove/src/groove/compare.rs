//! Compares everything: all objects, all entries of the indexes, and a query for each value.

use std::collections::BTreeSet;

use downbeat_lsm::collections::Direction;
use downbeat_lsm::groove::{Field, FieldValue};

use super::kept::{Kept, Name, Thing, Tick};
use super::queries::Reading;
use super::tested::Tested;
use crate::store::read_failed;
use downbeat::check::{fail, holds};
use downbeat::{Checked, Run};
use downbeat_model::groove as model;
use downbeat_model::groove::{Condition, Stored};

const BOTH: [Direction; 2] = [Direction::Ascending, Direction::Descending];

impl Tested {
    /// Compares the whole content of the store with the model.
    pub(super) fn compare_grooves(&mut self, run: &mut Run) -> Checked {
        for direction in BOTH {
            self.compare_objects::<Thing>(direction, run)?;
            self.compare_objects::<Tick>(direction, run)?;
            self.compare_entries(Thing::owner, model::Thing::OWNER, direction, run)?;
            self.compare_entries(Thing::id, model::Thing::ID, direction, run)?;
            self.compare_entries(Thing::code, model::Thing::CODE, direction, run)?;
            self.compare_entries(Thing::kind, model::Thing::KIND, direction, run)?;
            self.compare_entries(Thing::mark, model::Thing::MARK, direction, run)?;
            self.compare_entries(Thing::flag, model::Thing::FLAG, direction, run)?;
            self.compare_entries(Thing::rank, model::Thing::RANK, direction, run)?;
            self.compare_entries(Tick::tag, model::Tick::TAG, direction, run)?;
            for field in [
                model::Thing::OWNER,
                model::Thing::KIND,
                model::Thing::MARK,
                model::Thing::FLAG,
                model::Thing::RANK,
            ] {
                self.query_each_value::<Thing>(field, direction, run)?;
            }
            self.query_each_value::<Tick>(model::Tick::TAG, direction, run)?;
        }
        self.prefetch_some(run)
    }

    fn compare_objects<O: Kept>(&mut self, direction: Direction, run: &mut Run) -> Checked {
        if self.store.is_down() {
            return Ok(());
        }
        run.step();
        let since = self.store.now();
        let mut got = Vec::new();
        let read = match self.store.forest.read() {
            Ok((grooves, mut reader)) => {
                O::groove(grooves)
                    .for_each_object(direction, &mut reader, |object| got.push(object.model()))
            }
            Err(error) => Err(error),
        };
        got.iter().for_each(|_| run.step());
        if let Err(error) = read {
            let divergence = || {
                fail("objects-equal-model", "objects", error)
                    .saying("the object tree cannot be read, and the disk does not explain it")
            };
            return read_failed(self, &error, since, divergence, run);
        }
        let mut expected: Vec<O::Model> = O::side(&mut self.sides).objects.all().copied().collect();
        if direction == Direction::Descending {
            expected.reverse();
        }
        holds("objects-equal-model", expected == got)
            .show(|| difference(&expected, &got))
            .or("the object tree has other objects than the model")
    }

    fn compare_entries<O: Kept, V: FieldValue>(
        &mut self,
        field: Field<O, V>,
        number: usize,
        direction: Direction,
        run: &mut Run,
    ) -> Checked {
        if self.store.is_down() {
            return Ok(());
        }
        run.step();
        let since = self.store.now();
        let mut got: Vec<(u128, u64)> = Vec::new();
        let read = match self.store.forest.read() {
            Ok((grooves, mut reader)) => O::groove(grooves).for_each_entry(
                field,
                direction,
                &mut reader,
                |value, timestamp| {
                    got.push((value, timestamp));
                },
            ),
            Err(error) => Err(error),
        };
        got.iter().for_each(|_| run.step());
        if let Err(error) = read {
            let divergence = || {
                fail("index-equals-model", "entries", error)
                    .saying("an index cannot be read, and the disk does not explain it")
            };
            return read_failed(self, &error, since, divergence, run);
        }
        let mut expected = O::side(&mut self.sides).objects.entries(number);
        if direction == Direction::Descending {
            expected.reverse();
        }
        holds("index-equals-model", expected == got)
            .show(|| difference(&expected, &got))
            .state(|| [O::FIELDS[number].name.to_owned()])
            .or("the tree of a field has other entries than the objects of the model")
    }

    /// Queries each value that an object has in a field or derived index.
    fn query_each_value<O: Kept>(
        &mut self,
        field: usize,
        direction: Direction,
        run: &mut Run,
    ) -> Checked {
        let objects = &O::side(&mut self.sides).objects;
        let values: BTreeSet<u128> =
            objects.all().filter_map(|object| object.indexed(field)).collect();
        for value in values {
            if self.store.is_down() {
                return Ok(());
            }
            let page = if value % 2 == 0 { None } else { Some(3) };
            let reading = Reading { direction, page, seek: None, rest: usize::MAX };
            self.query::<O>(&Condition::Equals(field, value), reading, run)?;
        }
        Ok(())
    }

    /// Prefetches as many objects of each groove as the beat has room for: things by primary key,
    /// code and timestamp in turn, and ticks by timestamp.
    fn prefetch_some(&mut self, run: &mut Run) -> Checked {
        if self.scope_is_open() || self.store.is_down() {
            return Ok(());
        }
        let room = self.prefetch_room::<Thing>();
        let things = self.sides.things.objects.all().rev().take(room).enumerate();
        let names: Vec<Name> = things
            .map(|(number, thing)| match number % 3 {
                0 => Name::Primary(thing.id),
                1 => Name::Code(thing.code),
                _ => Name::Timestamp(thing.timestamp),
            })
            .collect();
        self.prefetch_now::<Thing>(&names, run)?;
        if self.store.is_down() {
            return Ok(());
        }
        let room = self.prefetch_room::<Tick>();
        let ticks = self.sides.ticks.objects.all().take(room);
        let names: Vec<Name> = ticks.map(|tick| Name::Timestamp(tick.timestamp)).collect();
        self.prefetch_now::<Tick>(&names, run).map(drop)
    }
}

/// The first place at which two lists differ.
fn difference<T: PartialEq + std::fmt::Debug>(expected: &[T], got: &[T]) -> (String, String) {
    let place = expected.iter().zip(got).take_while(|(one, other)| one == other).count();
    let text = |list: &[T]| {
        let item = list.get(place).map_or("the end".to_owned(), |item| format!("{item:x?}"));
        format!("{item}, number {place} of {}", list.len())
    };
    (text(expected), text(got))
}
