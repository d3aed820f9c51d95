//! All of both tables at once: every value in its place, every run, every key by lookup and by
//! scans, every count.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::table::memory::{ImmutableStatistics, MutableStatistics, RunOrigin};

use super::tested::Tested;
use super::{compare, events, states};
use downbeat::failure::{Divergence, equal};
use downbeat::model::table_memory::{Counts, Side};
use downbeat::model::version::Version;
use downbeat::records::Versioned;
use downbeat::run::Run;

impl<R: Versioned> Tested<R> {
    pub(super) fn sweep_all(&mut self, run: &mut Run) -> Result<(), Divergence> {
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

    /// Ends the run: everything is compared once more after a reset. A reset that forgets something
    /// is noticed here, in the run to which it belongs, and not in the next one.
    pub(super) fn finish_run(&mut self, run: &mut Run) -> Result<(), Divergence> {
        events::tables(&self.mutable.statistics(), &self.model.counts).count(run);
        states::whole(&self.model, run);
        self.renew();
        self.sweep_all(run)
    }

    /// Every value in its place, and the runs.
    pub(super) fn whole(&self, side: Side) -> Result<(), Divergence> {
        let (view, model) = (self.view(side), self.model.table(side));
        let what = "a table has another number of values than the model";
        equal("length-equals-model", what, model.len() as u64, u64::from(view.len()))?;
        for (expected, got) in model.versions().zip(view.values()) {
            let what = "a table has another value in a place than the model";
            compare::version("values-equal-model", what, Some(*expected), Some(got))?;
        }
        let mut start = 0;
        let expected = model.runs().iter().map(|run| {
            let end = start + run.versions.len() as u32;
            let origin = if run.absorbing { RunOrigin::Immutable } else { RunOrigin::Mutable };
            let run = downbeat_lsm::table::memory::Run { start, end, origin };
            start = end;
            run
        });
        if expected.eq(view.runs().iter().copied()) {
            let what = "a table has another number of values behind its runs than the model";
            let (tail, got) = (model.tail().len() as u64, u64::from(view.tail_len()));
            return equal("tail-equals-model", what, tail, got);
        }
        let expected: Vec<usize> = model.runs().iter().map(|run| run.versions.len()).collect();
        Err(Divergence::new(
            "runs-equal-model",
            "a table has other runs than the model",
            format!("runs of {expected:?} values"),
            format!("{:?}", view.runs()),
        ))
    }

    /// Every key, by lookup, and by scans up and down; and keys that are not there.
    fn every_key(&mut self, side: Side, run: &mut Run) -> Result<(), Divergence> {
        let newest = self.model.table(side).newest(0, u64::MAX, false);
        let view = match side {
            Side::Mutable => self.mutable.view(),
            Side::Immutable => self.immutable.view(),
        };
        let mut previous: Option<Version> = None;
        for version in &newest {
            run.step();
            let what = "a table finds another record than the model";
            let got = view.get(R::wide(version.key));
            compare::version("whole-equals-model", what, Some(*version), got)?;
            // Below it, if that is another key.
            let below = version.key.checked_sub(1);
            if let Some(below) = below.filter(|key| previous.is_none_or(|it| it.key < *key)) {
                let what = "a table finds what is not there";
                compare::version("nothing-beside-model", what, None, view.get(R::wide(below)))?;
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
                let what = "a scan of all gives another record than the model";
                let got = self.sweep_scan.pop(&view);
                let expected = newest.get(place).copied();
                compare::version("scan-of-all-equals-model", what, expected, got.as_ref())?;
            }
        }
        let ends = newest.first().zip(newest.last());
        let expected =
            ends.map(|(first, last)| KeyRange::new(R::wide(first.key), R::wide(last.key)));
        if view.key_range() == expected {
            return Ok(());
        }
        Err(Divergence::new(
            "key-range-equals-model",
            "a table says another key range than the model",
            format!("{expected:x?}"),
            format!("{:x?}", view.key_range()),
        ))
    }

    fn all_for_compaction(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let folded = self.model.table(Side::Immutable).folded(self.model.usage());
        self.sweep_cursor.start(&self.immutable);
        for place in 0..=folded.left.len() {
            run.step();
            let expected = folded.left.get(place).map(|left| left.version);
            let got = self.sweep_cursor.pop(&self.immutable);
            let what = "compaction of all gives another record than the model";
            compare::version("compaction-of-all-equals-model", what, expected, got.as_ref())?;
        }
        let what = "compaction of all drops another number of values than the model";
        let dropped = self.sweep_cursor.counts().dropped;
        equal("compaction-of-all-counts", what, folded.dropped, dropped)
    }

    /// What both tables count.
    pub(super) fn counts_equal(&self) -> Result<(), Divergence> {
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
        // The model does not know how pieces are joined.
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
        if got != expected {
            let what = "the mutable table counts something else than the model";
            let (expected, got) = (format!("{expected:?}"), format!("{got:?}"));
            return Err(Divergence::new("counts-equal-model", what, expected, got));
        }
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
        if got != expected {
            let what = "the immutable table counts something else than the model";
            let (expected, got) = (format!("{expected:?}"), format!("{got:?}"));
            return Err(Divergence::new("counts-equal-model", what, expected, got));
        }
        Ok(())
    }

    /// What both tables hold, in lines.
    pub(super) fn lines(&self) -> Vec<String> {
        Side::BOTH
            .into_iter()
            .map(|side| {
                let name = match side {
                    Side::Mutable => "mutable",
                    Side::Immutable => "immutable",
                };
                let view = self.view(side);
                let runs = view.runs().iter().map(|run| (run.start, run.end));
                let tail = view.len() - view.tail_len().min(view.len());
                let parts = runs.chain([(tail, view.len())]).map(|(start, end)| {
                    const SHOWN: u32 = 20;
                    let shown = &view.values()[start as usize..end.min(start + SHOWN) as usize];
                    let mut texts: Vec<String> = shown.iter().map(Versioned::text).collect();
                    if end - start > SHOWN {
                        texts.push(format!("... {}", end - start));
                    }
                    format!("[{}]", texts.join(", "))
                });
                format!("{name}, runs and tail: {}", parts.collect::<Vec<_>>().join(" "))
            })
            .collect()
    }
}
