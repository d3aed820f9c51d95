//! Writes of blocks.
//!
//! ```text
//! write --> [ waits ] --(fewer than writes_in_flight_max)--> [ in flight ] --> cache
//!                                                                         '--> lost, if it failed
//!           \_____________ at most pending_writes_max _______________/
//! ```
//!
//! - Writes are submitted to the device in the order of the calls, at most `writes_in_flight_max`
//!   at a time. They complete in any order.
//! - The queue has a fixed number of places. A caller writes only while there is
//!   [room](Grid::has_write_room), and otherwise waits for a step of the grid.
//! - A block whose write is pending is read from the queue of writes. When the write completes, the
//!   block moves to the cache.
//! - A block that was not written because of a failure is lost. A read of it returns the failure,
//!   not the older bytes on the device.
//! - A completed write is not durable. A flush makes it durable.
//!
//! Every call takes constant time, whatever is pending, except after a failure.

use std::collections::VecDeque;
use std::hash::BuildHasher as _;

use hashbrown::HashTable;

use super::pool::BlockPool;
use super::slot::Slot;
use super::{BlockHandle, Grid, GridError};
use crate::block::{self, BlockReference, Contents};
use crate::collections::AddressHash;
use crate::storage::{Buffer, Fault, Operation, Span, Storage};

/// The writes that have not completed, and the blocks that were lost.
#[derive(Debug)]
pub(super) struct Writes {
    /// The places of the queue.
    places: Vec<Option<PendingWrite>>,
    /// The places without a write.
    unused: Vec<u32>,
    /// The places of the writes, by the address of their block.
    by_address: HashTable<u32>,
    /// The places of the writes that are not submitted, in the order of the calls.
    waiting: VecDeque<u32>,
    /// The blocks that were not written because of a failure, by their address. All of them were
    /// pending when the failure was found, because nothing is written afterwards.
    lost: HashTable<BlockReference>,
}

#[derive(Debug)]
struct PendingWrite {
    block: BlockHandle,
    /// The number of bytes to write to the device.
    length: usize,
}

impl Writes {
    /// Creates a queue of at most `count` writes.
    pub(super) fn new(count: usize) -> Self {
        // Twice the size, because a full table is rebuilt: in place if it is at most half full.
        let table_size = (count + 1) * 2;
        Self {
            places: std::iter::repeat_with(|| None).take(count).collect(),
            unused: (0..count as u32).rev().collect(),
            by_address: HashTable::with_capacity(table_size),
            waiting: VecDeque::with_capacity(count),
            lost: HashTable::with_capacity(table_size),
        }
    }

    pub(super) fn reset(&mut self, pool: &mut BlockPool) {
        self.unused.clear();
        for (place, write) in self.places.iter_mut().enumerate().rev() {
            if let Some(write) = write.take() {
                pool.lend(write.block.buffer);
            }
            self.unused.push(place as u32);
        }
        self.by_address.clear();
        self.waiting.clear();
        self.lost.clear();
    }

    /// The maximum number of writes.
    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.places.len()
    }

    /// The number of writes that have not completed.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.unused.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of writes that are submitted to the device and have not completed.
    fn in_flight(&self) -> usize {
        self.len() - self.waiting.len()
    }

    /// The addresses of the blocks that are being written.
    pub(super) fn addresses(&self) -> impl Iterator<Item = u64> {
        self.places.iter().flatten().map(|write| write.block.reference.address)
    }

    /// Returns whether this block was lost because of a failure.
    #[inline]
    pub(super) fn is_lost(&self, reference: BlockReference) -> bool {
        self.lost.find(hash(reference.address), |lost| *lost == reference).is_some()
    }

    #[inline]
    pub(super) fn find(&self, reference: BlockReference) -> Option<&BlockHandle> {
        if self.is_empty() {
            return None;
        }
        let block = self.at_address(reference.address)?;
        (block.reference == reference).then_some(block)
    }

    /// The block that is being written to this address. There is at most one.
    #[inline]
    fn at_address(&self, address: u64) -> Option<&BlockHandle> {
        let is_at = |place: &u32| self.at(*place).block.reference.address == address;
        let place = self.by_address.find(hash(address), is_at)?;
        Some(&self.at(*place).block)
    }

    #[inline]
    fn at(&self, place: u32) -> &PendingWrite {
        write_at(&self.places, place)
    }

    /// Adds a write to the end of the queue. There is an unused place.
    fn push(&mut self, write: PendingWrite) {
        let Some(place) = self.unused.pop() else {
            unreachable!("grid: a write must have a place in the queue");
        };
        let address = write.block.reference.address;
        self.places[place as usize] = Some(write);
        self.waiting.push_back(place);
        let Self { places, by_address, .. } = self;
        let rehash = |place: &u32| hash(write_at(places, *place).block.reference.address);
        by_address.insert_unique(hash(address), place, rehash);
    }

    /// Removes a write that has completed or is dropped. It must not wait any more.
    fn remove(&mut self, place: u32) -> PendingWrite {
        let Some(write) = self.places[place as usize].take() else {
            unreachable!("grid: a write completed that was not pending (place {place})");
        };
        let address = write.block.reference.address;
        let Ok(entry) = self.by_address.find_entry(hash(address), |other| *other == place) else {
            unreachable!("grid: a pending write is found by its address");
        };
        entry.remove();
        self.unused.push(place);
        write
    }

    /// Notes that a block was not written because of a failure.
    fn lose(&mut self, block: BlockReference) {
        self.lost.insert_unique(hash(block.address), block, |lost| hash(lost.address));
    }
}

/// The write at a place that is in use.
#[inline]
fn write_at(places: &[Option<PendingWrite>], place: u32) -> &PendingWrite {
    let Some(write) = &places[place as usize] else {
        unreachable!("grid: a place that is in use has a write (place {place})");
    };
    write
}

fn hash(address: u64) -> u64 {
    AddressHash::new().hash_one(address)
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
    /// If the queue has no [room](Grid::has_write_room); if the block is not acquired, is released
    /// or is being written; or if the body is empty or does not fit.
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
            self.has_write_room(1),
            "grid: a writer must wait while the queue is full ({} writes)",
            self.writes.len(),
        );
        assert!(
            self.writes.at_address(address).is_none(),
            "grid: a block may have at most one pending write (address {address})",
        );
        self.held.insert(address);
        let sector_size = self.layout.sector_size();
        let (reference, length) = block::seal(buffer.bytes_mut(), address, contents, sector_size);
        self.pool.shared();
        let (buffer, contents) = (buffer.share(), *contents);
        let block = BlockHandle { buffer, reference, contents, is_checked: true };
        self.writes.push(PendingWrite { block, length });
        self.begin_writes();
        self.statistics.writes_queued += u64::from(!self.writes.waiting.is_empty());
        Ok(reference)
    }

    /// Returns the number of writes that have not completed.
    #[must_use]
    pub fn pending_writes(&self) -> usize {
        self.writes.len()
    }

    /// Returns the maximum number of writes that have not completed
    /// ([`GridOptions::pending_writes_max`](super::GridOptions::pending_writes_max)).
    #[must_use]
    pub fn pending_writes_max(&self) -> usize {
        self.writes.capacity()
    }

    /// Returns whether the queue has room for `count` more writes. If it has not, an operation is
    /// in flight, so that a step of the grid makes progress.
    #[must_use]
    #[inline]
    pub fn has_write_room(&self, count: usize) -> bool {
        self.writes.len() + count <= self.pending_writes_max()
    }

    fn begin_writes(&mut self) {
        let in_flight_max = self.options.writes_in_flight_max as usize;
        while self.writes.in_flight() < in_flight_max
            && let Some(place) = self.writes.waiting.pop_front()
        {
            let PendingWrite { block, length } = self.writes.at(place);
            let Span { offset, .. } = self.layout.block(block.reference.address);
            let span = Span { offset, length: *length };
            let buffer = block.buffer.clone();
            self.storage.submit(Operation::Write { span, buffer }, Slot::Write(place).owner());
        }
    }

    pub(super) fn write_ended(&mut self, place: u32, result: Result<(), Fault>) {
        let PendingWrite { block, .. } = self.writes.remove(place);
        self.forget_unwritten(block.reference.address);
        match result {
            Ok(()) => {
                self.statistics.written += 1;
                self.cache_block(block);
            }
            Err(fault) => {
                self.writes.lose(block.reference);
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
        while let Some(place) = self.writes.waiting.pop_front() {
            let PendingWrite { block, .. } = self.writes.remove(place);
            self.forget_unwritten(block.reference.address);
            self.writes.lose(block.reference);
            self.pool.lend(block.buffer);
        }
    }

    /// Records that the write of a block has ended, or will never begin. The blocks of the encoded
    /// free set are not in the set of unwritten blocks.
    fn forget_unwritten(&mut self, address: u64) {
        let block = (address - 1) as usize;
        if self.unwritten.contains(block) {
            self.unwritten.remove(block);
        }
    }
}
