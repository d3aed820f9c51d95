//! Checks the states of all blocks and buffers of a store, and the length of its queue of writes,
//! without reading a block.

use downbeat_lsm::grid::Grid;
use downbeat_lsm::grid::free_set::BlockState;

use super::{BlockStore, trailers_max};
use downbeat::Checked;
use downbeat::check::holds;
use downbeat::disk::SimulatedDisk;
use downbeat_model::store::Use;

/// Converts the state of a block from the model to the core.
pub fn block_state(used: Use) -> BlockState {
    match used {
        Use::Free => BlockState::Free,
        Use::Acquired => BlockState::Acquired,
        Use::Released => BlockState::Released,
        Use::Staged => BlockState::Staged,
    }
}

/// Checks the number of pending writes. It is at most twice the number that may be in flight, or
/// the number of blocks that a checkpoint writes at once.
#[inline]
pub fn check_queue(grid: &Grid<SimulatedDisk>, pending: usize) -> Checked {
    let in_flight = grid.options().writes_in_flight_max as usize;
    // The blocks of the free set are computed only for a queue that is long.
    if pending <= 2 * in_flight {
        return Ok(());
    }
    let bound = (2 * in_flight).max(trailers_max(grid.layout()) as usize);
    holds("queue-of-writes-is-bounded", pending <= bound)
        .show(|| (format!("{bound} writes or fewer"), pending))
        .or("more writes are pending than the options allow")
}

impl BlockStore {
    /// Checks the state of each block in the free set.
    pub fn check_account(&self) -> Checked {
        for (place, slot) in self.model.slots().iter().enumerate() {
            let address = place as u64 + 1;
            let got = self.grid.free_set().state(address);
            holds("account-of-blocks-is-exact", got == block_state(slot.used))
                .show(|| (format!("block {address}: {:?}", slot.used), format!("{got:?}")))
                .or("the state of a block differs from the model's")?;
        }
        Ok(())
    }

    /// Checks that exactly `in_use` buffers are in use.
    pub fn check_memory(&self, in_use: usize) -> Checked {
        let (unused, all) = (self.grid.unused_buffers(), self.grid.buffers());
        holds("memory-comes-back", unused + in_use == all)
            .show(|| (format!("{} unused", all - in_use), unused))
            .state(|| [self.under_way()])
            .or("buffers are in use while nothing is under way")
    }

    /// Describes the last checkpoint, the blocks that are not free, and the disk.
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
