//! Tests of the choice by least overlap.

use super::*;

fn choose(ranges: &[(u8, u8)], others: &[(u8, u8)], limit: usize) -> Option<usize> {
    let range = |&(min, max): &(u8, u8)| KeyRange::new(min, max);
    let chosen = least(ranges.iter().map(range).enumerate(), others.iter().map(range), limit);
    chosen.map(|(position, _)| position)
}

#[test]
fn the_first_of_equal_overlaps_is_chosen() {
    assert_eq!(choose(&[(0, 9), (10, 19)], &[(0, 4), (15, 19)], 16), Some(0));
    assert_eq!(
        choose(&[(0, 9), (10, 19), (20, 29)], &[(0, 3), (4, 9), (12, 13), (22, 23)], 16),
        Some(1)
    );
}

#[test]
fn ranges_that_share_one_key_overlap() {
    assert_eq!(choose(&[(0, 9)], &[(9, 12)], 0), None);
    assert_eq!(choose(&[(9, 12)], &[(0, 9)], 0), None);
    assert_eq!(choose(&[(0, 9), (13, 14)], &[(9, 12)], 0), Some(1));
}

#[test]
fn a_range_that_reaches_into_several_others_overlaps_each() {
    assert_eq!(choose(&[(0, 1), (3, 4), (6, 7)], &[(1, 6)], 0), None);
    assert_eq!(choose(&[(0, 1), (3, 4), (7, 8)], &[(1, 6)], 0), Some(2));
    // The third of `others` overlaps the first two ranges. Two more start in the second range.
    let others = [(0, 1), (2, 3), (5, 12), (14, 15), (17, 30)];
    assert_eq!(choose(&[(1, 9), (11, 18), (20, 21)], &others, 16), Some(2));
    assert_eq!(choose(&[(1, 9), (11, 18)], &others, 16), Some(0));
    assert_eq!(choose(&[(1, 9), (11, 18)], &others, 2), None);
}

#[test]
fn a_range_inside_another_range_overlaps_it() {
    assert_eq!(choose(&[(4, 5), (6, 7)], &[(0, 9)], 0), None);
    assert_eq!(choose(&[(4, 5), (6, 7)], &[(0, 9)], 1), Some(0));
}

#[test]
fn a_range_that_overlaps_more_than_the_limit_is_not_chosen() {
    let others = [(0, 1), (2, 3), (4, 5)];
    assert_eq!(choose(&[(0, 9)], &others, 2), None);
    assert_eq!(choose(&[(0, 9)], &others, 3), Some(0));
    assert_eq!(choose(&[(0, 3), (5, 9)], &others, 2), Some(1));
}

#[test]
fn either_input_may_be_empty() {
    assert_eq!(choose(&[], &[(0, 1)], 16), None);
    assert_eq!(choose(&[(0, 1)], &[], 0), Some(0));
}
