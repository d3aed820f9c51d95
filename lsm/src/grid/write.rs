//! Writes of blocks.
//!
//! - Writes are submitted to the device in the order of the calls, at most `writes_in_flight_max`
//!   at a time. They complete in any order.
//! - A block whose write is pending is read from the queue of writes. When the write completes, the
//!   block moves to the cache.
//! - A block that was not written because of a failure is lost. A read of it returns the failure,
//!   not the older bytes on the device.
//! - A completed write is not durable. A flush makes it durable.

use super::free_set::BlockSet;
use super::pool::BlockPool;
use super::{BlockHandle, Grid, GridError, Slot};
use crate::block::{self, BlockReference, Contents};
use crate::storage::{Buffer, Fault, Operation, Span, Storage};

/// The writes that have not completed, in the order of the calls.
#[derive(Debug)]
pub(super) struct Writes {
    pending: Vec<PendingWrite>,
    in_flight: usize,
    /// The number of the next write.
    number: u32,
    /// The blocks that were not written because of a failure.
    lost: Vec<BlockReference>,
}

#[derive(Debug)]
struct PendingWrite {
    number: u32,
    block: BlockHandle,
    /// The number of bytes to write to the device.
    length: usize,
    submitted: bool,
}

impl Writes {
    /// Creates the empty queue for a pool of this many blocks, each of which is in at most one
    /// write.
    pub(super) fn new(blocks: usize) -> Self {
        let pending = Vec::with_capacity(blocks);
        Self { pending, in_flight: 0, number: 0, lost: Vec::with_capacity(blocks) }
    }

    pub(super) fn reset(&mut self, pool: &mut BlockPool) {
        for write in self.pending.drain(..) {
            pool.lend(write.block.buffer);
        }
        self.in_flight = 0;
        self.number = 0;
        self.lost.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = u64> {
        self.pending.iter().map(|write| write.block.reference.address)
    }

    /// Returns whether this block was lost because of a failure.
    #[inline]
    pub(super) fn is_lost(&self, reference: BlockReference) -> bool {
        self.lost.contains(&reference)
    }

    #[inline]
    pub(super) fn find(&self, reference: BlockReference) -> Option<&BlockHandle> {
        self.pending.iter().map(|write| &write.block).find(|block| block.reference == reference)
    }
}

impl<S: Storage> Grid<S> {
    /// Makes a block of `buffer`, in which the body starts at [`block::BODY_OFFSET`], and begins to
    /// write the block. Returns the reference to the block, which is readable from now on, unless
    /// the write fails.
    ///
    /// # Errors
    ///
    /// Returns an error if a write or flush failed before. The buffer is returned to the pool.
    ///
    /// # Panics
    ///
    /// If the block is not acquired, is released or is being written; or if the body is empty or
    /// does not fit.
    pub fn write(
        &mut self,
        address: u64,
        contents: &Contents,
        mut buffer: Buffer,
    ) -> Result<BlockReference, GridError> {
        if let Err(error) = self.refuse_if_failed() {
            self.forget_unwritten(address);
            self.pool.give(buffer);
            return Err(error);
        }
        assert!(
            !self.free_set.is_free(address) && !self.free_set.is_released(address),
            "grid: a block must be acquired to be written (address {address})",
        );
        assert!(
            self.writes.addresses().all(|other| other != address),
            "grid: a block may have at most one pending write (address {address})",
        );
        let sector_size = self.layout.sector_size();
        let (reference, length) = block::seal(buffer.bytes_mut(), address, contents, sector_size);
        self.pool.shared();
        let (buffer, contents) = (buffer.share(), *contents);
        let block = BlockHandle { buffer, reference, contents, is_checked: true };
        let number = self.writes.number;
        self.writes.number = (number + 1) % (u32::MAX / 4);
        self.writes.pending.push(PendingWrite { number, block, length, submitted: false });
        self.begin_writes();
        let queued = self.writes.pending.last().is_some_and(|write| !write.submitted);
        self.statistics.writes_queued += u64::from(queued);
        Ok(reference)
    }

    /// Returns the number of writes that have not completed.
    #[must_use]
    pub fn pending_writes(&self) -> usize {
        self.writes.pending.len()
    }

    fn begin_writes(&mut self) {
        let in_flight_max = self.options.writes_in_flight_max as usize;
        for write in &mut self.writes.pending {
            if self.writes.in_flight == in_flight_max {
                return;
            }
            if !write.submitted {
                let Span { offset, .. } = self.layout.block(write.block.reference.address);
                let span = Span { offset, length: write.length };
                let buffer = write.block.buffer.clone();
                self.storage
                    .submit(Operation::Write { span, buffer }, Slot::Write(write.number).owner());
                write.submitted = true;
                self.writes.in_flight += 1;
            }
        }
    }

    pub(super) fn write_ended(&mut self, number: u32, result: Result<(), Fault>) {
        let place = self.writes.pending.iter().position(|write| write.number == number);
        let Some(place) = place else {
            unreachable!("grid: a write completed that was not pending (number {number})");
        };
        let PendingWrite { block, .. } = self.writes.pending.remove(place);
        self.writes.in_flight -= 1;
        self.forget_unwritten(block.reference.address);
        match result {
            Ok(()) => {
                self.statistics.written += 1;
                self.cache_block(block);
            }
            Err(fault) => {
                self.writes.lost.push(block.reference);
                self.pool.lend(block.buffer);
                self.fail(fault);
            }
        }
        if self.failed.is_none() {
            self.begin_writes();
        } else {
            self.drop_queued_writes();
        }
    }

    /// Drops the writes that are not submitted, after a failure.
    fn drop_queued_writes(&mut self) {
        let Self { pool, writes: Writes { pending, lost, .. }, unwritten, .. } = self;
        for write in pending.extract_if(.., |write| !write.submitted) {
            forget(unwritten, write.block.reference.address);
            lost.push(write.block.reference);
            pool.lend(write.block.buffer);
        }
    }

    /// Records that the write of a block has ended, or will never begin.
    fn forget_unwritten(&mut self, address: u64) {
        forget(&mut self.unwritten, address);
    }
}

/// Removes a block from the set, if the set contains it. The set does not contain the blocks of the
/// encoded free set.
fn forget(unwritten: &mut BlockSet, address: u64) {
    let block = (address - 1) as usize;
    if unwritten.contains(block) {
        unwritten.remove(block);
    }
}
