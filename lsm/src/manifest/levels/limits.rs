//! How many tables a tree may have, by level.
//!
//! - Level `n` has at most `growth_factor ^ (n + 1)` tables between bars.
//!
//! That compaction keeps to it, for every growth factor from 2 on: let level `a` have `m >= max(a)` tables that
//! are visible and level `b = a + 1` have `n <= max(b) = growth * max(a) <= growth * m`. Two rows of disjoint
//! ranges have at most `m + n - 1` pairs that overlap, so a table of `a` overlaps at most
//! `(m + n - 1) / m < 1 + growth` tables on average, and the one with the fewest at most `growth`. Its merge packs
//! what it reads into tables that are full but the last, so `b` has one table more at most, and `a` one less. In a
//! bar, a level is drained in one half if it has `max` tables or more, and filled in the other: it never has more
//! than `max + 1`, and at the end of a bar not more than `max`. Only the last level is never drained: a tree can
//! be full.
//!
//! What this does not do: it counts nothing; the levels do.

use std::ops::RangeInclusive;

/// The fewest and the most levels of a tree.
pub const LEVELS: RangeInclusive<u32> = 2..=8;

/// How many times more tables a level may have than the one above it: the least and the largest.
pub const GROWTH_FACTORS: RangeInclusive<u32> = 2..=16;

/// The most tables of a level between bars.
///
/// # Panics
///
/// If there is no such level or growth factor.
#[must_use]
pub fn table_count_max(growth_factor: u32, level: u32) -> u64 {
    assert!(GROWTH_FACTORS.contains(&growth_factor), "manifest: growth factor {growth_factor}");
    assert!(level < *LEVELS.end(), "manifest: level {level}");
    u64::from(growth_factor).pow(level + 1)
}

/// The most tables of a tree between bars.
///
/// # Panics
///
/// If there is no such growth factor, or there are more levels than can be.
#[must_use]
pub fn table_count_max_of_tree(growth_factor: u32, levels: u32) -> u64 {
    (0..levels).map(|level| table_count_max(growth_factor, level)).sum()
}
