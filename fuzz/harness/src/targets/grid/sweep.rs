//! All of the store at once.

use downbeat_lsm::grid::Caching;
use downbeat_lsm::grid::free_set::BlockState;

use super::events;
use super::tested::Tested;
use crate::disk::Outcome;
use crate::failure::Divergence;
use crate::model::grid::{Block, Use};
use crate::run::Run;

impl Tested {
    /// The free set is the model's, address by address.
    pub(super) fn check_account(&self) -> Result<(), Divergence> {
        for (place, slot) in self.model.slots().iter().enumerate() {
            let address = place as u64 + 1;
            let got = self.grid.free_set().state(address);
            let same = match got {
                BlockState::Free => slot.used == Use::Free,
                BlockState::Acquired => slot.used == Use::Acquired,
                BlockState::Released => slot.used == Use::Released,
                BlockState::Staged => slot.used == Use::Staged,
            };
            if !same {
                return Err(Divergence {
                    check: "account-of-blocks-is-exact",
                    what: "a block is in use for something else than it should be",
                    expected: format!("block {address}: {:?}", slot.used),
                    got: format!("{got:?}"),
                    state: Vec::new(),
                });
            }
        }
        Ok(())
    }

    /// Every block that is surely there is read, in both ways.
    fn read_all(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let blocks: Vec<Block> = self.model.blocks().filter(|block| block.sure).collect();
        for (number, block) in blocks.iter().enumerate() {
            let caching = if number % 2 == 0 { Caching::Use } else { Caching::Bypass };
            self.read_block(block, caching, run)?;
            if self.is_down() {
                self.recover(run)?;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Ends a run: what is under way ends, and the whole is compared, before and after it is opened again.
    pub(super) fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.disk().disarm_all();
        self.settle(run)?;
        self.check_held(run)?;
        self.held.clear();
        self.check_memory()?;
        self.check_account()?;
        if self.grid.failed().is_none() {
            self.checkpoint(run)?;
        }
        if run.luck(1).is_multiple_of(2) {
            self.disk().lose_power();
        }
        self.recover(run)?;
        self.read_all(run)?;
        self.settle(run)?;
        self.check_memory()?;
        let grid = &self.grid;
        events::harvest(grid.statistics(), self.superblock.statistics(), run);
        grid.storage().counts().tell(Outcome::ALL, 0, run);
        run.device_operations(grid.storage().completed());
        Ok(())
    }

    fn check_memory(&self) -> Result<(), Divergence> {
        let (unused, all) = (self.grid.unused_buffers(), self.grid.buffers());
        if unused == all {
            return Ok(());
        }
        Err(Divergence {
            check: "memory-comes-back",
            what: "buffers are in use when nothing is done",
            expected: format!("{all} unused"),
            got: format!("{unused}"),
            state: vec![self.under_way()],
        })
    }

    /// What there is, in lines.
    pub(super) fn describe(&self) -> Vec<String> {
        let mut lines = vec![self.under_way()];
        let acknowledged = self.model.acknowledged().beat;
        lines.push(format!("checkpoint {acknowledged}, durable: {}", self.model.is_durable()));
        let used = |wanted| {
            let slots = self.model.slots().iter().enumerate();
            let places = slots.filter(|(_, slot)| slot.used == wanted);
            places.map(|(place, _)| (place + 1).to_string()).collect::<Vec<_>>().join(" ")
        };
        for (name, wanted) in
            [("acquired", Use::Acquired), ("released", Use::Released), ("staged", Use::Staged)]
        {
            lines.push(format!("{name}: {}", used(wanted)));
        }
        lines.extend(self.grid.storage().describe());
        lines
    }
}
