//! Reads: gets and ranges.
//!
//! A store that refuses writes reads what was executed before it failed: the batches up to its last
//! beat.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use downbeat_lsm::collections::Direction;

use super::events::{Event, FaultEvent};
use super::tested::{READ, Tested};
use crate::two_disks::TwoDisks as _;
use downbeat::check::{holds, same};
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
    /// The batches that a read must find.
    fn executed(&self) -> Cow<'_, Batches> {
        let (beat, last) = (self.tree().beat_number(), self.batches.last());
        if !self.course.has_failed() || beat >= last {
            return Cow::Borrowed(&self.batches);
        }
        let mut executed = self.batches.clone();
        executed.reopen(beat.max(executed.acknowledged()));
        Cow::Owned(executed)
    }

    /// Gets the record of a key.
    pub(super) fn get(&mut self, key: u64, run: &mut Run) -> Checked {
        self.course.phase = READ;
        run.step();
        let completed = self.course.clock.completed();
        let since = self.machine_disk().completed();
        let got = self.store.get(General16::wide(key));
        Event::GetWithIo.count_if(self.course.clock.completed() > completed, run);
        FaultEvent::ReadAfterFailure.count_if(self.course.has_failed(), run);
        let got = match got {
            Ok(got) => got.map(|record| row(&record)),
            Err(error) => return self.read_failed(error, since, run),
        };
        run.read(got.is_some());
        let expected = self.executed().get(key).map(|stamp| (key, stamp));
        same("get-equals-model", expected, got)
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
        self.course.phase = READ;
        run.step();
        FaultEvent::ReadAfterFailure.count_if(self.course.has_failed(), run);
        let since = self.machine_disk().completed();
        let range = self.store.range(keys.clone());
        let range = if direction == Direction::Ascending { range } else { range.rev() };
        let read: Result<Vec<_>, _> = range.take(count).collect();
        let got: Vec<_> = match read {
            Ok(records) => records.iter().map(row).collect(),
            Err(error) => return self.read_failed(error, since, run),
        };
        got.iter().for_each(|_| run.step());
        run.read(!got.is_empty());
        let executed = self.executed();
        let rows = executed.range(keys);
        let expected: Vec<Row> = match direction {
            Direction::Ascending => rows.take(count).collect(),
            Direction::Descending => rows.rev().take(count).collect(),
        };
        holds("range-equals-model", expected == got)
            .show(|| (format!("{expected:x?}"), format!("{got:x?}")))
            .or("a range returns other records than those that were written")
    }

    /// Compares all records, in both directions, unless a crash comes first. Reads again after a
    /// read that fails.
    pub(super) fn compare_all(&mut self, run: &mut Run) -> Checked {
        for direction in [Direction::Ascending, Direction::Descending] {
            for _ in 0..=self.armed() {
                let before = self.machine_disk().mishaps().len();
                if self.is_down() {
                    return Ok(());
                }
                self.range(0..=u64::MAX, usize::MAX, direction, run)?;
                if self.machine_disk().mishaps().len() == before {
                    break;
                }
            }
        }
        Ok(())
    }
}
