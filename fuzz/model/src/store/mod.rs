//! The model of a store of blocks: an entry for each address, and the checkpoints that a crash can
//! lead back to.
//!
//! - The lowest free block is acquired.
//! - A block that is released while the newest checkpoint is durable becomes free once the next
//!   checkpoint is durable. A block that is released while the newest checkpoint is not durable
//!   waits for that checkpoint, too.
//! - The blocks of a checkpoint's own free set are acquired for it, and released once it is
//!   written.
//! - A crash leads back to the checkpoint that was acknowledged last, or to the one under way.

mod block_use;
mod reference;
mod slot;
mod snapshot;

pub use block_use::Use;
pub use reference::Reference;
pub use slot::{Block, Slot};
pub use snapshot::Snapshot;

use crate::mutation::{Mutation, is_on};

/// The content of a store at each address, and the checkpoints at which it may be opened.
#[derive(Clone, Debug, Default)]
pub struct Store {
    slots: Vec<Slot>,
    durable: bool,
    acknowledged: Snapshot,
    under_way: Snapshot,
    is_under_way: bool,
    /// Old blocks: their addresses are free, or in use for something else.
    old: Vec<Block>,
}

/// The maximum number of old blocks that are remembered.
const OLD_MAX: usize = 16;

impl Store {
    /// Becomes a store of `blocks` free blocks at checkpoint 0, which is not durable.
    pub fn format(&mut self, blocks: usize) {
        let Store { slots, durable, acknowledged, under_way, is_under_way, old } = self;
        slots.clear();
        slots.resize(blocks, Slot::default());
        *durable = false;
        acknowledged.beat = 0;
        acknowledged.slots.clone_from(slots);
        acknowledged.trailers.clear();
        under_way.beat = 0;
        *is_under_way = false;
        old.clear();
    }

    /// The slot of every address, from address 1 on.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The lowest free address above `address`.
    #[must_use]
    pub fn next_free(&self, address: u64) -> Option<u64> {
        let free = |slot: &Slot| slot.used == Use::Free;
        let from = address as usize;
        self.slots.get(from..)?.iter().position(free).map(|place| (from + place + 1) as u64)
    }

    /// How many addresses have the use `used`.
    #[must_use]
    pub fn count(&self, used: Use) -> u64 {
        self.slots.iter().filter(|slot| slot.used == used).count() as u64
    }

    /// The blocks that were written and are acquired, released or staged.
    pub fn blocks(&self) -> impl DoubleEndedIterator<Item = Block> + Clone {
        self.slots.iter().filter_map(|slot| slot.block)
    }

    /// The blocks that were written and are acquired.
    pub fn live(&self) -> impl DoubleEndedIterator<Item = Block> + Clone {
        self.slots.iter().filter(|slot| slot.used == Use::Acquired).filter_map(|slot| slot.block)
    }

    /// Old blocks: their addresses are free, or in use for something else.
    #[must_use]
    pub fn old(&self) -> &[Block] {
        &self.old
    }

    fn slot(&mut self, address: u64) -> &mut Slot {
        &mut self.slots[address as usize - 1]
    }

    /// Notes that an address is acquired.
    pub fn acquire(&mut self, address: u64) {
        *self.slot(address) = Slot { used: Use::Acquired, block: None };
    }

    /// Notes that a block is written.
    pub fn write(&mut self, block: Block) {
        self.slot(block.name.address).block = Some(block);
    }

    /// Notes that the block at an address may be missing on the device.
    pub fn doubt(&mut self, address: u64) {
        if let Some(block) = &mut self.slot(address).block {
            block.sure = false;
        }
    }

    /// Notes that a block is released.
    pub fn release(&mut self, address: u64) {
        let durable = self.durable;
        self.slot(address).used = if durable { Use::Released } else { Use::Staged };
    }

    /// Begins a checkpoint, which contains the present state.
    pub fn begin_checkpoint(&mut self, beat: u64) {
        self.under_way.beat = beat;
        self.under_way.slots.clone_from(&self.slots);
        self.under_way.trailers.clear();
        self.is_under_way = true;
    }

    /// The checkpoint under way acquires these blocks for its own free set.
    pub fn take_trailers(&mut self, trailers: &[u64]) {
        self.under_way.trailers.clear();
        self.under_way.trailers.extend_from_slice(trailers);
        for address in trailers {
            self.acquire(*address);
        }
    }

    /// Drops the checkpoint under way. Nothing of it was written.
    pub fn drop_checkpoint(&mut self) {
        self.is_under_way = false;
    }

    /// Notes that the checkpoint under way is acknowledged.
    pub fn checkpoint_written(&mut self) {
        self.durable = false;
        for place in 0..self.under_way.trailers.len() {
            self.release(self.under_way.trailers[place]);
        }
        std::mem::swap(&mut self.acknowledged, &mut self.under_way);
        self.is_under_way = false;
    }

    /// Notes that the checkpoint that was acknowledged last is durable.
    pub fn mark_durable(&mut self) {
        for slot in &mut self.slots {
            match slot.used {
                Use::Free | Use::Acquired => {}
                Use::Released if is_on(Mutation::GridNeverFrees) => {}
                Use::Released => {
                    slot.used = Use::Free;
                    if let Some(block) = slot.block.take() {
                        if self.old.len() == OLD_MAX {
                            self.old.remove(0);
                        }
                        self.old.push(block);
                    }
                }
                Use::Staged => slot.used = Use::Released,
            }
        }
        self.durable = true;
    }

    /// Whether the checkpoint that was acknowledged last is durable.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.durable
    }

    /// The checkpoint that was acknowledged last.
    #[must_use]
    pub fn acknowledged(&self) -> &Snapshot {
        &self.acknowledged
    }

    /// The checkpoint under way, if there is one.
    #[must_use]
    pub fn under_way(&self) -> Option<&Snapshot> {
        self.is_under_way.then_some(&self.under_way)
    }

    /// Notes that the store was opened at the checkpoint of this beat. Returns whether that is
    /// allowed.
    pub fn opened(&mut self, beat: u64) -> bool {
        if self.is_under_way && self.under_way.beat == beat {
            std::mem::swap(&mut self.acknowledged, &mut self.under_way);
        } else if self.acknowledged.beat != beat {
            return false;
        }
        self.is_under_way = false;
        if !is_on(Mutation::GridForgetsCrashes) {
            // Blocks that were released, and became free later, may have been overwritten.
            for place in 0..self.slots.len() {
                let (then, now) = (&mut self.acknowledged.slots[place], &self.slots[place]);
                let released = matches!(then.used, Use::Released | Use::Staged);
                if let Some(block) = &mut then.block
                    && released
                    && now.block.is_none_or(|now| now.name != block.name)
                {
                    block.sure = false;
                }
            }
            self.slots.clone_from(&self.acknowledged.slots);
        }
        self.durable = false;
        for place in 0..self.acknowledged.trailers.len() {
            let address = self.acknowledged.trailers[place];
            *self.slot(address) = Slot { used: Use::Staged, block: None };
        }
        true
    }
}
