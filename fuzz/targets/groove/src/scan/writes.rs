//! Inserts, updates and removals of rows.

use downbeat_lsm::forest::StoreError;
use downbeat_lsm::groove::ObjectKey;

use super::events::Event;
use super::kept::Row;
use super::tested::Tested;
use crate::store::{beat, read_failed};
use downbeat::check::{fail, same};
use downbeat::{Checked, Run};
use downbeat_model::scan as model;

/// A write of a row.
#[derive(Clone, Copy, Debug)]
enum Write {
    Put(model::Row),
    Remove(u64),
}

impl Write {
    fn timestamp(&self) -> u64 {
        match self {
            Self::Put(row) => row.timestamp,
            Self::Remove(timestamp) => *timestamp,
        }
    }
}

impl Tested {
    fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    pub(super) fn insert(&mut self, count: u32, values: u32, run: &mut Run) -> Checked {
        let row = |tested: &mut Self| {
            tested.made += 1;
            let timestamp = model::timestamp(tested.time, tested.made);
            Write::Put(model::Row::new(timestamp, values, tested.next_stamp()))
        };
        let rows: Vec<Write> = (0..count).map(|_| row(self)).collect();
        Event::Inserted.count(run);
        self.write_all(&rows, run)
    }

    /// Updates every `nth` of all rows from a place on, at most `count` of them.
    pub(super) fn update(
        &mut self,
        rows: &[model::Row],
        fields: u32,
        values: u32,
        run: &mut Run,
    ) -> Checked {
        let update = |tested: &mut Self, row: &model::Row| {
            Write::Put(row.with(fields, values, tested.next_stamp()))
        };
        let writes: Vec<Write> = rows.iter().map(|row| update(self, row)).collect();
        Event::Updated.count_if(!writes.is_empty(), run);
        self.write_all(&writes, run)
    }

    pub(super) fn remove(&mut self, rows: &[model::Row], run: &mut Run) -> Checked {
        let writes: Vec<Write> = rows.iter().map(|row| Write::Remove(row.timestamp)).collect();
        Event::Removed.count_if(!writes.is_empty(), run);
        self.write_all(&writes, run)
    }

    /// Every `nth` of all rows, at most `count` of them.
    pub(super) fn every_nth(&self, nth: u32, count: u32) -> Vec<model::Row> {
        self.rows.objects.all().step_by(nth as usize).take(count as usize).copied().collect()
    }

    /// Writes rows, as many in each beat as there is room for.
    fn write_all(&mut self, writes: &[Write], run: &mut Run) -> Checked {
        let mut left = writes;
        while !left.is_empty() && self.store.can_write() {
            let room = self.store.forest.trees().room() as usize;
            if room == 0 {
                beat(self, run)?;
                continue;
            }
            let (now, later) = left.split_at(room.min(left.len()));
            if !self.prefetch(now, run)? {
                return Ok(());
            }
            for write in now {
                self.write(*write, run);
            }
            left = later;
        }
        Ok(())
    }

    /// Prefetches the rows that are written next. Returns whether the disk did not fail.
    fn prefetch(&mut self, writes: &[Write], run: &mut Run) -> Checked<bool> {
        run.step();
        let since = self.store.now();
        let keys: Vec<ObjectKey<Row>> =
            writes.iter().map(|write| ObjectKey::timestamp(write.timestamp())).collect();
        let read: Result<(), StoreError> = self
            .store
            .forest
            .read()
            .and_then(|(rows, mut reader)| rows.prefetch(&keys, &mut reader));
        if let Err(error) = read {
            let divergence = || {
                fail("prefetch-equals-model", "success", error)
                    .saying("a prefetch fails, and the disk does not explain it")
            };
            read_failed(self, &error, since, divergence, run)?;
            return Ok(false);
        }
        for write in writes {
            run.step();
            let timestamp = write.timestamp();
            let expected = self.rows.objects.at(timestamp).copied();
            let got = self.store.forest.trees_and_grid().0.get(timestamp.into());
            same("prefetch-equals-model", expected, got.map(|row| row.model()))
                .or("a prefetch finds another row than the model, or none")?;
        }
        Ok(true)
    }

    /// Writes a row that was prefetched.
    fn write(&mut self, write: Write, run: &mut Run) {
        run.step();
        let beat = self.store.next_beat();
        let rows = self.store.forest.trees_and_grid().0;
        match write {
            Write::Put(row) if self.rows.objects.at(row.timestamp).is_some() => {
                rows.update(&Row::of(&row));
                self.rows.put(&row, beat);
            }
            Write::Put(row) => {
                rows.insert(&Row::of(&row));
                self.rows.put(&row, beat);
            }
            Write::Remove(timestamp) => {
                rows.remove(timestamp.into());
                self.rows.remove(timestamp, beat);
            }
        }
    }
}
