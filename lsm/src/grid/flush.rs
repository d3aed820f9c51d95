//! The flush of a grid, which makes its completed writes durable.

use super::slot::Slot;
use super::{Grid, GridError};
use crate::storage::{Fault, Operation, Storage};

/// The state of the last flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flush {
    Idle,
    UnderWay,
    Done,
}

impl<S: Storage> Grid<S> {
    /// Begins to make all completed writes durable.
    ///
    /// # Errors
    ///
    /// Returns an error if a write or flush failed before.
    ///
    /// # Panics
    ///
    /// If a flush is running.
    pub fn flush(&mut self) -> Result<(), GridError> {
        assert!(self.flush != Flush::UnderWay, "grid: one flush at a time");
        self.refuse_if_failed()?;
        self.flush = Flush::UnderWay;
        self.storage.submit(Operation::Flush, Slot::Flush.owner());
        Ok(())
    }

    /// Returns whether a flush is running.
    #[must_use]
    pub fn is_flushing(&self) -> bool {
        self.flush == Flush::UnderWay
    }

    /// Returns whether the last flush has completed. Returns true once for each flush.
    pub fn take_flushed(&mut self) -> bool {
        let flushed = self.flush == Flush::Done;
        if flushed {
            self.flush = Flush::Idle;
        }
        flushed
    }

    pub(super) fn flush_ended(&mut self, result: Result<(), Fault>) {
        match result {
            Ok(()) => {
                self.statistics.flushes += 1;
                self.flush = Flush::Done;
            }
            Err(fault) => {
                self.flush = Flush::Idle;
                self.fail(fault);
            }
        }
    }
}
