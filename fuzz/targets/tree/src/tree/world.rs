//! The worlds: a store for each geometry, and what each operation does.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::manifest::Visibility;

use super::Tree;
use super::scans::Way;
use super::tested::Tested;
use downbeat::disk::SimulatedDisk;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Landmark, Operation as _};
use downbeat::model::tree::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, DEVICE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, Operation,
    RECORD, USAGE,
};
use downbeat::model::version::Usage;
use downbeat::records::{self, OfRecords, Versioned, narrow};
use downbeat::run::Run;
use downbeat::target::World;
use downbeat::worlds::{AnyWorld, Worlds};

/// The settings that determine a store's geometry.
pub(crate) const GEOMETRY: &[usize] =
    &[RECORD, BLOCK, BATCH, BAR, GROWTH, LEVELS, INTERVAL, CACHE, AHEAD, IN_FLIGHT, USAGE, DEVICE];

/// The number of stores that are kept. Each takes much memory.
pub(crate) const KEPT: usize = 24;

impl Worlds for Tree {
    type Operation = Operation;
    const GEOMETRY: &'static [usize] = GEOMETRY;
    const KEPT: usize = KEPT;

    fn make(geometry: &Header) -> AnyWorld<Operation> {
        of_records::<Self>(geometry)
    }
}

impl OfRecords for Tree {
    type Made = AnyWorld<Operation>;

    fn make<R: Versioned>(geometry: &Header) -> Self::Made {
        Box::new(Tested::<R>::new(geometry))
    }
}

/// Makes the world for the type of records that the geometry chooses.
pub(crate) fn of_records<M: OfRecords>(geometry: &Header) -> M::Made {
    let usage = Usage::ALL[geometry.index(USAGE)];
    records::of_usage::<M>(usage, geometry.number(Operation::SETTINGS, RECORD), geometry)
}

impl<R: Versioned> World for Tested<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Result<(), Divergence> {
        self.open_run(header, run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        self.apply_one(operation, run)?;
        self.check_room_and_range()
    }

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.close_run(run);
        Ok(())
    }

    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.sweep_all(run)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
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
}
