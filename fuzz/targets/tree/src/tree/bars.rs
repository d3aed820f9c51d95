//! Checks at the end of each bar.

use super::events::Event;
use super::states;
use super::tested::Tested;
use downbeat::check::holds;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::full::{blocks_of_bar, check_fullness, tables_max};

impl<R: Versioned> Tested<R> {
    /// Checks the store at the end of a bar. `bars` bars, including this one, have ended since the
    /// last check.
    pub(super) fn bar_ended(&mut self, at_checkpoint: bool, bars: u64, run: &mut Run) -> Checked {
        Event::Bar.count(run);
        self.bars += 1;
        self.count_quiet_bars(bars);
        self.check_buffers("between bars")?;
        let reservations = self.store.grid().free_set().reservation_count();
        holds("memory-comes-back", reservations == 0)
            .show(|| ("no reservation", reservations))
            .or("blocks are reserved between bars")?;
        let deferred = self.store.tree().compactions().flushes_deferred;
        let in_a_row = if deferred > self.deferred.0 { self.deferred.1 + 1 } else { 0 };
        run.state(states::Deferred, in_a_row);
        self.deferred = (deferred, in_a_row);
        let fullness = self.store.fullness();
        let before = if bars == 1 { self.fullness } else { None };
        check_fullness(&self.store, before, self.ballast)?;
        self.fullness = Some(fullness);
        run.state(states::Fullness, fullness as usize);
        let mut deepest = 0;
        for (number, level) in self.store.tree().manifest().levels().iter().enumerate() {
            let count = u64::from(level.table_count_visible());
            let most = tables_max(self.store.options(), number as u32);
            holds("levels-are-bounded", count <= most)
                .show(|| (format!("level {number}: {most} or fewer"), count))
                .or("a level has more tables between bars than it may have")?;
            states::level_tables(number, count, most, run);
            if count > 0 {
                deepest = number + 1;
            }
        }
        run.state(states::Deepest, deepest);
        self.check_written(at_checkpoint, bars)?;
        self.check_blocks_in_use()?;
        self.check_stats()?;
        let complete = self.audit_tables(at_checkpoint, run)?;
        if at_checkpoint {
            run.state(
                states::Log,
                states::size(self.store.manifest_log().block_addresses().count()),
            );
            self.audit_checkpoint(complete, run)?;
        }
        Ok(())
    }

    /// Checks that each of `bars` bars writes at most the blocks of one merge into each level, and
    /// those of the log.
    fn check_written(&mut self, at_checkpoint: bool, bars: u64) -> Checked {
        let grid = self.store.grid();
        let until_now = self.blocks_written();
        let written = until_now - std::mem::replace(&mut self.written, until_now);
        let free_set = if at_checkpoint { grid.trailer_blocks().len() as u64 } else { 0 };
        let bound = bars * (blocks_of_bar(&self.store) + free_set);
        holds("bar-writes-one-merge-a-level", written <= bound)
            .show(|| (format!("{bound} blocks or fewer"), written))
            .or("a bar writes more than one merge into each level and the log")
    }

    /// Checks between bars that buffers are in use only for reads and writes in flight and for the
    /// open block of the log.
    pub(super) fn check_buffers(&mut self, when: &str) -> Checked {
        // Within a bar, compactions also have buffers, for the blocks that they build and those
        // that they read ahead.
        let bar = u64::from(self.store.options().tree.beats_per_bar);
        let between_bars = (self.store.beat_number() + 1).is_multiple_of(bar);
        let failed = self.store.failed().is_some() || self.store.grid().failed().is_some();
        if !between_bars || failed || self.is_down() || self.under_way.is_some() {
            return Ok(());
        }
        let grid = self.store.grid();
        let (unused, all) = (grid.unused_buffers(), grid.buffers());
        let (written, read) = (grid.pending_writes(), grid.reads_in_flight());
        let open_log = usize::from(self.store.manifest_log().open_entry_count() > 0);
        let others = || format!("{written} written, {read} read, {open_log} of the log");
        holds("memory-comes-back", unused + written + read + open_log == all)
            .show(|| (format!("{all} unused {when}, {}", others()), format!("{unused} unused")))
            .or("buffers are in use, but no I/O or log holds them")
    }

    /// Completes all I/O, and checks that no buffer stays in use.
    pub(super) fn settle(&mut self) -> Checked {
        while self.store.by_hand().step() {}
        if self.is_down() {
            return Ok(());
        }
        holds("waiting-ends", self.store.grid().is_idle())
            .show(|| ("an end", "none"))
            .or("the grid waits, and nothing completes")?;
        self.check_buffers("when nothing is under way")
    }
}
