//! Adds neighbours to the tables that a flush reads, so that small tables are merged into one.
//!
//! - The choice depends only on counts and ranges.
//! - Neighbours are added while the tables and the flush have fewer values together than half a
//!   memtable. A neighbour with which they would have more values than a memtable ends the search
//!   in its direction.

use super::super::KeyRange;

/// The tables that a flush reads, while neighbours are added to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coalescing<K> {
    /// The key range, widened to contain the tables completely.
    pub(super) range: KeyRange<K>,
    /// The number of tables in the range.
    pub(super) tables: usize,
    /// The number of values of these tables and of the flush.
    pub(super) values: u64,
}

/// The limits of [`coalesce`].
#[derive(Clone, Copy, Debug)]
pub(super) struct CoalescingLimits {
    /// The maximum number of tables.
    pub(super) tables_max: usize,
    /// The maximum number of values.
    pub(super) values_max: u64,
}

impl CoalescingLimits {
    /// Half a memtable: with this many values or more, no neighbour is added.
    fn target(&self) -> u64 {
        self.values_max.div_ceil(2)
    }
}

/// Adds neighbours to `plain`: first those `below` it, nearest first, then those `above` it.
/// Returns `plain` if no neighbour was added.
pub(super) fn coalesce<K: Ord + Copy + std::fmt::Debug>(
    plain: Coalescing<K>,
    below: impl Iterator<Item = (KeyRange<K>, u32)>,
    above: impl Iterator<Item = (KeyRange<K>, u32)>,
    limits: CoalescingLimits,
) -> Coalescing<K> {
    let mut grown = plain;
    let mut small = plain.values < limits.target();
    let mut add = |grown: &mut Coalescing<K>, (range, values): (KeyRange<K>, u32)| {
        let values = u64::from(values);
        let room = grown.tables < limits.tables_max && grown.values < limits.target();
        if !room || grown.values + values > limits.values_max {
            return false;
        }
        grown.range = grown.range.union(&range);
        grown.tables += 1;
        grown.values += values;
        small |= values < limits.target();
        true
    };
    for neighbour in below {
        if !add(&mut grown, neighbour) {
            break;
        }
    }
    for neighbour in above {
        if !add(&mut grown, neighbour) {
            break;
        }
    }
    if small { grown } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(
        values: u64,
        below: &[(u64, u32)],
        above: &[(u64, u32)],
        tables: usize,
    ) -> Coalescing<u64> {
        let plain = Coalescing { range: KeyRange::new(100, 200), tables, values };
        let limits = CoalescingLimits { tables_max: 4, values_max: 16 };
        let tables = |row: &[(u64, u32)]| {
            row.iter().map(|(key, values)| (KeyRange::new(*key, *key), *values)).collect::<Vec<_>>()
        };
        coalesce(plain, tables(below).into_iter(), tables(above).into_iter(), limits)
    }

    #[test]
    fn small_neighbours_up_to_half_a_table_are_added_first_below_then_above() {
        let grown = run(2, &[(90, 3), (80, 4)], &[(210, 1)], 0);
        assert_eq!((grown.range, grown.tables, grown.values), (KeyRange::new(80, 200), 2, 9));
    }

    #[test]
    fn a_neighbour_that_does_not_fit_ends_the_search_only_in_its_direction() {
        let grown = run(2, &[(90, 15)], &[(210, 3)], 0);
        assert_eq!((grown.range, grown.tables, grown.values), (KeyRange::new(100, 210), 1, 5));
    }

    #[test]
    fn no_more_tables_are_read_than_the_maximum() {
        let grown = run(1, &[(90, 1), (80, 1), (70, 1)], &[], 2);
        assert_eq!((grown.range, grown.tables), (KeyRange::new(80, 200), 4));
    }

    #[test]
    fn a_large_range_gets_no_neighbours() {
        assert_eq!(run(8, &[(90, 1)], &[], 1).tables, 1);
    }
}
