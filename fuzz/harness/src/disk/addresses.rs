//! A set of small integers: addresses of blocks, or numbers of copies.
//!
//! Insertion, removal and lookup cost O(1). Clearing the set costs O(numbers inserted since the
//! last clear).

/// A set of integers; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Addresses {
    words: Vec<u64>,
    /// The numbers inserted since the last clear, each once, including numbers that were removed.
    listed: Vec<u64>,
    /// A bit for each number in `listed`.
    known: Vec<u64>,
}

impl Addresses {
    fn bit(address: u64) -> (usize, u64) {
        ((address / 64) as usize, 1 << (address % 64))
    }

    #[inline]
    pub(super) fn insert(&mut self, address: u64) {
        let (word, bit) = Self::bit(address);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
            self.known.resize(word + 1, 0);
        }
        self.words[word] |= bit;
        if self.known[word] & bit == 0 {
            self.known[word] |= bit;
            self.listed.push(address);
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, address: u64) {
        let (word, bit) = Self::bit(address);
        if let Some(word) = self.words.get_mut(word) {
            *word &= !bit;
        }
    }

    #[inline]
    pub(super) fn contains(&self, address: u64) -> bool {
        let (word, bit) = Self::bit(address);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Iterates over the members in the order of their first insertion.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        self.listed.iter().copied().filter(|address| self.contains(*address))
    }

    pub(super) fn clear(&mut self) {
        for address in self.listed.drain(..) {
            let (word, _) = Self::bit(address);
            self.words[word] = 0;
            self.known[word] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_the_addresses_that_were_added_and_not_removed() {
        let mut set = Addresses::default();
        for address in [3, 200, 3, 64] {
            set.insert(address);
        }
        set.remove(64);
        set.remove(9_999);
        assert_eq!(set.iter().collect::<Vec<_>>(), [3, 200]);
        set.insert(64);
        assert_eq!(set.iter().collect::<Vec<_>>(), [3, 200, 64]);
        set.clear();
        assert!((0..300).all(|address| !set.contains(address)) && set.iter().next().is_none());
    }
}
