//! A set of blocks: one bit per block, and the number of blocks in the set.
//!
//! - `count` is the number of bits that are set.
//! - Blocks are numbered from 0 here. Addresses are from 1.

/// The number of bits of a word, for arithmetic on the numbers of blocks.
pub(crate) const WORD_BITS: usize = u64::BITS as usize;

#[derive(Debug)]
pub(crate) struct BlockSet {
    words: Box<[u64]>,
    count: u64,
}

impl BlockSet {
    /// Creates an empty set with room for as many blocks as `word_count` words have bits.
    pub(crate) fn new(word_count: usize) -> Self {
        Self { words: vec![0; word_count].into_boxed_slice(), count: 0 }
    }

    #[inline]
    pub(crate) fn contains(&self, block: usize) -> bool {
        self.words[block / WORD_BITS] >> (block % WORD_BITS) & 1 == 1
    }

    /// Inserts a block that is not in the set.
    #[inline]
    pub(crate) fn insert(&mut self, block: usize) {
        self.words[block / WORD_BITS] |= 1 << (block % WORD_BITS);
        self.count += 1;
    }

    /// Removes a block that is in the set.
    #[inline]
    pub(crate) fn remove(&mut self, block: usize) {
        self.words[block / WORD_BITS] &= !(1 << (block % WORD_BITS));
        self.count -= 1;
    }

    #[inline]
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    #[inline]
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    #[inline]
    pub(crate) fn word(&self, word: usize) -> u64 {
        self.words[word]
    }

    /// Returns all words for writing. [`BlockSet::recount`] must follow.
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// Counts the blocks again, after [`BlockSet::words_mut`].
    pub(crate) fn recount(&mut self) {
        self.count = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
    }

    /// Replaces a word by `bits`.
    #[inline]
    pub(crate) fn replace_word(&mut self, word: usize, bits: u64) {
        let before = std::mem::replace(&mut self.words[word], bits);
        self.count = self.count + u64::from(bits.count_ones()) - u64::from(before.count_ones());
    }

    /// Removes all blocks. The words from `words_used` on must be 0 already.
    pub(crate) fn clear(&mut self, words_used: usize) {
        self.words[..words_used].fill(0);
        self.count = 0;
    }

    pub(crate) fn verify(&self) {
        assert!(
            self.words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>() == self.count,
            "free_set: the blocks of a set must be counted",
        );
    }
}
