//! A set of blocks: a bit each, and how many there are.
//!
//! - `count` is the number of bits that are set.
//!
//! What this does not do: it does not know which bits may be set; blocks are numbered from 0 here.

/// The bits of a word, for arithmetic on the numbers of blocks.
pub(crate) const WORD_BITS: usize = u64::BITS as usize;

#[derive(Debug)]
pub(crate) struct BlockSet {
    words: Box<[u64]>,
    count: u64,
}

impl BlockSet {
    /// No block, with room for as many as there are bits in `word_count` words.
    pub(crate) fn new(word_count: usize) -> Self {
        Self { words: vec![0; word_count].into_boxed_slice(), count: 0 }
    }

    #[inline]
    pub(crate) fn contains(&self, block: usize) -> bool {
        self.words[block / WORD_BITS] >> (block % WORD_BITS) & 1 == 1
    }

    /// Puts in a block that is not there.
    #[inline]
    pub(crate) fn insert(&mut self, block: usize) {
        self.words[block / WORD_BITS] |= 1 << (block % WORD_BITS);
        self.count += 1;
    }

    /// Takes out a block that is there.
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

    /// All words, to be written; [`BlockSet::recount`] follows.
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// Counts what was written by way of [`BlockSet::words_mut`].
    pub(crate) fn recount(&mut self) {
        self.count = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
    }

    /// Puts `bits` in the place of a word.
    #[inline]
    pub(crate) fn replace_word(&mut self, word: usize, bits: u64) {
        let before = std::mem::replace(&mut self.words[word], bits);
        self.count = self.count + u64::from(bits.count_ones()) - u64::from(before.count_ones());
    }

    /// Takes out all blocks; none is in a word from `words_used` on.
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
