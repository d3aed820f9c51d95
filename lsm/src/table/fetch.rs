//! Fetches a block of a table from the grid. Lookups, scans and compactions read tables only in
//! this way.
//!
//! ```text
//! Unasked --poll--> Pending --poll, once the device has answered--> Taken
//!    |  '--poll, if the block is in memory----------------------------^
//!    '-----poll_cached, if the block is in memory---------------------'
//! ```
//!
//! - An address comes from a manifest or an index that was read from the device, so it may be
//!   invalid. An invalid address is a corruption.
//! - A fetched block has a valid checksum. The caller checks its meaning.

use std::task::Poll;

use crate::block::{BlockReference, Corruption, Reason};
use crate::grid::{BlockHandle, Caching, Grid, GridError, ReadOutcome, ReadTicket};
use crate::storage::Storage;

/// The fetch of one block; see the [module](self).
#[derive(Debug)]
pub(crate) enum Fetch {
    /// The grid was not asked yet.
    Unasked(BlockReference),
    /// The device reads the block.
    Pending(ReadTicket),
    /// The block, or an error, was handed out.
    Taken,
}

/// A block, or an error, once either is known.
pub(crate) type Fetched = Poll<Result<BlockHandle, GridError>>;

impl Fetch {
    #[inline]
    pub(crate) fn new(block: BlockReference) -> Self {
        Self::Unasked(block)
    }

    /// The block, if it is in memory or the device has answered. The first call asks the grid.
    ///
    /// # Panics
    ///
    /// If the block or an error was handed out before.
    #[inline]
    pub(crate) fn poll<S: Storage>(&mut self, grid: &mut Grid<S>) -> Fetched {
        // Most polls of a reader with many fetches end here.
        if self.is_waiting(grid) { Poll::Pending } else { self.poll_now(grid) }
    }

    /// Whether the fetch waits for the device.
    #[inline]
    pub(crate) fn is_waiting<S: Storage>(&self, grid: &Grid<S>) -> bool {
        self.ticket().is_some_and(|ticket| !grid.is_answered(ticket))
    }

    fn poll_now<S: Storage>(&mut self, grid: &mut Grid<S>) -> Fetched {
        match std::mem::replace(self, Self::Taken) {
            Self::Unasked(block) => {
                if !grid.is_readable(block) {
                    let reason = Reason::Meaning(
                        "a block of a table is free, is being replaced, or is beyond the last",
                    );
                    return Poll::Ready(Err(Corruption::of_block(block, reason).into()));
                }
                match grid.read(block, Caching::Use) {
                    ReadOutcome::Ready(block) => Poll::Ready(Ok(block)),
                    ReadOutcome::Refused(error) => Poll::Ready(Err(error)),
                    ReadOutcome::Pending(ticket) => self.wait(ticket),
                }
            }
            Self::Pending(ticket) => match grid.take_read(ticket) {
                Ok(answer) => Poll::Ready(answer),
                Err(ticket) => self.wait(ticket),
            },
            Self::Taken => unreachable!("table: a fetched block is taken once"),
        }
    }

    fn wait(&mut self, ticket: ReadTicket) -> Fetched {
        *self = Self::Pending(ticket);
        Poll::Pending
    }

    /// The block, if it is in memory. The device is not asked; [`Fetch::poll`] can continue the
    /// fetch.
    #[inline]
    pub(crate) fn poll_cached<S: Storage>(&mut self, grid: &mut Grid<S>) -> Fetched {
        let Self::Unasked(block) = *self else { return self.poll(grid) };
        if !grid.is_readable(block) {
            return Poll::Pending;
        }
        let Some(block) = grid.read_cached(block) else { return Poll::Pending };
        *self = Self::Taken;
        Poll::Ready(Ok(block))
    }

    /// The ticket of the read that the fetch waits for, if it waits.
    #[inline]
    pub(crate) fn ticket(&self) -> Option<&ReadTicket> {
        match self {
            Self::Pending(ticket) => Some(ticket),
            Self::Unasked(_) | Self::Taken => None,
        }
    }

    /// Abandons the fetch.
    pub(crate) fn abandon<S: Storage>(self, grid: &mut Grid<S>) {
        if let Self::Pending(ticket) = self {
            grid.forget_read(ticket);
        }
    }
}
