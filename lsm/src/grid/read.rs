//! The path of reads.
//!
//! - A read looks among pending writes first, then among reads under way, then into the cache, and only then at
//!   the device. The order matters: what is being written is newer than what any read under way will find.
//! - A block that was not written, because its write failed or writes were given up after a failure, is answered with
//!   that failure.
//! - Reads of one block share one read of the device; each has its own ticket.
//! - A ticket is answered once.
//!
//! What this does not do: a block that is damaged is not read again. Who asks gets the error.

use std::collections::VecDeque;

use super::cache::CacheInsertion;
use super::{BlockHandle, Grid, GridError, GridOptions, Slot};
use crate::block::{self, Block, BlockReference};
use crate::storage::{Buffer, Fault, Operation, Storage};

/// Whether the cache may answer a read, and keep what the device gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// It does both.
    Use,
    /// It does neither: the device is read.
    Bypass,
}

/// The answer to a read, or the promise of one.
#[derive(Debug)]
#[must_use]
pub enum ReadOutcome {
    /// The block.
    Ready(BlockHandle),
    /// The device is asked; [`Grid::take_read`] has the answer later.
    Pending(ReadTicket),
    /// A failure kept the block from the device: its own write's, or one after which nothing is written.
    Refused(GridError),
}

/// Who waits for a block.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an answer that nobody takes stays"]
pub struct ReadTicket {
    number: u32,
}

/// Reads that are under way, and answers that nobody has taken.
#[derive(Debug)]
pub(super) struct Reads {
    device_reads: Vec<DeviceRead>,
    /// Numbers of device reads that are not used.
    device_free: Vec<u32>,
    /// Device reads that wait for memory or for others.
    queue: VecDeque<u32>,
    in_flight: usize,
    waiting: Vec<Waiting>,
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
    /// Nobody wants the answer any more.
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

    /// Whether no device read is under way or waits.
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
        let number = match self.device_free.pop() {
            Some(number) => {
                self.device_reads[number as usize] = read;
                number
            }
            None => {
                self.device_reads.push(read);
                (self.device_reads.len() - 1) as u32
            }
        };
        self.queue.push_back(number);
        number
    }

    fn wait(&mut self, read: u32) -> ReadTicket {
        let waiting = Waiting::For(read);
        let number = match self.waiting_free.pop() {
            Some(number) => {
                self.waiting[number as usize] = waiting;
                number
            }
            None => {
                self.waiting.push(waiting);
                (self.waiting.len() - 1) as u32
            }
        };
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

impl<S: Storage> Grid<S> {
    /// Reads that the device is at, those that nobody waits for any more included. Each has a block of the pool.
    #[must_use]
    pub fn reads_in_flight(&self) -> usize {
        self.reads.in_flight
    }

    /// Reads that have not completed: those that the device is at, and those that wait for it or for memory.
    #[must_use]
    pub fn pending_reads(&self) -> usize {
        self.reads.in_flight + self.reads.queue.len()
    }

    /// Asks for a block.
    ///
    /// # Panics
    ///
    /// If the block is free: nobody can have its name then.
    pub fn read(&mut self, reference: BlockReference, caching: Caching) -> ReadOutcome {
        let address = reference.address;
        assert!(
            !self.free_set.is_free(address),
            "grid: a free block must not be read (address {address})",
        );
        self.read_unchecked(reference, caching)
    }

    /// A block, if it is in memory: being written, or in the cache. The device is not asked.
    ///
    /// # Panics
    ///
    /// If the block is free: nobody can have its name then.
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

    /// Whether a block can be read at this address, as whoever got it from the device does not know: there is one,
    /// and it is not free.
    #[must_use]
    #[inline]
    pub fn is_readable(&self, address: u64) -> bool {
        (1..=self.layout.block_count()).contains(&address) && !self.free_set.is_free(address)
    }

    /// As [`Grid::read`], while it is not known yet which blocks are free.
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

    /// The answer to a read.
    ///
    /// # Errors
    ///
    /// The ticket, if there is no answer yet.
    ///
    /// # Panics
    ///
    /// If the ticket is none of this grid's.
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
                panic!("grid: a ticket must be of a read that is under way ({waiting:?})")
            }
        }
    }

    /// Nobody waits for this read any more. The device is read all the same.
    ///
    /// # Panics
    ///
    /// If the ticket is none of this grid's.
    #[expect(clippy::needless_pass_by_value, reason = "nobody can use it any more")]
    pub fn forget_read(&mut self, ticket: ReadTicket) {
        let waiting = &mut self.reads.waiting[ticket.number as usize];
        match waiting {
            Waiting::For(read) => *waiting = Waiting::Forgotten(*read),
            Waiting::Answered(_) => {
                *waiting = Waiting::Unused;
                self.reads.waiting_free.push(ticket.number);
            }
            Waiting::Unused | Waiting::Forgotten(_) => {
                panic!("grid: a ticket must be of a read that is under way ({waiting:?})")
            }
        }
    }

    /// Hands reads that wait to the device, as far as there is room and memory.
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
                let block = BlockHandle { buffer: buffer.share(), reference, contents };
                match caching {
                    Caching::Use => self.cache_block(block.clone()),
                    Caching::Bypass => self.pool.lend(block.buffer.clone()),
                }
                Ok(block)
            }
        };
        self.reads.answer(number, &answer);
    }

    /// Keeps a block that is on the device as it is here.
    pub(super) fn cache_block(&mut self, block: BlockHandle) {
        match self.cache.insert(block, &mut self.pool) {
            CacheInsertion::Added => {}
            CacheInsertion::Replaced => self.statistics.replaced += 1,
            CacheInsertion::Evicted => self.statistics.evicted += 1,
        }
    }
}
