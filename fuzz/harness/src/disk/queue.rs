//! The operations in flight, and the choice of the next to complete.
//!
//! - Operations are kept in the order of submission.
//! - A write has no effect before it completes. If it does not complete (a crash, or an abandoned
//!   operation), the disk decides whether it took effect.

use downbeat_lsm::storage::{Operation, Owner, Span, Ticket};

use super::log::Mark;

/// Which operation in flight completes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The oldest operation.
    #[default]
    Submission,
    /// The newest operation.
    Reversed,
    /// The oldest read, or the oldest operation if there is no read.
    ReadsFirst,
    /// The oldest write, or the oldest operation if there is no write.
    WritesFirst,
    /// A random operation.
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
    /// The end of the log at submission. A flush makes durable what lies before it.
    pub(super) mark: Mark,
    /// Whether the operation can no longer take effect: it was submitted without power, or the disk
    /// crashed or restarted since.
    pub(super) late: bool,
}

/// The operations in flight; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) operations: Vec<InFlight>,
}

impl Queue {
    /// Iterates over the writes that can still take effect.
    #[inline]
    pub(super) fn writes(&self) -> impl Iterator<Item = (Span, &[u8])> + '_ {
        self.operations.iter().filter(|in_flight| !in_flight.late).filter_map(|in_flight| {
            match &in_flight.operation {
                Operation::Write { span, buffer } => Some((*span, &buffer.bytes()[..span.length])),
                Operation::Read { .. } | Operation::Flush => None,
            }
        })
    }

    /// Removes and returns the operation that completes next. Calls `chance` only for
    /// [`Order::Chance`].
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

    /// Marks all operations in flight as late: none takes effect any more.
    pub(super) fn make_late(&mut self) {
        for in_flight in &mut self.operations {
            in_flight.late = true;
        }
    }

    /// Removes and returns all operations.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Operation> + '_ {
        self.operations.drain(..).map(|in_flight| in_flight.operation)
    }
}
