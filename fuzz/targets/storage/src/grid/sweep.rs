//! Compares the whole store, and ends a run.

use downbeat_lsm::grid::Caching;

use super::events;
use super::tested::Tested;
use crate::store;
use downbeat::failure::Divergence;
use downbeat::model::store::Block;
use downbeat::run::Run;

impl Tested {
    /// Reads every block that must be there, with the cache and without it.
    fn read_all(&mut self, run: &mut Run) -> Result<(), Divergence> {
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

    /// Writes a checkpoint, opens the store again, perhaps after a crash, and reads every block.
    pub(super) fn finish_run(&mut self, run: &mut Run) -> Result<(), Divergence> {
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
        run.device_operations(disk.completed());
        Ok(())
    }
}
