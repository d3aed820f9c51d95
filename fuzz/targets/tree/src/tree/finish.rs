//! Operations, and the end of a run.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::grid::Grid;
use downbeat_lsm::manifest::Visibility;

use super::events::Event;
use super::scans::Way;
use super::states;
use super::tested::{AnyTested, Tested};
use downbeat::check::holds;
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Landmark};
use downbeat::model::tree::{Operation, PACE};
use downbeat::records::{Versioned, narrow};
use downbeat::run::Run;

impl<R: Versioned> AnyTested for Tested<R> {
    fn open_run(&mut self, header: &Header, run: &mut Run) -> Result<(), Divergence> {
        let Self {
            store,
            model,
            log_book,
            tables,
            history,
            scope_writes,
            bars,
            written,
            deferred,
            triggers,
            pace,
            range,
            range_before,
            cursor,
            ..
        } = self;
        model.reset();
        log_book.clear();
        tables.clear();
        history.iter_mut().for_each(Vec::clear);
        *scope_writes = 0;
        *bars = 0;
        *written = 0;
        *deferred = (0, 0);
        triggers.reopen(0);
        *pace = (header.index(PACE), run.luck(1));
        *range = None;
        *range_before = None;
        *cursor = None;
        match store.format_again(7) {
            Ok(()) => {
                store.by_hand().grid_mut().storage_mut().settle();
                Ok(())
            }
            Err(error) => self.refused(error, run),
        }
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        self.apply_one(operation, run)?;
        self.check_room_and_range()
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
        run.state(states::Bars, states::size(self.bars as usize));
        self.sweep(run)?;
        if self.store.failed().is_none() {
            self.checkpoint(run)?;
        }
        self.store.by_hand().scan_end();
        self.cursor = None;
        self.settle()?;
        self.reopen(run)?;
        self.sweep(run)?;
        self.settle()?;
        self.harvest(run);
        Ok(())
    }

    fn describe(&self) -> Vec<String> {
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

    fn landmark(&self, landmark: Landmark) -> Option<u64> {
        let level = self.store.tree().manifest().levels().get(usize::from(landmark.level))?;
        let count = level.table_count() as usize;
        let place = usize::from(landmark.table).checked_rem(count)?;
        let table = level.tables(Visibility::Any, Direction::Ascending, None).nth(place)?.table;
        narrow::<R>(if landmark.is_last { table.key_max } else { table.key_min })
    }

    fn swap_disks(&mut self, spare: &mut [SimulatedDisk; 2]) {
        std::mem::swap(self.store.by_hand().grid_mut().storage_mut(), &mut spare[0]);
    }

    fn set_chance(&mut self, order: Option<Order>, schedule: u64) {
        set_chance(self.store.by_hand().grid_mut(), order, schedule);
    }
}

/// What of the disk is chance, from now on; it is as new, if there is an order.
pub(crate) fn set_chance(grid: &mut Grid<SimulatedDisk>, order: Option<Order>, schedule: u64) {
    let layout = *grid.layout();
    let disk = grid.storage_mut();
    if let Some(order) = order {
        disk.reset(layout);
        disk.set_order(order);
    }
    disk.set_schedule(schedule);
}

impl<R: Versioned> Tested<R> {
    fn apply_one(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Put { key } => self.put(key.literal(), run),
            Operation::PutRun { key, count, stride } => {
                self.put_run(key.literal(), count, stride, run)
            }
            Operation::Remove { key } => self.remove(key.literal(), run),
            Operation::RemoveRun { key, count, stride } => {
                self.remove_run(key.literal(), count, stride, run)
            }
            Operation::Get { key } => self.get(key.literal(), run),
            Operation::Gets { key, count, stride } => self.gets(key.literal(), count, stride, run),
            Operation::Scan { from, to, records, page } => {
                let way = Way::new(from.literal(), to.literal());
                self.scan(way, records.get() as usize, page.get() as usize, run)
            }
            Operation::ScanAll { direction } => {
                let direction = match direction.get() {
                    0 => Direction::Ascending,
                    _ => Direction::Descending,
                };
                self.scan(Way::all(direction), usize::MAX, usize::MAX, run)
            }
            Operation::ScanSeek { from, to, records, seek } => {
                let way = Way::new(from.literal(), to.literal());
                self.scan_seek(way, records.get() as usize, seek.literal(), run)
            }
            Operation::Beats { count, steps } => self.beats(count.get(), steps.get(), run),
            Operation::Bars { count } => self.whole_bars(count.get(), run),
            Operation::Checkpoint => self.checkpoint(run),
            Operation::Want => self.want(run).map(|_| ()),
            Operation::Open => {
                self.scope_open(run);
                Ok(())
            }
            Operation::Persist => {
                self.scope_close(ScopeOutcome::Persist, run);
                Ok(())
            }
            Operation::Discard => {
                self.scope_close(ScopeOutcome::Discard, run);
                Ok(())
            }
            Operation::DropCache => {
                self.drop_cache(run);
                Ok(())
            }
            Operation::Reopen => self.reopen(run),
            Operation::Step { count } => {
                let mut done = 0;
                run.step();
                while done < count.get() && self.store.by_hand().step() {
                    done += 1;
                }
                if done == 0 {
                    run.idle();
                }
                Ok(())
            }
            Operation::Overwrite { nth, count } => self.each_nth(nth.get(), count, false, run),
            Operation::Thin { nth, count } => self.each_nth(nth.get(), count, true, run),
            Operation::Fill { key, left } => self.fill(key.literal(), left.get(), run),
            Operation::ScanBegin { from, to } => {
                self.scan_begin(Way::new(from.literal(), to.literal()), run);
                Ok(())
            }
            Operation::ScanNext { count } => self.scan_next(count.get(), run),
            Operation::Forget { key, count, stride } => {
                self.forget(key.literal(), count, stride, run)
            }
        }
    }

    /// Checks every key of the model and its neighbours by gets, and all keys by scans in both directions.
    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let keys: Vec<u64> = self.model.range(0, u64::MAX).map(|(key, _)| key).collect();
        let mut last = None;
        for key in keys {
            self.get(key, run)?;
            for neighbour in [key.wrapping_sub(1), key.wrapping_add(1)] {
                // One that is a key, or was a neighbour before, has its turn.
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

    /// Ends all I/O, and checks that nothing is left in use.
    fn settle(&mut self) -> Result<(), Divergence> {
        while self.store.by_hand().step() {}
        holds("waiting-ends", self.store.grid().is_idle())
            .show(|| ("an end", "none"))
            .or("the grid waits, and nothing completes")?;
        self.check_buffers("when nothing is under way")
    }
}
