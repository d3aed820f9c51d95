//! What must hold between bars, and what a bar may cost.
//!
//! What this does not do: it reads no block.

use super::events::Event;
use super::states;
use super::tested::Tested;
use downbeat::failure::Divergence;
use downbeat::records::Versioned;
use downbeat::run::Run;

impl<R: Versioned> Tested<R> {
    pub(super) fn bar_ended(
        &mut self,
        at_checkpoint: bool,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        Event::Bar.count(run);
        self.bars += 1;
        self.check_buffers("between bars")?;
        let reservations = self.store.grid().free_set().reservation_count();
        if reservations > 0 {
            return Err(Divergence::new(
                "memory-comes-back",
                "blocks are reserved between bars",
                "no reservation",
                reservations,
            ));
        }
        let deferred = self.store.tree().compactions().flushes_deferred;
        let in_a_row = if deferred > self.deferred.0 { self.deferred.1 + 1 } else { 0 };
        run.state(states::Deferred, in_a_row);
        self.deferred = (deferred, in_a_row);
        let mut deepest = 0;
        for (number, level) in self.store.tree().manifest().levels().iter().enumerate() {
            let count = u64::from(level.table_count_visible());
            let most = self.tables_max(number as u32);
            if count > most {
                return Err(Divergence::new(
                    "levels-are-bounded",
                    "a level has more tables between bars than it may",
                    format!("level {number}: {most} or fewer"),
                    count,
                ));
            }
            states::level_tables(number, count, most, run);
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
        let free_set = if at_checkpoint { grid.trailer_blocks().len() as u64 } else { 0 };
        let bound = self.blocks_of_bar() + free_set;
        if written <= bound {
            return Ok(());
        }
        Err(Divergence::new(
            "bar-writes-one-merge-a-level",
            "a bar writes more than a merge into each level, and the log, can",
            format!("{bound} blocks or fewer"),
            written,
        ))
    }

    /// The most blocks that a bar writes, those of the free set left out: one merge into each level, and the log.
    pub(super) fn blocks_of_bar(&self) -> u64 {
        let options = self.store.options();
        let growth = u64::from(options.tree.growth_factor);
        let levels = u64::from(options.tree.level_count);
        // A merge reads a table, or what is in memory, and up to `growth` of the level below; one more is not full.
        let table = 1 + u64::from(self.store.tree().layout().value_block_count_max());
        let pace = self.store.manifest_log().pace();
        let log = 2 * (pace.append_blocks() + pace.compact_blocks_max()) + 1;
        levels * (growth + 2) * table + log
    }

    /// The most tables of a level between bars.
    pub(super) fn tables_max(&self, level: u32) -> u64 {
        u64::from(self.store.options().tree.growth_factor).pow(level + 1)
    }

    /// Buffers are in use for what is being written and for the last block of the log, and for nothing else.
    pub(super) fn check_buffers(&mut self, when: &str) -> Result<(), Divergence> {
        // What is half built is a compaction's, and so is what it read ahead.
        let bar = u64::from(self.store.options().tree.beats_per_bar);
        let between_bars = (self.store.beat_number() + 1).is_multiple_of(bar);
        if !between_bars || self.store.failed().is_some() {
            return Ok(());
        }
        let grid = self.store.grid();
        let (unused, all) = (grid.unused_buffers(), grid.buffers());
        let (written, read) = (grid.pending_writes(), grid.reads_in_flight());
        let open_log = usize::from(self.store.manifest_log().open_entry_count() > 0);
        if unused + written + read + open_log == all {
            return Ok(());
        }
        Err(Divergence::new(
            "memory-comes-back",
            "buffers are in use for nothing",
            format!("{all} unused {when}, {written} written, {read} read, {open_log} of the log"),
            format!("{unused} unused"),
        ))
    }
}
