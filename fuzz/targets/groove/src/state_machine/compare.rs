//! Compares everything: the things, and the entries of the trees of their numbers and values.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::groove::{Field, FieldValue};
use downbeat_lsm::state_machine::Thing;

use super::tested::Tested;
use crate::two_disks::TwoDisks as _;
use downbeat::check::holds;
use downbeat::{Checked, Run};

const BOTH: [Direction; 2] = [Direction::Ascending, Direction::Descending];

impl Tested {
    /// Compares the whole groove with the model.
    pub(super) fn compare_all(&mut self, run: &mut Run) -> Checked {
        let things: Vec<Thing> =
            (1..=self.requests.last()).filter_map(|op| self.thing(op)).collect();
        let numbers: Vec<_> = things.iter().map(|thing| (thing.id, thing.timestamp)).collect();
        let mut values: Vec<_> =
            things.iter().map(|thing| (u128::from(thing.value), thing.timestamp)).collect();
        values.sort_unstable();
        for direction in BOTH {
            self.compare_things(&things, direction, run)?;
            self.compare_entries(Thing::id, &numbers, direction, run)?;
            self.compare_entries(Thing::value, &values, direction, run)?;
        }
        Ok(())
    }

    fn compare_things(
        &mut self,
        expected: &[Thing],
        direction: Direction,
        run: &mut Run,
    ) -> Checked {
        if self.is_down() {
            return Ok(());
        }
        let got = self.read(run, |things, reader| {
            let mut got = Vec::with_capacity(expected.len());
            things.for_each_object(direction, reader, |thing| got.push(*thing)).map(|()| got)
        })?;
        let Some(mut got) = got else { return Ok(()) };
        got.iter().for_each(|_| run.step());
        if direction == Direction::Descending {
            got.reverse();
        }
        holds("things-equal-model", expected == got)
            .show(|| difference(expected, &got))
            .or("the groove has other things than those of the requests")
    }

    fn compare_entries<V: FieldValue>(
        &mut self,
        field: Field<Thing, V>,
        expected: &[(u128, u64)],
        direction: Direction,
        run: &mut Run,
    ) -> Checked {
        if self.is_down() {
            return Ok(());
        }
        let got = self.read(run, |things, reader| {
            let mut got = Vec::with_capacity(expected.len());
            let take = |value, timestamp| got.push((value, timestamp));
            things.for_each_entry(field, direction, reader, take).map(|()| got)
        })?;
        let Some(mut got) = got else { return Ok(()) };
        got.iter().for_each(|_| run.step());
        if direction == Direction::Descending {
            got.reverse();
        }
        holds("index-equals-model", expected == got)
            .show(|| difference(expected, &got))
            .or("the tree of a field has other entries than the things of the requests")
    }
}

/// The first place where two lists differ, and their lengths.
fn difference<T: PartialEq + std::fmt::Debug>(expected: &[T], got: &[T]) -> (String, String) {
    let place = expected.iter().zip(got).take_while(|(one, other)| one == other).count();
    let show = |list: &[T]| format!("{:x?} at {place} of {}", list.get(place), list.len());
    (show(expected), show(got))
}
