//! What each operation does.

use super::events::{Event, FaultEvent};
use super::tested::Tested;
use crate::direction::direction;
use crate::two_disks::TwoDisks as _;
use downbeat::input::encoding::Place;
use downbeat::{Checked, Run};
use downbeat_model::state_machine::{Operation, Operation::*, client, forged};

impl Tested {
    /// If the service has failed, checks that it refuses a beat, and opens it again.
    fn open_to_write(&mut self, run: &mut Run) -> Checked {
        if !self.course.has_failed() {
            return Ok(());
        }
        self.check_refuses()?;
        FaultEvent::OpenedToWrite.count(run);
        self.reopen(run)
    }

    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        if !matches!(
            operation,
            Crash { .. }
                | Kill { .. }
                | Fault { .. }
                | Burst { .. }
                | Reopen { .. }
                | Split { .. }
                | Numbers
        ) {
            self.open_to_write(run)?;
        }
        let request =
            |tested: &Self, place: Place| u64::from(place.of(tested.requests.last() as u32 + 1));
        self.course.phase = match operation {
            Request { .. } | Forged { .. } | Group { .. } | Workload { .. } | Idle { .. } => 1,
            ByHand { .. } => 2,
            _ => 0,
        };
        match *operation {
            Request { client: number, size } => {
                let body = self.next_body(self.size(size));
                self.execute(&[(client(number.get()), body)], run)
            }
            Group { count, client, size } => {
                let size = self.size(size);
                self.group(count.get(), client.get(), size, run)
            }
            Workload { count, group } => self.workload(count.get(), group.get(), run),
            ByHand { count, ahead, steps, size } => {
                let size = self.size(size);
                let (count, ahead, steps) = (count.get(), ahead.get(), steps.get());
                self.by_hand(super::by_hand::ByHand { count, ahead, steps, size }, run)
            }
            TooLong { count, place } => {
                self.too_long(count.get(), place.of(count.get()) as usize, run)
            }
            Idle { beats } => self.idle(beats.get(), run),
            Want => {
                self.want(run);
                Ok(())
            }
            Step { count } => {
                run.step();
                run.idle_if(count.get() == 0);
                self.complete(count.get());
                Ok(())
            }
            DropCache => {
                run.step();
                Event::CacheDropped.count(run);
                self.service.machine_mut().forest_mut().trees_and_grid().1.drop_cache();
                Ok(())
            }
            Reopen { service } => {
                self.course.anew = service.get() == 1;
                self.reopen(run)
            }
            Crash { io, from, service } => {
                run.step();
                self.arm_crash(io.get(), from.get() == 1, service.get() == 1);
                Ok(())
            }
            Kill { io, service } => {
                run.step();
                self.arm_kill(io.get(), service.get() == 1);
                Ok(())
            }
            Fault { device, kind, io } => {
                run.step();
                self.arm_fault(device.get(), kind.get(), io.get());
                Ok(())
            }
            Burst { device, before, count, service } => {
                self.has_faults = true;
                self.arm_burst(device.get(), before.get(), count.get(), service.get() == 1);
                self.reopen(run)
            }
            Damage { entry, kind, service } => {
                let count = self.ring.entries().len().max(1) as u32;
                self.damage(entry.of(count) as usize, kind.get(), service.get() == 1, run)
            }
            GiveUp { entry, kind, service } => {
                let count = self.ring.entries().len().max(1) as u32;
                self.give_up(entry.of(count) as usize, kind.get(), service.get() == 1, run)
            }
            Get { request: place, distance, by } => {
                let op = request(self, place).wrapping_add_signed(distance.get());
                self.get(op, by.get() == 1, run)
            }
            Range { request: place, count, way } => {
                let first = request(self, place);
                let last = first + u64::from(count.get()) - 1;
                self.range(first, last, direction(way.get()), run)
            }
            Find { request: place, way } => {
                let op = request(self, place);
                self.find(op, direction(way.get()), run)
            }
            Swap { count } => self.swap(count.get(), run),
            Unknown { number } => self.unknown(number.get() as u8, run),
            Split { event, result, requests, events } => {
                self.split(event, result, requests.get(), events.get(), run)
            }
            Numbers => self.numbers(run),
            Forged { client: number, distance } => {
                let op = (self.requests.last() + 2).wrapping_add_signed(distance.get());
                let sector = self.log_disk().layout().sector_size();
                let limit = self.options.body_size_max as usize;
                let body = forged(op, self.course.number(), sector, limit);
                Event::Forged.count_if(body.len() < limit, run);
                self.execute(&[(client(number.get()), body)], run)
            }
        }
    }
}
