//! The effort of a query: how many blocks it may read.
//!
//! - The scan of a value reads at most the blocks that have an entry of the value, and in each
//!   level one block more and an index.
//! - In an intersection, each scan skips to the rows of the condition with the fewest rows. So it
//!   reads at most the blocks to which it skips: an index and two value blocks in each level, for
//!   each of these rows and on both sides of it.
//! - Each row that is looked up, ahead of the caller or for the caller, needs an index and a value
//!   block in each level.
//!
//! A seek begins the scans again.

use super::events::Event;
use super::queries::{Answer, Reading};
use super::tested::Tested;
use downbeat::check::holds;
use downbeat::{Checked, Run};
use downbeat_model::scan::Condition;

/// The maximum number of rows that a query looks up ahead.
const AHEAD: u64 = 16;

impl Tested {
    /// How many blocks were requested from the grid, in memory or on the disk.
    pub(super) fn blocks_read(&self) -> u64 {
        let read = self.store.forest.grid().statistics();
        read.read_from_cache + read.read_from_writes + read.reads_joined + read.read_from_device
    }

    /// Checks that a query has read no more blocks than it may.
    pub(super) fn check_effort(
        &self,
        condition: &Condition,
        reading: &Reading,
        answer: &Answer,
        read: u64,
        run: &mut Run,
    ) -> Checked {
        let levels = u64::from(self.store.options.trees.level_count);
        let starts = 1 + reading.seeks.len() as u64;
        let scans = self.scans(condition, None);
        // Rows that were looked up ahead are dropped by a seek.
        let looked_up = answer.count as u64 + AHEAD * starts;
        let most = starts * scans + 2 * levels * looked_up;
        Event::Skipped.count_if(read < self.entries(condition) / 64, run);
        holds("query-skips", read <= most)
            .show(|| (format!("{most} blocks or fewer"), read))
            .or("a query reads more blocks than its conditions account for")
    }

    /// The most blocks that the scans of a condition may read. `fewest` is the number of rows to
    /// which it skips, if it does.
    fn scans(&self, condition: &Condition, fewest: Option<u64>) -> u64 {
        match condition {
            Condition::Equals(field, value) => self.scan(*field, *value, fewest),
            Condition::Within(field, min, max) => {
                let values = (*min..=*max).take(self.store.options.forest.scans_max as usize);
                values.map(|value| self.scan(*field, value, fewest)).sum()
            }
            Condition::Or(one, other) => self.scans(one, fewest) + self.scans(other, fewest),
            // An intersection or a difference can pass over many rows to find its next one,
            // whatever it is intersected with.
            Condition::And(one, other) => {
                let count = |condition| self.rows.count(condition) as u64;
                let fewest = Some(count(one).min(count(other)));
                self.scans(one, fewest) + self.scans(other, fewest)
            }
            // The rows that are left out are sought for each row of the first condition.
            Condition::AndNot(one, other) => {
                let count = self.rows.count(one) as u64;
                self.scans(one, None) + self.scans(other, Some(count))
            }
        }
    }

    /// The most blocks that the scan of a value may read.
    fn scan(&self, field: usize, value: u128, fewest: Option<u64>) -> u64 {
        let levels = u64::from(self.store.options.trees.level_count);
        let all = 2 * self.rows.entries_written(field, value) + 2 * levels;
        let skipped = fewest.map_or(u64::MAX, |fewest| 3 * levels * 2 * (fewest + 1));
        all.min(skipped)
    }

    /// How many entries the values of a condition have, at most.
    fn entries(&self, condition: &Condition) -> u64 {
        match condition {
            Condition::Equals(field, value) => self.rows.entries_written(*field, *value),
            Condition::Within(..) => 0,
            Condition::Or(one, other) | Condition::And(one, other) => {
                self.entries(one).max(self.entries(other))
            }
            Condition::AndNot(one, _) => self.entries(one),
        }
    }
}
