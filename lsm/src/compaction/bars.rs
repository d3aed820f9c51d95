//! Time: beats, half-bars and bars.
//!
//! ```text
//! beat     0 | 1  2  3  4  5  6  7 | 8  9 10 11 | 12 13 14 15 | 16 ..       bars of 8 beats
//! bar            0                 |         1                | 2 ..
//! half-bar           first, second |  first     |  second     | first ..
//! ```
//!
//! - Each commit is a beat, numbered from 1. Beat 0 is the formatting of the store; it does no
//!   work.
//! - Compactions into odd levels run in the first half-bar, and compactions into even levels in the
//!   second. They are planned at the first beat of the half-bar and applied at its last beat. So
//!   within a half-bar no compaction writes a level that another compaction reads.

use std::ops::RangeInclusive;

/// The smallest and the largest number of beats in a bar. The number must be even.
pub const BEATS_PER_BAR: RangeInclusive<u64> = 4..=1024;

/// Bars of a fixed number of beats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bars {
    beats_per_bar: u64,
}

impl Bars {
    /// Creates bars of `beats_per_bar` beats.
    ///
    /// # Panics
    ///
    /// If the number is odd or outside [`BEATS_PER_BAR`].
    #[must_use]
    pub fn new(beats_per_bar: u64) -> Self {
        assert!(
            BEATS_PER_BAR.contains(&beats_per_bar) && beats_per_bar.is_multiple_of(2),
            "bars: a bar has an even number of beats, from 4 to 1024 ({beats_per_bar})",
        );
        Self { beats_per_bar }
    }

    /// Returns the number of beats in a bar.
    #[must_use]
    #[inline]
    pub fn beats_per_bar(self) -> u64 {
        self.beats_per_bar
    }

    fn half(self) -> u64 {
        self.beats_per_bar / 2
    }

    /// Returns whether compactions into this level run in this beat.
    #[must_use]
    #[inline]
    pub fn is_active(self, level: u32, beat: u64) -> bool {
        let first_half = beat % self.beats_per_bar < self.half();
        first_half == (level % 2 == 1)
    }

    /// Returns whether this is the first beat of a half-bar: compactions are planned.
    #[must_use]
    #[inline]
    pub fn is_first_of_half(self, beat: u64) -> bool {
        beat.is_multiple_of(self.half())
    }

    /// Returns whether this is the first beat of the second half-bar of a bar.
    #[must_use]
    #[inline]
    pub fn is_middle_of_bar(self, beat: u64) -> bool {
        beat % self.beats_per_bar == self.half()
    }

    /// Returns whether this is the last beat of a half-bar: compactions are applied.
    #[must_use]
    #[inline]
    pub fn is_last_of_half(self, beat: u64) -> bool {
        self.is_first_of_half(beat + 1)
    }

    /// Returns whether this is the last beat of a bar: the memtables are swapped.
    #[must_use]
    #[inline]
    pub fn is_last_of_bar(self, beat: u64) -> bool {
        (beat + 1).is_multiple_of(self.beats_per_bar)
    }

    /// Returns the number of beats left in the half-bar, this beat included: 1 or more.
    #[must_use]
    #[inline]
    pub fn left_in_half(self, beat: u64) -> u64 {
        self.half() - beat % self.half()
    }

    /// Returns the last beat of this beat's half-bar. This is the last snapshot that sees the input
    /// of the half-bar's compactions; later snapshots see their output.
    #[must_use]
    #[inline]
    pub fn last_of_half(self, beat: u64) -> u64 {
        beat + self.left_in_half(beat) - 1
    }

    /// Returns the last beat of this beat's bar.
    #[must_use]
    #[inline]
    pub fn last_of_bar(self, beat: u64) -> u64 {
        beat - beat % self.beats_per_bar + self.beats_per_bar - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_has_two_halves_with_a_first_and_a_last_beat() {
        let bars = Bars::new(8);
        let beats = |is: &dyn Fn(u64) -> bool| (8..24).filter(|beat| is(*beat)).collect::<Vec<_>>();
        assert_eq!(beats(&|beat| bars.is_first_of_half(beat)), [8, 12, 16, 20]);
        assert_eq!(beats(&|beat| bars.is_last_of_half(beat)), [11, 15, 19, 23]);
        assert_eq!(beats(&|beat| bars.is_last_of_bar(beat)), [15, 23]);
        for beat in 8..24 {
            assert_eq!(bars.last_of_bar(beat), if beat < 16 { 15 } else { 23 });
            assert!(bars.is_last_of_half(bars.last_of_half(beat)));
            assert_eq!(bars.last_of_half(beat) - beat + 1, bars.left_in_half(beat));
        }
    }

    #[test]
    fn odd_levels_are_written_in_the_first_half_and_even_ones_in_the_second() {
        let bars = Bars::new(4);
        for beat in 4..8 {
            for level in 0..8 {
                assert_eq!(bars.is_active(level, beat), (beat < 6) == (level % 2 == 1));
            }
        }
    }

    #[test]
    #[should_panic(expected = "an even number of beats")]
    fn a_bar_of_an_odd_number_of_beats_is_refused() {
        let _ = Bars::new(5);
    }
}
