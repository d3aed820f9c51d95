//! Beats and checkpoints.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::forest::{BeatError, BeatProgress, StoreError};
use downbeat_lsm::superblock::ManifestReferences;

use super::events::Event;
use super::states;
use super::tested::Tested;
use downbeat::check::{equal, holds};
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::hang;

/// A beat that waits for the disk this many times is a finding.
const BOUND: u64 = 1 << 20;

impl Tested {
    /// Runs a beat. An open scope is persisted first.
    pub(super) fn beat(&mut self, run: &mut Run) -> Checked {
        self.beat_abandons(run);
        if self.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
        run.step();
        let half = u64::from(self.options.grooves.0.beats_per_bar) / 2;
        let is_first = self.next_beat().is_multiple_of(half);
        self.faults.beat_begins(is_first, self.forest.grid().storage());
        let begun = self.forest.beat_begin_at(CompactionPace::EVEN);
        let ended = match begun {
            Ok(()) => match self.end_beat() {
                Some(ended) => ended,
                None => {
                    let got = format!("{} pending writes", self.forest.grid().pending_writes());
                    return Err(hang(got).saying("a beat does not end"));
                }
            },
            Err(StoreError::ReadOnly(error)) => Err(error),
            Err(error) => return self.refused(error, run),
        };
        match ended {
            Ok(held) => {
                self.sides.beat();
                self.beat_ended(held, run)
            }
            Err(error) => {
                self.faults.failed = Some(error);
                self.check_failed()?;
                self.refused(StoreError::ReadOnly(error), run)?;
                self.beat_failed(begun.is_ok(), run)
            }
        }
    }

    /// Runs the beat under way to its end. If it takes a checkpoint, returns the last beat that the
    /// checkpoint contains. Returns `None` if the beat does not end.
    fn end_beat(&mut self) -> Option<Result<Option<u64>, BeatError>> {
        (0..BOUND).find_map(|_| {
            let mut progress = self.forest.beat_advance();
            if progress == BeatProgress::Waiting {
                self.faults.beat_waits(self.forest.trees_and_grid().1);
                progress = self.forest.beat_step();
            }
            match progress {
                BeatProgress::Waiting => None,
                BeatProgress::Failed(error) => Some(Err(error)),
                BeatProgress::Ended { checkpoint } => Some(Ok(checkpoint)),
            }
        })
    }

    /// Checks the checkpoint of a beat that has ended and, at the end of a bar, that no buffer and
    /// no reservation is left in use.
    fn beat_ended(&mut self, held: Option<u64>, run: &mut Run) -> Checked {
        let beat = self.forest.beat_number();
        let due = self.triggers.beat(beat);
        let text = |held: Option<u64>| {
            held.map_or("none".to_owned(), |held| format!("a checkpoint up to beat {held}"))
        };
        holds("checkpoint-comes-when-due", held == due)
            .show(|| (text(due), text(held)))
            .or("a beat ends without the checkpoint that is due, or with a wrong one")?;
        if let Some(held) = held {
            run.result(held);
            Event::Checkpoint.count(run);
            self.sides.checkpoint(held);
            let state = self.forest.superblock().working().state();
            let log = self.forest.manifest_log().references();
            let say = |beat: u64, log: ManifestReferences| format!("beat {beat} with {log:?}");
            holds("checkpoint-says-what-it-holds", (state.beat, state.manifest) == (held, log))
                .show(|| (say(held, log), say(state.beat, state.manifest)))
                .or("a checkpoint names another beat or another log than the ones that it holds")?;
            self.root.acknowledge(&state);
        }
        if self.is_between_bars() {
            self.bar_ended(run)?;
        }
        Ok(())
    }

    fn is_between_bars(&self) -> bool {
        let bar = u64::from(self.options.grooves.0.beats_per_bar);
        (self.forest.beat_number() + 1).is_multiple_of(bar)
    }

    fn bar_ended(&mut self, run: &mut Run) -> Checked {
        Event::Bar.count(run);
        self.check_buffers("between bars")?;
        let reservations = self.forest.grid().free_set().reservation_count();
        holds("memory-comes-back", reservations == 0)
            .show(|| ("no reservation", reservations))
            .or("blocks are reserved between bars")?;
        let levels = self.forest.trees().0.objects().manifest().levels();
        if let Some(deepest) = levels.iter().rposition(|level| level.table_count() > 0) {
            run.state(states::Deepest, deepest);
        }
        Ok(())
    }

    /// Checks between bars that buffers are in use only for reads and writes in flight and for the
    /// open block of the log.
    pub(super) fn check_buffers(&mut self, when: &str) -> Checked {
        let grid = self.forest.grid();
        let failed = self.forest.failed().is_some() || grid.failed().is_some();
        if !self.is_between_bars() || failed || self.is_down() {
            return Ok(());
        }
        let (unused, all) = (grid.unused_buffers(), grid.buffers());
        let (written, read) = (grid.pending_writes(), grid.reads_in_flight());
        let open_log = usize::from(self.forest.manifest_log().open_entry_count() > 0);
        let others = || format!("{written} written, {read} read, {open_log} of the log");
        holds("memory-comes-back", unused + written + read + open_log == all)
            .show(|| (format!("{all} unused {when}, {}", others()), format!("{unused} unused")))
            .or("buffers are in use, but no I/O or log holds them")
    }

    /// Completes all I/O, and checks that no buffer stays in use.
    pub(super) fn settle(&mut self) -> Checked {
        while self.forest.step() {}
        if self.is_down() {
            return Ok(());
        }
        holds("waiting-ends", self.forest.grid().is_idle())
            .show(|| ("an end", "none"))
            .or("the grid waits, and nothing completes")?;
        self.check_buffers("when nothing is under way")
    }

    fn cannot_beat(&self) -> bool {
        self.forest.failed().is_some() || self.is_down()
    }

    /// Runs `count` beats, and completes `steps` I/Os after each.
    pub(super) fn beats(&mut self, count: u32, steps: u32, run: &mut Run) -> Checked {
        for _ in 0..count {
            if self.cannot_beat() {
                break;
            }
            self.beat(run)?;
            for _ in 0..steps {
                if !self.forest.step() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Runs beats until `count` bars have ended.
    pub(super) fn bars(&mut self, count: u32, run: &mut Run) -> Checked {
        let mut left = count;
        while left > 0 && !self.cannot_beat() {
            self.beat(run)?;
            left -= u32::from(self.is_between_bars());
        }
        Ok(())
    }

    /// Requests a checkpoint. Returns the beat at whose end the checkpoint is taken.
    pub(super) fn want(&mut self, run: &mut Run) -> Checked<u64> {
        run.step();
        let trigger = self.forest.checkpoint_want();
        let due = self.triggers.want(self.next_beat());
        equal("checkpoint-comes-when-due", due, trigger)
            .or("a requested checkpoint is announced for the wrong beat")?;
        Ok(trigger)
    }

    /// Runs beats until everything that was written is durable.
    pub(super) fn checkpoint(&mut self, run: &mut Run) -> Checked {
        let trigger = self.want(run)?;
        while self.forest.beat_number() < trigger && !self.cannot_beat() {
            self.beat(run)?;
        }
        let is_held = self.cannot_beat() || self.sides.is_durable();
        holds("checkpoint-holds-what-was-put", is_held)
            .show(|| ("all of it", "less"))
            .or("a requested checkpoint does not hold everything that was written before")
    }

    pub(super) fn drop_cache(&mut self, run: &mut Run) {
        run.step();
        Event::CacheDropped.count(run);
        self.forest.trees_and_grid().1.drop_cache();
    }
}
