//! The worlds: a store for each geometry, and what each operation does.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::manifest::Visibility;

use super::Tree;
use super::scans::Way;
use super::tested::Tested;
use downbeat::disk::SimulatedDisk;
use downbeat::model::encoding::{Count, Header, Landmark, Operation as _, TreeKey};
use downbeat::model::tree::{Operation, Operation::*, RECORD, USAGE};
use downbeat::model::version::Usage;
use downbeat::records::{self, OfRecords, Versioned, narrow};
use downbeat::{AnyWorld, Checked, Run, World, run_of_keys};

impl OfRecords for Tree {
    type Made = AnyWorld<Operation>;

    fn make<R: Versioned>(geometry: &Header) -> Self::Made {
        Box::new(Tested::<R>::new(geometry))
    }
}

/// Makes the world of the records that the geometry says.
pub(crate) fn of_records<M: OfRecords>(geometry: &Header) -> M::Made {
    let usage = Usage::ALL[geometry.index(USAGE)];
    records::of_usage::<M>(usage, geometry.number(Operation::SETTINGS, RECORD), geometry)
}

impl<R: Versioned> World for Tested<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.open_run(header, run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.apply_one(operation, run)?;
        self.check_room_and_range()
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.close_run(run);
        Ok(())
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.sweep_all(run)
    }

    fn finish(&mut self, run: &mut Run) -> Checked {
        self.finish_run(run)
    }

    fn landmark(&self, landmark: Landmark) -> Option<u64> {
        let level = self.store.tree().manifest().levels().get(usize::from(landmark.level))?;
        let count = level.table_count() as usize;
        let place = usize::from(landmark.table).checked_rem(count)?;
        let table = level.tables(Visibility::Any, Direction::Ascending, None).nth(place)?.table;
        narrow::<R>(if landmark.is_last { table.key_max } else { table.key_min })
    }

    fn describe(&self) -> Vec<String> {
        self.lines()
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.store.by_hand().grid_mut().storage_mut())
    }
}

impl<R: Versioned> Tested<R> {
    fn apply_one(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        let keys = |key: TreeKey, count: Count, stride: i64| {
            run_of_keys(key.literal(), count.get(), stride)
        };
        match *operation {
            Put { key } => self.write(key.literal(), false, run),
            PutRun { key, count, stride } => {
                self.write_each(keys(key, count, stride.get()), false, run).map(drop)
            }
            Remove { key } => self.write(key.literal(), true, run),
            RemoveRun { key, count, stride } => {
                let writes = self.write_each(keys(key, count, -stride.get()), true, run)?;
                run.idle_if(!writes);
                Ok(())
            }
            Get { key } => self.get(key.literal(), run),
            Gets { key, count, stride } => self.gets(keys(key, count, -stride.get()), run),
            Forget { key, count, stride } => self.forget(keys(key, count, -stride.get()), run),
            Scan { from, to, records, page } => {
                let way = Way::new(from.literal(), to.literal());
                self.scan(way, records.get() as usize, page.get() as usize, run)
            }
            ScanAll { direction } => {
                let way = if direction.get() == 0 { Way::UP } else { Way::DOWN };
                self.scan(way, usize::MAX, usize::MAX, run)
            }
            ScanSeek { from, to, records, seek } => {
                let way = Way::new(from.literal(), to.literal());
                self.scan_seek(way, records.get() as usize, seek.literal(), run)
            }
            ScanBegin { from, to } => {
                self.scan_begin(Way::new(from.literal(), to.literal()), run);
                Ok(())
            }
            ScanNext { count } => self.scan_next(count.get(), run),
            Beats { count, steps } => self.beats(count.get(), steps.get(), run),
            Bars { count } => self.whole_bars(count.get(), run),
            Checkpoint => self.checkpoint(run),
            Want => self.want(run).map(drop),
            Open => self.scope_open(run),
            Persist => self.scope_close(ScopeOutcome::Persist, run),
            Discard => self.scope_close(ScopeOutcome::Discard, run),
            DropCache => self.drop_cache(run),
            Reopen => self.reopen(run),
            Step { count } => {
                run.step();
                let done = (0..count.get()).take_while(|_| self.store.by_hand().step()).count();
                run.idle_if(done == 0);
                Ok(())
            }
            Overwrite { nth, count } => self.each_nth(nth.get(), count.get(), false, run),
            Thin { nth, count } => self.each_nth(nth.get(), count.get(), true, run),
            Fill { key, left } => self.fill(key.literal(), left.get(), run),
        }
    }
}
