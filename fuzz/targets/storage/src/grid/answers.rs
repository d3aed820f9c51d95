//! Checks of what a read returns.

use downbeat_lsm::grid::{BlockHandle, GridError};

use super::events::Event;
use super::tested::{Tested, byte, contents};
use crate::store::{self, Cause};
use downbeat::check::{fail, holds};
use downbeat::{Checked, Run};
use downbeat_model::store::Block;

impl Tested {
    /// Checks that the answer to a read is the block, or an error that the disk explains. The read
    /// began after `since` I/Os had completed.
    pub(super) fn check_answer(
        &self,
        block: &Block,
        answer: &Result<BlockHandle, GridError>,
        since: u64,
        run: &mut Run,
    ) -> Checked {
        match answer {
            Ok(handle) => {
                run.result(block.stamp);
                run.read(true);
                check_block(handle, block)
            }
            Err(error) => {
                run.result(u64::MAX);
                run.read(false);
                let explained = match error {
                    GridError::Corruption(_) if !block.sure => true,
                    GridError::Corruption(_) | GridError::Fault(_) => {
                        self.store.causes(since).of_grid(error) != Cause::None
                    }
                    GridError::Failed(_) | GridError::Full | GridError::Gone => false,
                };
                if explained {
                    run.remark(|| format!("{error}"));
                    return Ok(());
                }
                Err(fail("read-gives-the-block", text(block), error)
                    .saying("a read does not return a block that was written"))
            }
        }
    }

    /// Checks that the blocks to which the world has handles have not changed.
    pub(super) fn check_held(&self, run: &mut Run) -> Checked {
        let mut beyond = 0;
        for (handle, block) in &self.held {
            check_block(handle, block)?;
            if !self.store.grid.is_cached(handle.reference()) {
                beyond += 1;
                Event::HeldBeyondCache.count(run);
            }
        }
        if !self.held.is_empty() {
            run.state(super::states::HeldAtStep, beyond);
        }
        Ok(())
    }
}

/// Describes a block.
pub(super) fn text(block: &Block) -> String {
    format!("block {} of stamp {}, {} bytes", block.name.address, block.stamp, block.size)
}

/// Checks that a block has the bytes that were written.
pub(super) fn check_block(handle: &BlockHandle, block: &Block) -> Checked {
    let Block { stamp, size, .. } = *block;
    let wanted = contents(stamp, size);
    let body = handle.body();
    let is_right = body.len() == size
        && *handle.contents() == wanted
        && store::name(handle.reference()) == block.name
        && body.iter().enumerate().all(|(place, got)| *got == byte(stamp, place));
    holds("block-is-as-written", is_right)
        .show(|| (text(block), format!("{:?}, body {body:x?}", handle.contents())))
        .or("the bytes of a block differ from those written")
}
