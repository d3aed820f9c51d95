//! The blocks of a store: allocated, written, cached, read, and accounted for.
//!
//! ```text
//!         write                          read
//!           |                              |
//!           v                              v
//!   [ pending writes ] <---- 1st ---- who holds it? ---- 3rd ----> [ cache ]
//!           |                              | 2nd                      ^
//!           v                              v                          |
//!       ( device ) <------ 4th ----- [ reads under way ] -- whole ----+
//! ```
//!
//! - A block is named by address and checksum ([`BlockReference`]). What a read gives is that block, or an
//!   error: never other bytes.
//! - A read sees a write from the moment it was asked for. Reads of one block that are under way at the same
//!   time are one read of the device.
//! - Nothing completes but in [`Grid::step`]. A read that needs no device is answered at once.
//! - A block is written while it is acquired, once, and by one write at a time. It is whole on the device, or
//!   the grid has failed: after a failed write or flush it refuses writes until the store is opened anew, and
//!   goes on reading.
//! - All blocks in memory are of one pool of fixed size. Who reads holds a [`BlockHandle`]; while he does, the
//!   block stays as it is, in the cache or not.
//!
//! What it does not do: it does not know which blocks are reachable, and what is in them. It does not repair:
//! there is no other copy of a block.
//!
//! Files: `free_set` says which blocks are free; `pool` is the memory, `cache` what is kept of it, found by
//! `address_hash`; `write` and `read` are the paths; `trailer` is how the free set lies in blocks; `options`,
//! `error`, `statistics` are what their names say. A checkpoint of grid and superblock together is [`checkpoint`](crate::checkpoint).

mod address_hash;
mod cache;
mod error;
pub mod free_set;
mod handle;
mod options;
mod pool;
mod read;
mod statistics;
mod trailer;
mod write;

pub(crate) use address_hash::AddressHash;
pub use error::GridError;
pub use handle::BlockHandle;
pub use options::{GridOptions, InvalidGrid};
pub use read::{Caching, ReadOutcome, ReadTicket};
pub use statistics::GridStatistics;

use std::io::ErrorKind;

use cache::BlockCache;
use free_set::{FreeSet, FreeSetOptions, Reservation};
use pool::BlockPool;
use read::Reads;
use trailer::TrailerLimits;
use write::Writes;

use crate::block::BlockReference;
use crate::storage::{Access, Buffer, Completion, Fault, Layout, Operation, Owner, Storage};
use crate::superblock::SuperblockError;

/// The component number of grids in [`Owner`].
pub const GRID_OWNER: u16 = 2;

/// The blocks of a store; see the [module](self).
#[derive(Debug)]
pub struct Grid<S> {
    storage: S,
    layout: Layout,
    options: GridOptions,
    free_set: FreeSet,
    pool: BlockPool,
    cache: BlockCache,
    writes: Writes,
    reads: Reads,
    trailers: TrailerLimits,
    /// Blocks that hold the free set of the last checkpoint written.
    trailer_blocks: Vec<u64>,
    flush: Flush,
    /// The write or flush that failed.
    failed: Option<Fault>,
    statistics: GridStatistics,
}

/// What is known of the last flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flush {
    Idle,
    UnderWay,
    Done,
}

/// What a step of the grid did.
#[derive(Debug)]
pub enum Stepped {
    /// Nothing completes now.
    Nothing,
    /// Something of the grid completed.
    Progress,
    /// Something of another component completed, which must take it.
    Foreign(Completion),
}

/// Slots of completions: reads are told by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Flush,
    Write(u32),
    Read(u32),
}

impl Slot {
    fn owner(self) -> Owner {
        let slot = match self {
            Self::Flush => 0,
            Self::Write(number) => 1 + 2 * number,
            Self::Read(number) => 2 + 2 * number,
        };
        Owner { component: GRID_OWNER, slot }
    }

    fn of(owner: Owner) -> Self {
        match owner.slot {
            0 => Self::Flush,
            slot if slot % 2 == 1 => Self::Write((slot - 1) / 2),
            slot => Self::Read((slot - 2) / 2),
        }
    }
}

impl<S: Storage> Grid<S> {
    /// A grid on a device, to be opened. The memory of all blocks is allocated here.
    ///
    /// # Errors
    ///
    /// If the options cannot be.
    ///
    /// # Panics
    ///
    /// If the device is smaller than the layout, or its sectors are of another size.
    pub fn new(storage: S, layout: &Layout, options: &GridOptions) -> Result<Self, InvalidGrid> {
        options.validate()?;
        assert!(storage.size() >= layout.size(), "grid: the layout must fit on the device");
        assert!(
            storage.sector_size() == layout.sector_size(),
            "grid: sectors of the device must be those of the layout",
        );
        let free_set_options = FreeSetOptions {
            block_count: layout.block_count(),
            shard_size: FreeSetOptions::SHARD_SIZE,
            reservation_count_max: options.reservation_count_max,
        };
        let free_set = FreeSet::new(free_set_options).map_err(InvalidGrid::FreeSet)?;
        let trailers = TrailerLimits::new(layout, &free_set_options);
        let cache = BlockCache::new(options.cache).map_err(InvalidGrid::Cache)?;
        // The blocks of two trailers are written at once.
        let blocks = cache.capacity()
            + options.reads_in_flight_max as usize
            + options.private_blocks as usize
            + 2 * trailers.blocks_max();
        Ok(Self {
            storage,
            layout: *layout,
            options: *options,
            free_set,
            pool: BlockPool::new(blocks, layout.block_size()),
            cache,
            writes: Writes::new(blocks),
            reads: Reads::new(options),
            trailers,
            trailer_blocks: Vec::with_capacity(2 * trailers.blocks_max()),
            flush: Flush::Idle,
            failed: None,
            statistics: GridStatistics::default(),
        })
    }

    /// Makes the grid as new, to be opened again: what a process that starts finds. What it has in the queue
    /// of the device must not complete any more, and handles and tickets that are out mean nothing.
    pub fn reset(&mut self) {
        self.free_set.reset();
        self.cache.reset(&mut self.pool);
        self.writes.reset(&mut self.pool);
        self.reads.reset();
        self.pool.reset();
        self.trailer_blocks.clear();
        self.flush = Flush::Idle;
        self.failed = None;
        self.statistics = GridStatistics::default();
    }

    /// The device.
    #[must_use]
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// The device, for other components that share it.
    #[must_use]
    pub fn storage_mut(&mut self) -> &mut S {
        &mut self.storage
    }

    /// The device, of which nothing is awaited any more.
    #[must_use]
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// What lies where.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What the grid was built from.
    #[must_use]
    pub fn options(&self) -> &GridOptions {
        &self.options
    }

    /// Which blocks are free.
    #[must_use]
    pub fn free_set(&self) -> &FreeSet {
        &self.free_set
    }

    /// What has happened.
    #[must_use]
    pub fn statistics(&self) -> &GridStatistics {
        &self.statistics
    }

    /// The write or flush that failed, after which nothing is written.
    #[must_use]
    pub fn failed(&self) -> Option<Fault> {
        self.failed
    }

    /// Keeps `count` free blocks for one job. `None` if there are too few: beside them, the free set of the
    /// next checkpoint must find its place.
    ///
    /// # Panics
    ///
    /// As [`FreeSet::reserve`] does.
    pub fn reserve(&mut self, count: u64) -> Option<Reservation> {
        let free = self.free_set.free_count() - self.free_set.reserved_count();
        if count > free.saturating_sub(2 * self.trailers.blocks_max() as u64) {
            self.statistics.refused_for_want_of_blocks += 1;
            return None;
        }
        self.free_set.reserve(count)
    }

    /// Takes the lowest free block of a reservation. `None` if all are taken.
    ///
    /// # Panics
    ///
    /// As [`FreeSet::acquire`] does.
    pub fn acquire(&mut self, reservation: &mut Reservation) -> Option<u64> {
        self.free_set.acquire(reservation)
    }

    /// Takes a reservation back.
    ///
    /// # Panics
    ///
    /// As [`FreeSet::forfeit`] does.
    pub fn forfeit(&mut self, reservation: Reservation) {
        self.free_set.forfeit(reservation);
    }

    /// Gives a block back. It can be read until it is free, which it is once a later checkpoint is durable.
    ///
    /// # Panics
    ///
    /// As [`FreeSet::release`] does.
    pub fn release(&mut self, address: u64) {
        self.free_set.release(address);
        self.cache.weaken(address);
    }

    /// The checkpoint that was written last stays: what was released before it becomes free.
    ///
    /// # Panics
    ///
    /// As [`FreeSet::mark_checkpoint_durable`] does; and if somebody still waits for a block that becomes
    /// free, or it is still being written.
    pub fn mark_checkpoint_durable(&mut self) {
        for address in self.reads.addresses().chain(self.writes.addresses()) {
            assert!(
                !self.free_set.to_be_freed_at_durability(address),
                "grid: nobody must wait for a block that becomes free (address {address})",
            );
        }
        self.free_set.mark_checkpoint_durable();
    }

    /// Drops the blocks that are kept. Who holds one goes on holding it.
    pub fn drop_cache(&mut self) {
        self.cache.reset(&mut self.pool);
    }

    /// Blocks that are kept. A block goes when another takes its place, and otherwise with all of them
    /// ([`Grid::drop_cache`]): there are never fewer than there were.
    #[must_use]
    pub fn cached_blocks(&self) -> usize {
        self.cache.len()
    }

    /// Memory of a block that is to be written. `None` if all of the pool is in use; it comes back with the
    /// completion of writes and the end of handles.
    pub fn take_buffer(&mut self) -> Option<Buffer> {
        self.pool.take()
    }

    /// Gives memory back that was not written after all.
    pub fn give_buffer(&mut self, buffer: Buffer) {
        self.pool.give(buffer);
    }

    /// Blocks of the pool that nobody uses, and those that only the cache does: all of them when nothing is
    /// under way and no handle or buffer is out.
    #[must_use]
    pub fn unused_buffers(&self) -> usize {
        self.pool.unused() + self.cache.unused()
    }

    /// The blocks of the pool.
    #[must_use]
    pub fn buffers(&self) -> usize {
        self.pool.capacity()
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.writes.is_empty() && self.reads.is_idle() && self.flush != Flush::UnderWay
    }

    /// Begins to make all writes durable that have completed.
    ///
    /// # Errors
    ///
    /// If a write or flush failed before.
    ///
    /// # Panics
    ///
    /// If a flush is under way.
    pub fn flush(&mut self) -> Result<(), GridError> {
        assert!(self.flush != Flush::UnderWay, "grid: one flush at a time");
        self.refuse_if_failed()?;
        self.flush = Flush::UnderWay;
        self.storage.submit(Operation::Flush, Slot::Flush.owner());
        Ok(())
    }

    /// Whether a flush is under way.
    #[must_use]
    pub fn is_flushing(&self) -> bool {
        self.flush == Flush::UnderWay
    }

    /// Whether the flush that was begun last has completed, once.
    pub fn take_flushed(&mut self) -> bool {
        let flushed = self.flush == Flush::Done;
        if flushed {
            self.flush = Flush::Idle;
        }
        flushed
    }

    /// Completes at most one operation of the device, and begins what waited for it.
    pub fn step(&mut self) -> Stepped {
        self.begin_reads();
        let Some(completion) = self.storage.step() else { return Stepped::Nothing };
        if completion.owner.component != GRID_OWNER {
            return Stepped::Foreign(completion);
        }
        let Completion { owner, operation, result, ticket: _ } = completion;
        match (Slot::of(owner), operation) {
            (Slot::Flush, Operation::Flush) => self.flush_ended(result),
            (Slot::Write(number), Operation::Write { buffer, .. }) => {
                drop(buffer);
                self.write_ended(number, result);
            }
            (Slot::Read(number), Operation::Read { buffer, .. }) => {
                self.read_ended(number, buffer, result);
            }
            (slot, operation) => unreachable!("grid: {slot:?} is not {operation:?}"),
        }
        self.begin_reads();
        Stepped::Progress
    }

    fn flush_ended(&mut self, result: Result<(), Fault>) {
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

    fn fail(&mut self, fault: Fault) {
        self.statistics.failed += 1;
        self.failed.get_or_insert(fault);
    }

    /// After a failure of the superblock, nothing is written either.
    pub(crate) fn refuse_writes(&mut self, error: SuperblockError) {
        let unknown = Fault { access: Access::Write, offset: 0, kind: ErrorKind::Other };
        self.failed.get_or_insert(match error {
            SuperblockError::Fault(fault) => fault,
            SuperblockError::Corruption(_)
            | SuperblockError::Unverified
            | SuperblockError::Gone => unknown,
        });
    }

    fn refuse_if_failed(&self) -> Result<(), GridError> {
        match self.failed {
            Some(fault) => Err(GridError::Failed(fault)),
            None => Ok(()),
        }
    }

    /// The blocks that hold the free set of the last checkpoint: acquired, and released with the next.
    #[must_use]
    pub fn trailer_blocks(&self) -> &[u64] {
        &self.trailer_blocks
    }

    /// Whether a block of this name is being written or in the cache. Nothing changes.
    #[must_use]
    pub fn is_readable_from_memory(&self, reference: BlockReference) -> bool {
        self.writes.find(reference).is_some() || self.cache.peek(reference)
    }

    /// Whether a block of this name is in the cache. Nothing changes.
    #[must_use]
    pub fn is_cached(&self, reference: BlockReference) -> bool {
        self.cache.peek(reference)
    }
}
