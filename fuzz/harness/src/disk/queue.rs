//! What is in flight, and what completes next.
//!
//! - Operations stand in the order of submission.
//! - Nothing of a write has happened before it completes; that the queue ends otherwise (a crash, an
//!   operation taken back) is decided elsewhere.
//!
//! What this does not do: it touches no content.

use downbeat_lsm::storage::{Operation, Owner, Span, Ticket};

use super::log::Mark;

/// Which of the operations in flight completes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The oldest.
    #[default]
    Submission,
    /// The newest.
    Reversed,
    /// The oldest read; without one, the oldest.
    ReadsFirst,
    /// The oldest write; without one, the oldest.
    WritesFirst,
    /// Any.
    Chance,
}

impl Order {
    /// Every order.
    pub const ALL: [Self; 5] =
        [Self::Submission, Self::Reversed, Self::ReadsFirst, Self::WritesFirst, Self::Chance];
}

/// An operation in flight.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) ticket: Ticket,
    pub(super) owner: Owner,
    pub(super) operation: Operation,
    /// All that had been written when it was submitted: what it makes durable, if it is a flush.
    pub(super) mark: Mark,
    /// Whether the power was already off, or the disk already crashed, when it was submitted.
    pub(super) late: bool,
}

/// What is in flight; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Queue {
    operations: Vec<InFlight>,
}

impl Queue {
    pub(super) fn push(&mut self, in_flight: InFlight) {
        self.operations.push(in_flight);
    }

    pub(super) fn operations(&self) -> &[InFlight] {
        &self.operations
    }

    /// The writes that can still happen.
    #[inline]
    pub(super) fn writes(&self) -> impl Iterator<Item = (Span, &[u8])> + '_ {
        self.operations.iter().filter(|in_flight| !in_flight.late).filter_map(|in_flight| {
            match &in_flight.operation {
                Operation::Write { span, buffer } => Some((*span, &buffer.bytes()[..span.length])),
                Operation::Read { .. } | Operation::Flush => None,
            }
        })
    }

    /// Takes out what completes next; `chance` is asked if the order is by chance.
    #[inline]
    pub(super) fn take_next(
        &mut self,
        order: Order,
        chance: impl FnOnce() -> u64,
    ) -> Option<InFlight> {
        let count = self.operations.len();
        if count == 0 {
            return None;
        }
        let first = |wanted: fn(&Operation) -> bool| {
            let position = self.operations.iter().position(|other| wanted(&other.operation));
            position.unwrap_or(0)
        };
        let index = match order {
            Order::Submission => 0,
            Order::Reversed => count - 1,
            Order::ReadsFirst => first(|operation| matches!(operation, Operation::Read { .. })),
            Order::WritesFirst => first(|operation| matches!(operation, Operation::Write { .. })),
            Order::Chance => (chance() % count as u64) as usize,
        };
        Some(self.operations.remove(index))
    }

    /// Takes out the oldest.
    pub(super) fn take_oldest(&mut self) -> Option<InFlight> {
        (!self.operations.is_empty()).then(|| self.operations.remove(0))
    }

    /// Nothing in flight can happen any more.
    pub(super) fn make_late(&mut self) {
        for in_flight in &mut self.operations {
            in_flight.late = true;
        }
    }

    pub(super) fn clear(&mut self) {
        self.operations.clear();
    }

    /// Takes out everything.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Operation> + '_ {
        self.operations.drain(..).map(|in_flight| in_flight.operation)
    }
}
