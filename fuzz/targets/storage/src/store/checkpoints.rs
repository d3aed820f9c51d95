//! Writes checkpoints and makes them durable. The tenant first writes its own state to blocks.

use downbeat_lsm::checkpoint::{Checkpoint, CheckpointError};
use downbeat_lsm::grid::{GridError, Stepped};
use downbeat_lsm::superblock::{ChangingOptions, ManifestReferences};

use super::pump::{BOUND, after_io, hang, settle};
use super::{BlockStore, Cause, Moment, Tenant, faults};
use downbeat::check::{fail, holds};
use downbeat::{Checked, Divergence, Run};
use downbeat_model::store::Use;

/// Makes the last checkpoint durable if it is not, and writes the next.
pub fn checkpoint(tenant: &mut impl Tenant, run: &mut Run) -> Checked {
    if !tenant.store().model.is_durable() {
        make_durable(tenant, run)?;
        if tenant.store().is_down() {
            return Ok(());
        }
    }
    // The I/O of `make_durable` may have failed.
    if tenant.store().grid.failed().is_some() {
        return Ok(());
    }
    let Some(references) = tenant.references(run)? else { return Ok(()) };
    let model = &mut tenant.store_mut().model;
    let beat = model.acknowledged().beat + 1;
    model.begin_checkpoint(beat);
    tenant.happens(Moment::CheckpointBegins(beat), run);
    let before = tenant.store().grid.storage().completed();
    let ended = run_checkpoint(tenant, beat, references, run)?;
    let store = tenant.store_mut();
    let completed = store.grid.storage().completed() - before;
    match ended {
        None => {
            tenant.happens(Moment::CheckpointCrashed(completed), run);
            Ok(())
        }
        Some(Ok(())) => {
            store.model.checkpoint_written();
            store.root.checkpoint_written();
            store.acknowledge();
            tenant.happens(Moment::CheckpointWritten, run);
            after_io(tenant, run)
        }
        Some(Err(error @ CheckpointError::Grid(GridError::Full))) => {
            store.model.drop_checkpoint();
            let is_full = store.model.count(Use::Free) < store.kept_free;
            tenant.happens(Moment::CheckpointFull, run);
            if is_full { Ok(()) } else { Err(failed("there are free blocks", &error)) }
        }
        Some(Err(error)) => {
            tenant.happens(Moment::CheckpointFailed, run);
            run.remark(|| error.to_string());
            after_io(tenant, run)?;
            let store = tenant.store();
            match store.causes(before).of_checkpoint(&error, store.opened) {
                Cause::Passing => Ok(()),
                Cause::Damage | Cause::None => Err(failed("a checkpoint", &error)),
            }
        }
    }
}

/// Like [`checkpoint`], but power is lost at I/O `io`, counted from 0.
pub fn checkpoint_with_power_loss(tenant: &mut impl Tenant, io: u32, run: &mut Run) -> Checked {
    faults::arm_power_loss(tenant.store_mut().disk(), io);
    checkpoint(tenant, run)
}

/// Runs a checkpoint to its end. Returns `None` if power is lost.
fn run_checkpoint(
    tenant: &mut impl Tenant,
    beat: u64,
    references: ManifestReferences,
    run: &mut Run,
) -> Checked<Option<Result<(), CheckpointError>>> {
    // The superblock does not interpret them.
    let options = ChangingOptions { block_count: !beat, checkpoint_interval: beat as u32 + 1 };
    let mut checkpoint = Checkpoint::begin(beat, references, options);
    let mut prepared = false;
    for _ in 0..BOUND {
        run.step();
        let BlockStore { grid, superblock, .. } = tenant.store_mut();
        let ended = checkpoint.advance(grid, superblock);
        if !prepared && checkpoint.is_prepared() {
            prepared = true;
            let store = tenant.store_mut();
            let state = checkpoint.state();
            let expected = (beat, references, options);
            let got = (state.beat, state.manifest, state.options);
            let say = |it: (u64, ManifestReferences, ChangingOptions)| format!("{it:?}");
            holds("checkpoint-says-what-it-was-told", expected == got)
                .show(|| (say(expected), say(got)))
                .or("the beat or the log of a checkpoint differs from what was given")?;
            store.root.checkpoint_prepared(state);
            let trailers = store.take_trailers()?;
            tenant.happens(Moment::CheckpointPrepared(trailers), run);
        }
        after_io(tenant, run)?;
        if ended.is_some() {
            return Ok(ended);
        }
        let BlockStore { grid, superblock, .. } = tenant.store_mut();
        let ended = match grid.step() {
            Stepped::Progress => None,
            Stepped::Foreign(completion) => checkpoint.complete(grid, superblock, completion),
            Stepped::Nothing if grid.storage().is_down() => return Ok(None),
            Stepped::Nothing => {
                if !tenant.give_memory() {
                    break;
                }
                None
            }
        };
        after_io(tenant, run)?;
        if ended.is_some() {
            return Ok(ended);
        }
    }
    Err(hang(tenant.under_way()).saying("a checkpoint does not end"))
}

/// Makes the last checkpoint durable; if it is durable already, writes the next.
pub fn durable(tenant: &mut impl Tenant, run: &mut Run) -> Checked {
    if tenant.store().model.is_durable() {
        run.redirected(|| "checkpoint".to_owned());
        return checkpoint(tenant, run);
    }
    make_durable(tenant, run)
}

/// Makes the last checkpoint durable. Reads of blocks that become free are completed first.
fn make_durable(tenant: &mut impl Tenant, run: &mut Run) -> Checked {
    settle(tenant, run)?;
    if tenant.store().is_down() {
        return Ok(());
    }
    tenant.happens(Moment::Durable, run);
    run.step();
    let store = tenant.store_mut();
    store.grid.mark_checkpoint_durable();
    store.model.mark_durable();
    store.check_account()
}

impl BlockStore {
    /// Checks that the blocks of the encoded free set are the lowest free ones, and marks them as
    /// used in the model. Returns their number.
    fn take_trailers(&mut self) -> Checked<usize> {
        let trailers = self.grid.trailer_blocks();
        let mut last = 0;
        for trailer in trailers {
            let expected = self.model.next_free(last);
            holds("acquired-is-lowest-free", expected == Some(*trailer))
                .show(|| (format!("{expected:?}"), format!("{trailers:?}")))
                .or("a block of the free set is not the lowest free one")?;
            last = *trailer;
        }
        self.model.take_trailers(trailers);
        Ok(trailers.len())
    }

    /// Protects the blocks of the acknowledged checkpoint: the disk panics if one of them is
    /// written later.
    pub(super) fn acknowledge(&mut self) {
        let Self { grid, model, .. } = self;
        let disk = grid.storage_mut();
        disk.settle();
        disk.unprotect_all();
        let acknowledged = model.acknowledged();
        for (place, slot) in acknowledged.slots.iter().enumerate() {
            if slot.used == Use::Acquired {
                disk.protect(place as u64 + 1);
            }
        }
        for address in &acknowledged.trailers {
            disk.protect(*address);
        }
    }
}

/// The divergence for a checkpoint that failed although no fault of the disk explains the failure.
fn failed(expected: &str, error: &CheckpointError) -> Divergence {
    fail("checkpoint-is-written", expected, error)
        .saying("a checkpoint fails without a fault of the disk")
}
