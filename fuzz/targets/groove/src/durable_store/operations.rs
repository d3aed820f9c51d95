//! What each operation does.

use super::events::FaultEvent;
use super::tested::Tested;
use super::writes::Shape;
use crate::direction::direction;
use crate::two_disks::{Failed, TwoDisks as _};
use downbeat::check::{equal, same};
use downbeat::disk::{Armed, FaultKind};
use downbeat::{Checked, Run};
use downbeat_model::durable_store::{Operation, Operation::*, Write};

impl Tested {
    /// Opens a store that refuses writes, after it has refused some calls with the same error.
    fn open_to_write(&mut self, run: &mut Run) -> Checked {
        let Failed::Service(error) = self.course.failed else { return Ok(()) };
        let last = self.store.log().last();
        let refused = [self.store.remove(0), self.store.write_all(&[]), self.store.checkpoint()];
        same("failed-store-refuses", [Err(error); 3], refused)
            .or("a store that failed writes, or refuses with another error")?;
        equal("failed-store-refuses", last, self.store.log().last())
            .or("a store that failed takes a batch")?;
        FaultEvent::OpenedToWrite.count(run);
        self.reopen(run)
    }

    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.course.phase = 0;
        let reads = matches!(
            operation,
            Get { .. }
                | Range { .. }
                | RangeAll { .. }
                | Reopen { .. }
                | Crash { .. }
                | Kill { .. }
                | Fail { .. }
                | Burst { .. }
        );
        if !reads {
            self.open_to_write(run)?;
        }
        match *operation {
            Put { key } => {
                let write = self.put(key.literal(), run);
                self.write_one(write, run)
            }
            Remove { key } => self.write_one(Write { key: key.literal(), stamp: None }, run),
            Batch { key, count, stride, mix } => {
                let shape = Shape { keys: count.get(), stride: stride.get(), mix };
                let (writes, _) = self.writes(key.literal(), shape, run);
                self.write_all(&[writes], run)
            }
            Batches { batches, key, count, stride, mix } => {
                let shape = Shape { keys: count.get(), stride: stride.get(), mix };
                let mut key = key.literal();
                let all: Vec<_> = (0..batches.get())
                    .map(|_| {
                        let (writes, next) = self.writes(key, shape, run);
                        key = next;
                        writes
                    })
                    .collect();
                self.write_all(&all, run)
            }
            Empty { batches, place, key } => {
                let place = place.of(batches.get());
                let all: Vec<_> = (0..batches.get())
                    .map(|other| {
                        if other == place { Vec::new() } else { vec![self.put(key.literal(), run)] }
                    })
                    .collect();
                run.idle_if(all.len() == 1);
                run.step();
                self.write_all(&all, run)
            }
            TooLarge { batches, place, key } => {
                let place = place.of(batches.get());
                self.too_large(batches.get(), place, key.literal(), run)
            }
            Checkpoint => self.checkpoint(run),
            Get { key } => self.get(key.literal(), run),
            Range { from, to, count, way } => {
                let keys = from.literal()..=to.literal();
                self.range(keys, count.get() as usize, direction(way.get()), run)
            }
            RangeAll { way } => self.range(0..=u64::MAX, usize::MAX, direction(way.get()), run),
            Reopen { store } => {
                self.course.anew = store.get() == 1;
                self.reopen(run)
            }
            Crash { io, from, store } => {
                run.step();
                self.arm_crash(io.get(), from.get() == 1, store.get() == 1);
                Ok(())
            }
            Kill { io, store } => {
                run.step();
                self.arm_kill(io.get(), store.get() == 1);
                Ok(())
            }
            Fail { device, io } => {
                run.step();
                let nth = u64::from(io.get()) + 1;
                let failure = Armed { kind: FaultKind::Fails, access: None, nth };
                self.disks_mut()[device.get() as usize].arm(failure);
                Ok(())
            }
            Burst { device, before, count, store } => {
                self.arm_burst(device.get(), before.get(), count.get(), store.get() == 1);
                self.reopen(run)
            }
            Format { number } => self.format_anew(number.get() == 0, run),
            OtherLimit { limit } => self.other_limit(limit.get(), run),
            OtherLog { batches } => self.other_log(batches.get(), run),
        }
    }
}
