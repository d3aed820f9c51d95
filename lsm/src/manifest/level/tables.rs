//! Iteration over the tables of a level, by visibility and by key range.
//!
//! Tables are ordered by `key_max`. The tables that one snapshot sees are disjoint, so they are
//! also ordered by `key_min`. A table that this snapshot does not see may overlap them, so its
//! `key_min` may be far below its neighbours'. A table is closed if the latest snapshot does not
//! see it. The visibility decides where an iteration starts and ends:
//!
//! - one snapshot: ascending from the first `key_max >= min` until a visible `key_min > max`;
//!   descending from the first visible `key_max >= max` until `key_max < min`;
//! - invisible: ascending from the first `key_max` that is neither below `min` nor below all closed
//!   tables, until above all closed tables; descending from the last closed table until
//!   `key_max < min`, or below all closed tables;
//! - any: from the earlier of these two starts to the later of these two ends, in the iteration's
//!   direction; the snapshot is the latest.
//!
//! All closed tables are in `key_range_closed`. They are few and close together, because a
//! compaction closes tables of one range.

use std::iter::FusedIterator;

use super::{ManifestLevel, TableReference};
use crate::collections::Direction;
use crate::collections::segmented_array::Iter;
use crate::manifest::{KeyRange, SNAPSHOT_LATEST, TableInfo, TableKey, Visibility};

/// A table of a level, and a reference to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found<'a, K: Copy> {
    /// The reference to the table, valid until the level's generation changes.
    pub reference: TableReference,
    /// The table.
    pub table: &'a TableInfo<K>,
}

/// An iterator over tables of a level; see [`ManifestLevel::tables`].
#[derive(Clone, Debug)]
pub struct Tables<'a, K: TableKey> {
    inner: Iter<'a, TableInfo<K>>,
    generation: u32,
    visibility: Visibility<'a>,
    direction: Direction,
    range: Option<KeyRange<K>>,
    key_range_closed: Option<KeyRange<K>>,
}

impl<'a, K: TableKey> Tables<'a, K> {
    pub(super) fn new(
        level: &'a ManifestLevel<K>,
        visibility: Visibility<'a>,
        direction: Direction,
        range: Option<KeyRange<K>>,
    ) -> Self {
        if let Some(range) = &range {
            range.assert_ordered();
        }
        let start = match direction {
            Direction::Ascending => start_ascending(level, visibility, range),
            Direction::Descending => start_descending(level, visibility, range),
        };
        Self::new_from(level, visibility, direction, range, start)
    }

    /// Starts with the table at this index, and skips all tables before it. `None` gives an empty
    /// iterator.
    pub(super) fn new_from(
        level: &'a ManifestLevel<K>,
        visibility: Visibility<'a>,
        direction: Direction,
        range: Option<KeyRange<K>>,
        start: Option<u32>,
    ) -> Self {
        let tables = &level.tables;
        let mut inner = tables.iter(tables.cursor(start.unwrap_or(0)), direction);
        if start.is_none() {
            inner.finish();
        }
        let ManifestLevel { generation, key_range_closed, .. } = *level;
        Self { inner, generation, visibility, direction, range, key_range_closed }
    }

    /// The position of a table relative to the range.
    #[inline]
    fn place(&self, table: &TableInfo<K>) -> Place {
        if self.is_past(table) {
            Place::Past
        } else if self.range.is_none_or(|range| table.overlaps(&range)) {
            Place::Inside
        } else {
            Place::Outside
        }
    }

    /// Whether neither this table nor any later one can match.
    #[inline]
    fn is_past(&self, table: &TableInfo<K>) -> bool {
        match self.direction {
            Direction::Ascending => match self.visibility {
                Visibility::Visible(snapshot) => self.is_above(table) && table.is_visible(snapshot),
                Visibility::Invisible(_) => self.is_above_closed(table),
                Visibility::Any => {
                    self.is_above(table)
                        && table.is_visible(SNAPSHOT_LATEST)
                        && self.is_above_closed(table)
                }
            },
            Direction::Descending => {
                self.is_below(table)
                    || matches!(self.visibility, Visibility::Invisible(_))
                        && self.is_below_closed(table)
            }
        }
    }

    #[inline]
    fn is_below(&self, table: &TableInfo<K>) -> bool {
        self.range.is_some_and(|range| { table.key_max } < range.min)
    }

    #[inline]
    fn is_above(&self, table: &TableInfo<K>) -> bool {
        self.range.is_some_and(|range| { table.key_min } > range.max)
    }

    #[inline]
    fn is_below_closed(&self, table: &TableInfo<K>) -> bool {
        self.key_range_closed.is_none_or(|closed| { table.key_max } < closed.min)
    }

    #[inline]
    fn is_above_closed(&self, table: &TableInfo<K>) -> bool {
        self.key_range_closed.is_none_or(|closed| { table.key_max } > closed.max)
    }

    #[inline]
    fn is_of_visibility(&self, table: &TableInfo<K>) -> bool {
        match self.visibility {
            Visibility::Any => true,
            Visibility::Visible(snapshot) => table.is_visible(snapshot),
            Visibility::Invisible(snapshots) => table.is_invisible(snapshots),
        }
    }
}

/// The position of a table relative to the range of an iteration.
#[derive(Clone, Copy)]
enum Place {
    /// The table overlaps the range.
    Inside,
    /// The table does not overlap the range, but a later table may.
    Outside,
    /// Neither the table nor any later one can match.
    Past,
}

impl<'a, K: TableKey> Iterator for Tables<'a, K> {
    type Item = Found<'a, K>;

    #[inline]
    fn next(&mut self) -> Option<Found<'a, K>> {
        loop {
            let index = self.inner.index()?;
            let table = self.inner.next()?;
            match self.place(table) {
                Place::Inside if self.is_of_visibility(table) => {
                    let reference = TableReference { index, generation: self.generation };
                    return Some(Found { reference, table });
                }
                Place::Inside | Place::Outside => {}
                Place::Past => {
                    self.inner.finish();
                    return None;
                }
            }
        }
    }
}

impl<K: TableKey> FusedIterator for Tables<'_, K> {}

/// The index to start from. `None` if no table can match.
fn start_ascending<K: TableKey>(
    level: &ManifestLevel<K>,
    visibility: Visibility<'_>,
    range: Option<KeyRange<K>>,
) -> Option<u32> {
    let min = range.map(|range| range.min);
    let min = match visibility {
        Visibility::Any | Visibility::Visible(_) => min,
        // `None`, the missing end of a range, compares below all keys.
        Visibility::Invisible(_) => min.max(Some(level.key_range_closed?.min)),
    };
    Some(min.map_or(0, |min| level.keys.index(level.keys.search(min))))
}

/// The index to start from. `None` if no table can match.
fn start_descending<K: TableKey>(
    level: &ManifestLevel<K>,
    visibility: Visibility<'_>,
    range: Option<KeyRange<K>>,
) -> Option<u32> {
    let Some(range) = range else {
        return match visibility {
            Visibility::Any | Visibility::Visible(_) => last(level),
            Visibility::Invisible(_) => last_closed(level),
        };
    };
    match visibility {
        Visibility::Any => last_visible(level, SNAPSHOT_LATEST, range.max).max(last_closed(level)),
        Visibility::Visible(snapshot) => last_visible(level, snapshot, range.max),
        Visibility::Invisible(_) => last_closed(level),
    }
}

fn last<K: TableKey>(level: &ManifestLevel<K>) -> Option<u32> {
    level.tables.len().checked_sub(1)
}

/// The index of the first table with `key_max >= key` that the snapshot sees. No later table that
/// the snapshot sees starts at or below `key`. If there is no such table, the index of the last
/// table.
fn last_visible<K: TableKey>(level: &ManifestLevel<K>, snapshot: u64, key: K) -> Option<u32> {
    let from = level.keys.index(level.keys.search(key));
    let tables = level.tables.iter(level.tables.cursor(from), Direction::Ascending);
    let mut indexed = (from..).zip(tables);
    let visible = indexed.find(|(_, table)| table.is_visible(snapshot));
    visible.map(|(index, _)| index).or(last(level))
}

/// The index of the last table with a `key_max` in `key_range_closed`: no later table is closed.
fn last_closed<K: TableKey>(level: &ManifestLevel<K>) -> Option<u32> {
    let above = level.keys.search_above(level.key_range_closed?.max);
    level.keys.index(above).checked_sub(1)
}
