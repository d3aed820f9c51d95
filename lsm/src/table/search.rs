//! Search in sorted arrays, for blocks that are larger than the processor's caches.
//!
//! - A large array is searched in four parts at a time. The three comparisons do not depend on each
//!   other, so their cache misses overlap: twice as many comparisons as in a binary search take
//!   half of its time.
//! - Comparisons select values and do not branch, because their results are unpredictable.

use std::hint::select_unpredictable;

/// The number of elements from which four parts pay. A smaller array has few cache lines.
const LARGE: usize = 32;

/// Returns the number of indices below `count` for which `is_before` returns true, if these indices
/// are below all others. Otherwise returns an unspecified number from 0 to `count`, both included.
#[inline]
pub(super) fn partition_point(count: usize, is_before: impl Fn(usize) -> bool) -> usize {
    if count == 0 {
        return 0;
    }
    // The result is from `base` to `base + left`.
    let mut base = 0;
    let mut left = count;
    while left >= LARGE {
        let part = left / 4;
        let parts = usize::from(is_before(base + part - 1))
            + usize::from(is_before(base + 2 * part - 1))
            + usize::from(is_before(base + 3 * part - 1));
        base += parts * part;
        left -= 3 * part;
    }
    while left > 1 {
        let half = left / 2;
        base += select_unpredictable(is_before(base + half - 1), half, 0);
        left -= half;
    }
    base + usize::from(is_before(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_of_every_count_is_found() {
        for count in 0..200 {
            for point in 0..=count {
                let found = partition_point(count, |index| {
                    assert!(index < count);
                    index < point
                });
                assert_eq!(found, point, "of {count}");
            }
        }
    }

    #[test]
    fn an_unsorted_input_gives_a_number_up_to_the_count() {
        for pattern in 0..1 << 9_u32 {
            for count in [9, LARGE, 3 * LARGE] {
                let found = partition_point(count, |index| pattern >> (index % 9) & 1 == 1);
                assert!(found <= count);
            }
        }
    }
}
