//! The grid: the blocks of a store, with their cache, free set and queues.
//!
//! ```text
//!         write                          read
//!           |                              |
//!           v                              v
//!   [ pending writes ] <---- 1st ---- where is it? ----- 3rd ----> [ cache ]
//!           |                              | 2nd                      ^
//!           v                              v                          |
//!       ( device ) <------ 4th ----- [ pending reads ] -- verified ---+
//! ```
//!
//! - A block is identified by its address and checksum ([`BlockReference`]). A read returns exactly
//!   this block or an error, never other bytes.
//! - A read sees a write as soon as the write is submitted. Concurrent reads of one block share one
//!   read of the device.
//! - The queue of writes is bounded. A caller that finds it full waits for a step of the grid.
//! - Operations complete only in [`Grid::step`]. A read that does not need the device returns its
//!   block immediately.
//! - While a block is acquired, it is written only once. After a failed write or flush the grid
//!   refuses writes until the store is reopened; reads continue.
//! - All blocks in memory are from one pool of fixed size. A reader gets a [`BlockHandle`]. While a
//!   handle exists, the bytes of its block do not change, whether the block is cached or not.
//! - A damaged block is not repaired, because there is no other copy of it.
//!
//! The grid does not know which blocks are reachable or what they contain.
//!
//! Files: `free_set` has the set of free blocks, `reservation` acquires and releases them, `pool`
//! and `memory` have the memory, `cache` the cached blocks, `discard` the space that is given back,
//! `slot` the operations that are pending, `flush` the flush, `write` and `read` the writes and
//! reads of blocks, `pending_reads` the reads that have not completed, `growth` blocks that are
//! added, `trailer` the blocks of the encoded free set, and `verification` reads all blocks. The
//! module [`checkpoint`](crate::checkpoint) takes a checkpoint of the grid and the superblock.

mod cache;
mod discard;
mod error;
mod flush;
pub mod free_set;
mod growth;
mod handle;
mod memory;
mod options;
mod pending_reads;
mod pool;
mod read;
mod reservation;
mod slot;
mod statistics;
mod trailer;
mod verification;
mod write;

pub use error::GridError;
pub use handle::BlockHandle;
pub use options::{GridOptions, InvalidGrid};
pub use pending_reads::ReadTicket;
pub use read::{Caching, ReadOutcome};
pub use slot::GRID_OWNER;
pub use statistics::GridStatistics;
pub use verification::Verification;

use std::io::ErrorKind;

use cache::BlockCache;
use discard::Held;
use flush::Flush;
use free_set::{BlockSet, FreeSet};
use memory::Memory;
use pending_reads::Reads;
use pool::BlockPool;
use slot::Slot;
use trailer::TrailerLimits;
use write::Writes;

use crate::block::BlockReference;
use crate::storage::{Access, Buffer, Completion, Fault, Layout, Operation, Storage};
use crate::superblock::SuperblockError;

/// The blocks of a store; see the [module](self).
#[derive(Debug)]
pub struct Grid<S> {
    storage: S,
    layout: Layout,
    /// The layout for which there is memory: `layout`, unless blocks are added to the grid.
    layout_max: Layout,
    /// The layout on which decisions depend ([`Grid::planned`]).
    layout_planned: Layout,
    options: GridOptions,
    free_set: FreeSet,
    /// The blocks that were acquired and whose write has not ended. At their addresses the device
    /// has older contents.
    unwritten: BlockSet,
    /// The blocks whose bytes take space on the device.
    held: Held,
    pool: BlockPool,
    cache: BlockCache,
    writes: Writes,
    reads: Reads,
    trailers: TrailerLimits,
    /// The blocks of the last encoded free set; see [`Grid::trailer_blocks`].
    trailer_blocks: Vec<u64>,
    flush: Flush,
    /// The fault of the first write or flush that failed.
    failed: Option<Fault>,
    statistics: GridStatistics,
}

/// The effect of a step of the grid.
#[derive(Debug)]
pub enum Stepped {
    /// No operation completed.
    Nothing,
    /// An operation of the grid completed.
    Progress,
    /// An operation of another component completed. The caller must pass the completion to that
    /// component.
    Foreign(Completion),
}

impl<S: Storage> Grid<S> {
    /// Creates a grid that is not open. The memory of all blocks is allocated here.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid.
    ///
    /// # Panics
    ///
    /// If the sectors of the device have the wrong size.
    pub fn new(storage: S, layout: &Layout, options: &GridOptions) -> Result<Self, InvalidGrid> {
        let memory = Memory::new(&storage, layout, options)?;
        let Memory { free_set, cache, trailers, blocks, writes } = memory;
        Ok(Self {
            storage,
            layout: *layout,
            layout_max: *layout,
            layout_planned: *layout,
            options: *options,
            free_set,
            unwritten: BlockSet::new(layout.block_count().div_ceil(u64::BITS.into()) as usize),
            held: Held::new(layout),
            pool: BlockPool::new(blocks, layout.block_size()),
            cache,
            writes,
            reads: Reads::new(options, blocks),
            trailers,
            trailer_blocks: Vec::with_capacity(2 * trailers.blocks_max()),
            flush: Flush::Idle,
            failed: None,
            statistics: GridStatistics::default(),
        })
    }

    /// Makes this a grid with other sizes that is not open, on the same device. Uses the memory of
    /// its blocks again. The device's queue must not complete any operations of the grid
    /// afterwards. Existing handles and tickets become invalid.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid. Nothing has changed then.
    ///
    /// # Panics
    ///
    /// The same as [`Grid::new`].
    pub fn renew(&mut self, layout: &Layout, options: &GridOptions) -> Result<(), InvalidGrid> {
        let memory = Memory::new(&self.storage, layout, options)?;
        self.reset();
        let Memory { free_set, cache, trailers, blocks, writes } = memory;
        self.layout = *layout;
        self.layout_max = *layout;
        self.layout_planned = *layout;
        self.options = *options;
        self.free_set = free_set;
        self.unwritten = BlockSet::new(layout.block_count().div_ceil(u64::BITS.into()) as usize);
        self.held = Held::new(layout);
        self.pool.renew(blocks, layout.block_size());
        self.cache = cache;
        self.writes = writes;
        self.reads = Reads::new(options, blocks);
        self.trailers = trailers;
        self.trailer_blocks = Vec::with_capacity(2 * trailers.blocks_max());
        Ok(())
    }

    /// Returns the grid to its initial state, as in a new process. The device's queue must not
    /// complete any operations of the grid afterwards. Existing handles and tickets become invalid.
    pub fn reset(&mut self) {
        self.set_layout(self.layout_max);
        self.layout_planned = self.layout_max;
        self.free_set.reset();
        self.unwritten.clear(self.unwritten.words().len());
        self.held.reset();
        self.cache.reset(&mut self.pool);
        self.writes.reset(&mut self.pool);
        self.reads.reset();
        self.pool.reset();
        self.trailer_blocks.clear();
        self.flush = Flush::Idle;
        self.failed = None;
        self.statistics = GridStatistics::default();
    }

    /// Returns the device.
    #[must_use]
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// Returns the device, for other components that share it.
    #[must_use]
    pub fn storage_mut(&mut self) -> &mut S {
        &mut self.storage
    }

    /// Returns the device. Its queue may still contain operations of the grid.
    #[must_use]
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// Returns the layout of the device.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the options that the grid was built with.
    #[must_use]
    pub fn options(&self) -> &GridOptions {
        &self.options
    }

    /// Returns the set of free blocks.
    #[must_use]
    pub fn free_set(&self) -> &FreeSet {
        &self.free_set
    }

    /// Returns the counters since construction or the last reset.
    #[must_use]
    pub fn statistics(&self) -> &GridStatistics {
        &self.statistics
    }

    /// Returns the fault of the first write or flush that failed. After such a failure nothing is
    /// written.
    #[must_use]
    pub fn failed(&self) -> Option<Fault> {
        self.failed
    }

    /// Empties the cache. Existing handles stay valid.
    pub fn drop_cache(&mut self) {
        self.cache.reset(&mut self.pool);
    }

    /// Returns the number of cached blocks. The number decreases only in [`Grid::drop_cache`] and
    /// [`Grid::reset`], because a block is evicted only to insert another block.
    #[must_use]
    pub fn cached_blocks(&self) -> usize {
        self.cache.len()
    }

    /// Takes the memory of a block from the pool, for writing. Returns `None` if the whole pool is
    /// in use. Completed writes and dropped handles return their memory.
    pub fn take_buffer(&mut self) -> Option<Buffer> {
        self.pool.take()
    }

    /// Returns a buffer to the pool without writing it.
    pub fn give_buffer(&mut self, buffer: Buffer) {
        self.pool.give(buffer);
    }

    /// Returns the number of blocks of the pool that are unused or only cached. These are all
    /// blocks of the pool if no operation is pending and no handle or buffer exists.
    #[must_use]
    pub fn unused_buffers(&self) -> usize {
        self.pool.unused() + self.cache.unused()
    }

    /// Returns the number of blocks of the pool.
    #[must_use]
    pub fn buffers(&self) -> usize {
        self.pool.capacity()
    }

    /// Returns whether no operation is pending.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.writes.is_empty() && self.reads.is_idle() && self.flush != Flush::UnderWay
    }

    /// Completes at most one operation of the device. Begins waiting reads, up to the limit and as
    /// long as there is memory.
    pub fn step(&mut self) -> Stepped {
        self.begin_reads();
        let Some(completion) = self.storage.step() else { return Stepped::Nothing };
        if completion.owner.component != GRID_OWNER {
            return Stepped::Foreign(completion);
        }
        let Completion { owner, operation, result, ticket: _ } = completion;
        match (Slot::of(owner), operation) {
            (Slot::Flush, Operation::Flush) => self.flush_ended(result),
            (Slot::Write(place), Operation::Write { buffer, .. }) => {
                drop(buffer);
                self.write_ended(place, result);
            }
            (Slot::Read(number), Operation::Read { buffer, .. }) => {
                self.read_ended(number, buffer, result);
            }
            (slot, operation) => unreachable!("grid: {slot:?} is not {operation:?}"),
        }
        self.begin_reads();
        Stepped::Progress
    }

    fn fail(&mut self, fault: Fault) {
        self.statistics.failed += 1;
        self.failed.get_or_insert(fault);
    }

    /// Refuses writes after a failure of the superblock.
    pub(crate) fn refuse_writes(&mut self, error: SuperblockError) {
        let unknown = Fault::new(Access::Write, 0, &ErrorKind::Other.into());
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

    /// Returns the blocks of the encoded free set: that of the running checkpoint once it is
    /// prepared, or else that of the last checkpoint. They are acquired until this checkpoint is
    /// written, and then staged. They become free when the next checkpoint is durable. After a
    /// checkpoint that failed for lack of free blocks, returns an empty slice.
    #[must_use]
    pub fn trailer_blocks(&self) -> &[u64] {
        &self.trailer_blocks
    }

    /// Returns whether this block is being written or cached. Nothing changes.
    #[must_use]
    pub fn is_readable_from_memory(&self, reference: BlockReference) -> bool {
        self.writes.find(reference).is_some() || self.cache.peek(reference)
    }

    /// Returns whether this block is cached. Nothing changes.
    #[must_use]
    pub fn is_cached(&self, reference: BlockReference) -> bool {
        self.cache.peek(reference)
    }
}
