//! The maximum number of tables of each level of a tree.
//!
//! - Between bars, level `n` has at most `growth_factor ^ (n + 1)` tables.
//!
//! Compaction keeps this bound for every growth factor from 2, for the following reason. Let level
//! `a` have `m >= max(a)` visible tables, and level `b = a + 1` have `n <= max(b) = growth * max(a)
//! <= growth * m`. Two sequences of disjoint ranges have at most `m + n - 1` overlapping pairs. So
//! a table of `a` overlaps at most `(m + n - 1) / m < 1 + growth` tables on average, and the table
//! with the fewest overlaps overlaps at most `growth`. A merge fills all of its output tables
//! except the last, so `b` gains at most one table, and `a` loses one. In each bar, a level with
//! `max` tables or more loses one in one half-bar, and gains at most one in the other. So it never
//! has more than `max + 1` tables, and at most `max` at the end of the bar. The last level never
//! loses a table, so a tree can be full.

use std::ops::RangeInclusive;

/// The numbers of levels that a tree may have.
pub const LEVELS: RangeInclusive<u32> = 2..=8;

/// The growth factors that a tree may have: how many times more tables a level may have than the
/// level above it.
pub const GROWTH_FACTORS: RangeInclusive<u32> = 2..=16;

/// The maximum number of tables of a level between bars.
///
/// # Panics
///
/// If the level or the growth factor is out of bounds.
#[must_use]
pub fn table_count_max(growth_factor: u32, level: u32) -> u64 {
    assert!(
        GROWTH_FACTORS.contains(&growth_factor),
        "manifest: {growth_factor} is an invalid growth factor"
    );
    assert!(level < *LEVELS.end(), "manifest: {level} is an invalid level");
    u64::from(growth_factor).pow(level + 1)
}

/// The maximum number of tables of a tree between bars.
///
/// # Panics
///
/// If the growth factor or the number of levels is out of bounds.
#[must_use]
pub fn table_count_max_of_tree(growth_factor: u32, levels: u32) -> u64 {
    (0..levels).map(|level| table_count_max(growth_factor, level)).sum()
}
