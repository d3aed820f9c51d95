//! Reads of things between requests: by number, by timestamp, by value, and ranges.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::{Reader, StoreError};
use downbeat_lsm::groove::{Groove, ObjectKey};
use downbeat_lsm::state_machine::Thing;

use super::events::{Event, FaultEvent};
use super::tested::{PREFETCH_MAX, Tested};
use crate::two_disks::device::Device;
use crate::two_disks::{TwoDisks as _, causes};
use downbeat::check::{fail, same};
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::Cause;

impl Tested {
    /// The thing of a request, if the request has one.
    pub(super) fn thing(&self, op: u64) -> Option<Thing> {
        let value = self.requests.value(op)?;
        Some(Thing { timestamp: op, value, id: u128::from(op) })
    }

    /// Checks that the disk of the machine explains why a read failed that began after `since` I/Os
    /// of this disk.
    #[cold]
    fn read_failed(&mut self, error: &StoreError, since: u64, run: &mut Run) -> Checked {
        self.follow_clock();
        run.remark(|| error.to_string());
        if causes::of_store(self, error, since) == Cause::None {
            return Err(fail("things-are-read", "things", error)
                .saying("things cannot be read, and the disk does not explain it"));
        }
        FaultEvent::ReadFailed.count_if(!self.is_down(), run);
        Ok(())
    }

    /// Reads with a closure. Returns nothing if the read fails, and the disk of the machine explains
    /// why.
    pub(super) fn read<T>(
        &mut self,
        run: &mut Run,
        read: impl FnOnce(&mut Groove<Thing>, &mut Reader<'_, Device>) -> Result<T, StoreError>,
    ) -> Checked<Option<T>> {
        run.step();
        let since = self.machine_disk().completed();
        let forest = self.service.machine_mut().forest_mut();
        match forest.read().and_then(|(things, mut reader)| read(things, &mut reader)) {
            Ok(got) => Ok(Some(got)),
            Err(error) => self.read_failed(&error, since, run).map(|()| None),
        }
    }

    /// Gets the thing with a number, which may be absent.
    pub(super) fn get(&mut self, op: u64, by_timestamp: bool, run: &mut Run) -> Checked {
        if self.prefetched + 1 == PREFETCH_MAX {
            self.idle(1, run)?;
            if self.refuses() {
                return Ok(());
            }
        }
        self.prefetched += 1;
        let key = if by_timestamp && (1..u64::MAX >> 1).contains(&op) {
            ObjectKey::timestamp(op)
        } else {
            ObjectKey::primary(u128::from(op))
        };
        let completed = self.course.clock.completed();
        let got = self.read(run, |things, reader| {
            things.prefetch(&[key], reader)?;
            Ok(things.get_prefetched(key))
        })?;
        Event::GetWithIo.count_if(self.course.clock.completed() > completed, run);
        let Some(got) = got else { return Ok(()) };
        let expected = self.thing(op);
        run.read(expected.is_some());
        same("thing-equals-model", expected, got)
            .or("a get returns another thing than that of the request, or none")
    }

    /// Reads the things of requests from `first` to `last`.
    pub(super) fn range(
        &mut self,
        first: u64,
        last: u64,
        direction: Direction,
        run: &mut Run,
    ) -> Checked {
        let got = self.read(run, |things, reader| {
            let (mut got, mut range) =
                (Vec::new(), things.range(first.max(1)..=last, direction, reader));
            while let Some(thing) = range.next()? {
                got.push(thing);
            }
            Ok(got)
        })?;
        let Some(got) = got else { return Ok(()) };
        let mut expected: Vec<Thing> = (first..=last).filter_map(|op| self.thing(op)).collect();
        if direction == Direction::Descending {
            expected.reverse();
        }
        got.iter().for_each(|_| run.step());
        run.read(!expected.is_empty());
        Event::Range.count(run);
        same("range-equals-model", expected, got)
            .or("a range returns other things than those of its requests")
    }

    /// Finds the thing of a request by its value.
    pub(super) fn find(&mut self, op: u64, direction: Direction, run: &mut Run) -> Checked {
        // A value that no request has, if there is no such request.
        let value = self.requests.value(op).unwrap_or(op);
        let completed = self.course.clock.completed();
        let got = self.read(run, |things, reader| {
            let condition = Thing::value.equals(value);
            let query = things.query(&condition, direction, reader);
            let (mut got, mut query) = (Vec::new(), query.expect("the value has an index"));
            while let Some(thing) = query.next()? {
                got.push(thing);
            }
            Ok(got)
        })?;
        Event::FindWithIo.count_if(self.course.clock.completed() > completed, run);
        let Some(got) = got else { return Ok(()) };
        let expected: Vec<Thing> = self.thing(op).into_iter().collect();
        run.read(!expected.is_empty());
        same("value-finds-its-thing", expected, got)
            .or("a value finds other things than that of its request")
    }
}
