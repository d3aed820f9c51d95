//! Compaction of all values of the immutable table, a few at a time.

use downbeat_lsm::table::memory::MemoryCursor;

use super::events::Event;
use super::states;
use super::tested::Tested;
use downbeat::check::holds;
use downbeat::records::{Versioned, same_key, same_record};
use downbeat::{Checked, Run};
use downbeat_model::fold::Folded;
use downbeat_model::table_memory::Side;

/// The position of a compaction.
#[derive(Debug)]
pub(super) struct Compaction<R: Versioned> {
    cursor: MemoryCursor<R>,
    expected: Folded,
    next: usize,
    /// The number of changes of the table when the compaction started; `None` if none is under way.
    started_at: Option<u64>,
}

impl<R: Versioned> Compaction<R> {
    pub(super) fn new(cursor: MemoryCursor<R>) -> Self {
        Compaction { cursor, expected: Folded::default(), next: 0, started_at: None }
    }

    /// Forgets the compaction, so that the next call starts another.
    pub(super) fn forget(&mut self) {
        self.started_at = None;
    }
}

impl<R: Versioned> Tested<R> {
    /// Compacts the next `count` values.
    pub(super) fn compact(&mut self, count: u32, run: &mut Run) -> Checked {
        run.idle_if(self.immutable.is_empty());
        self.compaction_underway(run)?;
        for _ in 0..count {
            if !self.compact_one(run)? {
                break;
            }
        }
        Ok(())
    }

    /// Compacts the remaining values, and marks the table as flushed. Does nothing if it is flushed
    /// already.
    pub(super) fn flush(&mut self, run: &mut Run) -> Checked {
        if self.model.is_flushed {
            run.idle();
            return Ok(());
        }
        self.flush_rest(run)
    }

    pub(super) fn flush_rest(&mut self, run: &mut Run) -> Checked {
        self.compaction_underway(run)?;
        while self.compact_one(run)? {}
        run.step();
        self.immutable.mark_flushed();
        self.model.flush();
        self.flags_equal()
    }

    /// Starts a compaction, unless one is under way.
    fn compaction_underway(&mut self, run: &mut Run) -> Checked {
        let changes = self.changes(Side::Immutable);
        if self.compaction.started_at == Some(changes) {
            Event::CompactionGoesOn.count(run);
            return Ok(());
        }
        Event::CompactionAnew.count_if(self.compaction.started_at.is_some(), run);
        run.step();
        let Compaction { cursor, expected, next, started_at } = &mut self.compaction;
        cursor.start(&self.immutable);
        *expected = self.model.table(Side::Immutable).folded(self.model.usage());
        *next = 0;
        *started_at = Some(changes);
        self.compaction_counts(0, 0)
    }

    /// Takes a record from the compaction, and checks it. Returns whether there was one.
    fn compact_one(&mut self, run: &mut Run) -> Checked<bool> {
        run.step();
        run.step();
        let Compaction { cursor, expected, next, .. } = &mut self.compaction;
        let left = expected.left.get(*next).copied();
        let shown = cursor.peek(&self.immutable);
        same_key::<R>("compaction-shows-what-comes", left.map(|left| left.version.key), shown)
            .or("a peek of compaction shows another key than the model")?;
        let dropped = left.map_or(expected.dropped, |left| left.dropped);
        let got = cursor.pop(&self.immutable);
        same_record("compaction-equals-model", left.map(|left| left.version), got.as_ref())
            .or("compaction returns another record than the model")?;
        let Some(left) = left else {
            let vanished_last =
                expected.left.last().is_none_or(|last| last.dropped < expected.dropped);
            Event::VanishedAtTheEnd.count_if(vanished_last && expected.dropped > 0, run);
            states::compacted(expected, run);
            self.compaction.started_at = None;
            let out = self.compaction.next as u64;
            return self.compaction_counts(dropped, out).map(|()| false);
        };
        run.result(left.version.stamp);
        *next += 1;
        let out = *next as u64;
        self.compaction_counts(dropped, out).map(|()| true)
    }

    /// Checks the compaction's counts of dropped and returned records.
    fn compaction_counts(&self, dropped: u64, out: u64) -> Checked {
        let counts = self.compaction.cursor.counts();
        let input = self.model.table(Side::Immutable).len() as u64;
        let got = (counts.input, counts.dropped, counts.out, counts.remaining());
        let expected = (input, dropped, out, input - dropped - out);
        let say = |(input, dropped, out, remaining): (u64, u64, u64, u64)| {
            format!("of {input}: {dropped} dropped, {out} given, {remaining} left")
        };
        holds("compaction-counts-all", got == expected)
            .show(|| (say(expected), say(got)))
            .or("the counts of compaction differ from the model's")
    }
}
