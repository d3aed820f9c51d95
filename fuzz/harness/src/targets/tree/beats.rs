//! Beats, bars, checkpoints, and opening again.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::Event;
use super::history::{Deed, Ended};
use super::reads::wrong;
use super::states;
use super::tested::Tested;
use crate::failure::Divergence;
use crate::run::Run;
use crate::targets::records::Versioned;

/// More I/Os than a beat can take.
const BOUND: u64 = 1 << 14;

impl<R: Versioned> Tested<R> {
    /// Ends a beat. An open scope is closed before, and kept.
    pub(super) fn beat(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
        run.step();
        let cached = self.store.grid().cached_blocks();
        if let Err(error) = self.store.beat_begin() {
            self.done(Deed::Beat(Ended::Full));
            return self.refused(error, run);
        }
        for _ in 0..BOUND {
            let ended = self.store.beat_advance().or_else(|| self.store.beat_step());
            match ended {
                None => {}
                Some(Ok(held)) => {
                    self.check_cache(cached)?;
                    return self.beat_ended(held, run);
                }
                Some(Err(error)) => {
                    self.done(Deed::Beat(Ended::Full));
                    return self.refused(error.into(), run);
                }
            }
        }
        Err(Divergence {
            check: "waiting-ends",
            what: "a beat does not end",
            expected: "an end within the bound".to_owned(),
            got: format!("{} pending writes", self.store.grid().pending_writes()),
            state: Vec::new(),
        })
    }

    /// A block leaves the cache only when another one takes its place.
    fn check_cache(&self, before: usize) -> Result<(), Divergence> {
        let cached = self.store.grid().cached_blocks();
        if cached >= before {
            return Ok(());
        }
        Err(wrong(
            "cache-keeps-what-it-has",
            "there are fewer blocks in the cache after a beat than before it",
            &format!("{before} or more"),
            &cached.to_string(),
        ))
    }

    fn beat_ended(&mut self, held: Option<u64>, run: &mut Run) -> Result<(), Divergence> {
        let checkpoint = held.map(|_| self.store.superblock().working().state());
        let ended = checkpoint.map_or(Ended::Plainly, Ended::WithCheckpoint);
        self.done(Deed::Beat(ended));
        let beat = self.store.beat_number();
        let bar = u64::from(self.store.options().tree.beats_per_bar);
        if let Some(held) = held {
            Event::Checkpoint.count(run);
            run.result(held);
            if held + bar != beat {
                return Err(Divergence {
                    check: "checkpoint-holds-the-bar-before",
                    what: "a checkpoint does not hold the beats up to the bar before its own",
                    expected: (beat - bar).to_string(),
                    got: held.to_string(),
                    state: Vec::new(),
                });
            }
            self.model.checkpoint(held);
        }
        if (beat + 1).is_multiple_of(bar) {
            self.bar_ended(held.is_some(), run)?;
        }
        Ok(())
    }

    fn bar_ended(&mut self, at_checkpoint: bool, run: &mut Run) -> Result<(), Divergence> {
        Event::Bar.count(run);
        self.bars += 1;
        let deferred = self.store.tree().compactions().flushes_deferred;
        let in_a_row = if deferred > self.deferred.0 { self.deferred.1 + 1 } else { 0 };
        run.state(states::Deferred, in_a_row);
        self.deferred = (deferred, in_a_row);
        let manifest = self.store.tree().manifest();
        let mut deepest = 0;
        for (number, level) in manifest.levels().iter().enumerate() {
            let count = u64::from(level.table_count_visible());
            states::level_tables(number, count, manifest.table_count_max(number as u32), run);
            if count > 0 {
                deepest = number + 1;
            }
        }
        run.state(states::Deepest, deepest);
        self.check_written(at_checkpoint)?;
        self.audit_tables(run)?;
        if at_checkpoint {
            run.state(
                states::Log,
                states::size(self.store.manifest_log().block_addresses().count()),
            );
            self.audit_checkpoint(run)?;
        }
        Ok(())
    }

    /// A bar writes no more than one merge into each level and the log do.
    fn check_written(&mut self, at_checkpoint: bool) -> Result<(), Divergence> {
        let grid = self.store.grid();
        let until_now = grid.statistics().written + grid.pending_writes() as u64;
        let written = until_now - std::mem::replace(&mut self.written, until_now);
        let options = self.store.options();
        let growth = u64::from(options.tree.growth_factor);
        let levels = u64::from(options.tree.level_count);
        // A merge reads a table, or what is in memory, and up to `growth` of the level below; one more is not full.
        let table = 1 + u64::from(self.store.tree().layout().value_block_count_max());
        let pace = self.store.manifest_log().pace();
        let log = 2 * (pace.append_blocks() + pace.compact_blocks_max()) + 1;
        let free_set = if at_checkpoint { grid.trailer_blocks().len() as u64 } else { 0 };
        let bound = levels * (growth + 2) * table + log + free_set;
        if written <= bound {
            return Ok(());
        }
        Err(wrong(
            "bar-writes-one-merge-a-level",
            "a bar writes more than a merge into each level, and the log, can",
            &format!("{bound} blocks or fewer"),
            &written.to_string(),
        ))
    }

    /// Ends beats, and lets so many I/Os complete after each.
    pub(super) fn beats(
        &mut self,
        count: u32,
        steps: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        for _ in 0..count {
            if self.cannot_beat(run) {
                break;
            }
            self.beat(run)?;
            for _ in 0..steps {
                if !self.store.step() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Ends beats up to the end of a bar, and then whole bars.
    pub(super) fn whole_bars(&mut self, count: u32, run: &mut Run) -> Result<(), Divergence> {
        let bar = u64::from(self.store.options().tree.beats_per_bar);
        let mut left = count;
        while left > 0 && !self.cannot_beat(run) {
            self.beat(run)?;
            if (self.store.beat_number() + 1).is_multiple_of(bar) {
                left -= 1;
            }
        }
        Ok(())
    }

    /// Lets beats come until all that was put is durable.
    pub(super) fn checkpoint(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.done(Deed::Want);
        let trigger = self.store.checkpoint_want();
        while self.store.beat_number() < trigger && !self.cannot_beat(run) {
            self.beat(run)?;
        }
        // Whatever is not in it belongs to no beat, or to one behind it.
        if self.store.failed().is_none() && !self.model.is_durable() {
            return Err(wrong(
                "checkpoint-holds-what-was-put",
                "a checkpoint that was asked for does not hold all that was put before",
                "all of it",
                "less",
            ));
        }
        Ok(())
    }

    fn cannot_beat(&self, run: &mut Run) -> bool {
        let failed = self.store.failed().is_some();
        if failed {
            run.idle();
        }
        failed
    }

    /// Closes the store and opens it again.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Result<(), Divergence> {
        run.step();
        self.harvest(run);
        self.done(Deed::Reopen);
        self.deferred = (0, 0);
        self.written = 0;
        self.store.grid_mut().storage_mut().restart();
        self.model.reopen();
        self.tables.clear();
        Event::Reopened.count(run);
        if self.model.is_empty() {
            Event::ReopenedEmpty.count(run);
        }
        match self.store.open_again() {
            Ok(()) => {}
            Err(error) => return self.refused(error, run),
        }
        self.audit_tables(run)?;
        self.audit_checkpoint(run)
    }

    pub(super) fn drop_cache(&mut self, run: &mut Run) {
        run.step();
        Event::CacheDropped.count(run);
        self.store.grid_mut().drop_cache();
    }
}
