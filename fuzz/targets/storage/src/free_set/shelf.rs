//! Free sets by geometry: those of a geometry that was asked for before are taken again.

use downbeat_lsm::grid::free_set::{FreeSet, FreeSetOptions};

use downbeat::model::free_set::BLOCKS_MAX;

/// The free set of a store, and another one that is opened from its encoded sets.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) set: FreeSet,
    pub(super) other: FreeSet,
}

impl Pair {
    fn new(options: FreeSetOptions) -> Self {
        let set = || FreeSet::new(options).expect("every geometry of the settings is valid");
        Pair { set: set(), other: set() }
    }
}

/// Pairs by their options.
#[derive(Debug)]
pub(super) struct Shelf {
    /// One place for each number of blocks, of the shards and reservations at hand.
    pairs: Vec<Option<Box<Pair>>>,
    shard_size: u32,
    reservation_count_max: u32,
}

impl Shelf {
    pub(super) fn new() -> Self {
        Shelf { pairs: Vec::new(), shard_size: 0, reservation_count_max: 0 }
    }

    /// From now on, pairs have these options.
    pub(super) fn open(&mut self, shard_size: u32, reservation_count_max: u32) {
        let sizes = (shard_size, reservation_count_max);
        if sizes != (self.shard_size, self.reservation_count_max) {
            (self.shard_size, self.reservation_count_max) = sizes;
            self.pairs.clear();
            self.pairs.resize_with(BLOCKS_MAX as usize + 1, || None);
        }
    }

    /// The pair of so many blocks; it was reset before it was put back.
    pub(super) fn take(&mut self, block_count: u64) -> Box<Pair> {
        let Shelf { ref mut pairs, shard_size, reservation_count_max } = *self;
        let options = FreeSetOptions { block_count, shard_size, reservation_count_max };
        pairs[block_count as usize].take().unwrap_or_else(|| Box::new(Pair::new(options)))
    }

    /// Takes a pair back; of other options than those at hand, it is dropped.
    pub(super) fn put(&mut self, mut pair: Box<Pair>) {
        let Pair { set, other } = &mut *pair;
        set.reset();
        other.reset();
        let FreeSetOptions { block_count, shard_size, reservation_count_max } = *set.options();
        if (shard_size, reservation_count_max) == (self.shard_size, self.reservation_count_max) {
            self.pairs[block_count as usize] = Some(pair);
        }
    }
}
