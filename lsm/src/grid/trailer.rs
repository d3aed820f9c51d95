//! Trailers: the encoded free set in blocks.
//!
//! ```text
//! a block of kind FreeSet
//!   metadata   previous block: checksum 16, address 8; zero in the first
//!   body       a part of an encoded set: whole words, full in all blocks except the last
//!
//! superblock --> last block --> ... --> first block
//! ```
//!
//! - The sets of acquired and of released blocks are two chains. An empty set has no blocks.
//! - Each block has a reference to the previous block, and the superblock has a reference to the
//!   last. So the chain that is read is exactly the chain that was written.
//! - The sets are encoded before their blocks are acquired, so these blocks are in neither set.
//!   Opening marks these blocks as acquired and staged.

use super::free_set::FreeSetOptions;
use super::{BlockHandle, Caching, Grid, GridError, ReadOutcome, Stepped};
use crate::block::{BODY_OFFSET, BlockKind, BlockReference, Contents, Corruption, Place, Reason};
use crate::storage::{Buffer, Layout, Storage};
use crate::superblock::{CheckpointState, Trailer};

/// The size of a word of an encoded set in bytes.
const WORD_SIZE: usize = size_of::<u64>();

/// The sizes that determine how many blocks an encoded set needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct TrailerLimits {
    /// The number of bytes of an encoded set in a full block.
    piece_size: usize,
    /// The maximum size of an encoded set in bytes.
    size_max: usize,
}

impl TrailerLimits {
    pub(super) fn new(layout: &Layout, options: &FreeSetOptions) -> Self {
        let piece_size = (layout.block_size() - BODY_OFFSET) / WORD_SIZE * WORD_SIZE;
        Self { piece_size, size_max: options.encoded_size_max() }
    }

    /// Returns the maximum number of blocks of either set.
    pub(super) fn blocks_max(&self) -> usize {
        self.blocks(self.size_max)
    }

    fn blocks(&self, size: usize) -> usize {
        size.div_ceil(self.piece_size)
    }
}

/// The trailers of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trailers {
    pub(crate) acquired: Trailer,
    pub(crate) released: Trailer,
}

impl<S: Storage> Grid<S> {
    /// Opens the grid of a store at this checkpoint. No operation of another component may complete
    /// during the call. The checkpoint is treated as not durable until
    /// [`Grid::mark_checkpoint_durable`] is called.
    ///
    /// # Errors
    ///
    /// Returns an error if a block of the free set is unreadable or invalid. The grid must then be
    /// reset.
    ///
    /// # Panics
    ///
    /// If the grid is open, or the device is smaller than the layout.
    pub fn open(&mut self, state: &CheckpointState) -> Result<(), GridError> {
        assert!(
            self.storage.size() >= self.layout.size(),
            "grid: the layout must fit on the device"
        );
        let acquired = self.read_chain(&state.acquired)?;
        let released = self.read_chain(&state.released)?;
        let blocks = acquired.iter().rev().chain(released.iter().rev());
        let trailers = blocks.map(|block| block.reference().address);
        let opened = self.free_set.open(
            acquired.iter().rev().map(BlockHandle::body),
            released.iter().rev().map(BlockHandle::body),
            trailers.clone(),
        );
        if let Err(reason) = opened {
            return Err(GridError::Corruption(Corruption { place: Place::Superblock, reason }));
        }
        self.trailer_blocks.clear();
        self.trailer_blocks.extend(trailers);
        self.held.opened(&self.free_set);
        Ok(())
    }

    /// Reads the blocks of a chain, the last one first.
    pub(super) fn read_chain(&mut self, trailer: &Trailer) -> Result<Vec<BlockHandle>, GridError> {
        let wrong = |place, what| {
            GridError::Corruption(Corruption { place, reason: Reason::Meaning(what) })
        };
        let Trailer { last, size } = *trailer;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > self.trailers.size_max {
            return Err(wrong(
                Place::Superblock,
                "the encoded free set is larger than the maximum of this store",
            ));
        }
        let count = self.trailers.blocks(size);
        let mut blocks: Vec<BlockHandle> = Vec::with_capacity(count);
        let mut next = last;
        for position in (0..count).rev() {
            if !(1..=self.layout.block_count()).contains(&next.address) {
                return Err(wrong(
                    Place::Superblock,
                    "a block that stores the free set has an invalid address",
                ));
            }
            let block = self.read_now(next)?;
            let place = Place::Block(next.address);
            let Contents { kind, tree, snapshot, .. } = *block.contents();
            if kind != BlockKind::FreeSet {
                return Err(GridError::Corruption(Corruption { place, reason: Reason::Kind }));
            }
            if tree != 0 || snapshot != 0 {
                return Err(wrong(place, "a block of the free set has a tree or a snapshot"));
            }
            let begin = position * self.trailers.piece_size;
            if block.body().len() != (size - begin).min(self.trailers.piece_size) {
                return Err(wrong(
                    place,
                    "a block of the encoded free set has the wrong body size",
                ));
            }
            next = BlockReference::from_metadata(&block.contents().metadata);
            if (position == 0) != (next == BlockReference::default()) {
                return Err(wrong(place, "the chain of the free set has the wrong length"));
            }
            blocks.push(block);
        }
        Ok(blocks)
    }

    /// Reads a block and waits for the device. No other component may have operations in the
    /// device's queue.
    pub(crate) fn read_now(&mut self, reference: BlockReference) -> Result<BlockHandle, GridError> {
        let mut ticket = match self.read_unchecked(reference, Caching::Bypass) {
            ReadOutcome::Ready(block) => return Ok(block),
            ReadOutcome::Pending(ticket) => ticket,
            ReadOutcome::Refused(error) => return Err(error),
        };
        loop {
            match self.step() {
                Stepped::Progress => {}
                Stepped::Nothing => {
                    self.forget_read(ticket);
                    return Err(GridError::Gone);
                }
                Stepped::Foreign(completion) => {
                    panic!("grid: no other operation may complete at opening ({completion:?})")
                }
            }
            ticket = match self.take_read(ticket) {
                Ok(answer) => return answer,
                Err(ticket) => ticket,
            };
        }
    }

    /// Encodes the free set and begins to write it. Returns `None` if the pool has too few free
    /// buffers at the moment, or the queue of writes too little room.
    pub(crate) fn write_trailers(&mut self) -> Option<Result<Trailers, GridError>> {
        let blocks_max = self.trailers.blocks_max();
        if !self.has_write_room(2 * blocks_max) {
            return None;
        }
        let mut buffers = Vec::with_capacity(2 * blocks_max);
        while buffers.len() < 2 * blocks_max {
            let Some(buffer) = self.pool.take() else {
                self.give_all(buffers);
                return None;
            };
            buffers.push(buffer);
        }
        let released_buffers = buffers.split_off(blocks_max);
        Some(self.encode_trailers(buffers, released_buffers))
    }

    fn encode_trailers(
        &mut self,
        mut acquired: Vec<Buffer>,
        mut released: Vec<Buffer>,
    ) -> Result<Trailers, GridError> {
        let piece = BODY_OFFSET..BODY_OFFSET + self.trailers.piece_size;
        let bodies = acquired.iter_mut().map(|buffer| &mut buffer.bytes_mut()[piece.clone()]);
        let acquired_size = self.free_set.encode_acquired(bodies);
        let bodies = released.iter_mut().map(|buffer| &mut buffer.bytes_mut()[piece.clone()]);
        let released_size = self.free_set.encode_released(bodies);
        let count = self.trailers.blocks(acquired_size) + self.trailers.blocks(released_size);
        self.trailer_blocks.clear();
        if count > 0 {
            let Some(mut reservation) = self.free_set.reserve(count as u64) else {
                self.give_all(acquired);
                self.give_all(released);
                return Err(GridError::Full);
            };
            while let Some(address) = self.free_set.acquire(&mut reservation) {
                self.trailer_blocks.push(address);
            }
            self.free_set.forfeit(reservation);
        }
        let acquired = self.write_chain(acquired, 0, acquired_size)?;
        let first = self.trailers.blocks(acquired_size);
        let released = self.write_chain(released, first, released_size)?;
        Ok(Trailers { acquired, released })
    }

    /// Begins to write a chain of `size` bytes to the trailer blocks from number `first` on.
    fn write_chain(
        &mut self,
        buffers: Vec<Buffer>,
        first: usize,
        size: usize,
    ) -> Result<Trailer, GridError> {
        let mut last = BlockReference::default();
        let mut left = size;
        let mut refused = None;
        for (number, buffer) in buffers.into_iter().enumerate() {
            if left == 0 || refused.is_some() {
                self.pool.give(buffer);
                continue;
            }
            let body_size = left.min(self.trailers.piece_size);
            left -= body_size;
            let contents = Contents {
                kind: BlockKind::FreeSet,
                tree: 0,
                snapshot: 0,
                metadata: last.to_metadata(),
                body_size,
            };
            match self.write(self.trailer_blocks[first + number], &contents, buffer) {
                Ok(reference) => last = reference,
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) => Err(error),
            None => Ok(Trailer { last, size: size as u64 }),
        }
    }

    fn give_all(&mut self, buffers: Vec<Buffer>) {
        for buffer in buffers {
            self.pool.give(buffer);
        }
    }

    /// Records that a superblock that refers to the last trailers was written. Releases the blocks
    /// of the trailers, which stay in use until the next checkpoint is durable.
    pub(crate) fn checkpoint_written(&mut self) {
        self.statistics.checkpoints += 1;
        self.free_set.mark_checkpoint_not_durable();
        for address in &self.trailer_blocks {
            self.free_set.release(*address);
        }
    }
}
