//! The cache of blocks, by address.
//!
//! - At most one block is cached for an address: the block that was last written or read. A lookup
//!   finds it only with a reference that has the block's checksum.
//! - The clock of a set-associative cache chooses the block to evict.
//! - The cache does not know which blocks are free.

use super::BlockHandle;
use super::pool::BlockPool;
use crate::block::BlockReference;
use crate::collections::{
    AddressHash, CacheOptions, Cached, InvalidOptions, SetAssociativeCache, Upserted,
};

/// The slot of the block at an address.
#[derive(Clone, Copy, Debug)]
struct CachedBlock {
    address: u64,
    slot: u32,
}

impl Cached for CachedBlock {
    type Key = u64;

    fn key(&self) -> u64 {
        self.address
    }
}

/// The effect of an insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CacheInsertion {
    /// There was room.
    Added,
    /// The block replaced another one at the same address.
    Replaced,
    /// A block at another address was evicted.
    Evicted,
}

/// The cached blocks; see the [module](self).
#[derive(Debug)]
pub(super) struct BlockCache {
    places: SetAssociativeCache<CachedBlock, AddressHash>,
    blocks: Vec<Option<BlockHandle>>,
    free: Vec<u32>,
}

impl BlockCache {
    pub(super) fn new(options: CacheOptions) -> Result<Self, InvalidOptions> {
        let places = SetAssociativeCache::new(options, AddressHash::new())?;
        // One slot more than there are places, because a block is inserted before the block that it
        // evicts is removed.
        let slots = places.capacity() + 1;
        let free = (0..slots as u32).rev().collect();
        Ok(Self { places, blocks: vec![None; slots], free })
    }

    pub(super) fn len(&self) -> usize {
        self.blocks.len() - self.free.len()
    }

    /// Returns the number of blocks that only the cache refers to.
    pub(super) fn unused(&self) -> usize {
        self.blocks.iter().flatten().filter(|block| block.buffer.is_sole()).count()
    }

    pub(super) fn reset(&mut self, pool: &mut BlockPool) {
        self.places.reset();
        for (slot, block) in self.blocks.iter_mut().enumerate() {
            if let Some(block) = block.take() {
                pool.lend(block.buffer);
                self.free.push(slot as u32);
            }
        }
    }

    #[inline]
    pub(super) fn get(&mut self, reference: BlockReference) -> Option<&BlockHandle> {
        let place = self.places.get(reference.address)?;
        let block = self.blocks[place.slot as usize].as_ref();
        block.filter(|block| block.reference == reference)
    }

    pub(super) fn mark_checked(&mut self, reference: BlockReference) {
        if let Some(place) = self.places.peek(reference.address)
            && let Some(block) = &mut self.blocks[place.slot as usize]
            && block.reference == reference
        {
            block.is_checked = true;
        }
    }

    pub(super) fn peek(&self, reference: BlockReference) -> bool {
        self.places.peek(reference.address).is_some_and(|place| {
            let block = self.blocks[place.slot as usize].as_ref();
            block.is_some_and(|block| block.reference == reference)
        })
    }

    /// Makes the block at this address one of the first to be evicted.
    pub(super) fn weaken(&mut self, address: u64) {
        if let Some(place) = self.places.peek(address).copied() {
            self.places.upsert(&place);
        }
    }

    #[inline]
    pub(super) fn insert(&mut self, block: BlockHandle, pool: &mut BlockPool) -> CacheInsertion {
        let Some(slot) = self.free.pop() else {
            unreachable!("grid: a cache has a slot more than places");
        };
        let address = block.reference.address;
        self.blocks[slot as usize] = Some(block);
        let (gone, insertion) = match self.places.upsert(&CachedBlock { address, slot }) {
            Upserted::Inserted { evicted: None } => return CacheInsertion::Added,
            Upserted::Inserted { evicted: Some(evicted) } => (evicted, CacheInsertion::Evicted),
            Upserted::Updated { previous } => (previous, CacheInsertion::Replaced),
        };
        let Some(block) = self.blocks[gone.slot as usize].take() else {
            unreachable!("grid: a place in the cache has a block");
        };
        pool.lend(block.buffer);
        self.free.push(gone.slot);
        insertion
    }
}
