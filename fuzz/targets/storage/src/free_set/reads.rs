//! Reads of the state of a block.

use super::compare;
use super::store::Store;
use downbeat::check::equal;
use downbeat::failure::Divergence;
use downbeat::model::encoding::Place;
use downbeat::model::store::Use;
use downbeat::run::Run;

impl Store {
    pub(super) fn ask(&mut self, at: Place, run: &mut Run) -> Result<(), Divergence> {
        let set = &self.pair.set;
        let address = u64::from(at.of(set.block_count() as u32)) + 1;
        let block = self.model.block(address);
        run.step();
        compare::block("block-equals-model", address, block, set.state(address))
            .or("a block is in another state than in the model")?;
        let is_free = block == Use::Free;
        equal("free-block-equals-model", is_free, set.is_free(address))
            .or("a block is free that is not free in the model, or the reverse")?;
        let is_released = matches!(block, Use::Released | Use::Staged);
        equal("release-equals-model", is_released, set.is_released(address))
            .or("a block is released that is not released in the model, or the reverse")?;
        if !self.model.is_durable() {
            let is_freed = block == Use::Released;
            let got = set.to_be_freed_at_durability(address);
            equal("freeing-equals-model", is_freed, got)
                .or("a block will be freed that the model keeps, or the reverse")?;
        }
        run.result(address);
        run.remark(|| format!("block {address}: {block:?}"));
        Ok(())
    }
}
