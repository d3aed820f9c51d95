//! The world: stores by geometry, and what each operation does to the one of the run.
//!
//! An operation that cannot be: without faults, damage becomes a step and an armed fault a loss of power; a
//! copy that cannot be reverted is damaged.

use super::events::{self, Event};
use super::opening::Interrupted;
use super::states;
use super::store::Store;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::superblock::{COPIES, Operation, SECTOR};
use downbeat::run::Run;
use downbeat::target::World;

/// The shape of checkpoints that an operation does not choose.
const SHAPE: u32 = 11;

/// Stores by geometry.
#[derive(Debug)]
pub struct SuperblockWorld {
    /// One place for each geometry.
    shelf: Vec<Option<Box<Store>>>,
    current: usize,
}

impl World for SuperblockWorld {
    type Operation = Operation;

    fn new() -> Self {
        SuperblockWorld { shelf: Vec::new(), current: 0 }
    }

    fn open(&mut self, header: &Header, run: &mut Run) {
        let sectors = Operation::SETTINGS[SECTOR].choices.count();
        self.current = header.index(COPIES) * sectors + header.index(SECTOR);
        if self.shelf.len() <= self.current {
            self.shelf.resize_with(self.current + 1, || None);
        }
        let store = self.shelf[self.current].get_or_insert_with(|| Box::new(Store::new(header)));
        store.open(header, run);
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        let store = self.shelf[self.current].as_deref_mut().expect("a run was opened");
        store.medium.disk_mut().set_schedule(run.luck(0));
        store.apply(operation, run)?;
        // The end compares all copies; what comes before the eighth is not far from it.
        let operations = run.tally().operations;
        if operations >= 8 && operations.is_power_of_two() {
            store.sweep(run)?;
        }
        Ok(())
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let store = self.shelf[self.current].as_deref_mut().expect("a run was opened");
        store.medium.disk_mut().set_schedule(run.luck(0));
        store.finish(run)
    }

    fn describe(&self) -> Vec<String> {
        let store = self.shelf.get(self.current).and_then(Option::as_deref);
        store.map(Store::describe).unwrap_or_default()
    }
}

impl Store {
    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Checkpoint { shape, beats } => {
                self.checkpoint(beats.get(), shape.get(), run)
            }
            Operation::Begin { shape, beats } => self.begin(beats.get(), shape.get(), run),
            Operation::Step { count } => self.step_or_begin(u64::from(count.get()), run),
            Operation::Crash { io, times } => self.crash(io.get(), times.get(), run),
            Operation::CrashAt { io, shape } => {
                self.begin(1, shape.get(), run)?;
                self.steps(io.get(), run)?;
                self.crash(0, 0, run)
            }
            Operation::Restart { io, times } => {
                self.open_again(Interrupted::Restarted, io.get(), times.get(), run)
            }
            Operation::Reopen => self.reopen(run),
            Operation::Arm { fault, nth, access } => {
                self.arm(fault, nth, access, run);
                Ok(())
            }
            Operation::Damage { copy, damage } => self.damage(copy, damage, run),
            Operation::Misplace { copy, from } => self.misplace(copy, from, run),
            Operation::Revert { copy, age } => self.revert(copy, age, run),
            Operation::CrashEverywhere { shape } => self.crash_everywhere(shape.get(), run),
            Operation::Checkpoints { count } => {
                (0..count.get()).try_for_each(|_| self.checkpoint(1, SHAPE, run))
            }
            Operation::Format { io } => self.format_over(io.get(), run),
        }
    }

    /// Does I/Os of the checkpoint under way, or begins one.
    pub(super) fn step_or_begin(&mut self, count: u64, run: &mut Run) -> Result<(), Divergence> {
        if !self.is_under_way() {
            Event::StepBegan.count(run);
            return self.begin(1, SHAPE, run);
        }
        self.steps(count, run).map(|_| ())
    }

    /// Ends what is under way, and opens the store twice more: by a process that starts again, and after a crash.
    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.end(run)?;
        self.sweep(run)?;
        self.reopen(run)?;
        self.crash(0, 0, run)?;
        self.sweep(run)?;
        self.forget();
        states::whole(self.statistics.checkpoints, run);
        let disk = self.medium.disk();
        events::disk(disk.counts()).count(run);
        events::superblocks(&self.statistics).count(run);
        run.device_operations(disk.completed() - self.started);
        Ok(())
    }

    fn describe(&self) -> Vec<String> {
        let disk = self.medium.disk();
        let image = disk.image();
        let mut lines = vec![
            format!("expected: {}", self.model.expected().describe()),
            format!(
                "{} I/Os since it began, {} in flight; {} versions of sectors not durable",
                self.medium.progress().ios,
                downbeat_lsm::storage::Storage::queued(&self.medium),
                image.unflushed().len(),
            ),
        ];
        lines.extend(image.damages().iter().take(8).map(|(sector, damage)| {
            let offset = image.offset_of(*sector) as usize;
            let copy = offset / self.layout.superblock_copy_size();
            format!("copy {copy}, sector {sector}: {}", damage.describe())
        }));
        lines.extend(disk.armed().iter().map(|armed| format!("armed: {armed:?}")));
        lines
    }
}
