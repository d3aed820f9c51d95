//! Reads the records of all tables of a store.

use super::super::reads::record_of;
use super::super::tested::Tested;
use super::Records;
use downbeat::check::holds;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

impl<R: Versioned> Tested<R> {
    /// Reads all tables of a store. Returns all their records, each with its level, the newest
    /// version of a key first; `None` if a crash lost blocks of tables.
    pub(in crate::tree) fn read_all_versions(
        &mut self,
        run: &mut Run,
    ) -> Checked<Option<Vec<(usize, R)>>> {
        self.tables.clear();
        self.tables.records = Some(Records::default());
        let complete = self.audit_tables(true, run);
        let Records { mut all, bytes } = self.tables.records.take().unwrap_or_default();
        if !complete? {
            return Ok(None);
        }
        all.sort_unstable_by_key(|(key, level, ..)| (*key, *level));
        let record = |(_, level, _, at): (_, usize, _, usize)| {
            let record = R::read_from_bytes(&bytes[at..][..size_of::<R>()]);
            (level, record.expect("a record has as many bytes"))
        };
        Ok(Some(all.into_iter().map(record).collect()))
    }

    /// Checks a store that was just opened, and that its tables have the records of the model.
    pub(in crate::tree) fn audit_opened(&mut self, run: &mut Run) -> Checked {
        self.tables.clear();
        self.tables.records = Some(Records::default());
        let complete = self.audit_tables(true, run);
        let records = self.tables.records.take().unwrap_or_default();
        let complete = complete?;
        self.audit_checkpoint(complete, run)?;
        if complete { self.compare_records(records) } else { Ok(()) }
    }

    /// Compares the newest records of all keys with the model.
    fn compare_records(&self, Records { mut all, bytes }: Records) -> Checked {
        // A level with a smaller number has newer records.
        all.sort_unstable_by_key(|(key, level, ..)| (*key, *level));
        all.dedup_by_key(|(key, ..)| *key);
        let newest = all.iter().filter(|(_, _, removed, _)| !removed);
        let mut newest = newest.map(|(_, _, _, at)| &bytes[*at..][..size_of::<R>()]);
        for (key, stamp) in self.model.range(0, u64::MAX) {
            let record: R = record_of(key, stamp);
            let got = newest.next();
            holds("tables-equal-model", got == Some(record.as_bytes()))
                .show(|| (record.text(), format!("the bytes {got:x?}")))
                .or("the tables of an opened store have another record than the model, or none")?;
        }
        let more = newest.next();
        holds("tables-equal-model", more.is_none())
            .show(|| ("no more records", format!("the bytes {more:x?}")))
            .or("the tables of an opened store have a record that the model does not have")
    }
}
