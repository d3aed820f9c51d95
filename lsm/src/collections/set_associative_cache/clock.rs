//! The clock of each set, which chooses the slot to evict.
//!
//! Each slot has a count from 0 to 3, and each set has a hand that points to one of its slots. A
//! hit adds 1 to the count, and a write sets it to 1. To make room, the hand moves around the set
//! until it takes a slot. It takes an empty slot immediately. At any other slot it subtracts 1 from
//! the count, and if the count is then 0, it evicts the entry and takes the slot. So an entry that
//! was read several times survives up to two passes of the hand, and an entry that was only written
//! is evicted by the first pass.
//!
//! - A slot is empty if and only if its count is 0.
//! - The hand is less than the number of ways. After a slot is taken, the hand points to the next
//!   slot of the set.
//! - The bits above the counts of a set's ways are 0.
//!
//! The counts of a set (two bits per way) and its hand share one word of eight bytes. So each step
//! shifts a register, and an eviction needs only one cache line of the processor. Two arrays
//! without gaps, one of counts and one of hands, would take 4.5 bytes per set of 16 ways. Measured
//! with such arrays, hits and updates took 20 to 60 % longer, and evictions took the same time.

use super::options::Ways;

/// The clocks of all sets.
#[derive(Debug)]
pub(super) struct Clocks {
    ways: Ways,
    sets: Vec<SetClock>,
}

/// The slot that is taken for an insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) way: usize,
    /// Whether the slot had an entry before.
    pub(super) was_live: bool,
}

impl Clocks {
    pub(super) fn new(ways: Ways, sets: usize) -> Self {
        Self { ways, sets: vec![SetClock::default(); sets] }
    }

    pub(super) fn reset(&mut self) {
        self.sets.fill(SetClock::default());
    }

    #[inline]
    pub(super) fn is_live(&self, set: usize, way: usize) -> bool {
        self.sets[set].count(way) > 0
    }

    /// Records that the entry was read.
    #[inline]
    pub(super) fn strengthen(&mut self, set: usize, way: usize) {
        let clock = &mut self.sets[set];
        let count = clock.count(way);
        assert!(count > 0, "set_associative_cache: an empty slot must not be strengthened");
        clock.count_put(way, (count + 1).min(COUNT_MAX));
    }

    /// Records that the entry was written.
    #[inline]
    pub(super) fn weaken(&mut self, set: usize, way: usize) {
        let clock = &mut self.sets[set];
        assert!(clock.count(way) > 0, "set_associative_cache: an empty slot must not be weakened");
        clock.count_put(way, 1);
    }

    /// Records that the entry was removed.
    #[inline]
    pub(super) fn empty(&mut self, set: usize, way: usize) {
        let clock = &mut self.sets[set];
        assert!(clock.count(way) > 0, "set_associative_cache: an empty slot must not be emptied");
        clock.count_put(way, 0);
    }

    /// Takes a slot of this set for a new entry, and sets its count to 1.
    ///
    /// A full round that takes no slot subtracts 1 from every count, so after at most `COUNT_MAX -
    /// 1` rounds no count is greater than 1.
    #[inline]
    pub(super) fn take(&mut self, set: usize) -> Taken {
        let ways = self.ways.count();
        let clock = &mut self.sets[set];
        let mut way = clock.hand as usize;
        assert!(way < ways, "set_associative_cache: the hand must point to a way of its set");
        for _ in 0..=ways * (COUNT_MAX as usize - 1) {
            let count = clock.count(way);
            // The number of ways is a power of two.
            let next = (way + 1) & (ways - 1);
            if count <= 1 {
                clock.count_put(way, 1);
                clock.hand = next as u32;
                return Taken { way, was_live: count == 1 };
            }
            clock.count_put(way, count - 1);
            way = next;
        }
        unreachable!("set_associative_cache: the hand must find a slot within its bound");
    }

    pub(super) fn check(&self) {
        let ways = self.ways.count();
        for clock in &self.sets {
            assert!(
                (clock.hand as usize) < ways,
                "set_associative_cache: every hand must point to a way of its set",
            );
            assert!(
                u64::from(clock.counts) >> (ways * COUNT_BITS) == 0,
                "set_associative_cache: counts must belong to a way",
            );
        }
    }
}

/// The counts of a set, way 0 in the lowest bits, and its hand.
#[derive(Clone, Copy, Debug, Default)]
struct SetClock {
    counts: u32,
    hand: u32,
}

impl SetClock {
    #[inline]
    fn count(self, way: usize) -> u32 {
        (self.counts >> (way * COUNT_BITS)) & COUNT_MAX
    }

    #[inline]
    fn count_put(&mut self, way: usize, count: u32) {
        let shift = way * COUNT_BITS;
        self.counts = (self.counts & !(COUNT_MAX << shift)) | (count << shift);
    }
}

const COUNT_BITS: usize = 2;
const COUNT_MAX: u32 = (1 << COUNT_BITS) - 1;

// All counts of the largest set fit in the word.
const _: () = assert!(16 * COUNT_BITS <= u32::BITS as usize);

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Ways; 3] = [Ways::Two, Ways::Four, Ways::Sixteen];

    #[test]
    fn the_counts_of_a_set_are_independent() {
        for ways in ALL {
            let mut clocks = Clocks::new(ways, 3);
            for way in 0..ways.count() {
                assert_eq!(clocks.take(1), Taken { way, was_live: false });
            }
            for way in 0..ways.count() {
                for _ in 0..5 {
                    clocks.strengthen(1, way);
                }
                assert!((0..ways.count()).all(|other| {
                    clocks.sets[1].count(other) == if other == way { COUNT_MAX } else { 1 }
                }));
                clocks.weaken(1, way);
                clocks.empty(1, way);
                assert!((0..ways.count()).all(|other| clocks.is_live(1, other) == (other != way)));
                clocks.sets[1].count_put(way, 1);
            }
            assert!(
                (0..ways.count()).all(|way| !clocks.is_live(0, way) && !clocks.is_live(2, way))
            );
            clocks.check();
        }
    }

    #[test]
    fn the_hand_stops_after_the_slot_that_it_took() {
        let mut clocks = Clocks::new(Ways::Four, 1);
        for way in [0, 1, 2, 3, 0, 1] {
            assert_eq!(clocks.take(0).way, way);
            assert_eq!(clocks.sets[0].hand as usize, (way + 1) % 4);
        }
        clocks.strengthen(0, 2);
        assert_eq!(clocks.take(0), Taken { way: 3, was_live: true });
    }

    #[test]
    #[should_panic(expected = "an empty slot must not be strengthened")]
    fn an_empty_slot_cannot_be_read() {
        Clocks::new(Ways::Two, 1).strengthen(0, 1);
    }

    #[test]
    #[should_panic(expected = "an empty slot must not be weakened")]
    fn an_empty_slot_cannot_be_updated() {
        Clocks::new(Ways::Two, 1).weaken(0, 1);
    }

    #[test]
    #[should_panic(expected = "an empty slot must not be emptied")]
    fn an_empty_slot_cannot_be_removed_from() {
        Clocks::new(Ways::Two, 1).empty(0, 1);
    }

    #[test]
    #[should_panic(expected = "every hand must point to a way of its set")]
    fn a_hand_outside_of_its_set_is_noticed() {
        let mut clocks = Clocks::new(Ways::Two, 2);
        clocks.sets[1].hand = 2;
        clocks.check();
    }

    #[test]
    #[should_panic(expected = "counts must belong to a way")]
    fn a_count_above_the_ways_is_noticed() {
        let mut clocks = Clocks::new(Ways::Two, 2);
        clocks.sets[1].counts = 1 << 4;
        clocks.check();
    }
}
