//! Compares both tables as a whole with the model: the place of every value, every run, every key
//! by a lookup and by scans, and every count.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::table::memory::{ImmutableStatistics, MutableStatistics, RunOrigin};

use super::tested::{Tested, view};
use downbeat::check::{equal, holds, same};
use downbeat::input::version::Version;
use downbeat::records::{Versioned, same_record};
use downbeat::{Checked, Run};
use downbeat_model::table_memory::{Counts, Side};

impl<R: Versioned> Tested<R> {
    pub(super) fn sweep_all(&mut self, run: &mut Run) -> Checked {
        for side in Side::BOTH {
            self.whole(side)?;
            self.every_key(side, run)?;
        }
        self.mutable.verify();
        self.immutable.verify();
        self.all_for_compaction(run)?;
        self.flags_equal()?;
        self.counts_equal()
    }

    /// Checks the place of every value, and the runs.
    pub(super) fn whole(&self, side: Side) -> Checked {
        let (view, model) = (self.view(side), self.model.table(side));
        equal("length-equals-model", model.len() as u64, u64::from(view.len()))
            .or("a table has more or fewer values than the model")?;
        for (expected, got) in model.versions().zip(view.values()) {
            same_record("values-equal-model", Some(*expected), Some(got))
                .or("a value of a table differs from the model's")?;
        }
        let mut start = 0;
        let runs = model.runs().iter().map(|run| {
            let end = start + run.versions.len() as u32;
            let origin = if run.absorbing { RunOrigin::Immutable } else { RunOrigin::Mutable };
            let run = downbeat_lsm::table::memory::Run { start, end, origin };
            start = end;
            run
        });
        holds("runs-equal-model", runs.eq(view.runs().iter().copied()))
            .show(|| {
                let runs: Vec<usize> = model.runs().iter().map(|run| run.versions.len()).collect();
                (format!("runs of {runs:?} values"), format!("{:?}", view.runs()))
            })
            .or("the sorted runs of a table differ from the model's")?;
        equal("tail-equals-model", model.tail().len() as u64, u64::from(view.tail_len()))
            .or("a table has more or fewer values after its runs than the model")
    }

    /// Checks every key by a lookup and by scans up and down, and keys that have no record.
    fn every_key(&mut self, side: Side, run: &mut Run) -> Checked {
        let newest = self.model.table(side).newest(0, u64::MAX, false);
        let view = view(&self.mutable, &self.immutable, side);
        let mut previous: Option<Version> = None;
        for version in &newest {
            run.step();
            same_record("whole-equals-model", Some(*version), view.get(R::wide(version.key)))
                .or("a table finds another record than the model")?;
            // The table must not find the key below, unless that is a key of the table, too.
            let below = version.key.checked_sub(1);
            if let Some(below) = below.filter(|key| previous.is_none_or(|it| it.key < *key)) {
                same_record("nothing-beside-model", None, view.get(R::wide(below)))
                    .or("a table finds a record for a key that has none")?;
            }
            previous = Some(*version);
        }
        let range = KeyRange::new(R::wide(0), R::wide(u64::MAX));
        for direction in [Direction::Ascending, Direction::Descending] {
            self.sweep_scan.start(&view, &range, direction);
            for place in 0..=newest.len() {
                run.step();
                let place = match direction {
                    Direction::Ascending => place,
                    Direction::Descending => newest.len().wrapping_sub(place + 1),
                };
                let (expected, got) = (newest.get(place).copied(), self.sweep_scan.pop(&view));
                same_record("scan-of-all-equals-model", expected, got.as_ref())
                    .or("a scan of all records returns another record than the model")?;
            }
        }
        let ends = newest.first().zip(newest.last());
        let expected =
            ends.map(|(first, last)| KeyRange::new(R::wide(first.key), R::wide(last.key)));
        holds("key-range-equals-model", view.key_range() == expected)
            .show(|| (format!("{expected:x?}"), format!("{:x?}", view.key_range())))
            .or("the key range of a table differs from the model's")
    }

    /// Checks a compaction of all values.
    fn all_for_compaction(&mut self, run: &mut Run) -> Checked {
        let folded = self.model.table(Side::Immutable).folded(self.model.usage());
        self.sweep_cursor.start(&self.immutable);
        for place in 0..=folded.left.len() {
            run.step();
            let expected = folded.left.get(place).map(|left| left.version);
            let got = self.sweep_cursor.pop(&self.immutable);
            same_record("compaction-of-all-equals-model", expected, got.as_ref())
                .or("a compaction of all records returns another record than the model")?;
        }
        equal("compaction-of-all-counts", folded.dropped, self.sweep_cursor.counts().dropped)
            .or("a compaction of all records drops more or fewer values than the model")
    }

    /// Checks the counts of both tables.
    pub(super) fn counts_equal(&self) -> Checked {
        // All fields are named, so that a new count of the model does not compile without a
        // comparison.
        let Counts {
            runs_extended,
            tail_puts,
            runs_added,
            tails_annihilated,
            tail_duplicates,
            tail_pairs,
            scopes_persisted,
            scopes_discarded,
            puts_discarded,
            swaps,
            absorbs,
            absorbs_empty,
            collapses,
            collapses_annihilated,
            collapse_duplicates,
            collapse_pairs,
            flushes,
        } = self.model.counts;
        // The model does not count joined and merged pieces, so these two are not checked.
        let got = self.mutable.statistics();
        let MutableStatistics { pieces_joined, pieces_merged, .. } = got;
        let expected = MutableStatistics {
            runs_extended,
            tail_puts,
            pieces_joined,
            pieces_merged,
            runs_added,
            tails_annihilated,
            duplicates_dropped: tail_duplicates,
            pairs_annihilated: tail_pairs,
            scopes_persisted,
            scopes_discarded,
            puts_discarded,
        };
        same("counts-equal-model", expected, got)
            .or("the counts of the mutable table differ from the model's")?;
        let got = *self.immutable.statistics();
        let expected = ImmutableStatistics {
            swaps,
            absorbs,
            absorbs_empty,
            collapses,
            collapses_annihilated,
            duplicates_dropped: collapse_duplicates,
            pairs_annihilated: collapse_pairs,
            flushes,
        };
        same("counts-equal-model", expected, got)
            .or("the counts of the immutable table differ from the model's")
    }
}
