//! The ends of beats and bars, and scopes.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::Event;
use super::states;
use super::tested::Tested;
use downbeat::check::holds;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::table_memory::{Counts, Side, Tables};

impl<R: Versioned> Tested<R> {
    /// Ends a beat. The last beat of a bar also ends the bar.
    pub(super) fn end_beat(&mut self, run: &mut Run) -> Checked {
        self.close_forced(run)?;
        run.did(|| "end_beat".to_owned());
        Event::BeatOfNothing.count_if(self.mutable.is_empty(), run);
        self.sort_tail(run)?;
        self.beats += 1;
        if self.beats < self.mutable.options().beats_per_bar {
            return Ok(());
        }
        Event::LastBeat.count(run);
        self.hand_over(run)
    }

    /// Ends a beat and the bar.
    pub(super) fn end_bar(&mut self, run: &mut Run) -> Checked {
        self.close_forced(run)?;
        run.did(|| "end_bar".to_owned());
        self.sort_tail(run)?;
        self.hand_over(run)
    }

    pub(super) fn reset(&mut self, run: &mut Run) -> Checked {
        if self.model.table(Side::Mutable).is_empty()
            && self.model.table(Side::Immutable).is_empty()
        {
            run.idle();
        }
        run.step();
        self.renew();
        self.whole(Side::Mutable)?;
        self.whole(Side::Immutable)?;
        self.counts_equal()
    }

    pub(super) fn open_scope(&mut self, run: &mut Run) -> Checked {
        if self.model.scope_is_open() {
            let word = if self.keeps_forced { "persist" } else { "discard" };
            run.redirected(|| format!("{word}\nopen"));
            self.close_scope(self.keeps_forced, run)?;
        }
        run.did(|| "open".to_owned());
        run.step();
        self.mutable.scope_open();
        self.model.open_scope();
        Ok(())
    }

    pub(super) fn close_scope_as_told(&mut self, keep: bool, run: &mut Run) -> Checked {
        if self.model.scope_is_open() {
            return self.close_scope(keep, run);
        }
        run.redirected(|| "open".to_owned());
        self.open_scope(run)
    }

    /// Closes the scope if one is open. The setting `forced` of the header decides whether it is
    /// persisted or discarded.
    pub(super) fn close_forced(&mut self, run: &mut Run) -> Checked {
        if !self.model.scope_is_open() {
            return Ok(());
        }
        Event::ScopeForced.count(run);
        self.close_scope(self.keeps_forced, run)
    }

    fn close_scope(&mut self, keep: bool, run: &mut Run) -> Checked {
        run.did(|| if keep { "persist" } else { "discard" }.to_owned());
        states::scope_closed(&self.model, keep, self.mutable.view().piece_count(), run);
        run.step();
        let outcome = if keep { ScopeOutcome::Persist } else { ScopeOutcome::Discard };
        self.mutable.scope_close(outcome);
        self.model.close_scope(keep);
        self.changed(Side::Mutable);
        self.whole(Side::Mutable)
    }

    /// Ends the beat in the mutable table and the model, which makes a run of the tail.
    fn sort_tail(&mut self, run: &mut Run) -> Checked {
        let (tail, before) = (self.model.table(Side::Mutable).tail().len(), self.model.counts);
        let pieces = self.mutable.view().piece_count();
        run.step();
        self.mutable.end_beat();
        self.model.end_beat();
        if tail > 0 {
            self.changed(Side::Mutable);
            states::folded(&before, &self.model, tail, pieces, run);
            let vanished = self.model.counts.tails_annihilated > before.tails_annihilated;
            Event::TailVanished.count_if(vanished, run);
        }
        run.remark(|| format!("{} values left of {tail}", tail - dropped(&before, &self.model)));
        self.whole(Side::Mutable)
    }

    /// Swaps the tables, or lets the immutable table absorb the mutable one. There must be no tail
    /// and no open scope.
    fn hand_over(&mut self, run: &mut Run) -> Checked {
        self.snapshot += 1;
        self.beats = 0;
        let together = self.mutable.len() + self.immutable.len();
        if !self.model.is_flushed && together > self.mutable.capacity() {
            Event::FlushForced.count(run);
            self.flush_rest(run)?;
        }
        let before = self.model.counts;
        states::handed_over(&self.model, run);
        run.step();
        if self.model.is_flushed {
            self.immutable.swap(&mut self.mutable, self.snapshot);
        } else {
            self.immutable.absorb(&mut self.mutable, self.snapshot);
        }
        self.model.end_bar(self.snapshot);
        // Absorbing an empty table changes nothing, so scans and compactions continue.
        if self.model.counts.absorbs_empty == before.absorbs_empty {
            self.changed(Side::Mutable);
            self.changed(Side::Immutable);
        }
        let vanished = self.model.counts.collapses_annihilated > before.collapses_annihilated;
        Event::TableVanished.count_if(vanished, run);
        run.remark(|| format!("{} values wait", self.model.table(Side::Immutable).len()));
        self.whole(Side::Mutable)?;
        self.whole(Side::Immutable)?;
        self.flags_equal()
    }

    /// Checks the flags and the snapshot of the immutable table.
    pub(super) fn flags_equal(&self) -> Checked {
        let (model, table) = (&self.model, &self.immutable);
        let expected = (model.is_flushed, model.is_absorbed, model.snapshot_min);
        let got = (table.is_flushed(), table.is_absorbed(), table.snapshot_min());
        let say = |(flushed, absorbed, snapshot): (bool, bool, u64)| {
            format!("flushed {flushed}, absorbed {absorbed}, from snapshot {snapshot} on")
        };
        holds("immutable-says-what-it-is", expected == got)
            .show(|| (say(expected), say(got)))
            .or("the flags of the immutable table differ from the model's")
    }
}

/// The number of values that the end of a beat has dropped.
fn dropped(before: &Counts, model: &Tables) -> usize {
    let duplicates = model.counts.tail_duplicates - before.tail_duplicates;
    let pairs = model.counts.tail_pairs - before.tail_pairs;
    (duplicates + 2 * pairs) as usize
}
