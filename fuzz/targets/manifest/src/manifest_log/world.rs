//! The worlds: a log for each geometry, and what each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * Tables are chosen by number, modulo the number of live tables.
//! * An operation that appends begins a half-bar if none is under way, and waits for it. If a
//!   half-bar has no room left, it ends and the next begins; if the device has none, two
//!   checkpoints are made durable.
//! * A change or a removal inserts a table if there is none; an insertion removes one if there are
//!   too many. After a failure of the disk or the log, an operation that needs them opens the store
//!   again instead.
//! * If power is lost, the operation ends, and the store is opened again.

use super::ManifestLog;
use super::tested::Tested;
use downbeat::disk::{Armed, FaultKind, Order, SimulatedDisk};
use downbeat::failure::Divergence;
use downbeat::model::encoding::Header;
use downbeat::model::manifest_log::{
    BLOCK, CACHE_SETS, EXTRA, FAULTS, GROWTH, IN_FLIGHT, LEVELS, ORDER, Operation, TABLES, TREES,
    WIDTH,
};
use downbeat::run::Run;
use downbeat::target::World;
use downbeat::worlds::{AnyWorld, Worlds};
use downbeat_storage_targets::store::{self, FAULT_KINDS};

impl Worlds for ManifestLog {
    type Operation = Operation;
    const GEOMETRY: &'static [usize] =
        &[BLOCK, TABLES, TREES, WIDTH, LEVELS, GROWTH, EXTRA, CACHE_SETS, IN_FLIGHT];

    fn make(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(Tested::new(geometry))
    }
}

impl World for Tested {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Result<(), Divergence> {
        self.stamp = 0;
        // The counts of the run before do not belong to this one.
        self.log.reset();
        let beyond = header.index(FAULTS) == 1;
        self.store.open_run(Order::ALL[header.index(ORDER)], beyond, run);
        store::format(self, run)?;
        self.check_pace()
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        self.apply_one(operation, run)?;
        store::after_io(self, run)?;
        if self.store.is_down() {
            store::recover(self, run)?;
        }
        Ok(())
    }

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.close_run(run)
    }

    fn sweep(&mut self, _run: &mut Run) -> Result<(), Divergence> {
        self.sweep_all()
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.finish_run(run)
    }

    fn describe(&self) -> Vec<String> {
        self.lines()
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.store.disk())
    }
}

impl Tested {
    fn apply_one(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
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
}
