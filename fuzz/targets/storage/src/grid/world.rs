//! The world: a store, opened for a run, compared and closed.

use downbeat_lsm::grid::Caching;

use super::events;
use super::tested::Tested;
use crate::store::{self, Tenant};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::Header;
use downbeat::{Checked, Run, World};
use downbeat_model::grid::{FAULTS, ORDER, Operation};
use downbeat_model::store::Block;

impl World for Tested {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.stamp = 0;
        let beyond = header.index(FAULTS) == 1;
        self.store.open_run(Order::ALL[header.index(ORDER)], beyond, run);
        store::format(self, run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        store::after_io(self, run)?;
        if self.store.is_down() {
            store::recover(self, run)?;
        }
        Ok(())
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        // An interference strikes no later I/O.
        run.device_operations(self.store.grid.storage().completed());
        self.store.disk().disarm_all();
        store::settle(self, run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.store.check_account()?;
        self.check_held(run)
    }

    /// Writes a checkpoint, opens the store again (in half of the runs after a crash), and reads
    /// every block.
    fn finish(&mut self, run: &mut Run) -> Checked {
        self.held.clear();
        self.store.check_memory(0)?;
        if self.store.grid.failed().is_none() {
            store::checkpoint(self, run)?;
        }
        if run.luck(1).is_multiple_of(2) {
            self.store.disk().lose_power();
        }
        store::recover(self, run)?;
        self.read_all(run)?;
        store::settle(self, run)?;
        self.store.check_memory(0)?;
        self.harvest(run);
        let disk = self.store.grid.storage();
        events::disk(disk.counts()).count(run);
        Ok(())
    }

    fn describe(&self) -> Vec<String> {
        let mut lines = vec![self.under_way()];
        lines.extend(self.store.describe());
        lines
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.store.disk())
    }
}

impl Tested {
    /// Reads every block that must exist, every other one past the cache.
    fn read_all(&mut self, run: &mut Run) -> Checked {
        let blocks: Vec<Block> = self.store.model.blocks().filter(|block| block.sure).collect();
        for (number, block) in blocks.iter().enumerate() {
            let caching = if number % 2 == 0 { Caching::Use } else { Caching::Bypass };
            self.read_block(block, caching, run)?;
            if self.store.is_down() {
                store::recover(self, run)?;
                return Ok(());
            }
        }
        Ok(())
    }
}
