//! Reads of blocks.
//!
//! - A read searches the pending writes, then the pending reads, then the cache, and then reads the
//!   device. The order matters: a block that is being written is newer than the result of any
//!   pending read.
//! - A read of a block that is not on the device, because its write failed or was dropped after a
//!   failure, returns that failure.
//! - Concurrent reads of one block share one read of the device. Each has its own ticket.
//! - Each ticket gets exactly one answer.
//! - A damaged block is not read again: the reader gets the error.

use std::collections::VecDeque;

use super::cache::CacheInsertion;
use super::{BlockHandle, Grid, GridError, GridOptions, Slot};
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

/// The ticket of a pending read.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the answer uses memory until the ticket is taken or forgotten"]
pub struct ReadTicket {
    number: u32,
}

/// The pending reads, and the answers that have not been taken.
#[derive(Debug)]
pub(super) struct Reads {
    device_reads: Vec<DeviceRead>,
    /// The unused places in `device_reads`.
    device_free: Vec<u32>,
    /// The device reads that wait for memory or for other reads.
    queue: VecDeque<u32>,
    in_flight: usize,
    waiting: Vec<Waiting>,
    /// The unused places in `waiting`.
    waiting_free: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct DeviceRead {
    reference: BlockReference,
    caching: Caching,
    active: bool,
}

#[derive(Debug)]
enum Waiting {
    Unused,
    For(u32),
    Answered(Result<BlockHandle, GridError>),
    /// The ticket was forgotten before its answer arrived.
    Forgotten(u32),
}

impl Reads {
    pub(super) fn new(options: &GridOptions) -> Self {
        let in_flight = options.reads_in_flight_max as usize;
        Self {
            device_reads: Vec::with_capacity(in_flight),
            device_free: Vec::with_capacity(in_flight),
            queue: VecDeque::with_capacity(in_flight),
            in_flight: 0,
            waiting: Vec::with_capacity(in_flight),
            waiting_free: Vec::with_capacity(in_flight),
        }
    }

    pub(super) fn reset(&mut self) {
        self.device_reads.clear();
        self.device_free.clear();
        self.queue.clear();
        self.in_flight = 0;
        self.waiting.clear();
        self.waiting_free.clear();
    }

    /// Returns whether no device read is in flight or waits.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight == 0 && self.queue.is_empty()
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = u64> {
        self.device_reads.iter().filter(|read| read.active).map(|read| read.reference.address)
    }

    fn find(&self, reference: BlockReference, caching: Caching) -> Option<u32> {
        let same = |read: &DeviceRead| {
            read.active && read.reference == reference && read.caching == caching
        };
        self.device_reads.iter().position(same).map(|place| place as u32)
    }

    fn begin(&mut self, reference: BlockReference, caching: Caching) -> u32 {
        let read = DeviceRead { reference, caching, active: true };
        let number = place(&mut self.device_reads, &mut self.device_free, read);
        self.queue.push_back(number);
        number
    }

    fn wait(&mut self, read: u32) -> ReadTicket {
        let number = place(&mut self.waiting, &mut self.waiting_free, Waiting::For(read));
        ReadTicket { number }
    }

    fn answer(&mut self, read: u32, answer: &Result<BlockHandle, GridError>) {
        self.device_reads[read as usize].active = false;
        self.device_free.push(read);
        for (number, waiting) in self.waiting.iter_mut().enumerate() {
            match waiting {
                Waiting::For(other) if *other == read => {
                    *waiting = Waiting::Answered(answer.clone());
                }
                Waiting::Forgotten(other) if *other == read => {
                    *waiting = Waiting::Unused;
                    self.waiting_free.push(number as u32);
                }
                _ => {}
            }
        }
    }
}

/// Puts a value into an unused place, or else into a new one. Returns the number of the place.
fn place<T>(places: &mut Vec<T>, unused: &mut Vec<u32>, value: T) -> u32 {
    match unused.pop() {
        Some(number) => {
            places[number as usize] = value;
            number
        }
        None => {
            places.push(value);
            (places.len() - 1) as u32
        }
    }
}

impl<S: Storage> Grid<S> {
    /// Returns the number of reads that are submitted to the device, including those whose answer
    /// was forgotten. Each uses a block of the pool.
    #[must_use]
    pub fn reads_in_flight(&self) -> usize {
        self.reads.in_flight
    }

    /// Returns the number of reads that have not completed: those that are submitted to the device,
    /// and those that wait for other reads or for memory.
    #[must_use]
    pub fn pending_reads(&self) -> usize {
        self.reads.in_flight + self.reads.queue.len()
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
            return ReadOutcome::Pending(self.reads.wait(read));
        }
        if caching == Caching::Use
            && let Some(block) = self.cache.get(reference)
        {
            self.statistics.read_from_cache += 1;
            return ReadOutcome::Ready(block.clone());
        }
        let read = self.reads.begin(reference, caching);
        self.begin_reads();
        self.statistics.reads_queued += u64::from(self.reads.queue.contains(&read));
        ReadOutcome::Pending(self.reads.wait(read))
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
        let place = ticket.number as usize;
        match std::mem::replace(&mut self.reads.waiting[place], Waiting::Unused) {
            Waiting::Answered(answer) => {
                self.reads.waiting_free.push(ticket.number);
                Ok(answer)
            }
            waiting @ Waiting::For(_) => {
                self.reads.waiting[place] = waiting;
                Err(ticket)
            }
            waiting @ (Waiting::Unused | Waiting::Forgotten(_)) => {
                panic!("grid: a ticket must be of a pending read ({waiting:?})")
            }
        }
    }

    /// Drops the answer to a read. A pending read of the device continues.
    ///
    /// # Panics
    ///
    /// If the ticket is not of a read of this grid.
    #[expect(clippy::needless_pass_by_value, reason = "a forgotten ticket is invalid")]
    pub fn forget_read(&mut self, ticket: ReadTicket) {
        let waiting = &mut self.reads.waiting[ticket.number as usize];
        match waiting {
            Waiting::For(read) => *waiting = Waiting::Forgotten(*read),
            Waiting::Answered(_) => {
                *waiting = Waiting::Unused;
                self.reads.waiting_free.push(ticket.number);
            }
            Waiting::Unused | Waiting::Forgotten(_) => {
                panic!("grid: a ticket must be of a pending read ({waiting:?})")
            }
        }
    }

    /// Submits waiting reads to the device, up to the limit and as long as there is memory.
    pub(super) fn begin_reads(&mut self) {
        while self.reads.in_flight < self.options.reads_in_flight_max as usize
            && let Some(&number) = self.reads.queue.front()
        {
            let Some(buffer) = self.pool.take() else { return };
            self.reads.queue.pop_front();
            let span =
                self.layout.block(self.reads.device_reads[number as usize].reference.address);
            self.storage.submit(Operation::Read { span, buffer }, Slot::Read(number).owner());
            self.reads.in_flight += 1;
        }
    }

    pub(super) fn read_ended(&mut self, number: u32, buffer: Buffer, result: Result<(), Fault>) {
        self.reads.in_flight -= 1;
        let DeviceRead { reference, caching, .. } = self.reads.device_reads[number as usize];
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
        self.reads.answer(number, &answer);
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
