//! The set of shards without a free block: one bit per shard, so that a search skips full shards 64
//! at a time.
//!
//! - Bits after the last shard are not set.

use super::block_set::WORD_BITS;

#[derive(Debug)]
pub(super) struct FullShards {
    bits: Box<[u64]>,
    shard_count: usize,
}

impl FullShards {
    /// Creates the set for `shard_count` shards, none of which is full.
    pub(super) fn new(shard_count: usize) -> Self {
        Self { bits: vec![0; shard_count.div_ceil(WORD_BITS)].into_boxed_slice(), shard_count }
    }

    #[inline]
    pub(super) fn contains(&self, shard: usize) -> bool {
        self.bits[shard / WORD_BITS] >> (shard % WORD_BITS) & 1 == 1
    }

    #[inline]
    pub(super) fn insert(&mut self, shard: usize) {
        self.bits[shard / WORD_BITS] |= 1 << (shard % WORD_BITS);
    }

    #[inline]
    pub(super) fn remove(&mut self, shard: usize) {
        self.bits[shard / WORD_BITS] &= !(1 << (shard % WORD_BITS));
    }

    /// Returns the first shard from `shard` on that has a free block.
    #[inline]
    pub(super) fn next_with_room(&self, shard: usize) -> Option<usize> {
        let mut word = shard / WORD_BITS;
        let mut bits = !*self.bits.get(word)? & (u64::MAX << (shard % WORD_BITS));
        while bits == 0 {
            word += 1;
            bits = !*self.bits.get(word)?;
        }
        let shard = word * WORD_BITS + bits.trailing_zeros() as usize;
        (shard < self.shard_count).then_some(shard)
    }

    #[inline]
    pub(super) fn shard_count(&self) -> usize {
        self.shard_count
    }

    /// Marks all shards as not full. No shard from `shards_used` on may be full.
    pub(super) fn clear(&mut self, shards_used: usize) {
        self.bits[..shards_used.div_ceil(WORD_BITS)].fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_the_next_shard_with_room_past_words_of_full_shards() {
        let mut full = FullShards::new(200);
        (1..150).for_each(|shard| full.insert(shard));
        assert_eq!(full.next_with_room(0), Some(0));
        assert_eq!(full.next_with_room(1), Some(150));
        assert_eq!(full.next_with_room(199), Some(199));
        full.remove(70);
        assert_eq!(full.next_with_room(64), Some(70));
        assert_eq!(full.next_with_room(70), Some(70));
        assert_eq!(full.next_with_room(71), Some(150));
    }

    #[test]
    fn a_search_past_the_last_shard_finds_none() {
        let mut full = FullShards::new(64);
        assert_eq!(full.next_with_room(64), None);
        (0..64).for_each(|shard| full.insert(shard));
        assert_eq!(full.next_with_room(0), None);
        let mut full = FullShards::new(65);
        (0..65).for_each(|shard| full.insert(shard));
        assert_eq!(full.next_with_room(3), None);
        full.clear(65);
        assert_eq!(full.next_with_room(3), Some(3));
    }
}
