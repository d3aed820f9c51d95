//! Tags: eight bits of the hash of each slot's key.
//!
//! ```text
//! 16 ways:  | set 0: 16 tags | set 1 | set 2 | set 3 |    one line of 64 bytes
//!  2 ways:  | set 0 | set 1 | ..            | set 31 |    one line of 64 bytes
//! ```
//!
//! - The number of ways divides the line, and lines are aligned to their size: the tags of a set
//!   are always in one cache line of the processor.
//! - Tags are compared without a branch, eight at once in a word of 64 bits. Three variants with a
//!   loop over bytes were tried; for each of them the compiler generated one comparison per tag.
//! - The tag of an empty slot is the tag of its last entry. A match does not prove that the key is
//!   in the slot: the caller checks the clock and then compares the keys.

use super::options::Ways;

/// The tags of all slots.
#[derive(Debug)]
pub(super) struct Tags {
    ways: Ways,
    lines: Vec<Line>,
}

impl Tags {
    pub(super) fn new(ways: Ways, sets: usize) -> Self {
        let sets_per_line = LINE_BYTES / ways.count();
        Self { ways, lines: vec![Line([0; LINE_BYTES]); sets.div_ceil(sets_per_line)] }
    }

    pub(super) fn reset(&mut self) {
        self.lines.fill(Line([0; LINE_BYTES]));
    }

    #[inline]
    pub(super) fn put(&mut self, set: usize, way: usize, tag: u8) {
        let ways = self.ways.count();
        assert!(way < ways, "set_associative_cache: a way must be below the number of ways");
        let slot = set * ways + way;
        self.lines[slot / LINE_BYTES].0[slot % LINE_BYTES] = tag;
    }

    pub(super) fn get(&self, set: usize, way: usize) -> u8 {
        let slot = set * self.ways.count() + way;
        self.lines[slot / LINE_BYTES].0[slot % LINE_BYTES]
    }

    /// Iterates over the ways of this set whose tag is `tag`, lowest first.
    #[inline]
    pub(super) fn matches(&self, set: usize, tag: u8) -> Matches {
        match self.ways {
            Ways::Two => self.matches_of::<2>(set, tag),
            Ways::Four => self.matches_of::<4>(set, tag),
            Ways::Sixteen => self.matches_of::<16>(set, tag),
        }
    }

    #[inline]
    fn matches_of<const WAYS: usize>(&self, set: usize, tag: u8) -> Matches {
        const { assert!(LINE_BYTES.is_multiple_of(WAYS)) };
        const { assert!(WAYS <= u16::BITS as usize) };
        let sets_per_line = LINE_BYTES / WAYS;
        let (sets, _) = self.lines[set / sets_per_line].0.as_chunks::<WAYS>();

        let mut tags = [0; 16];
        tags[..WAYS].copy_from_slice(&sets[set % sets_per_line]);
        let (words, _) = tags.as_chunks::<8>();
        let low = equal_bytes(u64::from_le_bytes(words[0]), tag);
        let high = equal_bytes(u64::from_le_bytes(words[1]), tag);
        // Bytes above the ways are padding and may be equal to the tag.
        Matches((low | high << 8) & (u16::MAX >> (16 - WAYS)))
    }
}

/// Returns a word in which bit n is 1 if and only if byte n of `word` is `byte`. The result is
/// exact. The well-known shorter formula is not: it may also report a byte above an equal byte.
#[inline]
fn equal_bytes(word: u64, byte: u8) -> u16 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    // The lowest bit of byte n goes to bit n of the highest byte of the product; nothing is
    // carried.
    const GATHER: u64 = 0x0102_0408_1020_4080;

    let difference = word ^ (ONES * u64::from(byte));
    // The high bit of a byte of the sum is 1 if any of the low bits differs: 0x7F plus at least 1.
    // Nothing is carried into another byte: the largest sum is 0x7F + 0x7F.
    let differs = ((difference & LOW_BITS) + LOW_BITS) | difference;
    let equal = (!differs >> 7) & ONES;
    (equal.wrapping_mul(GATHER) >> 56) as u16
}

/// An iterator over the ways that matched: bit n is 1 if way n matched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matches(u16);

impl Iterator for Matches {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let way = self.0.trailing_zeros();
        self.0 &= self.0 - 1;
        Some(way as usize)
    }
}

/// The tags in one cache line of the processor.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Line([u8; LINE_BYTES]);

const LINE_BYTES: usize = 64;

const _: () = assert!(size_of::<Line>() == LINE_BYTES);
const _: () = assert!(align_of::<Line>() == LINE_BYTES);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_are_exact_for_every_pair_at_every_place() {
        for stored in 0..=u8::MAX {
            for sought in 0..=u8::MAX {
                // The neighbours of a byte could carry into it.
                for neighbour in [sought, sought ^ 1, sought ^ 0x80] {
                    for place in 0..8 {
                        let mut bytes = [neighbour; 8];
                        bytes[place] = stored;
                        let expected = (0..8)
                            .filter(|&at: &usize| bytes[at] == sought)
                            .fold(0, |bits, at| bits | 1 << at);
                        assert_eq!(equal_bytes(u64::from_le_bytes(bytes), sought), expected);
                    }
                }
            }
        }
    }

    #[test]
    fn every_way_of_every_set_is_found_by_its_tag_alone() {
        for ways in [Ways::Two, Ways::Four, Ways::Sixteen] {
            // 70 sets take more than one line and leave the last one partly unused.
            let mut tags = Tags::new(ways, 70);
            for set in 0..70 {
                for way in 0..ways.count() {
                    tags.put(set, way, 0xA5);
                    assert_eq!(tags.get(set, way), 0xA5);
                    assert_eq!(tags.matches(set, 0xA5).collect::<Vec<_>>(), [way]);
                    for neighbour in [set.checked_sub(1), Some(set + 1)].into_iter().flatten() {
                        if neighbour < 70 {
                            assert_eq!(tags.matches(neighbour, 0xA5).count(), 0);
                        }
                    }
                    tags.put(set, way, 0);
                }
            }
        }
    }

    #[test]
    fn equal_tags_are_reported_lowest_way_first() {
        let mut tags = Tags::new(Ways::Sixteen, 3);
        for way in [15, 0, 8, 7] {
            tags.put(1, way, 0xFF);
        }
        assert_eq!(tags.matches(1, 0xFF).collect::<Vec<_>>(), [0, 7, 8, 15]);
        assert_eq!(tags.matches(1, 0xFE).count(), 0);
        tags.reset();
        assert_eq!(tags.matches(1, 0xFF).count(), 0);
    }

    #[test]
    fn a_set_has_no_matches_above_its_ways() {
        for ways in [Ways::Two, Ways::Four, Ways::Sixteen] {
            let tags = Tags::new(ways, 2);
            assert_eq!(tags.matches(1, 0).collect::<Vec<_>>(), Vec::from_iter(0..ways.count()));
        }
    }

    #[test]
    #[should_panic(expected = "set_associative_cache: a way must be below the number of ways")]
    fn a_tag_outside_of_its_set_is_refused() {
        Tags::new(Ways::Two, 2).put(0, 2, 1);
    }
}
