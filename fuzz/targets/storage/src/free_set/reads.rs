//! Questions about one block.

use super::compare;
use super::store::Store;
use downbeat::failure::{Divergence, equal};
use downbeat::model::encoding::Place;
use downbeat::model::store::Use;
use downbeat::run::Run;

impl Store {
    pub(super) fn ask(&mut self, at: Place, run: &mut Run) -> Result<(), Divergence> {
        let set = &self.pair.set;
        let address = u64::from(at.of(set.block_count() as u32)) + 1;
        let block = self.model.block(address);
        run.step();
        let what = "a block is something else than the model's";
        compare::block("block-equals-model", what, address, block, set.state(address))?;
        let is_free = block == Use::Free;
        let what = "a block is free that is not the model's, or the other way round";
        equal("free-block-equals-model", what, is_free, set.is_free(address))?;
        let is_released = matches!(block, Use::Released | Use::Staged);
        let what = "a block is released that is not the model's, or the other way round";
        equal("release-equals-model", what, is_released, set.is_released(address))?;
        if !self.model.is_durable() {
            let is_freed = block == Use::Released;
            let got = set.to_be_freed_at_durability(address);
            let what = "a block is to be freed that is not the model's, or the other way round";
            equal("freeing-equals-model", what, is_freed, got)?;
        }
        run.result(address);
        run.remark(|| format!("block {address}: {block:?}"));
        Ok(())
    }
}
