//! The queue of a storage that completes its operations in the order of submission.
//!
//! - Tickets ascend from 1. Clearing the queue does not reset them.

use std::collections::VecDeque;

use super::{Completion, Operation, Owner, Ticket};

#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: VecDeque<(Ticket, Owner, Operation)>,
    /// The number of operations that were ever submitted.
    submitted: u64,
}

impl Queue {
    pub(super) fn push(&mut self, operation: Operation, owner: Owner) -> Ticket {
        self.submitted += 1;
        let ticket = Ticket(self.submitted);
        self.entries.push_back((ticket, owner, operation));
        ticket
    }

    /// Removes the oldest operation. The result of the completion is success; the storage performs
    /// the operation and replaces the result if it fails.
    pub(super) fn pop(&mut self) -> Option<Completion> {
        let (ticket, owner, operation) = self.entries.pop_front()?;
        Some(Completion { ticket, owner, operation, result: Ok(()) })
    }

    /// Iterates over the operations, the oldest first.
    pub(super) fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.entries.iter().map(|(_, _, operation)| operation)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}
