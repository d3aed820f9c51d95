//! Binary search by index, for arrays that are not slices.
//!
//! - Comparisons select values and do not branch, because their results are unpredictable.

use std::hint::select_unpredictable;

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
        for count in 0..40 {
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
            let found = partition_point(9, |index| pattern >> index & 1 == 1);
            assert!(found <= 9);
        }
    }
}
