//! The model of the rows: the rows themselves, and for each value of each index the set of its rows.
//! The result of a query is computed with sets alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{Condition, Row, Stored};
use crate::groove::Objects;
use crate::mutation::{Mutation, is_on};

/// The rows, and the sets of rows by value.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The rows by timestamp, and how much of them is durable.
    pub objects: Objects<Row>,
    /// The timestamps of the rows that have a value in an index.
    sets: BTreeMap<(usize, u128), BTreeSet<u64>>,
    /// How many entries of a value were ever written to its index, removals included.
    written: BTreeMap<(usize, u128), u64>,
}

impl Rows {
    /// Counts the entries of a row that is put or removed.
    fn count(&mut self, row: &Row) {
        for field in Row::INDEXED.into_iter().filter(|field| row.is_indexed(*field)) {
            *self.written.entry((field, row.value(field))).or_default() += 1;
        }
    }

    fn leave(&mut self, timestamp: u64) {
        if let Some(old) = self.objects.at(timestamp).copied() {
            self.count(&old);
            self.set(timestamp, false);
        }
    }

    /// Inserts or replaces a row in beat `beat`.
    pub fn put(&mut self, row: &Row, beat: u64) {
        self.leave(row.timestamp);
        self.objects.put(row, beat);
        self.count(row);
        self.set(row.timestamp, true);
    }

    /// Removes the row with this timestamp in beat `beat`.
    pub fn remove(&mut self, timestamp: u64, beat: u64) {
        self.leave(timestamp);
        self.objects.remove(timestamp, beat);
    }

    /// Undoes all changes that the last checkpoint does not contain; see [`Objects::reopen`].
    pub fn reopen(&mut self, crashed: bool) {
        let changed: BTreeSet<u64> = self.objects.not_durable().collect();
        for timestamp in &changed {
            self.set(*timestamp, false);
        }
        self.objects.reopen(crashed);
        for timestamp in &changed {
            self.set(*timestamp, true);
        }
    }

    /// Adds the row with this timestamp, if there is one, to its sets, or removes it from them.
    fn set(&mut self, timestamp: u64, adds: bool) {
        let Some(row) = self.objects.at(timestamp).copied() else { return };
        for field in Row::INDEXED.into_iter().filter(|field| row.is_indexed(*field)) {
            let set = self.sets.entry((field, row.value(field))).or_default();
            if adds {
                set.insert(timestamp)
            } else {
                set.remove(&timestamp)
            };
        }
    }

    /// How many entries of a value were ever written to its index, removals included.
    #[must_use]
    pub fn entries_written(&self, field: usize, value: u128) -> u64 {
        self.written.get(&(field, value)).copied().unwrap_or(0)
    }

    /// The timestamps of the rows for which a condition holds.
    #[must_use]
    pub fn select(&self, condition: &Condition) -> BTreeSet<u64> {
        match condition {
            Condition::Equals(field, value) => {
                self.sets.get(&(*field, *value)).cloned().unwrap_or_default()
            }
            Condition::Within(field, min, max) if min <= max => {
                let last = if is_on(Mutation::ScanRangeExcludesItsEnd) && min < max {
                    max - 1
                } else {
                    *max
                };
                let sets = self.sets.range((*field, *min)..=(*field, last));
                sets.flat_map(|(_, set)| set).copied().collect()
            }
            Condition::Within(..) => BTreeSet::new(),
            Condition::Or(one, other) => {
                let (mut one, mut other) = (self.select(one), self.select(other));
                one.append(&mut other);
                one
            }
            Condition::And(one, other) => {
                let (mut one, other) = (self.select(one), self.select(other));
                let last = one.last().copied();
                one.retain(|timestamp| {
                    other.contains(timestamp)
                        && !(is_on(Mutation::ScanIntersectionLosesOne) && last == Some(*timestamp))
                });
                one
            }
            Condition::AndNot(one, other) => {
                let (mut one, other) = (self.select(one), self.select(other));
                one.retain(|timestamp| !other.contains(timestamp));
                one
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_select_what_the_condition_says_of_each_row() {
        let mut rows = Rows::default();
        for number in 1..=60 {
            rows.put(&Row::new(number, 0, number), 1);
        }
        rows.put(&Row::new(7, 1, 99), 1);
        rows.remove(9, 1);
        let common = |value| Box::new(Condition::Equals(Row::COMMON, value));
        let marks = Box::new(Condition::Within(Row::MARK, 1, 3));
        let condition = Condition::AndNot(
            Box::new(Condition::Or(common(0), common(1))),
            Box::new(Condition::And(marks, common(0))),
        );
        let by_rows: BTreeSet<u64> =
            rows.objects.query(&condition).map(|row| row.timestamp).collect();
        assert_eq!(rows.select(&condition), by_rows);
        assert!(!by_rows.is_empty() && by_rows.len() < 59);
    }
}
