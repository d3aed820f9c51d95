//! The model of the rows: the rows themselves, and for each value of each index the set of its
//! rows. The result of a query is computed with sets alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{Condition, Row, Stored};
use crate::groove::Objects;
use crate::mutation::{Mutation, is_on};

/// The rows, and the sets of rows by value.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The rows by timestamp, and how much of them is durable.
    pub objects: Objects<Row>,
    /// The rows that have a value in an index, by index and value.
    values: BTreeMap<(usize, u128), Value>,
}

/// The rows that have a value in an index.
#[derive(Clone, Debug, Default)]
struct Value {
    /// Their timestamps.
    set: BTreeSet<u64>,
    /// How many entries of the value were ever written to the index, removals included.
    written: u64,
}

impl Rows {
    /// Inserts or replaces a row in beat `beat`.
    pub fn put(&mut self, row: &Row, beat: u64) {
        let old = self.objects.at(row.timestamp).copied();
        self.objects.put(row, beat);
        for field in Row::INDEXED {
            let indexed = |row: &Row| row.indexed(field);
            let (left, entered) = (old.as_ref().and_then(indexed), indexed(row));
            if left == entered {
                // The row leaves the set and enters it again.
                entered.into_iter().for_each(|value| self.value(field, value).written += 2);
                continue;
            }
            if let Some(value) = left {
                self.leave(field, value, row.timestamp);
            }
            if let Some(value) = entered {
                let value = self.value(field, value);
                value.written += 1;
                value.set.insert(row.timestamp);
            }
        }
    }

    /// Removes the row with this timestamp in beat `beat`.
    pub fn remove(&mut self, timestamp: u64, beat: u64) {
        if let Some(old) = self.objects.at(timestamp).copied() {
            for field in Row::INDEXED {
                if let Some(value) = old.indexed(field) {
                    self.leave(field, value, timestamp);
                }
            }
        }
        self.objects.remove(timestamp, beat);
    }

    fn value(&mut self, field: usize, value: u128) -> &mut Value {
        self.values.entry((field, value)).or_default()
    }

    fn leave(&mut self, field: usize, value: u128, timestamp: u64) {
        let value = self.value(field, value);
        value.written += 1;
        value.set.remove(&timestamp);
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
        for field in Row::INDEXED {
            let Some(value) = row.indexed(field) else { continue };
            let set = &mut self.value(field, value).set;
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
        self.values.get(&(field, value)).map_or(0, |value| value.written)
    }

    /// How many rows a condition holds for.
    #[must_use]
    pub fn count(&self, condition: &Condition) -> usize {
        match condition {
            Condition::Equals(field, value) => {
                self.values.get(&(*field, *value)).map_or(0, |value| value.set.len())
            }
            _ => self.select(condition).len(),
        }
    }

    /// The timestamps of the rows for which a condition holds, in ascending order.
    #[must_use]
    pub fn select(&self, condition: &Condition) -> Vec<u64> {
        match condition {
            Condition::Equals(field, value) => {
                let value = self.values.get(&(*field, *value));
                value.map_or(Vec::new(), |value| value.set.iter().copied().collect())
            }
            Condition::Within(field, min, max) if min <= max => {
                let last = if is_on(Mutation::ScanRangeExcludesItsEnd) && min < max {
                    max - 1
                } else {
                    *max
                };
                let values = self.values.range((*field, *min)..=(*field, last));
                let mut all: Vec<u64> = values.flat_map(|(_, value)| &value.set).copied().collect();
                // A row has one value in an index, so no timestamp is there twice.
                all.sort_unstable();
                all
            }
            Condition::Within(..) => Vec::new(),
            Condition::Or(one, other) => {
                let (mut one, other) = (self.select(one), self.select(other));
                one.extend(other);
                // Merges two sorted runs.
                one.sort();
                one.dedup();
                one
            }
            Condition::And(one, other) => {
                let (mut one, other) = (self.select(one), self.select(other));
                let last = one.last().copied();
                let mut is_in_other = is_in(&other);
                one.retain(|timestamp| {
                    is_in_other(*timestamp)
                        && !(is_on(Mutation::ScanIntersectionLosesOne) && last == Some(*timestamp))
                });
                one
            }
            Condition::AndNot(one, other) => {
                let (mut one, other) = (self.select(one), self.select(other));
                let mut is_in_other = is_in(&other);
                one.retain(|timestamp| !is_in_other(*timestamp));
                one
            }
        }
    }
}

/// Returns whether a timestamp is in a sorted list. Must be asked for timestamps in ascending
/// order.
fn is_in(list: &[u64]) -> impl FnMut(u64) -> bool + '_ {
    let mut left = list;
    move |timestamp| {
        while let [first, rest @ ..] = left
            && *first < timestamp
        {
            left = rest;
        }
        left.first() == Some(&timestamp)
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
        let by_rows: Vec<u64> = rows.objects.query(&condition).map(|row| row.timestamp).collect();
        assert_eq!(rows.select(&condition), by_rows);
        assert_eq!(rows.count(&condition), by_rows.len());
        assert!(!by_rows.is_empty() && by_rows.len() < 59);
    }
}
