//! The set of free nodes: one bit per node, and the word where the search for the lowest free node
//! starts.
//!
//! - No word before `first` has a free node.
//! - `count` is the number of bits that are set.
//! - Bits after the last node are not set.

#[derive(Debug)]
pub(super) struct FreeNodes {
    words: Box<[u64]>,
    /// The index of the first word that may have a free node.
    first: usize,
    count: u32,
}

impl FreeNodes {
    /// Creates the set of `node_count` nodes, all of them free.
    pub(super) fn new(node_count: u32) -> Self {
        let mut words = vec![u64::MAX; node_count.div_ceil(u64::BITS) as usize];
        let used = node_count % u64::BITS;
        if used != 0
            && let Some(last) = words.last_mut()
        {
            *last = (1 << used) - 1;
        }
        Self { words: words.into_boxed_slice(), first: 0, count: node_count }
    }

    #[inline]
    pub(super) fn take_lowest(&mut self) -> Option<u32> {
        if self.count == 0 {
            return None;
        }
        // The loop ends because some node is free.
        while self.words[self.first] == 0 {
            self.first += 1;
        }
        let word = &mut self.words[self.first];
        let bit = word.trailing_zeros();
        // Clears the lowest bit that is set.
        *word &= *word - 1;
        self.count -= 1;
        Some(self.first as u32 * u64::BITS + bit)
    }

    #[inline]
    pub(super) fn put(&mut self, number: u32) {
        assert!(!self.contains(number), "node_pool: a free node must not be released");
        let word = (number / u64::BITS) as usize;
        self.words[word] |= 1 << (number % u64::BITS);
        self.first = self.first.min(word);
        self.count += 1;
    }

    #[inline]
    pub(super) fn contains(&self, number: u32) -> bool {
        self.words[(number / u64::BITS) as usize] >> (number % u64::BITS) & 1 == 1
    }

    #[inline]
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn verify(&self) {
        assert!(
            self.words.iter().map(|word| word.count_ones()).sum::<u32>() == self.count,
            "node_pool: the free nodes must be counted",
        );
        assert!(
            self.words.iter().take(self.first).all(|&word| word == 0),
            "node_pool: no node may be free below where the search starts",
        );
    }
}
