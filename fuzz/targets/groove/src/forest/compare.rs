//! Compares everything: all records, objects and entries of indexes, in both directions.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::groove::{Field, FieldValue};

use super::tested::Tested;
use super::trees::{Kept, Part, Tick};
use crate::store::read_failed;
use downbeat::check::{fail, holds};
use downbeat::{Checked, Run};
use downbeat_model::forest as model;
use downbeat_model::forest::Stored;

impl Tested {
    /// Compares the whole content of the store with the models.
    pub(super) fn compare_sets(&mut self, run: &mut Run) -> Checked {
        for direction in [Direction::Ascending, Direction::Descending] {
            for tree in 0..2 {
                if !self.store.is_down() {
                    self.scan(tree, (0, u64::MAX), direction, usize::MAX, run)?;
                }
            }
            self.compare_objects::<Part>(direction, run)?;
            self.compare_objects::<Tick>(direction, run)?;
            self.compare_entries(Part::id, model::Part::ID, direction, run)?;
            self.compare_entries(Part::kind, model::Part::KIND, direction, run)?;
            self.compare_entries(Part::mark, model::Part::MARK, direction, run)?;
            self.compare_entries(Tick::tag, model::Tick::TAG, direction, run)?;
        }
        self.prefetch_some::<Part>(run)?;
        self.prefetch_some::<Tick>(run)
    }

    fn compare_objects<O: Kept>(&mut self, direction: Direction, run: &mut Run) -> Checked {
        if self.store.is_down() {
            return Ok(());
        }
        let from = if direction == Direction::Ascending { 0 } else { u64::MAX >> 1 };
        self.range::<O>(from, direction, usize::MAX, run)
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
        let read = self.store.forest.read().and_then(|(set, mut reader)| {
            let take = |value, timestamp| got.push((value, timestamp));
            O::groove(set).for_each_entry(field, direction, &mut reader, take)
        });
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
        let place = expected.iter().zip(&got).take_while(|(one, other)| one == other).count();
        holds("index-equals-model", expected == got)
            .show(|| (format!("{:x?}", expected.get(place)), format!("{:x?}", got.get(place))))
            .state(|| [format!("{}, number {place}", O::FIELDS[number].name)])
            .or("the tree of a field has other entries than the objects of the model")
    }

    /// Prefetches as many objects of a groove as the beat has room for.
    fn prefetch_some<O: Kept>(&mut self, run: &mut Run) -> Checked {
        if self.scope_is_open() || self.store.is_down() {
            return Ok(());
        }
        let room = self.prefetch_room::<O>();
        let all = O::side(&mut self.sides).objects.all().rev().take(room);
        let primaries: Vec<u128> = all.map(Stored::primary).collect();
        self.prefetch_now::<O>(&primaries, run).map(drop)
    }
}
