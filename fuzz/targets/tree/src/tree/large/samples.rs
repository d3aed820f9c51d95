//! Samples: which keys are compared with the model after an operation.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::Visibility;

use super::super::states;
use super::keys::{KeyRun, mix};
use super::world::Large;
use downbeat::records::{Versioned, narrow};
use downbeat::{Checked, Run};

/// The maximum number of runs that are kept.
const RUNS: usize = 1024;

/// The number of keys of a sample.
const SAMPLE: u64 = 6;

impl<R: Versioned> Large<R> {
    /// Adds a run of writes to those that are sampled.
    pub(super) fn wrote(&mut self, keys: KeyRun) {
        if self.runs.len() == RUNS {
            self.runs.remove(0);
        }
        self.runs.push(keys);
    }

    /// Gets a key and the keys next to it.
    pub(super) fn get_around(&mut self, key: u64, run: &mut Run) -> Checked {
        self.tested.get(key, run)?;
        for neighbour in [key.wrapping_sub(1), key.wrapping_add(1)] {
            self.tested.get_plainly(neighbour, run)?;
        }
        Ok(())
    }

    /// Gets keys of the last run of writes and of earlier runs.
    pub(super) fn sample(&mut self, run: &mut Run) -> Checked {
        let luck = run.luck(3);
        for number in 0..SAMPLE {
            let luck = mix(luck ^ number);
            // Half of the keys are from the last run.
            let back = if number % 2 == 0 { 0 } else { luck as usize >> 40 };
            let Some(back) = back.checked_rem(self.runs.len()) else { return Ok(()) };
            let keys = self.runs[self.runs.len() - 1 - back];
            // The first key of the sample is the last key of its run, because random keys are
            // rarely in the last blocks of a table.
            let place = match number {
                0 => keys.count - 1,
                _ => (luck % u64::from(keys.count)) as u32,
            };
            self.tested.get(keys.key(place), run)?;
        }
        Ok(())
    }

    /// Gets the first and the last key of the last `count` runs, and the keys next to them.
    pub(super) fn ends_of_runs(&mut self, count: u32, run: &mut Run) -> Checked {
        for back in 1..=self.runs.len().min(count as usize) {
            let keys = self.runs[self.runs.len() - back];
            for number in [0, keys.count - 1] {
                self.get_around(keys.key(number), run)?;
            }
            if self.left(run) == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Gets the first and the last key of up to `count` tables, evenly chosen, and the keys next to
    /// them.
    pub(super) fn ends_of_tables(&mut self, count: u32, run: &mut Run) -> Checked {
        let levels = self.tested.store.tree().manifest().levels();
        let all: u64 = levels.iter().map(|level| u64::from(level.table_count())).sum();
        let nth = all.div_ceil(u64::from(count)).max(1) as usize;
        let tables = levels
            .iter()
            .flat_map(|level| level.tables(Visibility::Any, Direction::Ascending, None))
            .step_by(nth);
        let ends: Vec<R::Key> =
            tables.flat_map(|found| [found.table.key_min, found.table.key_max]).collect();
        run.idle_if(ends.is_empty());
        for key in ends.into_iter().filter_map(narrow::<R>) {
            self.get_around(key, run)?;
            if self.left(run) == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Marks how large the parts of the store are.
    pub(super) fn mark_sizes(&self, run: &mut Run) {
        let store = &self.tested.store;
        let tree = store.tree();
        let view = tree.mutable().view();
        run.state(states::InMemory, states::size(tree.mutable().len() as usize));
        run.state(states::RunsInMemory, states::size(view.runs().len()));
        let (mut values, mut most) = (0, 0);
        let per_block = tree.layout().block_value_count_max();
        let mut deepest = 0;
        for (number, level) in tree.manifest().levels().iter().enumerate() {
            if level.table_count() > 0 {
                deepest = number + 1;
            }
            most = most.max(level.table_count());
            let tables = level.tables(Visibility::Any, Direction::Ascending, None);
            let largest = tables.map(|found| found.table.value_count).max();
            values = values.max(largest.unwrap_or(0).div_ceil(per_block));
        }
        run.state(states::DeepestOfLarge, deepest);
        run.state(states::ValueBlocks, states::size(values as usize));
        run.state(states::TablesOfLevel, states::size(most as usize));
        let grid = store.grid();
        let used = grid.free_set().acquired_count() - self.tested.ballast;
        run.state(states::InUse, states::size(used as usize));
        run.state(states::Cached, states::size(grid.cached_blocks()));
        run.state(states::Records, states::size(self.tested.model.len()));
        if let Some(highest) = grid.free_set().highest_address_acquired() {
            let above = grid.layout().block(highest).end() > 1 << 32;
            run.state(states::Address, usize::from(above));
        }
    }
}
