//! All blocks and all memory of a store, compared at once. No block is read.

use downbeat_lsm::grid::free_set::BlockState;

use super::BlockStore;
use downbeat::failure::Divergence;
use downbeat::model::store::Use;

impl BlockStore {
    /// Compares the free set with the model, address by address.
    ///
    /// # Errors
    ///
    /// The first block that is in use for something else.
    pub fn check_account(&self) -> Result<(), Divergence> {
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
                return Err(Divergence::new(
                    "account-of-blocks-is-exact",
                    "a block is in use for something else than it should be",
                    format!("block {address}: {:?}", slot.used),
                    format!("{got:?}"),
                ));
            }
        }
        Ok(())
    }

    /// Checks that exactly `in_use` buffers are in use.
    ///
    /// # Errors
    ///
    /// If others are in use.
    pub fn check_memory(&self, in_use: usize) -> Result<(), Divergence> {
        let (unused, all) = (self.grid.unused_buffers(), self.grid.buffers());
        if unused + in_use == all {
            return Ok(());
        }
        Err(Divergence {
            check: "memory-comes-back",
            what: "buffers are in use when nothing is done",
            expected: format!("{} unused", all - in_use),
            got: format!("{unused}"),
            state: vec![self.under_way()],
        })
    }

    /// What the store holds, in lines.
    pub fn describe(&self) -> Vec<String> {
        let acknowledged = self.model.acknowledged().beat;
        let mut lines =
            vec![format!("checkpoint {acknowledged}, durable: {}", self.model.is_durable())];
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
