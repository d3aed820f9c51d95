//! Reads of blocks.
//!
//! - A read searches the pending writes, then the pending reads, then the cache, and then reads the
//!   device. The order matters: a block that is being written is newer than the result of any
//!   pending read.
//! - A read of a block that is not on the device, because its write failed or was dropped after a
//!   failure, returns that failure.
//! - Concurrent reads of one block share one read of the device. Each has its own ticket.
//! - Each ticket gets exactly one answer, unless it is forgotten. A read whose tickets are all
//!   forgotten is withdrawn, unless it was submitted to the device.
//! - A damaged block is not read again: the reader gets the error.

use super::cache::CacheInsertion;
use super::pending_reads::ReadTicket;
use super::slot::Slot;
use super::{BlockHandle, Grid, GridError};
use crate::block::{self, Block, BlockReference};
use crate::storage::{Buffer, Fault, Operation, Storage};

/// Whether a read uses the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// The block is taken from the cache, or else read from the device and then cached.
    Use,
    /// The block is read from the device, unless its write is pending. The cache is neither read
    /// nor changed.
    Bypass,
}

/// The result of a read, or the ticket of a pending one.
#[derive(Debug)]
#[must_use]
pub enum ReadOutcome {
    /// The block was in memory.
    Ready(BlockHandle),
    /// The block is being read from the device. [`Grid::take_read`] returns the answer later.
    Pending(ReadTicket),
    /// The block is not on the device, because its write failed or was dropped after a failure.
    Refused(GridError),
}

impl<S: Storage> Grid<S> {
    /// Returns the number of reads that are submitted to the device, including those whose answer
    /// was forgotten. Each uses a block of the pool.
    #[must_use]
    pub fn reads_in_flight(&self) -> usize {
        self.reads.in_flight()
    }

    /// Returns the number of reads that have not completed: those that are submitted to the device,
    /// and those that wait for other reads or for memory.
    #[must_use]
    pub fn pending_reads(&self) -> usize {
        self.reads.len()
    }

    /// Reads a block, from memory if possible.
    ///
    /// # Panics
    ///
    /// If the block is free: references to free blocks are invalid.
    pub fn read(&mut self, reference: BlockReference, caching: Caching) -> ReadOutcome {
        let address = reference.address;
        assert!(
            !self.free_set.is_free(address),
            "grid: a free block must not be read (address {address})",
        );
        self.read_unchecked(reference, caching)
    }

    /// Returns a block if it is being written or cached, otherwise `None`. Does not read the
    /// device.
    ///
    /// # Panics
    ///
    /// If the block is free: references to free blocks are invalid.
    pub fn read_cached(&mut self, reference: BlockReference) -> Option<BlockHandle> {
        let address = reference.address;
        assert!(
            !self.free_set.is_free(address),
            "grid: a free block must not be read (address {address})",
        );
        if let Some(block) = self.writes.find(reference) {
            self.statistics.read_from_writes += 1;
            return Some(block.clone());
        }
        let block = self.cache.get(reference)?;
        self.statistics.read_from_cache += 1;
        Some(block.clone())
    }

    /// Returns whether the block may be read: a block with this address exists, is not free, and no
    /// other contents are being written to it. Check this for references that were read from the
    /// device, because they may be invalid.
    #[must_use]
    #[inline]
    pub fn is_readable(&self, reference: BlockReference) -> bool {
        let address = reference.address;
        (1..=self.layout.block_count()).contains(&address)
            && !self.free_set.is_free(address)
            && (!self.unwritten.contains((address - 1) as usize)
                || self.writes.find(reference).is_some())
    }

    /// Reads a block as [`Grid::read`] does, but without the check that it is not free, which is
    /// impossible before the free set is open.
    pub(super) fn read_unchecked(
        &mut self,
        reference: BlockReference,
        caching: Caching,
    ) -> ReadOutcome {
        if let Some(block) = self.writes.find(reference) {
            self.statistics.read_from_writes += 1;
            return ReadOutcome::Ready(block.clone());
        }
        if let Some(fault) = self.failed
            && self.writes.is_lost(reference)
        {
            return ReadOutcome::Refused(GridError::Failed(fault));
        }
        if let Some(read) = self.reads.find(reference, caching) {
            self.statistics.reads_joined += 1;
            return ReadOutcome::Pending(self.reads.join(read));
        }
        if caching == Caching::Use
            && let Some(block) = self.cache.get(reference)
        {
            self.statistics.read_from_cache += 1;
            return ReadOutcome::Ready(block.clone());
        }
        let read = self.reads.begin(reference, caching);
        let ticket = self.reads.join(read);
        self.begin_reads();
        self.statistics.reads_queued += u64::from(self.reads.is_queued(read));
        ReadOutcome::Pending(ticket)
    }

    /// Returns whether there is an answer to a read.
    #[inline]
    pub(crate) fn is_answered(&self, ticket: &ReadTicket) -> bool {
        self.reads.is_answered(ticket)
    }

    /// Takes the answer to a read.
    ///
    /// # Errors
    ///
    /// Returns the ticket if there is no answer yet.
    ///
    /// # Panics
    ///
    /// If the ticket is not of a read of this grid.
    pub fn take_read(
        &mut self,
        ticket: ReadTicket,
    ) -> Result<Result<BlockHandle, GridError>, ReadTicket> {
        self.reads.take(ticket)
    }

    /// Drops a ticket. If the read was not submitted to the device and has no other ticket, it is
    /// withdrawn. A read that was submitted continues.
    ///
    /// # Panics
    ///
    /// If the ticket is not of a read of this grid.
    pub fn forget_read(&mut self, ticket: ReadTicket) {
        self.reads.forget(ticket);
    }

    /// Sets the number of the reader that waits with this ticket, which has no answer yet. Once the
    /// ticket is answered, [`Grid::next_answered`] returns the number.
    pub(crate) fn set_reader(&mut self, ticket: &ReadTicket, reader: u32) {
        self.reads.set_reader(ticket, reader);
    }

    /// Returns the number of a reader whose ticket was answered, in the order of the answers. Each
    /// is returned once. Tickets that were taken or forgotten are left out.
    #[inline]
    pub(crate) fn next_answered(&mut self) -> Option<u32> {
        self.reads.next_answered()
    }

    /// Submits waiting reads to the device, up to the limit and as long as there is memory.
    #[inline]
    pub(super) fn begin_reads(&mut self) {
        if self.reads.has_queued() {
            self.submit_reads();
        }
    }

    fn submit_reads(&mut self) {
        while self.reads.in_flight() < self.options.reads_in_flight_max as usize
            && let Some((number, address)) = self.reads.next_queued()
        {
            let Some(buffer) = self.pool.take() else { return };
            self.reads.submitted(number);
            let span = self.layout.block(address);
            self.storage.submit(Operation::Read { span, buffer }, Slot::Read(number).owner());
        }
    }

    pub(super) fn read_ended(&mut self, number: u32, buffer: Buffer, result: Result<(), Fault>) {
        let (reference, caching) = self.reads.completed(number);
        let sector_size = self.layout.sector_size();
        let opened = match result {
            Err(fault) => {
                self.statistics.reads_failed += 1;
                Err(GridError::Fault(fault))
            }
            Ok(()) => block::open(buffer.bytes(), reference, sector_size)
                .map(|Block { contents, .. }| contents)
                .map_err(|corruption| {
                    self.statistics.reads_corrupt += 1;
                    GridError::Corruption(corruption)
                }),
        };
        let answer = match opened {
            Err(error) => {
                self.pool.give(buffer);
                Err(error)
            }
            Ok(contents) => {
                self.statistics.read_from_device += 1;
                self.pool.shared();
                let buffer = buffer.share();
                let block = BlockHandle { buffer, reference, contents, is_checked: false };
                match caching {
                    Caching::Use => self.cache_block(block.clone()),
                    Caching::Bypass => self.pool.lend(block.buffer.clone()),
                }
                Ok(block)
            }
        };
        self.reads.answer(number, answer);
    }

    /// Notes that the meaning of a block was checked, if the block is in the cache. All readers of
    /// the block must need the same check.
    pub(crate) fn mark_checked(&mut self, reference: BlockReference) {
        self.cache.mark_checked(reference);
    }

    /// Caches a block that is on the device.
    pub(super) fn cache_block(&mut self, block: BlockHandle) {
        match self.cache.insert(block, &mut self.pool) {
            CacheInsertion::Added => {}
            CacheInsertion::Replaced => self.statistics.replaced += 1,
            CacheInsertion::Evicted => self.statistics.evicted += 1,
        }
    }
}
