//! Compares the whole store, and ends a run.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::manifest::Visibility;

use super::events::Event;
use super::scans::Way;
use super::states;
use super::tested::Tested;
use downbeat::check::holds;
use downbeat::failure::Divergence;
use downbeat::records::Versioned;
use downbeat::run::Run;

impl<R: Versioned> Tested<R> {
    /// Closes the scope and keeps its writes.
    pub(super) fn close_run(&mut self, run: &mut Run) {
        if self.model.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
        run.state(states::Bars, states::size(self.bars as usize));
    }

    /// Writes a checkpoint, opens the store again, and compares everything once more.
    pub(super) fn finish_run(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.store.failed().is_none() {
            self.checkpoint(run)?;
        }
        self.store.by_hand().scan_end();
        self.cursor = None;
        self.settle()?;
        self.reopen(run)?;
        self.sweep_all(run)?;
        self.settle()?;
        self.harvest(run);
        Ok(())
    }

    /// Checks every key of the model and its neighbours by gets, and all keys by scans in both
    /// directions.
    pub(super) fn sweep_all(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let keys: Vec<u64> = self.model.range(0, u64::MAX).map(|(key, _)| key).collect();
        let mut last = None;
        for key in keys {
            self.get(key, run)?;
            for neighbour in [key.wrapping_sub(1), key.wrapping_add(1)] {
                // A neighbour that is a key is read as a key; a neighbour of two keys is read once.
                if self.model.get(neighbour).is_none() && last.replace(neighbour) != Some(neighbour)
                {
                    self.get_plainly(neighbour, run)?;
                }
            }
        }
        for direction in [Direction::Ascending, Direction::Descending] {
            self.scan(Way::all(direction), usize::MAX, usize::MAX, run)?;
        }
        Ok(())
    }

    /// Completes all I/O, and checks that no buffer stays in use.
    fn settle(&mut self) -> Result<(), Divergence> {
        while self.store.by_hand().step() {}
        holds("waiting-ends", self.store.grid().is_idle())
            .show(|| ("an end", "none"))
            .or("the grid waits, and nothing completes")?;
        self.check_buffers("when nothing is under way")
    }

    /// Describes what the store holds.
    pub(super) fn lines(&self) -> Vec<String> {
        let tree = self.store.tree();
        let mut lines = vec![format!(
            "beat {}, {} records in the mutable table, {} in the immutable one",
            self.store.beat_number(),
            tree.mutable().len(),
            tree.immutable().len(),
        )];
        for (number, level) in tree.manifest().levels().iter().enumerate() {
            let tables = level.tables(Visibility::Any, Direction::Ascending, None);
            let tables: Vec<String> = tables
                .map(|found| {
                    let range = found.table.key_range();
                    format!("[{:x?}..{:x?}] {}", range.min, range.max, { found.table.value_count })
                })
                .collect();
            if !tables.is_empty() {
                lines.push(format!("level {number}: {}", tables.join(" ")));
            }
        }
        lines
    }
}
