//! Free sets by their number of blocks. A set that was used before is used again.

use downbeat_lsm::grid::free_set::{FreeSet, FreeSetOptions};

use downbeat::model::free_set::BLOCKS_MAX;

/// The free set of a store, and another one that is opened from its encoded sets.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) set: FreeSet,
    pub(super) other: FreeSet,
}

/// The pairs that no store is using.
#[derive(Debug)]
pub(super) struct Pairs {
    /// By number of blocks.
    pairs: Vec<Option<Box<Pair>>>,
    shard_size: u32,
    reservation_count_max: u32,
}

impl Pairs {
    pub(super) fn new(shard_size: u32, reservation_count_max: u32) -> Self {
        let mut pairs = Vec::new();
        pairs.resize_with(BLOCKS_MAX as usize + 1, || None);
        Pairs { pairs, shard_size, reservation_count_max }
    }

    /// Takes the pair with `block_count` blocks.
    pub(super) fn take(&mut self, block_count: u64) -> Box<Pair> {
        let Pairs { ref mut pairs, shard_size, reservation_count_max } = *self;
        pairs[block_count as usize].take().unwrap_or_else(|| {
            let options = FreeSetOptions { block_count, shard_size, reservation_count_max };
            let set = || FreeSet::new(options).expect("every geometry of the settings is valid");
            Box::new(Pair { set: set(), other: set() })
        })
    }

    /// Takes a pair back and resets it.
    pub(super) fn put(&mut self, mut pair: Box<Pair>) {
        let Pair { set, other } = &mut *pair;
        set.reset();
        other.reset();
        let place = set.block_count() as usize;
        self.pairs[place] = Some(pair);
    }
}
