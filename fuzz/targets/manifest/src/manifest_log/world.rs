//! The world: a log for each geometry, and what operations mean.
//!
//! Rules, each part of what an input means:
//!
//! * Tables are chosen by number among those that are live, going round.
//! * Whatever appends begins a half-bar if there is none, and waits for it. Where a half-bar has no room left, it
//!   ends and the next begins; where the device has none, two checkpoints are made durable.
//! * Where there is no table, one is inserted; where there are too many, one is removed; after a failure of the
//!   disk or the log, whatever needs them opens the store anew instead.
//! * When the power goes, the operation at hand ends, and the store is opened again.

use super::tested::{HELD_MAX, Tested};
use downbeat::disk::{Armed, FaultKind, Order, SimulatedDisk};
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::manifest_log::{
    BLOCK, CACHE_SETS, EXTRA, FAULTS, GROWTH, IN_FLIGHT, LEVELS, ORDER, Operation, TABLES, TREES,
    WIDTH,
};
use downbeat::model::store::Store;
use downbeat::run::Run;
use downbeat::target::World;
use downbeat_storage_targets::store::{self, BlockStore, FAULT_KINDS};

/// The settings that make a geometry.
const GEOMETRY: [usize; 9] =
    [BLOCK, TABLES, TREES, WIDTH, LEVELS, GROWTH, EXTRA, CACHE_SETS, IN_FLIGHT];

/// Logs by geometry.
#[derive(Debug)]
pub struct ManifestLogWorld {
    /// One place for each geometry.
    shelf: Vec<Option<Box<Tested>>>,
    current: usize,
    /// Disk and model of the stores that are not current.
    spare: (SimulatedDisk, Store),
    /// What went wrong when the run was opened.
    opened: Result<(), Divergence>,
}

impl World for ManifestLogWorld {
    type Operation = Operation;

    fn new() -> Self {
        let spare = BlockStore::spare();
        ManifestLogWorld { shelf: Vec::new(), current: 0, spare, opened: Ok(()) }
    }

    fn open(&mut self, header: &Header, run: &mut Run) {
        if let Some(Some(before)) = self.shelf.get_mut(self.current) {
            before.store.swap(&mut self.spare);
        }
        self.current = GEOMETRY.iter().fold(0, |place, setting| {
            place * Operation::SETTINGS[*setting].choices.count() + header.index(*setting)
        });
        if self.shelf.len() <= self.current {
            self.shelf.resize_with(self.current + 1, || None);
        }
        let tested = self.shelf[self.current].get_or_insert_with(|| Box::new(Tested::new(header)));
        tested.store.swap(&mut self.spare);
        self.opened = tested.open_run(header, run);
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        std::mem::replace(&mut self.opened, Ok(()))?;
        let tested = self.tested();
        let schedule = run.luck(0);
        tested.store.disk().set_schedule(schedule);
        tested.apply(operation, run)?;
        store::after_io(tested, run)?;
        if tested.store.is_down() {
            store::recover(tested, run)?;
        }
        Ok(())
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        std::mem::replace(&mut self.opened, Ok(()))?;
        let tested = self.tested();
        let schedule = run.luck(0);
        tested.store.disk().set_schedule(schedule);
        tested.finish(run)
    }

    fn describe(&self) -> Vec<String> {
        let tested = self.shelf.get(self.current).and_then(Option::as_deref);
        tested.map(Tested::describe).unwrap_or_default()
    }
}

impl ManifestLogWorld {
    #[inline]
    fn tested(&mut self) -> &mut Tested {
        self.shelf[self.current].as_deref_mut().expect("a run was opened")
    }
}

impl Tested {
    fn open_run(&mut self, header: &Header, run: &mut Run) -> Result<(), Divergence> {
        self.stamp = 0;
        // What the run before counted is not this one's.
        self.log.reset();
        let beyond = header.index(FAULTS) == 1;
        self.store.open_run(Order::ALL[header.index(ORDER)], beyond, run);
        store::format(self, run)?;
        self.check_pace()
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Insert { count, tree, level, keys } => {
                self.insert(count.get(), tree.get(), level.get(), keys.get(), run)
            }
            Operation::Update { table, count, change } => {
                self.update(table.get(), count.get(), change.get(), run)
            }
            Operation::Remove { table, count, address } => {
                self.remove(table.get(), count.get(), address.get() == 1, run)
            }
            Operation::Replace { table, count, keys } => {
                self.replace(table.get(), count.get(), keys.get(), run)
            }
            Operation::Again { table, count } => self.again(table.get(), count.get(), run),
            Operation::End => self.half_bars(1, run),
            Operation::Begin => self.begin(run),
            Operation::HalfBars { count } => self.half_bars(count.get(), run),
            Operation::Fill { left } => self.fill(left.get(), run),
            Operation::FillHalfBars { count } => self.fill_half_bars(count.get(), run),
            Operation::Step { count } => {
                for number in 0..count.get() {
                    if store::step(self, 1, run)? == 0 {
                        if number == 0 {
                            run.idle();
                        }
                        break;
                    }
                    self.advance(run)?;
                }
                Ok(())
            }
            Operation::Settle => {
                if self.store.grid.is_idle() {
                    run.idle();
                }
                store::settle(self, run)?;
                self.advance(run).map(drop)
            }
            Operation::Checkpoint => {
                if self.end_for_checkpoint(run)? {
                    store::checkpoint(self, run)?;
                }
                Ok(())
            }
            Operation::Durable => {
                if self.end_for_checkpoint(run)? {
                    store::durable(self, run)?;
                }
                Ok(())
            }
            Operation::CrashAtCheckpoint { io } => {
                if self.end_for_checkpoint(run)? {
                    store::checkpoint_with_power_loss(self, io.get(), run)?;
                }
                Ok(())
            }
            Operation::Crash { io } => store::crash(self, io.get(), run),
            Operation::PowerLoss { io } => {
                let nth = u64::from(io.get()) + 1;
                self.store.disk().arm(Armed { kind: FaultKind::PowerLoss, access: None, nth });
                Ok(())
            }
            Operation::Reopen => store::recover(self, run),
            Operation::Fault { kind, io } => {
                let kind = FAULT_KINDS[kind.get() as usize % FAULT_KINDS.len()];
                let nth = u64::from(io.get()) + 1;
                self.store.disk().arm(Armed { kind, access: None, nth });
                Ok(())
            }
            Operation::Hold { count } => {
                self.hold(count.get() as usize, run);
                Ok(())
            }
            Operation::LetGo => {
                if self.held.is_empty() {
                    run.idle();
                }
                self.give_all();
                Ok(())
            }
        }
    }

    fn hold(&mut self, count: usize, run: &mut Run) {
        let before = self.held.len();
        while self.held.len() < (before + count).min(HELD_MAX) {
            let Some(buffer) = self.store.grid.take_buffer() else { break };
            self.held.push(buffer);
        }
        if self.held.len() == before {
            run.idle();
        }
    }

    pub(super) fn give_all(&mut self) {
        while let Some(buffer) = self.held.pop() {
            self.store.grid.give_buffer(buffer);
        }
    }
}
