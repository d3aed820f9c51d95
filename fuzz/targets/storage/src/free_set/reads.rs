//! Reads of the state of a block.

use super::compare;
use super::store::Store;
use downbeat::check::equal;
use downbeat::input::encoding::Place;
use downbeat::{Checked, Run};
use downbeat_model::store::Use;

impl Store {
    pub(super) fn ask(&mut self, at: Place, run: &mut Run) -> Checked {
        let set = &self.pair.set;
        let address = u64::from(at.of(set.block_count() as u32)) + 1;
        let block = self.model.block(address);
        run.step();
        compare::block("block-equals-model", address, block, set.state(address))
            .or("the state of a block differs from the model's")?;
        let is_free = block == Use::Free;
        equal("free-block-equals-model", is_free, set.is_free(address))
            .or("the set and the model disagree on whether a block is free")?;
        let is_released = matches!(block, Use::Released | Use::Staged);
        equal("release-equals-model", is_released, set.is_released(address))
            .or("the set and the model disagree on whether a block is released")?;
        if !self.model.is_durable() {
            let is_freed = block == Use::Released;
            let got = set.to_be_freed_at_durability(address);
            equal("freeing-equals-model", is_freed, got)
                .or("the set and the model disagree on whether a block will be freed")?;
        }
        run.result(address);
        run.remark(|| format!("block {address}: {block:?}"));
        Ok(())
    }
}
