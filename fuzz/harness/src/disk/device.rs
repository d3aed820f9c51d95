//! The disk as a storage.

use downbeat_lsm::storage::{
    Access, Completion, Fault, LayoutOptions, Operation, Owner, Storage, Ticket,
};

use super::chance::Site;
use super::power::Power;
use super::queue::InFlight;
use super::{Order, Outcome, SimulatedDisk, Unit};

impl Storage for SimulatedDisk {
    fn size(&self) -> u64 {
        self.layout.size()
    }

    fn sector_size(&self) -> usize {
        self.layout.sector_size()
    }

    fn grow(&mut self, size: u64) -> Result<(), Fault> {
        if size > self.size() { self.grow_to(size) } else { Ok(()) }
    }

    fn discard(&mut self, offset: u64, length: u64) -> Result<(), Fault> {
        self.give_back(offset, length)
    }

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        let LayoutOptions { sector_size, .. } = *self.layout.options();
        operation.assert_valid(self.layout.size(), sector_size);
        let late = self.power != Power::On;
        if !late {
            self.rules.check_in_flight(&operation, &self.layout, &self.queue);
        }
        if let (Operation::Write { span, .. }, false) = (&operation, late) {
            let unit = self.rules.check_write(*span, &self.layout, &self.queue, &self.image);
            self.unsettled.insert(unit);
            if let Unit::Block(address) = unit {
                self.written.insert(address);
                self.discards.blocks.remove(address);
            }
        }
        self.submitted += 1;
        let ticket = Ticket(self.submitted);
        let mark = self.image.log.mark();
        self.queue.operations.push(InFlight { ticket, owner, operation, mark, late });
        ticket
    }

    fn step(&mut self) -> Option<Completion> {
        if self.power != Power::On {
            return None;
        }
        let Self { queue, chance, order, completed, .. } = self;
        let next = queue.take_next(*order, || chance.at(Site::Order, 0))?;
        chance.next_io();
        *completed += 1;
        let InFlight { ticket, owner, mut operation, mark, late: _ } = next;
        let access = match operation {
            Operation::Read { .. } => Access::Read,
            Operation::Write { .. } => Access::Write,
            Operation::Flush => Access::Flush,
        };
        let result = self.perform(&mut operation, mark);
        if self.faults.power_goes(access) {
            self.lose_power();
        }
        Some(Completion { ticket, owner, operation, result })
    }

    fn queued(&self) -> usize {
        self.queue.operations.len()
    }

    fn abandon(&mut self) -> Option<Operation> {
        let InFlight { operation, late, .. } = self.queue.take_next(Order::Submission, || 0)?;
        if let (Operation::Write { span, buffer }, false) = (&operation, late) {
            if self.chance.at(Site::InFlight, span.offset).is_multiple_of(2) {
                self.image.write(span.offset, &buffer.bytes()[..span.length]);
                self.counts.add(Outcome::InFlightApplied, 1);
            } else {
                self.counts.add(Outcome::InFlightDropped, 1);
            }
        }
        Some(operation)
    }
}
