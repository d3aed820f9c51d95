//! Reads: gets and ranges.
//!
//! A store that refuses writes reads what was executed before it failed: the batches up to the last
//! beat, and perhaps the one after.

use std::ops::RangeInclusive;

use downbeat_lsm::collections::Direction;

use super::events::{Event, FaultEvent};
use super::tested::{Phase, Tested};
use crate::two_disks::TwoDisks as _;
use downbeat::check::{Condition, holds};
use downbeat::records::{General16, Versioned as _};
use downbeat::{Checked, Run};
use downbeat_model::durable_store::Batches;

/// The key and the stamp of a record.
type Row = (u64, u64);

fn row(record: &General16) -> Row {
    use downbeat_lsm::record::Record as _;
    (record.key(), record.stamp())
}

impl Tested {
    /// Checks that `is_right` holds for the batches that a read finds.
    fn compared(&self, check: &'static str, is_right: impl Fn(&Batches) -> bool) -> Condition {
        if self.failed.is_none() {
            return holds(check, is_right(&self.batches));
        }
        let executed = self.tree().beat_number().max(self.batches.acknowledged());
        let last = self.batches.last().min(executed + 1);
        let mut possible = (executed..=last).map(|last| {
            let mut batches = self.batches.clone();
            batches.reopen(last);
            batches
        });
        holds(check, possible.any(|batches| is_right(&batches)))
    }

    /// Gets the record of a key.
    pub(super) fn get(&mut self, key: u64, run: &mut Run) -> Checked {
        self.phase = Phase::Read;
        run.step();
        let completed = self.power.clock.completed();
        let got = self.store.get(General16::wide(key));
        Event::GetWithIo.count_if(self.power.clock.completed() > completed, run);
        FaultEvent::ReadAfterFailure.count_if(self.failed.is_some(), run);
        let got = match got {
            Ok(got) => got.map(|record| row(&record)),
            Err(error) => return self.read_failed(error, run),
        };
        run.read(got.is_some());
        let expected = |batches: &Batches| batches.get(key).map(|stamp| (key, stamp));
        self.compared("get-equals-model", |batches| expected(batches) == got)
            .show(|| (format!("{:?}", expected(&self.batches)), format!("{got:?}")))
            .or("a get returns another record than the one that was written, or none")
    }

    /// Reads the records of a range of keys, at most `count` of them.
    pub(super) fn range(
        &mut self,
        keys: RangeInclusive<u64>,
        count: usize,
        direction: Direction,
        run: &mut Run,
    ) -> Checked {
        self.phase = Phase::Read;
        run.step();
        FaultEvent::ReadAfterFailure.count_if(self.failed.is_some(), run);
        let range = self.store.range(keys.clone());
        let range = if direction == Direction::Ascending { range } else { range.rev() };
        let read: Result<Vec<_>, _> = range.take(count).collect();
        let got: Vec<_> = match read {
            Ok(records) => records.iter().map(row).collect(),
            Err(error) => return self.read_failed(error, run),
        };
        got.iter().for_each(|_| run.step());
        run.read(!got.is_empty());
        let expected = |batches: &Batches| -> Vec<Row> {
            let rows = batches.range(keys.clone());
            match direction {
                Direction::Ascending => rows.take(count).collect(),
                Direction::Descending => rows.rev().take(count).collect(),
            }
        };
        self.compared("range-equals-model", |batches| expected(batches) == got)
            .show(|| (format!("{:x?}", expected(&self.batches)), format!("{got:x?}")))
            .or("a range returns other records than those that were written")
    }

    /// Compares all records, in both directions, unless power is lost.
    pub(super) fn compare_all(&mut self, run: &mut Run) -> Checked {
        for direction in [Direction::Ascending, Direction::Descending] {
            if !self.is_down() {
                self.range(0..=u64::MAX, usize::MAX, direction, run)?;
            }
        }
        Ok(())
    }
}
